//! Dissertation §6.4: reads at followers and learners, who ask the leader.

use raft_core::{
    LogIndex, Message, MessageKind, ReadAbort, ReadBlock, ReadError, ReadId, ReadMode, ReadOutcome, ReadPosition, Rpc,
};

use crate::harness::{Cluster, is, message, on_link};

/// A quiet cluster of three voters and a learner, server 4, that server 1 leads.
fn led_by_1() -> Cluster {
    let mut cluster = Cluster::with_learners(3, 1);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.delivered.clear();
    cluster
}

fn read(cluster: &mut Cluster, id: u64, read: u64) {
    cluster.read(id, read, ReadMode::ReadIndex);
}

/// How the reads at a server ended that were given up.
fn aborted(cluster: &Cluster, id: u64) -> Vec<(u64, ReadAbort)> {
    let why = |read: &raft_core::Read| match read.outcome {
        ReadOutcome::Aborted(why) => Some((read.id.0, why)),
        ReadOutcome::Servable { .. } => None,
    };
    cluster.server(id).reads.iter().filter_map(why).collect()
}

/// Goal: a follower, and a learner, serve reads that see everything acknowledged before they began.
#[test]
fn dissertation_6_4_reads_at_followers_and_learners() {
    for id in [2, 3, 4] {
        let mut cluster = led_by_1();
        cluster.propose(1, "x");
        // The others hold it; this server does not even know that it exists.
        cluster.drop_all(on_link(1, id));
        cluster.settle();
        read(&mut cluster, id, 7);
        assert_eq!(cluster.node(id).read_block(), Some(ReadBlock::NoAnswer { leader: raft_core::NodeId(1) }));
        cluster.settle();
        assert!(cluster.server(id).reads.is_empty(), "server {id} knows the index, and has not applied it");
        let block = ReadBlock::NotApplied { read_index: LogIndex(2), last_applied: LogIndex(1) };
        assert_eq!(cluster.node(id).read_block(), Some(block));
        cluster.heartbeats(1, 3);
        assert_eq!(cluster.server(id).servable(), [(7, 2)], "at {id}");
        assert_eq!(cluster.server(id).commands(), ["x"]);
    }
}

/// Goal: a follower asks about all its reads at once, one question at a time.
#[test]
fn dissertation_6_4_followers_ask_for_many_reads_at_once() {
    let mut cluster = led_by_1();
    cluster.act(2, |server| {
        server.run(|node| (0..50).for_each(|id| node.read_index(ReadId(id), ReadMode::ReadIndex).unwrap()))
    });
    (50..60).for_each(|id| read(&mut cluster, 2, id));
    assert_eq!(cluster.network.iter().filter(|message| message.kind() == MessageKind::ReadIndex).count(), 1);
    cluster.settle();
    let questions = cluster.delivered.iter().filter(|message| message.kind() == MessageKind::ReadIndex);
    assert_eq!(questions.count(), 2, "the second one for all that came meanwhile");
    let names: Vec<_> = cluster.server(2).servable().iter().map(|&(name, _)| name).collect();
    assert!(names.into_iter().eq(0..60));
}

/// Goal: a follower without a leader refuses.
#[test]
fn dissertation_6_4_nobody_to_ask() {
    let mut cluster = Cluster::new(3);
    assert_eq!(cluster.server_mut(2).read(7, ReadMode::ReadIndex).0, Err(ReadError::NoLeader));
    cluster.campaign(2);
    assert_eq!(cluster.server_mut(2).read(7, ReadMode::ReadIndex).0, Err(ReadError::NoLeader));
}

/// Goal: a lost question, or a lost answer, is asked again while the leader lives.
#[test]
fn dissertation_6_4_lost_questions_and_answers() {
    for kind in [MessageKind::ReadIndex, MessageKind::ReadIndexReply] {
        let mut cluster = led_by_1();
        read(&mut cluster, 3, 7);
        while !cluster.network.iter().any(|message| message.kind() == kind) {
            assert!(cluster.deliver(|_| true));
        }
        assert_eq!(cluster.drop_all(|message| message.kind() == kind), 1);
        cluster.settle();
        assert!(cluster.server(3).reads.is_empty());
        cluster.heartbeats(1, 3);
        assert_eq!(cluster.server(3).servable(), [(7, 1)], "{} lost", kind.name());
    }
}

/// Goal: a question that comes twice is answered, and an answer that comes twice, or late, changes nothing.
#[test]
fn dissertation_6_4_repeated_questions_and_late_answers() {
    let mut cluster = led_by_1();
    read(&mut cluster, 3, 7);
    let question = cluster.network.back().cloned().unwrap();
    cluster.network.push_back(question.clone());
    cluster.settle();
    assert_eq!(cluster.server(3).servable(), [(7, 1)]);
    let old = cluster.delivered.iter().find(|message| is(MessageKind::ReadIndexReply, 1, 3)(message)).cloned().unwrap();
    cluster.propose(1, "x");
    cluster.settle();
    read(&mut cluster, 3, 8);
    for _ in 0..3 {
        cluster.act(3, |server| server.step(old.clone()));
    }
    assert_eq!(cluster.server(3).servable().len(), 1, "the old answer is not taken for the new one");
    cluster.network.push_back(question);
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(3).servable(), [(7, 1), (8, 2)]);
}

