//! The last value that is still in, and the first that is out: boundaries that no story above happens to touch.

use raft_core::{
    AppendOutcome, Configuration, Event, IgnoreReason, LogIndex, MessageKind, Node, NodeId, NodeSetup, Options,
    Persisted, ProposeError, ReadMode, ReadPosition, Role, Rpc, Rule, Rules, Snapshot, SnapshotOutcome, Term, Write,
    WriteNumber,
};

use crate::harness::{
    Cluster, Server, accepted, append, append_reply, appends, install, installed, matches_to, message, outcomes,
    received, snapshot_outcomes, snapshot_replied, vote,
};

/// Servers 2 and 3 follow server 1, whose log holds entries of `terms` and then its blank entry.
fn leader_of(term: u64, terms: &[u64], change: impl FnOnce(&mut Options)) -> Server {
    let mut leader = Server::with_log(1, 3, term - 1, terms).without(Rule::PreVote).options(change);
    leader.campaign();
    leader.step(vote(2, 1, term, true));
    assert_eq!(leader.node().role(), Role::Leader);
    leader
}

fn was_ignored(server: &Server, why: IgnoreReason) -> bool {
    server.told(|event| matches!(event, Event::MessageIgnored { reason, .. } if *reason == why))
}

/// Goal: a window in bytes is full when its limit is reached, and is given back by every acknowledgement.
#[test]
fn a_window_in_bytes_is_full_at_its_limit() {
    let command = "0123456789abcdef01234";
    for limit in [38, 74] {
        let mut leader = leader_of(1, &[], |options| options.max_inflight_bytes = limit);
        leader.step(accepted(2, 1, 1, 1));
        for round in 0..3 {
            let sent: Vec<_> = (0..3).map(|_| appends(&leader.propose(command).1).len()).collect();
            assert_eq!(sent, [1, 1, 0], "37 bytes each, at most {limit}, round {round}");
            let last = leader.node().log().last_index().0;
            assert_eq!(appends(&leader.step(accepted(2, 1, 1, last - 1))).len(), 1, "the one that waited");
            leader.step(accepted(2, 1, 1, last));
            assert_eq!(leader.node().progress()[0].inflight(), 0);
        }
    }
}

/// Goal: a rule that is off stays off when it is switched off again.
#[test]
fn a_rule_is_switched_off_once() {
    let off = Rules::SAFE.without(Rule::PreVote);
    assert_eq!(off.without(Rule::PreVote), off);
    assert_eq!(off.with(Rule::PreVote).with(Rule::PreVote), Rules::SAFE);
}

/// Goal: who is no voter does not count in a pre-vote, and is told apart from who was not asked.
#[test]
fn a_stranger_does_not_answer_a_pre_vote() {
    let mut server = Server::new(1, 3);
    server.campaign();
    assert_eq!(server.node().role(), Role::PreCandidate);
    let reply = Rpc::RequestVoteReply { granted: true, pre_vote: true };
    server.step(message(9, 1, 1, reply));
    assert!(was_ignored(&server, IgnoreReason::NotAMember));
    assert!(server.node().votes().iter().all(|(voter, _)| *voter != NodeId(9)));
}

/// Goal: a refusal with a conflicting term leads to the last place where the logs can meet: after the leader's own run of
/// that term, or, where the leader has none, before the follower's.
#[test]
fn a_conflicting_term_is_skipped_at_once() {
    let prev_after = |terms: &[u64], conflict_index: u64, conflict_term: u64| {
        let mut leader = leader_of(5, terms, |_| {});
        let outcome = AppendOutcome::Conflict {
            prev_log_index: LogIndex(5),
            conflict_index: LogIndex(conflict_index),
            conflict_term: Some(Term(conflict_term)),
        };
        let sent = leader.step(append_reply(2, 1, 5, outcome));
        appends(&sent)[0].prev_log_index.0
    };
    assert_eq!(prev_after(&[1, 1, 2, 2, 3], 2, 2), 4, "the leader's last entry of term 2");
    assert_eq!(prev_after(&[1, 1, 1, 3, 3], 3, 2), 2, "before the follower's first entry of term 2");
}

