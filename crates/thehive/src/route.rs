//! The table of routes, each with what it needs.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::door::Door;
use crate::gate::{Gate, gate};
use crate::{Fault, routes};

/// How long a body without files may be, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Public,
    /// Anybody who is known and a member of the organisation.
    Known,
    /// This permission in the organisation.
    Permission(&'static str),
}

/// One route: what it answers to and what it needs.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    handler: MethodRouter<Door>,
    has_files: bool,
}

impl Route {
    pub(crate) fn new<H, T>(method: Method, path: &'static str, need: Need, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Door>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("the methods used are standard ones");
        Self { method, path, need, handler: on(filter, handler), has_files: false }
    }

    /// Says that the body may hold files: those are limited one by one, as they come in.
    pub(crate) const fn with_files(mut self) -> Self {
        self.has_files = true;
        self
    }
}

/// A route that reads: anybody of the organisation may.
pub(crate) fn get<H: axum::handler::Handler<T, Door>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route::new(Method::GET, path, Need::Known, handler)
}

/// A route that makes or does something.
pub(crate) fn post<H: axum::handler::Handler<T, Door>, T: 'static>(
    path: &'static str,
    permission: &'static str,
    handler: H,
) -> Route {
    Route::new(Method::POST, path, Need::Permission(permission), handler)
}

/// A route that changes something.
pub(crate) fn patch<H: axum::handler::Handler<T, Door>, T: 'static>(
    path: &'static str,
    permission: &'static str,
    handler: H,
) -> Route {
    Route::new(Method::PATCH, path, Need::Permission(permission), handler)
}

/// A route that sets something.
pub(crate) fn put<H: axum::handler::Handler<T, Door>, T: 'static>(
    path: &'static str,
    permission: &'static str,
    handler: H,
) -> Route {
    Route::new(Method::PUT, path, Need::Permission(permission), handler)
}

/// A route that takes something away.
pub(crate) fn delete<H: axum::handler::Handler<T, Door>, T: 'static>(
    path: &'static str,
    permission: &'static str,
    handler: H,
) -> Route {
    Route::new(Method::DELETE, path, Need::Permission(permission), handler)
}

/// Returns method, path and need of every route, for tests and documentation.
pub fn route_table() -> Vec<(Method, &'static str, Need)> {
    routes::all().into_iter().map(|route| (route.method, route.path, route.need)).collect()
}

/// Returns the service: every route behind the gate. Mount it beside the routes of the house: all its paths begin with
/// `/api/status`, `/api/v1/` or `/api/` and a word of TheHive's.
pub fn router(door: &Door) -> Router {
    let mut router = Router::new();
    for route in routes::all() {
        let entry = Gate { door: door.clone(), need: route.need };
        let limit = if route.has_files { DefaultBodyLimit::disable() } else { DefaultBodyLimit::max(BODY_BYTES_MAX) };
        let handler = route.handler.layer(limit).layer(middleware::from_fn_with_state(entry, gate));
        router = router.route(route.path, handler);
    }
    router
        .method_not_allowed_fallback(|| async { Fault::bad("this route does not take that method") })
        .with_state(door.clone())
}