/// Goal: an answer to a question that was never asked serves nothing.
#[test]
fn dissertation_6_4_answers_to_nothing() {
    let mut cluster = led_by_1();
    read(&mut cluster, 3, 7);
    let Rpc::ReadIndex { upto } = cluster.network.back().unwrap().rpc else { panic!("the follower asks") };
    let reply = |from, upto| message(from, 3, 1, Rpc::ReadIndexReply { upto, read_index: LogIndex(0) });
    let wrong: [Message; 4] = [
        reply(1, ReadPosition(upto.0 + 1)),
        reply(1, ReadPosition(upto.0 - 1)),
        reply(1, ReadPosition(u64::MAX)),
        reply(2, upto),
    ];
    for answer in wrong {
        cluster.act(3, |server| server.step(answer));
        assert!(cluster.server(3).reads.is_empty());
    }
    cluster.settle();
    assert_eq!(cluster.server(3).servable(), [(7, 1)]);
}

/// Goal: reads at a follower are given up when its leader goes: a new one may have committed more.
#[test]
fn dissertation_6_4_the_leader_changes() {
    let mut cluster = led_by_1();
    read(&mut cluster, 3, 7);
    cluster.drop_all(|message| message.kind() == MessageKind::ReadIndex);
    cluster.elect(2);
    assert_eq!(aborted(&cluster, 3), [(7, ReadAbort::LeaderChanged)]);
    cluster.propose(2, "x");
    cluster.settle();
    read(&mut cluster, 3, 8);
    // What the old leader would have said comes too late.
    let late = message(1, 3, 1, Rpc::ReadIndexReply { upto: ReadPosition(u64::MAX >> 1), read_index: LogIndex(1) });
    cluster.act(3, |server| server.step(late));
    cluster.settle();
    cluster.heartbeats(2, 2);
    assert_eq!(cluster.server(3).servable(), [(8, 3)]);
}

/// Goal: a follower that loses patience gives its reads up; so does a learner, which only cannot campaign.
#[test]
fn dissertation_6_4_the_leader_falls_silent() {
    for id in [3, 4] {
        let mut cluster = led_by_1();
        cluster.isolate(&[1]);
        read(&mut cluster, id, 7);
        cluster.tick(id, 300);
        assert_eq!(aborted(&cluster, id), [(7, ReadAbort::LeaderChanged)], "at {id}");
    }
}

/// Goal: a server that has restarted takes no answer that was meant for its former life, though it names its reads alike.
#[test]
fn dissertation_6_4_a_restart_with_the_same_names() {
    let mut cluster = led_by_1();
    read(&mut cluster, 3, 7);
    while !cluster.network.iter().any(is(MessageKind::ReadIndexReply, 1, 3)) {
        assert!(cluster.deliver(|_| true));
    }
    let old: Vec<_> = cluster.network.drain(..).collect();
    cluster.crash(3);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.server_mut(3).setup.seed += 1;
    cluster.restart(3);
    cluster.heartbeats(1, 3);
    read(&mut cluster, 3, 7);
    let question = cluster.network.back().cloned();
    for answer in old {
        cluster.act(3, |server| server.step(answer));
    }
    assert!(cluster.server(3).reads.is_empty());
    cluster.network.extend(question);
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(3).servable(), [(7, 2)]);
}

/// Goal: a deposed leader does not answer a follower either.
#[test]
fn dissertation_6_4_a_deposed_leader_answers_no_follower() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    // Servers 1 and 5 are cut off, and servers 2, 3 and 4 go on without them.
    cluster.isolate(&[1, 5]);
    cluster.elect(2);
    cluster.propose(2, "x");
    cluster.settle();
    read(&mut cluster, 5, 7);
    cluster.settle();
    cluster.run(100);
    assert!(cluster.server(5).servable().is_empty());
    assert!(!cluster.delivered.iter().any(|message| message.kind() == MessageKind::ReadIndexReply));
    cluster.heal();
    cluster.run(500);
    assert_eq!(aborted(&cluster, 5).len(), 1);
    read(&mut cluster, 5, 8);
    cluster.run(200);
    assert_eq!(cluster.server(5).servable().len(), 1);
    assert!(cluster.server(5).servable()[0].1 >= cluster.commit(2));
}

/// Goal: a leader answers nobody who is no member, and a follower answers no questions.
#[test]
fn dissertation_6_4_who_may_ask_whom() {
    let mut cluster = led_by_1();
    let ask = |from, to| message(from, to, 1, Rpc::ReadIndex { upto: ReadPosition(1) });
    for question in [ask(9, 1), ask(3, 2)] {
        let to = question.to.0;
        let sent = cluster.server_mut(to).step(question);
        assert!(sent.is_empty());
    }
    // The same question from a member is answered when a round has been.
    let sent = cluster.server_mut(1).step(ask(3, 1));
    cluster.network.extend(sent);
    cluster.settle();
    assert!(cluster.delivered.iter().any(is(MessageKind::ReadIndexReply, 1, 3)));
}

/// Goal: any single lost message of a read at a follower is made good within a few heartbeats.
#[test]
fn dissertation_6_4_no_single_loss_stops_a_read() {
    for lost in 0..12 {
        let mut cluster = led_by_1();
        read(&mut cluster, 3, 7);
        let mut number = 0;
        for _ in 0..4 {
            while !cluster.network.is_empty() {
                if number == lost {
                    cluster.network.pop_front();
                } else {
                    cluster.deliver(|_| true);
                }
                number += 1;
            }
            cluster.heartbeat(1);
        }
        cluster.settle();
        assert_eq!(cluster.server(3).servable(), [(7, 1)], "message {lost} lost");
    }
}
