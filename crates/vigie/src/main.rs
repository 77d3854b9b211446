//! `vigie`: parse, run, map to an exit code.

#![expect(clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::process::ExitCode;

use clap::Parser as _;
use vigie::Verdict;
use vigie::cli::Arguments;

/// Events are trees of small values, made on one thread and freed on another: glibc's allocator takes three times as long to read
/// and free them (`cargo bench --package vigie-detect --bench peers`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
