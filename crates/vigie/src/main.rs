//! `vigie`: parse, run, map to an exit code.

#![expect(clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::process::ExitCode;

use clap::Parser as _;
use vigie::Verdict;
use vigie::cli::Arguments;

fn main() -> ExitCode {
    match vigie::run(Arguments::parse()) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("vigie: {failure}");
            let mut cause = failure.source();
            while let Some(problem) = cause {
                eprintln!("  because: {problem}");
                cause = problem.source();
            }
            ExitCode::FAILURE
        }
    }
}
