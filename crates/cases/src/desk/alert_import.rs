//! Alerts that come into a case with what is on them, and alerts that leave it again.

use std::collections::{BTreeMap, HashMap};

use vigie_model::{
    Alert, AlertStatus, Attachment, AttachmentId, AttachmentOwner, Case, CaseStatus, Comment, CommentId, Observable,
    Procedure, ProcedureId, TimelineEntry, Timestamp,
};

use super::alert::touched;
use super::case_merge::joined_observable;
use super::fields::take_fields;
use crate::OpenError;
use crate::change::TAGS_MAX;
use crate::open::{alert_entries, check, taken_in, worst};

/// How many observables, procedures, comments and files alerts bring into a case at once.
pub const BROUGHT_MAX: usize = 5_000;

/// An alert with what is on it.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFile {
    /// The alert.
    pub alert: Alert,
    /// Its observables.
    pub observables: Vec<Observable>,
    /// Its procedures.
    pub procedures: Vec<Procedure>,
    /// What was written on it.
    pub comments: Vec<Comment>,
    /// Its files, and those of its observables.
    pub attachments: Vec<Attachment>,
}

/// What becomes of the case itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It takes over tags, fields and times, and the severity where that is worse.
    Merge,
    /// It only gets what is on the alerts.
    Import,
}

/// Alerts that are to come into a case.
#[derive(Debug, Clone, Copy)]
pub struct AlertImport<'a> {
    /// The case.
    pub case: &'a Case,
    /// The observables that it has.
    pub observables: &'a [Observable],
    /// The alerts. What is on those that are part of the case already comes again, and changes nothing where it is there.
    pub alerts: &'a [AlertFile],
    /// What becomes of the case itself.
    pub manner: Manner,
    /// Who does it.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What alerts bring into a case. Store it in one transaction, or not at all.
///
/// The ids of what is new come from the case and what it is a copy of, so that what came before is known again.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// The case after.
    pub case: Case,
    /// The alerts after; those that were part of the case already are not among them.
    pub alerts: Vec<Alert>,
    /// Observables that the case did not have.
    pub observables: Vec<Observable>,
    /// Observables that it had, before and after.
    pub changed: Vec<(Observable, Observable)>,
    /// Procedures, maybe some that it has.
    pub procedures: Vec<Procedure>,
    /// Comments, maybe some that it has.
    pub comments: Vec<Comment>,
    /// Files, maybe some that it has.
    pub attachments: Vec<Attachment>,
    /// Entries for the timeline.
    pub timeline: Vec<TimelineEntry>,
}

/// Brings alerts into a case.
///
/// # Errors
/// [`OpenError`] where an alert is another tenant's or part of another case, the case is closed, or it is too much.
pub fn import_alerts(import: &AlertImport<'_>) -> Result<Brought, OpenError> {
    let AlertImport { case, alerts, by, now, .. } = *import;
    if alerts.is_empty() {
        return Err(OpenError::NoAlerts);
    }
    if case.status == CaseStatus::Closed {
        return Err(OpenError::Closed);
    }
    let bare: Vec<Alert> = alerts.iter().map(|file| file.alert.clone()).collect();
    check(&case.tenant, Some(case.id), &bare)?;
    let brought = |file: &AlertFile| {
        file.observables.len() + file.procedures.len() + file.comments.len() + file.attachments.len()
    };
    if alerts.iter().map(brought).sum::<usize>() > BROUGHT_MAX {
        return Err(OpenError::TooMuch(BROUGHT_MAX));
    }
    let new: Vec<&Alert> = bare.iter().filter(|alert| alert.case != Some(case.id)).collect();
    let mut after = touched_case(case, by, now);
    if import.manner == Manner::Merge {
        take_over(&mut after, &new);
    }
    let entries = |alert: &&Alert| alert_entries(&after, alert, now, &format!("merged in by {by}"));
    let timeline = new.iter().flat_map(entries).collect();
    let mut brought = Brought {
        alerts: new.iter().map(|alert| imported(alert, &after, by, now)).collect(),
        case: after,
        observables: Vec::new(),
        changed: Vec::new(),
        procedures: Vec::new(),
        comments: Vec::new(),
        attachments: Vec::new(),
        timeline,
    };
    bring_observables(import, &mut brought);
    for file in alerts {
        brought.procedures.extend(file.procedures.iter().map(|procedure| Procedure {
            id: ProcedureId::derive([case.id.to_string(), procedure.id.to_string()]),
            on: case.id.into(),
            ..procedure.clone()
        }));
        brought.comments.extend(file.comments.iter().map(|comment| Comment {
            id: CommentId::derive([case.id.to_string(), comment.id.to_string()]),
            on: case.id.into(),
            ..comment.clone()
        }));
        let files = file.attachments.iter().filter(|one| matches!(one.owner, AttachmentOwner::Alert(_)));
        brought.attachments.extend(files.map(|one| copy(case, one, AttachmentOwner::Case(case.id))));
    }
    Ok(brought)
}

