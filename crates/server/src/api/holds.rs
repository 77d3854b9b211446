//! `/api/v1/events/holds`: what retention must leave alone.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vigie_events::{Expired, ExpiryReason};
use vigie_model::{HoldId, LegalHold, ObjectKind, Role, TenantId, Timestamp, Verb};
use vigie_store::AuditNote;

use super::extract::{Body, Id};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::workers::retention_policy;

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Role(Role::Admin);
    vec![
        read("/api/v1/events/holds", list),
        Route::new(Method::GET, "/api/v1/events/retention", admin, retention),
        Route::new(Method::POST, "/api/v1/events/holds", admin, place),
        Route::new(Method::DELETE, "/api/v1/events/holds/{id}", admin, lift),
    ]
}

/// What to hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHold {
    /// Whose events.
    tenant: Option<TenantId>,
    /// The first moment of arrival to hold; all from the first event on where it is not said.
    from: Option<Timestamp>,
    /// The moment of arrival not to hold any more; all that will come where it is not said.
    until: Option<Timestamp>,
    /// Why.
    reason: String,
}

/// Lists the legal holds in force.
#[utoipa::path(get, path = "/api/v1/events/holds", tag = "events", responses(
    (status = 200, description = "The holds.", body = Vec<LegalHold>),
))]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<LegalHold>>, Problem> {
    Ok(Json(app.store.legal_holds(caller.scope()).await?))
}

/// Holds a tenant's events: retention deletes no day that has a moment of it.
#[utoipa::path(post, path = "/api/v1/events/holds", tag = "events", request_body = NewHold, responses(
    (status = 200, description = "The hold.", body = LegalHold),
    (status = 400, description = "Something is missing or makes no sense.", body = ProblemBody),
))]
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewHold>,
) -> Result<Json<LegalHold>, Problem> {
    let tenant = caller.one_tenant(new.tenant.as_ref(), "tenant")?;
    let reason = new.reason.trim();
    if reason.is_empty() || reason.len() > LegalHold::REASON_BYTES_MAX {
        return Err(Problem::field("reason", format!("expected 1 to {} bytes", LegalHold::REASON_BYTES_MAX)));
    }
    if new.from.zip(new.until).is_some_and(|(from, until)| until <= from) {
        return Err(Problem::field("until", "it ends before it begins"));
    }
    if !app.store.tenants().await?.iter().any(|known| known.id == tenant) {
        return Err(Problem::not_found("tenant"));
    }
    let hold = LegalHold {
        id: HoldId::from_bytes(app.entropy.id()),
        tenant,
        from: new.from,
        until: new.until,
        reason: reason.to_owned(),
        placed_by: caller.actor(),
        created: app.clock.now(),
    };
    let mut tx = app.store.begin().await?;
    tx.place_hold(&hold).await?;
    tx.audit(&note(&hold, &caller, Verb::Create, hold.created)).await?;
    tx.commit().await?;
    Ok(Json(hold))
}

/// Lifts a hold. What is too old by then is deleted by the next sweep.
#[utoipa::path(delete, path = "/api/v1/events/holds/{id}", tag = "events", params(("id" = String, Path, description = "The hold's id.")), responses(
    (status = 200, description = "The hold that was lifted.", body = LegalHold),
    (status = 404, description = "There is no such hold.", body = ProblemBody),
))]
pub(crate) async fn lift(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<HoldId>,
) -> Result<Json<LegalHold>, Problem> {
    let mut tx = app.store.begin().await?;
    let hold = tx.lift_hold(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("legal hold"))?;
    tx.audit(&note(&hold, &caller, Verb::Delete, app.clock.now())).await?;
    tx.commit().await?;
    Ok(Json(hold))
}

/// What the next sweep of retention would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionBody {
    /// What would be deleted.
    deleted: Vec<DayBody>,
    /// What a legal hold keeps.
    held: Vec<DayBody>,
}

/// A tenant's events of one day of arrival.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayBody {
    /// Whose events.
    tenant: TenantId,
    /// The day, `YYYY-MM-DD`, with `.2` and so on where that day has several parts.
    day: String,
    /// How many bytes of disk they take.
    bytes: u64,
    /// `age` where they are older than the tenant's days, `size` where its events take more than their bytes.
    reason: String,
}

/// Says what the next sweep of retention would delete, and what a hold keeps. A sweep comes each hour.
#[utoipa::path(get, path = "/api/v1/events/retention", tag = "events", responses(
    (status = 200, description = "What would go.", body = RetentionBody),
))]
pub(crate) async fn retention(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<RetentionBody>, Problem> {
    let mut policy = retention_policy(&app).await?;
    policy.tenants.retain(|limits| caller.scope().contains(&limits.tenant));
    let (events, now) = (Arc::clone(&app.events), app.clock.now());
    let work = tokio::task::spawn_blocking(move || events.expire_dry_run(&policy, now));
    let expiry = work.await.map_err(|panic| Problem::internal("look at what is kept", &panic))?;
    let body = |expired: Vec<Expired>| expired.into_iter().map(DayBody::from).collect();
    Ok(Json(RetentionBody { deleted: body(expiry.deleted), held: body(expiry.held) }))
}

impl From<Expired> for DayBody {
    fn from(expired: Expired) -> Self {
        let reason = match expired.reason {
            ExpiryReason::Age => "age",
            ExpiryReason::Size => "size",
        };
        Self { tenant: expired.tenant, day: expired.day, bytes: expired.bytes, reason: reason.to_owned() }
    }
}

fn note(hold: &LegalHold, caller: &Caller, verb: Verb, at: Timestamp) -> AuditNote {
    AuditNote {
        at,
        tenant: Some(hold.tenant.clone()),
        actor: caller.actor(),
        verb,
        object: ObjectKind::LegalHold,
        object_id: hold.id.to_string(),
        details: json!({"from": hold.from, "until": hold.until, "reason": hold.reason}),
    }
}
