//! `/api/v1/suppressions`: what is known to be harmless, for a while.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vigie_model::{
    Finding, ObjectKind, Role, RuleId, Suppression, SuppressionCondition, SuppressionId, TenantId, Timestamp, Verb,
};
use vigie_store::{AuditNote, CountedSuppression, SUPPRESSIONS_MAX};

use super::extract::{Body, Id};
use super::problem::{Problem, ProblemBody};
use super::{Route, read, work};
use crate::app::App;
use crate::auth::{Access, Caller};

/// How many suppressed findings one suppression shows.
const FINDINGS_SHOWN: u32 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/suppressions", list),
        read("/api/v1/suppressions/{id}", show),
        work("/api/v1/suppressions", place),
        Route::new(Method::DELETE, "/api/v1/suppressions/{id}", Access::Role(Role::Analyst), lift),
    ]
}

/// A suppression and what it has held back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionBody {
    /// The suppression.
    #[serde(flatten)]
    suppression: Suppression,
    /// How many findings it has held back.
    count: u64,
    /// When it last held one back.
    last: Option<Timestamp>,
    /// Whether it is in force; one that is over is kept for a while to be looked at.
    in_force: bool,
}

impl SuppressionBody {
    fn new(counted: CountedSuppression, now: Timestamp) -> Self {
        let CountedSuppression { suppression, count, last } = counted;
        Self { in_force: now < suppression.expires, suppression, count, last }
    }
}

/// A suppression with the last findings that it has held back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuppressionDetail {
    /// The suppression.
    #[serde(flatten)]
    suppression: SuppressionBody,
    /// The last findings, the last first.
    findings: Vec<Finding>,
}

/// What to suppress.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSuppression {
    /// Whose findings; without it those of all tenants, which needs somebody who may see all of them.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Of which rule; of any where it is not said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    rule: Option<RuleId>,
    /// What must hold of the finding's entities, all of it. At least one, unless a rule is named.
    #[serde(default)]
    conditions: Vec<SuppressionCondition>,
    /// Why.
    reason: String,
    /// When it ends by itself: a year from now at the latest.
    expires: Timestamp,
}

/// Lists the suppressions that hold for one's tenants, newest first, with those that are over.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "detection", responses(
    (status = 200, description = "The suppressions.", body = Vec<SuppressionBody>),
))]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<SuppressionBody>>, Problem> {
    let now = app.clock.now();
    let found = app.store.suppressions(caller.scope()).await?;
    Ok(Json(found.into_iter().map(|counted| SuppressionBody::new(counted, now)).collect()))
}

/// Returns a suppression with the last findings that it has held back.
#[utoipa::path(get, path = "/api/v1/suppressions/{id}", tag = "detection", params(("id" = String, Path, description = "The suppression's id.")), responses(
    (status = 200, description = "The suppression.", body = SuppressionDetail),
    (status = 404, description = "There is no such suppression.", body = ProblemBody),
))]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<SuppressionId>,
) -> Result<Json<SuppressionDetail>, Problem> {
    let found = app.store.suppressions(caller.scope()).await?.into_iter().find(|found| found.suppression.id == id);
    let found = found.ok_or_else(|| Problem::not_found("suppression"))?;
    let findings = app.store.suppressed_findings(caller.scope(), id, FINDINGS_SHOWN).await?;
    Ok(Json(SuppressionDetail { suppression: SuppressionBody::new(found, app.clock.now()), findings }))
}

/// Keeps findings from becoming alerts until it expires. They are recorded and counted. Alerts that are there stay.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "detection", request_body = NewSuppression, responses(
    (status = 201, description = "It is in force.", body = SuppressionBody),
    (status = 400, description = "Something is missing or makes no sense.", body = ProblemBody),
    (status = 409, description = "There are as many as may be.", body = ProblemBody),
))]
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(new): Body<NewSuppression>,
) -> Result<(StatusCode, Json<SuppressionBody>), Problem> {
    match &new.tenant {
        Some(_) => _ = caller.one_tenant(new.tenant.as_ref(), "tenant")?,
        None => caller.needs_all_tenants()?,
    }
    if let Some(tenant) = &new.tenant
        && !app.store.tenants().await?.iter().any(|known| known.id == *tenant)
    {
        return Err(Problem::not_found("tenant"));
    }
    let suppression = read_new(&app, &caller, new)?;
    let mut tx = app.store.begin().await?;
    if !tx.place_suppression(&suppression).await? {
        let detail = format!("{SUPPRESSIONS_MAX} suppressions are in force: take one away first, or mend the rule");
        return Err(Problem::conflict(detail));
    }
    tx.audit(&note(&suppression, &caller, Verb::Create, suppression.created)).await?;
    tx.commit().await?;
    let now = suppression.created;
    let counted = CountedSuppression { suppression, count: 0, last: None };
    Ok((StatusCode::CREATED, Json(SuppressionBody::new(counted, now))))
}

