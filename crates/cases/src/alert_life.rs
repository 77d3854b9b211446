//! What analysts do with alerts. Each function returns the alert as it is after, one version on.

use vigie_model::{Alert, AlertStatus, Pap, Resolution, Severity, Timestamp, Tlp};

use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short, tags_of};

/// What to change of an alert; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertEdit {
    /// One line.
    pub title: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// With whom it may be shared.
    pub tlp: Option<Tlp>,
    /// What may be done with it.
    pub pap: Option<Pap>,
    /// All its tags.
    pub tags: Option<Vec<String>>,
}

/// Takes an alert up: it is in progress, and the analyst's where it was nobody's. The first time counts.
pub fn acknowledge_alert(alert: &Alert, by: &str, now: Timestamp) -> Result<Alert, ChangeError> {
    let mut alert = changed(alert, now)?;
    alert.status = AlertStatus::InProgress;
    alert.desk.label = None;
    alert.acknowledged = alert.acknowledged.or(Some(now));
    alert.assignee = alert.assignee.or_else(|| Some(by.to_owned()));
    Ok(alert)
}

/// Gives an alert to somebody, by user name, or to nobody.
pub fn assign_alert(alert: &Alert, assignee: Option<&str>, now: Timestamp) -> Result<Alert, ChangeError> {
    let mut alert = changed(alert, now)?;
    alert.assignee = assignee.map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    Ok(alert)
}

/// Changes an alert's title, severity, sharing or tags.
pub fn edit_alert(alert: &Alert, edit: &AlertEdit, now: Timestamp) -> Result<Alert, ChangeError> {
    let mut alert = changed(alert, now)?;
    if let Some(title) = &edit.title {
        alert.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(tags) = &edit.tags {
        alert.tags = tags_of(tags)?;
    }
    alert.severity = edit.severity.unwrap_or(alert.severity);
    alert.tlp = edit.tlp.unwrap_or(alert.tlp);
    alert.pap = edit.pap.unwrap_or(alert.pap);
    Ok(alert)
}

/// Closes an alert; its summary may be empty. The next finding of its rule and key opens a new alert.
pub fn close_alert(alert: &Alert, resolution: Resolution, now: Timestamp) -> Result<Alert, ChangeError> {
    let mut alert = changed(alert, now)?;
    short("summary", &resolution.summary, PROSE_MAX)?;
    alert.status = AlertStatus::Closed;
    alert.desk.label = None;
    alert.closed = Some(now);
    alert.acknowledged = alert.acknowledged.or(Some(now));
    alert.resolution = Some(resolution);
    Ok(alert)
}

/// Opens a closed alert again.
pub fn reopen_alert(alert: &Alert, now: Timestamp) -> Result<Alert, ChangeError> {
    if alert.status != AlertStatus::Closed {
        return Err(ChangeError::NotClosed);
    }
    let desk = vigie_model::Desk { label: None, ..alert.desk.clone() };
    Ok(Alert {
        status: AlertStatus::InProgress,
        closed: None,
        resolution: None,
        desk,
        updated: now,
        version: alert.version + 1,
        ..alert.clone()
    })
}

fn changed(alert: &Alert, now: Timestamp) -> Result<Alert, ChangeError> {
    if alert.status == AlertStatus::Closed {
        return Err(ChangeError::Closed);
    }
    Ok(Alert { updated: now, version: alert.version + 1, ..alert.clone() })
}
