//! What is committed, when, and that it stays so.

use raft_core::{AppendOutcome, CommitBlock, Event, LogIndex, MessageKind, Node, NodeId, Ready, Role, Rule, Term};

use crate::harness::{Cluster, Server, accepted, append, append_reply, is, matches_to, outcomes, pre_vote, vote};

/// The leader of term `term` among `size` servers, nobody's log known to it.
fn leader(size: u64, term: u64, log: &[u64]) -> Server {
    let mut leader = Server::with_log(1, size, term - 1, log).without(Rule::PreVote);
    leader.campaign();
    for voter in 2..=size {
        leader.step(vote(voter, 1, term, true));
    }
    assert!(leader.node().role().is_leader());
    leader
}

/// All orders of `items`.
fn permutations(items: &[u64]) -> Vec<Vec<u64>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |at: usize| {
        let rest = [&items[..at], &items[at + 1..]].concat();
        permutations(&rest).into_iter().map(move |order| [vec![items[at]], order].concat())
    };
    (0..items.len()).flat_map(with_first).collect()
}

/// logcabin#44, canonical/raft#220, async-raft#106 and #108: a new leader counted the replicas of an entry of an older term
/// and committed it.
///
/// Goal: whatever a majority acknowledges, and in whatever order, the leader's commit index moves only onto an entry of its
/// own term. Method: three old entries and a blank one of the own term; every order of acknowledgements.
#[test]
fn b1_old_term_entry_on_a_majority_is_not_committed_by_counting() {
    for order in permutations(&[1, 2, 3, 4]) {
        let mut leader = leader(3, 4, &[1, 2, 2]);
        for acknowledged in order {
            leader.step(accepted(2, 1, 4, acknowledged));
            let commit = leader.node().commit_index();
            assert!(commit == LogIndex(0) || commit == LogIndex(4), "{commit} was committed in term 4");
        }
        assert_eq!(leader.node().commit_index(), LogIndex(4));
    }
    let mut waiting = leader(3, 4, &[1, 2, 2]);
    waiting.step(accepted(2, 1, 4, 3));
    let blocked = CommitBlock::OlderTerm { index: LogIndex(3), entry_term: Term(2) };
    assert_eq!(waiting.events.last(), Some(&Event::CommitBlocked(blocked)));
}

/// The same bugs, re-created.
///
/// Goal: without the rule the same acknowledgement commits the entry of term 2, which a later leader may overwrite.
#[test]
fn b1_and_without_the_rule_it_is() {
    let mut leader = leader(3, 4, &[1, 2, 2]).without(Rule::CommitCurrentTermOnly);
    leader.campaign();
    leader.step(vote(2, 1, 5, true));
    leader.step(accepted(2, 1, 5, 3));
    assert_eq!(leader.node().commit_index(), LogIndex(3));
}

/// copycat#265, scylladb#9965, NuRaft#57, ra#508, CCF PR#8172, etcd PR#1203: a follower believed the leader's commit index
/// although its own tail was not verified, and applied entries that the leader did not have.
///
/// Goal: after any accepted message the commit index is at most `prev_log_index` plus its entries. Method: a follower with
/// two entries of a deposed leader; heartbeats and short messages that name a high commit index.
#[test]
fn b5_commit_does_not_run_past_what_was_verified() {
    let cases = [((0, 0), &[][..], 0), ((1, 1), &[], 1), ((2, 1), &[], 2), ((0, 0), &[1], 1), ((2, 1), &[3], 3)];
    for (prev, entries, verified) in cases {
        for leader_commit in 0..=6 {
            let mut follower = Server::with_log(1, 3, 2, &[1, 1, 2, 2]);
            follower.step(append(2, 1, 3, prev, entries, leader_commit));
            let expected = leader_commit.min(verified);
            assert_eq!(follower.node().commit_index(), LogIndex(expected), "{prev:?} {entries:?} {leader_commit}");
            assert_eq!(follower.applied.len() as u64, expected);
        }
    }
    // What is refused verifies nothing.
    let mut follower = Server::with_log(1, 3, 2, &[1, 1, 2, 2]);
    follower.step(append(2, 1, 3, (4, 3), &[], 4));
    assert_eq!(follower.node().commit_index(), LogIndex(0));
}

/// The same bugs, seen from the whole cluster.
///
/// Goal: a follower whose log is longer than the leader's commits nothing of its own tail, whatever the leader has
/// committed by then.
#[test]
fn b5_a_divergent_tail_is_replaced_before_it_could_be_applied() {
    let mut cluster = Cluster::with_logs(3, &[&[1, 1], &[1, 1, 2, 2, 2], &[1, 1]]);
    cluster.isolate(&[2]);
    cluster.elect(1);
    cluster.propose(1, "new");
    cluster.settle();
    assert_eq!(cluster.commit(1), 4);
    cluster.heal();
    cluster.heartbeat(1);
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.terms(2), [1, 1, 4, 4]);
    assert_eq!(cluster.server(2).commands(), ["t1", "t1", "new"]);
}

