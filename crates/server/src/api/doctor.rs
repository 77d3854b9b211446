//! `/api/v1/doctor`: what is slow, full, silent or broken, in words.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;
use crate::doctor::{Symptom, Vitals, examine};

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/doctor", doctor)]
}

/// What the doctor says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Diagnosis {
    /// Whether nothing was found that is worse than a notice.
    healthy: bool,
    /// What is not as it should be, the worst first.
    symptoms: Vec<Symptom>,
}

/// Says in words what is slow, full, silent or broken, and what to do. Needs a key of the role `reader` for all tenants.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "server", responses(
    (status = 200, description = "What was found.", body = Diagnosis),
    (status = 403, description = "The caller may not see all tenants.", body = ProblemBody),
))]
pub(crate) async fn doctor(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Diagnosis>, Problem> {
    caller.needs_all_tenants()?;
    let symptoms = examine(&Vitals::of(&app));
    let healthy = symptoms.iter().all(|symptom| symptom.level == crate::doctor::Level::Notice);
    Ok(Json(Diagnosis { healthy, symptoms }))
}
