//! Random trouble: every seed draws a cluster and a mix of faults, the checker looks after every event, and in the end
//! everything is healed and the cluster must work.

use std::collections::BTreeSet;

use crate::parallel;
use raft_sim::chaos::{Chaos, FaultKind, Style, Trial};
use raft_sim::{EventId, Scenario, Time, Timeline};

const SEEDS: u64 = 2_000;

fn survives(style: Style, seeds: std::ops::Range<u64>) {
    let failures = parallel::over(seeds, |seed| {
        let mut trial = Trial::new(style, seed);
        trial.run().err().map(|problem| format!("{style:?} seed {seed} at {}: {problem}", trial.world().now()))
    });
    assert!(failures.is_empty(), "{} seeds fail:\n{}", failures.len(), failures.join("\n"));
}

/// Goal: 2,000 seeds of anything at all on 1 to 7 servers break no invariant; afterwards there is a leader within ten
/// election timeouts, writes succeed, all logs are equal, and every promise to a client was kept.
#[test]
fn two_thousand_seeds_of_anything() {
    survives(Style::Swarm, 0..SEEDS);
}

/// Goal: leaders that crash right after they appended (§5.4.2) break nothing.
#[test]
fn leaders_crash_after_appending() {
    survives(Style::LeaderCrashes, 0..SEEDS / 4);
}

/// Goal: power losses with slow disks in the middle of elections break nothing.
#[test]
fn power_losses_during_elections() {
    survives(Style::PowerLoss, 0..SEEDS / 4);
}

/// Goal: copies of old messages that arrive much later break nothing.
#[test]
fn messages_come_again_late() {
    survives(Style::LateMessages, 0..SEEDS / 4);
}

/// Goal: snapshots for servers that are not behind, because their answers were late or lost, break nothing.
#[test]
fn snapshots_come_late() {
    survives(Style::LateSnapshots, 0..SEEDS / 4);
}

/// Goal: changes of the membership at leaders that come and go break nothing.
#[test]
fn the_membership_changes_all_the_time() {
    survives(Style::Reconfiguration, 0..SEEDS / 4);
}

/// Goal: reads at leaders that are cut off break nothing.
#[test]
fn clients_read_while_leaders_are_cut_off() {
    survives(Style::Reads, 0..SEEDS / 4);
}

/// Goal: harm that waits for its worst moment breaks nothing.
#[test]
fn schemers_break_nothing() {
    survives(Style::Schemes, 0..SEEDS / 4);
}

/// Goal: everything at once breaks nothing.
#[test]
fn everything_at_once_breaks_nothing() {
    survives(Style::Full, 10_000..10_000 + SEEDS / 4);
}

/// Goal: under few and plain disturbances every habit is kept.
#[test]
fn under_calm_trouble_habits_are_kept() {
    survives(Style::Calm, 0..SEEDS / 4);
}

/// Goal: what clients saw is judged in every trial, and the judges come to a verdict in nearly all. Clients write in every way,
/// and read in every mode.
#[test]
fn clients_do_everything_and_the_judges_decide() {
    let runs = parallel::over(0..300, |seed| {
        let mut trial = Trial::new(Style::Full, seed);
        trial.run().expect("all rules are on");
        let kinds: BTreeSet<_> = trial.world().operations().iter().map(|operation| operation.kind.name()).collect();
        Some((trial.is_undecided(), kinds))
    });
    let seen: BTreeSet<_> = runs.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["append", "cas", "delete", "get", "put"]);
    let undecided = runs.iter().filter(|(is_undecided, _)| *is_undecided).count();
    assert!(undecided * 100 <= runs.len(), "{undecided} of {} trials are undecided", runs.len());
}

/// Goal: in the fullest style each of the fourteen kinds of fault occurs in at least one run of twenty, and a run has at
/// least twenty faults on average, not counting what chance does to messages. What mends is no fault. The same is asked of the
/// ten thousand seeds that `npm test` runs.
#[test]
fn every_kind_of_fault_occurs() {
    let seeds = 300;
    let runs = parallel::over(0..seeds, |seed| {
        let mut trial = Trial::new(Style::Full, seed);
        trial.run().expect("all rules are on");
        Some((trial.faults().clone(), trial.harms() as usize))
    });
    for kind in FaultKind::ALL {
        let share = runs.iter().filter(|(faults, _)| faults.contains_key(kind)).count();
        println!("{kind:?}: in {share} of {seeds} runs");
        assert!(share * 20 >= runs.len(), "{kind:?} occurs in {share} of {seeds} runs only");
    }
    let faults: usize = runs.iter().map(|(_, by_design)| by_design).sum();
    println!("{faults} faults in {seeds} runs");
    assert!(faults >= 20 * runs.len(), "{faults} faults in {seeds} runs are too few");
}

