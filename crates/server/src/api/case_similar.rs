//! `/api/v1/cases/{id}/similar`: cases and alerts that share observables with a case.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_cases::{alerts_like_case, similar_cases};
use vigie_model::{Alert, Case, CaseId, Observable, ObservableKind, Selection, TenantScope, Timestamp};
use vigie_store::Sharing;

use super::extract::Id;
use super::likeness::SharedBody;
use super::listing::equal;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

/// How many cases are shown, and how many alerts.
const SIMILAR_CASES_MAX: u32 = 100;
const SIMILAR_ALERTS_MAX: u32 = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/cases/{id}/similar", similar)]
}

/// What is like a case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LikeCaseBody {
    /// Other cases, the most alike first; at most a hundred.
    cases: Vec<SimilarCaseBody>,
    /// Alerts that are not part of it, the most alike first; at most two hundred.
    alerts: Vec<LikeAlertBody>,
}

/// Another case that shares something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarCaseBody {
    /// The case.
    pub(crate) case: Case,
    /// What both hold.
    pub(crate) shared: Vec<SharedBody>,
    /// How much that says; the more, the more alike.
    pub(crate) score: u32,
}

/// An alert that shares something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LikeAlertBody {
    /// The alert.
    alert: Alert,
    /// What both are about.
    shared: Vec<SharedBody>,
    /// How much that says; the more, the more alike.
    score: u32,
}

/// Returns the cases and alerts that share observables with this case. What the warning list knows, and what is marked as
/// not to count, does not.
#[utoipa::path(get, path = "/api/v1/cases/{id}/similar", tag = "cases", params(("id" = String, Path, description = "The case's id.")), responses(
    (status = 200, description = "What is like it.", body = LikeCaseBody),
    (status = 404, description = "There is no such case.", body = ProblemBody),
))]
pub(crate) async fn similar(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<CaseId>,
) -> Result<Json<LikeCaseBody>, Problem> {
    let reach = caller.reach();
    let case = app.store.case(&reach, id).await?.ok_or_else(|| Problem::not_found("case"))?;
    let all = Selection::of(equal("case", id.to_string()), Sharing::VALUES_MAX as u64);
    let mut own: Vec<Observable> = app.store.select(&reach, &all).await?;
    own.retain(|observable| !observable.unlike && observable.attachment.is_none() && observable.warning.is_none());
    let values: Vec<(ObservableKind, String)> = own.iter().map(|one| (one.kind, one.value.clone())).collect();
    if values.is_empty() {
        return Ok(Json(LikeCaseBody { cases: Vec::new(), alerts: Vec::new() }));
    }
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    // One more than is shown, since the case itself is among them.
    let others = app.store.cases_sharing(&reach, &values, SIMILAR_CASES_MAX + 1).await?;
    let found = similar_cases(&case, &own, &others, &warnings);
    let mut by_id: HashMap<CaseId, Case> = others.into_iter().map(|(case, _)| (case.id, case)).collect();
    let cases = found.into_iter().filter_map(|like| {
        let case = by_id.remove(&like.case)?;
        Some(SimilarCaseBody { case, shared: shared(like.shared), score: like.score })
    });
    let cases = cases.take(SIMILAR_CASES_MAX as usize).collect();
    let tenant = TenantScope::Only(vec![case.tenant.clone()]);
    let sharing = Sharing { values, since: Timestamp::MIN, statuses: Vec::new(), limit: Sharing::ALERTS_MAX };
    let others = app.store.alerts_sharing(&tenant, &sharing).await?;
    let found = alerts_like_case(&case, &own, &others, &warnings);
    let mut by_id: HashMap<_, Alert> = others.into_iter().map(|alert| (alert.id, alert)).collect();
    let alerts = found.into_iter().take(SIMILAR_ALERTS_MAX as usize).filter_map(|like| {
        let alert = by_id.remove(&like.alert)?;
        Some(LikeAlertBody { alert, shared: shared(like.shared), score: like.score })
    });
    Ok(Json(LikeCaseBody { cases, alerts: alerts.collect() }))
}

fn shared(values: Vec<(ObservableKind, String)>) -> Vec<SharedBody> {
    values.into_iter().map(|(kind, value)| SharedBody { kind, value }).collect()
}
