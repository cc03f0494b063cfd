//! Every invariant can fail: each test forges a contradiction and sees it reported.

use raft_core::{
    AppendEntries, Configuration, Entries, Entry, EntryKind, HardState, LogIndex, Message, Node, NodeId, NodeSetup,
    Persisted, Ready, Rpc, Term,
};

mod clients;
mod commits;
mod elections;
mod leaders;
mod logs;
mod messages;

use super::messages::{Heard, Said};
use super::{Checker, Invariant};
use crate::world::Server;

const VOTERS: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];

fn entry(term: u64, text: &str) -> Entry {
    Entry { term: Term(term), kind: EntryKind::Command(text.into()) }
}

/// A disk whose log has a command for each term.
fn disk(current_term: u64, terms: &[u64], text: &str) -> Persisted {
    let mut disk = Persisted::bootstrap(Configuration::of_voters(VOTERS));
    let entries: Entries = terms.iter().map(|&term| entry(term, text)).collect();
    disk.apply(&raft_core::Write {
        snapshot: None,
        number: raft_core::WriteNumber(1),
        hard_state: Some(HardState { current_term: Term(current_term), voted_for: None }),
        append: Some(raft_core::Append { first_index: LogIndex(1), entries }),
    });
    disk
}

/// A server that does with its disk and its committed entries what it should.
struct Fake {
    node: Node,
    disk: Persisted,
}

impl Fake {
    fn new(id: u64, disk: Persisted) -> Self {
        let node = Node::new(NodeSetup::new(NodeId(id)), disk.clone()).unwrap();
        Self { node, disk }
    }

    fn drain(&mut self) {
        let mut ready = Ready::default();
        loop {
            self.node.drain_into(&mut ready);
            if ready.is_empty() {
                return;
            }
            if let Some(write) = ready.write.take() {
                self.disk.apply(&write);
                self.node.on_persisted(write.number);
            }
            if let Some(last) = ready.committed.last() {
                self.node.on_applied(last.index);
            }
        }
    }

    fn hear(&mut self, from: u64, term: u64, rpc: Rpc) -> &mut Self {
        let to = self.node.id();
        self.node.step(Message { from: NodeId(from), to, term: Term(term), rpc });
        self.drain();
        self
    }

    /// Wins the next term with the vote of one other.
    fn lead(mut self) -> Self {
        let other = if self.node.id() == NodeId(1) { 2 } else { 1 };
        self.node.campaign();
        self.drain();
        let term = self.node.current_term().0;
        self.hear(other, term + 1, Rpc::RequestVoteReply { granted: true, pre_vote: true });
        self.hear(other, term + 1, Rpc::RequestVoteReply { granted: true, pre_vote: false });
        assert!(self.node.role().is_leader());
        self
    }

    /// Hears from a leader that everything so far is committed.
    fn commit(mut self, leader: u64, term: u64, upto: u64) -> Self {
        let last = self.node.log().last_index();
        self.hear(
            leader,
            term,
            Rpc::AppendEntries(AppendEntries {
                prev_log_index: last,
                prev_log_term: self.node.log().last_term(),
                leader_commit: LogIndex(upto),
                entries: Entries::default(),
                round: raft_core::Round(0),
            }),
        );
        assert_eq!(self.node.last_applied(), LogIndex(upto));
        self
    }

    /// Hears from a follower that it has everything up to an index.
    fn acknowledged(mut self, follower: u64, match_index: u64) -> Self {
        let term = self.node.current_term().0;
        let outcome = raft_core::AppendOutcome::Accepted { match_index: LogIndex(match_index) };
        self.hear(follower, term, Rpc::AppendEntriesReply { outcome, round: raft_core::Round(0) });
        self
    }

    fn server(self) -> Server {
        Server::forged(self.node, self.disk)
    }
}

impl Checker {
    /// Looks at a server whose log is new to it, and came from its leader.
    fn meets(&mut self, server: &Server, all: &[Server]) {
        let log = server.node().unwrap().log();
        self.hears(server, log.last_index());
        self.look(server, Some(log.first_index()), all);
    }

    /// Lets a server hear its whole log from its leader, and accept it up to an index.
    fn hears(&mut self, server: &Server, accepted: LogIndex) {
        let (node, log) = (server.node().unwrap(), server.node().unwrap().log());
        let said = Said::Append { prev: LogIndex(0), last: accepted, last_term: log.term_at(accepted).unwrap() };
        self.heard = Some(Heard { to: server.id(), term: node.current_term(), said, accepted: Some(accepted) });
    }

    fn found(&mut self) -> Vec<Invariant> {
        self.take_found().into_iter().map(|violation| violation.invariant).collect()
    }
}

fn checker() -> Checker {
    Checker::new(VOTERS.len())
}

/// What the checker says about servers that it sees one after the other, each with a log that is new to it.
fn seen(servers: &[Server]) -> Vec<Invariant> {
    let mut checker = checker();
    for server in servers {
        checker.meets(server, servers);
    }
    checker.found()
}

#[track_caller]
fn shows(invariant: Invariant, servers: &[Server]) {
    let found = seen(servers);
    assert!(found.contains(&invariant), "{} is not among {found:?}", invariant.id());
}

/// A follower in term 1, with commands of these terms, that knows entries up to `commit` to be committed.
fn follower(id: u64, terms: &[u64], commit: u64) -> Server {
    Fake::new(id, disk(1, terms, "a")).commit(1, 1, commit).server()
}

/// A message from S1.
fn from_1(to: u64, term: u64, rpc: Rpc) -> Message {
    Message { from: NodeId(1), to: NodeId(to), term: Term(term), rpc }
}

fn heartbeat() -> Rpc {
    Rpc::AppendEntries(AppendEntries {
        prev_log_index: LogIndex(0),
        prev_log_term: Term(0),
        leader_commit: LogIndex(0),
        entries: Entries::default(),
        round: raft_core::Round(0),
    })
}

/// Goal: servers that agree are not accused of anything.
#[test]
fn an_honest_cluster_is_not_accused() {
    let follower = |id| Fake::new(id, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    assert_eq!(seen(&[follower(2), follower(3)]), []);
    let leader = Fake::new(1, disk(1, &[1, 1], "a")).lead().server();
    assert_eq!(seen(&[follower(2), follower(3), leader]), []);
}

/// Goal: every invariant has a number of its own, in order, a name, a statement and a reason. Prints the table.
#[test]
fn every_invariant_says_why() {
    println!("| # | name | what holds | why, or where it is restricted |\n|---|---|---|---|");
    for (number, invariant) in (1..).zip(Invariant::ALL) {
        println!("| {} | {} | {} | {} |", invariant.id(), invariant.name(), invariant.statement(), invariant.why());
        assert_eq!(invariant.id(), format!("I{number}"));
        let texts = [invariant.name(), invariant.statement(), invariant.why()];
        assert!(texts.iter().all(|text| !text.is_empty()));
        assert!(texts[1..].iter().all(|text| text.ends_with('.')), "{}", invariant.id());
    }
    assert_eq!(Invariant::ALL.len(), 36);
}

/// Goal: the audit notices a log that changed behind the checker's back.
#[test]
fn the_audit_notices_a_log_that_changed_without_a_write() {
    let mut checker = checker();
    let server = Fake::new(1, disk(1, &[1, 1], "a")).server();
    checker.meets(&server, core::slice::from_ref(&server));
    assert_eq!(checker.audit(core::slice::from_ref(&server)), Ok(()));
    let other = Fake::new(1, disk(1, &[1, 1], "b")).server();
    assert!(checker.audit(&[other]).is_err());
}
