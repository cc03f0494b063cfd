//! raft-core and tikv's `raft` under the same schedules. Where the protocol defines the outcome, both must come to the same;
//! where it does not, both must keep the promises of the protocol.

mod cluster;
mod differences;
mod drive;
mod ours;
mod random;
mod rounds;
mod safety;
mod search;
mod server;
mod steps;
mod storage;
mod theirs;

use raft_core::Rule;
use search::{run_all, run_all_without};

/// Goal: after every settled round (an election, proposals, a crash, a restart, a snapshot, a transfer of leadership; with or
/// without a part of the cluster and a part of the messages) both implementations have the same leaders, logs, committed and
/// applied entries.
#[test]
fn settled_rounds_end_alike() {
    const SCHEDULES: u64 = 2_000;
    let summaries = run_all(0..SCHEDULES, rounds::make, rounds::run);
    // Agreement on nothing would be no agreement.
    let sum = |what: fn(&rounds::Summary) -> usize| summaries.iter().map(what).sum::<usize>();
    assert!(sum(|it| it.leaders) > 5 * summaries.len());
    assert!(sum(|it| it.committed) > 10 * summaries.len());
    assert!(sum(|it| it.snapshots) > summaries.len() / 10);
}

/// Goal: under schedules of single steps, in which the two soon part ways, each keeps its logs consistent and its promises
/// to clients, and what both applied, both applied in the same order.
#[test]
fn any_schedule_keeps_the_promises() {
    const SCHEDULES: u64 = 3_000;
    let summaries = run_all(0..SCHEDULES, steps::make, steps::run);
    let sum = |what: fn(&steps::Summary) -> usize| summaries.iter().map(what).sum::<usize>();
    assert!(sum(|it| it.leaders) > summaries.len());
    assert!(sum(|it| it.acknowledged_by_both) > summaries.len());
    assert!(sum(|it| it.snapshots) > summaries.len() / 10);
}

/// Goal: the comparison can fail. Without any one of its safeguards raft-core is told apart, or breaks a promise.
#[test]
fn a_missing_safeguard_is_noticed() {
    const SCHEDULES: u64 = 300;
    for rule in EXERCISED {
        let is_noticed = run_all_without(Some(rule), 0..SCHEDULES, rounds::make, rounds::run).is_err()
            || run_all_without(Some(rule), 0..SCHEDULES, steps::make, steps::run).is_err();
        assert!(is_noticed, "nobody misses {}", rule.name());
    }
}

/// The safeguards that these schedules need. No election timer runs out in them, so how it is drawn makes no difference; and
/// there are neither reads nor other configurations than the first.
const EXERCISED: [Rule; 16] = [
    Rule::PersistVote,
    Rule::PersistTerm,
    Rule::PersistLog,
    Rule::Majority,
    Rule::StepDownOnHigherTerm,
    Rule::PreVote,
    Rule::CheckQuorum,
    Rule::VoteStickiness,
    Rule::ElectionRestriction,
    Rule::ConsistencyCheck,
    Rule::FastBackup,
    Rule::TruncateOnConflict,
    Rule::CommitCurrentTermOnly,
    Rule::NoOp,
    Rule::FlowControl,
    Rule::HonestNodes,
];
