//! The HTTP API: one table of routes, each with what it needs.

mod actions;
mod alert_groups;
mod alerts;
mod alerts_bulk;
mod assignees;
mod attachments;
mod audit;
mod case_file;
mod case_history;
mod case_parts;
mod case_similar;
mod cases;
mod condition;
mod console;
mod dead_letters;
mod detection;
mod doctor;
mod erase;
mod events;
mod extract;
mod health;
mod holds;
mod inbound;
mod indicators;
mod ingest;
mod layers;
mod likeness;
mod listing;
mod live;
mod notice_rules;
mod observables_csv;
mod openapi;
mod overview;
mod people;
mod problem;
mod report_archive;
mod report_input;
mod report_schedules;
mod report_style;
mod reports;
mod rules;
mod session;
mod setup;
mod sla;
mod suppressions;
mod task_logs;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};
use tower_http::catch_panic::CatchPanicLayer;
use vigie_model::Role;

pub(crate) use indicators::all_indicators;
pub(crate) use listing::equal;
pub use openapi::openapi;
pub(crate) use problem::Problem;
pub use problem::{FieldError, ProblemBody};
pub(crate) use report_input::period_input;

use crate::app::App;
use crate::auth::{Access, Gate, guard};

/// One route: what it answers to and what it needs.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    handler: MethodRouter<Arc<App>>,
}

impl Route {
    fn new<H, T>(method: Method, path: &'static str, access: Access, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Arc<App>>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("the methods used are standard ones");
        Self { method, path, access, handler: on(filter, handler) }
    }

    /// Sets how long a body this route takes, where it is not the usual length.
    fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.handler = self.handler.layer(DefaultBodyLimit::max(bytes));
        self
    }

    /// Says that the body may hold files: those are limited one by one, as they come in.
    fn with_files(mut self) -> Self {
        self.handler = self.handler.layer(DefaultBodyLimit::disable());
        self
    }
}

/// A route that reads.
fn read<H: axum::handler::Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route::new(Method::GET, path, Access::Role(Role::Reader), handler)
}

/// A route that an analyst changes something with.
fn work<H: axum::handler::Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route::new(Method::POST, path, Access::Role(Role::Analyst), handler)
}

/// Every route of this server. Nothing is served that is not in this table.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(console::routes());
    routes.extend(health::routes());
    routes.extend(session::routes());
    routes.extend(setup::routes());
    routes.extend(ingest::routes());
    routes.extend(inbound::routes());
    routes.extend(events::routes());
    routes.extend(holds::routes());
    routes.extend(alerts::routes());
    routes.extend(alerts_bulk::routes());
    routes.extend(alert_groups::routes());
    routes.extend(likeness::routes());
    routes.extend(assignees::routes());
    routes.extend(cases::routes());
    routes.extend(case_file::routes());
    routes.extend(case_parts::routes());
    routes.extend(observables_csv::routes());
    routes.extend(attachments::routes());
    routes.extend(case_similar::routes());
    routes.extend(case_history::routes());
    routes.extend(task_logs::routes());
    routes.extend(indicators::routes());
    routes.extend(actions::routes());
    routes.extend(rules::routes());
    routes.extend(suppressions::routes());
    routes.extend(detection::routes());
    routes.extend(reports::routes());
    routes.extend(report_archive::routes());
    routes.extend(report_schedules::routes());
    routes.extend(report_style::routes());
    routes.extend(audit::routes());
    routes.extend(people::routes());
    routes.extend(erase::routes());
    routes.extend(sla::routes());
    routes.extend(notice_rules::routes());
    routes.extend(dead_letters::routes());
    routes.extend(overview::routes());
    routes.extend(doctor::routes());
    routes.extend(live::routes());
    routes
}

/// Returns method, path and need of every route, for tests and documentation: `GET /api/v1/alerts reader`.
pub fn route_table() -> Vec<(Method, &'static str, Option<&'static str>)> {
    let need = |access| match access {
        Access::Public => None,
        Access::Known => Some("any"),
        Access::Role(role) => Some(role.as_str()),
    };
    routes().into_iter().map(|route| (route.method, route.path, need(route.access))).collect()
}

/// Returns the service: every route behind its guard, and what happens around each request.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let gate = Gate { app: Arc::clone(app), access: route.access };
        let ingest = route.path.starts_with("/api/v1/ingest/");
        let mut handler = route.handler.layer(middleware::from_fn_with_state(gate, guard));
        if ingest {
            handler = handler.layer(DefaultBodyLimit::max(app.config.limits.ingest_body_bytes_max));
        }
        router = router.route(route.path, handler);
    }
    let mut router = router
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this route does not take that method")
        })
        .with_state(Arc::clone(app));
    if app.config.thehive.enabled {
        router = router.merge(vigie_thehive::router(&crate::thehive::door(app)));
    }
    router
        .fallback(|| async { Problem::not_found("route") })
        .layer(DefaultBodyLimit::max(app.config.limits.request_body_bytes_max))
        .layer(middleware::from_fn_with_state(Arc::clone(app), layers::time_limit))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), layers::around))
}
