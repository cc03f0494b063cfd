//! The example `kv_cluster` as its users run it: three processes, sockets, files, and `kill -9`.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Goal: what was acknowledged to a client is there after any crash, on every server.
///
/// Method: clients write without a pause while the leader is killed, started again when the others have compacted what it
/// lacks, and then all servers are killed at once. At the end each server is asked alone.
#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let mut cluster = Cluster::new("kill_9", 3);
    let peers = cluster.peers();
    for id in 1..=3 {
        cluster.start(id);
    }
    let (next, stop, acknowledged) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let write = || {
        while !stop.load(SeqCst) {
            let number = next.fetch_add(1, SeqCst);
            if put(number, &peers) {
                acknowledged.lock().expect("no writer panics").push(number);
            }
        }
    };
    let count = || acknowledged.lock().expect("no writer panics").len();
    let wait_for_more = |more: usize| {
        for _ in 0..more {
            let before = count();
            wait_for("an acknowledged write", || (count() > before).then_some(()));
        }
    };
    thread::scope(|scope| {
        let _stop = OnDrop(|| stop.store(true, SeqCst));
        scope.spawn(write);
        scope.spawn(write);
        wait_for_more(20);
        let leader = cluster.leader();
        cluster.kill(&[leader]);
        // Half a hundred applied entries make a snapshot.
        wait_for_more(70);
        cluster.start(leader);
        cluster.wait_for_snapshot(leader);
        wait_for_more(20);
        cluster.kill(&[1, 2, 3]);
        for id in 1..=3 {
            cluster.start(id);
        }
        wait_for_more(20);
    });

    let acknowledged = acknowledged.into_inner().expect("no writer panics");
    thread::scope(|scope| {
        for id in 1..=3 {
            let (alone, acknowledged) = (cluster.address(id), &acknowledged);
            scope.spawn(move || {
                for &number in acknowledged {
                    assert_eq!(get(number, &alone), value(number), "key-{number} at server {id}");
                }
            });
        }
    });
}

/// Goal: a write that a crash has torn is forgotten; a file that is damaged where it was whole, or is another server's,
/// is refused, because a server that forgets what it has said is worse than none.
#[test]
fn a_torn_end_is_cut_off_and_damage_is_refused() {
    let mut cluster = Cluster::new("damage", 2);
    let (log_file, alone) = (cluster.data(1).join("raft.log"), cluster.address(1));
    cluster.start_with(1, &alone);
    for number in 0..5 {
        wait_for("an acknowledged write", || put(number, &alone).then_some(()));
    }
    cluster.assert_refused(1, 1, &alone, "cannot be locked");
    cluster.kill(&[1]);

    let whole = fs::read(&log_file).unwrap();
    for torn in [&whole[..7], &whole[..13], &[0; 100]] {
        OpenOptions::new().append(true).open(&log_file).unwrap().write_all(torn).unwrap();
        cluster.start_with(1, &alone);
        for number in 0..5 {
            assert_eq!(get(number, &alone), value(number));
        }
        cluster.kill(&[1]);
    }

    let not_its_own = "belongs to another server or another cluster";
    cluster.assert_refused(2, 1, &cluster.peers(), not_its_own);
    cluster.assert_refused(1, 1, &cluster.peers(), not_its_own);
    for position in (0..whole.len()).step_by(5) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x40;
        fs::write(&log_file, &damaged).unwrap();
        cluster.assert_refused(1, 1, &alone, "is damaged");
    }
}

/// Goal: arguments that make no sense get one sentence and exit code 2.
#[test]
fn bad_arguments_get_one_sentence() {
    let serve = |id, peers| vec!["serve", "--id", id, "--data", "/nowhere", "--peers", peers];
    for args in [
        vec![],
        vec!["help"],
        vec!["put", "key", "--peers", "1=127.0.0.1:7001"],
        vec!["get", "key"],
        vec!["get", "key", "--peers", ""],
        vec!["get", "key", "--peers", "1=localhost"],
        vec!["get", "key", "--peers", "one=127.0.0.1:7001"],
        vec!["get", "key", "--peers", "1=127.0.0.1:7001,1=127.0.0.1:7002"],
        serve("2", "1=127.0.0.1:7001"),
        serve("-1", "1=127.0.0.1:7001"),
    ] {
        let output = run_client(&args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?} gives: {said}");
        assert!(said.lines().count() == 1 && output.stdout.is_empty(), "{args:?} gives: {said}");
    }
}

/// Servers of one test, their ports and their files. All of that ends with the test, however it ends.
struct Cluster {
    directory: PathBuf,
    ports: Vec<u16>,
    running: Vec<(u64, Child)>,
    /// What each server has printed, in order of arrival.
    output: Arc<Mutex<Vec<(u64, String)>>>,
}