fn touched_case(case: &Case, by: &str, now: Timestamp) -> Case {
    let mut case = Case { updated: now, version: case.version + 1, ..case.clone() };
    case.desk.updated_by = Some(by.to_owned());
    case
}

fn take_over(case: &mut Case, alerts: &[&Alert]) {
    for alert in alerts {
        for tag in &alert.tags {
            if case.tags.len() < TAGS_MAX && !case.tags.contains(tag) {
                case.tags.push(tag.clone());
            }
        }
        take_fields(&mut case.desk.fields, &alert.desk.fields);
        case.first_seen = case.first_seen.min(alert.first_seen);
        case.last_seen = case.last_seen.max(alert.last_seen);
    }
    case.severity = case.severity.max(worst(alerts.iter().copied()).unwrap_or(case.severity));
}

fn imported(alert: &Alert, case: &Case, by: &str, now: Timestamp) -> Alert {
    let mut alert = taken_in(alert, case, now);
    alert.desk.label = None;
    alert.desk.updated_by = Some(by.to_owned());
    alert
}

/// Takes an alert out of its case: it is as it was before, but for what the case has of it.
pub fn release_alert(alert: &Alert, by: &str, now: Timestamp) -> Alert {
    let mut free = alert.clone();
    free.case = None;
    free.desk.imported = None;
    if free.status == AlertStatus::InProgress && free.acknowledged.is_none() {
        free.status = AlertStatus::New;
    }
    touched(free, by, now)
}

/// What tells observables of a case apart: type and value, or bytes and name.
type Key = (String, String);

fn bring_observables(import: &AlertImport<'_>, brought: &mut Brought) {
    let mut known: HashMap<Key, &Observable> = HashMap::new();
    for observable in import.observables.iter().filter(|observable| observable.attachment.is_none()) {
        known.insert((word(observable), observable.value.clone()), observable);
    }
    let files: HashMap<_, &Observable> = import.observables.iter().map(|one| (one.id, one)).collect();
    let mut merged: BTreeMap<Key, Observable> = BTreeMap::new();
    let mut order: Vec<Key> = Vec::new();
    for file in import.alerts {
        for observable in &file.observables {
            let bytes = observable.attachment.and_then(|id| file.attachments.iter().find(|one| one.id == id));
            let Some(copied) = copied(import.case, observable, bytes) else { continue };
            let key = match bytes {
                Some(bytes) => (format!("file {}", bytes.sha256), observable.value.clone()),
                None => (word(observable), observable.value.clone()),
            };
            if let Some(bytes) = bytes.filter(|_| !merged.contains_key(&key) && !files.contains_key(&copied.id)) {
                brought.attachments.push(copy(import.case, bytes, AttachmentOwner::Observable(copied.id)));
            }
            let before = merged.remove(&key).or_else(|| {
                order.push(key.clone());
                known.get(&key).or_else(|| files.get(&copied.id)).map(|known| (*known).clone())
            });
            let after = before.map_or_else(|| copied.clone(), |before| joined_observable(&before, &copied));
            merged.insert(key, after);
        }
    }
    for observable in order.iter().filter_map(|key| merged.remove(key)) {
        match import.observables.iter().find(|known| known.id == observable.id) {
            None => brought.observables.push(observable),
            Some(before) if *before == observable => {}
            Some(before) => {
                let stamp = before.stamp.as_ref().map(|stamp| stamp.changed(import.by, import.now));
                brought.changed.push((before.clone(), Observable { stamp, ..observable }));
            }
        }
    }
}

fn word(observable: &Observable) -> String {
    observable.data_type.clone().unwrap_or_else(|| observable.kind.as_str().to_owned())
}

/// Returns the observable on the case, or `None` for a file whose bytes are gone.
fn copied(case: &Case, observable: &Observable, bytes: Option<&Attachment>) -> Option<Observable> {
    let on = case.id.into();
    let (named_by, attachment) = match (observable.attachment, bytes) {
        (None, _) => (observable.value.clone(), None),
        (Some(_), Some(bytes)) => (format!("{} {}", bytes.sha256, observable.value), Some(copy_id(case, bytes))),
        (Some(_), None) => return None,
    };
    let id = Observable::id_of(on, &word(observable), &named_by);
    Some(Observable { id, on, attachment, ..observable.clone() })
}

fn copy(case: &Case, attachment: &Attachment, owner: AttachmentOwner) -> Attachment {
    Attachment { id: copy_id(case, attachment), owner, tenant: case.tenant.clone(), ..attachment.clone() }
}

fn copy_id(case: &Case, attachment: &Attachment) -> AttachmentId {
    AttachmentId::derive([case.id.to_string(), attachment.id.to_string()])
}
