//! `/api/v1/overview`: the figures of the first page.

mod attack;
mod desk;
mod sources;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{Severity, TenantId, TenantScope, Timestamp};
use vigie_store::{EntityCount, LATEST_MAX, Reach};

use super::events::count;
use super::extract::Params;
use super::problem::Problem;
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;
use crate::config::RespondMode;

use attack::{TacticBody, tactics};
use desk::{CaseAtRiskBody, TenantFiguresBody, WaitingBody, cases_at_risk, tenants_figures};
pub(crate) use sources::*;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Up to how many days alerts are counted by the hour.
const HOURLY_DAYS_MAX: u32 = 2;
/// How many entities of a kind are named.
const ENTITIES_MAX: u32 = 12;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/overview", overview), read("/api/v1/overview/sources", sources)]
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
    /// How wide the intervals of `over_time` are, in seconds.
    interval_s: u64,
    /// Alerts raised in each interval, in UTC, oldest first; empty intervals included.
    over_time: Vec<TimeCountBody>,
    /// The rules with the most alerts.
    rules: Vec<RuleCountBody>,
    /// The ATT&CK tactics of the alerts raised, in the order of an attack, those without alerts included.
    attack: Vec<TacticBody>,
    /// The addresses that something came from, those with the most alerts first.
    attackers: Vec<EntityCountBody>,
    /// Other entities, those with the most alerts first.
    entities: Vec<EntityCountBody>,
    /// Of how many of the latest alerts attackers and entities are counted, where not of all.
    entities_of: Option<u32>,
    /// What is open now, whenever it was raised.
    waiting: WaitingBody,
    /// The open cases that are late or nearly, the most urgent first.
    cases_at_risk: Vec<CaseAtRiskBody>,
    /// What is open now of each tenant.
    tenants: Vec<TenantFiguresBody>,
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

/// Alerts raised in an interval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimeCountBody {
    /// When it begins.
    start: Timestamp,
    /// How many of each severity, from the least.
    #[schema(value_type = Vec<u64>)]
    by_severity: [u64; 5],
}

/// In how many alerts an entity is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntityCountBody {
    /// What it is: `ip`, `user`, …
    kind: String,
    /// Which.
    value: String,
    /// In how many alerts.
    alerts: u64,
}

impl From<EntityCount> for EntityCountBody {
    fn from(count: EntityCount) -> Self {
        Self { kind: count.kind, value: count.value, alerts: count.alerts }
    }
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
    // Each reads on a connection of its own, so that together they take as long as the slowest.
    let (alerts, cases, dead, decisions, entities, waiting) = tokio::try_join!(
        app.store.alert_statistics(&scope, from, end),
        app.store.case_statistics(&scope, from, end),
        app.store.dead_letter_counts(&scope),
        app.store.decisions_in_force(&scope),
        app.store.entity_statistics(&scope, (from, end), ENTITIES_MAX),
        app.store.waiting(&scope),
    )?;
    let (interval, counts) = if days <= HOURLY_DAYS_MAX {
        (HOUR, app.store.alerts_over_time(&scope, (from, end), HOUR).await?)
    } else {
        (DAY, alerts.by_day.clone())
    };
    let reach = Reach { tenants: scope.clone(), ..caller.reach() };
    let at_risk = cases_at_risk(&app, &scope, &reach).await?;
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
        interval_s: interval.as_secs(),
        over_time: filled(&counts, interval, (from, end)),
        rules: rules.collect(),
        attack: tactics(&alerts.by_attack),
        attackers: entities.attackers.into_iter().map(EntityCountBody::from).collect(),
        entities: entities.others.into_iter().map(EntityCountBody::from).collect(),
        entities_of: (alerts.total > u64::from(LATEST_MAX)).then_some(LATEST_MAX),
        tenants: tenants_figures(&app, &scope, &waiting, &at_risk, &dead, &decisions).await?,
        waiting: WaitingBody::of(waiting.values()),
        cases_at_risk: at_risk.into_iter().take(desk::CASES_NAMED_MAX).collect(),
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
        decisions_in_force: decisions.len() as u64,
        dead_letters: dead.iter().map(|count| count.count).sum(),
        mode: app.config.respond.mode,
    }))
}

/// Returns every interval of a span, also those in which there was nothing.
fn filled(
    counts: &[(Timestamp, [u64; 5])],
    interval: Duration,
    (from, until): (Timestamp, Timestamp),
) -> Vec<TimeCountBody> {
    let step = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX);
    let first = from.as_micros().div_euclid(step);
    let last = until.as_micros().saturating_sub(1).div_euclid(step);
    let mut known = counts.iter().peekable();
    let mut each = |index: i64| {
        let start = Timestamp::from_micros(index.saturating_mul(step));
        let by_severity = known.next_if(|(at, _)| *at == start).map_or([0; 5], |(_, counts)| *counts);
        TimeCountBody { start, by_severity }
    };
    (first..=last).map(&mut each).collect()
}

fn severities(counts: &[(Severity, u64)]) -> Vec<SeverityCountBody> {
    counts.iter().map(|(severity, count)| SeverityCountBody { severity: *severity, count: *count }).collect()
}

async fn count_events(app: &App, scope: &TenantScope) -> Result<u64, Problem> {
    let tenants = app.tenants_in(scope).await?;
    count(app, tenants).await
}
