//! `vigie intel import`: load an indicator list into a running server.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use std::fs;

use serde_json::Value;

use super::{Failure, Verdict};
use crate::cli::{Format, IntelCommand, print_json};
use crate::client::{Client, query_value};

pub(super) fn run(command: &IntelCommand) -> Result<Verdict, Failure> {
    let IntelCommand::Import { file, list, tenant, dry_run, connection, format } = command;
    let text = fs::read_to_string(file).map_err(|error| format!("read {}: {error}", file.display()))?;
    let misp = text.trim_start().starts_with(['{', '[']);
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = list.clone().unwrap_or(stem);
    if *dry_run {
        let kind = if misp { "a MISP event" } else { "a CSV list" };
        println!("would send {} ({} bytes, {kind}) as the list `{name}`", file.display(), text.len());
        return Ok(Verdict::Good);
    }
    let mut query = vec![format!("format={}", if misp { "misp" } else { "csv" })];
    query.extend((!misp || list.is_some()).then(|| format!("list={}", query_value(&name))));
    query.extend(tenant.as_ref().map(|tenant| format!("tenant={tenant}")));
    let path = format!("/api/v1/indicators?{}", query.join("&"));
    let kind = if misp { "application/json" } else { "text/csv" };
    let answer = Client::new(connection).post_bytes(&path, &[("Content-Type", kind)], text.as_bytes())?;
    let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or(0);
    match format {
        Format::Json | Format::Jsonl => print_json(&answer),
        Format::Table => {
            println!(
                "{} imported, {} left out, {} unreadable",
                number("imported"),
                number("skipped"),
                number("failed")
            );
            for error in answer.get("errors").and_then(Value::as_array).into_iter().flatten() {
                println!("  {}", error.as_str().unwrap_or_default());
            }
        }
    }
    Ok(if number("failed") == 0 { Verdict::Good } else { Verdict::Bad })
}
