//! `/api/v1/dead-letters`: records that could not be read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_model::{DeadLetter, SourceName, TenantId};

use super::extract::Params;
use super::listing::{ListQuery, Listed};
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/dead-letters", list), read("/api/v1/dead-letters/counts", counts)]
}

/// Lists records that could not be read, newest first, each with its reason.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "ingest", params(ListQuery), responses(
    (status = 200, description = "The dead letters.", body = Listed<DeadLetter>),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<ListQuery>,
) -> Result<Json<Listed<DeadLetter>>, Problem> {
    let (reach, listing) = query.read(&caller)?;
    Ok(Json(app.store.dead_letters(&reach.tenants, &listing).await?.into()))
}

/// How many dead letters there are of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountBody {
    /// Whose.
    tenant: TenantId,
    /// Which source could not read them.
    source: SourceName,
    /// The kind of fault.
    code: String,
    /// How many.
    count: u64,
}

/// Counts dead letters by tenant, source and kind of fault.
#[utoipa::path(get, path = "/api/v1/dead-letters/counts", tag = "ingest", responses((status = 200, description = "The counts.", body = Vec<CountBody>)))]
pub(crate) async fn counts(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<CountBody>>, Problem> {
    let counts = app.store.dead_letter_counts(caller.scope()).await?;
    let body = counts.into_iter().map(|count| CountBody {
        tenant: count.tenant,
        source: count.source,
        code: count.code,
        count: count.count,
    });
    Ok(Json(body.collect()))
}
