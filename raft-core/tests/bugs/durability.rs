//! What a crash leaves behind, and disks that answer in a strange order.

use raft_core::{
    AppendOutcome, HardState, LogIndex, Message, MessageKind, NodeId, Persisted, Role, Rpc, Rule, Term, WriteNumber,
};

use crate::harness::{Cluster, Server, accepted, append, granted, is, request_vote, vote};

fn with_slow_disk(mut server: Server) -> Server {
    server.slow_disk = true;
    server
}

/// hashicorp/raft#661, tikv#9579, camunda#1068 and #5356, nebula PR#3415, ClickHouse#111454: term and vote were not written
/// together, or not before the answer, and a restarted server voted twice.
///
/// Goal: wherever a crash comes, a server that has given its vote gives no other one in that term, and one that has not
/// said anything yet is free.
#[test]
fn b14_a_crash_does_not_free_a_vote_that_was_given() {
    for is_written in [false, true] {
        let mut voter = with_slow_disk(Server::with_log(1, 3, 4, &[]));
        let mut sent = voter.step(request_vote(2, 1, 5, (0, 0)));
        assert!(sent.is_empty(), "nothing is said before it is written");
        assert_eq!(voter.unsynced.len(), 1, "term and vote are one write");
        if is_written {
            sent = voter.sync_all();
        }
        assert_eq!(granted(&sent), is_written.then_some(true));
        voter.crash();
        voter.start();
        voter.slow_disk = false;
        let expected = if is_written { (Term(5), Some(NodeId(2))) } else { (Term(4), None) };
        assert_eq!((voter.node().current_term(), voter.node().voted_for()), expected);
        assert_eq!(granted(&voter.step(request_vote(3, 1, 5, (0, 0)))), Some(!is_written));
    }
}

/// The same bugs: only a new term was written, and a vote in a term that was known already was not.
///
/// Goal: a vote in a term that is on the disk already waits for a write of its own.
#[test]
fn b14_a_vote_in_a_known_term_is_written_too() {
    let mut voter = with_slow_disk(Server::with_log(1, 3, 5, &[]));
    assert!(voter.step(request_vote(2, 1, 5, (0, 0))).is_empty());
    assert_eq!(granted(&voter.sync_all()), Some(true));
    voter.crash();
    voter.start();
    voter.slow_disk = false;
    assert_eq!(granted(&voter.step(request_vote(3, 1, 5, (0, 0)))), Some(false));
}

/// The same bugs: a candidate's vote for itself was not written.
///
/// Goal: a candidate that has asked anybody for a vote refuses its own to others after a crash; one that has not may vote.
#[test]
fn b14_a_crash_does_not_free_the_vote_for_oneself() {
    for is_written in [false, true] {
        let mut candidate = with_slow_disk(Server::with_log(1, 3, 4, &[]).without(Rule::PreVote));
        let mut sent = candidate.campaign();
        assert!(sent.is_empty() && candidate.node().votes().is_empty());
        if is_written {
            sent = candidate.sync_all();
        }
        assert_eq!(sent.len(), if is_written { 2 } else { 0 });
        candidate.crash();
        candidate.start();
        candidate.slow_disk = false;
        assert_eq!(granted(&candidate.step(request_vote(3, 1, 5, (0, 0)))), Some(!is_written));
    }
}

/// The same bugs, re-created.
///
/// Goal: without either rule the restarted server votes a second time in term 5, and the term has two leaders.
#[test]
fn b14_and_without_the_rules_it_votes_twice() {
    for (rule, is_lost) in [(None, false), (Some(Rule::PersistVote), true), (Some(Rule::PersistTerm), true)] {
        let mut cluster = Cluster::new(3).without(Rule::PreVote);
        if let Some(rule) = rule {
            cluster = cluster.without(rule);
        }
        cluster.campaign(1);
        cluster.campaign(2);
        cluster.deliver_one(MessageKind::RequestVote, 1, 3);
        cluster.crash(3);
        cluster.restart(3);
        while cluster.deliver(is(MessageKind::RequestVote, 2, 3)) {}
        while cluster.deliver(|message| message.from == NodeId(3)) {}
        let leaders = cluster.leaders();
        assert_eq!(leaders, if is_lost { vec![1, 2] } else { vec![1] }, "without {rule:?}");
        assert!(leaders.iter().all(|&id| cluster.node(id).current_term() == Term(1)));
    }
}

/// openraft's io_ordering.md: the write of an entry overtook the write of the term and vote, so a crash kept a log of term 5
/// in a server that could still follow or vote in an older term.
///
/// Goal: after a crash at any point of a busy life, the disk keeps every promise that was made before, and no entry is on
/// it whose term is not.
#[test]
fn b22_every_prefix_of_the_writes_keeps_what_was_promised() {
    let life: [fn(&mut Server) -> Vec<Message>; 8] = [
        |server| server.step(request_vote(2, 1, 2, (9, 1))),
        |server| server.step(append(2, 1, 2, (1, 1), &[1, 2], 0)),
        |server| server.step(request_vote(3, 1, 5, (9, 2))),
        |server| server.step(append(3, 1, 5, (1, 1), &[2], 1)),
        |server| server.step(append(3, 1, 5, (2, 2), &[5, 5], 2)),
        |server| server.step(request_vote(4, 1, 6, (9, 5))),
        |server| server.step(append(4, 1, 6, (1, 1), &[], 1)),
        |server| server.step(append(5, 1, 7, (3, 5), &[7], 3)),
    ];
    // After each act the disk finishes one write or none; then, at any point, the power fails.
    for progress in 0..1_u32 << life.len() {
        for lived in 0..=life.len() {
            let mut server = with_slow_disk(Server::with_log(1, 5, 1, &[1]).without(Rule::VoteStickiness));
            let mut said = Vec::new();
            for (number, act) in life[..lived].iter().enumerate() {
                said.extend(act(&mut server));
                if progress & 1 << number != 0 && !server.unsynced.is_empty() {
                    said.extend(server.sync(1));
                }
            }
            server.crash();
            for message in &said {
                assert!(is_kept(message, &server.disk), "{message:?} after {lived} acts and writes {progress:b}");
            }
            assert!(server.disk.hard_state.current_term >= server.disk.log.last_term());
            server.start();
            assert_eq!(server.node().current_term(), server.disk.hard_state.current_term);
        }
    }
}

