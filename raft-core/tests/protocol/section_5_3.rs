//! §5.3: log replication.

use raft_core::{AppendOutcome, Event, LogIndex, MessageKind, NodeId, ProgressState, Rpc, Rule, Term};

use crate::harness::{Cluster, Server, accepted, append, appends, is, on_link, outcomes, vote};

/// A leader of `size` servers in its own term, with logs unknown.
fn leader_of(size: u64) -> Server {
    let mut leader = Server::new(1, size).without(Rule::PreVote);
    leader.campaign();
    for voter in 2..=size / 2 + 1 {
        leader.step(vote(voter, 1, 1, true));
    }
    leader
}

/// Goal: a command is replicated to all, committed when a majority holds it, and applied everywhere.
#[test]
fn section_5_3_a_command_reaches_every_state_machine() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x"], "at {id}");
    }
}

/// Goal: the leader does not commit before a majority has the entry, and its own copy counts as one.
#[test]
fn section_5_3_commit_needs_a_majority() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    let index = cluster.propose(1, "x").0;
    for (follower, is_committed) in [(2, false), (3, true), (4, true)] {
        cluster.deliver_one(MessageKind::AppendEntries, 1, follower);
        cluster.deliver_one(MessageKind::AppendEntriesReply, follower, 1);
        assert_eq!(cluster.commit(1) == index, is_committed, "after {follower}");
    }
}

/// Goal: committing an entry commits all entries before it, also those of earlier leaders.
#[test]
fn section_5_3_commit_includes_what_comes_before() {
    let mut cluster = Cluster::with_logs(2, &[&[1, 2, 2], &[1], &[1]]);
    cluster.elect(1);
    assert_eq!(cluster.commit(1), 4);
    assert_eq!(cluster.server(1).applied.len(), 4);
}

/// Goal: followers learn of commitment from the next message, heartbeats included.
#[test]
fn section_5_3_followers_learn_of_commitment() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    let index = cluster.propose(1, "x").0;
    cluster.settle();
    assert_eq!(cluster.commit(2), index - 1);
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.commit(2), index);
}

/// Goal: a leader cut off with a minority cannot commit, and what it appended is gone after the cut heals.
/// Method: cut {1} from {2, 3}, propose on both sides, heal.
#[test]
fn section_5_3_minority_leader_never_commits() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[1]);
    let index = cluster.propose(1, "lost").0;
    cluster.settle();
    cluster.elect(2);
    cluster.propose(2, "kept");
    cluster.settle();
    assert!(cluster.commit(1) < index);
    cluster.heal();
    cluster.heartbeat(2);
    cluster.settle();
    cluster.heartbeat(2);
    cluster.settle();
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["kept"], "at {id}");
    }
    assert!(cluster.server(1).told(|event| matches!(
        event,
        Event::EntriesTruncated { first, committed: false, .. } if first.0 == index
    )));
}

/// Goal: Log Matching, entries with equal index and term are equal, and so is all before them.
#[test]
fn section_5_3_log_matching() {
    let mut cluster = Cluster::with_logs(6, &[&[1, 1, 4, 4, 5, 5, 6], &[1, 1, 4, 4, 4], &[1, 1, 2, 2, 3, 3]]);
    cluster.elect(1);
    cluster.propose(1, "x");
    cluster.settle();
    for id in [2, 3] {
        assert_eq!(cluster.server(id).entries(), cluster.server(1).entries(), "at {id}");
    }
}

/// Goal: Leader Append-Only, a leader never removes or replaces an entry of its own log.
#[test]
fn section_5_3_a_leader_only_appends() {
    let mut cluster = Cluster::with_logs(3, &[&[1, 1, 3], &[1, 2, 2, 2], &[1]]);
    cluster.elect(1);
    assert_eq!(cluster.terms(1)[..3], [1, 1, 3]);
    assert!(!cluster.server(1).told(|event| matches!(event, Event::EntriesTruncated { .. })));
}

