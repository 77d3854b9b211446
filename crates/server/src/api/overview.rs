//! `/api/v1/overview`: the figures of the first page.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{Severity, TenantId, TenantScope, Timestamp};

use super::events::count;
use super::extract::Params;
use super::problem::Problem;
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;
use crate::config::RespondMode;

const DAY: Duration = Duration::from_hours(24);

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/overview", overview)]
}

/// Whose figures, over which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewQuery {
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// The last so many days, 1 to 366; 7 where it is not said.
    days: Option<u32>,
}

/// The figures of the first page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewBody {
    /// Since when alerts and cases are counted.
    from: Timestamp,
    /// Until when.
    until: Timestamp,
    /// How many events are kept, of all time.
    events: u64,
    /// Alerts raised.
    alerts: CountsBody,
    /// Cases opened.
    cases: CountsBody,
    /// The rules with the most alerts.
    rules: Vec<RuleCountBody>,
    /// How many decisions are in force.
    decisions_in_force: u64,
    /// How many records could not be read, of all time.
    dead_letters: u64,
    /// Whether actions are done or only planned.
    mode: RespondMode,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsBody {
    /// In all.
    total: u64,
    /// Not closed.
    open: u64,
    /// Of each severity, from the least.
    by_severity: Vec<SeverityCountBody>,
    /// From raised or opened to first taken up, in seconds.
    mean_acknowledge_s: Option<f64>,
    /// From raised or opened to closed, in seconds.
    mean_close_s: Option<f64>,
}

/// How many there are of a severity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeverityCountBody {
    /// How bad.
    severity: Severity,
    /// How many.
    count: u64,
}

/// How many alerts a rule raised.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleCountBody {
    /// The rule's id.
    rule: String,
    /// Its title.
    title: String,
    /// How many alerts.
    alerts: u64,
    /// How many findings are in them.
    findings: u64,
}

/// Returns the figures of the first page.
#[utoipa::path(get, path = "/api/v1/overview", tag = "server", params(OverviewQuery), responses((status = 200, description = "The figures.", body = OverviewBody)))]
pub(crate) async fn overview(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<OverviewQuery>,
) -> Result<Json<OverviewBody>, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let days = query.days.unwrap_or(7);
    if !(1..=366).contains(&days) {
        return Err(Problem::field("days", format!("{days} is not within 1 and 366")));
    }
    let until = app.clock.now();
    let from = until.minus(DAY * days);
    // The span's end is not in it, and what is raised right now should be counted.
    let end = until.plus(Duration::from_secs(1));
    let alerts = app.store.alert_statistics(&scope, from, end).await?;
    let cases = app.store.case_statistics(&scope, from, end).await?;
    let dead = app.store.dead_letter_counts(&scope).await?;
    let rules = alerts.by_rule.iter().map(|rule| RuleCountBody {
        rule: rule.rule.to_string(),
        title: rule.title.clone(),
        alerts: rule.alerts,
        findings: rule.findings,
    });
    Ok(Json(OverviewBody {
        from,
        until,
        events: count_events(&app, &scope).await?,
        rules: rules.collect(),
        alerts: CountsBody {
            total: alerts.total,
            open: alerts.open,
            by_severity: severities(&alerts.by_severity),
            mean_acknowledge_s: alerts.mean_acknowledge_s,
            mean_close_s: alerts.mean_close_s,
        },
        cases: CountsBody {
            total: cases.total,
            open: cases.open,
            by_severity: severities(&cases.by_severity),
            mean_acknowledge_s: cases.mean_acknowledge_s,
            mean_close_s: cases.mean_close_s,
        },
        decisions_in_force: app.store.decisions_in_force(&scope).await?.len() as u64,
        dead_letters: dead.iter().map(|count| count.count).sum(),
        mode: app.config.respond.mode,
    }))
}

fn severities(counts: &[(Severity, u64)]) -> Vec<SeverityCountBody> {
    counts.iter().map(|(severity, count)| SeverityCountBody { severity: *severity, count: *count }).collect()
}

async fn count_events(app: &App, scope: &TenantScope) -> Result<u64, Problem> {
    let tenants = app.tenants_in(scope).await?;
    count(app, tenants).await
}
