//! Which alerts are one incident: cases open and grow by themselves.

use std::time::Duration;

use serde_json::json;
use vigie_cases::{
    CaseChange, CaseLinks, IncidentPolicy, Merging, NewCase, OpenError, Proposal, group, link_values, merge_alerts,
    open_case,
};
use vigie_model::{
    Alert, AlertId, AlertStatus, Case, CaseId, CaseStatus, ObjectKind, Observable, ObservableKind, TenantScope,
    Timestamp, Verb,
};
use vigie_store::{Sharing, StoreError, Tx};

use super::{PipelineParts, absorb};

/// How many alerts are looked at that share something with a new one.
const RELATED_MAX: u32 = 200;

/// An alert after it was looked at, and what came of that.
pub(super) struct Formed {
    /// The alert, part of a case by now or not.
    pub(super) alert: Alert,
    /// The other alerts that came into the case with it.
    pub(super) others: Vec<Alert>,
    /// The case that the alert is part of.
    pub(super) case: Option<Case>,
    /// Whether the case was opened now.
    pub(super) opened: bool,
    /// Whether the case changed.
    pub(super) changed: bool,
}

impl Formed {
    fn unchanged(alert: Alert, case: Option<Case>) -> Self {
        Self { alert, others: Vec::new(), case, opened: false, changed: false }
    }
}

/// Looks for what an alert belongs to, and opens a case or merges it into one where the policy says so.
pub(super) async fn form(
    parts: &PipelineParts,
    tx: &mut Tx,
    alert: Alert,
    now: Timestamp,
) -> Result<Formed, StoreError> {
    let scope = TenantScope::Only(vec![alert.tenant.clone()]);
    if !parts.settings.auto_open || alert.severity < parts.settings.severity_min {
        let case = match alert.case {
            Some(case) => tx.case(&scope, case).await?,
            None => None,
        };
        return Ok(Formed::unchanged(alert, case));
    }
    let policy = IncidentPolicy::default();
    let values = link_values(&alert, &|kind, value| warning(parts, kind, value));
    let related = related(tx, &scope, &alert, &values, &policy).await?;
    let cases = known_cases(tx, &scope, &alert, &related, &values).await?;
    let proposal = {
        let warnings = |kind: ObservableKind, value: &str| warning(parts, kind, value);
        let links: Vec<CaseLinks> =
            cases.iter().map(|(case, observables)| CaseLinks::of(case, observables, &warnings)).collect();
        group(&alert, &related, &links, &policy, &warnings)
    };
    match proposal {
        Proposal::Open { alerts, .. } => open(parts, tx, Members::of(alert, related, &alerts), now).await,
        Proposal::Merge { case, alerts, .. } => match cases.into_iter().find(|(known, _)| known.id == case) {
            Some((case, _)) => merge(parts, tx, case, Members::of(alert, related, &alerts), now).await,
            None => Ok(Formed::unchanged(alert, None)),
        },
        Proposal::None => match cases.into_iter().map(|(case, _)| case).find(|case| Some(case.id) == alert.case) {
            // The alert has grown: its case learns of it.
            Some(case) if case.status != CaseStatus::Closed => {
                merge(parts, tx, case, Members::of(alert, Vec::new(), &[]), now).await
            }
            own => Ok(Formed::unchanged(alert, own)),
        },
    }
}

/// The alert that was looked at, and those that come along.
struct Members {
    alert: Alert,
    others: Vec<Alert>,
}

impl Members {
    fn of(alert: Alert, related: Vec<Alert>, chosen: &[AlertId]) -> Self {
        let others = related.into_iter().filter(|other| other.id != alert.id && chosen.contains(&other.id)).collect();
        Self { alert, others }
    }

    fn all(&self) -> Vec<Alert> {
        std::iter::once(&self.alert).chain(&self.others).cloned().collect()
    }
}

async fn related(
    tx: &mut Tx,
    scope: &TenantScope,
    alert: &Alert,
    values: &[(ObservableKind, String)],
    policy: &IncidentPolicy,
) -> Result<Vec<Alert>, StoreError> {
    let since = alert.first_seen.minus(policy.values_within.max(Duration::from_hours(24)));
    let statuses = vec![AlertStatus::New, AlertStatus::InProgress];
    let sharing = Sharing { values: values.to_vec(), since, statuses, limit: RELATED_MAX };
    tx.alerts_sharing(scope, &sharing).await
}

