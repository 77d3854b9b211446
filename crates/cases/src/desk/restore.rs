//! What was kept in another house, as it was there.
//!
//! Nothing is checked or cut: what was good there is not lost here. Limits hold again for whoever changes it.

use vigie_model::{Alert, CaseId, Observable, Stamp, Timestamp};

use super::alert::{NewAlert, bare_alert};
use super::alert_word::{AlertStage, AlertWord, set_word};
use super::observable::{NewObservable, bare_observable};
use crate::links::Warnings;

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
    if word == AlertWord::New && past.case.is_none() {
        alert.acknowledged = past.acknowledged;
    } else {
        set_word(&mut alert, word, updated);
        alert.acknowledged = past.acknowledged;
        alert.closed = (word.stage() == AlertStage::Closed).then(|| past.closed.unwrap_or(updated));
    }
    alert.updated = updated;
    alert.desk.updated_by = past.updated.map(|(_, by)| by);
    alert
}

/// Returns an observable as it was in another house, with its stamp there.
pub fn restored_observable(new: NewObservable, stamp: Stamp, warnings: Warnings<'_>) -> Observable {
    Observable { stamp: Some(stamp), ..bare_observable(new, warnings) }
}
