//! Planted bugs are found by random schedules; the table of all of them is in `docs/chaos.md`.

use crate::parallel;
use raft_sim::RuleName;
use raft_sim::chaos::{Bug, Style, schedule_of};

/// Schedules that find most bugs.
const SCHEDULES: u64 = 120;

/// Bugs that need more schedules than a quick test has time for: `raft-sim bugs` finds them.
const LATE: &[&str] = &[
    "no:redraw-timeout",
    "no:read-index",
    "no:copy-on-write",
    "no:session-guarantee",
    "forgotten-truncation",
    "lease-kept",
    "excess-drift",
    "revived-ack",
];

/// Goal: random schedules of all styles in turn, none made for a bug, soon notice most planted bugs. Prints who notices what.
#[test]
fn random_schedules_find_planted_bugs() {
    let bugs: Vec<_> = Bug::all().filter(|bug| !LATE.contains(&bug.name().as_str())).collect();
    let rows = parallel::over(0..bugs.len() as u64, |number| {
        let bug = bugs[number as usize];
        let found = (0..SCHEDULES).find_map(|schedule| Some((schedule, bug.found_by(schedule)?.problem().property())));
        Some((bug.name(), found))
    });
    for (name, found) in &rows {
        println!("{name}: {found:?}");
    }
    let missed: Vec<_> = rows.iter().filter(|(_, found)| found.is_none()).map(|(name, _)| name).collect();
    assert!(missed.is_empty(), "not found within {SCHEDULES} schedules: {missed:?}");
}

/// Goal: every rule and at least thirteen other bugs are planted, and names find their bug again.
#[test]
fn at_least_forty_bugs_are_planted() {
    assert!(Bug::all().count() >= RuleName::ALL.len() + 13);
    for bug in Bug::all() {
        assert_eq!(Bug::named(&bug.name()), Some(bug));
    }
    assert!(LATE.iter().all(|name| Bug::named(name).is_some()));
    let styles: Vec<_> = (0..Style::ALL.len() as u64).map(|schedule| schedule_of(schedule).0).collect();
    assert_eq!(styles, Style::ALL);
}
