//! The console: its files, and its one page at every address of a view.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use vigie_console::{Asset, asset, index};

use super::Route;
use super::problem::Problem;
use crate::auth::Access;

/// The addresses of the views, as `web/src/app/router.svelte.ts` has them. All are one page, which then reads the address.
pub(super) const VIEWS: [&str; 13] = [
    "/",
    "/alerts",
    "/alerts/{id}",
    "/cases",
    "/cases/{id}",
    "/hunt",
    "/rules",
    "/rules/{id}",
    "/response",
    "/reports",
    "/settings",
    "/settings/{id}",
    "/enter",
];

/// The addresses of its files.
pub(super) const FILES: [&str; 3] = ["/assets/{file}", "/favicon.svg", "/fallback.css"];

pub(super) fn routes() -> Vec<Route> {
    let views = VIEWS.into_iter().map(|path| Route::new(Method::GET, path, Access::Public, page));
    let files = FILES.into_iter().map(|path| Route::new(Method::GET, path, Access::Public, file));
    let document = Route::new(Method::GET, "/api/v1/openapi.json", Access::Public, super::openapi::document);
    views.chain(files).chain([document]).collect()
}

async fn page(headers: HeaderMap) -> Response {
    answer(index(), &headers)
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    asset(uri.path()).map_or_else(|| Problem::not_found("file").into_response(), |file| answer(file, &headers))
}

/// Returns a file as the client takes it; 304 where it has it.
fn answer(file: &Asset, asked: &HeaderMap) -> Response {
    let keep = if file.is_immutable() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::ETAG, HeaderValue::from_static(file.etag));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let said = |name| asked.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if said(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if takes_gzip(said(header::ACCEPT_ENCODING)) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return (headers, Body::from(file.gzip)).into_response();
    }
    (headers, Body::from(file.plain())).into_response()
}

/// Returns whether an `Accept-Encoding` (RFC 9110, section 12.5.3) takes gzip.
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        named && !parts.any(|weight| matches!(weight.strip_prefix("q=").map(str::parse), Some(Ok(0.0_f32))))
    })
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for yes in ["gzip", "br, GZIP;q=0.5", "*"] {
            assert!(takes_gzip(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip; q=0.0"] {
            assert!(!takes_gzip(no), "{no}");
        }
    }
}