/// Goal: the voters that lack an entry are those that vote and are not known to hold it; only a leader knows.
#[test]
fn voters_that_lack_an_entry() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.isolate(&[3, 4]);
    let index = cluster.propose(1, "x");
    cluster.settle();
    assert_eq!(cluster.node(1).voters_lacking(index), [NodeId(3)], "not the learner, not who has exactly this much");
    assert!(cluster.node(2).voters_lacking(index).is_empty());
}

/// Goal: a follower believes the server that speaks as the leader of its term, whoever it followed before.
#[test]
fn a_follower_follows_who_speaks_as_leader() {
    let mut follower = Server::with_log(1, 3, 1, &[1]);
    for leader in [2, 3] {
        follower.step(append(leader, 1, 1, (1, 1), &[], 0));
        assert_eq!(follower.node().leader(), Some(NodeId(leader)));
    }
}

/// Goal: entries that reach over the end of a snapshot and contradict its last one cannot come from a correct server.
#[test]
fn entries_that_contradict_a_snapshot_are_set_aside() {
    let mut follower = Server::with_log(1, 3, 3, &[]);
    follower.step(install(2, 1, 3, (4, 2), 0, "", true));
    assert!(follower.step(append(2, 1, 3, (2, 1), &[1, 1, 3], 0)).is_empty());
    assert!(was_ignored(&follower, IgnoreReason::Impossible));
    assert_eq!(follower.node().log().last_index(), LogIndex(4));
    let sent = follower.step(append(2, 1, 3, (2, 1), &[1, 2, 3], 0));
    assert_eq!(outcomes(&sent), [matches_to(5)]);
}

/// Goal: the last entry of a snapshot has a term, too, and is compared by it.
#[test]
fn the_end_of_a_snapshot_is_checked_by_its_term() {
    let mut follower = Server::with_log(1, 3, 3, &[]);
    follower.step(install(2, 1, 3, (4, 2), 0, "", true));
    let sent = follower.step(append(2, 1, 3, (4, 1), &[3], 0));
    assert!(matches!(outcomes(&sent)[..], [AppendOutcome::Conflict { .. }]), "{sent:?}");
    assert_eq!(outcomes(&follower.step(append(2, 1, 3, (4, 2), &[3], 0))), [matches_to(5)]);
}

/// Goal: acknowledgements that wait for the disk are taken back for what was replaced, and for nothing else.
#[test]
fn only_acknowledgements_of_what_is_gone_are_taken_back() {
    let mut follower = Server::with_log(1, 3, 1, &[]);
    follower.slow_disk = true;
    for (prev, upto) in [(0, 1), (1, 2), (2, 3), (3, 4)] {
        let last = (prev, u64::from(prev > 0));
        assert!(follower.step(append(2, 1, 1, last, &[1], 0)).is_empty(), "{upto} waits");
    }
    follower.step(append(3, 1, 2, (2, 1), &[2], 0));
    let sent = follower.sync_all();
    let old: Vec<_> = sent.iter().filter(|message| message.to == NodeId(2)).cloned().collect();
    assert_eq!(outcomes(&old), [matches_to(1), matches_to(2)]);
    let new: Vec<_> = sent.iter().filter(|message| message.to == NodeId(3)).cloned().collect();
    assert_eq!(outcomes(&new), [matches_to(3)]);
}

