//! Servers and a network in one hand: deterministic, and nothing happens that the test did not ask for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use raft_core::{
    Configuration, LogIndex, MembershipChange, Message, MessageKind, Node, NodeId, Options, Persisted, ReadMode, Role,
    Rule,
};

use super::Server;
use super::transcript;

/// A cluster of servers 1..=n. Messages wait in the network until the test delivers or drops them.
pub(crate) struct Cluster {
    servers: BTreeMap<u64, Server>,
    /// In the order of being sent.
    pub(crate) network: VecDeque<Message>,
    /// One-way links that lose everything.
    cut: BTreeSet<(u64, u64)>,
    /// Messages delivered so far.
    pub(crate) delivered: Vec<Message>,
    /// What happened, a line each.
    pub(crate) transcript: String,
}

impl Cluster {
    /// `size` servers that have never run.
    pub(crate) fn new(size: u64) -> Self {
        Self::of((1..=size).map(|id| Server::new(id, size)))
    }

    /// Servers whose logs hold entries of the given terms, all at the current term `term`.
    pub(crate) fn with_logs(term: u64, logs: &[&[u64]]) -> Self {
        let size = logs.len() as u64;
        Self::of((1..).zip(logs).map(|(id, terms)| Server::with_log(id, size, term, terms)))
    }

    /// `size` voters and `spares` servers after them that know nobody.
    pub(crate) fn with_spares(size: u64, spares: u64) -> Self {
        let voters = (1..=size).map(|id| Server::new(id, size));
        Self::of(voters.chain((size + 1..=size + spares).map(Server::spare)))
    }

    /// `size` voters and `learners` learners after them, none of which has ever run.
    pub(crate) fn with_learners(size: u64, learners: u64) -> Self {
        let all = 1..=size + learners;
        let configuration = Configuration::new(ids(1..=size), ids(size + 1..=size + learners));
        Self::of(all.map(|id| Server::from_disk(id, Persisted::bootstrap(configuration.clone()))))
    }

    pub(crate) fn of(servers: impl Iterator<Item = Server>) -> Self {
        Self {
            servers: servers.map(|server| (server.setup.id.0, server)).collect(),
            network: VecDeque::new(),
            cut: BTreeSet::new(),
            delivered: Vec::new(),
            transcript: String::new(),
        }
    }

    /// The same cluster without a safeguard.
    pub(crate) fn without(mut self, rule: Rule) -> Self {
        self.servers = self.servers.into_iter().map(|(id, server)| (id, server.without(rule))).collect();
        self
    }

    /// The same cluster with other options.
    pub(crate) fn options(mut self, change: impl Fn(&mut Options)) -> Self {
        self.servers = self.servers.into_iter().map(|(id, server)| (id, server.options(&change))).collect();
        self
    }

    pub(crate) fn server(&self, id: u64) -> &Server {
        &self.servers[&id]
    }

    pub(crate) fn server_mut(&mut self, id: u64) -> &mut Server {
        self.servers.get_mut(&id).expect("the server exists")
    }

    pub(crate) fn node(&self, id: u64) -> &Node {
        self.server(id).node()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.servers.keys().copied().collect()
    }

    /// Does something to a server and puts what it sends into the network.
    pub(crate) fn act(&mut self, id: u64, action: impl FnOnce(&mut Server) -> Vec<Message>) {
        let server = self.server_mut(id);
        let known = server.events.len();
        let sent = action(server);
        let lines = transcript::events(id, &server.events[known..]);
        self.transcript.push_str(&lines);
        self.network.extend(sent);
    }

    /// Writes a line of the story into the transcript.
    pub(crate) fn say(&mut self, text: &str) {
        self.transcript.extend(["-- ", text, "\n"]);
    }

    pub(crate) fn campaign(&mut self, id: u64) {
        self.act(id, Server::campaign);
    }

    pub(crate) fn tick(&mut self, id: u64, ticks: u64) {
        self.act(id, |server| server.tick(ticks));
    }

    /// Lets one heartbeat interval pass at the leader.
    pub(crate) fn heartbeat(&mut self, leader: u64) {
        let interval = self.server(leader).setup.options.heartbeat_interval.0;
        self.tick(leader, interval);
    }

    /// Proposes at a server that must accept it.
    pub(crate) fn propose(&mut self, id: u64, command: &str) -> LogIndex {
        let mut index = LogIndex(0);
        self.act(id, |server| {
            let (result, sent) = server.propose(command);
            index = result.expect("the server takes commands");
            sent
        });
        index
    }

    /// Compacts the log of a server that must be able to, up to `index`.
    pub(crate) fn compact(&mut self, id: u64, index: u64) {
        self.act(id, |server| {
            let (result, sent) = server.compact(index);
            result.expect("the log can be compacted");
            sent
        });
    }

    /// Changes the configuration at a leader that must accept it.
    pub(crate) fn change(&mut self, id: u64, change: &MembershipChange) -> LogIndex {
        let mut index = LogIndex(0);
        self.act(id, |server| {
            let (result, sent) = server.change(change);
            index = result.expect("the leader changes the configuration");
            sent
        });
        index
    }

