//! Dissertation §6.4: reads that do not go through the log, at a leader.

use insta::assert_snapshot;
use raft_core::{
    Event, LogIndex, Message, MessageKind, NodeId, ReadAbort, ReadBlock, ReadError, ReadId, ReadMode, ReadOutcome,
    Role, Round, Rpc, Rule, Term,
};

use crate::harness::{Cluster, Server, accepted, append, appends, ids, is, on_link, vote};

/// A quiet cluster that server 1 leads.
fn led_by_1(size: u64) -> Cluster {
    let mut cluster = Cluster::new(size);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.delivered.clear();
    cluster.transcript.clear();
    cluster
}

fn read(cluster: &mut Cluster, id: u64, read: u64) {
    cluster.read(id, read, ReadMode::ReadIndex);
}

/// Goal: a read at the leader: a round of heartbeats, and a quorum of answers.
#[test]
fn transcript_read_index() {
    let mut cluster = led_by_1(3);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.transcript.clear();
    cluster.say("two clients read at S1");
    cluster.act(1, |server| {
        server.run(|node| {
            node.read_index(ReadId(1), ReadMode::ReadIndex).unwrap();
            node.read_index(ReadId(2), ReadMode::ReadIndex).unwrap();
        })
    });
    cluster.settle();
    cluster.say("a client reads at S3");
    read(&mut cluster, 3, 3);
    cluster.settle();
    assert_eq!(cluster.server(1).servable(), [(1, 2), (2, 2)]);
    assert_eq!(cluster.server(3).servable(), [(3, 2)]);
    assert_snapshot!(cluster.transcript);
}

/// Goal: a new leader does not know what is committed: reads wait until it has committed its no-op (§8).
#[test]
fn dissertation_6_4_a_read_waits_for_the_no_op() {
    let mut leader = Server::with_log(1, 3, 1, &[1, 1]).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 2, true));
    leader.read(7, ReadMode::ReadIndex).0.unwrap();
    assert_eq!(leader.node().read_block(), Some(ReadBlock::NothingCommitted { term: Term(2) }));
    assert!(leader.told(|event| *event == Event::ReadWaiting(ReadBlock::NothingCommitted { term: Term(2) })));
    // The round is answered, but what it answers for is unknown.
    let Round(round) = round_of(&leader.tick(50));
    leader.step(answer(2, 2, round, 2));
    assert!(leader.reads.is_empty());
    leader.step(accepted(2, 1, 2, 3));
    assert_eq!(leader.servable(), [(7, 3)]);
}

/// The round that the `AppendEntries` in `sent` carry.
fn round_of(sent: &[Message]) -> Round {
    appends(sent).last().expect("a heartbeat was sent").round
}

/// Server `from` answers server 1 in `term`, to something sent in `round`.
fn answer(from: u64, term: u64, round: u64, match_index: u64) -> Message {
    let mut message = accepted(from, 1, term, match_index);
    if let Rpc::AppendEntriesReply { round: answered, .. } = &mut message.rpc {
        *answered = Round(round);
    }
    message
}

/// Goal: a leader without any entry of its term refuses: nothing would ever answer the read.
#[test]
fn dissertation_6_4_a_read_needs_an_entry_of_the_term() {
    let mut cluster = Cluster::with_logs(1, &[&[1], &[1], &[1]]).without(Rule::NoOp);
    cluster.elect(1);
    let refusal = Err(ReadError::NothingOwn { term: Term(2) });
    assert_eq!(cluster.server_mut(1).read(7, ReadMode::ReadIndex).0, refusal);
    assert_eq!(cluster.server_mut(1).read(7, ReadMode::Lease).0, refusal);
    cluster.propose(1, "x");
    read(&mut cluster, 1, 7);
    cluster.settle();
    assert_eq!(cluster.server(1).servable(), [(7, 2)]);
}

/// Goal: the index of a read is what was committed when it began, not what is when it ends.
#[test]
fn dissertation_6_4_the_index_is_that_of_the_beginning() {
    let mut cluster = led_by_1(3);
    read(&mut cluster, 1, 7);
    let round = cluster.network.drain(..).collect::<Vec<_>>();
    cluster.propose(1, "x");
    while cluster.deliver(on_link(1, 3)) || cluster.deliver(on_link(3, 1)) {}
    // What carried the entry was sent after the round had begun, so its answer proves the leadership, too.
    assert_eq!(cluster.commit(1), 2);
    assert_eq!(cluster.server(1).servable(), [(7, 1)]);
    assert_eq!(round.len(), 2);
}

