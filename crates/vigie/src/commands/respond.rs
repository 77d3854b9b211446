//! `vigie respond`: what was planned and done, approvals and undo.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};

use super::{Failure, Verdict, rows_of, text};
use crate::cli::{Connection, Format, RespondCommand, Table, print_json, print_rows};
use crate::client::{Client, query_value};

pub(super) fn run(command: &RespondCommand) -> Result<Verdict, Failure> {
    match command {
        RespondCommand::List { status, decisions: true, connection, format } if status.is_none() => {
            let rows = Client::new(connection).get("/api/v1/decisions?limit=1000")?;
            print_rows(*format, &rows_of(rows), decision_table);
            Ok(Verdict::Good)
        }
        RespondCommand::List { decisions: true, .. } => Err("--status does not go with --decisions".into()),
        RespondCommand::List { status, connection, format, .. } => {
            let filter = status.as_ref().map(|status| format!("&q={}", query_value(&format!("status:{status}"))));
            let path = format!("/api/v1/actions?limit=1000{}", filter.unwrap_or_default());
            print_rows(*format, &rows_of(Client::new(connection).get(&path)?), action_table);
            Ok(Verdict::Good)
        }
        RespondCommand::Plan { alert, connection, format } => {
            let path = format!("/api/v1/alerts/{}/plan", query_value(alert));
            let plan = Client::new(connection).post(&path, &json!({"dry_run": true}))?;
            print_rows(*format, &rows_of(plan), action_table);
            Ok(Verdict::Good)
        }
        RespondCommand::Run { action, dry_run, connection, format } => {
            change(action, "run", *dry_run, connection, *format)
        }
        RespondCommand::Undo { action, dry_run, connection, format } => {
            change(action, "undo", *dry_run, connection, *format)
        }
    }
}

/// Runs or undoes an action, or shows what that would be.
fn change(
    action: &str,
    verb: &str,
    dry_run: bool,
    connection: &Connection,
    format: Format,
) -> Result<Verdict, Failure> {
    let client = Client::new(connection);
    let path = format!("/api/v1/actions/{}", query_value(action));
    let found = client.get(&path)?;
    if dry_run {
        let what = if verb == "undo" { &found["undo"] } else { &found["summary"] };
        println!("would {verb}: {}", text(what));
        println!("blast radius: {}", text(&found["blast_radius"]));
        return Ok(Verdict::Good);
    }
    let changed = client.post(&format!("{path}/{verb}"), &json!({}))?;
    match format {
        Format::Table => print!("{}", action_table(&[changed])),
        Format::Json | Format::Jsonl => print_json(&changed),
    }
    Ok(Verdict::Good)
}

fn action_table(rows: &[Value]) -> Table {
    let mut table = Table::new(&["id", "status", "what", "blast radius"]);
    for row in rows {
        table.row(["id", "status", "summary", "blast_radius"].map(|name| text(&row[name])));
    }
    table
}

fn decision_table(rows: &[Value]) -> Table {
    let mut table = Table::new(&["action", "kind", "target", "since", "expires"]);
    for row in rows {
        let cells = [&row["action"], &row["kind"], &row["target"]["value"], &row["since"], &row["expires"]];
        table.row(cells.map(text));
    }
    table
}
