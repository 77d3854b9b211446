//! Actions, and the decisions that are in force because of them.

use sqlx::QueryBuilder;
use vigie_model::{
    Action, ActionId, ActionStatus, Decision, DecisionId, DecisionState, TenantId, TenantScope, Timestamp,
};

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::objects::get_row;
use crate::row::{Connection, bodies, push_scope, read_body, target_text, to_json, unsigned};
use crate::scope::{Scope, Within};
use crate::{Listing, Rows, Store, StoreError, Tx};

/// What became of a saved object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It was not there.
    New,
    /// It was there, otherwise.
    Changed,
    /// It was there, just so.
    Same,
}

impl Store {
    /// Returns a page of actions.
    pub async fn actions(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Action>, StoreError> {
        page(&mut *self.read().await?, List::Actions, read_body, scope, listing).await
    }

    /// Returns a page of decisions.
    pub async fn decisions(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Decision>, StoreError> {
        page(&mut *self.read().await?, List::Decisions, read_body, scope, listing).await
    }

    /// Returns an action, or `None` where there is none within the scope, or its case is closed to who asks.
    pub async fn action(&self, scope: &impl Within, id: ActionId) -> Result<Option<Action>, StoreError> {
        action(&mut *self.read().await?, scope, id).await
    }

    /// Returns a decision, or `None` where there is none within the scope, or the case of its action is closed to who asks.
    pub async fn decision(&self, scope: &impl Within, id: DecisionId) -> Result<Option<Decision>, StoreError> {
        decision(&mut *self.read().await?, scope, id).await
    }

    /// Returns every decision that holds, oldest first.
    pub async fn decisions_in_force(&self, scope: &TenantScope) -> Result<Vec<Decision>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM decisions WHERE state = ");
        query.push_bind(DecisionState::InForce.as_str()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" ORDER BY since, id");
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await;
        bodies("decisions", rows.doing("list the decisions in force")?)
    }

    /// Returns what an action put in force, oldest first. The caller has seen that the action is within the scope.
    pub async fn decisions_of(&self, action: ActionId) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM decisions WHERE action = ? ORDER BY since, id")
            .bind(action.to_string())
            .fetch_all(&mut *self.read().await?)
            .await;
        bodies("decisions", rows.doing("list the decisions of an action")?)
    }

    /// Returns the decisions of all tenants that hold although their time is over, the most overdue first, at most `limit`.
    pub async fn decisions_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Decision>, StoreError> {
        let rows = sqlx::query_scalar(
            "SELECT body FROM decisions WHERE state = ? AND expires <= ? ORDER BY expires, id LIMIT ?",
        )
        .bind(DecisionState::InForce.as_str())
        .bind(now.as_micros())
        .bind(i64::from(limit))
        .fetch_all(&mut *self.read().await?)
        .await
        .doing("list the decisions that are over")?;
        bodies("decisions", rows)
    }

    /// Returns the actions of all tenants in this state, oldest first, at most `limit`: at start, what was being executed
    /// when the server ended.
    pub async fn actions_in(&self, status: ActionStatus, limit: u32) -> Result<Vec<Action>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM actions WHERE status = ? ORDER BY created, id LIMIT ?")
            .bind(status.as_str())
            .bind(i64::from(limit))
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list actions by their state")?;
        bodies("actions", rows)
    }

    /// Returns how many of a tenant's actions of this kind were planned at `since` or later and neither refused, rejected
    /// nor simulated: what counts against a rate limit.
    pub async fn actions_since(&self, tenant: &TenantId, kind: &str, since: Timestamp) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM actions
             WHERE tenant = ? AND kind = ? AND created >= ? AND status NOT IN ('refused', 'rejected', 'simulated')",
        )
        .bind(tenant.as_str())
        .bind(kind)
        .bind(since.as_micros())
        .fetch_one(&mut *self.read().await?)
        .await
        .doing("count actions")?;
        Ok(unsigned(count))
    }
}

async fn action(connection: &mut Connection, scope: &impl Within, id: ActionId) -> Result<Option<Action>, StoreError> {
    let scope = Scope::owned(connection, scope).await?;
    get_row(connection, &scope, List::Actions.table(), &id.to_string()).await
}

async fn decision(
    connection: &mut Connection,
    scope: &impl Within,
    id: DecisionId,
) -> Result<Option<Decision>, StoreError> {
    let scope = Scope::owned(connection, scope).await?;
    get_row(connection, &scope, List::Decisions.table(), &id.to_string()).await
}

impl Tx {
    /// Returns an action, or `None` where there is none within the scope, or its case is closed to who asks.
    pub async fn action(&mut self, scope: &impl Within, id: ActionId) -> Result<Option<Action>, StoreError> {
        action(&mut self.inner, scope, id).await
    }

    /// Returns a decision, or `None` where there is none within the scope, or the case of its action is closed to who asks.
    pub async fn decision(&mut self, scope: &impl Within, id: DecisionId) -> Result<Option<Decision>, StoreError> {
        decision(&mut self.inner, scope, id).await
    }

    /// Saves an action, over what is stored of it. Load it in the same transaction to change it: an action's id comes from
    /// what it answers, so a plan that is made again finds the action that it made before.
    pub async fn save_action(&mut self, action: &Action) -> Result<Saved, StoreError> {
        let stored = self.action(&TenantScope::All, action.id).await?;
        if stored.as_ref() == Some(action) {
            return Ok(Saved::Same);
        }
        sqlx::query(
            "INSERT INTO actions (id, tenant, alert, case_id, playbook, kind, target, summary, status, created, updated,
                 body)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET alert = excluded.alert, case_id = excluded.case_id,
                 summary = excluded.summary, status = excluded.status, updated = excluded.updated, body = excluded.body",
        )
        .bind(action.id.to_string())
        .bind(action.tenant.as_str())
        .bind(action.trigger.alert.map(|id| id.to_string()))
        .bind(action.trigger.case.map(|id| id.to_string()))
        .bind(action.trigger.playbook.as_ref().map(ToString::to_string))
        .bind(&action.kind)
        .bind(target_text(action.target.as_ref()))
        .bind(&action.summary)
        .bind(action.status.as_str())
        .bind(action.created.as_micros())
        .bind(action.updated.as_micros())
        .bind(to_json(action))
        .execute(&mut *self.inner)
        .await
        .doing("save an action")?;
        Ok(if stored.is_some() { Saved::Changed } else { Saved::New })
    }

    /// Saves a decision, over what is stored of it: a repeat of the action extends it. Its action must be saved.
    pub async fn save_decision(&mut self, decision: &Decision) -> Result<Saved, StoreError> {
        let stored = self.decision(&TenantScope::All, decision.id).await?;
        if stored.as_ref() == Some(decision) {
            return Ok(Saved::Same);
        }
        sqlx::query(
            "INSERT INTO decisions (id, tenant, action, kind, target, since, expires, state, body)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET expires = excluded.expires, state = excluded.state, body = excluded.body",
        )
        .bind(decision.id.to_string())
        .bind(decision.tenant.as_str())
        .bind(decision.action.to_string())
        .bind(&decision.kind)
        .bind(target_text(decision.target.as_ref()))
        .bind(decision.since.as_micros())
        .bind(decision.expires.map(Timestamp::as_micros))
        .bind(decision.state.as_str())
        .bind(to_json(decision))
        .execute(&mut *self.inner)
        .await
        .doing("save a decision")?;
        Ok(if stored.is_some() { Saved::Changed } else { Saved::New })
    }
}
