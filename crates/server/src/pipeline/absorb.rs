//! The deciding half of a round, in one transaction: findings into alerts, alerts into cases, answers planned.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;
use vigie_cases::{Fold, Suppressions, fold};
use vigie_events::fail_point;
use vigie_model::{
    Action, Actor, Alert, AlertId, Case, CaseId, DeadLetter, Entity, Finding, ObjectKind, RuleId, Severity, SourceName,
    TenantId, TenantScope, Timestamp, Verb,
};
use vigie_store::{AuditNote, StoreError, Tx};
use vigie_thehive::Change;

use super::{PipelineParts, answer, incident};
use crate::live::{LiveKind, LiveMessage};
use crate::notices::change_of;

/// What a round changed.
#[derive(Default)]
pub(super) struct Absorbed {
    findings: Vec<Severity>,
    raised: Vec<Severity>,
    new_alerts: BTreeSet<AlertId>,
    new_cases: BTreeSet<CaseId>,
    alerts: BTreeMap<AlertId, Alert>,
    cases: BTreeMap<CaseId, Case>,
    opened: u64,
    suppressed: u64,
    actions: Vec<Action>,
}

/// Takes a round's findings and dead letters into the store. All of it happens or nothing; a repeat changes nothing.
pub(super) async fn absorb(
    parts: &PipelineParts,
    findings: &[Finding],
    dead: &[DeadLetter],
    now: Timestamp,
) -> Result<Absorbed, StoreError> {
    let mut absorbed = Absorbed::default();
    if findings.is_empty() && dead.is_empty() {
        return Ok(absorbed);
    }
    let mut tx = parts.store.begin().await?;
    let tenants = findings.iter().map(|finding| &finding.tenant).chain(dead.iter().map(|letter| &letter.tenant));
    for tenant in tenants.collect::<BTreeSet<_>>() {
        tx.ensure_tenant(tenant, tenant.as_str(), now).await?;
    }
    tx.insert_dead_letters(dead).await?;
    let touched = fold_findings(&mut tx, findings, now, &mut absorbed).await?;
    for alert in &touched {
        if alert.is_new {
            raise(&mut tx, &alert.alert, now).await?;
            absorbed.raised.push(alert.alert.severity);
            absorbed.new_alerts.insert(alert.alert.id);
        }
        tx.save_alert(&alert.alert, alert.stored_version).await?;
    }
    for Touched { alert, .. } in touched {
        // An alert before this one may have drawn it into a case.
        let scope = TenantScope::Only(vec![alert.tenant.clone()]);
        let alert = tx.alert(&scope, alert.id).await?.unwrap_or(alert);
        let formed = incident::form(parts, &mut tx, alert, now).await?;
        // An alert that has grown may name another attacker or have come into a case; what is planned already stays.
        let planned = answer::plan_answers(parts, &mut tx, &formed.alert, formed.case.as_ref(), now).await?;
        absorbed.actions.extend(planned);
        absorbed.opened += u64::from(formed.opened);
        absorbed.new_cases.extend(formed.case.as_ref().filter(|_| formed.opened).map(|case| case.id));
        absorbed.cases.extend(formed.case.filter(|_| formed.changed).map(|case| (case.id, case)));
        absorbed.alerts.extend(formed.others.into_iter().chain([formed.alert]).map(|alert| (alert.id, alert)));
    }
    if !absorbed.raised.is_empty() || absorbed.opened > 0 {
        let actor = Actor::System("pipeline".to_owned());
        parts.notices.follow(&mut tx, &actor, &absorbed.news(), now).await?;
    }
    fail_point("settle.before_commit");
    tx.commit().await?;
    fail_point("settle.after_commit");
    Ok(absorbed)
}

/// An alert that a finding of this round opened or joined.
struct Touched {
    alert: Alert,
    /// The version in the store; `None` where it is not there yet.
    stored_version: Option<u64>,
    is_new: bool,
}

