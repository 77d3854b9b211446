//! `vigie rules`: check that rules load, and test them against the events in their folders.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::json;

use super::{Failure, Verdict};
use crate::cli::{Format, RulesCommand, Table, print_json};
use crate::client::Client;
use crate::rules;

pub(super) fn run(command: &RulesCommand) -> Result<Verdict, Failure> {
    match command {
        RulesCommand::Check { folder, pipeline, format } => {
            let report = rules::check(folder, pipeline)?;
            match format {
                Format::Json => print_json(&report),
                Format::Jsonl => println!("{}", serde_json::to_string(&report)?),
                Format::Table => {
                    let mut table = Table::new(&["path", "code", "reason"]);
                    for failure in &report.failed {
                        table.row([failure.path.clone(), failure.code.to_string(), failure.reason.clone()]);
                    }
                    if !report.failed.is_empty() {
                        print!("{table}");
                    }
                    println!("{} loaded, {} refused", report.loaded, report.failed.len());
                }
            }
            Ok(if report.failed.is_empty() { Verdict::Good } else { Verdict::Bad })
        }
        RulesCommand::Reload { connection, format } => {
            let outcome = Client::new(connection).post("/api/v1/rules/reload", &json!({}))?;
            let failed = outcome["failed"].as_array().map_or(&[][..], Vec::as_slice);
            match format {
                Format::Json => print_json(&outcome),
                Format::Jsonl => println!("{outcome}"),
                Format::Table => {
                    let mut table = Table::new(&["path", "reason"]);
                    for failure in failed {
                        table.row(["path", "reason"].map(|part| failure[part].as_str().unwrap_or_default().to_owned()));
                    }
                    if !failed.is_empty() {
                        print!("{table}");
                    }
                    println!("{} in force, {} refused", outcome["loaded"], failed.len());
                }
            }
            Ok(if failed.is_empty() { Verdict::Good } else { Verdict::Bad })
        }
        RulesCommand::Test { folder, format } => {
            let report = rules::test(folder)?;
            match format {
                Format::Json => print_json(&report),
                Format::Jsonl => println!("{}", serde_json::to_string(&report)?),
                Format::Table => print!("{report}"),
            }
            Ok(if report.failures.is_empty() { Verdict::Good } else { Verdict::Bad })
        }
    }
}
