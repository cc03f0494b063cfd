//! Runs many schedules, and shows the shortest that fails.

use std::fmt::Debug;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use raft_core::Rule;

use crate::random::Random;
use crate::server::Setup;

/// Makes a schedule from each seed, runs it and returns the results. On the first failure panics with the seed, the reason,
/// and a schedule from which no step can be removed, as far as it goes until it fails.
pub(crate) fn run_all<T: Clone + Debug, R>(
    seeds: Range<u64>,
    make: impl Fn(&mut Random, Setup) -> Vec<T>,
    run: impl Fn(Setup, &[T]) -> Result<R, Failure>,
) -> Vec<R> {
    run_all_without(None, seeds, make, &run).unwrap_or_else(|failed| {
        let Failed { seed, setup, schedule, failure } = failed;
        let prefix = schedule[..schedule.len().min(failure.at + 1)].to_vec();
        let shortest = shortest(prefix, |schedule| attempt(&run, setup, schedule).is_err());
        let reason = attempt(&run, setup, &shortest).err().map_or(failure.reason, |failure| failure.reason);
        let steps: Vec<String> = shortest.iter().map(|step| format!("    {step:?},\n")).collect();
        panic!("seed {seed}, {setup:?}:\n{reason}\nafter [\n{}]", steps.concat());
    })
}

/// The same while raft-core does without a safeguard; the first failure is returned as it is.
pub(crate) fn run_all_without<T, R>(
    without: Option<Rule>,
    seeds: Range<u64>,
    make: impl Fn(&mut Random, Setup) -> Vec<T>,
    run: impl Fn(Setup, &[T]) -> Result<R, Failure>,
) -> Result<Vec<R>, Failed<T>> {
    let one = |seed| {
        let mut random = Random::new(seed);
        let setup = Setup { without, ..random.setup() };
        let schedule = make(&mut random, setup);
        attempt(&run, setup, &schedule).map_err(|failure| Failed { seed, setup, schedule, failure })
    };
    seeds.map(one).collect()
}

/// A schedule that failed, and where it comes from.
pub(crate) struct Failed<T> {
    seed: u64,
    setup: Setup,
    schedule: Vec<T>,
    failure: Failure,
}

/// Runs a schedule; a panic is a failure like any other.
fn attempt<T, R>(run: impl Fn(Setup, &[T]) -> Result<R, Failure>, setup: Setup, schedule: &[T]) -> Result<R, Failure> {
    catch_unwind(AssertUnwindSafe(|| run(setup, schedule)))
        .unwrap_or_else(|panic| Err(Failure { at: schedule.len(), reason: words(panic.as_ref()) }))
}

/// Where and why a schedule failed.
pub(crate) struct Failure {
    /// The step, counted from 0.
    pub(crate) at: usize,
    pub(crate) reason: String,
}

/// Removes steps, many at a time and then one by one, as long as it still fails.
fn shortest<T: Clone>(mut schedule: Vec<T>, fails: impl Fn(&[T]) -> bool) -> Vec<T> {
    let mut size = schedule.len().max(1);
    loop {
        let before = schedule.len();
        let mut at = 0;
        while at < schedule.len() {
            let end = schedule.len().min(at + size);
            let without = [&schedule[..at], &schedule[end..]].concat();
            if fails(&without) {
                schedule = without;
            } else {
                at += size;
            }
        }
        if size == 1 && schedule.len() == before {
            return schedule;
        }
        size = (size / 2).max(1);
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default()
}
