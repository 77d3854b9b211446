//! `/api/v1/sla`: by when cases must be taken up and closed, and where they stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use vigie_cases::{Sla, SlaError, SlaPolicy};
use vigie_model::{CaseId, ObjectKind, Role, Severity, TenantId, Timestamp, Verb};
use vigie_store::AuditNote;

use super::alerts::difference;
use super::extract::{Body, Id, Params};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::workers::{sla_policy_key, sla_policy_of};

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/sla", get),
        Route::new(Method::PUT, "/api/v1/sla", Access::Role(Role::Admin), set),
        read("/api/v1/cases/{id}/sla", of_case),
    ]
}

/// What is agreed with a tenant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyBody {
    /// With whom; not asked where you may see one tenant only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
    /// For each severity within how many minutes somebody has taken a case up.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, u32>)]
    acknowledge_minutes: BTreeMap<Severity, u32>,
    /// For each severity within how many minutes it is closed.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, u32>)]
    resolve_minutes: BTreeMap<Severity, u32>,
    /// From how much of the time on a case counts as near, in percent.
    #[serde(default = "usual_near")]
    #[schema(minimum = 1, maximum = 99)]
    near_percent: u8,
}

fn usual_near() -> u8 {
    SlaPolicy::default().near_percent
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhoseQuery {
    /// The tenant; not asked where you may see one tenant only.
    tenant: Option<TenantId>,
}

/// Where a case stands with one step.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepBody {
    /// `acknowledge` or `resolve`.
    step: String,
    /// From when on little time is left.
    near: Timestamp,
    /// By when it is due.
    due: Timestamp,
    /// `met`, `missed`, `running`, `near` or `breached`.
    state: String,
}

impl From<SlaError> for Problem {
    fn from(error: SlaError) -> Self {
        let field = match &error {
            SlaError::Minutes { field, .. } => field,
            SlaError::Order(_) => "resolve_minutes",
            SlaError::Near(_) => "near_percent",
        };
        Self::field(field, error.to_string())
    }
}

/// Returns what is agreed with a tenant.
#[utoipa::path(get, path = "/api/v1/sla", tag = "cases", params(WhoseQuery), responses(
    (status = 200, description = "What is agreed; empty tables where nothing is.", body = PolicyBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<WhoseQuery>,
) -> Result<Json<PolicyBody>, Problem> {
    let tenant = caller.one_tenant(query.tenant.as_ref(), "tenant")?;
    Ok(Json(body_of(tenant.clone(), sla_policy_of(&app.store, &tenant).await?)))
}

/// Sets what is agreed with a tenant.
#[utoipa::path(put, path = "/api/v1/sla", tag = "cases", request_body = PolicyBody, responses(
    (status = 200, description = "What is agreed now.", body = PolicyBody),
    (status = 400, description = "A time makes no sense.", body = ProblemBody),
))]
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<PolicyBody>,
) -> Result<Json<PolicyBody>, Problem> {
    let tenant = caller.one_tenant(body.tenant.as_ref(), "tenant")?;
    let policy = SlaPolicy {
        acknowledge_minutes: body.acknowledge_minutes,
        resolve_minutes: body.resolve_minutes,
        near_percent: body.near_percent,
    };
    policy.check()?;
    let before = sla_policy_of(&app.store, &tenant).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.set_setting(&sla_policy_key(&tenant), &json!(policy), now).await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: Some(tenant.clone()),
        actor: caller.actor(),
        verb: Verb::Update,
        object: ObjectKind::Tenant,
        object_id: tenant.to_string(),
        details: json!({"sla": difference(&json!(before), &json!(policy))}),
    })
    .await?;
    tx.commit().await?;
    Ok(Json(body_of(tenant, policy)))
}

/// Returns where a case stands with what is agreed.
#[utoipa::path(get, path = "/api/v1/cases/{id}/sla", tag = "cases", params(("id" = String, Path, description = "The case's id.")), responses(
    (status = 200, description = "The steps that are agreed for a case of its severity.", body = Vec<StepBody>),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn of_case(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
) -> Result<Json<Vec<StepBody>>, Problem> {
    let case = app.store.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let policy = sla_policy_of(&app.store, &case.tenant).await?;
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let step = |sla: Sla| StepBody {
        step: word(json!(sla.step)),
        near: sla.near,
        due: sla.due,
        state: word(json!(sla.state)),
    };
    Ok(Json(policy.steps(&case, app.clock.now()).into_iter().map(step).collect()))
}

fn body_of(tenant: TenantId, policy: SlaPolicy) -> PolicyBody {
    PolicyBody {
        tenant: Some(tenant),
        acknowledge_minutes: policy.acknowledge_minutes,
        resolve_minutes: policy.resolve_minutes,
        near_percent: policy.near_percent,
    }
}
