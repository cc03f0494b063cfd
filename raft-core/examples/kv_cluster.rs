//! A replicated key-value store of three processes: everything around a Raft node that a real program needs.
//!
//! ```sh
//! kv="cargo run -p raft-core --example kv_cluster --"
//! peers=1=127.0.0.1:7001,2=127.0.0.1:7002,3=127.0.0.1:7003
//! for id in 1 2 3; do $kv serve --id $id --data /tmp/kv-$id --peers $peers & done
//! $kv put colour green --peers $peers
//! $kv get colour --peers $peers
//! ```
//!
//! `raft-core` decides; this program brings threads, sockets, a file and a clock. The tour:
//!
//! - [`Server::run`] is the loop that drives the node, with the steps numbered as in part 2 of the tour of `raft_core`.
//! - [`LogFile`] is the disk: what is synced before a vote or an acknowledgement leaves the node.
//! - [`Store`] is the state machine: what the cluster is for.
//! - [`outbox`] and [`receive`] are the network: it may lose messages, but it never makes the node wait.
//! - [`ask`] is the client: it looks for the leader, and may repeat itself without harm.
//!
//! The servers trust whoever can connect to them: a real service would add TLS below the frames.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use raft_core::{
    Append, Committed, Configuration, EntryKind, Event, LogIndex, Message, Node, NodeId, NodeSetup, Options, Persisted,
    ProposeError, ReadId, ReadMode, ReadOutcome, Ready, Term, Ticks, Write,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Where each server of the cluster listens.
type Peers = BTreeMap<NodeId, SocketAddr>;

/// What a server is sent: a message by another server, or a wish by a client.
#[derive(Serialize, Deserialize)]
enum Request {
    Raft(Message),
    Put(Put),
    Get(String),
}

/// The one command of the state machine.
#[derive(Serialize, Deserialize)]
struct Put {
    /// Drawn by the client and kept when it asks again, so that a repeated put is applied once (dissertation §6.3).
    id: u64,
    key: String,
    value: String,
}

/// What a server answers to a client.
#[derive(Serialize, Deserialize)]
enum Reply {
    Done,
    Value(Option<String>),
    AskLeader(NodeId),
    /// No server will do this.
    Refused(String),
}

/// Who waits for a reply. A client that is dropped without one is disconnected, and asks again.
type Client = SyncSender<Reply>;

/// Waiting inputs, and waiting messages to each peer. More are not taken in, or dropped: Raft sends again.
const QUEUE: usize = 1_024;

/// Longest frame that is read. `max_command_bytes` and `max_append_bytes` of a node keep what is sent well below it.
const MAX_FRAME_BYTES: usize = 16 << 20;

/// Applied entries after which a snapshot replaces them. Low, so that it can be watched.
const SNAPSHOT_INTERVAL: u64 = 50;

/// How long a client tries.
const PATIENCE: Duration = Duration::from_secs(10);

/// One server: the node, and all that it needs but does not have.
struct Server {
    node: Node,
    log_file: LogFile,
    store: Store,
    outboxes: BTreeMap<NodeId, SyncSender<Message>>,
    /// Puts that wait until they are applied, with the term in which they were proposed.
    puts: BTreeMap<LogIndex, (Term, Client)>,
    /// Gets that wait until the node knows how far the store must be to answer them.
    gets: BTreeMap<ReadId, (String, Client)>,
}

impl Server {
    /// A node starts from what the disk holds, and so does the state machine: after a crash as on the first day.
    fn open(id: NodeId, data: &Path, peers: &Peers) -> Result<Self> {
        let log_file = LogFile::open(data, id, Configuration::of_voters(peers.keys().copied()))?;
        let data = log_file.state.snapshot.as_ref().map(|snapshot| &snapshot.data);
        let store = data.map(|data| postcard::from_bytes(data)).transpose()?.unwrap_or_default();
        // A tick is a millisecond here, and a slow disk must not look like a dead leader.
        let options =
            Options { election_timeout_min: Ticks(400), election_timeout_max: Ticks(800), ..Options::default() };
        let node = Node::new(NodeSetup { options, seed: random(), ..NodeSetup::new(id) }, log_file.state.clone())?;
        let others = peers.iter().filter(|(peer, _)| **peer != id);
        let outboxes = others.map(|(&peer, &address)| (peer, outbox(address))).collect();
        Ok(Self { node, log_file, store, outboxes, puts: BTreeMap::new(), gets: BTreeMap::new() })
    }

