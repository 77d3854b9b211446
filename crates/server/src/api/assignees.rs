//! `/api/v1/assignees`: who can be given work.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{Role, TenantId, TenantScope, User};

use super::Route;
use super::extract::Params;
use super::problem::Problem;
use crate::app::App;
use crate::auth::{Access, Caller};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Method::GET, "/api/v1/assignees", Access::Role(Role::Analyst), assignees)]
}

/// For whose work.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AssigneesQuery {
    /// One tenant; any that you may see where it is not said.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Somebody who can be given work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssigneeBody {
    /// Their user name.
    name: String,
}

/// Lists who can be given a tenant's alerts, cases and tasks, by name.
#[utoipa::path(get, path = "/api/v1/assignees", tag = "alerts", params(AssigneesQuery), responses((status = 200, description = "The analysts.", body = Vec<AssigneeBody>)))]
pub(crate) async fn assignees(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<AssigneesQuery>,
) -> Result<Json<Vec<AssigneeBody>>, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let mut names: Vec<String> = app
        .store
        .users()
        .await?
        .into_iter()
        .filter(|user| can_work_within(user, &scope))
        .map(|user| user.name)
        .collect();
    names.sort_unstable();
    Ok(Json(names.into_iter().map(|name| AssigneeBody { name }).collect()))
}

/// Returns whether somebody can be given work of one tenant of the scope at least.
fn can_work_within(user: &User, scope: &TenantScope) -> bool {
    let meets = match (&user.tenants, scope) {
        (TenantScope::All, _) => true,
        (TenantScope::Only(own), TenantScope::All) => !own.is_empty(),
        (TenantScope::Only(own), TenantScope::Only(asked)) => own.iter().any(|tenant| asked.contains(tenant)),
    };
    meets && !user.disabled && user.role >= Role::Analyst
}
