//! What reports are made from.

use vigie_model::{
    Action, Alert, Case, Comment, Decision, Observable, ReportLanguage, ReportPeriod, SourceName, Task, TenantId,
    TimelineEntry, Timestamp,
};

use crate::style::Style;

/// What a tenant's report over a period is made from. The caller reads it from the stores; nothing here is looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodInput {
    /// Whose report it is.
    pub tenant: TenantId,
    /// What the tenant is called on the title page.
    pub tenant_name: String,
    /// The report's title; the usual one of its kind where it is `None`.
    pub title: Option<String>,
    /// Which period it is.
    pub kind: ReportPeriod,
    /// In which language it speaks.
    pub language: ReportLanguage,
    /// How it looks.
    pub style: Style,
    /// When the period begins.
    pub from: Timestamp,
    /// When it ends; that moment is not in it.
    pub to: Timestamp,
    /// When the report was made.
    pub generated: Timestamp,
    /// How many events arrived: a time within each day (UTC) and the day's count. Entries of one day are added up.
    pub events_per_day: Vec<(Timestamp, u64)>,
    /// How many events each source delivered.
    pub events_per_source: Vec<(SourceName, u64)>,
    /// The alerts raised in the period.
    pub alerts: Vec<Alert>,
    /// The cases opened in the period or worked on in it, with what is on them.
    pub cases: Vec<CaseFile>,
    /// The actions planned or done in the period, whether on a case or not. Those that are also on a case count once.
    pub actions: Vec<Action>,
    /// The totals of the period before, or `None` where there are none.
    pub previous: Option<PreviousPeriod>,
}

/// A case and what is on it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its alerts.
    pub alerts: Vec<Alert>,
    /// Its observables.
    pub observables: Vec<Observable>,
    /// What happened, in any order.
    pub timeline: Vec<TimelineEntry>,
    /// What there was to do.
    pub tasks: Vec<Task>,
    /// What people wrote.
    pub comments: Vec<Comment>,
    /// What was done, or would have been.
    pub actions: Vec<Action>,
}

/// The totals of the period before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousPeriod {
    /// Events read.
    pub events: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Of these, critical or high ones.
    pub critical_and_high: u64,
    /// Cases opened.
    pub cases: u64,
    /// Actions carried out.
    pub actions_done: u64,
}

/// What the report of an incident is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentInput {
    /// What the tenant is called on the title page.
    pub tenant_name: String,
    /// When the report was made.
    pub generated: Timestamp,
    /// In which language it speaks.
    pub language: ReportLanguage,
    /// How it looks.
    pub style: Style,
    /// The incident.
    pub file: CaseFile,
    /// What its actions put in force.
    pub decisions: Vec<Decision>,
}