    /// Drives the node. Returns only if it must not go on: after a failed write nobody knows what the disk holds, and
    /// only a restart, which reads it, can tell.
    fn run(mut self, inbox: &Receiver<(Request, Client)>) -> Result<()> {
        let started = Instant::now();
        let mut clock = Ticks(0);
        let mut ready = Ready::default();
        loop {
            // 1. Feed it. Everything that waits goes in together, so that one sync of the disk serves it all.
            let first = inbox.recv_timeout(Duration::from_millis(self.node.ticks_until_deadline().0));
            for (request, client) in first.into_iter().chain(inbox.try_iter()).take(QUEUE) {
                self.feed(request, client);
            }
            let now = Ticks(started.elapsed().as_millis() as u64);
            self.node.advance(Ticks(now.0 - clock.0));
            clock = now;
            // 2. Take its output, until there is none: each step below may lead to more.
            loop {
                self.node.drain_into(&mut ready);
                if ready.is_empty() {
                    break;
                }
                self.handle(&mut ready)?;
            }
        }
    }

    fn feed(&mut self, request: Request, client: Client) {
        match request {
            Request::Raft(message) => self.node.step(message),
            Request::Put(put) => match self.node.propose(encode(&put).as_slice().into()) {
                Ok(index) => drop(self.puts.insert(index, (self.node.current_term(), client))),
                Err(ProposeError::NotLeader { leader_hint: Some(leader) }) => answer(&client, Reply::AskLeader(leader)),
                Err(error @ ProposeError::TooLarge { .. }) => answer(&client, Reply::Refused(error.to_string())),
                Err(_) => {} // Nobody leads just now, or the leader has enough to do.
            },
            Request::Get(key) => {
                // Any server will do: a follower asks the leader how far its own store must be.
                let id = ReadId(random());
                if self.node.read_index(id, ReadMode::ReadIndex).is_ok() {
                    self.gets.insert(id, (key, client));
                }
            }
        }
    }

    fn handle(&mut self, ready: &mut Ready) -> Result<()> {
        // 3. Send first: while this disk syncs, the disks of the followers can do so too.
        for message in ready.messages.drain(..) {
            if let Some(outbox) = self.outboxes.get(&message.to) {
                let _full_means_lost = outbox.try_send(message);
            }
        }
        // 4. Write and sync. Only then will the node hand out the votes and acknowledgements that rely on it.
        if let Some(write) = ready.write.take() {
            self.log_file.write(&write)?;
            self.node.on_persisted(write.number);
        }
        // 5. Apply, in order: perhaps a snapshot from the leader, then entries.
        if let Some(snapshot) = ready.restore.take() {
            self.store = postcard::from_bytes(&snapshot.data)?;
            self.node.on_applied(snapshot.last_included_index);
        }
        for Committed { index, entry } in ready.committed.drain(..) {
            // Blank entries and configurations are the node's own affair.
            if let EntryKind::Command(command) = &entry.kind {
                self.store.apply(postcard::from_bytes(command.as_bytes())?);
            }
            self.node.on_applied(index);
            // The client hears of its put now and not before; if another leader's entry took its place, never.
            if let Some((_, client)) = self.puts.remove(&index).filter(|(term, _)| *term == entry.term) {
                answer(&client, Reply::Done);
            }
        }
        // Who no longer leads cannot promise anything.
        if !self.node.role().is_leader() {
            self.puts.clear();
        }
        // 6. Answer reads: the store now shows everything that was acknowledged before they came.
        for read in ready.reads.drain(..) {
            let get = self.gets.remove(&read.id).filter(|_| matches!(read.outcome, ReadOutcome::Servable { .. }));
            if let Some((key, client)) = get {
                answer(&client, Reply::Value(self.store.values.get(&key).cloned()));
            }
        }
        // The node asks for no snapshot: it takes one whenever the driver thinks that the log is long enough.
        let applied = self.node.last_applied();
        if applied.0.saturating_sub(self.node.log().last_included_index().0) >= SNAPSHOT_INTERVAL {
            self.node.compact(applied, encode(&self.store))?;
        }
        // Whatever happens in a node is told as an event, with its reason. These are worth a line.
        for event in &ready.events {
            if matches!(event, Event::BecameLeader { .. } | Event::SnapshotInstalled { .. }) {
                println!("server {}: {event:?}", self.node.id());
            }
        }
        Ok(())
    }
}

