//! What a rule would have found among the stored events.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_model::{Finding, TenantId, Timestamp};

use super::super::events::{Asked, SkippedBody, ask, skipped, time_of_search};
use super::super::extract::Body;
use super::super::problem::{Problem, ProblemBody};
use super::check::{bounded, path_of};
use crate::app::App;
use crate::auth::Caller;
use crate::rules::{Diagnostic, RuleTests};
use crate::rules::{TRIAL_EVENTS_MAX, TRIAL_SAMPLES_MAX, Trial, TrialReport, TrialStop, check, run_trial};

/// How far back a run looks where it is not said.
const SPAN: Duration = Duration::from_hours(7 * 24);
/// How many findings are shown where it is not said.
const SAMPLES: usize = 20;
const DAY_US: i64 = 86_400_000_000;

/// A rule and over which events to run it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleTrial {
    /// The rule's text.
    yaml: String,
    /// The name of the own rule whose text it is.
    #[serde(default)]
    name: Option<String>,
    /// The earliest event time, as searches take it; a week before `until` where it is not said.
    #[serde(default)]
    from: Option<String>,
    /// The event time to stop at, not included; now where it is not said.
    #[serde(default)]
    until: Option<String>,
    /// One tenant only.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// How many findings to show, up to 100; 20 where it is not said.
    #[serde(default)]
    limit: Option<usize>,
}

/// What a rule found on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialDay {
    /// The begin of the day in UTC.
    day: Timestamp,
    /// How many findings.
    findings: u64,
}

/// What a rule would have found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialBody {
    /// What is wrong with the rule; where it cannot be read, nothing was run.
    diagnostics: Vec<Diagnostic>,
    /// From when on events were read.
    from: Timestamp,
    /// Up to when.
    until: Timestamp,
    /// How many events of the rule's logsources there are between the two that were asked for.
    total: u64,
    /// How many were read.
    scanned: u64,
    /// How many of those their source cannot read any more.
    unreadable: u64,
    /// How many findings the rule makes of them.
    matched: u64,
    /// How many alerts they would become.
    alerts: u64,
    /// The first findings, oldest first.
    samples: Vec<Finding>,
    /// How many findings on each day; days without any are left out.
    per_day: Vec<TrialDay>,
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// Why not all events were read, where they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<TrialStop>,
    /// How many events one run reads at most.
    events_max: u64,
    /// The days of events that could not be read and are missing here; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedBody>,
}

/// Runs a rule over stored events, and says what it would have found. Nothing is kept or raised. It ends with the request.
#[utoipa::path(post, path = "/api/v1/rules/test", tag = "detection", request_body = RuleTrial, responses(
    (status = 200, description = "What it found.", body = TrialBody),
    (status = 400, description = "A parameter cannot be read.", body = ProblemBody),
    (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
))]
pub(crate) async fn test_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(asked): Body<RuleTrial>,
) -> Result<Json<TrialBody>, Problem> {
    bounded(&asked.yaml, &RuleTests::default())?;
    let samples_max = asked.limit.unwrap_or(SAMPLES);
    if samples_max > TRIAL_SAMPLES_MAX {
        return Err(Problem::field("limit", format!("expected at most {TRIAL_SAMPLES_MAX}")));
    }
    let path = path_of(asked.name.as_deref())?;
    let span = (asked.from.as_deref(), asked.until.as_deref());
    let over = Asked::read(&app, &caller, None, span, asked.tenant.as_ref()).await?;
    let until = over.until.unwrap_or_else(|| app.clock.now());
    let from = over.from.unwrap_or_else(|| until.minus(SPAN));
    if from >= until {
        return Err(Problem::field("until", "it ends before it begins"));
    }
    let (book, pipeline, sources) = (app.rules.book(), app.rules.pipeline(), Arc::clone(&app.sources));
    // Room to say what was found, before the search's own time is over.
    let time = time_of_search(&app) * 4 / 5;
    let tenants = over.tenants.clone();
    let (began, yaml) = (Instant::now(), asked.yaml);
    let (report, diagnostics) = ask(&app, &tenants, move |events, budget| {
        let checked = check(&yaml, &path, &book, &pipeline);
        if !checked.is_right() {
            return Ok((TrialReport::default(), checked.diagnostics));
        }
        let trial =
            Trial { checked: &checked, sources: &sources, tenants: &over.tenants, from, until, samples_max, time };
        Ok((run_trial(events, &trial, budget)?, checked.diagnostics))
    })
    .await?;
    let per_day = report.per_day.iter().map(|(day, findings)| TrialDay {
        day: Timestamp::from_micros(day.saturating_mul(DAY_US)),
        findings: *findings,
    });
    Ok(Json(TrialBody {
        diagnostics,
        from: report.began.filter(|_| report.stopped == Some(TrialStop::Events)).unwrap_or(from),
        until,
        total: report.total,
        scanned: report.scanned,
        unreadable: report.unreadable,
        matched: report.matched,
        alerts: report.alerts,
        per_day: per_day.collect(),
        samples: report.samples,
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        stopped: report.stopped,
        events_max: TRIAL_EVENTS_MAX,
        skipped: skipped(report.skipped),
    }))
}
