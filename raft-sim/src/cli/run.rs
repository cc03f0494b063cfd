//! `raft-sim run`: a scenario from the first event to the last.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use raft_sim::{Lab, Level, Metrics, MetricsReport, Scenario, Total};

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
    let mut lab = Lab::new(scenario)?;
    lab.run_script(MAX_STEPS);
    if let Some(least) = least {
        lab.transcript(least).iter().for_each(|line| println!("{line}"));
    }
    if let Lab::Raft(timeline) = &lab
        && (shows_totals || shows_series)
    {
        let measured = Metrics::of(timeline, Metrics::WINDOW);
        if shows_series {
            print!("{}", measured.to_csv());
        }
        if shows_totals {
            print_totals(&measured);
        }
    }
    Ok(report(&lab))
}

/// Runs an experiment with all its variants, with and without its rule.
fn run_all(scenario: &Scenario) -> Result<ExitCode, Box<dyn Error>> {
    let mut is_good = true;
    println!("| run | steps | events | simulated | as it says |\n|---|---|---|---|---|");
    for run in scenario.runs() {
        let mut lab = Lab::new(run.scenario)?;
        lab.run_script(MAX_STEPS);
        let problems = lab.problems();
        let verdict = if problems.is_empty() { "yes".into() } else { format!("NO: {}", problems.join("; ")) };
        println!("| {} | {} | {} | {} | {verdict} |", run.name, lab.steps(), lab.events(), lab.now());
        is_good &= problems.is_empty();
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_totals(measured: &MetricsReport) {
    println!("{:<20} {:>6} {:>12} unit", "metric", "server", "total");
    for Total { name, unit, server, value } in &measured.totals {
        let server = server.map_or_else(String::new, |server| format!("S{server}"));
        println!("{:<20} {server:>6} {:>12} {unit}", name.name(), value.to_string());
    }
}

fn report(lab: &Lab) -> ExitCode {
    let kind = match lab {
        Lab::Raft(timeline) if timeline.world().rules().raft.is_safe() => String::new(),
        Lab::Raft(_) => " (modified Raft)".into(),
        Lab::Contrast(timeline) => format!(" ({})", timeline.world().config().design.name()),
    };
    println!("{}{kind}: {} steps, {} events, {}", lab.scenario().id, lab.steps(), lab.events(), lab.now());
    println!("trace {:016x}, state {:016x}", lab.trace_hash(), lab.state_hash());
    for result in lab.script().results() {
        let problem = result.problem.as_ref().map_or_else(String::new, |problem| format!(": {problem}"));
        println!("line {}: {}{problem}", result.line, if result.held { "as expected" } else { "NOT as expected" });
    }
    match lab {
        Lab::Raft(timeline) => {
            for found in timeline.world().violations().iter() {
                println!("{} at step {}: {}", found.violation.invariant.id(), found.step, found.violation);
            }
            for lapse in timeline.world().lapses() {
                println!("{} at {}: {}", lapse.habit.id(), lapse.time, lapse.fact);
            }
        }
        Lab::Contrast(timeline) => {
            let tally = timeline.world().tally();
            println!("stale reads: {}, writes lost to conflicts: {}", tally.stale_reads, tally.conflicts);
        }
    }
    let problems = lab.problems();
    for problem in &problems {
        println!("NOT as the scenario says: {problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