fn answer(client: &Client, reply: Reply) {
    let _client_may_be_gone = client.try_send(reply);
}

/// The state machine. The same commands in the same order make the same state on every server.
#[derive(Default, Serialize, Deserialize)]
struct Store {
    values: BTreeMap<String, String>,
    /// The latest puts, oldest first, to tell a repeated one from a new one.
    latest: VecDeque<u64>,
}

impl Store {
    /// How many puts are remembered. A client gives up long before so many others come between its attempts.
    const REMEMBERED: usize = 10_000;

    fn apply(&mut self, Put { id, key, value }: Put) {
        if !self.latest.contains(&id) {
            self.values.insert(key, value);
            self.latest.push_back(id);
        }
        if self.latest.len() > Self::REMEMBERED {
            self.latest.pop_front();
        }
    }
}

/// An append-only file of the node's writes. Each is synced before the next one begins, so a crash tears only the last.
/// The first record says whose file it is: to another server, or with other voters, the rest would mean something else.
///
/// A record is its length, the checksums of its length and of its content (all `u32`, little-endian), and its content.
struct LogFile {
    path: PathBuf,
    file: File,
    owner: (NodeId, Configuration),
    /// What the file says when it is read from the beginning.
    state: Persisted,
    /// Held locked while this process lives: two writers would destroy the file.
    _lock: File,
}

impl LogFile {
    fn open(directory: &Path, id: NodeId, configuration: Configuration) -> Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = File::create(directory.join("lock"))?;
        lock.try_lock().map_err(|error| format!("{} cannot be locked: {error}", directory.display()))?;
        let (path, owner) = (directory.join("raft.log"), (id, configuration.clone()));
        if !path.try_exists()? {
            replace_file(&path, &record(&owner)?)?;
        }
        let bytes = fs::read(&path)?;
        let mut rest = bytes.as_slice();
        let first = next_record(&mut rest)?.map(postcard::from_bytes).transpose()?;
        if first.as_ref() != Some(&owner) {
            return Err(format!("{} belongs to another server or another cluster", path.display()).into());
        }
        let mut state = Persisted::bootstrap(configuration);
        while let Some(found) = next_record(&mut rest)? {
            state.apply(&postcard::from_bytes(found)?);
        }
        // Nobody was told of a write that was torn: it never happened.
        let file = File::options().append(true).open(&path)?;
        file.set_len((bytes.len() - rest.len()) as u64)?;
        file.sync_all()?;
        Ok(Self { path, file, owner, state, _lock: lock })
    }

    fn write(&mut self, write: &Write) -> Result<()> {
        self.state.apply(write);
        if write.snapshot.is_none() {
            self.file.write_all(&record(write)?)?;
            return Ok(self.file.sync_data()?);
        }
        // What the snapshot replaces goes: the new file holds one write that says everything.
        let Persisted { hard_state, snapshot, log } = &self.state;
        let first_index = log.first_index();
        let append = Some(Append { first_index, entries: log.run(first_index, usize::MAX, usize::MAX) });
        let all = Write { number: write.number, hard_state: Some(*hard_state), snapshot: snapshot.clone(), append };
        self.file = replace_file(&self.path, &[record(&self.owner)?, record(&all)?].concat())?;
        Ok(())
    }
}

