//! The plain page: sign in, and see what happens. Stands in until the console comes.

use axum::http::{Method, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::Route;
use crate::auth::Access;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/", Access::Public, page),
        Route::new(Method::GET, "/assets/app.js", Access::Public, script),
        Route::new(Method::GET, "/assets/app.css", Access::Public, style),
        Route::new(Method::GET, "/api/v1/openapi.json", Access::Public, super::openapi::document),
    ]
}

async fn page() -> Html<&'static str> {
    Html(include_str!("../assets/index.html"))
}

async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../assets/app.js"))
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../assets/app.css"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