    /// Changes the configuration, and lets two heartbeats tell everybody that it is committed.
    pub(crate) fn change_and_settle(&mut self, leader: u64, change: &MembershipChange) {
        self.change(leader, change);
        self.settle();
        self.heartbeats(leader, 2);
    }

    /// Begins a read at a server that must accept it.
    pub(crate) fn read(&mut self, id: u64, read: u64, mode: ReadMode) {
        self.act(id, |server| {
            let (result, sent) = server.read(read, mode);
            result.expect("the server takes reads");
            sent
        });
    }

    /// Begins to hand leadership over, at a leader that must accept it.
    pub(crate) fn transfer(&mut self, leader: u64, target: u64) {
        self.act(leader, |server| {
            server.run(|node| node.transfer_leadership(NodeId(target)).expect("the leader can hand over"))
        });
    }

    /// Lets `count` heartbeat intervals pass at the leader, and delivers everything after each.
    pub(crate) fn heartbeats(&mut self, leader: u64, count: usize) {
        for _ in 0..count {
            self.heartbeat(leader);
            self.settle();
        }
    }

    /// Lets a tick pass everywhere, then delivers what was sent; `ticks` times.
    pub(crate) fn run(&mut self, ticks: u64) {
        for _ in 0..ticks {
            for id in self.ids() {
                if self.server(id).is_up() {
                    self.tick(id, 1);
                }
            }
            self.settle();
        }
    }

    /// Delivers the oldest message that is `wanted`, if there is one.
    pub(crate) fn deliver(&mut self, wanted: impl Fn(&Message) -> bool) -> bool {
        let Some(position) = self.network.iter().position(wanted) else {
            return false;
        };
        let message = self.network.remove(position).expect("it was just found");
        let (from, to) = (message.from.0, message.to.0);
        let is_lost = self.cut.contains(&(from, to)) || !self.server(to).is_up();
        self.transcript.push_str(&transcript::delivery(&message, is_lost));
        if !is_lost {
            self.delivered.push(message.clone());
            self.act(to, |server| server.step(message));
        }
        true
    }

    /// Delivers the oldest message of a kind on a link; there must be one.
    pub(crate) fn deliver_one(&mut self, kind: MessageKind, from: u64, to: u64) {
        assert!(self.deliver(is(kind, from, to)), "no {} from {from} to {to}", kind.name());
    }

    /// Delivers everything, and everything that follows from it.
    pub(crate) fn settle(&mut self) {
        while self.deliver(|_| true) {}
    }

    /// Drops every message that is `unwanted` and returns how many.
    pub(crate) fn drop_all(&mut self, unwanted: impl Fn(&Message) -> bool) -> usize {
        let before = self.network.len();
        self.network.retain(|message| !unwanted(message));
        before - self.network.len()
    }

    /// Cuts a group off from all others, both ways. What is on its way there is lost.
    pub(crate) fn isolate(&mut self, group: &[u64]) {
        for a in self.ids() {
            for &b in group {
                if !group.contains(&a) {
                    self.cut.extend([(a, b), (b, a)]);
                }
            }
        }
    }

    /// Repairs every link.
    pub(crate) fn heal(&mut self) {
        self.cut.clear();
    }

    pub(crate) fn crash(&mut self, id: u64) {
        self.server_mut(id).crash();
    }

    pub(crate) fn restart(&mut self, id: u64) {
        self.server_mut(id).start();
    }

    /// Makes `id` the leader of the next term by a campaign that nothing disturbs.
    pub(crate) fn elect(&mut self, id: u64) {
        self.outwait_leader(id);
        self.campaign(id);
        self.settle();
        assert_eq!(self.node(id).role(), Role::Leader, "server {id} did not win");
    }

    /// Lets so much time pass at all servers but `id` and the leaders that no voter protects a leader any more, and
    /// nobody has begun to campaign.
    pub(crate) fn outwait_leader(&mut self, id: u64) {
        for other in self.ids() {
            if other != id && self.server(other).is_up() && !self.node(other).role().is_leader() {
                let lease = self.server(other).setup.options.election_timeout_min.0;
                let patience = self.node(other).ticks_until_deadline().0 - 1;
                self.tick(other, lease.min(patience));
            }
        }
    }

    /// The servers that lead, in ascending order.
    pub(crate) fn leaders(&self) -> Vec<u64> {
        let leads = |server: &&Server| server.is_up() && server.node().role().is_leader();
        self.servers.values().filter(leads).map(|server| server.setup.id.0).collect()
    }

    pub(crate) fn terms(&self, id: u64) -> Vec<u64> {
        self.server(id).terms()
    }

    pub(crate) fn commit(&self, id: u64) -> u64 {
        self.node(id).commit_index().0
    }
}

/// The identities of a range of servers.
pub(crate) fn ids(range: impl IntoIterator<Item = u64>) -> impl Iterator<Item = NodeId> {
    range.into_iter().map(NodeId)
}

/// Recognises messages of a kind on a link.
pub(crate) fn is(kind: MessageKind, from: u64, to: u64) -> impl Fn(&Message) -> bool {
    move |message| message.kind() == kind && message.from == NodeId(from) && message.to == NodeId(to)
}

/// Recognises messages on a link.
pub(crate) fn on_link(from: u64, to: u64) -> impl Fn(&Message) -> bool {
    move |message| message.from == NodeId(from) && message.to == NodeId(to)
}
