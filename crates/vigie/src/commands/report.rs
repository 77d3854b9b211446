//! `vigie report`: write a tenant's weekly report.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::fs;
use std::path::Path;

use super::{Failure, Verdict};
use crate::cli::{Format, ReportArguments, print_json};
use crate::client::{Client, query_value};

/// A day in seconds.
const DAY: u64 = 86_400;

pub(super) fn run(arguments: &ReportArguments) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.connection);
    let query = query(arguments)?;
    if arguments.format != Format::Table {
        print_json(&client.get(&format!("/api/v1/reports/weekly/figures{query}"))?);
        return Ok(Verdict::Good);
    }
    let html = client.get_text(&format!("/api/v1/reports/weekly{query}"))?;
    if arguments.output == Path::new("-") {
        print!("{html}");
        return Ok(Verdict::Good);
    }
    fs::write(&arguments.output, html).map_err(|error| format!("write {}: {error}", arguments.output.display()))?;
    println!("wrote {}", arguments.output.display());
    Ok(Verdict::Good)
}

fn query(arguments: &ReportArguments) -> Result<String, Failure> {
    let mut parts = Vec::new();
    parts.extend(arguments.tenant.as_ref().map(|tenant| format!("tenant={tenant}")));
    parts.extend(arguments.until.map(|until| format!("until={}", query_value(&until.to_string()))));
    if let Some(from) = arguments.from {
        let until = arguments.until.unwrap_or_else(|| jiff::Timestamp::now().into());
        if from >= until {
            return Err("--from must be before --until".into());
        }
        parts.push(format!("days={}", until.since(from).as_secs().div_ceil(DAY)));
    }
    Ok(if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) })
}
