//! From the input to the numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use vigie_model::{
    Action, ActionId, ActionStatus, Alert, AlertStatus, CaseStatus, Severity, TaskStatus, Timestamp, Verdict,
};

use crate::advice::advise;
use crate::figures::{
    ActionCount, AlertStates, DayFigures, IncidentFigures, Measure, PeriodFigures, RuleCount, SeverityCount,
    SourceCount, Stage, TacticCount, TechniqueCount, TrendRow, tactic, technique,
};
use crate::input::{CaseFile, PeriodInput};
use crate::spans::times;
use crate::words::TACTICS;

const DAY: Duration = Duration::from_hours(24);
/// From which number on a change is told in percent.
const PERCENT_FROM: u64 = 10;
/// How many days a report covers at most; a longer period is counted in full but drawn up to here.
const DAYS_MAX: usize = 92;

/// Returns the numbers of a report over a period.
pub fn figures(input: &PeriodInput) -> PeriodFigures {
    let actions = all_actions(input);
    let per_day = per_day(input);
    let events = input.events_per_day.iter().map(|(_, count)| count).sum();
    let by_severity = by_severity(&input.alerts);
    let mut sources: Vec<SourceCount> = input
        .events_per_source
        .iter()
        .map(|(source, events)| SourceCount { source: source.clone(), events: *events })
        .collect();
    sources.sort_by(|one, other| other.events.cmp(&one.events).then_with(|| one.source.cmp(&other.source)));
    let mut figures = PeriodFigures {
        kind: input.kind,
        language: input.language,
        tenant: input.tenant.clone(),
        from: input.from,
        to: input.to,
        generated: input.generated,
        events,
        sources,
        alerts: input.alerts.len() as u64,
        findings: input.alerts.iter().map(|alert| alert.count).sum(),
        by_severity,
        by_rule: by_rule(&input.alerts),
        alert_states: states(&input.alerts),
        per_day,
        incidents: incidents(&input.cases, input.to),
        actions: by_status(&actions),
        actions_done: actions.iter().filter(|action| was_done(action)).count() as u64,
        times: times(&input.alerts, &actions),
        trend: Vec::new(),
        tactics: tactics(&input.alerts),
        techniques: techniques(&input.alerts),
        advice: Vec::new(),
    };
    figures.trend = trend(input, &figures);
    figures.advice = advise(input, &figures);
    figures
}

/// Returns every action once, those of cases too, in the order in which they were planned.
pub(crate) fn all_actions(input: &PeriodInput) -> Vec<&Action> {
    let of_cases = input.cases.iter().flat_map(|file| &file.actions);
    let unique: HashMap<ActionId, &Action> = of_cases.chain(&input.actions).map(|action| (action.id, action)).collect();
    let mut actions: Vec<&Action> = unique.into_values().collect();
    actions.sort_by_key(|action| (action.created, action.id));
    actions
}

/// Returns whether an action only tells people something.
pub(crate) fn is_message(action: &Action) -> bool {
    action.kind.starts_with("notify.")
}

/// Returns whether an action was carried out, whatever came after.
pub(crate) fn was_done(action: &Action) -> bool {
    done_at(action).is_some() || action.status == ActionStatus::Done
}

/// Returns when an action was carried out for the first time.
pub(crate) fn done_at(action: &Action) -> Option<Timestamp> {
    action.steps.iter().filter(|step| step.status == ActionStatus::Done).map(|step| step.at).min()
}

/// Returns whether an alert turned out to be nothing.
pub(crate) fn is_false_positive(alert: &Alert) -> bool {
    alert.resolution.as_ref().is_some_and(|resolution| resolution.verdict == Verdict::FalsePositive)
}

fn per_day(input: &PeriodInput) -> Vec<DayFigures> {
    let mut days = Vec::new();
    let mut begins = Timestamp::from_seconds(input.from.as_seconds().div_euclid(86_400) * 86_400);
    while begins < input.to && days.len() < DAYS_MAX {
        let ends = begins.plus(DAY);
        let within = |time: Timestamp| begins <= time && time < ends;
        let events = input.events_per_day.iter().filter(|(time, _)| within(*time)).map(|(_, count)| count).sum();
        let mut alerts = [0; 5];
        for alert in input.alerts.iter().filter(|alert| within(alert.created)) {
            alerts[alert.severity as usize] += 1;
        }
        days.push(DayFigures { day: begins.day(), begins, events, alerts });
        if ends <= begins {
            break;
        }
        begins = ends;
    }
    days
}

fn by_severity(alerts: &[Alert]) -> Vec<SeverityCount> {
    let count = |severity| {
        let of_it = alerts.iter().filter(|alert| alert.severity == severity);
        SeverityCount {
            severity,
            alerts: of_it.clone().count() as u64,
            closed: of_it.filter(|alert| alert.status == AlertStatus::Closed).count() as u64,
        }
    };
    Severity::ALL.into_iter().rev().map(count).collect()
}

fn by_rule(alerts: &[Alert]) -> Vec<RuleCount> {
    let mut rules: BTreeMap<&str, RuleCount> = BTreeMap::new();
    for alert in alerts {
        let rule = rules.entry(alert.rule.id.as_str()).or_insert_with(|| RuleCount {
            rule: alert.rule.id.clone(),
            title: alert.rule.title.clone(),
            severity: alert.severity,
            alerts: 0,
            findings: 0,
            false_positives: 0,
        });
        rule.severity = rule.severity.max(alert.severity);
        rule.alerts += 1;
        rule.findings += alert.count;
        rule.false_positives += u64::from(is_false_positive(alert));
    }
    let mut rules: Vec<RuleCount> = rules.into_values().collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.severity, rule.alerts, rule.findings)));
    rules
}

