//! `/api/v1/events/live`: events as they become searchable, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use utoipa::IntoParams;
use vigie_events::{LogPosition, TailPage, TailRequest};
use vigie_model::TenantId;

use super::super::extract::Params;
use super::super::live::{answer, slot};
use super::super::problem::{Problem, ProblemBody};
use super::EventBody;
use super::ask::{Asked, ask, skipped};
use crate::app::App;
use crate::auth::Caller;

/// How often the store is asked for what is new.
const ROUND: Duration = Duration::from_millis(500);
/// How many events one round brings; where there are more, the next round follows at once.
const ROUND_EVENTS_MAX: u32 = 200;
/// How many events wait for a client that reads slower than they come.
const WAITING_MAX: usize = 200;
/// How long a client may take none of them before it is cut off. It comes back and goes on where it was.
const SLOW_MAX: Duration = Duration::from_secs(30);
/// How often a quiet stream says that it lives, and how far it has looked.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Which events to watch.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveEventsQuery {
    /// A condition in the search language. Times such as `now-15m` are reckoned from when the stream begins.
    q: Option<String>,
    /// One tenant only.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Streams events as they become searchable: events `event`, whose data is the event as JSON and whose id is its sequence.
/// `ready` says where the stream begins, `skipped` that a day of events cannot be read. A client that is too slow is cut off;
/// who comes back with the last id goes on just there.
#[utoipa::path(get, path = "/api/v1/events/live", tag = "events",
    params(LiveEventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "The last id seen; what came after it is sent first.")),
    responses(
        (status = 200, description = "The stream.", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The condition or the id cannot be read.", body = ProblemBody),
        (status = 503, description = "Too many clients watch.", body = ProblemBody),
    ))]
pub(crate) async fn live_events(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(query): Params<LiveEventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::read(&app, &caller, query.q.as_deref(), (None, None), query.tenant.as_ref()).await?;
    let permit = slot(&app)?;
    let from = match headers.get("last-event-id") {
        Some(id) => after(id).ok_or_else(|| Problem::field("Last-Event-ID", "this is not an id of this stream"))?,
        None => app.events.position(),
    };
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let request = TailRequest { tenants: asked.tenants, filter: asked.filter, from, limit: ROUND_EVENTS_MAX };
    let tail = Tail { app, request, sender, _permit: permit };
    tokio::spawn(tail.run());
    Ok(answer(stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)))))
}

/// Returns the position after the event of an id; `-1` is the id of nothing seen.
fn after(id: &HeaderValue) -> Option<LogPosition> {
    let sequence: i64 = id.to_str().ok()?.trim().parse().ok()?;
    u64::try_from(sequence.checked_add(1)?).ok().map(LogPosition::new)
}

/// Returns the id with which a client goes on at a position.
fn before(position: LogPosition) -> String {
    (i128::from(position.get()) - 1).to_string()
}

/// The stream has ended: the client has left or is too slow, or the server stops.
struct Ended;

/// What feeds a client. It runs on its own, so that a client that does not read cannot hold it.
struct Tail {
    app: Arc<App>,
    request: TailRequest,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    _permit: OwnedSemaphorePermit,
}

impl Tail {
    async fn run(mut self) {
        let stop = self.app.stop.clone();
        let ready = Event::default().event("ready").id(before(self.request.from)).data("{}");
        if self.send(ready).await.is_err() {
            return;
        }
        let mut told = std::collections::BTreeSet::new();
        let mut spoke = tokio::time::Instant::now();
        loop {
            let position = self.request.from;
            if self.app.events.position() > position
                && let Ok(page) = self.ask().await
            {
                let quiet = page.events.is_empty();
                if self.show(page, &mut told).await.is_err() {
                    return;
                }
                if !quiet {
                    spoke = tokio::time::Instant::now();
                    continue;
                }
            }
            if spoke.elapsed() >= HEARTBEAT {
                spoke = tokio::time::Instant::now();
                // An id alone is no event; it moves the place to go on from past what did not match.
                if self.send(Event::default().id(before(self.request.from))).await.is_err() {
                    return;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.sender.closed() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    /// Asks for the next events. Where the server is busy or the search fails, the next round asks again.
    async fn ask(&self) -> Result<TailPage, Problem> {
        let request = self.request.clone();
        ask(&self.app, &self.request.tenants, move |events, budget| events.tail(&request, budget)).await
    }

    async fn show(
        &mut self,
        page: TailPage,
        told: &mut std::collections::BTreeSet<(TenantId, String)>,
    ) -> Result<(), Ended> {
        for (sequence, event) in page.events {
            let body = serde_json::to_string(&EventBody::from(event)).expect("an event has text keys only");
            // JSON holds no raw line break, so what a log line says cannot begin another event.
            self.send(Event::default().event("event").id(sequence.to_string()).data(body)).await?;
        }
        self.request.from = page.next;
        for day in skipped(page.skipped) {
            if told.insert((day.tenant.clone(), day.day.clone())) {
                let body = serde_json::to_string(&day).expect("it has text keys only");
                self.send(Event::default().event("skipped").data(body)).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, event: Event) -> Result<(), Ended> {
        let sent = self.sender.send_timeout(Ok(event), SLOW_MAX);
        tokio::select! {
            () = self.app.stop.cancelled() => Err(Ended),
            sent = sent => sent.map_err(|_| Ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_the_place_to_go_on_from() {
        for position in [0, 1, 77, u64::from(u32::MAX) * 1_000] {
            let id = HeaderValue::from_str(&before(LogPosition::new(position))).unwrap();
            assert_eq!(after(&id), Some(LogPosition::new(position)));
        }
        for id in ["", "-2", "x", "1.5", "9223372036854775807"] {
            assert_eq!(after(&HeaderValue::from_str(id).unwrap()), None, "{id}");
        }
    }
}
