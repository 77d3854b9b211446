//! `vigie aws run`

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

use serde_json::{Value, json};
use vigie_aws::{AnswerReport, Client, Effect, Mode, Responder, StepStatus};
use vigie_respond::CloudMode;

use super::{Failure, Verdict, client, line, now, read_event, settings};
use crate::cli::{AwsRunArguments, Format, Table, print_json};

pub(super) fn run(arguments: &AwsRunArguments) -> Result<Verdict, Failure> {
    let (mut policy, mut account) = settings(&arguments.settings)?;
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
    if arguments.dry_run {
        // Without the queue, so that the changes themselves are shown and not a message about them.
        account.edge_queue = None;
    }
    let responder = Responder::new(client.clone(), account, policy);
    let (mut answers, mut failure) = (Vec::new(), None);
    for event in read_event(&arguments.finding)? {
        let before = client.calls().len();
        match responder.answer(&event, now()) {
            Ok(report) => {
                let calls = if arguments.dry_run { changes(&client, before) } else { Vec::new() };
                answers.push(Answer { report, calls });
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let is_bad = |answer: &Answer| answer.report.count(|status| matches!(status, StepStatus::Failed { .. })) > 0;
    let verdict = if answers.iter().any(is_bad) { Verdict::Bad } else { Verdict::Good };
    // What was done for one event is told even where another could not be answered.
    if failure.is_none() || !answers.is_empty() {
        print(arguments, &answers);
    }
    failure.map_or(Ok(verdict), |error| Err(error.into()))
}

/// What came of an event.
struct Answer {
    report: AnswerReport,
    /// The calls that would change something, in a dry run.
    calls: Vec<Value>,
}

fn print(arguments: &AwsRunArguments, answers: &[Answer]) {
    let documents = || answers.iter().map(Answer::document);
    match arguments.format {
        Format::Json => print_json(&json!({"answers": documents().collect::<Vec<_>>()})),
        Format::Jsonl => documents().for_each(|document| println!("{document}")),
        Format::Table => answers.iter().for_each(|answer| print!("{}", answer.text(arguments.dry_run))),
    }
}

impl Answer {
    fn document(&self) -> Value {
        json!({
            "about": self.report.plan.subject,
            "reason": self.report.plan.reason(),
            "steps": self.report.steps,
            "spared": self.report.plan.spared,
            "notes": self.report.plan.notes,
            "calls": self.calls,
        })
    }

    fn text(&self, dry_run: bool) -> String {
        let plan = &self.report.plan;
        let mut text = line(&format!("{} ({})", plan.subject.kind, plan.subject.region));
        if let Some(reason) = plan.reason() {
            text += &line(&format!("  nothing is done: {reason}"));
        }
        text += &table(&self.report).to_string();
        for spared in &plan.spared {
            text += &line(&format!("  left alone: {}: {}", spared.address, spared.reason));
        }
        for note in &plan.notes {
            text += &line(&format!("  note: {note}"));
        }
        if dry_run {
            text += "\ndry run: nothing was changed; these calls would be sent:\n";
            for call in &self.calls {
                text += &line(&format!("  {} {}", call["operation"].as_str().unwrap_or_default(), call["parameters"]));
            }
        }
        text
    }
}

/// The calls beyond the first so many that would change something, in order.
fn changes(client: &Client, before: usize) -> Vec<Value> {
    let calls = client.calls().into_iter().skip(before).filter(|(operation, _)| operation.effect == Effect::Write);
    calls.map(|(operation, input)| json!({"operation": operation.to_string(), "parameters": input})).collect()
}

fn table(report: &AnswerReport) -> Table {
    let mut table = Table::new(&["ACTION", "TARGET", "STATUS", "DECISION", "NOTE"]);
    for step in &report.steps {
        table.row([
            step.action.to_owned(),
            step.target.clone().unwrap_or_else(|| "people".to_owned()),
            word(&step.status).to_owned(),
            step.record.clone().unwrap_or_default(),
            step.note.clone(),
        ]);
    }
    table
}

fn word(status: &StepStatus) -> &'static str {
    match status {
        StepStatus::Done => "done",
        StepStatus::Queued => "queued",
        StepStatus::AlreadyDone => "done before",
        StepStatus::Extended => "extended",
        StepStatus::Simulated => "simulated",
        StepStatus::Failed { retryable: true } => "failed, may work later",
        StepStatus::Failed { retryable: false } => "failed",
    }
}