/// Whether a disk remembers what a message promised, or a later promise that replaced it.
fn is_kept(message: &Message, disk: &Persisted) -> bool {
    let HardState { current_term, voted_for } = disk.hard_state;
    if current_term != message.term {
        return current_term > message.term;
    }
    match message.rpc {
        Rpc::RequestVoteReply { granted: true, pre_vote: false } => voted_for == Some(message.to),
        Rpc::AppendEntriesReply { outcome: AppendOutcome::Accepted { match_index }, .. } => {
            disk.log.last_index() >= match_index
        }
        _ => true,
    }
}

/// The same bug, re-created: the log is written and the term and vote are not.
///
/// Goal: a voter that kept the entries of a leader but not its vote gives it away again; with the rule it does not.
#[test]
fn b22_and_without_the_rule_the_log_outlives_the_vote() {
    for (rule, votes_again) in [(None, false), (Some(Rule::PersistTerm), true)] {
        let mut voter = Server::with_log(1, 3, 1, &[1]);
        if let Some(rule) = rule {
            voter = voter.without(rule);
        }
        assert_eq!(granted(&voter.step(request_vote(2, 1, 2, (2, 1)))), Some(true));
        // The new leader repairs the log with an entry of an older term.
        voter.step(append(2, 1, 2, (1, 1), &[1], 0));
        voter.crash();
        voter.start();
        assert_eq!(voter.terms(), [1, 1]);
        assert_eq!(granted(&voter.step(request_vote(3, 1, 2, (2, 1)))), Some(votes_again), "without {rule:?}");
    }
}

/// openraft#1829 and 2af491fb: writes that completed in another order than they were handed out stalled a single voter.
///
/// Goal: whatever order the driver hears of finished writes in, a single voter commits everything once all are finished, and
/// never anything that is not on its disk. Method: five writes, every order; the driver tells what holds without a gap.
#[test]
fn b53_writes_that_complete_out_of_order_do_not_stall() {
    for swaps in 0..120_u64 {
        let mut server = Server::new(1, 1);
        server.campaign();
        server.slow_disk = true;
        for _ in 0..5 {
            server.propose("x").0.unwrap();
        }
        let writes: Vec<_> = server.unsynced.iter().cloned().collect();
        assert_eq!(writes.len(), 5);
        let mut finished = vec![false; writes.len()];
        for position in order(writes.len(), swaps) {
            finished[position] = true;
            let gapless = finished.iter().take_while(|is_done| **is_done).count();
            if gapless > 0 {
                server.run(|node| node.on_persisted(writes[gapless - 1].number));
            }
            assert_eq!(server.node().commit_index(), LogIndex(1 + gapless as u64));
        }
        assert_eq!(server.commands().len(), 5);
        server.propose("y").0.unwrap();
        server.sync_all();
        assert_eq!(server.node().role(), Role::Leader);
    }
}

/// The order of `len` things with this number among all orders.
fn order(len: usize, number: u64) -> Vec<usize> {
    let mut left: Vec<usize> = (0..len).collect();
    let mut number = number as usize;
    let mut order = Vec::new();
    while !left.is_empty() {
        order.push(left.remove(number % left.len()));
        number /= left.len() + 1;
    }
    order
}

/// The same bug: old completions after new ones.
///
/// Goal: a completion says that all before it are finished, too, so those that come late change nothing, at a follower and
/// at a leader.
#[test]
fn b53_late_completions_change_nothing() {
    let mut follower = with_slow_disk(Server::with_log(1, 3, 1, &[]));
    for prev in 0..3 {
        follower.step(append(2, 1, 1, (prev, prev.min(1)), &[1], 0));
    }
    let numbers: Vec<WriteNumber> = follower.unsynced.iter().map(|write| write.number).collect();
    assert_eq!(follower.sync_all().len(), 3);
    let before = follower.node().clone();
    for &number in numbers.iter().rev() {
        assert!(follower.run(|node| node.on_persisted(number)).is_empty());
    }
    assert_eq!(&before, follower.node());

    let mut leader = Server::new(1, 3).without(Rule::PreVote);
    leader.campaign();
    leader.step(vote(2, 1, 1, true));
    leader.slow_disk = true;
    for _ in 0..3 {
        leader.propose("x").0.unwrap();
    }
    leader.step(accepted(2, 1, 1, 4));
    assert_eq!(leader.node().commit_index(), LogIndex(1));
    let numbers: Vec<WriteNumber> = leader.unsynced.iter().map(|write| write.number).collect();
    leader.sync_all();
    assert_eq!(leader.node().commit_index(), LogIndex(4));
    let before = leader.node().clone();
    for &number in numbers.iter().rev() {
        assert!(leader.run(|node| node.on_persisted(number)).is_empty());
    }
    assert_eq!(&before, leader.node());
}
