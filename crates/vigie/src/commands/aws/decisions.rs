//! `vigie aws list`, `undo` and `doctor`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde::Serialize;
use serde_json::json;
use vigie_aws::{Effect, Health, Mode, Record, Responder, Undone, doctor as examine};

use super::{Failure, Verdict, client, now, settings};
use crate::cli::{AwsListArguments, AwsUndoArguments, Format, Table, print_json, print_rows};

const NO_TABLE: &str =
    "the settings name no table of decisions (`table`): pass the settings of the responder with --settings";

/// A decision for people and programs.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    action: String,
    target: String,
    state: &'static str,
    since: Option<String>,
    expires: Option<String>,
    count: u64,
    findings: Vec<String>,
    reason: String,
}

impl From<Record> for Row {
    fn from(record: Record) -> Self {
        Self {
            id: record.id,
            action: record.kind,
            target: record.target,
            state: record.state.as_str(),
            since: record.since.map(|at| at.to_string()),
            expires: record.expires.map(|at| at.to_string()),
            count: record.count,
            findings: record.findings.into_iter().collect(),
            reason: record.reason,
        }
    }
}

pub(super) fn list(arguments: &AwsListArguments) -> Result<Verdict, Failure> {
    let (policy, account) = settings(&arguments.settings)?;
    let responder = Responder::new(client(&arguments.settings, Mode::Live)?, account, policy);
    let decisions = responder.decisions().ok_or(NO_TABLE)?;
    let rows: Vec<Row> = decisions.in_force()?.into_iter().map(Row::from).collect();
    print_rows(arguments.format, &rows, |rows| {
        let mut table = Table::new(&["ID", "ACTION", "TARGET", "SINCE", "UNTIL", "FINDINGS"]);
        for row in rows {
            let until = row.expires.clone().unwrap_or_else(|| "undone".to_owned());
            let since = row.since.clone().unwrap_or_default();
            table.row([row.id.clone(), row.action.clone(), row.target.clone(), since, until, row.count.to_string()]);
        }
        table
    });
    Ok(Verdict::Good)
}

pub(super) fn undo(arguments: &AwsUndoArguments) -> Result<Verdict, Failure> {
    let (policy, mut account) = settings(&arguments.settings)?;
    let client = client(&arguments.settings, if arguments.dry_run { Mode::DryRun } else { Mode::Live })?;
    if arguments.dry_run {
        account.edge_queue = None;
    }
    let responder = Responder::new(client.clone(), account, policy);
    let outcome = match responder.undo(&arguments.id, now())? {
        Undone::Done(note) => note,
        Undone::Queued => "on its way to the edge: `vigie aws list` shows when it is done".to_owned(),
    };
    let calls: Vec<_> = client
        .calls()
        .into_iter()
        .filter(|(operation, _)| arguments.dry_run && operation.effect == Effect::Write)
        .map(|(operation, input)| json!({"operation": operation.to_string(), "parameters": input}))
        .collect();
    match arguments.format {
        Format::Table if arguments.dry_run => {
            println!("dry run: nothing was changed; these calls would be sent:");
            for call in &calls {
                println!("  {} {}", call["operation"].as_str().unwrap_or_default(), call["parameters"]);
            }
        }
        Format::Table => println!("{outcome}"),
        Format::Json => print_json(&json!({"id": arguments.id, "outcome": outcome, "calls": calls})),
        Format::Jsonl => println!("{}", json!({"id": arguments.id, "outcome": outcome, "calls": calls})),
    }
    Ok(Verdict::Good)
}

pub(super) fn doctor(arguments: &AwsListArguments) -> Result<Verdict, Failure> {
    let (_, account) = settings(&arguments.settings)?;
    let checks = examine(&client(&arguments.settings, Mode::Live)?, &account);
    let bad = checks.iter().any(|check| check.state == Health::Bad);
    print_rows(arguments.format, &checks, |checks| {
        let mut table = Table::new(&["", "WHAT", "FOUND", "TO DO"]);
        for check in checks {
            let word = match check.state {
                Health::Good => "good",
                Health::Bad => "BAD",
                Health::Unknown => "?",
            };
            table.row([word.to_owned(), check.what.clone(), check.detail.clone(), check.fix.clone()]);
        }
        table
    });
    Ok(if bad { Verdict::Bad } else { Verdict::Good })
}
