//! Figure 2, AppendEntries RPC: the receiver's rules.

use raft_core::{AppendOutcome, Event, LogIndex, Rule, Term};

use crate::harness::{Server, accepted, append, matches_to, outcomes, request_vote};

fn conflict(prev: u64, index: u64, term: Option<u64>) -> AppendOutcome {
    AppendOutcome::Conflict {
        prev_log_index: LogIndex(prev),
        conflict_index: LogIndex(index),
        conflict_term: term.map(Term),
    }
}

/// Goal: rule 1, a leader of an older term is refused and learns the newer one; the log stays as it is.
#[test]
fn figure_2_append_entries_1_refuses_an_older_term() {
    let mut follower = Server::with_log(1, 3, 3, &[1]);
    let sent = follower.step(append(2, 1, 2, (1, 1), &[2], 2));
    assert_eq!(outcomes(&sent), [AppendOutcome::StaleTerm]);
    assert_eq!(sent[0].term, Term(3));
    assert_eq!(follower.terms(), [1]);
    assert_eq!(follower.node().leader(), None);
}

/// Goal: rule 2, entries are refused when the one before them is missing.
#[test]
fn figure_2_append_entries_2_refuses_a_gap() {
    let mut follower = Server::with_log(1, 3, 1, &[1]);
    let sent = follower.step(append(2, 1, 1, (3, 1), &[1], 0));
    assert_eq!(outcomes(&sent), [conflict(3, 2, None)]);
    assert_eq!(follower.terms(), [1]);
}

/// Goal: rule 2, entries are refused when the one before them has another term; the hint names that whole term.
#[test]
fn figure_2_append_entries_2_refuses_a_differing_predecessor() {
    let mut follower = Server::with_log(1, 3, 4, &[1, 2, 2, 2]);
    let sent = follower.step(append(2, 1, 4, (4, 3), &[4], 0));
    assert_eq!(outcomes(&sent), [conflict(4, 2, Some(2))]);
    assert_eq!(follower.terms(), [1, 2, 2, 2]);
}

/// Goal: rule 3, an entry that conflicts with a new one is removed with all that follow it.
#[test]
fn figure_2_append_entries_3_removes_what_conflicts() {
    let mut follower = Server::with_log(1, 3, 3, &[1, 2, 2, 2]);
    let sent = follower.step(append(2, 1, 3, (1, 1), &[3], 0));
    assert_eq!(outcomes(&sent), [matches_to(2)]);
    assert_eq!(follower.terms(), [1, 3]);
    assert!(follower.told(|event| *event
        == Event::EntriesTruncated {
            first: LogIndex(2),
            last: LogIndex(4),
            committed: false
        }));
}

/// Goal: rule 3, nothing is removed where nothing conflicts: a late message must not cut off what came after it.
#[test]
fn figure_2_append_entries_3_keeps_what_does_not_conflict() {
    let mut follower = Server::with_log(1, 3, 1, &[]);
    follower.step(append(2, 1, 1, (0, 0), &[1, 1, 1], 0));
    let sent = follower.step(append(2, 1, 1, (0, 0), &[1], 0));
    assert_eq!(outcomes(&sent), [matches_to(1)]);
    assert_eq!(follower.terms(), [1, 1, 1]);
    follower.step(append(2, 1, 1, (2, 1), &[], 0));
    assert_eq!(follower.terms(), [1, 1, 1]);
}

/// Goal: rule 4, entries that are not there yet are appended, those that are there are not appended twice.
#[test]
fn figure_2_append_entries_4_appends_only_what_is_missing() {
    let mut follower = Server::with_log(1, 3, 2, &[1, 1]);
    let sent = follower.step(append(2, 1, 2, (1, 1), &[1, 2, 2], 0));
    assert_eq!(outcomes(&sent), [matches_to(4)]);
    assert_eq!(follower.terms(), [1, 1, 2, 2]);
    assert_eq!(follower.disk.log, *follower.node().log());
}

/// Goal: rule 5, the follower commits what the leader committed.
#[test]
fn figure_2_append_entries_5_follows_the_leaders_commit() {
    let mut follower = Server::with_log(1, 3, 1, &[1, 1]);
    follower.step(append(2, 1, 1, (2, 1), &[1], 2));
    assert_eq!(follower.node().commit_index(), LogIndex(2));
    assert_eq!(follower.commands().len(), 2);
}

