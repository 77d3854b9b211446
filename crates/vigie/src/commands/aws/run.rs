//! `vigie aws run`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};
use vigie_aws::{AnswerReport, Client, Effect, Mode, Responder, StepStatus};
use vigie_respond::CloudMode;

use super::{Failure, Verdict, client, now, read_event, settings};
use crate::cli::{AwsRunArguments, Format, Table, print_json};

pub(super) fn run(arguments: &AwsRunArguments) -> Result<Verdict, Failure> {
    let (mut policy, account) = settings(&arguments.settings)?;
    if account.table.is_none() && !arguments.dry_run {
        return Err(
            "the settings name no table of decisions (`table`), so nothing could be taken back: pass the settings \
                    of the responder with --settings, or look with --dry-run"
                .into(),
        );
    }
    // Whoever calls this wants it done; a dry run is asked for by its own option.
    policy.mode = CloudMode::Enforce;
    let client = client(&arguments.settings, if arguments.dry_run { Mode::DryRun } else { Mode::Live })?;
    let mut account = account;
    if arguments.dry_run {
        // Without the queue, so that the changes themselves are shown and not a message about them.
        account.edge_queue = None;
    }
    let responder = Responder::new(client.clone(), account, policy);
    let mut reports = Vec::new();
    for event in read_event(&arguments.finding)? {
        reports.push(responder.answer(&event, now())?);
    }
    let failed = reports.iter().any(|report| report.count(|status| matches!(status, StepStatus::Failed { .. })) > 0);
    print(arguments, &client, &reports);
    Ok(if failed { Verdict::Bad } else { Verdict::Good })
}

fn print(arguments: &AwsRunArguments, client: &Client, reports: &[AnswerReport]) {
    let calls = if arguments.dry_run { changes(client) } else { Vec::new() };
    match arguments.format {
        Format::Json => print_json(&json!({"answers": documents(reports), "calls": calls})),
        Format::Jsonl => {
            for document in documents(reports) {
                println!("{document}");
            }
        }
        Format::Table => {
            for report in reports {
                println!("{} ({})", report.plan.subject.kind, report.plan.subject.region);
                if let Some(reason) = report.plan.reason() {
                    println!("  nothing is done: {reason}");
                }
                print!("{}", table(report));
                report
                    .plan
                    .spared
                    .iter()
                    .for_each(|spared| println!("  left alone: {}: {}", spared.address, spared.reason));
                report.plan.notes.iter().for_each(|note| println!("  note: {note}"));
            }
            if arguments.dry_run {
                println!("\ndry run: nothing was changed; these calls would be sent:");
                for call in calls {
                    println!("  {} {}", call["operation"].as_str().unwrap_or_default(), call["parameters"]);
                }
            }
        }
    }
}

fn documents(reports: &[AnswerReport]) -> Vec<Value> {
    let document = |report: &AnswerReport| {
        json!({
            "about": report.plan.subject,
            "reason": report.plan.reason(),
            "steps": report.steps,
            "spared": report.plan.spared,
            "notes": report.plan.notes,
        })
    };
    reports.iter().map(document).collect()
}

/// The calls that would change something, in order.
fn changes(client: &Client) -> Vec<Value> {
    let calls = client.calls().into_iter().filter(|(operation, _)| operation.effect == Effect::Write);
    calls.map(|(operation, input)| json!({"operation": operation.to_string(), "parameters": input})).collect()
}

fn table(report: &AnswerReport) -> Table {
    let mut table = Table::new(&["ACTION", "TARGET", "STATUS", "DECISION", "NOTE"]);
    for step in &report.steps {
        let status = match &step.status {
            StepStatus::Failed { retryable: true } => "failed, may work later".to_owned(),
            StepStatus::Failed { retryable: false } => "failed".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        table.row([
            step.action.to_owned(),
            step.target.clone().unwrap_or_else(|| "people".to_owned()),
            status,
            step.record.clone().unwrap_or_default(),
            step.note.clone(),
        ]);
    }
    table
}