/// Goal: only news makes a leader send the next piece of a snapshot: neither an answer that it has, nor one of before.
#[test]
fn an_old_answer_to_a_piece_moves_nothing() {
    let mut leader = leader_of(1, &[], |options| options.max_snapshot_chunk_bytes = 4);
    leader.step(accepted(3, 1, 1, 1));
    let last = leader.propose("a command that is longer than a piece").0.unwrap();
    leader.step(accepted(3, 1, 1, last.0));
    leader.compact(last.0).0.unwrap();
    let refusal =
        AppendOutcome::Conflict { prev_log_index: LogIndex(1), conflict_index: LogIndex(1), conflict_term: None };
    let pieces = |sent: &[raft_core::Message]| {
        let piece = |message: &raft_core::Message| match &message.rpc {
            Rpc::InstallSnapshot(piece) if message.to == NodeId(2) && !piece.data.is_empty() => Some(piece.offset),
            _ => None,
        };
        sent.iter().filter_map(piece).collect::<Vec<_>>()
    };
    let _ = leader.step(append_reply(2, 1, 1, refusal));
    let index = last.0;
    assert_eq!(leader.node().progress()[0].snapshot_bytes().map(|(sent, _)| sent), Some(0));
    assert_eq!(pieces(&leader.step(snapshot_replied(2, 1, 1, received(index, 4)))), [4]);
    assert_eq!(pieces(&leader.step(snapshot_replied(2, 1, 1, received(index, 8)))), [8]);
    assert!(pieces(&leader.step(snapshot_replied(2, 1, 1, received(index, 8)))).is_empty(), "the same again");
    assert!(pieces(&leader.step(snapshot_replied(2, 1, 1, received(index, 4)))).is_empty(), "one of before");
    assert_eq!(leader.node().progress()[0].snapshot_bytes().map(|(sent, _)| sent), Some(8));
}

/// Goal: what a leader inherits counts against the limit of what is uncommitted.
#[test]
fn inherited_entries_count_as_uncommitted() {
    let leader = |inherited: &[u64]| leader_of(2, inherited, |options| options.max_uncommitted_bytes = 60);
    assert!(leader(&[]).propose("x").0.is_ok());
    let full = leader(&[1, 1, 1, 1]).propose("x").0;
    assert!(matches!(full, Err(ProposeError::Busy { .. })), "{full:?}");
}

/// Goal: a snapshot may be as large as the limit says, in one piece or several, and not a byte larger.
#[test]
fn a_snapshot_may_be_as_large_as_the_limit() {
    let follower = || Server::with_log(1, 3, 3, &[]).options(|options| options.max_snapshot_bytes = 6);
    let mut exact = follower();
    assert_eq!(snapshot_outcomes(&exact.step(install(2, 1, 3, (4, 2), 0, "1 a", false))), [received(4, 3)]);
    assert_eq!(snapshot_outcomes(&exact.step(install(2, 1, 3, (4, 2), 3, "2 b", true))), [installed(4)]);
    let mut more = follower();
    assert_eq!(snapshot_outcomes(&more.step(install(2, 1, 3, (4, 2), 0, "1 a", false))), [received(4, 3)]);
    let sent = more.step(install(2, 1, 3, (4, 2), 3, "2 bb", true));
    assert_eq!(
        snapshot_outcomes(&sent),
        [SnapshotOutcome::Received { last_included_index: LogIndex(4), next_offset: 3 }]
    );
}

/// Goal: a disk that is asked to go back to an older snapshot keeps what it has.
#[test]
fn an_older_snapshot_changes_no_log() {
    let configuration = Configuration::of_voters([1, 2, 3].map(NodeId));
    let mut disk = Persisted::bootstrap(configuration.clone());
    let snapshot = |index| Snapshot {
        last_included_index: LogIndex(index),
        last_included_term: Term(1),
        configuration: configuration.clone().into(),
        data: b"".as_slice().into(),
    };
    for index in [7, 3] {
        let snapshot = Some(snapshot(index));
        disk.apply(&Write { number: WriteNumber(1), hard_state: None, snapshot, append: None });
        assert_eq!(disk.log.last_included_index(), LogIndex(7));
    }
}

/// Goal: a leader steps down at the very tick, also when that comes between two heartbeats.
#[test]
fn a_deadline_between_two_heartbeats_is_announced() {
    let mut leader = leader_of(1, &[], |options| {
        options.heartbeat_interval.0 = 50;
        options.election_timeout_min.0 = 120;
    });
    let mut waits = Vec::new();
    while leader.node().role().is_leader() {
        let wait = leader.node().ticks_until_deadline().0;
        waits.push(wait);
        leader.tick(wait);
    }
    assert_eq!(waits, [50, 50, 20]);
}

