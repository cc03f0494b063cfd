//! A failing run shrinks to a scenario that fails in the same way.

use crate::parallel;
use raft_sim::chaos::{Failure, Style, Trial};
use raft_sim::judge::{DEFAULT_BUDGET, Level};
use raft_sim::shrink::Shrinker;
use raft_sim::{Breaks, RuleName, Scenario, Timeline};

/// Rules whose absence random trouble shows soon, and where.
const BROKEN: &[(RuleName, Style)] = &[
    (RuleName::PersistVote, Style::PowerLoss),
    (RuleName::PersistLog, Style::PowerLoss),
    (RuleName::Majority, Style::Swarm),
    (RuleName::StepDownOnHigherTerm, Style::PowerLoss),
    (RuleName::ElectionRestriction, Style::LeaderCrashes),
    (RuleName::CommitCurrentTermOnly, Style::LeaderCrashes),
    (RuleName::TruncateOnConflict, Style::LateMessages),
    (RuleName::RetainSuffix, Style::LateSnapshots),
];

fn first_failure(rule: RuleName, style: Style) -> Failure {
    (0..100).find_map(|seed| Trial::without(style, seed, &[rule]).failure()).expect("the rule is missed")
}

fn shrunk(failure: Failure) -> Failure {
    let mut shrinker = Shrinker::new(failure);
    shrinker.advance(1_500);
    shrinker.best().clone()
}

/// Goal: what is left of a failure is shorter, fails for the same property, and is a scenario that fails in the same way
/// when it is run like any other. Prints the lengths.
#[test]
fn a_shrunk_run_is_a_scenario_that_fails_alike() {
    let rows = parallel::over(0..BROKEN.len() as u64, |number| {
        let (rule, style) = BROKEN[number as usize];
        let failure = first_failure(rule, style);
        let small = shrunk(failure.clone());
        assert_eq!(small.problem().property(), failure.problem().property());
        assert!(small.len() <= failure.len());
        let scenario = Scenario::parse(&serde_json::to_string(&small.scenario()).unwrap()).unwrap();
        assert_eq!(scenario.rule, Some(rule));
        let mut timeline = Timeline::new(scenario).unwrap();
        assert!(timeline.run_script(usize::MAX));
        let found = timeline.world().violations().get(0).unwrap().violation.clone();
        assert_eq!(found.to_string(), small.problem().to_string(), "{}", rule.name());
        assert!(timeline.world().script().results().iter().all(|result| result.held));
        let row = format!("| {} | {} | {} | {} |", rule.name(), found.invariant.id(), failure.len(), small.len());
        Some((row, small.len()))
    });
    println!("| without | fails | actions | shrunk |\n|---|---|---|---|");
    for (row, _) in &rows {
        println!("{row}");
    }
    let short = rows.iter().filter(|(_, length)| *length < 30).count();
    assert!(short * 4 >= rows.len() * 3, "most failures need less than 30 actions, not {short}");
}

/// Goal: what only the judges of the clients' history notice shrinks, too, to a scenario in which the history is judged alike.
#[test]
fn what_a_judge_finds_shrinks_to_a_scenario() {
    let failure = first_failure(RuleName::SessionGuarantee, Style::Full);
    let level = Level::named(failure.problem().property()).expect("only a judge sees it");
    let small = shrunk(failure.clone());
    assert_eq!(small.problem().property(), level.name());
    assert!(small.len() < 30 && small.len() < failure.len(), "{} of {}", small.len(), failure.len());
    let scenario = Scenario::parse(&serde_json::to_string(&small.scenario()).unwrap()).unwrap();
    assert_eq!((scenario.rule, scenario.breaks), (Some(RuleName::SessionGuarantee), Some(Breaks::Level(level))));
    let mut timeline = Timeline::new(scenario.clone()).unwrap();
    assert!(timeline.run_script(usize::MAX));
    assert!(level.judge(&timeline.world().history(), DEFAULT_BUDGET).conflict().is_some());
    assert!(timeline.world().script().results().iter().all(|result| result.held));
}

/// Goal: shrinking has no chance in it, in whatever pieces it is done, and it ends.
#[test]
fn shrinking_is_deterministic_and_ends() {
    let failure = first_failure(RuleName::Majority, Style::Swarm);
    let (mut one, mut other) = (Shrinker::new(failure.clone()), Shrinker::new(failure));
    one.advance(u64::MAX);
    while !other.is_over() {
        assert!(other.advance(7) <= 7);
    }
    assert_eq!(one.best().scenario(), other.best().scenario());
    assert_eq!(one.attempts(), other.attempts());
}