/// Goal: Figure 7, a leader of term 8 brings all six followers of the figure to its own log.
/// Method: the logs of the figure; each follower meets the leader in a cluster of its own with a silent majority.
#[test]
fn section_5_3_figure_7_repairs_every_follower() {
    let leader: &[u64] = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let followers: [(char, &[u64]); 6] = [
        ('a', &[1, 1, 1, 4, 4, 5, 5, 6, 6]),
        ('b', &[1, 1, 1, 4]),
        ('c', &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]),
        ('d', &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]),
        ('e', &[1, 1, 1, 4, 4, 4, 4]),
        ('f', &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]),
    ];
    for (name, log) in followers {
        // Servers 3 and 4 are as old as the leader and vote for it; server 2 is the follower of the figure.
        let mut cluster = Cluster::with_logs(7, &[leader, log, leader, leader]);
        cluster.elect(1);
        assert_eq!(cluster.node(1).current_term(), Term(8));
        assert_eq!(cluster.terms(2), [leader, &[8]].concat(), "follower {name}");
        assert_eq!(cluster.server(2).entries(), cluster.server(1).entries(), "follower {name}");
        assert_eq!(cluster.node(2).log(), &cluster.server(2).disk.log, "follower {name}");
    }
}

/// How many refusals it takes to bring `follower` to the log of `leader`.
fn refusals(leader: &[u64], follower: &[u64], rule_off: Option<Rule>) -> usize {
    let term = leader.iter().chain(follower).max().copied().unwrap_or(0);
    let mut cluster = Cluster::with_logs(term, &[leader, follower, leader]);
    if let Some(rule) = rule_off {
        cluster = cluster.without(rule);
    }
    cluster.elect(1);
    assert_eq!(cluster.terms(2)[..], [leader, &[term + 1]].concat()[..]);
    let is_refusal = |message: &&raft_core::Message| {
        matches!(message.rpc, Rpc::AppendEntriesReply { outcome: AppendOutcome::Conflict { .. }, .. })
    };
    cluster.delivered.iter().filter(is_refusal).count()
}

/// Goal: fast backup, one refused probe per divergent term at most; without it, one per entry.
#[test]
fn section_5_3_fast_backup_takes_one_probe_per_term() {
    let cases: [(&[u64], &[u64], usize, usize); 5] = [
        (&[1, 1, 1, 1, 1, 1, 1, 1], &[], 1, 8),
        (&[1, 1, 1, 6, 6, 6, 6, 6], &[1, 1, 1, 2, 2, 2, 2, 2], 1, 5),
        (&[1, 1, 1, 6, 6, 6, 6, 6], &[1, 1, 1, 2, 2, 3, 3, 3], 1, 5),
        (&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6], &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], 1, 7),
        (&[1, 3, 3, 5, 5, 7, 7, 7], &[1, 2, 2, 4, 4, 6, 6, 6], 3, 7),
    ];
    for (leader, follower, fast, slow) in cases {
        assert!(refusals(leader, follower, None) <= fast, "{follower:?} to {leader:?}");
        assert_eq!(refusals(leader, follower, Some(Rule::FastBackup)), slow, "{follower:?} to {leader:?}");
    }
}

/// Goal: a refusal that was overtaken by events does not move the leader back.
#[test]
fn section_5_3_an_old_refusal_is_ignored() {
    let mut leader = leader_of(3);
    leader.step(accepted(2, 1, 1, 1));
    let refusal =
        AppendOutcome::Conflict { prev_log_index: LogIndex(0), conflict_index: LogIndex(1), conflict_term: None };
    let sent = leader.step(crate::harness::append_reply(2, 1, 1, refusal));
    assert!(sent.is_empty());
    assert_eq!(leader.node().progress()[0].next_index(), LogIndex(2));
}