fn record(content: &impl Serialize) -> Result<Vec<u8>> {
    let content = encode(content);
    let length = u32::try_from(content.len())?.to_le_bytes();
    Ok([&length, &checksum(&length), &checksum(&content), content.as_slice()].concat())
}

/// Splits the first record off `bytes`. There is none where the file ends, even if it ends within a record; any other
/// damage is an error, because what is lost with it was acknowledged.
fn next_record<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>> {
    let [length, length_sum, content_sum, ..] = bytes.as_chunks::<4>().0 else { return Ok(None) };
    if checksum(length) != *length_sum {
        // Some file systems make a file longer before its content arrives: then it ends in zeros.
        let is_torn = bytes.iter().all(|&byte| byte == 0);
        return if is_torn { Ok(None) } else { Err("the log file is damaged: a length is wrong".into()) };
    }
    let content = bytes[12..].split_at_checked(u32::from_le_bytes(*length) as usize);
    let Some((content, rest)) = content else { return Ok(None) };
    if checksum(content) != *content_sum {
        return Err("the log file is damaged: a checksum is wrong".into());
    }
    *bytes = rest;
    Ok(Some(content))
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// Puts a new file in place of an old one: whenever the power fails, one of them is there, and it is whole.
fn replace_file(path: &Path, content: &[u8]) -> Result<File> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The name is in the directory, which must be synced like any other file.
    if let Some(directory) = path.parent().filter(|_| cfg!(unix)) {
        File::open(directory)?.sync_all()?;
    }
    Ok(file)
}

/// A thread that sends to one server and connects as often as needed. What cannot be sent is lost, which Raft expects.
fn outbox(address: SocketAddr) -> SyncSender<Message> {
    let (sender, queue) = sync_channel(QUEUE);
    thread::spawn(move || {
        let mut stream = None;
        for message in queue {
            stream = stream.or_else(|| connect(address).ok());
            stream = stream.filter(|stream| write_frame(stream, &Request::Raft(message)).is_ok());
        }
    });
    sender
}

/// A thread for each connection, of servers and clients alike, and one that waits for new ones. All fill one inbox.
fn listen(address: SocketAddr) -> Result<Receiver<(Request, Client)>> {
    let listener = TcpListener::bind(address).map_err(|error| format!("cannot listen at {address}: {error}"))?;
    let (sender, inbox) = sync_channel(QUEUE);
    thread::spawn(move || {
        loop {
            // Failures, such as too many open files, pass; there is nobody to be told of them.
            let Ok((stream, _)) = listener.accept() else {
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let sender = sender.clone();
            // An error, such as a frame that makes no sense, ends this connection and nothing else.
            let _no_thread_no_connection = thread::Builder::new().spawn(move || receive(&stream, &sender).is_err());
        }
    });
    println!("listening at {address}");
    Ok(inbox)
}

fn receive(stream: &TcpStream, inbox: &SyncSender<(Request, Client)>) -> Result<()> {
    stream.set_nodelay(true)?;
    loop {
        let request = read_frame(stream)?;
        let is_from_client = !matches!(request, Request::Raft(_));
        let (client, reply) = sync_channel(1);
        inbox.send((request, client))?;
        if is_from_client {
            write_frame(stream, &reply.recv()?)?;
        }
    }
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let timeout = Duration::from_secs(1);
    let stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(timeout))?;
    Ok(stream)
}

/// A frame is its length (`u32`, little-endian) and its content.
fn write_frame(mut stream: &TcpStream, content: &impl Serialize) -> Result<()> {
    let content = encode(content);
    let length = u32::try_from(content.len())?.to_le_bytes();
    Ok(stream.write_all(&[length.as_slice(), &content].concat())?)
}