/// openraft#1802 (`VecProgress`), d60f1e85, beb0302b; hashicorp/raft 163a55f; little_raft: the quorum was computed wrongly
/// for even sizes, or from acknowledgements that were sorted in place while they changed.
///
/// Goal: for one to six voters and every order in which acknowledgements arrive, the leader has committed exactly what
/// counting by hand says. Method: each follower acknowledges another index, one of them twice.
#[test]
fn b8_the_quorum_is_right_for_every_size_and_order() {
    for size in 1..=6_u64 {
        let followers: Vec<u64> = (2..=size).collect();
        for order in permutations(&followers) {
            let mut leader = leader(size, 1, &[]);
            for _ in 0..size {
                leader.propose("x").0.unwrap();
            }
            let last = leader.node().log().last_index().0;
            let mut holds = vec![(1, last)];
            for &follower in order.iter().chain(order.first()) {
                // The first to answer answers again, and then holds everything.
                let index = if holds.iter().any(|(id, _)| *id == follower) { last } else { follower };
                leader.step(accepted(follower, 1, 1, index));
                holds.retain(|(id, _)| *id != follower);
                holds.push((follower, index));
                let by_hand = (0..=last)
                    .rev()
                    .find(|index| 2 * holds.iter().filter(|(_, held)| held >= index).count() > size as usize);
                let by_hand = by_hand.unwrap_or(0);
                assert_eq!(leader.node().commit_index().0, by_hand, "{size} voters, {order:?}, {holds:?}");
            }
        }
    }
}

/// The same bugs, in elections.
///
/// Goal: a candidate leads with exactly more than half of the votes, for one to six voters and every order.
#[test]
fn b8_an_election_needs_more_than_half() {
    for size in 1..=6_u64 {
        let followers: Vec<u64> = (2..=size).collect();
        for order in permutations(&followers) {
            let mut candidate = Server::new(1, size).without(Rule::PreVote);
            candidate.campaign();
            for (others, &voter) in order.iter().enumerate() {
                let has_majority = 2 * (others + 1) > size as usize;
                assert_eq!(candidate.node().role().is_leader(), has_majority, "{others} others of {size}");
                candidate.step(vote(voter, 1, 1, true));
            }
            assert!(candidate.node().role().is_leader());
        }
    }
}

/// CCF#5674, #589, #519: on becoming a follower, a leader rolled its log back to the last point that it thought could be
/// committed, and took back what it had acknowledged.
///
/// Goal: stepping down removes nothing: the log, the durable index and the commit index stay as they were, whatever ends
/// the leadership, and the old leader can still be the one to finish the commitment.
#[test]
fn b10_stepping_down_does_not_roll_the_log_back() {
    let endings: [fn(&mut Server); 4] = [
        |leader| drop(leader.step(pre_vote(3, 1, 9, false))),
        |leader| drop(leader.step(append(3, 1, 2, (2, 1), &[], 2))),
        |leader| drop(leader.step(accepted(3, 1, 9, 1))),
        |leader| drop(leader.tick(1_000)),
    ];
    for (number, end) in endings.into_iter().enumerate() {
        let mut leader = leader(3, 1, &[]);
        for _ in 0..4 {
            leader.propose("x").0.unwrap();
        }
        leader.step(accepted(2, 1, 1, 3));
        let (log, commit) = (leader.entries(), leader.node().commit_index());
        assert_eq!((log.len(), commit), (5, LogIndex(3)));
        end(&mut leader);
        assert_ne!(leader.node().role(), Role::Leader, "ending {number}");
        assert_eq!(leader.entries(), log, "ending {number}");
        assert_eq!(leader.node().commit_index(), commit, "ending {number}");
        assert_eq!(leader.node().durable_index(), LogIndex(5), "ending {number}");
    }
}

/// The same bugs, seen from the whole cluster.
///
/// Goal: an entry on a majority, whose leader is deposed before it hears so, survives a row of leaderless role changes and
/// is committed by the next leader.
#[test]
fn b10_a_suffix_that_could_be_committed_survives_role_changes() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[3]);
    cluster.propose(1, "kept");
    // The entry reaches server 2; its acknowledgement is lost.
    assert!(cluster.deliver(is(MessageKind::AppendEntries, 1, 2)));
    cluster.drop_all(|_| true);
    cluster.isolate(&[1, 2]);
    cluster.isolate(&[1]);
    // All three time out again and again, alone.
    for id in [1, 2, 3] {
        cluster.tick(id, 3_000);
    }
    cluster.drop_all(|_| true);
    assert_eq!(cluster.leaders(), []);
    assert_eq!((cluster.terms(1), cluster.terms(2)), (vec![1, 1], vec![1, 1]));
    cluster.heal();
    cluster.isolate(&[1]);
    cluster.run(2_000);
    assert_eq!(cluster.leaders(), [2]);
    assert_eq!(cluster.server(3).commands(), ["kept"]);
}