/// Goal: rule 5, never further than what this very message verified: a heartbeat says nothing about a divergent tail.
#[test]
fn figure_2_append_entries_5_never_commits_beyond_what_is_verified() {
    let mut follower = Server::with_log(1, 3, 3, &[1, 2, 2]);
    follower.step(append(2, 1, 3, (1, 1), &[], 3));
    assert_eq!(follower.node().commit_index(), LogIndex(1));
    assert!(!follower.told(|event| matches!(event, Event::EntriesTruncated { .. })));
}

/// Goal: rule 5, an old message with a lower commit index takes nothing back.
#[test]
fn figure_2_append_entries_5_commit_never_goes_back() {
    let mut follower = Server::with_log(1, 3, 1, &[1, 1]);
    follower.step(append(2, 1, 1, (2, 1), &[], 2));
    follower.step(append(2, 1, 1, (1, 1), &[], 1));
    assert_eq!(follower.node().commit_index(), LogIndex(2));
}

/// Goal: a message that carries what is known already is answered just like the first time, and changes nothing.
#[test]
fn figure_2_append_entries_is_idempotent() {
    let mut follower = Server::with_log(1, 3, 1, &[]);
    let message = append(2, 1, 1, (0, 0), &[1, 1], 1);
    let first = follower.step(message.clone());
    let (log, writes) = (follower.disk.log.clone(), follower.disk.hard_state);
    let second = follower.step(message);
    assert_eq!(first, second);
    assert_eq!((log, writes), (follower.disk.log, follower.disk.hard_state));
}

/// Goal: the acknowledgement names what this message verified, not what else the log holds.
#[test]
fn figure_2_append_entries_acknowledges_only_what_was_compared() {
    let mut follower = Server::with_log(1, 3, 2, &[1, 1, 1, 1]);
    let sent = follower.step(append(2, 1, 2, (1, 1), &[1], 0));
    assert_eq!(outcomes(&sent), [matches_to(2)]);
}

/// Goal: without the consistency check, entries are put behind whatever stands there.
#[test]
fn rule_consistency_check_off_mixes_logs() {
    let mut follower = Server::with_log(1, 3, 3, &[1, 2]).without(Rule::ConsistencyCheck);
    let sent = follower.step(append(2, 1, 3, (2, 3), &[3], 0));
    assert_eq!(outcomes(&sent), [matches_to(3)]);
    assert_eq!(follower.terms(), [1, 2, 3]);
    // What is not there at all cannot be built upon, not even then.
    let sent = follower.step(append(2, 1, 3, (9, 3), &[3], 0));
    assert_eq!(outcomes(&sent), [conflict(9, 4, None)]);
}

/// Goal: without its condition, truncation cuts off what a late message does not know of.
#[test]
fn rule_truncate_on_conflict_off_cuts_the_log() {
    let mut follower = Server::with_log(1, 3, 1, &[1, 1, 1]).without(Rule::TruncateOnConflict);
    follower.step(append(2, 1, 1, (0, 0), &[1], 0));
    assert_eq!(follower.terms(), [1]);
}

/// Goal: a leader and a candidate treat an `AppendEntries` of their own term as Figure 2 says: a candidate yields, and
/// a second leader of one term, which cannot be, is not obeyed.
#[test]
fn figure_2_append_entries_of_the_own_term_at_candidate_and_leader() {
    let mut candidate = Server::new(1, 3).without(Rule::PreVote);
    candidate.campaign();
    let sent = candidate.step(append(2, 1, 1, (0, 0), &[1], 0));
    assert_eq!(outcomes(&sent), [matches_to(1)]);

    let mut leader = Server::new(1, 1);
    leader.campaign();
    let term = leader.node().current_term().0;
    let sent = leader.step(append(2, 1, term, (0, 0), &[term], 0));
    assert!(sent.is_empty() && leader.node().role().is_leader());
}

/// Goal: an answer that a later term made void changes nothing.
#[test]
fn figure_2_append_entries_replies_of_an_older_term_are_ignored() {
    let mut leader = Server::with_log(1, 2, 4, &[1]).without(Rule::PreVote);
    leader.campaign();
    leader.step(crate::harness::vote(2, 1, 5, true));
    leader.step(accepted(2, 1, 4, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(0));
    leader.step(accepted(2, 1, 5, 2));
    assert_eq!(leader.node().commit_index(), LogIndex(2));
    // And a higher term in any message deposes it.
    leader.step(request_vote(2, 1, 9, (0, 0)));
    assert!(leader.node().role().is_leader(), "its own lease protects it");
    leader.step(accepted(2, 1, 9, 2));
    assert!(!leader.node().role().is_leader());
}
