//! Reads that a leader answered from the past.

use raft_core::{Event, LogIndex, Message, MessageKind, NodeId, ReadBlock, ReadMode, Rpc, Rule, Term};

use crate::harness::{Cluster, is, message};

/// etcd#7331, redisraft#22, d-engine#381, etcd-raft PR#105: a new leader answered a read by its own commit index before it
/// had committed anything, and missed writes that its predecessor had acknowledged.
///
/// Goal: a read at a new leader waits for the first commit of its term, and then sees every acknowledged write. Method: the
/// new leader holds an acknowledged entry and does not know that it is committed.
#[test]
fn b16_a_read_at_a_new_leader_waits_for_its_first_commit() {
    for mode in [ReadMode::ReadIndex, ReadMode::Lease] {
        let mut cluster = Cluster::new(3).options(|options| options.lease_drift_permille = Some(100));
        cluster.elect(1);
        cluster.heartbeats(1, 1);
        let acknowledged = cluster.propose(1, "acknowledged");
        cluster.settle();
        assert_eq!((cluster.commit(1), cluster.commit(2)), (acknowledged.0, 1));
        cluster.crash(1);
        cluster.outwait_leader(2);
        cluster.tick(2, 150);
        cluster.campaign(2);
        while cluster.deliver(|message| message.kind() != MessageKind::AppendEntries) {}
        assert!(cluster.node(2).role().is_leader());
        cluster.read(2, 7, mode);
        // A quorum may answer the round; the blank entry is what is missing.
        let answer = |message: &Message| match &message.rpc {
            Rpc::AppendEntries(append) => append.entries.is_empty(),
            _ => true,
        };
        while cluster.deliver(answer) {}
        assert_eq!(cluster.node(2).read_block(), Some(ReadBlock::NothingCommitted { term: Term(2) }));
        assert_eq!(cluster.server(2).servable(), []);
        cluster.settle();
        cluster.heartbeats(2, 1);
        let [(7, index)] = cluster.server(2).servable()[..] else { panic!("{:?}", cluster.server(2).reads) };
        assert!(index >= acknowledged.0);
        assert_eq!(cluster.server(2).commands(), ["acknowledged"]);
    }
}

/// The same bugs: without a blank entry a new leader never learns what is committed.
///
/// Goal: without the rule a read is refused with the reason, not answered from the past.
#[test]
fn b16_and_without_a_blank_entry_it_is_refused() {
    let mut cluster = Cluster::new(3).without(Rule::NoOp);
    cluster.elect(1);
    let refused = cluster.server_mut(1).read(1, ReadMode::ReadIndex).0;
    assert_eq!(refused, Err(raft_core::ReadError::NothingOwn { term: Term(1) }));
}

/// A leader that is cut off, after the others have elected server 2 and committed "new".
fn deposed_leader(rule: Option<Rule>) -> Cluster {
    let mut cluster = Cluster::new(3).without(Rule::CheckQuorum);
    if let Some(rule) = rule {
        cluster = cluster.without(rule);
    }
    cluster.elect(1);
    cluster.propose(1, "old");
    cluster.settle();
    cluster.heartbeats(1, 1);
    cluster.isolate(&[1]);
    cluster.elect(2);
    cluster.propose(2, "new");
    cluster.settle();
    assert_eq!((cluster.leaders(), cluster.commit(2)), (vec![1, 2], 4));
    cluster
}

/// The same bugs, re-created: a leader that does not know that it is deposed.
///
/// Goal: it answers no read, however long it is cut off. Without the rule it answers from before the acknowledged write
/// (I29).
#[test]
fn b16_a_deposed_leader_answers_no_read_and_without_the_rule_it_does() {
    for (rule, is_stale) in [(None, false), (Some(Rule::ReadIndex), true)] {
        let mut cluster = deposed_leader(rule);
        cluster.read(1, 1, ReadMode::ReadIndex);
        cluster.heartbeats(1, 20);
        let answers = cluster.server(1).servable();
        assert_eq!(!answers.is_empty(), is_stale, "without {rule:?}");
        if is_stale {
            assert!(answers[0].1 < cluster.commit(2) && cluster.server(1).commands() == ["old"]);
        }
        cluster.heal();
        cluster.heartbeats(2, 1);
        assert_eq!(cluster.server(1).servable().len(), usize::from(is_stale), "aborted, not answered");
    }
}

