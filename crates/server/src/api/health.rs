//! Health, readiness and metrics.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};

use super::Route;
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{Access, Caller};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/healthz", Access::Public, healthz),
        Route::new(Method::GET, "/readyz", Access::Public, readyz),
        Route::new(Method::GET, "/metrics", Access::Role(vigie_model::Role::Reader), metrics),
    ]
}

/// Says that the process lives, and in a second line where it has no console.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, description = "It lives.", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    if vigie_console::IS_BUILT { "ok\n" } else { "ok\nno console: `cargo xtask web` before the build brings it\n" }
}

/// Says whether requests can be served: the database answers and the pipeline takes records.
#[utoipa::path(get, path = "/readyz", tag = "server", responses(
    (status = 200, description = "Ready.", body = String),
    (status = 503, description = "Not ready, and why.", body = ProblemBody),
))]
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if app.stop.is_cancelled() || app.pipeline.sender().is_closed() {
        return Err(Problem::unavailable("the server is stopping", 5));
    }
    let progress = app.pipeline.progress();
    if progress.is_replaying() {
        return Err(Problem::unavailable("what was received before the start is still being read", 1));
    }
    if let Some((stage, trouble)) = progress.troubles().into_iter().next() {
        tracing::warn!(stage = stage.as_str(), "not ready: {}", trouble.what);
        return Err(Problem::unavailable(
            format!("the stage `{}` is held up: see the log or `vigie doctor`", stage.as_str()),
            5,
        ));
    }
    if let Err(error) = app.store.ping().await {
        tracing::warn!(%error, "the database does not answer");
        return Err(Problem::unavailable("the database does not answer", 5));
    }
    Ok("ready\n")
}

/// What is counted, as OpenMetrics text. Needs a key of the role `reader` for all tenants: the counts are over all of them.
#[utoipa::path(get, path = "/metrics", tag = "server", responses(
    (status = 200, description = "The counters.", body = String, content_type = "application/openmetrics-text"),
))]
pub(crate) async fn metrics(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    caller.needs_all_tenants()?;
    app.metrics.waiting(app.pipeline.waiting());
    app.metrics.look_at(app.pipeline.progress());
    app.metrics.watchers(app.live.watchers());
    app.metrics.receivers_dropped(app.dropped_by_receivers());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response())
}
