//! `vigie alerts` and `vigie cases`: the desk of an analyst who works in a terminal, and of scripts.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

mod alerts;
mod cases;

use serde_json::{Value, json};

use super::{Failure, Verdict, rows_of, text};
use crate::cli::{ChangeArguments, CloseArguments, Format, ListArguments, Table, print_json, print_rows};
use crate::client::{Client, query_value};

pub(super) use alerts::run as alerts;
pub(super) use cases::run as cases;

/// The two kinds of thing on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alert,
    Case,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "/api/v1/alerts",
            Self::Case => "/api/v1/cases",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Case => "case",
        }
    }
}

/// Returns the id of what somebody names: a case by its number too.
fn id_of(kind: Kind, client: &Client, name: &str) -> Result<String, Failure> {
    let is_number = !name.is_empty() && name.len() < 10 && name.bytes().all(|byte| byte.is_ascii_digit());
    if kind == Kind::Alert || !is_number {
        return Ok(name.to_owned());
    }
    let path = format!("/api/v1/cases?limit=10&q={}", query_value(&format!("number:{name}")));
    let answer = client.get(&path)?;
    match rows_of(answer).as_slice() {
        [] => Err(format!("no case has the number {name}").into()),
        [case] => Ok(text(&case["id"])),
        several => {
            let tenants: Vec<String> =
                several.iter().map(|case| format!("{} of {}", text(&case["id"]), text(&case["tenant"]))).collect();
            Err(format!("several tenants have a case {name}: name it by its id ({})", tenants.join(", ")).into())
        }
    }
}

fn list(kind: Kind, arguments: &ListArguments) -> Result<Verdict, Failure> {
    let query = query_value(&arguments.query);
    let path = format!("{}?limit={}&sort=-created&q={query}", kind.path(), arguments.limit);
    let rows = rows_of(Client::new(&arguments.connection).get(&path)?);
    print_rows(arguments.format, &rows, |rows| table(kind, rows));
    Ok(Verdict::Good)
}

/// Changes each of several in turn. What fails is told and does not keep the next from being changed.
fn change(kind: Kind, arguments: &ChangeArguments, verb: &str, body: &Value) -> Result<Verdict, Failure> {
    let client = Client::new(&arguments.connection);
    let mut changed = Vec::new();
    let mut failed = Vec::new();
    for name in &arguments.ids {
        match change_one(kind, &client, name, verb, body, arguments.dry_run) {
            Ok(row) => changed.push(row),
            Err(error) => failed.push(format!("{} {name}: {error}", kind.word())),
        }
    }
    if arguments.dry_run && arguments.format == Format::Table {
        println!("dry run: nothing was changed; would {verb}:");
    }
    print_rows(arguments.format, &changed, |rows| table(kind, rows));
    if failed.is_empty() { Ok(Verdict::Good) } else { Err(failed.join("\n  ").into()) }
}

fn change_one(
    kind: Kind,
    client: &Client,
    name: &str,
    verb: &str,
    body: &Value,
    dry_run: bool,
) -> Result<Value, Failure> {
    let id = id_of(kind, client, name)?;
    let path = format!("{}/{}", kind.path(), query_value(&id));
    let found = bare(client.get(&path)?);
    if dry_run {
        return Ok(found);
    }
    // The version that was seen: somebody else's change in between is a conflict and not lost.
    let mut body = body.clone();
    body["version"] = found["version"].clone();
    Ok(bare(client.post(&format!("{path}/{verb}"), &body)?))
}

/// A case comes with all that is on it; here it is the case itself.
fn bare(answer: Value) -> Value {
    match answer.get("case") {
        Some(case) if case.is_object() => case.clone(),
        _ => answer,
    }
}

fn closing(arguments: &CloseArguments) -> Value {
    use clap::ValueEnum as _;
    let verdict = arguments.verdict.to_possible_value().map(|value| value.get_name().to_owned());
    json!({"resolution": {"verdict": verdict, "summary": arguments.summary}})
}

fn table(kind: Kind, rows: &[Value]) -> Table {
    let names: &[&'static str] = match kind {
        Kind::Alert => &["id", "severity", "status", "assignee", "count", "last_seen", "tenant", "title"],
        Kind::Case => &["number", "id", "severity", "status", "assignee", "created", "tenant", "title"],
    };
    let mut table = Table::new(names);
    for row in rows {
        table.row(names.iter().map(|name| text(&row[*name])));
    }
    table
}

/// Prints one thing for programs; returns whether that is done.
fn printed(format: Format, value: &Value) -> bool {
    match format {
        Format::Table => false,
        Format::Json => {
            print_json(value);
            true
        }
        Format::Jsonl => {
            println!("{value}");
            true
        }
    }
}
