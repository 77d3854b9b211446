//! `vigie alerts`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};

use super::{Failure, Kind, Verdict, change, closing, list, printed, rows_of, text};
use crate::cli::{AlertsCommand, OneArguments};
use crate::client::{Client, query_value};

/// How many alerts that are alike are shown.
const SIMILAR_MAX: usize = 5;

pub(crate) fn run(command: &AlertsCommand) -> Result<Verdict, Failure> {
    match command {
        AlertsCommand::List(arguments) => list(Kind::Alert, arguments),
        AlertsCommand::Show(arguments) => show(arguments),
        AlertsCommand::Take(arguments) => change(Kind::Alert, arguments, "acknowledge", &json!({})),
        AlertsCommand::Assign(arguments) => {
            change(Kind::Alert, &arguments.change, "assign", &json!({"assignee": arguments.to}))
        }
        AlertsCommand::Close(arguments) => change(Kind::Alert, &arguments.change, "close", &closing(arguments)),
        AlertsCommand::Reopen(arguments) => change(Kind::Alert, arguments, "reopen", &json!({})),
    }
}

fn show(arguments: &OneArguments) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.connection);
    let path = format!("/api/v1/alerts/{}", query_value(&arguments.id));
    let alert = client.get(&path)?;
    if printed(arguments.format, &alert) {
        return Ok(Verdict::Good);
    }
    println!("{}", text(&alert["title"]));
    for name in ["id", "tenant", "severity", "status", "assignee", "count", "first_seen", "last_seen", "case"] {
        println!("  {name:<11} {}", text(&alert[name]));
    }
    println!("  {:<11} {} ({})", "rule", text(&alert["rule"]["title"]), text(&alert["rule"]["id"]));
    println!("  {:<11} {}", "tags", words(&alert["tags"]));
    if alert["resolution"].is_object() {
        let resolution = &alert["resolution"];
        println!("  {:<11} {}: {}", "resolution", text(&resolution["verdict"]), text(&resolution["summary"]));
    }
    for entity in alert["entities"].as_array().map(Vec::as_slice).unwrap_or_default() {
        println!("  {:<11} {} {}", text(&entity["role"]), text(&entity["kind"]), text(&entity["value"]));
    }
    let similar = rows_of(client.get(&format!("{path}/similar"))?);
    if !similar.is_empty() {
        println!("like it:");
        for row in similar.iter().take(SIMILAR_MAX) {
            let other = row.get("alert").unwrap_or(row);
            println!("  {} {}", text(&other["id"]), text(&other["title"]));
        }
    }
    Ok(Verdict::Good)
}

fn words(value: &Value) -> String {
    let words = value.as_array().map(Vec::as_slice).unwrap_or_default();
    words.iter().map(text).collect::<Vec<_>>().join(" ")
}
