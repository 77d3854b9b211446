//! `/api/v1/events`: search, histogram, top values.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_events::{
    EventStore, HistogramRequest, Interval, SearchError, SearchRequest, StoredEvent, TopRequest, parse_search,
};
use vigie_model::{Entity, Envelope, EventId, Filter, SourceName, TenantId, Timestamp};

use super::extract::{Id, Params};
use super::listing::page_limit;
use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

/// How many intervals a histogram has where nobody says how wide they are.
const INTERVALS_DEFAULT: u32 = 60;

pub(super) fn routes() -> Vec<Route> {
    vec![
        read("/api/v1/events", search),
        read("/api/v1/events/histogram", histogram),
        read("/api/v1/events/top", top),
        read("/api/v1/events/fields", fields),
        read("/api/v1/events/{id}", get),
    ]
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// A condition in the search language: `user:root AND NOT src.ip:10.0.0.0/8 "Failed password"`.
    q: Option<String>,
    /// The earliest event time, included (RFC 3339).
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// The event time to stop at, not included.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// How many events, 1 to 1,000; 50 where it is not said.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// Its id.
    id: EventId,
    /// Whose it is.
    tenant: TenantId,
    /// Which source read it.
    source: SourceName,
    /// When it happened, by its own account.
    time: Timestamp,
    /// When it reached us.
    arrival: Timestamp,
    /// What every event has.
    envelope: Envelope,
    /// Who and what it is about.
    entities: Vec<Entity>,
    /// The native document; with replacement characters where it is not UTF-8.
    native: String,
    /// The native document's bytes in base64, only where they are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    native_base64: Option<String>,
}

impl From<StoredEvent> for EventBody {
    fn from(event: StoredEvent) -> Self {
        Self {
            id: event.id,
            tenant: event.tenant,
            source: event.source,
            time: event.time,
            arrival: event.arrival,
            envelope: event.envelope,
            entities: event.entities,
            native: event.native,
            native_base64: event.native_base64,
        }
    }
}

/// One page of events, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events.
    events: Vec<EventBody>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// How many events match in all.
    total: u64,
}

/// Finds events.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(SearchQuery), responses(
    (status = 200, description = "The events, newest first.", body = EventPage),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
))]
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<SearchQuery>,
) -> Result<Json<EventPage>, Problem> {
    let request = SearchRequest {
        tenants: tenants(&app, &caller, query.tenant.as_ref()).await?,
        filter: filter(query.q.as_deref())?,
        from: query.from,
        until: query.until,
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    let page = ask(&app, move |events| events.search(&request)).await?;
    let events = page.events.into_iter().map(EventBody::from).collect();
    Ok(Json(EventPage { events, next: page.next, total: page.total }))
}

/// Returns one event with its native document.
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "events", params(("id" = String, Path, description = "The event's id.")), responses(
    (status = 200, description = "The event.", body = EventBody),
    (status = 404, description = "There is no such event.", body = ProblemBody),
))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<EventId>,
) -> Result<Json<EventBody>, Problem> {
    let tenants = tenants(&app, &caller, None).await?;
    let found = ask(&app, move |events| {
        for tenant in &tenants {
            if let Some(event) = events.get(tenant, id)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    })
    .await?;
    found.map(|event| Json(event.into())).ok_or_else(|| Problem::not_found("event"))
}

/// Which events to count over time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistogramQuery {
    /// A condition in the search language.
    q: Option<String>,
    /// The earliest event time, included.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// The event time to stop at, not included.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
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
    let request = HistogramRequest {
        tenants: tenants(&app, &caller, query.tenant.as_ref()).await?,
        filter: filter(query.q.as_deref())?,
        from: query.from,
        until: query.until,
        interval,
    };
    let histogram = ask(&app, move |events| events.histogram(&request)).await?;
    let bucket = |bucket: &vigie_events::Bucket| BucketBody { start: bucket.start, count: bucket.count };
    Ok(Json(HistogramBody {
        interval_ms: histogram.interval_ms,
        buckets: histogram.buckets.iter().map(bucket).collect(),
        total: histogram.total,
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
    /// The earliest event time, included.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// The event time to stop at, not included.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
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
))]
pub(crate) async fn top(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<TopQuery>,
) -> Result<Json<TopBody>, Problem> {
    let request = TopRequest {
        tenants: tenants(&app, &caller, query.tenant.as_ref()).await?,
        filter: filter(query.q.as_deref())?,
        from: query.from,
        until: query.until,
        field: query.field,
        limit: page_limit(Some(query.limit.unwrap_or(10)))?,
    };
    let top = ask(&app, move |events| events.top(&request)).await?;
    let value = |value: vigie_events::TopValue| TopValueBody { value: value.value, count: value.count };
    Ok(Json(TopBody {
        field: top.field,
        values: top.values.into_iter().map(value).collect(),
        other: top.other,
        missing: top.missing,
        total: top.total,
    }))
}

/// Returns the names of the fields that can be searched.
#[utoipa::path(get, path = "/api/v1/events/fields", tag = "events", responses((status = 200, description = "The names.", body = Vec<String>)))]
pub(crate) async fn fields() -> Json<Vec<String>> {
    Json(vigie_events::search_fields().iter().map(|field| field.name.to_string()).collect())
}

async fn tenants(app: &App, caller: &Caller, asked: Option<&TenantId>) -> Result<Vec<TenantId>, Problem> {
    Ok(app.tenants_in(&caller.narrowed(asked)?).await?)
}

fn filter(text: Option<&str>) -> Result<Filter, Problem> {
    match text.map(str::trim) {
        None | Some("") => Ok(Filter::All),
        Some(text) => parse_search(text).map_err(|error| Problem::field("q", error.to_string())),
    }
}

/// Asks the event store where blocking is allowed.
pub(crate) async fn ask<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&dyn EventStore) -> Result<T, SearchError> + Send + 'static,
) -> Result<T, Problem> {
    let events = Arc::clone(&app.events);
    let answer = tokio::task::spawn_blocking(move || question(events.as_ref())).await;
    answer.expect("searching does not panic").map_err(|error| match &error {
        SearchError::Partition { .. } => Problem::internal("search the events", &error),
        SearchError::Cursor(_) => Problem::field("cursor", error.to_string()),
        SearchError::NotCountable { .. } => Problem::field("field", error.to_string()),
        SearchError::TooManyBuckets { .. } => Problem::field("interval_s", error.to_string()),
        _ => Problem::field("q", error.to_string()),
    })
}
