//! The numbers of a report over a period, as the page shows them and as JSON.

use serde::Serialize;
use vigie_model::{
    ActionStatus, AttackTag, CaseStatus, ReportLanguage, ReportPeriod, RuleId, Severity, SourceName, TenantId,
    Timestamp, Verdict,
};

use crate::advice::Advice;

/// The numbers of a report over a period. The page shows these and no others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeriodFigures {
    /// Which period it is.
    pub kind: ReportPeriod,
    /// In which language the advice is given.
    pub language: ReportLanguage,
    /// Whose report it is.
    pub tenant: TenantId,
    /// When the period begins.
    pub from: Timestamp,
    /// When it ends; that moment is not in it.
    pub to: Timestamp,
    /// When the report was made.
    pub generated: Timestamp,
    /// Events read.
    pub events: u64,
    /// Events by source, the most first.
    pub sources: Vec<SourceCount>,
    /// Alerts raised.
    pub alerts: u64,
    /// Findings that these alerts hold.
    pub findings: u64,
    /// Alerts by severity, from critical to informational; all five are there.
    pub by_severity: Vec<SeverityCount>,
    /// Alerts by rule, the most severe and then the most alerts first.
    pub by_rule: Vec<RuleCount>,
    /// Where the alerts are in their lives.
    pub alert_states: AlertStates,
    /// Every day of the period.
    pub per_day: Vec<DayFigures>,
    /// The incidents, the most severe first.
    pub incidents: Vec<IncidentFigures>,
    /// Actions by state; states without any are left out.
    pub actions: Vec<ActionCount>,
    /// Actions carried out, also those taken back or run out since.
    pub actions_done: u64,
    /// Mean times.
    pub times: Times,
    /// This period beside the one before; empty where that one is not known.
    pub trend: Vec<TrendRow>,
    /// ATT&CK tactics seen, in the order of an attack.
    pub tactics: Vec<TacticCount>,
    /// ATT&CK techniques seen, the most alerts first.
    pub techniques: Vec<TechniqueCount>,
    /// What follows from the findings.
    pub advice: Vec<Advice>,
}

impl PeriodFigures {
    /// Returns how many alerts of a severity were raised.
    pub fn of_severity(&self, severity: Severity) -> u64 {
        self.by_severity.iter().find(|count| count.severity == severity).map_or(0, |count| count.alerts)
    }

    /// Returns how many of the incidents are not closed.
    pub fn open_incidents(&self) -> u64 {
        self.incidents.iter().filter(|incident| incident.stage != Stage::Closed).count() as u64
    }
}

/// How many events a source delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceCount {
    /// The source.
    pub source: SourceName,
    /// How many.
    pub events: u64,
}

/// How many alerts of a severity were raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeverityCount {
    /// The severity.
    pub severity: Severity,
    /// How many.
    pub alerts: u64,
    /// How many of these are closed.
    pub closed: u64,
}

/// How many alerts a rule raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleId,
    /// Its title.
    pub title: String,
    /// The highest severity among its alerts.
    pub severity: Severity,
    /// How many alerts.
    pub alerts: u64,
    /// How many findings they hold.
    pub findings: u64,
    /// How many of the alerts turned out to be nothing.
    pub false_positives: u64,
}

/// Where the alerts are in their lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AlertStates {
    /// Nobody has looked.
    pub new: u64,
    /// Somebody is looking.
    pub in_progress: u64,
    /// Done.
    pub closed: u64,
    /// Of the closed ones, those that were an attack.
    pub true_positive: u64,
    /// Of the closed ones, those where the rule was wrong.
    pub false_positive: u64,
    /// Of the closed ones, those where the behaviour was allowed.
    pub benign: u64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayFigures {
    /// `YYYY-MM-DD`, UTC.
    pub day: String,
    /// When it begins.
    pub begins: Timestamp,
    /// Events that arrived.
    pub events: u64,
    /// Alerts raised, from informational to critical.
    pub alerts: [u64; 5],
}

impl DayFigures {
    /// Returns how many alerts were raised on this day.
    pub fn alert_total(&self) -> u64 {
        self.alerts.iter().sum()
    }
}

/// How far the answer to an incident has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing that stops the attacker is in force.
    Open,
    /// It is open, and an action that stops the attacker was carried out.
    Contained,
    /// It is closed.
    Closed,
}

/// An incident in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentFigures {
    /// 1, 2, 3… within the tenant.
    pub number: u64,
    /// Its one line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is in its life.
    pub status: CaseStatus,
    /// How far the answer has come.
    pub stage: Stage,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// When the first event of its alerts happened.
    pub first_seen: Timestamp,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// How many alerts are on it.
    pub alerts: u64,
    /// How many observables.
    pub observables: u64,
    /// How many of these are indicators of compromise.
    pub indicators: u64,
    /// How many tasks.
    pub tasks: u64,
    /// How many of these are done or not needed.
    pub tasks_ended: u64,
    /// How many actions were carried out.
    pub actions_done: u64,
}

/// How many actions are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ActionCount {
    /// The state.
    pub status: ActionStatus,
    /// How many.
    pub actions: u64,
}

/// Mean times, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// From an alert's first event to the alert.
    pub detect: Span,
    /// From an alert to somebody taking it up.
    pub acknowledge: Span,
    /// From an alert to the first action carried out for it or for its case.
    pub respond: Span,
    /// From an alert to its end.
    pub close: Span,
}

/// A mean over some alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Over how many alerts.
    pub alerts: u64,
    /// The mean, rounded to seconds; `None` where there is nothing to take it over.
    pub mean_s: Option<u64>,
    /// The median, rounded to seconds.
    pub median_s: Option<u64>,
    /// The longest, rounded to seconds.
    pub longest_s: Option<u64>,
}

/// What a row of the trend counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Events read.
    Events,
    /// Alerts raised.
    Alerts,
    /// Critical and high alerts.
    CriticalAndHigh,
    /// Cases opened.
    Cases,
    /// Actions carried out.
    ActionsDone,
}

/// A number beside that of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TrendRow {
    /// What is counted.
    pub measure: Measure,
    /// This period.
    pub now: u64,
    /// The period before.
    pub before: u64,
    /// The change in percent, rounded; `None` where there were fewer than ten before: a percentage would mislead.
    pub change_percent: Option<i64>,
}

/// How many alerts show a tactic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TacticCount {
    /// Its short name: `credential-access`.
    pub tactic: String,
    /// How many alerts.
    pub alerts: u64,
    /// The highest severity among them.
    pub severity: Severity,
    /// The techniques that the same rules name, sorted.
    pub techniques: Vec<String>,
}

/// How many alerts show a technique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TechniqueCount {
    /// Its number: `T1110.001`.
    pub technique: String,
    /// How many alerts.
    pub alerts: u64,
}

/// Returns the name of a tag where it is a tactic.
pub(crate) fn tactic(tag: &AttackTag) -> Option<&str> {
    match tag {
        AttackTag::Tactic(name) => Some(name),
        AttackTag::Technique(_) => None,
    }
}

/// Returns the name of a tag where it is a technique.
pub(crate) fn technique(tag: &AttackTag) -> Option<&str> {
    match tag {
        AttackTag::Technique(name) => Some(name),
        AttackTag::Tactic(_) => None,
    }
}