impl Cluster {
    fn new(test: &str, servers: usize) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
        let ports = std::iter::repeat_with(free_port).take(servers).collect();
        Self { directory, ports, running: Vec::new(), output: Arc::default() }
    }

    fn data(&self, id: u64) -> PathBuf {
        self.directory.join(id.to_string())
    }

    fn address(&self, id: u64) -> String {
        format!("{id}=127.0.0.1:{}", self.ports[id as usize - 1])
    }

    fn peers(&self) -> String {
        (1..=self.ports.len() as u64).map(|id| self.address(id)).collect::<Vec<_>>().join(",")
    }

    /// The command that makes a server of the files of `data`.
    fn command(&self, id: u64, data: u64, peers: &str) -> Command {
        let mut command = example();
        command.args(["serve", "--id", &id.to_string(), "--data"]).arg(self.data(data)).args(["--peers", peers]);
        command
    }

    /// Expects a server to give up before it listens, and to say why.
    fn assert_refused(&self, id: u64, data: u64, peers: &str, why: &str) {
        let command = self.command(id, data, peers).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = command.expect("the example can be run");
        let mut first = String::new();
        let lines = BufReader::new(process.stdout.take().expect("the output is piped")).read_line(&mut first);
        if lines.expect("the output is text") > 0 {
            process.kill().expect("the server was not waited for");
        }
        let output = process.wait_with_output().expect("the server was not waited for");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(first.is_empty(), "a server that had to give up runs: {first}");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
    }

    /// Returns when the server listens.
    fn start(&mut self, id: u64) {
        self.start_with(id, &self.peers());
    }

    fn start_with(&mut self, id: u64, peers: &str) {
        let command = self.command(id, id, peers).stdout(Stdio::piped()).spawn();
        let mut process = command.expect("the example can be run");
        let mut lines = BufReader::new(process.stdout.take().expect("the output is piped")).lines();
        self.running.push((id, process));
        assert!(lines.next().is_some(), "server {id} has given up");
        let output = Arc::clone(&self.output);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                output.lock().expect("no reader panics").push((id, line));
            }
        });
    }

    /// The leader of the latest term.
    fn leader(&self) -> u64 {
        let term =
            |line: &str| line.split_once(": BecameLeader { term: Term(")?.1.split_once(')')?.0.parse::<u64>().ok();
        wait_for("a leader", || {
            let output = self.output.lock().expect("no reader panics");
            output.iter().filter_map(|(id, line)| Some((term(line)?, *id))).max().map(|(_, id)| id)
        })
    }

    /// Waits until a server has told that it installed a snapshot from a leader.
    fn wait_for_snapshot(&self, id: u64) {
        let has_installed = |(from, line): &(u64, String)| *from == id && line.contains(": SnapshotInstalled {");
        wait_for("a snapshot", || {
            self.output.lock().expect("no reader panics").iter().find(|line| has_installed(line)).cloned()
        });
    }

    /// Kills servers as nearly at once as can be, without a chance to finish anything.
    fn kill(&mut self, ids: &[u64]) {
        let (mut killed, spared) = self.running.drain(..).partition::<Vec<_>, _>(|(id, _)| ids.contains(id));
        self.running = spared;
        for (_, process) in &mut killed {
            process.kill().expect("the server was still running");
        }
        for (_, process) in &mut killed {
            process.wait().expect("the server was not waited for before");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if thread::panicking() {
            self.output.lock().expect("no reader panics").iter().for_each(|(_, line)| eprintln!("{line}"));
        }
        for (_, process) in &mut self.running {
            let _may_be_gone = process.kill();
            let _may_be_gone = process.wait();
        }
        let _may_be_missing = fs::remove_dir_all(&self.directory);
    }
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// The example, which Cargo builds along with the tests.
fn example() -> Command {
    let test = std::env::current_exe().expect("a running program has a path");
    let target = test.ancestors().nth(2).expect("tests are built in a directory of the target directory");
    let example = target.join("examples").join(format!("kv_cluster{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "there is no {}: run `cargo build -p raft-core --example kv_cluster`", example.display());
    Command::new(example)
}

fn run_client(args: &[&str]) -> Output {
    example().args(args).stdin(Stdio::null()).output().expect("the example can be run")
}

/// Whether the servers acknowledge a write.
fn put(number: usize, peers: &str) -> bool {
    run_client(&["put", &key(number), &value(number), "--peers", peers]).status.success()
}

/// What the servers have for a key, as soon as they can tell.
fn get(number: usize, peers: &str) -> String {
    let output = wait_for("an answer", || {
        let output = run_client(&["get", &key(number), "--peers", peers]);
        let is_answer = output.status.success() || !output.stderr.starts_with(b"no server has answered");
        is_answer.then_some(output)
    });
    let answer = if output.status.success() { output.stdout } else { output.stderr };
    String::from_utf8(answer).expect("answers are text").trim_end().to_owned()
}

fn key(number: usize) -> String {
    format!("key-{number}")
}

fn value(number: usize) -> String {
    format!("value of {number}")
}

/// Polls until there is a result. Slow machines have time; a test that is right never needs it all.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_mins(3), "waited too long for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A port that nobody listens at, below those from which systems take the local ports of connections: while a server is
/// down, no connection may occupy its port.
fn free_port() -> u16 {
    static COUNTER: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 150) as u16 * 64;
    let candidates = std::iter::repeat_with(|| 20_000 + first + COUNTER.fetch_add(1, SeqCst)).take(2_000);
    let mut free = candidates.filter(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok());
    free.next().expect("not all ports are in use")
}
