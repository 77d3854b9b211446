//! Events counted over time and by value.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_events::{HistogramRequest, Interval, TopRequest};
use vigie_model::{TenantId, Timestamp};

use super::super::extract::Params;
use super::super::listing::page_limit;
use super::super::problem::{Problem, ProblemBody};
use super::ask::{Asked, SkippedBody, ask, skipped};
use crate::app::App;
use crate::auth::Caller;

/// How many intervals a histogram has where nobody says how wide they are.
const INTERVALS_DEFAULT: u32 = 60;

/// Which events to count over time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistogramQuery {
    /// A condition in the search language.
    q: Option<String>,
    /// The earliest event time, included: RFC 3339, a date, or reckoned from now such as `now-15m` or `now-7d/d`.
    from: Option<String>,
    /// The event time to stop at, not included.
    until: Option<String>,
    /// How wide the intervals are, in seconds; a customary width for about sixty of them where it is not said.
    interval_s: Option<u64>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Events over time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistogramBody {
    /// The width of each interval in milliseconds.
    interval_ms: u64,
    /// The intervals in order, empty ones included.
    buckets: Vec<BucketBody>,
    /// How many events match in all.
    total: u64,
    /// The days of events that could not be read and are missing here; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedBody>,
}

/// One interval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BucketBody {
    /// When it begins.
    start: Timestamp,
    /// How many events fall within it.
    count: u64,
}

/// Counts events over time.
#[utoipa::path(get, path = "/api/v1/events/histogram", tag = "events", params(HistogramQuery), responses(
    (status = 200, description = "The counts.", body = HistogramBody),
    (status = 400, description = "The condition cannot be read, or there would be too many intervals.", body = ProblemBody),
    (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
    (status = 503, description = "The search took too long: the answer says how far it came and what to narrow.", body = ProblemBody),
))]
pub(crate) async fn histogram(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<HistogramQuery>,
) -> Result<Json<HistogramBody>, Problem> {
    let interval = match query.interval_s {
        Some(0) => return Err(Problem::field("interval_s", "0 is not a width: expected 1 or more")),
        Some(seconds) => Interval::Fixed(Duration::from_secs(seconds)),
        None => Interval::AtMost(INTERVALS_DEFAULT),
    };
    let span = (query.from.as_deref(), query.until.as_deref());
    let asked = Asked::read(&app, &caller, query.q.as_deref(), span, query.tenant.as_ref()).await?;
    let tenants = asked.tenants.clone();
    let request = HistogramRequest {
        tenants: asked.tenants,
        filter: asked.filter,
        from: asked.from,
        until: asked.until,
        interval,
    };
    let histogram = ask(&app, &tenants, move |events, budget| events.histogram(&request, budget)).await?;
    let bucket = |bucket: &vigie_events::Bucket| BucketBody { start: bucket.start, count: bucket.count };
    Ok(Json(HistogramBody {
        interval_ms: histogram.interval_ms,
        buckets: histogram.buckets.iter().map(bucket).collect(),
        total: histogram.total,
        skipped: skipped(histogram.skipped),
    }))
}

/// Which values to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TopQuery {
    /// The field; see /api/v1/events/fields.
    field: String,
    /// A condition in the search language.
    q: Option<String>,
    /// The earliest event time, included: RFC 3339, a date, or reckoned from now such as `now-15m` or `now-7d/d`.
    from: Option<String>,
    /// The event time to stop at, not included.
    until: Option<String>,
    /// How many values, 1 to 1,000; 10 where it is not said.
    limit: Option<u32>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// The commonest values of a field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopBody {
    /// The field.
    field: String,
    /// The values, commonest first.
    values: Vec<TopValueBody>,
    /// How many events have a value that is not listed.
    other: u64,
    /// How many events have no value.
    missing: u64,
    /// How many events match in all.
    total: u64,
    /// The days of events that could not be read and are missing here; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedBody>,
}

/// One value and how often it occurs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopValueBody {
    /// The value.
    value: String,
    /// How many events have it.
    count: u64,
}

/// Counts the commonest values of a field.
#[utoipa::path(get, path = "/api/v1/events/top", tag = "events", params(TopQuery), responses(
    (status = 200, description = "The values.", body = TopBody),
    (status = 400, description = "The condition cannot be read, or the field cannot be counted.", body = ProblemBody),
    (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
    (status = 503, description = "The search took too long: the answer says how far it came and what to narrow.", body = ProblemBody),
))]
pub(crate) async fn top(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<TopQuery>,
) -> Result<Json<TopBody>, Problem> {
    let span = (query.from.as_deref(), query.until.as_deref());
    let asked = Asked::read(&app, &caller, query.q.as_deref(), span, query.tenant.as_ref()).await?;
    let tenants = asked.tenants.clone();
    let request = TopRequest {
        tenants: asked.tenants,
        filter: asked.filter,
        from: asked.from,
        until: asked.until,
        field: query.field,
        limit: page_limit(Some(query.limit.unwrap_or(10)))?,
    };
    let top = ask(&app, &tenants, move |events, budget| events.top(&request, budget)).await?;
    let value = |value: vigie_events::TopValue| TopValueBody { value: value.value, count: value.count };
    Ok(Json(TopBody {
        field: top.field,
        values: top.values.into_iter().map(value).collect(),
        other: top.other,
        missing: top.missing,
        total: top.total,
        skipped: skipped(top.skipped),
    }))
}
