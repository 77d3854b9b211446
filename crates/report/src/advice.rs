//! Recommendations that follow from the findings.

use std::time::Duration;

use serde::Serialize;
use vigie_model::{ActionStatus, Alert, AlertStatus, Severity, Task, TaskStatus, Verdict};

use crate::count::is_false_positive;
use crate::figures::{IncidentFigures, PeriodFigures, Stage};
use crate::input::{CaseFile, PeriodInput};
use crate::words::{ADVICE_TAGS, Counsel, Words, words_of};

/// How many recommendations a report gives: more would not be read.
const ADVICE_MAX: usize = 8;
/// How many reasons a recommendation names.
const REASONS_MAX: usize = 3;

/// How long a day is.
const DAY: Duration = Duration::from_hours(24);
/// How many days without events a recommendation names.
const DAYS_NAMED_MAX: usize = 7;

/// A recommendation and what it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// One line.
    pub title: String,
    /// What to do.
    pub text: String,
    /// The highest severity among what it follows from.
    pub severity: Severity,
    /// What it follows from, in words.
    pub because: Vec<String>,
}

/// Returns the recommendations, the most pressing first. False alarms call for nothing.
pub(crate) fn advise(input: &PeriodInput, figures: &PeriodFigures) -> Vec<Advice> {
    let mut advice = of_operation(input, figures);
    advice.extend(of_alerts(&input.alerts, words_of(input.language)));
    in_order(advice)
}

/// Returns the recommendations that follow from an incident, the most pressing first.
pub(crate) fn advise_on_incident(file: &CaseFile, incident: &IncidentFigures, words: &Words) -> Vec<Advice> {
    let mut advice = Vec::new();
    let was_nothing = matches!(incident.verdict, Some(Verdict::FalsePositive | Verdict::Benign | Verdict::Duplicate));
    if incident.stage == Stage::Open && !was_nothing {
        add(&mut advice, words.not_contained, incident.severity, vec![(words.stage_name)(incident.stage).to_owned()]);
    }
    let failed = file.actions.iter().filter(|action| action.status == ActionStatus::Failed);
    let failed = failed.take(REASONS_MAX).map(|action| action.summary.clone()).collect();
    add(&mut advice, words.failed_actions, Severity::High, failed);
    let is_open = |task: &&Task| matches!(task.status, TaskStatus::Waiting | TaskStatus::InProgress);
    let open = file.tasks.iter().filter(is_open).take(REASONS_MAX).map(|task| task.title.clone()).collect();
    add(&mut advice, words.open_tasks, Severity::Medium, open);
    if !was_nothing {
        advice.extend(of_alerts(&file.alerts, words));
    }
    in_order(advice)
}

fn in_order(mut advice: Vec<Advice>) -> Vec<Advice> {
    // The sort is stable: of one severity the particular stays before the general.
    advice.sort_by_key(|advice| std::cmp::Reverse(advice.severity));
    advice.truncate(ADVICE_MAX);
    advice
}

fn add(advice: &mut Vec<Advice>, (title, text): Counsel, severity: Severity, because: Vec<String>) {
    if !because.is_empty() {
        advice.push(Advice { title: title.to_owned(), text: text.to_owned(), severity, because });
    }
}

fn of_alerts(alerts: &[Alert], words: &Words) -> Vec<Advice> {
    // An alert calls for the first advice in the table that fits it, so that the general does not repeat the particular.
    let mut called: Vec<Vec<&Alert>> = vec![Vec::new(); ADVICE_TAGS.len()];
    for alert in alerts.iter().filter(|alert| !is_false_positive(alert)) {
        if let Some(place) = ADVICE_TAGS.iter().position(|tags| fits(tags, alert)) {
            called[place].push(alert);
        }
    }
    let mut advice = Vec::new();
    for (counsel, alerts) in words.advice.iter().zip(&called) {
        let severity = alerts.iter().map(|alert| alert.severity).max().unwrap_or_default();
        add(&mut advice, *counsel, severity, reasons(alerts));
    }
    advice
}

fn fits(tags: &[&str], alert: &Alert) -> bool {
    alert.rule.tags.iter().any(|tag| {
        let tag = tag.strip_prefix("attack.").unwrap_or(tag).to_ascii_lowercase().replace('_', "-");
        tags.iter().any(|wanted| {
            tag.strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || (wanted.starts_with('t') && rest.starts_with('.')))
        })
    })
}

fn reasons(alerts: &[&Alert]) -> Vec<String> {
    let mut rules: Vec<(&str, Severity, u64)> = Vec::new();
    for alert in alerts {
        match rules.iter_mut().find(|(title, ..)| *title == alert.rule.title) {
            Some((_, severity, count)) => {
                *severity = alert.severity.max(*severity);
                *count += 1;
            }
            None => rules.push((&alert.rule.title, alert.severity, 1)),
        }
    }
    rules.sort_by_key(|(_, severity, count)| std::cmp::Reverse((*severity, *count)));
    let one = |(title, _, count): &(&str, Severity, u64)| match count {
        1 => (*title).to_owned(),
        count => format!("{title} ({count})"),
    };
    rules.iter().take(REASONS_MAX).map(one).collect()
}

/// What follows from how the SOC itself works.
fn of_operation(input: &PeriodInput, figures: &PeriodFigures) -> Vec<Advice> {
    let mut advice = Vec::new();
    let words = words_of(input.language);
    let waiting: Vec<&Alert> = input
        .alerts
        .iter()
        .filter(|alert| alert.status == AlertStatus::New && alert.severity >= Severity::High)
        .collect();
    add(&mut advice, words.nobody_looked, Severity::High, reasons(&waiting));
    let of = |status| figures.actions.iter().find(|count| count.status == status).map(|count| count.actions);
    let because = |status| {
        let count = of(status).map(|count| (words.actions_counted)(count));
        count.map(|count| format!("{count}: {}", (words.action_status)(status).to_lowercase())).into_iter().collect()
    };
    add(&mut advice, words.failed_actions, Severity::High, because(ActionStatus::Failed));
    add(&mut advice, words.dry_run, Severity::Medium, because(ActionStatus::Simulated));
    let noisy = input.alerts.iter().filter(|alert| alert.status == AlertStatus::Closed);
    let closed_of = |rule: &vigie_model::RuleId| noisy.clone().filter(|alert| alert.rule.id == *rule).count() as u64;
    let wolves = figures.by_rule.iter().filter(|rule| rule.false_positives * 2 > closed_of(&rule.rule));
    add(
        &mut advice,
        words.noisy_rule,
        Severity::Low,
        wolves.take(REASONS_MAX).map(|rule| rule.title.clone()).collect(),
    );
    // Days before the first event may be before the first source, and days that are not over yet may still bring some.
    let begun = figures.per_day.iter().position(|day| day.events > 0).unwrap_or(0);
    let over = figures.per_day.iter().filter(|day| day.begins.plus(DAY) <= figures.generated);
    let silent = over.skip(begun).filter(|day| day.events == 0);
    add(
        &mut advice,
        words.coverage_gap,
        Severity::High,
        silent.take(DAYS_NAMED_MAX).map(|day| words.short_day(day.begins)).collect(),
    );
    advice
}