/// Returns the cases that may be meant: those with one of the values, those of the related alerts, the alert's own.
async fn known_cases(
    tx: &mut Tx,
    scope: &TenantScope,
    alert: &Alert,
    related: &[Alert],
    values: &[(ObservableKind, String)],
) -> Result<Vec<(Case, Vec<Observable>)>, StoreError> {
    let mut cases = tx.open_cases_sharing(&alert.tenant, values).await?;
    let mut missing: Vec<CaseId> = related.iter().chain([alert]).filter_map(|other| other.case).collect();
    missing.sort_unstable();
    missing.dedup();
    missing.retain(|id| !cases.iter().any(|(case, _)| case.id == *id));
    for id in missing {
        if let Some(case) = tx.case(scope, id).await? {
            let observables = tx.case_observables(scope, id).await?;
            cases.push((case, observables));
        }
    }
    Ok(cases)
}

async fn open(parts: &PipelineParts, tx: &mut Tx, members: Members, now: Timestamp) -> Result<Formed, StoreError> {
    let number = tx.next_case_number(&members.alert.tenant).await?;
    let id = CaseId::from_bytes(parts.entropy.id()).at(now);
    let alerts = members.all();
    let change = {
        let warnings = |kind: ObservableKind, value: &str| warning(parts, kind, value);
        open_case(&NewCase { id, number, by: "vigie", now, alerts: &alerts, warnings: &warnings })
    };
    settle(parts, tx, change, members.alert, None, now).await
}

async fn merge(
    parts: &PipelineParts,
    tx: &mut Tx,
    case: Case,
    members: Members,
    now: Timestamp,
) -> Result<Formed, StoreError> {
    let before = tx.case_alerts(&TenantScope::Only(vec![case.tenant.clone()]), case.id).await?;
    let alerts = members.all();
    let change = {
        let warnings = |kind: ObservableKind, value: &str| warning(parts, kind, value);
        merge_alerts(&Merging { case: &case, members: &before, alerts: &alerts, by: "vigie", now, warnings: &warnings })
    };
    settle(parts, tx, change, members.alert, Some(case), now).await
}

/// Saves a change, or leaves the alert as it is where the change was refused: an incident must not stop the pipeline.
async fn settle(
    parts: &PipelineParts,
    tx: &mut Tx,
    change: Result<CaseChange, OpenError>,
    alert: Alert,
    case: Option<Case>,
    now: Timestamp,
) -> Result<Formed, StoreError> {
    match change {
        Ok(change) => save(parts, tx, change, alert, now).await,
        Err(problem) => {
            tracing::warn!(alert.id = %alert.id, "alert {} was left out of a case: {problem}", alert.id);
            Ok(Formed::unchanged(alert, case))
        }
    }
}

/// Saves what a change to a case changed, with what is known of the addresses on it.
async fn save(
    parts: &PipelineParts,
    tx: &mut Tx,
    mut change: CaseChange,
    alert: Alert,
    now: Timestamp,
) -> Result<Formed, StoreError> {
    let case = change.case;
    tx.save_case(&case, change.expected_version).await?;
    for changed in &change.alerts {
        tx.save_alert(changed, Some(changed.version - 1)).await?;
    }
    for observable in &mut change.observables {
        place(parts, observable);
    }
    tx.upsert_observables(&change.observables).await?;
    tx.save_tasks(&change.tasks).await?;
    tx.add_timeline(&change.timeline).await?;
    let opened = change.expected_version.is_none();
    let verb = if opened { Verb::Create } else { Verb::Merge };
    let alerts: Vec<AlertId> = change.alerts.iter().map(|alert| alert.id).collect();
    let details = json!({"number": case.number, "title": case.title, "alerts": alerts});
    absorb::note(tx, &case.tenant, verb, ObjectKind::Case, &case.id.to_string(), details, now).await?;
    let mut others = change.alerts;
    let own = others.iter().position(|changed| changed.id == alert.id).map(|place| others.remove(place));
    Ok(Formed { alert: own.unwrap_or(alert), others, case: Some(case), opened, changed: true })
}

/// Adds country and network to an address.
fn place(parts: &PipelineParts, observable: &mut Observable) {
    if observable.kind != ObservableKind::Ip {
        return;
    }
    let Some(context) = observable.value.parse().ok().and_then(|address| parts.geo.lookup(address)) else { return };
    for word in context.words() {
        if !observable.context.contains(&word) {
            observable.context.push(word);
        }
    }
}

fn warning(parts: &PipelineParts, kind: ObservableKind, value: &str) -> Option<String> {
    parts.warnings.check(kind, value).map(str::to_owned)
}
