//! `vigie report`: write the report of a client's week or month, or of a case.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failure, Verdict};
use crate::cli::{ReportArguments, ReportFormat, ReportKind, ReportLanguage, print_json};
use crate::client::{Client, query_value};

/// A day in seconds.
const DAY: u64 = 86_400;

pub(super) fn run(arguments: &ReportArguments) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.connection);
    let place = place(arguments)?;
    let mut query = query(arguments)?;
    let ending = match arguments.format {
        ReportFormat::Json => {
            print_json(&client.get(&format!("{place}/figures{}", joined(&query)))?);
            return Ok(Verdict::Good);
        }
        ReportFormat::Html => "html",
        ReportFormat::Pdf => "pdf",
    };
    query.push(format!("format={ending}"));
    let bytes = client.get_bytes(&format!("{place}{}", joined(&query)))?;
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("vigie-report.{ending}")));
    if output == Path::new("-") {
        std::io::stdout().lock().write_all(&bytes).map_err(|error| format!("write to standard output: {error}"))?;
        return Ok(Verdict::Good);
    }
    fs::write(&output, bytes).map_err(|error| format!("write {}: {error}", output.display()))?;
    println!("wrote {}", output.display());
    Ok(Verdict::Good)
}

fn place(arguments: &ReportArguments) -> Result<String, Failure> {
    match (arguments.kind, arguments.case) {
        (ReportKind::Incident, Some(case)) => Ok(format!("/api/v1/cases/{case}/report")),
        (ReportKind::Incident, None) => Err("an incident's report needs --case with the id of a case".into()),
        (_, Some(_)) => Err("--case goes with `vigie report incident`".into()),
        (ReportKind::Weekly, None) => Ok("/api/v1/reports/weekly".to_owned()),
        (ReportKind::Monthly, None) => Ok("/api/v1/reports/monthly".to_owned()),
    }
}

fn query(arguments: &ReportArguments) -> Result<Vec<String>, Failure> {
    let mut parts = Vec::new();
    parts.extend(arguments.language.map(|language| match language {
        ReportLanguage::En => "language=en".to_owned(),
        ReportLanguage::Fr => "language=fr".to_owned(),
    }));
    if arguments.kind == ReportKind::Incident {
        return Ok(parts);
    }
    parts.extend(arguments.tenant.as_ref().map(|tenant| format!("tenant={tenant}")));
    parts.extend(arguments.until.map(|until| format!("until={}", query_value(&until.to_string()))));
    if let Some(from) = arguments.from {
        if arguments.kind != ReportKind::Weekly {
            return Err("--from goes with a weekly report: a monthly one is a month of the calendar".into());
        }
        let until = arguments.until.unwrap_or_else(|| jiff::Timestamp::now().into());
        if from >= until {
            return Err("--from must be before --until".into());
        }
        parts.push(format!("days={}", until.since(from).as_secs().div_ceil(DAY)));
    }
    Ok(parts)
}

fn joined(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}
