//! `/api/v1/cases/{id}/history`: what was done to a case and to what is on it, out of the audit log.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{AuditEntry, CaseId};

use super::extract::{Id, Params};
use super::listing::page_limit;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/cases/{id}/history", history)]
}

/// Which part of the history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// How many rows, 1 to 1,000; 50 where it is not said.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One page of a case's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    /// The rows, newest first.
    rows: Vec<AuditEntry>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Returns what was done to a case and to what is on it, newest first.
#[utoipa::path(get, path = "/api/v1/cases/{id}/history", tag = "cases", params(("id" = String, Path, description = "The case's id."), HistoryQuery), responses(
    (status = 200, description = "The rows of the audit log.", body = HistoryBody),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn history(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<HistoryBody>, Problem> {
    let case = app.store.case(&caller.reach(), id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let limit = page_limit(query.limit)?;
    let cursor = |text: String| text.parse::<u64>().map_err(|_| Problem::field("cursor", "it is none of ours"));
    let before = query.cursor.map(cursor).transpose()?;
    let mut rows = app.store.case_history(&case.tenant, id, before, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.sequence.to_string());
    Ok(Json(HistoryBody { rows, next }))
}