/// Goal: without drift a lease lasts exactly until two ticks before the shortest election timeout.
#[test]
fn a_lease_between_exact_clocks_has_a_last_tick() {
    let mut cluster = Cluster::new(3).options(|options| options.lease_drift_permille = Some(0));
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    cluster.isolate(&[1]);
    let timeout = cluster.server(1).setup.options.election_timeout_min.0;
    cluster.tick(1, timeout - 3);
    assert!(cluster.node(1).has_lease());
    cluster.tick(1, 1);
    assert!(!cluster.node(1).has_lease());
}

/// Goal: a learner has caught up while it is quicker than an election timeout, and no longer from that very tick on.
#[test]
fn a_learner_has_an_election_timeout_to_catch_up() {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 3);
    let state = |cluster: &Cluster| {
        let progress = cluster.node(1).progress().iter().find(|peer| peer.id() == NodeId(4)).unwrap();
        progress.catch_up().unwrap().is_caught_up
    };
    assert!(state(&cluster), "there is nothing that it lacks");
    let timeout = cluster.server(1).setup.options.election_timeout_min.0;
    cluster.heartbeats(1, 20);
    assert!(state(&cluster), "time alone changes nothing");
    // While it takes in one entry the next one comes: a round begins that does not end.
    cluster.propose(1, "x");
    cluster.deliver_one(MessageKind::AppendEntries, 1, 4);
    cluster.propose(1, "y");
    cluster.deliver_one(MessageKind::AppendEntriesReply, 4, 1);
    cluster.isolate(&[4]);
    cluster.settle();
    let mut waited = 0;
    while waited < timeout {
        assert!(state(&cluster), "after {waited} ticks");
        let step = cluster.node(1).ticks_until_deadline().0.min(timeout - waited);
        cluster.tick(1, step);
        cluster.settle();
        waited += step;
    }
    assert!(!state(&cluster));
}

/// Goal: answers that come a heartbeat late keep a lease, and rounds that are answered are forgotten.
#[test]
fn late_answers_keep_a_lease_and_leave_nothing_behind() {
    let mut cluster = Cluster::new(3).options(|options| options.lease_drift_permille = Some(0));
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    let mut longest = 0;
    for beat in 0..200 {
        cluster.heartbeat(1);
        let waiting = cluster.network.split_off(cluster.network.len() - 2);
        cluster.settle();
        cluster.network = waiting;
        assert!(cluster.node(1).has_lease(), "heartbeat {beat}");
        let length = format!("{:?}", cluster.node(1)).len();
        if beat < 10 {
            longest = longest.max(length);
        }
        assert!(length < longest + 40, "heartbeat {beat}: {length} instead of {longest}");
    }
}

/// Goal: a question of a follower that is open is not taken in twice, nor one beyond the limit.
#[test]
fn a_leader_takes_a_followers_question_once() {
    let mut leader = leader_of(1, &[], |options| options.max_pending_reads = 2);
    leader.step(accepted(2, 1, 1, 1));
    leader.step(accepted(3, 1, 1, 1));
    let ask = |from, position| message(from, 1, 1, Rpc::ReadIndex { upto: ReadPosition(position) });
    assert!(!leader.step(ask(2, 1)).is_empty(), "it asks around");
    assert!(!was_ignored(&leader, IgnoreReason::Outdated));
    leader.step(ask(2, 1));
    assert!(was_ignored(&leader, IgnoreReason::Outdated), "the same again");
    assert!(leader.read(7, ReadMode::ReadIndex).0.is_ok(), "there is room for one more");
    leader.events.clear();
    leader.step(ask(3, 1));
    assert!(was_ignored(&leader, IgnoreReason::Outdated), "now there is none");
    assert!(!leader.told(|event| matches!(event, Event::MessageIgnored { kind: MessageKind::AppendEntries, .. })));
}

/// Goal: servers with other seeds are other servers, also by their hash.
#[test]
fn another_seed_is_another_server() {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let hash = |seed| {
        let disk = Persisted::bootstrap(Configuration::of_voters([NodeId(1), NodeId(2)]));
        let setup = NodeSetup { seed, ..NodeSetup::new(NodeId(1)) };
        let mut node = Node::new(setup, disk).unwrap();
        node.set_rules(Rules::SAFE);
        let mut hasher = DefaultHasher::new();
        node.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}
