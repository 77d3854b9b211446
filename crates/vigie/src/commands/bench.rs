//! `vigie bench`: how much a server takes.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use super::{Failure, Verdict};
use crate::bench;
use crate::cli::{BenchCommand, BenchServerArguments, Format};

pub(super) fn run(command: &BenchCommand) -> Result<Verdict, Failure> {
    let BenchCommand::Server(arguments) = command;
    if arguments.dry_run {
        print!("{}", bench::preview(arguments));
        return Ok(Verdict::Good);
    }
    let outcome = bench::run(arguments)?;
    print(arguments, &outcome)?;
    Ok(if outcome.is_good() { Verdict::Good } else { Verdict::Bad })
}

/// The JSON stands on one line, the last.
fn print(arguments: &BenchServerArguments, outcome: &bench::Outcome) -> Result<(), Failure> {
    match arguments.format {
        Format::Table => print!("{outcome}"),
        Format::Json | Format::Jsonl => println!("{}", serde_json::to_string(outcome)?),
    }
    Ok(())
}
