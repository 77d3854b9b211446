//! Findings into alerts.

use std::time::Duration;

use vigie_model::{Alert, AlertStatus, Entity, EventRef, Finding, Pap, Timestamp, Tlp};

use crate::title::alert_title;

/// How long an alert is quiet before the next finding of its rule and key begins a new one.
pub const QUIET: Duration = Duration::from_hours(24);

/// What became of a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum Fold {
    /// It opened an alert.
    Opened(Alert),
    /// It joined the latest alert of its rule and key, which is given as it is now.
    Joined(Alert),
}

impl Fold {
    /// Returns the alert as it is now.
    pub fn alert(&self) -> &Alert {
        match self {
            Self::Opened(alert) | Self::Joined(alert) => alert,
        }
    }

    /// Returns the alert as it is now.
    pub fn into_alert(self) -> Alert {
        match self {
            Self::Opened(alert) | Self::Joined(alert) => alert,
        }
    }

    /// Returns the version that the alert had before, or `None` for a new one.
    pub fn expected_version(&self) -> Option<u64> {
        match self {
            Self::Opened(_) => None,
            Self::Joined(alert) => Some(alert.version),
        }
    }
}

/// Takes a finding into an alert.
///
/// `latest` is the alert of the highest generation of the finding's tenant, rule and key. The finding joins it while it is
/// open and not quiet: the last finding arrived less than [`QUIET`] before `now`, and this one's events happened less
/// than that after those before. The second matters when old logs are read: they arrive within minutes and tell of months.
/// A finding that is older than those before joins; else two files read in turns would open an alert at each turn.
///
/// A finding that joins does not raise the alert's version: it loses nobody's change, and while an attack goes on an analyst
/// could not change the alert at all if every finding got in between.
///
/// Pass each finding once: whether it is known already is the store's to say.
pub fn fold(finding: &Finding, latest: Option<&Alert>, now: Timestamp) -> Fold {
    // An alert of somebody else's is never joined, whatever the caller looked up.
    let latest = latest
        .filter(|alert| alert.tenant == finding.tenant && alert.rule.id == finding.rule.id && alert.key == finding.key);
    match latest {
        Some(alert) if !is_over(alert, finding, now) => Fold::Joined(join(alert, finding, now)),
        Some(alert) => Fold::Opened(open(finding, alert.generation + 1, now)),
        None => Fold::Opened(open(finding, 1, now)),
    }
}

fn is_over(alert: &Alert, finding: &Finding, now: Timestamp) -> bool {
    alert.status == AlertStatus::Closed
        || now.since(alert.last_finding) >= QUIET
        || finding.first_time.since(alert.last_seen) >= QUIET
}

fn open(finding: &Finding, generation: u32, now: Timestamp) -> Alert {
    Alert {
        id: Alert::id_of(&finding.tenant, &finding.rule.id, &finding.key, generation, now),
        tenant: finding.tenant.clone(),
        rule: finding.rule.clone(),
        key: finding.key.clone(),
        generation,
        title: alert_title(&finding.rule.title, &finding.key, &finding.entities),
        severity: finding.rule.level,
        status: AlertStatus::New,
        assignee: None,
        tlp: Tlp::default(),
        pap: Pap::default(),
        tags: finding.rule.tags.clone(),
        count: 1,
        first_seen: finding.first_time.min(finding.time),
        last_seen: finding.time,
        created: now,
        updated: now,
        last_finding: now,
        acknowledged: None,
        closed: None,
        resolution: None,
        case: None,
        entities: union(&[], &finding.entities, &finding.key),
        samples: sample(&[], &finding.events),
        matches: finding.matches.clone(),
        description: String::new(),
        origin: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

fn join(alert: &Alert, finding: &Finding, now: Timestamp) -> Alert {
    Alert {
        count: alert.count + 1,
        first_seen: alert.first_seen.min(finding.first_time),
        last_seen: alert.last_seen.max(finding.time),
        updated: now,
        last_finding: alert.last_finding.max(now),
        entities: union(&alert.entities, &finding.entities, &alert.key),
        samples: sample(&alert.samples, &finding.events),
        ..alert.clone()
    }
}

/// Returns the entities of both, sorted. Where there are too many, those of the key stay and then those with a part to
/// play; which ones does not depend on the order in which they came.
fn union(old: &[Entity], new: &[Entity], key: &[Entity]) -> Vec<Entity> {
    let mut all: Vec<Entity> = old.iter().chain(new).cloned().collect();
    all.sort();
    all.dedup();
    if all.len() > Alert::ENTITIES_MAX {
        all.sort_by_cached_key(|entity| (!key.contains(entity), entity.role, entity.kind, entity.value.clone()));
        all.truncate(Alert::ENTITIES_MAX);
        all.sort();
    }
    all
}

/// Returns the first and the latest of the events, half of [`Alert::SAMPLES_MAX`] each, by time.
fn sample(old: &[EventRef], new: &[EventRef]) -> Vec<EventRef> {
    let mut all: Vec<EventRef> = old.iter().chain(new).cloned().collect();
    all.sort_by_key(|event| (event.time, event.id));
    all.dedup_by_key(|event| event.id);
    let half = Alert::SAMPLES_MAX / 2;
    if all.len() > Alert::SAMPLES_MAX {
        all.drain(half..all.len() - half);
    }
    all
}
