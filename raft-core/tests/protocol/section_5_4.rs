//! §5.4: safety, with the story of Figure 8.

use raft_core::{CommitBlock, Event, LogIndex, NodeId, Role, Rule, Term, VoteDenial};

use crate::harness::{Cluster, Server, accepted, granted, request_vote, vote};

/// Goal: §5.4.1, the log with the later last term is more up-to-date; with equal last terms the longer one is.
#[test]
fn section_5_4_1_up_to_date_is_last_term_then_length() {
    let mine: &[u64] = &[1, 2, 2];
    let cases = [((3, 2), true), ((4, 2), true), ((1, 3), true), ((2, 2), false), ((9, 1), false), ((0, 0), false)];
    for (theirs, is_given) in cases {
        let mut voter = Server::with_log(1, 3, 3, mine);
        assert_eq!(granted(&voter.step(request_vote(2, 1, 4, theirs))), Some(is_given), "{theirs:?}");
    }
}

/// Goal: §5.4.1, a server that lacks a committed entry cannot win.
#[test]
fn section_5_4_1_a_candidate_without_committed_entries_loses() {
    let mut cluster = Cluster::new(3);
    cluster.elect(1);
    cluster.isolate(&[3]);
    cluster.propose(1, "committed");
    cluster.settle();
    cluster.crash(1);
    cluster.heal();
    cluster.run(400);
    let [leader] = cluster.leaders()[..] else { panic!("{:?} lead", cluster.leaders()) };
    assert_eq!(leader, 2);
    assert_eq!(cluster.server(3).commands(), ["committed"]);
    assert!(
        cluster.server(2).told(|event| matches!(
            event,
            Event::VoteDenied { candidate: NodeId(3), reason: VoteDenial::LogBehind { .. }, .. }
        )) || cluster.server(2).told(|event| matches!(event, Event::BecameLeader { .. }))
    );
}

/// Goal: without the restriction, a leader without committed entries is elected and overwrites them.
#[test]
fn rule_election_restriction_off_overwrites_committed_entries() {
    let mut cluster = Cluster::new(3).without(Rule::ElectionRestriction).without(Rule::PreVote);
    cluster.elect(1);
    cluster.isolate(&[3]);
    cluster.propose(1, "committed");
    cluster.settle();
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.server(2).commands(), ["committed"]);
    cluster.heal();
    cluster.isolate(&[1]);
    cluster.elect(3);
    assert!(cluster.server(2).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })));
}

/// Goal: §5.4.2, a leader does not commit an entry of an older term by counting replicas.
#[test]
fn section_5_4_2_older_terms_are_not_committed_by_counting() {
    let mut leader = Server::with_log(1, 3, 2, &[1, 2]).without(Rule::PreVote).without(Rule::NoOp);
    leader.campaign();
    leader.step(vote(2, 1, 3, true));
    leader.step(accepted(2, 1, 3, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(0));
    let blocked = CommitBlock::OlderTerm { index: LogIndex(2), entry_term: Term(2) };
    assert!(leader.told(|event| *event == Event::CommitBlocked(blocked)));
    assert_eq!(leader.node().commit_block(), Some(CommitBlock::OlderTerm { index: LogIndex(1), entry_term: Term(1) }));
    // An entry of its own term takes the older ones along.
    leader.propose("x").0.unwrap();
    leader.step(accepted(2, 1, 3, 3));
    assert_eq!(leader.node().commit_index(), LogIndex(3));
    assert_eq!(leader.node().commit_block(), None);
    leader.propose("y").0.unwrap();
    let lacking = CommitBlock::NoQuorum { index: LogIndex(4), have: 1, need: 2 };
    assert_eq!(leader.node().commit_block(), Some(lacking));
}

/// Goal: the blank entry lets a new leader commit what it inherited without a client; without it, it waits.
#[test]
fn rule_no_op_off_leaves_inherited_entries_uncommitted() {
    for (rule_off, committed) in [(false, 3), (true, 0)] {
        let mut cluster = Cluster::with_logs(1, &[&[1, 1], &[1, 1], &[1, 1]]);
        if rule_off {
            cluster = cluster.without(Rule::NoOp);
        }
        cluster.elect(1);
        assert_eq!(cluster.commit(1), committed);
    }
}

/// Figure 8, (a) to (c): an entry of term 2 at index 2 is on a majority, while S5 holds one of term 3.
fn figure_8_until_c(rule_off: Option<Rule>) -> Cluster {
    // (a) S1 leads term 2 and replicates index 2 to S2 only. (b) S5 leads term 3 and appends another entry at index 2.
    let mut cluster = Cluster::with_logs(3, &[&[1, 2], &[1, 2], &[1], &[1], &[1, 3]]).without(Rule::NoOp);
    if let Some(rule) = rule_off {
        cluster = cluster.without(rule);
    }
    // (c) S1 leads term 4 and goes on replicating the entry of term 2; S5 is down.
    cluster.crash(5);
    cluster.elect(1);
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.node(1).current_term(), Term(4));
    assert_eq!(cluster.terms(3), [1, 2], "the entry is on a majority");
    cluster
}

