//! Events that match, and one by its id.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_events::{SearchRequest, StoredEvent};
use vigie_model::{Entity, Envelope, EventId, SourceName, TenantId, Timestamp};

use super::super::extract::{Id, Params};
use super::super::listing::page_limit;
use super::super::problem::{Problem, ProblemBody};
use super::ask::{Asked, SkippedBody, ask, skipped, tenants};
use crate::app::App;
use crate::auth::Caller;

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// A condition in the search language: `user:root AND NOT src.ip:10.0.0.0/8 "Failed password"`.
    q: Option<String>,
    /// The earliest event time, included: RFC 3339, a date, or reckoned from now such as `now-15m` or `now-7d/d`.
    from: Option<String>,
    /// The event time to stop at, not included.
    until: Option<String>,
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
    /// The days of events that could not be read and are missing here; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<SkippedBody>,
}

/// Finds events.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(SearchQuery), responses(
    (status = 200, description = "The events, newest first.", body = EventPage),
    (status = 400, description = "The condition cannot be read.", body = ProblemBody),
    (status = 429, description = "As many searches run as may: `Retry-After` says when to come again.", body = ProblemBody),
    (status = 503, description = "The search took too long: the answer says how far it came and what to narrow.", body = ProblemBody),
))]
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<SearchQuery>,
) -> Result<Json<EventPage>, Problem> {
    let span = (query.from.as_deref(), query.until.as_deref());
    let asked = Asked::read(&app, &caller, query.q.as_deref(), span, query.tenant.as_ref()).await?;
    let tenants = asked.tenants.clone();
    let request = SearchRequest {
        tenants: asked.tenants,
        filter: asked.filter,
        from: asked.from,
        until: asked.until,
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    let page = ask(&app, &tenants, move |events, budget| events.search(&request, budget)).await?;
    let events = page.events.into_iter().map(EventBody::from).collect();
    Ok(Json(EventPage { events, next: page.next, total: page.total, skipped: skipped(page.skipped) }))
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
    let asked = tenants.clone();
    let found = ask(&app, &asked, move |events, budget| {
        for tenant in &tenants {
            if let Some(event) = events.get(tenant, id, budget)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    })
    .await?;
    found.map(|event| Json(event.into())).ok_or_else(|| Problem::not_found("event"))
}
