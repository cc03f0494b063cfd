//! Every rule that can be switched off is missed: something that holds with it fails without it.

mod parallel;

use raft_core::{Rule, Rules};
use raft_sim::chaos::{Drill, Style, Trial};

/// Seeds of each style and drill that must be blameless with all rules on.
const BLAMELESS_SEEDS: u64 = 300;

/// A rule, what shows that it is missing, and how many seeds that may take.
struct Missed {
    rule: Rule,
    by: Option<Style>,
    seeds: u64,
}

/// Rules whose absence breaks promises are caught by the checker, under the trouble that needs them most; the others by
/// the drill that [`Drill::of`] names.
const ALL: &[Missed] = &[
    Missed { rule: Rule::PersistVote, by: Some(Style::PowerLoss), seeds: 10 },
    Missed { rule: Rule::PersistTerm, by: Some(Style::PowerLoss), seeds: 10 },
    Missed { rule: Rule::PersistLog, by: Some(Style::PowerLoss), seeds: 20 },
    Missed { rule: Rule::Majority, by: Some(Style::Swarm), seeds: 5 },
    Missed { rule: Rule::RandomisedTimeout, by: None, seeds: 5 },
    Missed { rule: Rule::RedrawTimeout, by: None, seeds: 200 },
    Missed { rule: Rule::StepDownOnHigherTerm, by: Some(Style::PowerLoss), seeds: 50 },
    Missed { rule: Rule::PreVote, by: None, seeds: 20 },
    Missed { rule: Rule::CheckQuorum, by: None, seeds: 5 },
    Missed { rule: Rule::VoteStickiness, by: None, seeds: 20 },
    Missed { rule: Rule::ElectionRestriction, by: Some(Style::LeaderCrashes), seeds: 20 },
    Missed { rule: Rule::ConsistencyCheck, by: Some(Style::PowerLoss), seeds: 50 },
    Missed { rule: Rule::FastBackup, by: None, seeds: 5 },
    Missed { rule: Rule::TruncateOnConflict, by: Some(Style::LateMessages), seeds: 10 },
    Missed { rule: Rule::CommitCurrentTermOnly, by: Some(Style::LeaderCrashes), seeds: 20 },
    Missed { rule: Rule::NoOp, by: None, seeds: 20 },
    Missed { rule: Rule::FlowControl, by: None, seeds: 5 },
];

/// Goal: each rule has its place in the table, and its absence is noticed within that many seeds. Prints what was noticed.
#[test]
fn every_rule_is_missed() {
    // The simulator cannot ask for snapshots, changes of membership and reads yet.
    let asked_for = Rule::ALL.iter().copied().take_while(|&rule| rule != Rule::ReadIndex);
    assert!(ALL.iter().map(|missed| missed.rule).eq(asked_for), "a rule is missing in the table");
    let results = parallel::over(0..ALL.len() as u64, |position| Some(search(&ALL[position as usize])));
    println!("| rule | trouble | first failing property | seeds needed | bound |\n|---|---|---|---|---|");
    let mut unnoticed = Vec::new();
    for (missed, (trouble, found)) in ALL.iter().zip(&results) {
        let (property, needed) =
            found.as_ref().map_or(("none".into(), "-".into()), |(seed, what)| (what.clone(), (seed + 1).to_string()));
        println!("| {} | {trouble} | {property} | {needed} | {} |", missed.rule.name(), missed.seeds);
        if found.is_none() {
            unnoticed.push(missed.rule.name());
        }
    }
    assert!(unnoticed.is_empty(), "nobody misses {unnoticed:?}");
}

fn search(missed: &Missed) -> (String, Option<(u64, String)>) {
    let rules = Rules::SAFE.without(missed.rule);
    if let Some(style) = missed.by {
        let first = (0..missed.seeds).find_map(|seed| {
            let mut trial = Trial::with_rules(style, seed, rules);
            trial.endure().err()?;
            let found = trial.world().violations().get(0).expect("the trial ended at a violation");
            let invariant = found.violation.invariant;
            Some((seed, format!("{} {}", invariant.id(), invariant.name())))
        });
        return (format!("{style:?}"), first);
    }
    let (drill, habit) = Drill::of(missed.rule).expect("a rule that protects no promise protects a habit");
    let first = (0..missed.seeds).find_map(|seed| {
        let lapses = drill.run(seed, rules);
        lapses.iter().any(|lapse| lapse.habit == habit).then(|| (seed, format!("{} {}", habit.id(), habit.name())))
    });
    (format!("{drill:?}"), first)
}

/// Goal: with all rules on, the same seeds of the same drills show no lapse of any habit.
#[test]
fn with_all_rules_on_every_habit_is_kept() {
    for &drill in Drill::ALL {
        let lapses = parallel::over(0..BLAMELESS_SEEDS, |seed| {
            let lapses = drill.run(seed, Rules::SAFE);
            lapses.first().map(|lapse| format!("{drill:?} seed {seed}, {}: {}", lapse.habit.id(), lapse.fact))
        });
        assert!(lapses.is_empty(), "{} lapses:\n{}", lapses.len(), lapses.join("\n"));
    }
}
