//! Every invariant can fail: each test forges a contradiction and sees it reported.

use raft_core::{
    AppendEntries, Configuration, Entries, Entry, EntryKind, LogIndex, Message, Node, NodeId, NodeSetup, Persisted,
    Ready, RequestVote, Rpc, Term,
};

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
        hard_state: Some(raft_core::HardState { current_term: Term(current_term), voted_for: None }),
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

/// What the checker says about servers that it sees one after the other, each with a log that is new to it.
fn seen(servers: &[Server]) -> Vec<Invariant> {
    let mut checker = Checker::new(VOTERS.len());
    for server in servers {
        checker.look(server, Some(LogIndex(1)), servers);
    }
    checker.take_found().into_iter().map(|violation| violation.invariant).collect()
}

#[track_caller]
fn shows(invariant: Invariant, servers: &[Server]) {
    let found = seen(servers);
    assert!(found.contains(&invariant), "{} is not among {found:?}", invariant.id());
}

/// Goal: servers that agree are not accused of anything.
#[test]
fn an_honest_cluster_is_not_accused() {
    let follower = |id| Fake::new(id, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    assert_eq!(seen(&[follower(2), follower(3)]), []);
    let leader = Fake::new(1, disk(1, &[1, 1], "a")).lead().server();
    assert_eq!(seen(&[follower(2), follower(3), leader]), []);
}

/// Goal (I1): two leaders of one term are reported, even if one after the other.
#[test]
fn i1_two_leaders_of_one_term() {
    let leader = |id| Fake::new(id, disk(1, &[1], "a")).lead().server();
    shows(Invariant::ElectionSafety, &[leader(1), leader(2)]);
}

/// Goal (I2): a leader that writes over its own log is reported.
#[test]
fn i2_a_leader_rewrites_its_log() {
    let leader = |terms: &[u64]| Fake::new(1, disk(1, terms, "a")).lead().server();
    shows(Invariant::LeaderAppendOnly, &[leader(&[1, 1, 1]), leader(&[1])]);
}

/// Goal (I3): two logs with the same index and term, but not the same entry there or before, are reported.
#[test]
fn i3_logs_that_match_in_one_entry_but_not_in_all() {
    let follower = |id, text: &str| Fake::new(id, disk(1, &[1, 1], text)).server();
    shows(Invariant::LogMatching, &[follower(1, "a"), follower(2, "b")]);
}

/// Goal (I4): a leader that lacks what was committed before its term is reported, whichever is seen first.
#[test]
fn i4_a_leader_lacks_a_committed_entry() {
    let follower = || Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    let leader = || Fake::new(3, disk(1, &[1], "a")).lead().server();
    shows(Invariant::LeaderCompleteness, &[follower(), leader()]);
    shows(Invariant::LeaderCompleteness, &[leader(), follower()]);
}

/// Goal (I5, I15): two servers that commit and apply different entries at one index are reported.
#[test]
fn i5_and_i15_different_entries_at_one_index() {
    let follower = |id, term| Fake::new(id, disk(term, &[term], "a")).commit(1, term, 1).server();
    shows(Invariant::StateMachineSafety, &[follower(2, 1), follower(3, 2)]);
    shows(Invariant::CommittedPrefix, &[follower(2, 1), follower(3, 2)]);
}

/// Goal (I6, I8): a leader that commits what only its own disk holds is reported.
#[test]
fn i6_and_i8_a_commit_without_a_quorum() {
    let leader = || Fake::new(1, disk(1, &[1], "a")).lead().acknowledged(2, 2).server();
    let liar = |id| Fake::new(id, disk(1, &[], "a")).server();
    shows(Invariant::CommittedOnQuorum, &[leader(), liar(2), liar(3)]);
    shows(Invariant::CommitDurable, &[leader(), liar(2), liar(3)]);
    // As long a log, but not the same one: durable, yet not on a quorum.
    let other = |id| Fake::new(id, disk(1, &[1, 1], "a")).server();
    let found = seen(&[leader(), other(2), other(3)]);
    assert!(found.contains(&Invariant::CommittedOnQuorum) && !found.contains(&Invariant::CommitDurable), "{found:?}");
}

/// Goal (I7): a leader that commits onto an entry of an older term is reported.
#[test]
fn i7_a_commit_by_counting_an_older_term() {
    let leader = Fake::new(1, disk(1, &[1, 1], "a")).lead();
    let rules = leader.node.rules().without(raft_core::Rule::CommitCurrentTermOnly);
    let mut leader = leader;
    leader.node.set_rules(rules);
    let leader = leader.acknowledged(2, 2).server();
    let follower = |id| Fake::new(id, disk(1, &[1, 1], "a")).server();
    shows(Invariant::CommitOwnTerm, &[leader, follower(2), follower(3)]);
}

/// Goal (I9): a commit index, a term and a durable term that go back are reported.
#[test]
fn i9_numbers_that_go_back() {
    let later = Fake::new(2, disk(3, &[1, 1], "a")).commit(1, 3, 2).server();
    let earlier = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 1).server();
    let found = seen(&[later, earlier]);
    assert!(found.contains(&Invariant::Monotone), "{found:?}");
}