/// Returns the suppression that is asked for, where it makes sense.
fn read_new(app: &App, caller: &Caller, new: NewSuppression) -> Result<Suppression, Problem> {
    let now = app.clock.now();
    let reason = new.reason.trim();
    if reason.is_empty() || reason.len() > Suppression::REASON_BYTES_MAX {
        return Err(Problem::field("reason", format!("expected 1 to {} bytes", Suppression::REASON_BYTES_MAX)));
    }
    if new.expires <= now || new.expires > now.plus(Duration::from_hours(24) * Suppression::DAYS_MAX) {
        let message = format!("expected a time to come, {} days from now at the latest", Suppression::DAYS_MAX);
        return Err(Problem::field("expires", message));
    }
    if new.rule.is_none() && new.conditions.is_empty() {
        return Err(Problem::field(
            "conditions",
            "name a rule or at least one condition: this would suppress everything",
        ));
    }
    if new.conditions.len() > Suppression::CONDITIONS_MAX {
        return Err(Problem::field("conditions", format!("expected at most {}", Suppression::CONDITIONS_MAX)));
    }
    let conditions = new.conditions.into_iter().map(condition).collect::<Result<_, _>>()?;
    Ok(Suppression {
        id: SuppressionId::from_bytes(app.entropy.id()),
        tenant: new.tenant,
        rule: new.rule,
        conditions,
        reason: reason.to_owned(),
        created_by: caller.actor(),
        created: now,
        expires: new.expires,
    })
}

fn condition(condition: SuppressionCondition) -> Result<SuppressionCondition, Problem> {
    match condition {
        SuppressionCondition::Value { kind, value } => {
            let value = value.trim();
            if value.is_empty() || value.len() > Suppression::VALUE_BYTES_MAX {
                let message = format!("expected a value of 1 to {} bytes", Suppression::VALUE_BYTES_MAX);
                return Err(Problem::field("conditions", message));
            }
            Ok(SuppressionCondition::Value { kind, value: value.to_owned() })
        }
        SuppressionCondition::Network { network } => {
            let read = network.trim().parse::<IpNet>();
            let network = read.map_err(|_| Problem::field("conditions", "expected a network such as 10.0.0.0/8"))?;
            Ok(SuppressionCondition::Network { network: network.trunc().to_string() })
        }
    }
}

/// Takes a suppression away: what it would have held back becomes alerts from now on. What it has held back stays recorded.
#[utoipa::path(delete, path = "/api/v1/suppressions/{id}", tag = "detection", params(("id" = String, Path, description = "The suppression's id.")), responses(
    (status = 204, description = "It is gone."),
    (status = 404, description = "There is no such suppression, or it holds for more tenants than you may see.", body = ProblemBody),
))]
pub(crate) async fn lift(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<SuppressionId>,
) -> Result<StatusCode, Problem> {
    let mut tx = app.store.begin().await?;
    let lifted = tx.lift_suppression(caller.scope(), id).await?.ok_or_else(|| Problem::not_found("suppression"))?;
    tx.audit(&note(&lifted, &caller, Verb::Delete, app.clock.now())).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn note(suppression: &Suppression, caller: &Caller, verb: Verb, at: Timestamp) -> AuditNote {
    AuditNote {
        at,
        tenant: suppression.tenant.clone(),
        actor: caller.actor(),
        verb,
        object: ObjectKind::Suppression,
        object_id: suppression.id.to_string(),
        details: json!({
            "rule": suppression.rule,
            "conditions": suppression.conditions,
            "reason": suppression.reason,
            "expires": suppression.expires,
        }),
    }
}
