//! `raft-sim`: runs of a Raft cluster from the command line.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(lexopt::Parser::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("raft-sim: {error}");
            ExitCode::from(cli::BAD_INPUT)
        }
    }
}