/// Goal (I10): two votes of one server in one term are reported, its vote for itself included.
#[test]
fn i10_two_votes_in_one_term() {
    let voter = Fake::new(1, disk(5, &[], "a"));
    let grant = |to| Message {
        from: NodeId(1),
        to: NodeId(to),
        term: Term(5),
        rpc: Rpc::RequestVoteReply { granted: true, pre_vote: false },
    };
    let request = RequestVote {
        last_log_index: LogIndex(0),
        last_log_term: Term(0),
        pre_vote: false,
        leadership_transfer: false,
    };
    let candidacy = Message { from: NodeId(1), to: NodeId(2), term: Term(5), rpc: Rpc::RequestVote(request) };
    for second in [grant(3), candidacy] {
        let mut checker = Checker::new(VOTERS.len());
        checker.sent(&grant(2), &voter.node);
        checker.sent(&grant(2), &voter.node);
        assert!(!checker.has_found());
        checker.sent(&second, &voter.node);
        assert_eq!(checker.take_found()[0].invariant, Invariant::VoteOnce);
    }
}

/// Goal (I11): a server that has committed more than its log holds is reported.
#[test]
fn i11_a_commit_beyond_the_log() {
    let mut follower = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2);
    follower.node.set_rules(follower.node.rules().without(raft_core::Rule::TruncateOnConflict));
    follower.hear(
        1,
        1,
        Rpc::AppendEntries(AppendEntries {
            prev_log_index: LogIndex(1),
            prev_log_term: Term(1),
            leader_commit: LogIndex(1),
            round: raft_core::Round(0),
            entries: Entries::default(),
        }),
    );
    shows(Invariant::IndexOrder, &[follower.server()]);
}

/// Goal (I12): a log whose terms decrease is reported. No node stores such a log, so only the checker's half is forged.
#[test]
fn i12_terms_that_decrease_along_a_log() {
    let mut checker = Checker::new(VOTERS.len());
    let server = Fake::new(1, disk(2, &[1, 1], "a")).server();
    checker.look(&server, Some(LogIndex(1)), core::slice::from_ref(&server));
    checker.shadows[0].log.forge(LogIndex(1), super::Link { term: Term(2), hash: 7 });
    let node = server.node().unwrap();
    checker.follow_log(NodeId(1), node, LogIndex(2));
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneLog);
}

/// Goal (I13): a message with a higher term than its sender's is reported, when it leaves and when its sender restarts
/// without the term; a pre-vote is not.
#[test]
fn i13_messages_that_outrun_their_sender() {
    let sender = Fake::new(1, disk(4, &[], "a"));
    let message = |term, pre_vote| Message {
        from: NodeId(1),
        to: NodeId(2),
        term: Term(term),
        rpc: Rpc::RequestVoteReply { granted: false, pre_vote },
    };
    let mut checker = Checker::new(VOTERS.len());
    checker.sent(&message(4, false), &sender.node);
    checker.sent(&message(5, true), &sender.node);
    assert!(!checker.has_found());
    checker.sent(&message(5, false), &sender.node);
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneMessages);

    let mut checker = Checker::new(VOTERS.len());
    let server = Fake::new(1, disk(2, &[], "a")).server();
    checker.restarted(&server, [message(3, false)].iter());
    assert_eq!(checker.take_found()[0].invariant, Invariant::MonotoneMessages);
}

