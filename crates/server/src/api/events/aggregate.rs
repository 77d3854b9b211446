//! Counts in the JSON of Elasticsearch.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_events::{AggregateRequest, parse_aggregations, show_aggregations};
use vigie_model::TenantId;

use super::super::extract::{Params, of_bytes};
use super::super::problem::{Problem, ProblemBody};
use super::ask::{Asked, SkippedBody, ask, skipped};
use crate::app::App;
use crate::auth::Caller;

/// Which events to count.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AggregateQuery {
    /// A condition in the search language.
    q: Option<String>,
    /// The earliest event time, included: RFC 3339, a date, or reckoned from now such as `now-15m` or `now-7d/d`.
    from: Option<String>,
    /// The event time to stop at, not included.
    until: Option<String>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// The counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AggregateBody {
    /// How many events match in all.
    total: u64,
    /// The answer of each aggregation, as Elasticsearch writes it.
    #[schema(value_type = Object)]
    aggregations: serde_json::Value,
    /// The days of events that could not be read and are missing here; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedBody>,
}

/// Counts events by a subset of Elasticsearch's aggregations: `date_histogram` (`fixed_interval`), `terms`, `cardinality`
/// and `percentiles`, each alone or nested once. The counts are exact.
#[utoipa::path(post, path = "/api/v1/events/aggregate", tag = "events", params(AggregateQuery),
    request_body(content = Object, description = "`{\"aggs\": {\"by_hour\": {\"date_histogram\": {\"field\": \"time\", \"fixed_interval\": \"1h\"}, \
        \"aggs\": {\"users\": {\"terms\": {\"field\": \"user\", \"size\": 5}}}}}}`"),
    responses(
        (status = 200, description = "The counts.", body = AggregateBody),
        (status = 400, description = "The condition or the aggregations cannot be read, or there would be too much to count.", body = ProblemBody),
        (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
        (status = 503, description = "The search took too long: the answer says how far it came and what to narrow.", body = ProblemBody),
    ))]
pub(crate) async fn aggregate(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<AggregateQuery>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AggregateBody>, Problem> {
    let aggregations = parse_aggregations(&body.map_err(of_bytes)?).map_err(|error| {
        let field = if error.path.is_empty() { "body" } else { &error.path };
        Problem::field(field, error.to_string())
    })?;
    let span = (query.from.as_deref(), query.until.as_deref());
    let asked = Asked::read(&app, &caller, query.q.as_deref(), span, query.tenant.as_ref()).await?;
    let tenants = asked.tenants.clone();
    let request = AggregateRequest {
        tenants: asked.tenants,
        filter: asked.filter,
        from: asked.from,
        until: asked.until,
        aggregations,
    };
    let answer = ask(&app, &tenants, move |events, budget| events.aggregate(&request, budget)).await?;
    Ok(Json(AggregateBody {
        total: answer.total,
        aggregations: show_aggregations(&answer.aggregations),
        skipped: skipped(answer.skipped),
    }))
}
