//! Opening a case from alerts, and merging alerts into it.

use vigie_model::{
    Alert, AlertId, AlertStatus, Case, CaseId, CaseStatus, Desk, Observable, Pap, Severity, Stamp, Task, TaskId,
    TaskStatus, TenantId, TimelineEntry, TimelineId, TimelineKind, Timestamp, Tlp,
};

use crate::change::{PROSE_MAX, TAGS_MAX, TITLE_MAX, said, short, tags_of};
use crate::describe::{case_description, case_title, is_our_description};
use crate::incident::{BLOCK, FIRST, IncidentKind, LAST};
use crate::links::{Warnings, is_acting, is_external_text};
use crate::text::{count, moment, one_line};
use crate::{CaseChange, ChangeError};

/// How many observables one change puts on a case.
pub const CASE_OBSERVABLES_MAX: usize = 1_000;

/// A case that cannot be opened of these alerts, or alerts that cannot be merged into a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no alert.
    #[error("a case is opened from at least one alert")]
    NoAlerts,
    /// An alert belongs to another tenant.
    #[error("alert {0} belongs to another tenant")]
    OtherTenant(AlertId),
    /// An alert is part of a case already.
    #[error("alert {alert} is part of case {case} already")]
    InCase {
        /// The alert.
        alert: AlertId,
        /// Its case.
        case: CaseId,
    },
    /// The case is closed.
    #[error("the case is closed: reopen it first")]
    Closed,
    /// There is too much on the alerts.
    #[error(
        "there is too much on these alerts: at most {0} observables, procedures, comments and files; take fewer alerts at once"
    )]
    TooMuch(usize),
}

/// What a case is opened from.
#[derive(Clone, Copy)]
pub struct NewCase<'a> {
    /// Its id: random, or derived from what asks for it so that a repeat is the same.
    pub id: CaseId,
    /// Its number within the tenant.
    pub number: u64,
    /// Who opens it, as the timeline names them.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
    /// Its alerts; at least one, of one tenant, none of them part of a case.
    pub alerts: &'a [Alert],
    /// The warning list.
    pub warnings: Warnings<'a>,
}

/// What a case without alerts is opened from: an analyst's own words.
#[derive(Debug, Clone)]
pub struct NewEmptyCase<'a> {
    /// Its id: random.
    pub id: CaseId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its number within the tenant.
    pub number: u64,
    /// One line.
    pub title: &'a str,
    /// What is known, in words.
    pub description: &'a str,
    /// How bad it is.
    pub severity: Severity,
    /// Free words.
    pub tags: &'a [String],
    /// Who opens it.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Alerts that are merged into a case, or that are part of it and have grown.
#[derive(Clone, Copy)]
pub struct Merging<'a> {
    /// The case.
    pub case: &'a Case,
    /// The alerts that were part of it before, as they were when it last changed as far as known.
    pub members: &'a [Alert],
    /// The alerts to merge in. One that is part of the case already only brings what it has learnt since.
    pub alerts: &'a [Alert],
    /// Who merges, as the timeline names them.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
    /// The warning list.
    pub warnings: Warnings<'a>,
}

/// Opens a case from alerts: title and description in words, the worst severity, their observables, what is usually to
/// do, and a timeline of what happened.
pub fn open_case(new: &NewCase<'_>) -> Result<CaseChange, OpenError> {
    let Some(first) = new.alerts.first() else { return Err(OpenError::NoAlerts) };
    check(&first.tenant, None, new.alerts)?;
    let mut case = blank(new.id, first.tenant.clone(), new.number, new.now);
    case.title = case_title(new.alerts);
    case.description = case_description(new.alerts);
    case.first_seen = new.alerts.iter().map(|alert| alert.first_seen).min().unwrap_or(new.now);
    case.last_seen = new.alerts.iter().map(|alert| alert.last_seen).max().unwrap_or(new.now);
    case.severity = worst(new.alerts).unwrap_or_default();
    case.tlp = new.alerts.iter().map(|alert| alert.tlp).max().unwrap_or_default();
    case.pap = new.alerts.iter().map(|alert| alert.pap).max().unwrap_or_default();
    case.tags = tags(&[], new.alerts);
    let text = format!("case #{} opened by {} from {}", new.number, new.by, alerts_text(new.alerts.len()));
    let mut timeline = vec![case_entry(&case, new.now, text)];
    timeline.extend(new.alerts.iter().flat_map(|alert| alert_entries(&case, alert, new.now, "raised")));
    Ok(CaseChange {
        alerts: new.alerts.iter().map(|alert| taken_in(alert, &case, new.now)).collect(),
        observables: observables(&case, new.alerts, new.warnings),
        tasks: tasks(&case, new.alerts, &[], new.now),
        timeline,
        ..CaseChange::of(case, None)
    })
}

