//! Alerts and cases that share something with an alert.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_cases::{cases_like_alert, link_values, similar_alerts};
use vigie_model::{Alert, AlertId, AlertStatus, ObservableKind, TenantScope};
use vigie_store::{Reach, Sharing};

use super::alerts::load;
use super::case_similar::SimilarCaseBody;
use super::extract::Id;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

/// How many alerts are looked at for similar ones, and how far back.
const SIMILAR_MAX: u32 = 500;
const SIMILAR_SINCE: Duration = Duration::from_hours(30 * 24);
/// How many cases are looked at for similar ones.
const CASES_MAX: u32 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/alerts/{id}/similar", similar), read("/api/v1/alerts/{id}/similar-cases", cases)]
}

/// An alert that shares something with another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarBody {
    /// The alert.
    alert: Alert,
    /// What both are about.
    shared: Vec<SharedBody>,
    /// How much that says; the more, the more alike.
    score: u32,
}

/// What two alerts are both about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedBody {
    /// What kind of value.
    pub(crate) kind: ObservableKind,
    /// The value.
    pub(crate) value: String,
}

/// Returns alerts that share something with this one, the most alike first.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/similar", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), responses(
    (status = 200, description = "The alerts.", body = Vec<SimilarBody>),
    (status = 404, description = "There is no such alert.", body = ProblemBody),
))]
pub(crate) async fn similar(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<Json<Vec<SimilarBody>>, Problem> {
    let alert = load(&app, &caller, id).await?;
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let values = link_values(&alert, &warnings);
    if values.is_empty() {
        return Ok(Json(Vec::new()));
    }
    let own = TenantScope::Only(vec![alert.tenant.clone()]);
    let sharing = Sharing {
        values,
        since: alert.first_seen.minus(SIMILAR_SINCE),
        statuses: vec![AlertStatus::New, AlertStatus::InProgress, AlertStatus::Closed],
        limit: SIMILAR_MAX,
    };
    let mut others = app.store.alerts_sharing(&own, &sharing).await?;
    others.retain(|other| other.id != alert.id);
    let found = similar_alerts(&alert, &others, &warnings);
    let body = found.into_iter().filter_map(|similar| {
        let alert = others.iter().find(|other| other.id == similar.alert)?.clone();
        Some(SimilarBody { alert, shared: shown(similar.shared), score: similar.score })
    });
    Ok(Json(body.collect()))
}

/// Returns cases that share something with this alert, the most alike first; not the case that it is part of.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/similar-cases", tag = "alerts", params(("id" = String, Path, description = "The alert's id.")), responses(
    (status = 200, description = "The cases.", body = Vec<SimilarCaseBody>),
    (status = 404, description = "There is no such alert.", body = ProblemBody),
))]
pub(crate) async fn cases(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<Json<Vec<SimilarCaseBody>>, Problem> {
    let alert = load(&app, &caller, id).await?;
    let warnings = |kind: ObservableKind, value: &str| app.warning(kind, value);
    let values = link_values(&alert, &warnings);
    let own = Reach { tenants: TenantScope::Only(vec![alert.tenant.clone()]), ..caller.reach() };
    let others = app.store.cases_sharing(&own, &values, CASES_MAX).await?;
    let found = cases_like_alert(&alert, &others, &warnings);
    let body = found.into_iter().filter_map(|similar| {
        let case = others.iter().find(|(case, _)| case.id == similar.case)?.0.clone();
        Some(SimilarCaseBody { case, shared: shown(similar.shared), score: similar.score })
    });
    Ok(Json(body.collect()))
}

fn shown(shared: Vec<(ObservableKind, String)>) -> Vec<SharedBody> {
    shared.into_iter().map(|(kind, value)| SharedBody { kind, value }).collect()
}
