//! Every rule that can be switched off is missed: something that holds with it fails without it.

use crate::experiments;
use crate::parallel;
use raft_core::{Rule, Rules};
use raft_sim::RuleName;
use raft_sim::chaos::{Drill, Style, Trial};

/// Seeds of each style and drill that must be blameless with all rules on.
const BLAMELESS_SEEDS: u64 = 300;

/// A rule, what shows that it is missing, and how many seeds that may take.
struct Missed {
    rule: RuleName,
    by: Trouble,
    seeds: u64,
}

/// What shows that a rule is missing.
#[derive(Clone, Copy)]
enum Trouble {
    /// The checker, under the trouble that needs the rule most: a promise is broken.
    Chaos(Style),
    /// The drill that [`Drill::of`] names: a habit is broken.
    Drill,
    /// A schedule made for it, which says what it saw.
    Experiment(&'static str, fn(u64, RuleName, bool) -> Option<String>),
}

use Trouble::{Chaos, Drill as ByDrill, Experiment};

const ALL: &[Missed] = &[
    Missed { rule: RuleName::PersistVote, by: Chaos(Style::PowerLoss), seeds: 10 },
    Missed { rule: RuleName::PersistTerm, by: Chaos(Style::PowerLoss), seeds: 10 },
    Missed { rule: RuleName::PersistLog, by: Chaos(Style::PowerLoss), seeds: 20 },
    Missed { rule: RuleName::Majority, by: Chaos(Style::Swarm), seeds: 5 },
    Missed { rule: RuleName::RandomisedTimeout, by: ByDrill, seeds: 5 },
    Missed { rule: RuleName::RedrawTimeout, by: ByDrill, seeds: 200 },
    Missed { rule: RuleName::StepDownOnHigherTerm, by: Chaos(Style::PowerLoss), seeds: 50 },
    Missed { rule: RuleName::PreVote, by: ByDrill, seeds: 20 },
    Missed { rule: RuleName::CheckQuorum, by: ByDrill, seeds: 5 },
    Missed { rule: RuleName::VoteStickiness, by: ByDrill, seeds: 20 },
    Missed { rule: RuleName::ElectionRestriction, by: Chaos(Style::LeaderCrashes), seeds: 20 },
    Missed { rule: RuleName::ConsistencyCheck, by: Chaos(Style::PowerLoss), seeds: 50 },
    Missed { rule: RuleName::FastBackup, by: ByDrill, seeds: 5 },
    Missed { rule: RuleName::TruncateOnConflict, by: Chaos(Style::LateMessages), seeds: 10 },
    Missed { rule: RuleName::CommitCurrentTermOnly, by: Chaos(Style::LeaderCrashes), seeds: 20 },
    Missed { rule: RuleName::NoOp, by: ByDrill, seeds: 20 },
    Missed { rule: RuleName::FlowControl, by: ByDrill, seeds: 5 },
    Missed { rule: RuleName::ReadIndex, by: Chaos(Style::Reads), seeds: 200 },
    Missed { rule: RuleName::RetainSuffix, by: Chaos(Style::LateSnapshots), seeds: 50 },
    Missed { rule: RuleName::JointConsensus, by: Chaos(Style::Reconfiguration), seeds: 200 },
    Missed {
        rule: RuleName::NoOpBeforeConfig,
        by: Experiment("two leaders change the membership in turn", experiments::two_changes),
        seeds: 10,
    },
    Missed {
        rule: RuleName::CatchUpBeforeVote,
        by: Experiment("a new server takes part while a voter is down", experiments::growth),
        seeds: 5,
    },
    Missed { rule: RuleName::HonestNodes, by: Chaos(Style::PowerLoss), seeds: 10 },
    Missed {
        rule: RuleName::CopyOnWrite,
        by: Experiment("a leader takes a slow snapshot", experiments::slow_snapshot),
        seeds: 5,
    },
    Missed {
        rule: RuleName::GroupCommit,
        by: Experiment("many writes meet a slow disk", experiments::slow_disk),
        seeds: 5,
    },
    Missed {
        rule: RuleName::ClientSessions,
        by: Experiment("a client sends a write again", experiments::retry),
        seeds: 50,
    },
    Missed {
        rule: RuleName::SessionGuarantee,
        by: Experiment("a client asks a follower that is cut off", experiments::backwards),
        seeds: 5,
    },
];

/// Goal: each rule has its place in the table, and its absence is noticed within that many seeds. Prints what was noticed.
#[test]
fn every_rule_is_missed() {
    assert!(ALL.iter().map(|missed| missed.rule).eq(RuleName::ALL.iter().copied()), "a rule is missing in the table");
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
    match missed.by {
        Chaos(style) => {
            let rule = missed.rule.rule().expect("the checker judges rules of Raft");
            let first = (0..missed.seeds).find_map(|seed| {
                let mut trial = Trial::with_rules(style, seed, Rules::SAFE.without(rule));
                trial.endure().err()?;
                let found = trial.world().violations().get(0).expect("the trial ended at a violation");
                let invariant = found.violation.invariant;
                Some((seed, format!("{} {}", invariant.id(), invariant.name())))
            });
            (format!("{style:?}"), first)
        }
        ByDrill => {
            let rule = missed.rule.rule().expect("drills are about rules of Raft");
            search_drill(rule, missed.seeds)
        }
        Experiment(name, run) => {
            let first = (0..missed.seeds).find_map(|seed| Some((seed, run(seed, missed.rule, false)?)));
            (name.into(), first)
        }
    }
}

fn search_drill(rule: Rule, seeds: u64) -> (String, Option<(u64, String)>) {
    let rules = Rules::SAFE.without(rule);
    let (drill, habit) = Drill::of(rule).expect("a rule that protects no promise protects a habit");
    let first = (0..seeds).find_map(|seed| {
        let lapses = drill.run(seed, rules);
        lapses.iter().any(|lapse| lapse.habit == habit).then(|| (seed, format!("{} {}", habit.id(), habit.name())))
    });
    (format!("{drill:?}"), first)
}

/// Goal: with all rules on, the same experiments see nothing wrong.
#[test]
fn with_all_rules_on_the_experiments_see_nothing() {
    for missed in ALL {
        if let Experiment(name, run) = missed.by {
            let wrong = parallel::over(0..BLAMELESS_SEEDS, |seed| {
                run(seed, missed.rule, true).map(|what| format!("{name}, seed {seed}: {what}"))
            });
            assert!(wrong.is_empty(), "{} seeds:\n{}", wrong.len(), wrong.join("\n"));
        }
    }
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