/// Opens a case without alerts.
pub fn open_empty_case(new: &NewEmptyCase<'_>) -> Result<CaseChange, ChangeError> {
    let mut case = blank(new.id, new.tenant.clone(), new.number, new.now);
    case.title = said("title", new.title, TITLE_MAX)?;
    case.description = short("description", new.description, PROSE_MAX)?;
    case.severity = new.severity;
    case.tags = tags_of(new.tags)?;
    let timeline = vec![case_entry(&case, new.now, format!("case #{} opened by {}", new.number, new.by))];
    Ok(CaseChange { timeline, ..CaseChange::of(case, None) })
}

/// Merges alerts into a case. The title and the description follow, unless an analyst has written their own; the severity
/// only rises, and only by a new alert; tasks that the case has are not added again. Where no alert is new, the version stays.
pub fn merge_alerts(merging: &Merging<'_>) -> Result<CaseChange, OpenError> {
    let Merging { case, members, alerts, by, now, warnings } = *merging;
    if case.status == CaseStatus::Closed {
        return Err(OpenError::Closed);
    }
    check(&case.tenant, Some(case.id), alerts)?;
    let new: Vec<Alert> = alerts.iter().filter(|alert| alert.case != Some(case.id)).cloned().collect();
    let mut all: Vec<Alert> =
        members.iter().filter(|member| alerts.iter().all(|alert| alert.id != member.id)).cloned().collect();
    all.extend(alerts.iter().cloned());
    all.sort_by_key(|alert| (alert.first_seen, alert.id));

    let mut changed = case.clone();
    if is_our_title(&case.title, members) {
        changed.title = case_title(&all);
    }
    if is_our_description(&case.description) {
        changed.description = case_description(&all);
    }
    changed.first_seen = alerts.iter().map(|alert| alert.first_seen).fold(case.first_seen, Timestamp::min);
    changed.last_seen = alerts.iter().map(|alert| alert.last_seen).fold(case.last_seen, Timestamp::max);
    changed.severity = case.severity.max(worst(&new).unwrap_or(case.severity));
    changed.tags = tags(&case.tags, &new);
    // Growing alone is no change that anybody could have meant to prevent; see `fold`.
    changed.version += u64::from(!new.is_empty());
    changed.updated = now;
    let verb = format!("merged in by {by}");
    Ok(CaseChange {
        alerts: new.iter().map(|alert| taken_in(alert, &changed, now)).collect(),
        observables: observables(&changed, alerts, warnings),
        tasks: if new.is_empty() { Vec::new() } else { tasks(&changed, &new, members, now) },
        timeline: new.iter().flat_map(|alert| alert_entries(&changed, alert, now, &verb)).collect(),
        ..CaseChange::of(changed, Some(case.version))
    })
}

/// Returns whether we wrote the title, of these alerts or of one of them.
fn is_our_title(title: &str, members: &[Alert]) -> bool {
    title == case_title(members) || members.iter().any(|member| member.title == title)
}

pub(crate) fn check(tenant: &TenantId, case: Option<CaseId>, alerts: &[Alert]) -> Result<(), OpenError> {
    for alert in alerts {
        if alert.tenant != *tenant {
            return Err(OpenError::OtherTenant(alert.id));
        }
        if let Some(other) = alert.case.filter(|other| Some(*other) != case) {
            return Err(OpenError::InCase { alert: alert.id, case: other });
        }
    }
    Ok(())
}

pub(crate) fn blank(id: CaseId, tenant: TenantId, number: u64, now: Timestamp) -> Case {
    Case {
        id,
        tenant,
        number,
        title: String::new(),
        description: String::new(),
        severity: Severity::default(),
        status: CaseStatus::Open,
        assignee: None,
        tlp: Tlp::default(),
        pap: Pap::default(),
        tags: Vec::new(),
        first_seen: now,
        last_seen: now,
        created: now,
        updated: now,
        acknowledged: None,
        closed: None,
        resolution: None,
        desk: Desk::default(),
        version: 1,
    }
}

pub(crate) fn worst<'a>(alerts: impl IntoIterator<Item = &'a Alert>) -> Option<Severity> {
    alerts.into_iter().map(|alert| alert.severity).max()
}

