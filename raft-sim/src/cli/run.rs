//! `raft-sim run`: a scenario from the first event to the last.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use raft_sim::{EventId, Level, Scenario, Timeline};

/// Steps after which a script that does not end is given up.
const MAX_STEPS: usize = 10_000_000;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::{Long, Value};
    let (mut file, mut without_rule, mut least) = (None, false, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("without-rule") => without_rule = true,
            Long("transcript") => least = Some(Level::Normal),
            Long("detail") => least = Some(Level::Detail),
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or("name the scenario file to run")?;
    let name = file.display();
    let json = std::fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
    let mut scenario = Scenario::parse(&json).map_err(|error| format!("{name}: {error}"))?;
    if without_rule {
        scenario = scenario.without_rule();
    }
    let mut timeline = Timeline::new(scenario)?;
    let is_over = timeline.run_script(MAX_STEPS);
    if let Some(least) = least {
        print_events(&timeline, least);
    }
    Ok(report(&timeline, is_over))
}

fn print_events(timeline: &Timeline, least: Level) {
    for (_, event) in timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.level() >= least) {
        let section = event.section().map_or_else(String::new, |section| format!(" ({section})"));
        println!("{:>12}  {}{section}", event.time.to_string(), event.sentence(timeline.world()));
    }
}

fn report(timeline: &Timeline, is_over: bool) -> ExitCode {
    let (world, scenario) = (timeline.world(), timeline.scenario());
    let modified = if world.rules().raft.is_safe() { "" } else { " (modified Raft)" };
    println!("{}{modified}: {} steps, {} events, {}", scenario.id, world.steps(), world.events(), world.now());
    println!("trace {:016x}, state {:016x}", world.trace_hash(), world.state_hash());
    let mut is_good = is_over;
    for result in world.script().results() {
        let problem = result.problem.as_ref().map_or_else(String::new, |problem| format!(": {problem}"));
        println!("line {}: {}{problem}", result.line, if result.held { "as expected" } else { "NOT as expected" });
        is_good &= result.held;
    }
    for found in world.violations().iter() {
        println!("{} at step {}: {}", found.violation.invariant.id(), found.step, found.violation);
    }
    let is_off = scenario.rule.is_some_and(|rule| !world.rules().has(rule));
    match &scenario.breaks {
        Some(breaks) if is_off => {
            is_good &= world.violations().iter().any(|found| found.violation.invariant.id() == breaks);
        }
        _ => is_good &= world.violations().is_empty(),
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
