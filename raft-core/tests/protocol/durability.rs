//! Persist before send, restart, and disks that are slow.

use std::sync::Arc;

use raft_core::{
    Append, AppendOutcome, Configuration, HardState, LogIndex, Message, Node, NodeId, NodeSetup, Persisted,
    PersistedError, Ready, Role, Rpc, Rule, SetupError, Snapshot, Term, Write, WriteNumber,
};

use crate::harness::{
    Cluster, Server, accepted, append, appends, entry, granted, install, matches_to, outcomes, request_vote, vote,
};

fn with_slow_disk(mut server: Server) -> Server {
    server.slow_disk = true;
    server
}

/// Goal: a vote leaves only after it is durable.
#[test]
fn persist_before_send_a_vote_waits_for_the_disk() {
    let mut voter = with_slow_disk(Server::new(1, 3));
    assert!(voter.step(request_vote(2, 1, 1, (0, 0))).is_empty());
    // Asked again, the node still has nothing it may say.
    assert!(voter.step(request_vote(2, 1, 1, (0, 0))).is_empty());
    let sent = voter.sync_all();
    assert_eq!(sent.len(), 2);
    assert_eq!(granted(&sent[..1]), Some(true));
    assert_eq!(voter.disk.hard_state, HardState { current_term: Term(1), voted_for: Some(NodeId(2)) });
}

/// Goal: no message of a new term leaves before that term is durable, not even a refusal.
#[test]
fn persist_before_send_a_refusal_waits_for_the_term() {
    let mut voter = with_slow_disk(Server::with_log(1, 3, 1, &[1]));
    assert!(voter.step(request_vote(2, 1, 5, (0, 0))).is_empty());
    let sent = voter.sync_all();
    assert_eq!(granted(&sent), Some(false));
    assert_eq!(sent[0].term, Term(5));
}

/// Goal: a candidate asks for votes, and counts its own, only when its own vote is durable.
#[test]
fn persist_before_send_a_candidate_votes_for_itself_first() {
    let mut candidate = with_slow_disk(Server::new(1, 3).without(Rule::PreVote));
    assert!(candidate.campaign().is_empty());
    assert!(candidate.node().votes().is_empty());
    candidate.step(vote(2, 1, 1, true));
    assert_eq!(candidate.node().role(), Role::Candidate);
    let sent = candidate.sync_all();
    assert!(candidate.node().role().is_leader());
    assert!(sent.iter().any(|message| matches!(message.rpc, Rpc::RequestVote(_))));
}

/// Goal: an acknowledgement leaves only after the entries are durable; a crash before loses both.
#[test]
fn persist_before_send_an_acknowledgement_waits_for_the_entries() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[]));
    assert!(follower.step(append(2, 1, 1, (0, 0), &[1, 1], 0)).is_empty());
    assert_eq!(follower.node().durable_index(), LogIndex(0));
    assert_eq!(outcomes(&follower.clone().sync_all()), [matches_to(2)]);
    follower.crash();
    follower.start();
    assert!(follower.terms().is_empty());
}

/// Goal: without the rule the acknowledgement leaves at once, and a crash breaks the promise.
#[test]
fn rule_persist_log_off_acknowledges_what_is_not_durable() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[])).without(Rule::PersistLog);
    let sent = follower.step(append(2, 1, 1, (0, 0), &[1, 1], 0));
    assert_eq!(outcomes(&sent), [matches_to(2)]);
    follower.crash();
    follower.start();
    assert!(follower.terms().is_empty());
}

/// Goal: what is durable already is acknowledged at once, also while other writes are on their way.
#[test]
fn persist_before_send_known_entries_need_no_second_write() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[1, 1]));
    follower.step(append(2, 1, 1, (2, 1), &[1], 0));
    assert_eq!(follower.unsynced.len(), 1);
    let sent = follower.step(append(2, 1, 1, (0, 0), &[1, 1], 0));
    assert_eq!(outcomes(&sent), [matches_to(2)]);
}

/// Goal: a leader sends entries before its own disk has them, but counts itself only afterwards.
#[test]
fn persist_before_send_a_leader_counts_itself_when_durable() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    leader.slow_disk = true;
    let (index, sent) = leader.propose("x");
    assert_eq!(appends(&sent).len(), 1, "to server 2; server 3 has a probe to answer");
    leader.step(accepted(2, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(1), "one copy of three is durable");
    leader.sync_all();
    assert_eq!(Ok(leader.node().commit_index()), index);
}

/// Goal: followers alone may form the quorum; the leader applies only what its own disk holds.
#[test]
fn persist_before_send_a_leader_may_commit_before_it_is_durable_itself() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    leader.step(accepted(3, 1, 1, 1));
    leader.slow_disk = true;
    leader.propose("x").0.unwrap();
    leader.step(accepted(2, 1, 1, 2));
    leader.step(accepted(3, 1, 1, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(2));
    assert!(leader.commands().is_empty());
    leader.sync_all();
    assert_eq!(leader.commands(), ["x"]);
}

