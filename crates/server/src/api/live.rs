//! `/api/v1/live`: what changes, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use utoipa::IntoParams;
use vigie_model::{Role, TenantId};
use vigie_store::Reach;

use super::Route;
use super::extract::Params;
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::live::{LiveKind, LiveMessage, Resume, Sequenced};

/// How often a quiet stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Method::GET, "/api/v1/live", Access::Role(Role::Reader), live)]
}

/// Whose changes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveQuery {
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Streams what changes: events `alert`, `case`, `action`, `decision` and `ingest`, whose data is the object as JSON. `reload`
/// means that something was missed: read the lists again. A client that is too slow is cut off and comes back.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(LiveQuery, ("Last-Event-ID" = Option<String>, Header, description = "The last id seen; what came after it is sent first.")),
    responses(
        (status = 200, description = "The stream.", body = String, content_type = "text/event-stream"),
        (status = 503, description = "Too many clients watch.", body = ProblemBody),
    ))]
pub(crate) async fn live(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<LiveQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scope = caller.narrowed(query.tenant.as_ref())?;
    let permit = slot(&app)?;
    let last_seen = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let subscription = app.live.subscribe(last_seen);
    let watcher = Watcher {
        reload: subscription.resume == Resume::Reload,
        missed: subscription.missed.into(),
        coming: subscription.coming,
        reach: Reach { tenants: scope, ..caller.reach() },
        app,
        _permit: permit,
    };
    Ok(answer(stream::unfold(watcher, Watcher::next)))
}

/// Takes the place of one more client that watches; it is given back when what is returned is dropped.
pub(super) fn slot(app: &App) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = Arc::clone(&app.live_slots).try_acquire_owned();
    permit.map_err(|_| Problem::unavailable("as many clients watch as may: try again later", 30))
}

/// Returns the answer that streams these events, and says now and then that it lives.
pub(super) fn answer(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("alive"));
    let mut response = sse.into_response();
    // Proxies that buffer would hold the stream back.
    let name = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(name, HeaderValue::from_static("no"));
    response
}

struct Watcher {
    reload: bool,
    missed: VecDeque<Arc<Sequenced>>,
    coming: broadcast::Receiver<Arc<Sequenced>>,
    /// How far who watches sees.
    reach: Reach,
    app: Arc<App>,
    _permit: OwnedSemaphorePermit,
}

impl Watcher {
    /// Returns the next event and the watcher, or `None` where the stream ends: the server stops or the client is too slow.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.reload {
            self.reload = false;
            return Some((Ok(Event::default().event("reload").data("{}")), self));
        }
        loop {
            let sequenced = if let Some(missed) = self.missed.pop_front() {
                missed
            } else {
                tokio::select! {
                    () = self.app.stop.cancelled() => return None,
                    coming = self.coming.recv() => coming.ok()?,
                }
            };
            let message = &sequenced.message;
            if self.reach.tenants.contains(&message.tenant) && self.may_see(message).await {
                let event = self.show(&sequenced);
                return Some((Ok(event), self));
            }
        }
    }

    /// Returns whether what changed is open to who watches: a case may be closed to all but some, and what was done for it
    /// is so with it. Where the database does not say, it is not.
    async fn may_see(&self, message: &LiveMessage) -> bool {
        let payload = &message.payload;
        match message.kind {
            LiveKind::Case => is_open_to(payload, &self.reach.name),
            LiveKind::Action if payload.pointer("/trigger/case").is_none_or(Value::is_null) => true,
            LiveKind::Action => match id_of(payload) {
                Some(id) => matches!(self.app.store.action(&self.reach, id).await, Ok(Some(_))),
                None => false,
            },
            LiveKind::Decision => match id_of(payload) {
                Some(id) => matches!(self.app.store.decision(&self.reach, id).await, Ok(Some(_))),
                None => false,
            },
            LiveKind::Alert | LiveKind::Ingest => true,
        }
    }

    fn show(&self, sequenced: &Sequenced) -> Event {
        Event::default()
            .id(self.app.live.id_of(sequenced.sequence))
            .event(sequenced.message.kind.as_str())
            // JSON holds no raw line break, so what a log line says cannot begin another event.
            .data(sequenced.message.payload.to_string())
    }
}

/// Returns the id of an object.
fn id_of<T: FromStr>(payload: &Value) -> Option<T> {
    payload.get("id")?.as_str()?.parse().ok()
}

/// Returns whether this user may see a case.
fn is_open_to(payload: &Value, name: &str) -> bool {
    let users = payload.pointer("/desk/access/users").and_then(Value::as_array);
    let is_named = |user: &Value| user.as_str().is_some_and(|user| user.eq_ignore_ascii_case(name));
    users.is_none_or(|users| users.iter().any(is_named))
}
