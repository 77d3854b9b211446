//! What a plan is made from, as the transaction that records the plan sees it.

use sqlx::QueryBuilder;
use vigie_model::{Action, AlertId, Decision, DecisionState, TenantId, Timestamp};

use crate::error::Doing as _;
use crate::row::bodies;
use crate::{StoreError, Tx};

/// How many actions a plan looks back at. More than this within a day are far over every rate limit.
const ON_RECORD_MAX: i64 = 10_000;

impl Tx {
    /// Returns a tenant's decisions that hold, oldest first, those of this transaction included.
    pub async fn decisions_in_force(&mut self, tenant: &TenantId) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM decisions WHERE tenant = ? AND state = ? ORDER BY since, id")
            .bind(tenant.as_str())
            .bind(DecisionState::InForce.as_str())
            .fetch_all(&mut *self.inner)
            .await
            .doing("list the decisions in force")?;
        bodies("decisions", rows)
    }

    /// Returns what a new plan must know of: the actions that answer this alert, and the tenant's others that were planned
    /// since, the latest first.
    pub async fn actions_on_record(
        &mut self,
        tenant: &TenantId,
        alert: AlertId,
        since: Timestamp,
    ) -> Result<Vec<Action>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM actions WHERE tenant = ");
        query.push_bind(tenant.as_str()).push(" AND (alert = ").push_bind(alert.to_string());
        query.push(" OR created >= ").push_bind(since.as_micros()).push(") ORDER BY created DESC, id LIMIT ");
        query.push_bind(ON_RECORD_MAX);
        let rows = query.build_query_scalar().fetch_all(&mut *self.inner).await.doing("list actions on record")?;
        bodies("actions", rows)
    }
}
