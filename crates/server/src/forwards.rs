//! Alerts that go on to a TheHive elsewhere: put into the outbox with the alert, sent by a worker.

use std::sync::Arc;

use serde_json::json;
use vigie_model::{Alert, Observable, Selection, Severity, TenantId, TenantScope, Timestamp};
use vigie_store::{OutboxMessage, StoreError, Tx};
use vigie_thehive::{FORWARDED_OBSERVABLES_MAX, forwarded};

use crate::api::equal;
use crate::config::Forward;
use crate::workers::Errand;

/// The channel of the outbox.
const CHANNEL: &str = "forward";

/// Where alerts go on to; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Forwards(Arc<[Target]>);

#[derive(Debug)]
struct Target {
    name: String,
    /// Of these tenants; of all where there is none.
    tenants: Vec<TenantId>,
    severity_min: Severity,
}

impl Forwards {
    pub(crate) fn new(forwards: &[Forward]) -> Self {
        let target = |forward: &Forward| Target {
            name: forward.name.clone(),
            tenants: forward.tenants.clone(),
            severity_min: forward.severity_min,
        };
        Self(forwards.iter().map(target).collect())
    }

    /// Puts a new alert on its way to whoever gets it too.
    pub(crate) async fn put(&self, tx: &mut Tx, alert: &Alert, now: Timestamp) -> Result<(), StoreError> {
        let wants = |target: &&Target| {
            alert.severity >= target.severity_min
                && (target.tenants.is_empty() || target.tenants.contains(&alert.tenant))
        };
        for target in self.0.iter().filter(wants) {
            let alert_is = equal("alert", alert.id.to_string());
            let scope = TenantScope::Only(vec![alert.tenant.clone()]);
            let selection = Selection::of(alert_is, FORWARDED_OBSERVABLES_MAX as u64);
            let observables: Vec<Observable> = tx.select(&scope, &selection).await?;
            let errand = Errand::Forward { to: target.name.clone(), alert: forwarded(alert, &observables) };
            tx.enqueue(&OutboxMessage {
                key: format!("forward/{}/{}", target.name, alert.id),
                tenant: alert.tenant.clone(),
                channel: CHANNEL.to_owned(),
                action: None,
                body: json!(errand),
                created: now,
                due: now,
            })
            .await?;
        }
        Ok(())
    }
}