/// Goal (I14): a term that is won although somebody else has created entries in it is reported.
#[test]
fn i14_a_won_term_that_is_not_fresh() {
    let stranger = Fake::new(2, disk(2, &[1, 2], "a")).server();
    let leader = Fake::new(1, disk(1, &[1], "a")).lead().server();
    shows(Invariant::FreshTerm, &[stranger, leader]);
}

/// Goal: the audit notices a log that changed behind the checker's back.
#[test]
fn the_audit_notices_a_log_that_changed_without_a_write() {
    let mut checker = Checker::new(VOTERS.len());
    let server = Fake::new(1, disk(1, &[1, 1], "a")).server();
    checker.look(&server, Some(LogIndex(1)), core::slice::from_ref(&server));
    assert_eq!(checker.audit(core::slice::from_ref(&server)), Ok(()));
    let other = Fake::new(1, disk(1, &[1, 1], "b")).server();
    assert!(checker.audit(&[other]).is_err());
}

/// A server whose log starts after the snapshot of two entries and goes on with one.
fn compacted(id: u64) -> Fake {
    let mut fake = Fake::new(id, disk(1, &[1, 1, 1], "a")).commit(1, 1, 2);
    fake.node.compact(LogIndex(2), [].as_slice()).unwrap();
    fake.drain();
    fake
}

/// Goal (I33): a log that starts after committed entries is followed on; one that starts after entries that were never
/// committed, or committed with another term, is reported, also when its server restarts.
#[test]
fn i33_a_snapshot_of_what_was_never_committed() {
    let honest = Fake::new(2, disk(1, &[1, 1], "a")).commit(1, 1, 2).server();
    let mut checker = Checker::new(VOTERS.len());
    let whole = Fake::new(3, disk(1, &[1, 1, 1], "a")).commit(1, 1, 2).server();
    checker.look(&honest, Some(LogIndex(1)), &[]);
    checker.look(&whole, Some(LogIndex(1)), &[]);
    let short = compacted(3).server();
    checker.look(&short, None, &[]);
    assert_eq!(checker.audit(core::slice::from_ref(&short)), Ok(()));
    assert_eq!(checker.shadows[2].log.last_index(), LogIndex(3));
    checker.restarted(&short, [].iter());
    assert_eq!(checker.audit(core::slice::from_ref(&short)), Ok(()));
    assert_eq!(checker.take_found(), []);

    for known in [vec![], vec![Fake::new(2, disk(2, &[1, 2], "a")).commit(1, 2, 2).server()]] {
        let mut checker = Checker::new(VOTERS.len());
        for server in &known {
            checker.look(server, Some(LogIndex(1)), &[]);
        }
        checker.look(&short, Some(LogIndex(3)), &[]);
        assert_eq!(checker.take_found()[0].invariant, Invariant::SnapshotFaithful);
        let mut checker = Checker::new(VOTERS.len());
        for server in &known {
            checker.look(server, Some(LogIndex(1)), &[]);
        }
        checker.restarted(&short, [].iter());
        assert_eq!(checker.take_found()[0].invariant, Invariant::SnapshotFaithful);
    }
}

/// Goal (I29): a read that shows less than was acknowledged, or shown, before its call is reported; what is acknowledged
/// while it runs does not count, and neither does a read that failed.
#[test]
fn i29_a_read_of_the_past() {
    use crate::event::OperationId;
    use crate::time::Time;
    let mut checker = Checker::new(VOTERS.len());
    checker.write_acknowledged(NodeId(1), LogIndex(3), Term(1));
    (0..4).for_each(|read| checker.read_called(OperationId(read), Time(0)));
    checker.write_acknowledged(NodeId(1), LogIndex(5), Term(1));
    checker.read_failed(OperationId(0));
    checker.read_returned(OperationId(0), NodeId(1), LogIndex(0), Time(1));
    checker.read_returned(OperationId(1), NodeId(1), LogIndex(3), Time(1));
    checker.read_returned(OperationId(2), NodeId(1), LogIndex(7), Time(1));
    assert!(!checker.has_found());
    checker.read_returned(OperationId(3), NodeId(1), LogIndex(2), Time(1));
    assert_eq!(checker.take_found()[0].index, Some(LogIndex(3)));
    checker.read_called(OperationId(4), Time(2));
    checker.read_returned(OperationId(4), NodeId(1), LogIndex(6), Time(2));
    assert_eq!(checker.take_found()[0].invariant, Invariant::LinearizableReads);
}