/// Goal: a follower that is slow or gone does not hold up the others, and is brought up to date when it returns.
#[test]
fn section_5_3_a_minority_of_slow_followers_does_not_matter() {
    let mut cluster = Cluster::new(5);
    cluster.elect(1);
    cluster.crash(4);
    cluster.crash(5);
    for i in 0..20 {
        cluster.propose(1, &format!("x{i}"));
        cluster.settle();
    }
    assert_eq!(cluster.server(1).commands().len(), 20);
    cluster.restart(4);
    cluster.restart(5);
    for _ in 0..4 {
        cluster.heartbeat(1);
        cluster.settle();
    }
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands().len(), 20, "at {id}");
    }
}

/// Goal: entries that arrive out of order or twice end in the same log.
#[test]
fn section_5_3_reordering_and_duplication_are_harmless() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    for i in 0..6 {
        cluster.propose(1, &format!("x{i}"));
    }
    let late: Vec<_> = cluster.network.iter().rev().cloned().collect();
    cluster.network.extend(late);
    let reversed = cluster.network.drain(..).rev().collect();
    cluster.network = reversed;
    cluster.settle();
    for _ in 0..3 {
        cluster.heartbeat(1);
        cluster.settle();
    }
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), ["x0", "x1", "x2", "x3", "x4", "x5"], "at {id}");
    }
}

/// Goal: one message at a time until a follower's log is known, then a stream without waiting.
#[test]
fn section_5_3_probe_then_pipeline() {
    let mut leader = leader_of(3);
    assert!(leader.propose("a").1.is_empty(), "the probe is still on its way");
    assert_eq!(leader.node().progress()[0].state(), ProgressState::Probe);
    let sent = leader.step(accepted(2, 1, 1, 1));
    assert_eq!(appends(&sent).len(), 1, "the waiting entry leaves when the probe is answered");
    assert_eq!(leader.node().progress()[0].state(), ProgressState::Replicate);
    for i in 0..3 {
        assert_eq!(appends(&leader.propose("b").1).len(), 1, "entry {i} leaves at once");
    }
    assert_eq!(leader.node().progress()[0].inflight(), 4);
    leader.step(accepted(2, 1, 1, 3));
    assert_eq!(leader.node().progress()[0].inflight(), 2);
}

/// Goal: everything that was proposed between two drains travels in one message per follower.
#[test]
fn section_5_3_proposals_are_batched() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.act(1, |server| {
        server.run(|node| {
            for i in 0..100 {
                node.propose(format!("x{i}").as_str().into()).unwrap();
            }
        })
    });
    assert_eq!(cluster.network.len(), 2);
    cluster.settle();
    assert_eq!(cluster.server(1).commands().len(), 100);
}

/// Goal: the consistency check holds by induction: a follower's log equals the leader's up to what it acknowledges.
#[test]
fn section_5_3_an_acknowledgement_means_equal_logs() {
    let mut follower = Server::with_log(1, 3, 5, &[1, 1, 2, 2]);
    let sent = follower.step(append(2, 1, 5, (2, 1), &[3, 5], 0));
    assert_eq!(outcomes(&sent), [AppendOutcome::Accepted { match_index: LogIndex(4) }]);
    assert_eq!(follower.terms(), [1, 1, 3, 5]);
}

/// Goal: a lost message is noticed by the leader, which goes back to what it knows.
#[test]
fn section_5_3_a_lost_stream_is_repeated() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.heartbeat(1);
    cluster.settle();
    for i in 0..5 {
        cluster.propose(1, &format!("x{i}"));
    }
    assert_eq!(cluster.drop_all(is(MessageKind::AppendEntries, 1, 2)), 5);
    cluster.settle();
    assert_eq!(cluster.terms(2).len(), 1);
    cluster.heartbeat(1);
    cluster.drop_all(on_link(1, 2));
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.terms(2), cluster.terms(1));
    assert!(
        cluster
            .server(1)
            .told(|event| *event == Event::ProgressChanged { follower: NodeId(2), state: ProgressState::Probe })
    );
}