/// What goes wrong when some servers stay away for long after the faults, in any way, and come back in the end.
fn with_outsiders(seeds: std::ops::Range<u64>) -> Vec<String> {
    parallel::over(seeds, |seed| {
        let style = [Style::Swarm, Style::Schemes, Style::Full][(seed % 3) as usize];
        let mut trial = Trial::of(Chaos::new(style, seed).with_permanent_outsiders(), &[]);
        trial.run().err().map(|problem| format!("{style:?} seed {seed} at {}: {problem}", trial.world().now()))
    })
}

/// Goal (L1, L6): while a minority is cut off, deaf, mute or frozen for twenty election timeouts, the majority finds a
/// leader within ten and keeps it, also when the others come back.
#[test]
fn outsiders_do_not_depose_a_leader() {
    let failures = with_outsiders(0..150);
    assert!(failures.is_empty(), "{} seeds fail:\n{}", failures.len(), failures.join("\n"));
}

/// Goal: the same for 3,000 seeds, more than a run of all tests has time for.
#[test]
#[ignore = "takes minutes; cargo test -p raft-sim --test all -- --ignored outsiders"]
fn outsiders_do_not_depose_a_leader_in_three_thousand_seeds() {
    let failures = with_outsiders(10_000..13_000);
    assert!(failures.is_empty(), "{} seeds fail:\n{}", failures.len(), failures.join("\n"));
}

/// Goal: the recorded actions of a trial are the trial: as the script of a scenario, through JSON, they give the same run
/// to the bit, in every style.
#[test]
fn recorded_actions_are_the_run() {
    let seeds = 40;
    let differences = parallel::over(0..seeds * Style::ALL.len() as u64, |number| {
        let (style, seed) = (Style::ALL[(number / seeds) as usize], number % seeds);
        let mut trial = Trial::new(style, seed);
        trial.endure().expect("all rules are on");
        let end = Time::of_ticks(trial.chaos().mix().span_ms);
        let json = serde_json::to_string(&trial.scenario()).expect("a scenario is JSON");
        let mut timeline = Timeline::new(Scenario::parse(&json).expect("it is a valid one")).expect("it can be run");
        timeline.advance_to(end, usize::MAX);
        let (here, there) = (trial.world(), timeline.world());
        let is_same = here.trace_hash() == there.trace_hash() && here.steps() == there.steps();
        (!is_same).then(|| format!("{style:?} seed {seed}: {} steps, then {}", here.steps(), there.steps()))
    });
    assert!(differences.is_empty(), "{} runs differ:\n{}", differences.len(), differences.join("\n"));
}

/// Everything that happens in the phase of faults, by name.
fn names_of_what_happens(style: Style, seed: u64) -> BTreeSet<&'static str> {
    let mut chaos = Chaos::new(style, seed);
    let mut timeline = Timeline::of_cluster(chaos.cluster().clone()).expect("every mix draws a valid cluster");
    while chaos.next_time() < Time::of_ticks(chaos.mix().span_ms) {
        timeline.advance_to(chaos.next_time(), usize::MAX);
        for action in chaos.strike(timeline.world()) {
            // What makes no sense any more is refused.
            let _ = timeline.act(&action);
        }
    }
    timeline.events(EventId(0), usize::MAX).map(|(_, event)| event.name()).collect()
}

/// Goal: a few seeds of anything already see everything that a cluster can do; so the thousands do.
#[test]
fn the_seeds_see_everything() {
    let seen: BTreeSet<_> =
        parallel::over(0..100, |seed| Some(names_of_what_happens(Style::Swarm, seed))).into_iter().flatten().collect();
    let wanted = [
        "snapshotBegun",
        "logCompacted",
        "snapshotReceived",
        "snapshotInstalled",
        "restored",
        "configurationChanged",
        "caughtUp",
        "transferStarted",
        "transferRequested",
        "transferAborted",
        "readWaiting",
        "readsConfirmed",
        "refused",
        "returned",
    ];
    let unseen: Vec<_> = wanted.into_iter().filter(|name| !seen.contains(name)).collect();
    assert!(unseen.is_empty(), "never seen: {unseen:?}");
}

/// Goal: 5,000 seeds of each style, more than a run of all tests has time for.
#[test]
#[ignore = "takes minutes"]
fn five_thousand_seeds_of_each_style() {
    for &style in Style::ALL {
        survives(style, 10_000..15_000);
    }
}