/// etcd 8ecce32: committed entries that did not fit into one portion were skipped, or forgotten over a restart.
///
/// Goal: with portions of any size and a restart after any of them, every entry is handed out exactly once and in order.
#[test]
fn b20_portions_of_committed_entries_leave_no_gap() {
    const COUNT: u64 = 40;
    let hear = |node: &mut Node, upto: u64| node.step(append(2, 1, 1, (COUNT, 1), &[], upto));
    let server = Server::with_log(1, 3, 1, &[1; COUNT as usize]);
    for max_apply_bytes in [1, 30, 100, 1_000] {
        for portions in 0..10 {
            let mut setup = server.setup;
            setup.options.max_apply_bytes = max_apply_bytes;
            let mut node = Node::new(setup, server.disk.clone()).unwrap();
            hear(&mut node, COUNT / 2);
            let before: Vec<_> = (0..portions).flat_map(|_| take_portion(&mut node)).collect();
            assert!(before.iter().copied().eq(1..=before.len() as u64));
            // What was applied is gone with the process: everything is handed out again, from the start. The commit index
            // grows while portions are on their way.
            let mut node = Node::new(setup, server.disk.clone()).unwrap();
            let mut applied = Vec::new();
            for upto in COUNT / 2..=COUNT {
                hear(&mut node, upto);
                applied.extend(take_portion(&mut node));
            }
            applied.extend((0..COUNT).flat_map(|_| take_portion(&mut node)));
            assert!(applied.iter().copied().eq(1..=COUNT), "{applied:?}");
            assert_eq!(node.last_applied(), LogIndex(COUNT));
        }
    }
}

/// Applies the next portion; its indices.
fn take_portion(node: &mut Node) -> Vec<u64> {
    let mut ready = Ready::default();
    node.drain_into(&mut ready);
    let portion = ready.committed;
    // Asked again before the portion is applied, the node has nothing to add.
    let mut again = Ready::default();
    node.drain_into(&mut again);
    assert!(again.committed.is_empty());
    if let Some(last) = portion.last() {
        node.on_applied(last.index);
    }
    portion.iter().map(|committed| committed.index.0).collect()
}

/// raft.tla#19 and PR#22: an old message with a lower commit index, arriving late, moved the commit index back.
///
/// Goal: the commit index never decreases, in whatever order the leader's messages arrive, and the late ones are still
/// acknowledged for what they say.
#[test]
fn b59_a_late_message_does_not_move_the_commit_index_back() {
    // Four messages of one leader in the order of being sent: previous index and commit index.
    let sent = [(0, 0), (1, 1), (2, 2), (3, 3)];
    for order in permutations(&[0, 1, 2, 3]) {
        let mut follower = Server::with_log(1, 3, 1, &[1, 1, 1]);
        let mut highest = LogIndex(0);
        for &number in &order {
            let (prev, leader_commit) = sent[number as usize];
            let answer = follower.step(append(2, 1, 1, (prev, prev.min(1)), &[1], leader_commit));
            assert_eq!(outcomes(&answer), [matches_to(prev + 1)]);
            highest = highest.max(LogIndex(leader_commit));
            assert_eq!(follower.node().commit_index(), highest, "{order:?}");
        }
        assert_eq!(follower.applied.len(), 3);
    }
}

/// openraft cecb5de8 and fbbf37b1; etcd 57b3274 and 91ff7cd: an acknowledgement from before a leadership was lost counted
/// after it was regained, although the follower's log had been rewritten in between.
///
/// Goal: a late acknowledgement of an older leadership moves neither `match_index` nor the commit index.
#[test]
fn b7_an_acknowledgement_of_an_earlier_leadership_does_not_count() {
    let mut leader = leader(3, 1, &[]);
    for _ in 0..3 {
        leader.propose("x").0.unwrap();
    }
    let late = accepted(2, 1, 1, 4);
    // Server 3 leads term 2 and rewrites the log from index 2 on; then server 1 leads term 3.
    leader.step(accepted(2, 1, 1, 1));
    leader.step(append(3, 1, 2, (1, 1), &[2, 2, 2], 1));
    leader.tick(1_000);
    leader.campaign();
    leader.step(vote(3, 1, leader.node().current_term().0, true));
    assert!(leader.node().role().is_leader());
    let refused = AppendOutcome::Conflict {
        prev_log_index: LogIndex(4),
        conflict_index: LogIndex(2),
        conflict_term: Some(Term(1)),
    };
    for stale in [late, append_reply(2, 1, 1, refused)] {
        let before = leader.node().clone();
        assert!(leader.step(stale).is_empty());
        assert_eq!(&before, leader.node());
    }
    let peer = &leader.node().progress()[0];
    assert_eq!((peer.id(), peer.match_index(), leader.node().commit_index()), (NodeId(2), LogIndex(0), LogIndex(1)));
}