/// Folds findings into alerts in the order in which they were made. Each alert is read once and saved once.
async fn fold_findings(
    tx: &mut Tx,
    findings: &[Finding],
    now: Timestamp,
    absorbed: &mut Absorbed,
) -> Result<Vec<Touched>, StoreError> {
    type Key<'a> = (&'a TenantId, &'a RuleId, &'a [Entity]);
    let mut touched: Vec<Touched> = Vec::new();
    let mut latest: HashMap<Key<'_>, usize> = HashMap::new();
    // What a suppression holds back is decided here, once, by what is in force when the finding is first taken in, and is
    // recorded with the finding in this transaction. A replay finds it recorded and changes nothing, whatever has been put
    // up, taken away or expired since; a finding whose transaction was lost is decided anew, as if it came only now.
    let suppressions = Suppressions::new(tx.suppressions_in_force(now).await?);
    let before = tx.suppressed_before(findings).await?;
    for finding in findings {
        if before.contains(&finding.id) {
            continue;
        }
        if let Some(suppression) = suppressions.of(finding, now) {
            absorbed.suppressed += u64::from(tx.suppress_finding(finding, suppression.id, now).await?);
            continue;
        }
        let key = (&finding.tenant, &finding.rule.id, finding.key.as_slice());
        let (folded, stored_version) = if let Some(place) = latest.get(&key) {
            (fold(finding, Some(&touched[*place].alert), now), touched[*place].stored_version)
        } else {
            let stored = tx.latest_alert(key.0, key.1, key.2).await?;
            let version = stored.as_ref().map(|alert| alert.version);
            (fold(finding, stored.as_ref(), now), version)
        };
        if !tx.insert_finding(finding, folded.alert().id).await? {
            continue;
        }
        absorbed.findings.push(finding.rule.level);
        match (folded, latest.get(&key)) {
            (Fold::Joined(alert), Some(place)) => touched[*place].alert = alert,
            (Fold::Joined(alert), None) => {
                latest.insert(key, touched.len());
                touched.push(Touched { alert, stored_version, is_new: false });
            }
            (Fold::Opened(alert), _) => {
                latest.insert(key, touched.len());
                touched.push(Touched { alert, stored_version: None, is_new: true });
            }
        }
    }
    Ok(touched)
}

async fn raise(tx: &mut Tx, alert: &Alert, now: Timestamp) -> Result<(), StoreError> {
    let details = serde_json::json!({"title": alert.title, "rule": alert.rule.id, "severity": alert.severity});
    note(tx, &alert.tenant, Verb::Create, ObjectKind::Alert, &alert.id.to_string(), details, now).await
}

/// Adds a row to the audit log in the pipeline's name.
pub(super) async fn note(
    tx: &mut Tx,
    tenant: &TenantId,
    verb: Verb,
    object: ObjectKind,
    object_id: &str,
    details: serde_json::Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let actor = Actor::System("pipeline".to_owned());
    let tenant = Some(tenant.clone());
    tx.audit(&AuditNote { at: now, tenant, actor, verb, object, object_id: object_id.to_owned(), details }).await?;
    Ok(())
}

impl Absorbed {
    /// Returns what is new: the alerts that were raised and the cases that were opened.
    fn news(&self) -> Vec<Change> {
        let alerts = self.alerts.values().filter(|alert| self.new_alerts.contains(&alert.id));
        let cases = self.cases.values().filter(|case| self.new_cases.contains(&case.id));
        let alerts = alerts.map(|alert| change_of(Verb::Create, Value::Null, alert));
        alerts.chain(cases.map(|case| change_of(Verb::Create, Value::Null, case))).collect()
    }

    /// Counts what changed and tells whoever watches. Called once the transaction is committed.
    pub(super) fn tell(self, parts: &PipelineParts, taken: &BTreeMap<(TenantId, SourceName), u64>) {
        self.findings.iter().for_each(|severity| parts.metrics.finding(*severity));
        parts.metrics.suppressed(self.suppressed);
        self.raised.iter().for_each(|severity| parts.metrics.alert(*severity));
        (0..self.opened).for_each(|_| parts.metrics.case());
        tell_all(parts, LiveKind::Alert, self.alerts.values().map(|alert| (&alert.tenant, alert)));
        tell_all(parts, LiveKind::Case, self.cases.values().map(|case| (&case.tenant, case)));
        tell_all(parts, LiveKind::Action, self.actions.iter().map(|action| (&action.tenant, action)));
        for action in &self.actions {
            parts.metrics.action(&action.kind, action.status);
        }
        if !self.actions.is_empty() || !self.new_alerts.is_empty() {
            parts.outbox_bell.notify_one();
        }
        for ((tenant, source), events) in taken {
            let payload = serde_json::json!({"source": source, "events": events});
            parts.live.publish(LiveMessage { tenant: tenant.clone(), kind: LiveKind::Ingest, payload });
        }
    }
}

fn tell_all<'a, T: Serialize + 'a>(
    parts: &PipelineParts,
    kind: LiveKind,
    objects: impl Iterator<Item = (&'a TenantId, &'a T)>,
) {
    for (tenant, object) in objects {
        let payload = serde_json::to_value(object).expect("the objects of the model have text keys only");
        parts.live.publish(LiveMessage { tenant: tenant.clone(), kind, payload });
    }
}
