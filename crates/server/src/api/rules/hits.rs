//! What rules brought: hits and noise.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{RuleId, TenantId, Timestamp};

use super::super::extract::{Id, Params};
use super::super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::Caller;

/// How far back hits are counted at most, in days.
const DAYS_MAX: u32 = 366;
/// How far back where it is not said.
const DAYS: u32 = 30;

/// Which hits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HitsQuery {
    /// Alerts raised in so many days before now, 1 to 366; 30 where it is not said.
    days: Option<u32>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

impl HitsQuery {
    fn from(&self, now: Timestamp) -> Result<Timestamp, Problem> {
        match self.days.unwrap_or(DAYS) {
            days @ 1..=DAYS_MAX => Ok(now.minus(Duration::from_hours(24) * days)),
            _ => Err(Problem::field("days", format!("expected 1 to {DAYS_MAX}"))),
        }
    }
}

/// What a rule brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleHitsBody {
    /// The rule; also one that is not in force any more.
    rule: RuleId,
    /// How many alerts were raised.
    alerts: u64,
    /// How many findings are in them.
    findings: u64,
    /// How many of the alerts were closed as false positives.
    false_positive: u64,
    /// How many of them were closed as true but harmless.
    benign: u64,
    /// How many of them are not closed.
    open: u64,
    /// When the last of their events happened.
    last_seen: Timestamp,
}

/// What a rule brought on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayHitsBody {
    /// The begin of the day in UTC.
    day: Timestamp,
    /// How many alerts were raised.
    alerts: u64,
    /// How many findings are in them.
    findings: u64,
}

/// Counts the alerts of the last days by rule, the rules with the most first. Rules without an alert are left out.
#[utoipa::path(get, path = "/api/v1/rules/hits", tag = "detection", params(HitsQuery), responses(
    (status = 200, description = "What the rules brought.", body = Vec<RuleHitsBody>),
    (status = 400, description = "A parameter cannot be read.", body = ProblemBody),
))]
pub(crate) async fn hits(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<HitsQuery>,
) -> Result<Json<Vec<RuleHitsBody>>, Problem> {
    let hits = app.store.rule_hits(&caller.narrowed(query.tenant.as_ref())?, query.from(app.clock.now())?).await?;
    let body = hits.into_iter().map(|hits| RuleHitsBody {
        rule: hits.rule,
        alerts: hits.alerts,
        findings: hits.findings,
        false_positive: hits.false_positive,
        benign: hits.benign,
        open: hits.open,
        last_seen: hits.last_seen,
    });
    Ok(Json(body.collect()))
}

/// Counts a rule's alerts of the last days by day, oldest first. Days without any are left out.
#[utoipa::path(get, path = "/api/v1/rules/{id}/hits", tag = "detection", params(("id" = String, Path, description = "The rule's id."), HitsQuery), responses(
    (status = 200, description = "What the rule brought.", body = Vec<DayHitsBody>),
    (status = 400, description = "A parameter cannot be read.", body = ProblemBody),
))]
pub(crate) async fn days(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<RuleId>,
    Params(query): Params<HitsQuery>,
) -> Result<Json<Vec<DayHitsBody>>, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let days = app.store.rule_days(&scope, &id, query.from(app.clock.now())?).await?;
    let body = days.into_iter().map(|day| DayHitsBody { day: day.day, alerts: day.alerts, findings: day.findings });
    Ok(Json(body.collect()))
}
