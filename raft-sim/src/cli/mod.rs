//! The commands.

mod bench;
mod bugs;
mod check;
mod explore;
mod export;
mod output;
mod run;
mod shrink;
mod sweep;

use std::error::Error;
use std::process::ExitCode;

/// Exit code of a command line, file or document that cannot be used.
pub(crate) const BAD_INPUT: u8 = 2;

const HELP: &str = "\
raft-sim: runs of a Raft cluster, decided by running them

  raft-sim run FILE [--variant ID] [--without-rule] [--transcript] [--detail]
                    [--metrics] [--metrics-csv]
  raft-sim run FILE --all
      Runs a scenario to its end and reports its expectations and what the checker found.
      --variant ID     the variant of the scenario with this id
      --without-rule   with the rule switched off that the scenario is about
      --all            all variants, with and without the rule; prints a table
      --transcript     prints what happened, a line for each event
      --detail         the same with every message and write
      --metrics        prints what was measured in total: throughput, latency, messages, syncs, sizes, downtime
      --metrics-csv    prints the same over time, in windows of 100 ms, as comma-separated values
      Exit code: 0 as expected, 1 not as expected, 2 bad input.

  raft-sim explore [FILE] [OPTIONS]
      Visits every state that a small cluster can reach within bounds, and shows the shortest way to a broken invariant.
      FILE is a JSON document; without one, options say what is explored:
      --servers N --spares N --timeouts N --heartbeats N --proposals N --reads N --crashes N --drops N --duplicates N
      --snapshots N --changes N --transfers N
                       how often things may happen (0 to 15 each; by default 2 timeouts and 1 proposal at 3 servers)
      --terms N --entries N --messages N --depth N
                       how large a state may become, and how far from the start
      --without RULE   with a rule switched off (persist-vote); may be repeated
      --invariant ID   looks only at this invariant (I4); may be repeated
      --slow-disks     the end of a sync is a step of its own
      --leases         reads are answered from leases
      --no-symmetry --keep-stale
                       without the reductions, which change numbers but no verdict
      --jobs J         threads (by default as many as the machine has); they change nothing but the time
      --max-states N   stops there (at most 50000000)
      --out FILE       writes the way to what is broken as a scenario, for raft-sim run
      Exit code: 0 nothing is broken, 1 something is, 2 bad input, 3 a limit was reached: --depth or --max-states.
  raft-sim sweep --seeds A..B [--style S] [--shard I/N] [--jobs J] [--without RULE]... [--shrink] [--out FILE]
                 [--summary FILE] [--coverage] [--outsiders] [--fail-fast]
      Puts clusters through random trouble, one for each seed from A to B - 1, and writes a line of JSON about each.
      --style S        the character of the trouble, or all: each seed in every style (default swarm)
      --shard I/N      the part I of N, from 0/N to N-1/N; the lines of all parts, in order, are those of the whole
      --jobs J         threads (default 1); the lines come in the order of the seeds all the same
      --without RULE   with a rule switched off
      --shrink         adds to each failure a scenario of the actions that it needs
      --out FILE       the lines go into a file, which appears when it is whole; else to the standard output
      --summary FILE   writes the sums over all seeds as JSON
      --coverage       counts the different situations of the protocol, of each seed and of all
      --outsiders      after the faults some servers stay away for long; no leader of the others may lose its office
      --fail-fast      stops at the first failure
      Exit code: 0 all is well, 1 something failed, 2 bad input.

  raft-sim shrink --style S --seed N [--without RULE]... [--budget RUNS] [--out FILE]
      Takes a seed that fails and leaves out everything that is not needed to fail, first of all actions. What remains is
      a scenario for raft-sim run; it goes into a file or to the standard output.
      --budget RUNS    runs that may be tried (default 20000)
      Exit code: 0 shrunk, 2 bad input, or nothing fails.

  raft-sim export FILE --format FORMAT [--until-ms T] [--without-rule] [--out PATH]
  raft-sim export --seed N [--servers N] --format FORMAT [--until-ms T] [--out PATH]
      Writes a run in the format of another tool: of a scenario to the end of its script, of a recording at the moment
      that it shows, or of a cluster that is left alone for a second; or until a simulated time.
      --format         trace-json (for raft-sim replay), shiviz, mermaid, chrome-trace (for Perfetto),
                       tla (for etcd's trace validation with TLC), history-jsonl and edn (what clients saw, for
                       raft-sim check and for Jepsen's checkers); see docs/formats.md
      --out            a file, which is written whole or not at all; otherwise it is printed
      Exit code: 0 written, 2 bad input, or the format cannot say what happened.

  raft-sim replay TRACE.json
      Runs a trace again, from its scenario and its actions, and compares every event.
      Exit code: 0 the same, 1 it differs (the first difference is named), 2 bad input.

  raft-sim check FILE... [--level LEVEL] [--budget STEPS] [--witness] [--json]
      Judges histories of clients: JSON lines, or EDN as Jepsen writes it.
      --level      linearizable (the default), sequential, monotonic-reads, monotonic-writes, read-your-writes,
                   writes-follow-reads, or all
      --budget     steps of the search before it gives up (10000000); a step places one operation
      --witness    prints the order that explains a history, or the longest legal one
      --json       prints a line of JSON for each file
      Exit code: 0 every level holds for every file, 1 a level is violated, 2 bad input, 3 a search gave up. Of several, the
      first of 2, 1, 3. What a file expects of itself is compared and reported; it does not change the code.
  raft-sim bugs [--schedules N] [--only BUG]... [--jobs J] [--out FILE]
      Plants one bug after the other, rules that are missing and mistakes around the nodes, and reports which property
      notices it, after how many random schedules of all styles (default 100000), and how few actions it needs.
      Exit code: 0 all were found, 1 some were not, 2 bad input.

  raft-sim bench [--growth]
      Measures steps and events per second, seeking and memory. Prints a table.
";

/// Carries out the command line.
pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::{Long, Short, Value};
    match arguments.next()? {
        Some(Value(command)) if command == "run" => run::run(arguments),
        Some(Value(command)) if command == "explore" => explore::run(arguments),
        Some(Value(command)) if command == "sweep" => sweep::run(arguments),
        Some(Value(command)) if command == "shrink" => shrink::run(arguments),
        Some(Value(command)) if command == "check" => check::run(arguments),
        Some(Value(command)) if command == "export" => export::export(arguments),
        Some(Value(command)) if command == "replay" => export::replay(arguments),
        Some(Value(command)) if command == "bugs" => bugs::run(arguments),
        Some(Value(command)) if command == "bench" => bench::run(arguments),
        Some(Long("help") | Short('h')) | None => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(format!("{}; see raft-sim --help", other.unexpected()).into()),
    }
}
