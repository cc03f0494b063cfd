//! `raft-sim run`: a scenario from the first event to the last.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use raft_sim::{EventId, Level, Metrics, MetricsReport, Scenario, Timeline, Total};

/// Steps after which a script that does not end is given up.
const MAX_STEPS: usize = 10_000_000;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::{Long, Value};
    let (mut file, mut variant, mut without_rule, mut all, mut least) = (None, None, false, false, None);
    let (mut shows_totals, mut shows_series) = (false, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("variant") => variant = Some(lexopt::ValueExt::string(arguments.value()?)?),
            Long("without-rule") => without_rule = true,
            Long("all") => all = true,
            Long("transcript") => least = Some(Level::Normal),
            Long("detail") => least = Some(Level::Detail),
            Long("metrics") => shows_totals = true,
            Long("metrics-csv") => shows_series = true,
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or("name the scenario file to run")?;
    let name = file.display();
    let json = std::fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
    let mut scenario = Scenario::parse(&json).map_err(|error| format!("{name}: {error}"))?;
    if all {
        if variant.is_some() || without_rule || least.is_some() || shows_totals || shows_series {
            return Err("--all runs everything and prints a table; it takes no other option".into());
        }
        return run_all(&scenario);
    }
    if let Some(id) = variant {
        scenario = scenario.variant(&id).map_err(|error| format!("{name}: {error}"))?;
    }
    if without_rule {
        scenario = scenario.without_rule();
    }
    let mut timeline = Timeline::new(scenario)?;
    timeline.run_script(MAX_STEPS);
    if let Some(least) = least {
        print_events(&timeline, least);
    }
    if shows_totals || shows_series {
        let measured = Metrics::of(&timeline, Metrics::WINDOW);
        if shows_series {
            print!("{}", measured.to_csv());
        }
        if shows_totals {
            print_totals(&measured);
        }
    }
    Ok(report(&timeline))
}

/// Runs an experiment with all its variants, with and without its rule.
fn run_all(scenario: &Scenario) -> Result<ExitCode, Box<dyn Error>> {
    let mut is_good = true;
    println!("| run | steps | events | simulated | as it says |\n|---|---|---|---|---|");
    for run in scenario.runs() {
        let mut timeline = Timeline::new(run.scenario)?;
        timeline.run_script(MAX_STEPS);
        let (world, problems) = (timeline.world(), timeline.scenario().problems(timeline.world()));
        let verdict = if problems.is_empty() { "yes".into() } else { format!("NO: {}", problems.join("; ")) };
        println!("| {} | {} | {} | {} | {verdict} |", run.name, world.steps(), world.events(), world.now());
        is_good &= problems.is_empty();
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_events(timeline: &Timeline, least: Level) {
    for (_, event) in timeline.events(EventId(0), usize::MAX).filter(|(_, event)| event.level() >= least) {
        let section = event.section().map_or_else(String::new, |section| format!(" ({section})"));
        println!("{:>12}  {}{section}", event.time.to_string(), event.sentence(timeline.world()));
    }
}

fn print_totals(measured: &MetricsReport) {
    println!("{:<20} {:>6} {:>12} unit", "metric", "server", "total");
    for Total { name, unit, server, value } in &measured.totals {
        let server = server.map_or_else(String::new, |server| format!("S{server}"));
        println!("{:<20} {server:>6} {:>12} {unit}", name.name(), value.to_string());
    }
}

fn report(timeline: &Timeline) -> ExitCode {
    let (world, scenario) = (timeline.world(), timeline.scenario());
    let modified = if world.rules().raft.is_safe() { "" } else { " (modified Raft)" };
    println!("{}{modified}: {} steps, {} events, {}", scenario.id, world.steps(), world.events(), world.now());
    println!("trace {:016x}, state {:016x}", world.trace_hash(), world.state_hash());
    for result in world.script().results() {
        let problem = result.problem.as_ref().map_or_else(String::new, |problem| format!(": {problem}"));
        println!("line {}: {}{problem}", result.line, if result.held { "as expected" } else { "NOT as expected" });
    }
    for found in world.violations().iter() {
        println!("{} at step {}: {}", found.violation.invariant.id(), found.step, found.violation);
    }
    for lapse in world.lapses() {
        println!("{} at {}: {}", lapse.habit.id(), lapse.time, lapse.fact);
    }
    let problems = scenario.problems(world);
    for problem in &problems {
        println!("NOT as the scenario says: {problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
