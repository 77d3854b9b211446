//! `/api/v1/audit`: who did what, and whether the log is whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_model::{AuditEntry, Role};

use super::Route;
use super::extract::Params;
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/audit", Access::Role(Role::Admin), list),
        Route::new(Method::GET, "/api/v1/audit/verify", Access::Role(Role::Admin), verify),
    ]
}

/// Lists the audit log, newest first. What belongs to no tenant is shown to administrators of all tenants only.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(ListQuery), responses(
    (status = 200, description = "The rows.", body = Listed<AuditEntry>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<AuditEntry>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.audit(&reach.tenants, &listing).await?.into()))
}

/// What a walk along the chain of hashes found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChainBody {
    /// How many rows there are.
    rows: u64,
    /// The hash of the last row.
    head: String,
    /// The first row that does not fit, or nothing where all do.
    broken: Option<u64>,
    /// Of how many rows the actor or the details were erased, by right: each is told of by a row with the verb `erase`.
    erased: u64,
}

/// Walks along the chain of hashes.
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "audit", responses((status = 200, description = "What was found.", body = ChainBody)))]
pub(crate) async fn verify(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<ChainBody>, Problem> {
    caller.needs_all_tenants()?;
    let chain = app.store.verify_chain().await?;
    Ok(Json(ChainBody { rows: chain.rows, head: chain.head.0, broken: chain.broken, erased: chain.erased }))
}