fn tags(old: &[String], alerts: &[Alert]) -> Vec<String> {
    let mut tags = old.to_vec();
    for tag in alerts.iter().flat_map(|alert| &alert.tags) {
        if tags.len() < TAGS_MAX && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// Returns the alert as part of the case. An alert that was closed stays closed.
pub(crate) fn taken_in(alert: &Alert, case: &Case, now: Timestamp) -> Alert {
    let status = if alert.status == AlertStatus::Closed { AlertStatus::Closed } else { AlertStatus::InProgress };
    let desk = Desk { imported: Some(now), ..alert.desk.clone() };
    Alert { case: Some(case.id), status, updated: now, desk, version: alert.version + 1, ..alert.clone() }
}

/// Returns an observable for each value that the alerts are about. Where a value plays several parts, the first in the
/// order of [`vigie_model::EntityRole`] counts.
fn observables(case: &Case, alerts: &[Alert], warnings: Warnings<'_>) -> Vec<Observable> {
    let mut observables: Vec<Observable> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for alert in alerts {
        for entity in &alert.entities {
            let id = Observable::id_of(case.id.into(), entity.kind.as_str(), &entity.value);
            if let Some(known) = places.get(&id).and_then(|place: &usize| observables.get_mut(*place)) {
                known.role = known.role.min(entity.role);
                known.first_seen = known.first_seen.min(alert.first_seen);
                known.last_seen = known.last_seen.max(alert.last_seen);
                continue;
            }
            if observables.len() >= CASE_OBSERVABLES_MAX {
                return observables;
            }
            places.insert(id, observables.len());
            observables.push(Observable {
                id,
                tenant: case.tenant.clone(),
                on: case.id.into(),
                kind: entity.kind,
                data_type: None,
                value: entity.value.clone(),
                attachment: None,
                role: entity.role,
                ioc: false,
                warning: warnings(entity.kind, &entity.value),
                context: Vec::new(),
                tlp: alert.tlp,
                pap: alert.pap,
                tags: Vec::new(),
                message: None,
                sighted: None,
                unlike: false,
                first_seen: alert.first_seen,
                last_seen: alert.last_seen,
                stamp: Some(Stamp::new("", case.updated)),
            });
        }
    }
    observables
}

/// Returns what is usually to do about these alerts and was not to do about the members. A task's id comes from its case
/// and title, so that it is there once.
fn tasks(case: &Case, alerts: &[Alert], members: &[Alert], now: Timestamp) -> Vec<Task> {
    let known = if members.is_empty() { Vec::new() } else { usual(members) };
    let place = |title: &str| usual(&[members, alerts].concat()).iter().position(|(usual, _)| *usual == title);
    usual(alerts)
        .into_iter()
        .filter(|task| !known.contains(task))
        .map(|(title, description)| Task {
            id: TaskId::derive([case.id.to_string().as_str(), title]),
            tenant: case.tenant.clone(),
            case: case.id,
            title: title.to_owned(),
            description: description.to_owned(),
            status: TaskStatus::Waiting,
            assignee: None,
            group: Task::usual_group(),
            position: place(title).and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX),
            mandatory: false,
            flag: false,
            due: None,
            started: None,
            ended: None,
            asked_of: Vec::new(),
            stamp: Stamp::new("", now),
        })
        .collect()
}

fn usual(alerts: &[Alert]) -> Vec<(&'static str, &'static str)> {
    let mut tasks = vec![FIRST];
    let attacked = alerts.iter().flat_map(|alert| &alert.entities).any(|entity| {
        entity.kind == vigie_model::ObservableKind::Ip && is_acting(entity) && is_external_text(&entity.value)
    });
    if attacked {
        tasks.push(BLOCK);
    }
    tasks.extend(IncidentKind::of(alerts).into_iter().flat_map(IncidentKind::tasks));
    tasks.push(LAST);
    tasks
}

fn alerts_text(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), "alert")
}

/// Returns an entry about the case itself. Its id comes from what it says and when, so that a repeat is the same entry.
pub(crate) fn case_entry(case: &Case, now: Timestamp, text: String) -> TimelineEntry {
    entry(case, "case", &format!("{now}{text}"), now, TimelineKind::Case, text)
}

/// Returns what an alert brings to the timeline: its first and last known event, and that it was raised or merged in.
pub(crate) fn alert_entries(case: &Case, alert: &Alert, now: Timestamp, verb: &str) -> Vec<TimelineEntry> {
    let mut entries = Vec::new();
    let (first, last) = (alert.samples.first(), alert.samples.last());
    let last = last.filter(|last| first.is_some_and(|first| first.id != last.id));
    for event in first.into_iter().chain(last) {
        let text = format!("{}: {}", alert.rule.title, one_line(&event.message, 300));
        // By the event: two alerts may rest on the same one, and it happened once.
        let name = format!("{}{}", alert.rule.id, event.id);
        entries.push(entry(case, "event", &name, event.time, TimelineKind::Attack, text));
    }
    let at = if verb == "raised" { alert.created } else { now };
    let mut text = format!("alert {verb}: {} ({}, {})", alert.title, alert.severity, count(alert.count, "finding"));
    if verb != "raised" {
        text = format!("{text}, raised {}", moment(alert.created));
    }
    entries.push(entry(case, "alert", &alert.id.to_string(), at, TimelineKind::Alert, text));
    entries
}

fn entry(case: &Case, what: &str, name: &str, time: Timestamp, kind: TimelineKind, text: String) -> TimelineEntry {
    TimelineEntry {
        id: TimelineId::derive([case.id.to_string().as_str(), what, name]),
        tenant: case.tenant.clone(),
        case: case.id,
        time,
        kind,
        text: one_line(&text, 1_000),
        until: None,
        description: None,
        stamp: None,
    }
}