fn states(alerts: &[Alert]) -> AlertStates {
    let mut states = AlertStates::default();
    for alert in alerts {
        match alert.status {
            AlertStatus::New => states.new += 1,
            AlertStatus::InProgress => states.in_progress += 1,
            AlertStatus::Closed => states.closed += 1,
        }
        match alert.resolution.as_ref().map(|resolution| resolution.verdict) {
            Some(Verdict::TruePositive) => states.true_positive += 1,
            Some(Verdict::FalsePositive) => states.false_positive += 1,
            Some(Verdict::Benign) => states.benign += 1,
            Some(Verdict::Duplicate | Verdict::Indeterminate) | None => {}
        }
    }
    states
}

/// Returns the cases in the order of the page: the most severe, then the latest first.
pub(crate) fn in_order(cases: &[CaseFile]) -> Vec<&CaseFile> {
    let mut cases: Vec<&CaseFile> = cases.iter().collect();
    cases.sort_by_key(|file| std::cmp::Reverse((file.case.severity, file.case.created, file.case.number)));
    cases
}

fn incidents(cases: &[CaseFile], until: Timestamp) -> Vec<IncidentFigures> {
    in_order(cases).into_iter().map(|file| incident(file, until)).collect()
}

pub(crate) fn incident(file: &CaseFile, until: Timestamp) -> IncidentFigures {
    let case = &file.case;
    let ended = |status| matches!(status, TaskStatus::Completed | TaskStatus::Cancelled);
    // A block that was taken back or has run out holds nobody.
    let holds = |action: &&Action| action.status == ActionStatus::Done && !is_message(action) && action.created < until;
    let stage = match case.status {
        CaseStatus::Closed => Stage::Closed,
        CaseStatus::Open | CaseStatus::InProgress if file.actions.iter().any(|action| holds(&action)) => {
            Stage::Contained
        }
        CaseStatus::Open | CaseStatus::InProgress => Stage::Open,
    };
    IncidentFigures {
        number: case.number,
        title: case.title.clone(),
        severity: case.severity,
        status: case.status,
        stage,
        verdict: case.resolution.as_ref().map(|resolution| resolution.verdict),
        first_seen: case.first_seen,
        opened: case.created,
        closed: case.closed,
        assignee: case.assignee.clone(),
        alerts: file.alerts.len() as u64,
        observables: file.observables.len() as u64,
        indicators: file.observables.iter().filter(|observable| observable.ioc).count() as u64,
        tasks: file.tasks.len() as u64,
        tasks_ended: file.tasks.iter().filter(|task| ended(task.status)).count() as u64,
        actions_done: file.actions.iter().filter(|action| was_done(action)).count() as u64,
    }
}

pub(crate) fn by_status(actions: &[&Action]) -> Vec<ActionCount> {
    use ActionStatus::{
        Approved, AwaitingApproval, Done, Executing, Expired, Failed, Planned, Refused, Rejected, Simulated, Undone,
    };
    let order =
        [Done, Executing, Approved, AwaitingApproval, Planned, Simulated, Refused, Rejected, Failed, Undone, Expired];
    let count = |status| actions.iter().filter(|action| action.status == status).count() as u64;
    let counts = order.into_iter().map(|status| ActionCount { status, actions: count(status) });
    counts.filter(|count| count.actions > 0).collect()
}

fn trend(input: &PeriodInput, figures: &PeriodFigures) -> Vec<TrendRow> {
    let Some(previous) = input.previous else { return Vec::new() };
    let severe = input.alerts.iter().filter(|alert| alert.severity >= Severity::High).count() as u64;
    let opened = input.cases.iter().filter(|file| (input.from..input.to).contains(&file.case.created)).count() as u64;
    let row = |measure, now: u64, before: u64| {
        let change = (now as f64 - before as f64) / before as f64 * 100.0;
        let change_percent = (before >= PERCENT_FROM).then(|| change.round() as i64);
        TrendRow { measure, now, before, change_percent }
    };
    vec![
        row(Measure::Events, figures.events, previous.events),
        row(Measure::Alerts, figures.alerts, previous.alerts),
        row(Measure::CriticalAndHigh, severe, previous.critical_and_high),
        row(Measure::Cases, opened, previous.cases),
        row(Measure::ActionsDone, figures.actions_done, previous.actions_done),
    ]
}

pub(crate) fn tactics(alerts: &[Alert]) -> Vec<TacticCount> {
    let mut found: BTreeMap<&str, (u64, Severity, BTreeSet<&str>)> = BTreeMap::new();
    for alert in alerts {
        for name in alert.rule.attack.iter().filter_map(tactic) {
            let entry = found.entry(name).or_default();
            entry.0 += 1;
            entry.1 = entry.1.max(alert.severity);
            entry.2.extend(alert.rule.attack.iter().filter_map(technique));
        }
    }
    let place = |name: &str| TACTICS.iter().position(|tactic| *tactic == name).unwrap_or(TACTICS.len());
    let mut counts: Vec<TacticCount> = found
        .into_iter()
        .map(|(tactic, (alerts, severity, techniques))| TacticCount {
            tactic: tactic.to_owned(),
            alerts,
            severity,
            techniques: techniques.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    counts.sort_by_key(|count| place(&count.tactic));
    counts
}

pub(crate) fn techniques(alerts: &[Alert]) -> Vec<TechniqueCount> {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for name in alerts.iter().flat_map(|alert| alert.rule.attack.iter().filter_map(technique)) {
        *found.entry(name).or_default() += 1;
    }
    let mut counts: Vec<TechniqueCount> = found
        .into_iter()
        .map(|(technique, alerts)| TechniqueCount { technique: technique.to_owned(), alerts })
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.alerts));
    counts
}
