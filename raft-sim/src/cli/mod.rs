//! The commands.

mod bench;
mod run;

use std::error::Error;
use std::process::ExitCode;

/// Exit code of a command line, file or document that cannot be used.
pub(crate) const BAD_INPUT: u8 = 2;

const HELP: &str = "\
raft-sim: runs of a Raft cluster, decided by running them

  raft-sim run FILE [--without-rule] [--transcript] [--detail]
      Runs a scenario to its end and reports its expectations and what the checker found.
      --without-rule   with the rule switched off that the scenario is about
      --transcript     prints what happened, a line for each event
      --detail         the same with every message and write
      Exit code: 0 as expected, 1 not as expected, 2 bad input.

  raft-sim bench
      Measures steps and events per second, seeking and memory. Prints a table.
";

/// Carries out the command line.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::{Long, Short, Value};
    match arguments.next()? {
        Some(Value(command)) if command == "run" => run::run(arguments),
        Some(Value(command)) if command == "bench" => bench::run(arguments),
        Some(Long("help") | Short('h')) | None => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(format!("{}; see raft-sim --help", other.unexpected()).into()),
    }
}