/// Goal: an acknowledgement of entries that were replaced before they were durable is never sent.
#[test]
fn persist_before_send_a_replaced_entry_is_not_acknowledged() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[1]));
    follower.step(append(2, 1, 1, (1, 1), &[1, 1], 0));
    follower.step(append(3, 1, 2, (1, 1), &[2], 0));
    let sent = follower.sync_all();
    let to_new_leader: Vec<&Message> = sent.iter().filter(|message| message.to == NodeId(3)).collect();
    assert_eq!(sent.len(), to_new_leader.len());
    assert_eq!(outcomes(&sent), [matches_to(2)]);
    assert_eq!(follower.disk.log, *follower.node().log());
}

/// Goal: entries that are put back in the form they once had are not durable before the last of these writes is.
/// Method: entries 2 and 3 are written, replaced, and put back, with all three writes on their way. When the first is
/// durable the disk holds the right entries, but the second will remove them again, and a crash may come in between.
#[test]
fn persist_before_send_entries_that_come_back_wait_for_the_last_write() {
    let mut follower = with_slow_disk(Server::with_log(1, 5, 1, &[1]));
    follower.step(append(2, 1, 1, (1, 1), &[1, 1], 0));
    follower.step(append(3, 1, 2, (1, 1), &[2], 0));
    follower.step(append(4, 1, 3, (1, 1), &[1, 1], 0));
    assert_eq!(follower.unsynced.len(), 3);
    let mut acknowledged = follower.sync(1);
    acknowledged.extend(follower.step(append(4, 1, 3, (1, 1), &[1, 1], 0)));
    assert_eq!(follower.node().durable_index(), LogIndex(1));
    assert!(!outcomes(&acknowledged).contains(&matches_to(3)));
    acknowledged = follower.sync(1);
    assert!(!outcomes(&acknowledged).contains(&matches_to(3)));
    acknowledged = follower.sync(1);
    assert!(outcomes(&acknowledged).contains(&matches_to(3)));
    assert_eq!(follower.disk.log, *follower.node().log());
}

/// Goal: several writes may be on their way; each releases what waited for it, and a late one releases all before it.
#[test]
fn persist_before_send_writes_complete_in_order() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[]));
    for prev in 0..3 {
        follower.step(append(2, 1, 1, (prev, prev.min(1)), &[1], 0));
    }
    assert_eq!(follower.unsynced.len(), 3);
    assert_eq!(outcomes(&follower.clone().sync(1)), [matches_to(1)]);
    assert_eq!(outcomes(&follower.sync_all()), [matches_to(1), matches_to(2), matches_to(3)]);
}

/// Goal: a number that was never handed out, or that is known already, changes nothing.
#[test]
fn on_persisted_ignores_numbers_that_mean_nothing() {
    let mut voter = with_slow_disk(Server::new(1, 3));
    voter.step(request_vote(2, 1, 1, (0, 0)));
    let handed_out = voter.unsynced[0].number;
    for number in [0, handed_out.0 + 1, u64::MAX] {
        assert!(voter.run(|node| node.on_persisted(WriteNumber(number))).is_empty());
    }
    assert_eq!(voter.sync_all().len(), 1);
    assert!(voter.run(|node| node.on_persisted(handed_out)).is_empty());
}

/// Goal: term and vote travel in one write, so that half of them can never be on the disk.
#[test]
fn persist_term_and_vote_are_one_write() {
    let mut voter = with_slow_disk(Server::new(1, 3));
    voter.step(request_vote(2, 1, 4, (0, 0)));
    let [write] = voter.unsynced.make_contiguous() else { panic!("one write") };
    assert_eq!(write.hard_state, Some(HardState { current_term: Term(4), voted_for: Some(NodeId(2)) }));
    assert_eq!(write.append, None);
}

/// Goal: what is on the disk equals what is in memory, after every write of a long life.
#[test]
fn persist_the_disk_follows_the_node() {
    let mut cluster = Cluster::new(3);
    for round in 0..8 {
        let gone = round % 3 + 1;
        cluster.isolate(&[gone]);
        cluster.run(700);
        for leader in cluster.leaders() {
            cluster.propose(leader, "x");
        }
        cluster.run(60);
        cluster.heal();
        for id in cluster.ids() {
            let server = cluster.server(id);
            assert_eq!(server.disk.log, *server.node().log());
            assert_eq!(server.disk.hard_state.current_term, server.node().current_term());
            assert_eq!(server.disk.hard_state.voted_for, server.node().voted_for());
        }
    }
}

/// Goal: a cluster that lost power as a whole goes on where it was.
#[test]
fn restart_of_the_whole_cluster_keeps_what_was_committed() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.settle();
    for id in cluster.ids() {
        cluster.crash(id);
    }
    for id in cluster.ids() {
        cluster.restart(id);
    }
    cluster.run(1_000);
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x"], "at {id}");
    }
}