fn read_frame<T: DeserializeOwned>(mut stream: &TcpStream) -> Result<T> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME_BYTES {
        return Err(format!("a frame of {length} bytes is too long").into());
    }
    let mut content = vec![0; length];
    stream.read_exact(&mut content)?;
    Ok(postcard::from_bytes(&content)?)
}

/// Asks one server after the other, the one that is said to lead first, until one has done it. Returns what to print.
fn ask(request: &Request, peers: &Peers) -> Result<String> {
    let started = Instant::now();
    let ask_one = |address| -> Result<Reply> {
        let stream = connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write_frame(&stream, request)?;
        read_frame(&stream)
    };
    let mut hint = None;
    for address in peers.values().cycle().take_while(|_| started.elapsed() < PATIENCE) {
        match ask_one(*hint.take().unwrap_or(address)) {
            Ok(Reply::Done) => return Ok("done".into()),
            Ok(Reply::Value(value)) => return value.ok_or("there is no such key".into()),
            Ok(Reply::Refused(why)) => return Err(why.into()),
            Ok(Reply::AskLeader(leader)) => hint = peers.get(&leader),
            // It may be down, or it may have done its work and died before it could say so.
            Err(_) => {}
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(format!("no server has answered for {} seconds", PATIENCE.as_secs()).into())
}

fn encode(content: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(content).expect("only a buffer of fixed size can be too small")
}

/// A number that no other process draws. The standard library makes its hash keys from the system's randomness.
fn random() -> u64 {
    RandomState::new().hash_one(())
}

/// What the command line asks for.
enum Task {
    Serve(NodeId, PathBuf, Peers),
    Ask(Request, Peers),
}

fn main() -> ExitCode {
    let (outcome, code) = match parse(&std::env::args_os().skip(1).collect::<Vec<_>>()) {
        Ok(task) => (carry_out(task), 1),
        Err(mistake) => (Err(mistake.into()), 2),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::from(code)
}

fn carry_out(task: Task) -> Result<()> {
    match task {
        Task::Serve(id, data, peers) => Server::open(id, &data, &peers)?.run(&listen(peers[&id])?),
        Task::Ask(request, peers) => ask(&request, &peers).map(|answer| println!("{answer}")),
    }
}

fn parse(args: &[OsString]) -> Result<Task, String> {
    let args: Option<Vec<_>> = args.iter().map(|arg| arg.to_str()).collect();
    match args.ok_or("the arguments must be UTF-8")?[..] {
        ["serve", "--id", id, "--data", data, "--peers", peers] => {
            let (id, peers) = (parse_id(id)?, parse_peers(peers)?);
            let is_peer = peers.contains_key(&id);
            let task = Task::Serve(id, data.into(), peers);
            is_peer.then_some(task).ok_or_else(|| format!("server {id} is not among the peers"))
        }
        ["put", key, value, "--peers", peers] => {
            let put = Put { id: random(), key: key.into(), value: value.into() };
            Ok(Task::Ask(Request::Put(put), parse_peers(peers)?))
        }
        ["get", key, "--peers", peers] => Ok(Task::Ask(Request::Get(key.into()), parse_peers(peers)?)),
        _ => Err("use `serve --id ID --data DIR`, `put KEY VALUE` or `get KEY`, then `--peers ID=IP:PORT,…`".into()),
    }
}

fn parse_peers(list: &str) -> Result<Peers, String> {
    let mut peers = Peers::new();
    for peer in list.split(',') {
        let (id, address) = peer.split_once('=').ok_or_else(|| format!("a peer is ID=IP:PORT, not `{peer}`"))?;
        let address = address.parse().map_err(|_| format!("an address is IP:PORT, not `{address}`"))?;
        if peers.insert(parse_id(id)?, address).is_some() {
            return Err(format!("server {id} is among the peers twice"));
        }
    }
    Ok(peers)
}

fn parse_id(id: &str) -> Result<NodeId, String> {
    id.parse().map(NodeId).map_err(|_| format!("the id of a server is a number, not `{id}`"))
}
