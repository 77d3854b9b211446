//! Recommendations that follow from the findings.

use std::time::Duration;

use serde::Serialize;
use vigie_model::{ActionStatus, Alert, AlertStatus, Severity};

use crate::count::is_false_positive;
use crate::figures::WeeklyFigures;
use crate::input::WeeklyInput;
use crate::words::{self, ADVICE, AdviceWords, COVERAGE_GAP, DRY_RUN, FAILED_ACTIONS, NOBODY_LOOKED, NOISY_RULE};

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
pub(crate) fn advise(input: &WeeklyInput, figures: &WeeklyFigures) -> Vec<Advice> {
    let mut advice = of_operation(input, figures);
    let alerts: Vec<&Alert> = input.alerts.iter().filter(|alert| !is_false_positive(alert)).collect();
    // An alert calls for the first advice in the table that fits it, so that the general does not repeat the particular.
    let mut called: Vec<(&AdviceWords, Vec<&Alert>)> = ADVICE.iter().map(|words| (words, Vec::new())).collect();
    for alert in alerts {
        if let Some((_, caused_by)) = called.iter_mut().find(|(words, _)| fits(words, alert)) {
            caused_by.push(alert);
        }
    }
    called.retain(|(_, alerts)| !alerts.is_empty());
    advice.extend(called.into_iter().map(|(words, alerts)| Advice {
        title: words.title.to_owned(),
        text: words.text.to_owned(),
        severity: alerts.iter().map(|alert| alert.severity).max().unwrap_or_default(),
        because: reasons(&alerts),
    }));
    // The sort is stable: of one severity the particular stays before the general.
    advice.sort_by_key(|advice| std::cmp::Reverse(advice.severity));
    advice.truncate(ADVICE_MAX);
    advice
}

fn fits(words: &AdviceWords, alert: &Alert) -> bool {
    alert.rule.tags.iter().any(|tag| {
        let tag = tag.strip_prefix("attack.").unwrap_or(tag).to_ascii_lowercase().replace('_', "-");
        words.tags.iter().any(|wanted| {
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
fn of_operation(input: &WeeklyInput, figures: &WeeklyFigures) -> Vec<Advice> {
    let mut advice = Vec::new();
    let mut add = |(title, text): (&str, &str), severity, because: Vec<String>| {
        if !because.is_empty() {
            advice.push(Advice { title: title.to_owned(), text: text.to_owned(), severity, because });
        }
    };
    let waiting: Vec<&Alert> = input
        .alerts
        .iter()
        .filter(|alert| alert.status == AlertStatus::New && alert.severity >= Severity::High)
        .collect();
    add(NOBODY_LOOKED, Severity::High, reasons(&waiting));
    let of = |status| figures.actions.iter().find(|count| count.status == status).map(|count| count.actions);
    let because = |status| {
        let count = of(status).map(|count| words::counted(count, "action", "actions"));
        count.map(|count| format!("{count}: {}", words::action_status(status).to_lowercase())).into_iter().collect()
    };
    add(FAILED_ACTIONS, Severity::High, because(ActionStatus::Failed));
    add(DRY_RUN, Severity::Medium, because(ActionStatus::Simulated));
    let noisy = input.alerts.iter().filter(|alert| alert.status == AlertStatus::Closed);
    let closed_of = |rule: &vigie_model::RuleId| noisy.clone().filter(|alert| alert.rule.id == *rule).count() as u64;
    let wolves = figures.by_rule.iter().filter(|rule| rule.false_positives * 2 > closed_of(&rule.rule));
    add(NOISY_RULE, Severity::Low, wolves.take(REASONS_MAX).map(|rule| rule.title.clone()).collect());
    // Days before the first event may be before the first source, and days that are not over yet may still bring some.
    let begun = figures.per_day.iter().position(|day| day.events > 0).unwrap_or(0);
    let over = figures.per_day.iter().filter(|day| day.begins.plus(DAY) <= figures.generated);
    let silent = over.skip(begun).filter(|day| day.events == 0);
    add(COVERAGE_GAP, Severity::High, silent.take(DAYS_NAMED_MAX).map(|day| words::short_day(day.begins)).collect());
    advice
}