/// Goal: the state machine must have caught up with the index before the read is served.
#[test]
fn dissertation_6_4_a_read_waits_for_the_state_machine() {
    let mut cluster = led_by_1(3);
    cluster.server_mut(1).slow_machine = true;
    cluster.propose(1, "x");
    cluster.settle();
    read(&mut cluster, 1, 7);
    cluster.settle();
    assert!(cluster.server(1).reads.is_empty());
    let block = ReadBlock::NotApplied { read_index: LogIndex(2), last_applied: LogIndex(1) };
    assert_eq!(cluster.node(1).read_block(), Some(block));
    cluster.act(1, Server::catch_up);
    assert_eq!(cluster.server(1).servable(), [(7, 2)]);
    assert_eq!(cluster.node(1).read_block(), None);
}

/// Goal: all reads that wait share a round; one that comes after it began needs the next one.
#[test]
fn dissertation_6_4_reads_share_a_round() {
    let mut cluster = led_by_1(5);
    cluster.act(1, |server| {
        server.run(|node| (0..100).for_each(|id| node.read_index(ReadId(id), ReadMode::ReadIndex).unwrap()))
    });
    assert_eq!(cluster.network.len(), 4, "one message to each follower");
    read(&mut cluster, 1, 100);
    assert_eq!(cluster.network.len(), 8);
    let ReadBlock::NoQuorum { have, need } = cluster.node(1).read_block().unwrap() else { panic!("no quorum yet") };
    assert_eq!((have, need), (1, 3));
    // Two followers answer the first round.
    for follower in [2, 3] {
        cluster.deliver_one(MessageKind::AppendEntries, 1, follower);
        cluster.deliver_one(MessageKind::AppendEntriesReply, follower, 1);
    }
    assert_eq!(cluster.server(1).servable().len(), 100);
    // Only an answer to the second one serves the last read.
    cluster.deliver_one(MessageKind::AppendEntries, 1, 4);
    cluster.deliver_one(MessageKind::AppendEntriesReply, 4, 1);
    assert_eq!(cluster.server(1).servable().len(), 100);
    cluster.settle();
    assert_eq!(cluster.server(1).servable().len(), 101);
}

/// Goal: a late or repeated answer to an older round proves nothing about a newer one.
#[test]
fn dissertation_6_4_old_answers_prove_nothing() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    let Round(old) = round_of(&leader.tick(50));
    let (_, sent) = leader.read(7, ReadMode::ReadIndex);
    let Round(new) = round_of(&sent);
    assert!(new > old);
    for round in [0, old, old, new + 1, u64::MAX] {
        leader.step(answer(2, 1, round, 1));
        leader.step(answer(3, 1, round, 1));
        assert!(leader.reads.is_empty(), "an answer to round {round} of {new}");
    }
    leader.step(answer(3, 1, new, 1));
    assert_eq!(leader.servable(), [(7, 1)]);
}

/// Goal: a refusal of entries proves leadership as well as an acceptance: the follower is in the leader's term.
#[test]
fn dissertation_6_4_a_refusal_proves_leadership() {
    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.step(accepted(2, 1, 1, 1));
    let (_, sent) = leader.read(7, ReadMode::ReadIndex);
    let round = round_of(&sent);
    let outcome = raft_core::AppendOutcome::Conflict {
        prev_log_index: LogIndex(0),
        conflict_index: LogIndex(1),
        conflict_term: None,
    };
    leader.step(crate::harness::message(3, 1, 1, Rpc::AppendEntriesReply { outcome, round }));
    assert_eq!(leader.servable(), [(7, 1)]);
}

/// Goal: a leader that was deposed without knowing it never answers from the past; without the rule it does.
#[test]
fn rule_read_index_off_a_deposed_leader_answers() {
    for rule_off in [false, true] {
        let mut cluster = Cluster::new(3);
        if rule_off {
            cluster = cluster.without(Rule::ReadIndex);
        }
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        cluster.isolate(&[1]);
        cluster.elect(2);
        let written = cluster.propose(2, "x").0;
        cluster.settle();
        assert!(cluster.commit(2) >= written, "the write is acknowledged");
        assert_eq!(cluster.leaders(), [1, 2]);
        read(&mut cluster, 1, 7);
        cluster.settle();
        cluster.run(100);
        let answers = cluster.server(1).servable();
        assert_eq!(answers, if rule_off { vec![(7, 1)] } else { vec![] });
        cluster.run(100);
        let reads = &cluster.server(1).reads;
        let lost = ReadOutcome::Aborted(ReadAbort::LeadershipLost);
        assert_eq!(reads.iter().any(|read| read.outcome == lost), !rule_off);
    }
}

