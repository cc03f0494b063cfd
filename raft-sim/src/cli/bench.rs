//! `raft-sim bench`: how fast the world turns.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use raft_sim::{ClusterConfig, LoadConfig, Time, Timeline};

const ROUNDS: usize = 5;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(other) = arguments.next()? {
        return Err(other.unexpected().into());
    }
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
            let mut timeline = loaded(requests_per_second, unchecked)?;
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
    let mut timeline = loaded(200.0, false)?;
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

fn loaded(requests_per_second: f64, unchecked: bool) -> Result<Timeline, raft_sim::SimError> {
    let load = LoadConfig::open(requests_per_second);
    Timeline::of_cluster(ClusterConfig { load, unchecked, ..ClusterConfig::of(5, 1) })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
