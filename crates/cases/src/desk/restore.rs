//! What was kept in another house, as it was there.
//!
//! Nothing is checked or cut: what was good there is not lost here. Limits hold again for whoever changes it.

use vigie_model::{Alert, Case, CaseId, Desk, Observable, Stamp, Timestamp};

use super::alert::{NewAlert, bare_alert};
use super::alert_word::{AlertStage, AlertWord, set_word};
use super::case::NewDeskCase;
use super::case_word::{self, CaseStage, CaseWord};
use super::observable::{NewObservable, bare_observable};
use crate::links::Warnings;
use crate::open::blank;

/// What became of an alert in another house.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertPast {
    /// The case that it is part of.
    pub case: Option<CaseId>,
    /// When somebody first took it up.
    pub acknowledged: Option<Timestamp>,
    /// When it came into its case.
    pub imported: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// Whether it is not followed.
    pub unfollowed: bool,
    /// When it was changed last, and by whom.
    pub updated: Option<(Timestamp, String)>,
}

/// Returns an alert as it was in another house. `new` is how it came there, with the word that it has now.
pub fn restored_alert(new: NewAlert, past: AlertPast) -> Alert {
    let word = new.word;
    let mut alert = bare_alert(new);
    let updated = past.updated.as_ref().map_or(alert.created, |(time, _)| *time);
    alert.case = past.case;
    alert.desk.imported = past.imported;
    alert.desk.unfollowed = past.unfollowed;
    if word != AlertWord::New || past.case.is_some() {
        set_word(&mut alert, word, updated);
    }
    alert.acknowledged = past.acknowledged;
    alert.closed = (word.stage() == AlertStage::Closed).then(|| past.closed.unwrap_or(updated));
    alert.updated = updated;
    alert.desk.updated_by = past.updated.map(|(_, by)| by);
    alert
}

/// What became of a case in another house.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CasePast {
    /// When somebody first took it up.
    pub acknowledged: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// The template that it was opened with.
    pub template: Option<String>,
    /// When it was changed last, and by whom.
    pub updated: Option<(Timestamp, String)>,
}

/// Returns a case as it was in another house. `new` is how it came there, with the word that it has now.
pub fn restored_case(new: NewDeskCase, past: CasePast) -> Case {
    let updated = past.updated.as_ref().map_or(new.now, |(time, _)| *time);
    let mut case = Case {
        title: new.title,
        description: new.description,
        severity: new.severity,
        tlp: new.tlp,
        pap: new.pap,
        tags: new.tags,
        assignee: new.assignee,
        first_seen: new.started,
        last_seen: new.ended.unwrap_or(new.started).max(new.started),
        desk: Desk {
            created_by: new.by,
            flag: new.flag,
            summary: new.summary,
            impact: new.impact,
            template: past.template,
            access: new.access,
            fields: new.fields,
            ..Desk::default()
        },
        ..blank(new.id, new.tenant, new.number, new.now)
    };
    if new.word != CaseWord::New {
        case_word::set_word(&mut case, new.word, updated);
    }
    case.acknowledged = past.acknowledged;
    if new.word.stage() == CaseStage::Closed {
        case.closed = Some(past.closed.or(new.ended).unwrap_or(updated));
    }
    // A case ends when it is closed, unless somebody says otherwise.
    case.desk.ended = new.ended.filter(|ended| case.closed != Some(*ended));
    case.updated = updated;
    case.desk.updated_by = past.updated.map(|(_, by)| by);
    case
}

/// Returns an observable as it was in another house, with its stamp there.
pub fn restored_observable(new: NewObservable, stamp: Stamp, warnings: Warnings<'_>) -> Observable {
    Observable { stamp: Some(stamp), ..bare_observable(new, warnings) }
}
