//! What people are told.

use std::fmt::Write as _;

use vigie_respond::{CloudMode, CloudPlan, spell_duration};

use super::{StepReport, StepStatus};

/// How many characters a subject may have: SNS takes 100.
const SUBJECT_CHARS_MAX: usize = 100;
/// How many lines of each part are written out.
const LINES_MAX: usize = 60;

/// Returns the subject of a message: what happened and what was done, in 100 characters.
pub(super) fn subject(plan: &CloudPlan, mode: CloudMode, steps: &[StepReport]) -> String {
    let failed = steps.iter().filter(|step| matches!(step.status, StepStatus::Failed { .. })).count();
    let acted = steps.len() - failed;
    let outcome = match (mode, acted, failed) {
        (_, 0, 0) => "for you to look at".to_owned(),
        (CloudMode::DryRun, acted, _) => format!("dry run, {acted} would be done"),
        (CloudMode::Enforce, acted, 0) => format!("{acted} done"),
        (CloudMode::Enforce, acted, failed) => format!("{acted} done, {failed} FAILED"),
    };
    let text = format!("[Vigie] {} ({}): {outcome}", plan.subject.kind, plan.subject.region);
    text.chars().filter(char::is_ascii).filter(|letter| !letter.is_ascii_control()).take(SUBJECT_CHARS_MAX).collect()
}

/// Returns the text of a message, laid out for a person who reads it at three in the morning.
pub(super) fn text(plan: &CloudPlan, mode: CloudMode, steps: &[StepReport]) -> String {
    let about = &plan.subject;
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&about.title);
    line("");
    line(&format!("Type:     {}", about.kind));
    if let Some(severity) = &about.severity {
        line(&format!("Severity: {severity}"));
    }
    line(&format!("Where:    account {}, {}", or_unknown(&about.account), about.region));
    if let Some(role) = about.role {
        line(match role {
            "ACTOR" => "Attacker: our own resource (ACTOR); whoever is at the other end may be its victim",
            _ => "Attacker: the other end; our resource is the target",
        });
    }
    line(&format!("Finding:  {}", about.id));
    if let Some(reason) = plan.reason() {
        line("");
        line(&format!("Nothing is done: {reason}."));
    }
    if !steps.is_empty() {
        line("");
        line(if mode == CloudMode::DryRun { "Would be done (dry run, nothing was changed):" } else { "Done:" });
        for step in steps.iter().take(LINES_MAX) {
            line(&step_line(step));
        }
    }
    if !plan.spared.is_empty() {
        line("");
        line("Left alone:");
        for spared in plan.spared.iter().take(LINES_MAX) {
            line(&format!("  - {}: {}", spared.address, spared.reason));
        }
    }
    let notes: Vec<&String> = plan.notes.iter().filter(|note| plan.reason() != Some(note.as_str())).collect();
    if !notes.is_empty() {
        line("");
        line("Note:");
        for note in notes.into_iter().take(LINES_MAX) {
            line(&format!("  - {note}"));
        }
    }
    let undo = undo_lines(steps);
    if !undo.is_empty() {
        line("");
        line("To take it back:");
        for command in undo {
            line(&command);
        }
    }
    out
}

fn step_line(step: &StepReport) -> String {
    let mut text = format!("  - {}", step.summary);
    if let Some(span) = step.expires {
        let _ = write!(text, " for {}", spell_duration(span));
    }
    match &step.status {
        StepStatus::Done | StepStatus::Simulated => {}
        StepStatus::Queued => text.push_str(" (on its way to the edge)"),
        StepStatus::AlreadyDone => text.push_str(" (already so)"),
        StepStatus::Extended => text.push_str(" (already so, now for longer)"),
        StepStatus::Failed { retryable } => {
            text.push_str(if *retryable { ": FAILED, is tried again" } else { ": FAILED" });
        }
    }
    if !step.note.is_empty() {
        let _ = write!(text, ": {}", step.note);
    }
    text
}

fn undo_lines(steps: &[StepReport]) -> Vec<String> {
    let done = steps
        .iter()
        .filter(|step| step.lasts && !matches!(step.status, StepStatus::Failed { .. } | StepStatus::Simulated));
    done.filter_map(|step| Some(format!("  vigie aws undo {}", step.record.as_ref()?))).take(LINES_MAX).collect()
}

fn or_unknown(account: &str) -> &str {
    if account.is_empty() { "unknown" } else { account }
}
