//! Figure 7: seven logs. Whoever is elected repairs all others; and not everybody can be elected.

use raft_core::{Event, NodeId, Role, Term, VoteDenial};

use crate::harness::Cluster;

/// The leader of the figure, then followers (a) to (f), as servers 1 to 7.
const LOGS: [&[u64]; 7] = [
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6],
    &[1, 1, 1, 4],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    &[1, 1, 1, 4, 4, 4, 4],
    &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
];

/// Who would vote for each: its own log and every log that is not more up-to-date (§5.4.1). Four of seven are a majority.
const VOTERS: [&[u64]; 7] =
    [&[1, 2, 3, 6, 7], &[2, 3, 6, 7], &[3, 7], &[1, 2, 3, 4, 6, 7], &[1, 2, 3, 4, 5, 6, 7], &[3, 6, 7], &[7]];

/// The cluster of the figure when the server that wrote the term 7 has stepped down and all know of that term.
fn figure_7() -> Cluster {
    Cluster::with_logs(7, &LOGS)
}

/// Goal: the leader of the figure brings all six followers to its own log, in one cluster.
#[test]
fn figure_7_all_six_followers_are_repaired() {
    let mut cluster = figure_7();
    cluster.elect(1);
    cluster.heartbeats(1, 2);
    for id in 2..=7 {
        assert_eq!(cluster.terms(id), [LOGS[0], &[8]].concat(), "at {id}");
        assert_eq!(cluster.server(id).entries(), cluster.server(1).entries(), "at {id}");
        assert_eq!(cluster.commit(id), 11, "at {id}");
    }
}

/// Goal: of the six, (a), (c) and (d) could have won the election, (b), (e) and (f) could not: too many logs are more
/// up-to-date than theirs.
#[test]
fn figure_7_who_could_have_won() {
    for (position, voters) in VOTERS.iter().enumerate() {
        let id = position as u64 + 1;
        let mut cluster = figure_7();
        cluster.campaign(id);
        cluster.settle();
        let could_win = voters.len() >= 4;
        assert_eq!(cluster.node(id).role() == Role::Leader, could_win, "server {id}");
        assert_eq!(could_win, [1, 2, 4, 5].contains(&id));
        for voter in cluster.ids().into_iter().filter(|&voter| voter != id) {
            let refuses = cluster.server(voter).told(|event| {
                matches!(event, Event::VoteDenied { candidate, reason: VoteDenial::LogBehind { .. }, .. }
                    if *candidate == NodeId(id))
            });
            assert_eq!(refuses, !voters.contains(&voter), "server {voter} about server {id}");
        }
    }
}

/// Goal: whoever of them wins, its log becomes everybody's, as far as it reaches; entries that are on no majority may go.
#[test]
fn figure_7_every_possible_leader_repairs_the_others() {
    for id in [1, 2, 4, 5] {
        let mut cluster = figure_7();
        cluster.elect(id);
        assert_eq!(cluster.node(id).current_term(), Term(8));
        cluster.heartbeats(id, 3);
        let expected = [LOGS[id as usize - 1], &[8]].concat();
        for other in cluster.ids() {
            assert_eq!(cluster.terms(other), expected, "server {other} under server {id}");
            assert!(
                !cluster.server(other).told(|event| matches!(event, Event::EntriesTruncated { committed: true, .. })),
                "server {other} under server {id}"
            );
        }
    }
}

/// Goal: what must be committed in the figure survives under every possible leader: entries 1 to 9 may be, and nobody who
/// lacks one of them can win.
#[test]
fn figure_7_what_may_be_committed_survives() {
    // The longest common beginning of all possible leaders.
    let winners: Vec<_> = [1, 2, 4, 5].map(|id: usize| LOGS[id - 1]).to_vec();
    let common = (0..).take_while(|&at| winners.iter().all(|log| log.get(at).is_some_and(|term| *term == LOGS[0][at])));
    assert_eq!(common.count(), 9);
    // Index 9 is on a majority of the logs, with the same term; index 10 is on three of seven only.
    let holders = |index: usize, term: u64| LOGS.iter().filter(|log| log.get(index - 1) == Some(&term)).count();
    assert_eq!((holders(9, 6), holders(10, 6)), (4, 3));
}