/// S5 returns in the place of S1, and learns from its first question that term 4 is taken.
fn figure_8_s5_returns(cluster: &mut Cluster) {
    cluster.crash(1);
    cluster.restart(5);
    cluster.campaign(5);
    cluster.settle();
    assert_eq!(cluster.node(5).current_term(), Term(4));
}

/// Goal: Figure 8 (d), S5 may still win and overwrite the entry, and nothing committed is lost, as it never was committed.
#[test]
fn section_5_4_2_figure_8_d_the_old_entry_is_not_committed() {
    let mut cluster = figure_8_until_c(None);
    assert_eq!(cluster.commit(1), 0);
    figure_8_s5_returns(&mut cluster);
    cluster.elect(5);
    cluster.propose(5, "x");
    cluster.settle();
    for id in [2, 3, 4] {
        assert_eq!(cluster.terms(id), [1, 3, 5], "at {id}");
        assert!(!cluster.server(id).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })));
    }
}

/// Goal: Figure 8 (e), once an entry of term 4 is on a majority, S5 cannot win, and all before it is committed.
#[test]
fn section_5_4_2_figure_8_e_a_new_entry_seals_the_old_ones() {
    let mut cluster = figure_8_until_c(None);
    cluster.propose(1, "x");
    cluster.settle();
    assert_eq!(cluster.commit(1), 3);
    figure_8_s5_returns(&mut cluster);
    cluster.outwait_leader(5);
    cluster.campaign(5);
    cluster.settle();
    assert_ne!(cluster.node(5).role(), Role::Leader);
    assert_eq!(cluster.leaders(), []);
    assert!(cluster.server(2).told(|event| matches!(
        event,
        Event::VoteDenied { candidate: NodeId(5), reason: VoteDenial::LogBehind { .. }, .. }
    )));
}

/// Goal: Figure 8 (d) without the rule: the entry of term 2 is committed by counting and overwritten afterwards.
#[test]
fn rule_commit_current_term_only_off_figure_8_loses_a_committed_entry() {
    let mut cluster = figure_8_until_c(Some(Rule::CommitCurrentTermOnly));
    assert_eq!(cluster.commit(1), 2);
    cluster.heartbeat(1);
    cluster.settle();
    assert_eq!(cluster.commit(2), 2);
    figure_8_s5_returns(&mut cluster);
    cluster.elect(5);
    cluster.propose(5, "x");
    cluster.settle();
    assert!(cluster.server(2).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })));
}

/// Goal: §5.4.3, State Machine Safety: after leaders came and went, all state machines applied the same commands.
#[test]
fn section_5_4_3_state_machines_agree() {
    let mut cluster = Cluster::new(5);
    let mut proposed = 0;
    for round in 0..12_u64 {
        let gone = round % 5 + 1;
        cluster.crash(gone);
        cluster.run(1_000);
        for leader in cluster.leaders() {
            cluster.propose(leader, &format!("x{proposed}"));
            proposed += 1;
        }
        cluster.run(20);
        cluster.restart(gone);
    }
    cluster.run(1_000);
    let expected = cluster.server(1).commands();
    assert_eq!(expected.len(), proposed);
    for id in cluster.ids() {
        assert_eq!(cluster.server(id).commands(), expected, "at {id}");
    }
}
