//! `raft-sim bench`: how fast the world turns.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use raft_sim::{ClusterConfig, LoadConfig, Time, Timeline};

const ROUNDS: usize = 5;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    let mut is_about_growth = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("growth") => is_about_growth = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if is_about_growth { growth() } else { speed() }
}

fn speed() -> Result<ExitCode, Box<dyn Error>> {
    println!("| run | steps | events | ms | steps/s | events/s |\n|---|---|---|---|---|---|");
    for (name, seconds, requests_per_second, unchecked) in [
        ("60 s at 10 requests/s", 60.0, 10.0, false),
        ("the same without the checker", 60.0, 10.0, true),
        ("60 s of heartbeats", 60.0, 0.0, false),
        ("10 s at 2,000 requests/s", 10.0, 2_000.0, false),
        ("the same without the checker", 10.0, 2_000.0, true),
    ] {
        let mut times = Vec::new();
        let (mut steps, mut events) = (0, 0);
        for _ in 0..ROUNDS {
            let mut timeline = loaded(5, requests_per_second, unchecked)?;
            let start = Instant::now();
            timeline.advance_to(Time::from_ms(seconds * 1_000.0).unwrap_or_default(), usize::MAX);
            times.push(start.elapsed().as_secs_f64());
            (steps, events) = (timeline.world().steps(), timeline.world().events());
        }
        let time = median(times);
        println!(
            "| 5 servers, {name} | {steps} | {events} | {:.1} | {:.0} | {:.0} |",
            time * 1e3,
            f64::from(steps) / time,
            f64::from(events) / time
        );
    }
    let mut timeline = loaded(5, 200.0, false)?;
    while timeline.world().events() < 100_000 {
        timeline.step();
    }
    let head = timeline.world().steps();
    let times = (0..200_u32).map(|i| {
        let start = Instant::now();
        let sought = timeline.seek(i.wrapping_mul(2_654_435_761) % head);
        (start.elapsed().as_secs_f64(), sought)
    });
    let times = times.map(|(time, sought)| sought.map(|()| time)).collect::<Result<Vec<_>, _>>()?;
    let worst = times.iter().copied().fold(0.0, f64::max);
    println!("\nseek in a run of 100,000 events: median {:.3} ms, worst {:.3} ms", median(times) * 1e3, worst * 1e3);
    Ok(ExitCode::SUCCESS)
}

/// What a step costs in larger clusters and with longer logs, as comma-separated values.
fn growth() -> Result<ExitCode, Box<dyn Error>> {
    println!("what,size,steps,events,ns per step,ns per event");
    for servers in [3, 5, 7, 9, 13, 17, 21, 25] {
        let rounds = (0..ROUNDS).map(|_| {
            let mut timeline = loaded(servers, 100.0, false)?;
            let end = Time::from_ms(10_000.0).unwrap_or_default();
            Ok(timed(&mut timeline, |timeline| _ = timeline.advance_to(end, usize::MAX)))
        });
        report("servers", servers, rounds.collect::<Result<_, raft_sim::SimError>>()?);
    }
    // One cluster whose log grows: the same number of steps is measured each time it is long enough.
    let rounds = (0..ROUNDS).map(|_| {
        let mut timeline = loaded(5, 2_000.0, false)?;
        let costs = LOG_LENGTHS.map(|length| {
            while timeline.world().nodes().all(|node| node.log().last_index().0 < length as u64) {
                timeline.step();
            }
            timed(&mut timeline, |timeline| (0..STEPS).for_each(|_| _ = timeline.step()))
        });
        Ok(costs)
    });
    let rounds = rounds.collect::<Result<Vec<_>, raft_sim::SimError>>()?;
    for (at, length) in LOG_LENGTHS.into_iter().enumerate() {
        report("log", length, rounds.iter().map(|round| round[at]).collect());
    }
    Ok(ExitCode::SUCCESS)
}

/// Lengths of the log at which steps are measured, and how many steps.
const LOG_LENGTHS: [usize; 7] = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];
const STEPS: u32 = 2_000;

/// Steps, events and seconds.
type Cost = (u32, u32, f64);

fn timed(timeline: &mut Timeline, work: impl FnOnce(&mut Timeline)) -> Cost {
    let (steps, events) = (timeline.world().steps(), timeline.world().events());
    let start = Instant::now();
    work(timeline);
    let seconds = start.elapsed().as_secs_f64();
    (timeline.world().steps() - steps, timeline.world().events() - events, seconds)
}

fn report(what: &str, size: usize, costs: Vec<Cost>) {
    let (steps, events, _) = costs.first().copied().unwrap_or_default();
    let nanoseconds = median(costs.into_iter().map(|(.., seconds)| seconds * 1e9).collect());
    let (per_step, per_event) = (nanoseconds / f64::from(steps), nanoseconds / f64::from(events));
    println!("{what},{size},{steps},{events},{per_step:.0},{per_event:.0}");
}

fn loaded(servers: usize, requests_per_second: f64, unchecked: bool) -> Result<Timeline, raft_sim::SimError> {
    let load = LoadConfig::open(requests_per_second);
    Timeline::of_cluster(ClusterConfig { load, unchecked, ..ClusterConfig::of(servers, 1) })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