/// Goal: a node does not start from a damaged disk, and says what is wrong.
#[test]
fn restart_refuses_a_damaged_disk() {
    let start = |disk: Persisted| Node::new(raft_core::NodeSetup::new(NodeId(1)), disk).unwrap_err();
    let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
    let entries = [3, 2].into_iter().map(entry).collect();
    disk.apply(&Write {
        number: WriteNumber(1),
        hard_state: None,
        snapshot: None,
        append: Some(Append { first_index: LogIndex(1), entries }),
    });
    let error = start(disk);
    assert_eq!(error, SetupError::Persisted(PersistedError::TermsDecrease { index: LogIndex(2) }));
    assert!(error.to_string().contains("entry 2"));

    let mut disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1)]));
    disk.hard_state.current_term = Term(u64::MAX);
    let term = Term(u64::MAX);
    assert_eq!(start(disk), SetupError::Persisted(PersistedError::TermTooHigh { term }));
}

/// Goal: the highest index and the highest term that there are may stand on a disk, and nothing beyond them.
#[test]
fn restart_accepts_the_highest_index_and_term() {
    let start = |index: LogIndex, term: Term| {
        let configuration = Arc::new(Configuration::of_voters([NodeId(1)]));
        let mut disk = Persisted::bootstrap(Configuration::clone(&configuration));
        let data = b"".as_slice().into();
        let snapshot = Snapshot { last_included_index: index, last_included_term: Term(1), configuration, data };
        let hard_state = HardState { current_term: term, voted_for: None };
        let (hard_state, snapshot) = (Some(hard_state), Some(snapshot));
        disk.apply(&Write { number: WriteNumber(1), hard_state, snapshot, append: None });
        Node::new(NodeSetup::new(NodeId(1)), disk).map(drop)
    };
    let (index, term) = (LogIndex(LogIndex::MAX.0 + 1), Term(Term::MAX.0 + 1));
    assert_eq!(start(LogIndex::MAX, Term::MAX), Ok(()));
    assert_eq!(start(index, Term::MAX), Err(SetupError::Persisted(PersistedError::IndexTooHigh { index })));
    assert_eq!(start(LogIndex::MAX, term), Err(SetupError::Persisted(PersistedError::TermTooHigh { term })));
}

/// Goal: a write that was asked for before a candidate voted for itself says nothing about that vote when it is durable.
#[test]
fn persist_before_send_an_older_write_does_not_carry_the_vote() {
    let mut server = with_slow_disk(Server::with_log(1, 3, 1, &[])).without(Rule::PreVote);
    server.step(append(2, 1, 1, (0, 0), &[1], 0));
    server.campaign();
    assert_eq!(server.unsynced.len(), 2, "the entry, and the vote");
    server.step(vote(3, 1, 2, true));
    server.sync(1);
    assert_eq!(server.node().role(), Role::Candidate, "its own vote may still be lost");
    server.sync(1);
    assert_eq!(server.node().role(), Role::Leader);
}

/// Goal: entries that came and were compacted between two writes are not part of the next one; those after them are.
#[test]
fn a_write_begins_after_the_snapshot_that_it_carries() {
    let disk = Persisted::bootstrap(Configuration::of_voters([1, 2, 3].map(NodeId)));
    for compacted in [1, 2, 3] {
        let mut disk = disk.clone();
        let mut ready = Ready::default();
        let mut node = Node::new(NodeSetup::new(NodeId(1)), disk.clone()).unwrap();
        node.step(append(2, 1, 1, (0, 0), &[1, 1, 1], 0));
        node.step(install(2, 1, 1, (compacted, 1), 0, "", true));
        node.drain_into(&mut ready);
        disk.apply(&ready.write.expect("much has changed"));
        assert_eq!(disk.log, *node.log(), "compacted up to {compacted}");
        assert_eq!(disk.log.last_index(), LogIndex(3));
        assert_eq!(disk.log.last_included_index(), LogIndex(compacted));
    }
}

/// Goal: a write that only shortens the log is a write, too.
#[test]
fn persist_a_shorter_log() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[1, 1, 1])).without(Rule::TruncateOnConflict);
    follower.step(append(2, 1, 1, (0, 0), &[1], 0));
    let append = follower.unsynced[0].append.clone().expect("the log changed");
    assert_eq!((append.first_index, append.entries.len()), (LogIndex(2), 0));
    follower.sync_all();
    assert_eq!(follower.disk.log.last_index(), LogIndex(1));
}

/// Goal: an answer to a leader that is deposed meanwhile still carries the old term, so nobody can take it for a new one.
#[test]
fn persist_before_send_a_late_answer_keeps_its_term() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[]));
    follower.step(append(2, 1, 1, (0, 0), &[1], 0));
    follower.step(request_vote(3, 1, 2, (9, 1)));
    let sent = follower.sync_all();
    for message in &sent {
        match message.rpc {
            Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { .. }, .. } => {
                assert_eq!(message.term, Term(1));
            }
            _ => assert_eq!(message.term, Term(2)),
        }
    }
}