/// etcd#20418 (63903dd): reads were told apart by a name that the caller chose, so a late answer to the round of an earlier
/// read confirmed a later one of the same name.
///
/// Goal: with every read of the same name, an answer confirms only reads that began before the round that it answers.
/// Method: the answers of server 2 to the first round are held back, also copies of them, until the leader is deposed.
#[test]
fn b17_a_late_answer_does_not_confirm_a_later_read_of_the_same_name() {
    const NAME: u64 = 7;
    let mut cluster = Cluster::new(3).without(Rule::CheckQuorum);
    cluster.elect(1);
    cluster.propose(1, "old");
    cluster.settle();
    cluster.heartbeats(1, 1);
    cluster.read(1, NAME, ReadMode::ReadIndex);
    while cluster.deliver(|message| message.from == NodeId(1)) {}
    let late: Vec<Message> =
        cluster.network.iter().filter(|message| is(MessageKind::AppendEntriesReply, 2, 1)(message)).cloned().collect();
    assert_eq!(late.len(), 1);
    cluster.drop_all(is(MessageKind::AppendEntriesReply, 2, 1));
    // Server 3 confirms the first read.
    cluster.settle();
    assert_eq!(cluster.server(1).servable(), [(NAME, 2)]);
    cluster.isolate(&[1]);
    cluster.elect(2);
    cluster.propose(2, "new");
    cluster.settle();
    cluster.read(1, NAME, ReadMode::ReadIndex);
    for answer in [&late[..], &late[..]].concat() {
        cluster.act(1, |server| server.step(answer));
    }
    assert_eq!(cluster.server(1).servable().len(), 1, "the second read was answered from before \"new\"");
    assert!(matches!(cluster.node(1).read_block(), Some(ReadBlock::NoQuorum { have: 1, need: 2 })));
}

/// The same bug at a follower: the leader's answer to an earlier question came late.
///
/// Goal: a late answer to a follower's read confirms none that began after the question, whatever the names; one of an
/// earlier life or of another leader confirms nothing.
#[test]
fn b17_a_late_answer_of_the_leader_does_not_confirm_a_later_read_of_a_follower() {
    const NAME: u64 = 7;
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeats(1, 1);
    cluster.read(3, NAME, ReadMode::ReadIndex);
    while cluster.deliver(|message| !is(MessageKind::ReadIndexReply, 1, 3)(message)) {}
    let late = cluster.network.iter().find(|message| is(MessageKind::ReadIndexReply, 1, 3)(message)).cloned().unwrap();
    cluster.settle();
    assert_eq!(cluster.server(3).servable(), [(NAME, 1)]);
    cluster.propose(1, "new");
    cluster.settle();
    cluster.read(3, NAME, ReadMode::ReadIndex);
    cluster.act(3, |server| server.step(late.clone()));
    assert_eq!(cluster.server(3).servable().len(), 1);
    cluster.settle();
    cluster.heartbeats(1, 1);
    assert_eq!(cluster.server(3).servable(), [(NAME, 1), (NAME, 2)]);

    // Another life: the read is asked anew, and the late answer is for nobody.
    cluster.server_mut(3).setup.seed = 1;
    cluster.crash(3);
    cluster.restart(3);
    cluster.heartbeats(1, 1);
    cluster.read(3, NAME, ReadMode::ReadIndex);
    cluster.act(3, |server| server.step(late));
    let Rpc::ReadIndex { upto } = cluster.network.iter().find(|asked| asked.from == NodeId(3)).unwrap().rpc else {
        panic!("the follower asks its leader");
    };
    let impostor = message(2, 3, 1, Rpc::ReadIndexReply { upto, read_index: LogIndex(1) });
    cluster.act(3, |server| server.step(impostor));
    assert_eq!(cluster.server(3).servable(), []);
    let ignored = |event: &Event| matches!(event, Event::MessageIgnored { kind: MessageKind::ReadIndexReply, .. });
    assert_eq!(cluster.server(3).events.iter().filter(|event| ignored(event)).count(), 2);
    cluster.settle();
    assert_eq!(cluster.server(3).servable(), [(NAME, 2)]);
}