/// Goal: reads that nobody will answer are given up when the leadership ends, in whatever way, and each ends once.
#[test]
fn dissertation_6_4_reads_end_with_the_leadership() {
    let ends: [fn(&mut Cluster); 3] = [
        |cluster| cluster.act(1, |server| server.step(append(2, 1, 9, (1, 1), &[], 0))),
        |cluster| cluster.tick(1, 200),
        |cluster| {
            cluster.transfer(1, 2);
            cluster.heal();
            cluster.settle();
        },
    ];
    for end in ends {
        let mut cluster = led_by_1(3);
        cluster.isolate(&[1]);
        read(&mut cluster, 1, 7);
        read(&mut cluster, 1, 8);
        cluster.network.clear();
        end(&mut cluster);
        assert_eq!(cluster.node(1).role(), Role::Follower);
        let aborted: Vec<_> = cluster.server(1).reads.iter().map(|read| (read.id.0, read.outcome)).collect();
        let lost = ReadOutcome::Aborted(ReadAbort::LeadershipLost);
        assert_eq!(aborted, [(7, lost), (8, lost)]);
    }
}

/// Goal: a read whose index is known only waits for the state machine: it is served even after the leadership has ended.
#[test]
fn dissertation_6_4_a_confirmed_read_outlives_the_leadership() {
    let mut cluster = led_by_1(3);
    cluster.server_mut(1).slow_machine = true;
    cluster.propose(1, "x");
    cluster.settle();
    read(&mut cluster, 1, 7);
    cluster.settle();
    cluster.act(1, |server| server.step(append(2, 1, 9, (2, 1), &[], 0)));
    assert!(cluster.server(1).reads.is_empty());
    cluster.act(1, Server::catch_up);
    assert_eq!(cluster.server(1).servable(), [(7, 2)]);
}

/// Goal: a single server proves its leadership to itself, without a message.
#[test]
fn dissertation_6_4_a_single_server_answers_at_once() {
    let mut server = Server::new(1, 1);
    assert_eq!(server.read(7, ReadMode::ReadIndex).0, Err(ReadError::NoLeader));
    server.campaign();
    let (result, sent) = server.read(7, ReadMode::ReadIndex);
    assert_eq!((result, sent.len()), (Ok(()), 0));
    assert_eq!(server.servable(), [(7, 1)]);
}

/// Goal: answers of learners prove nothing, and in C_old,new both majorities must answer.
#[test]
fn dissertation_6_4_who_proves_leadership() {
    let mut cluster = Cluster::with_learners(3, 2);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.isolate(&[2, 3]);
    read(&mut cluster, 1, 7);
    cluster.settle();
    assert!(cluster.server(1).reads.is_empty(), "only learners answered");
    cluster.heal();
    cluster.heartbeats(1, 2);
    let voters = ids([1, 4, 5]).collect();
    cluster.change(1, &raft_core::MembershipChange::Replace { voters, learners: vec![] });
    cluster.network.clear();
    read(&mut cluster, 1, 8);
    for follower in [2, 3] {
        cluster.deliver_one(MessageKind::AppendEntries, 1, follower);
        cluster.deliver_one(MessageKind::AppendEntriesReply, follower, 1);
    }
    assert_eq!(cluster.server(1).servable().len(), 1, "the majority of C_old is not enough");
    cluster.deliver_one(MessageKind::AppendEntries, 1, 4);
    cluster.deliver_one(MessageKind::AppendEntriesReply, 4, 1);
    assert_eq!(cluster.server(1).servable().len(), 2);
}

/// Goal: there is a limit, and what is refused changes nothing.
#[test]
fn dissertation_6_4_too_many_reads() {
    let mut cluster = Cluster::new(3).options(|options| options.max_pending_reads = 3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    for id in [1, 2] {
        for name in 0..3 {
            read(&mut cluster, id, name);
        }
        let before = cluster.node(id).clone();
        for mode in [ReadMode::ReadIndex, ReadMode::Lease] {
            assert_eq!(cluster.server_mut(id).read(9, mode).0, Err(ReadError::Busy { limit: 3 }));
        }
        assert_eq!(cluster.node(id), &before);
        cluster.settle();
        cluster.heartbeats(1, 3);
        assert_eq!(cluster.server(id).servable().len(), 3, "at {id}");
        read(&mut cluster, id, 4);
        cluster.settle();
    }
}

/// Goal: who gets the leader's snapshot answers its rounds, too.
#[test]
fn dissertation_6_4_followers_that_get_a_snapshot_prove_leadership() {
    let mut cluster = led_by_1(3);
    cluster.server_mut(1).setup.options.max_snapshot_chunk_bytes = 1;
    cluster.isolate(&[3]);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.compact(1, 2);
    cluster.heal();
    cluster.crash(2);
    cluster.heartbeat(1);
    while !cluster.network.iter().any(is(MessageKind::InstallSnapshot, 1, 3)) {
        assert!(cluster.deliver(|_| true));
    }
    cluster.network.clear();
    read(&mut cluster, 1, 7);
    cluster.deliver_one(MessageKind::InstallSnapshot, 1, 3);
    cluster.deliver_one(MessageKind::InstallSnapshotReply, 3, 1);
    assert_eq!(cluster.server(1).servable(), [(7, 2)]);
    assert_eq!(cluster.node(3).leader(), Some(NodeId(1)));
}
