//! Asking the event store: which events, within which limits, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use vigie_events::{
    Cancellation, EventStore, SearchBudget, SearchError, SearchSyntaxError, Skipped, parse_search, parse_time,
};
use vigie_model::{Filter, TenantId, Timestamp};

use super::super::problem::Problem;
use crate::app::App;
use crate::auth::Caller;
use crate::searches::SearchSlots;

/// How soon to come again when as many searches run as may, in seconds.
const BUSY_RETRY_S: u64 = 2;

/// The events that a request asks for.
pub(crate) struct Asked {
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) filter: Filter,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl Asked {
    /// Reads the parameters that all questions have.
    pub(crate) async fn read(
        app: &App,
        caller: &Caller,
        q: Option<&str>,
        span: (Option<&str>, Option<&str>),
        tenant: Option<&TenantId>,
    ) -> Result<Self, Problem> {
        let now = app.clock.now();
        let time = |field: &str, text: Option<&str>| {
            let read = |text| parse_time(text, now).map_err(|error| Problem::field(field, error.to_string()));
            text.map(read).transpose()
        };
        Ok(Self {
            tenants: tenants(app, caller, tenant).await?,
            filter: filter(q, now)?,
            from: time("from", span.0)?,
            until: time("until", span.1)?,
        })
    }
}

pub(super) async fn tenants(app: &App, caller: &Caller, asked: Option<&TenantId>) -> Result<Vec<TenantId>, Problem> {
    Ok(app.tenants_in(&caller.narrowed(asked)?).await?)
}

pub(super) fn filter(text: Option<&str>, now: Timestamp) -> Result<Filter, Problem> {
    let refused = |error: SearchSyntaxError| Problem::field("q", error.to_string());
    match text.map(str::trim) {
        None | Some("") => Ok(Filter::All),
        Some(text) => parse_search(text, now).map_err(refused),
    }
}

/// Ends the search when the request's future is dropped: the client has left, or the request took too long.
struct Leaving(Cancellation);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Asks the event store about these tenants, where blocking is allowed, within the limits of `[limits]`.
pub(crate) async fn ask<T: Send + 'static>(
    app: &App,
    tenants: &[TenantId],
    question: impl FnOnce(&dyn EventStore, &SearchBudget) -> Result<T, SearchError> + Send + 'static,
) -> Result<T, Problem> {
    let events = Arc::clone(&app.events);
    run(&app.searches, tenants, time_of_search(app), move |budget| question(events.as_ref(), budget)).await
}

/// Returns how many events these tenants have. The store knows it without looking, so this needs no slot.
pub(crate) async fn count(app: &App, tenants: Vec<TenantId>) -> Result<u64, Problem> {
    let events = Arc::clone(&app.events);
    let budget = SearchBudget::within(time_of_search(app));
    let sum = move || tenants.iter().map(|tenant| events.count(tenant, &budget)).sum::<Result<u64, _>>();
    let counted = tokio::task::spawn_blocking(sum).await;
    counted.expect("counting does not panic").map_err(|error| problem(&error))
}

async fn run<T: Send + 'static>(
    slots: &Arc<SearchSlots>,
    tenants: &[TenantId],
    time: Duration,
    question: impl FnOnce(&SearchBudget) -> Result<T, SearchError> + Send + 'static,
) -> Result<T, Problem> {
    let slot = slots.take(tenants).map_err(|_| {
        let detail = "as many searches run as may, in all or of this tenant: try again shortly";
        Problem::too_many(detail, BUSY_RETRY_S)
    })?;
    let budget = SearchBudget::within(time);
    let _leaving = Leaving(budget.cancellation());
    let answer = tokio::task::spawn_blocking(move || {
        // Given back when the search has ended, not when nobody waits for it any more.
        let _slot = slot;
        question(&budget)
    })
    .await;
    answer.expect("searching does not panic").map_err(|error| problem(&error))
}

/// Returns how long a search may take: a second less than the request, so that the answer says how far it came.
pub(crate) fn time_of_search(app: &App) -> Duration {
    let most = Duration::from_secs(u64::from(app.config.limits.search_s_max));
    let request = Duration::from_secs(u64::from(app.config.http.request_timeout_s));
    most.min(request.saturating_sub(Duration::from_secs(1)).max(Duration::from_millis(500)))
}

fn problem(error: &SearchError) -> Problem {
    let text = error.to_string();
    match error {
        SearchError::Partition { .. } => Problem::internal("search the events", error),
        SearchError::Cursor(_) => Problem::field("cursor", text),
        SearchError::NotCountable { .. } | SearchError::TooManyValues { .. } | SearchError::NotSuited { .. } => {
            Problem::field("field", text)
        }
        SearchError::TooManyBuckets { .. } => Problem::field("interval_s", text),
        SearchError::Aggregation(_) => Problem::field("aggs", text),
        SearchError::TookTooLong { .. } => Problem::search_took_too_long(text),
        // Nobody reads it: who would have has left.
        SearchError::Cancelled => Problem::unavailable(text, BUSY_RETRY_S),
        _ => Problem::field("q", text),
    }
}

/// A day of events that could not be read, and so is missing from the answer.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct SkippedBody {
    /// Whose events are missing.
    pub(super) tenant: TenantId,
    /// Of which day of arrival, `YYYY-MM-DD`, UTC.
    pub(super) day: String,
    /// Why: the server's log says more.
    reason: String,
}

/// Returns what is told of partitions that were left out. An empty list is not shown.
pub(crate) fn skipped(skipped: Vec<Skipped>) -> Vec<SkippedBody> {
    let body = |skipped: Skipped| SkippedBody { tenant: skipped.tenant, day: skipped.day, reason: skipped.reason };
    skipped.into_iter().map(body).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::http::StatusCode;

    use super::*;

    /// A client leaves in the middle of its search: the search is told, and holds its slot until it has ended.
    #[tokio::test]
    async fn a_search_ends_when_its_client_leaves() {
        let slots = SearchSlots::new(1, 1);
        let acme = [TenantId::new("acme").unwrap()];
        let (began, begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        let search = run(&slots, &acme, Duration::from_hours(1), move |budget| {
            began.send(budget.cancellation()).unwrap();
            may_end.recv().unwrap();
            Ok(())
        });
        let mut search = Box::pin(search);
        let none_yet = tokio::time::timeout(Duration::from_millis(10), &mut search).await;
        assert!(none_yet.is_err());
        let cancellation = begun.recv().unwrap();
        assert!(!cancellation.is_cancelled());
        let busy = run(&slots, &acme, Duration::from_hours(1), |_| Ok(())).await.unwrap_err();
        assert_eq!(busy.status, StatusCode::TOO_MANY_REQUESTS);
        drop(search);
        assert!(cancellation.is_cancelled());
        assert!(slots.take(&acme).is_err(), "it runs still");
        end.send(()).unwrap();
        while slots.take(&acme).is_err() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_search_that_takes_too_long_says_so() {
        let slots = SearchSlots::new(1, 1);
        let late = |_: &SearchBudget| -> Result<(), SearchError> {
            Err(SearchError::TookTooLong { after_s: 1.0, percent: 40 })
        };
        let problem = run(&slots, &[], Duration::from_secs(1), late).await.unwrap_err();
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
        let body = problem.body(None);
        assert_eq!(body.kind, "urn:vigie:problem:search_too_long");
        assert!(body.detail.contains("40 % of its events"), "{}", body.detail);
    }
}
