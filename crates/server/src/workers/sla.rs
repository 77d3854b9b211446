//! Cases that are nearly or really late: told once each, also where the server was down when it happened.
//!
//! Each round looks at the time since the last one, which the store remembers, for the moments at which a case became near
//! or late with a step that nobody has done.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vigie_cases::SlaPolicy;
use vigie_model::{
    Case, CaseStatus, Comparison, Filter, NoticeTrigger, Selection, Tenant, TenantId, TenantScope, Timestamp, Value,
};
use vigie_store::{Store, StoreError};

use super::outbox::chain;
use super::wait;
use crate::api::equal;
use crate::app::App;

/// How many open cases of a tenant are looked at, the oldest first.
const CASES_MAX: u64 = 20_000;
/// The setting that holds the time of the last round.
const LAST_ROUND: &str = "sla/last_round";

pub(super) async fn run(app: Arc<App>, period: Duration) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::error!(error = chain(&error), "the agreed times of cases could not be looked at");
        }
        if !wait(&app, period).await {
            return;
        }
    }
}

/// Returns what is agreed with a tenant; nothing where nothing was said.
pub(crate) async fn policy_of(store: &Store, tenant: &TenantId) -> Result<SlaPolicy, StoreError> {
    let stored = store.setting(&policy_key(tenant)).await?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

pub(crate) fn policy_key(tenant: &TenantId) -> String {
    format!("sla/policy/{tenant}")
}

async fn round(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let last = app.store.setting(LAST_ROUND).await?;
    let last: Option<Timestamp> = last.and_then(|value| serde_json::from_value(value).ok());
    // What was late before anybody looked is not news.
    let since = last.unwrap_or(now);
    if since >= now && last.is_some() {
        return Ok(());
    }
    let mut late = Vec::new();
    for tenant in app.store.tenants().await? {
        late.extend(late_cases(app, &tenant, since, now).await?);
    }
    let mut tx = app.store.begin().await?;
    for (case, trigger, due) in &late {
        app.notices.tell_due(&mut tx, *trigger, case, *due, now).await?;
    }
    tx.set_setting(LAST_ROUND, &json!(now), now).await?;
    tx.commit().await?;
    if !late.is_empty() {
        app.outbox_bell.notify_one();
    }
    Ok(())
}

/// Returns the cases of a tenant that became near or late after `since`, with the time that they are due.
async fn late_cases(
    app: &App,
    tenant: &Tenant,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<(Case, NoticeTrigger, Timestamp)>, StoreError> {
    let policy = policy_of(&app.store, &tenant.id).await?;
    if policy == SlaPolicy::default() {
        return Ok(Vec::new());
    }
    let closed = equal("status", CaseStatus::Closed.as_str());
    // A case that was opened before the longest agreed time had its moments before.
    let recent = Filter::Field {
        name: "created".to_owned(),
        comparison: Comparison::GreaterOrEqual,
        value: Value::Integer(since.minus(policy.longest()).as_micros()),
    };
    let selection = Selection::of(Filter::And(vec![Filter::Not(Box::new(closed)), recent]), CASES_MAX);
    let cases: Vec<Case> = app.store.select(&TenantScope::Only(vec![tenant.id.clone()]), &selection).await?;
    let mut late = Vec::new();
    for case in cases {
        for sla in policy.steps(&case, now) {
            let became = |moment: Timestamp| since < moment && moment <= now;
            match sla.state {
                vigie_cases::SlaState::Near if became(sla.near) => {
                    late.push((case.clone(), NoticeTrigger::SlaNear, sla.due));
                }
                // Late is from the moment after.
                vigie_cases::SlaState::Breached if since <= sla.due && sla.due < now => {
                    late.push((case.clone(), NoticeTrigger::SlaBreached, sla.due));
                }
                _ => {}
            }
        }
    }
    Ok(late)
}
