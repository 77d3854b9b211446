//! `/api/v1/rules`: what is detected, what it brought, and rules that people write here.

mod check;
mod draft;
mod hits;
mod own;
mod show;
mod trial;

use axum::http::Method;
use vigie_model::Role;

use super::{Route, read};
use crate::auth::Access;

pub(crate) use check::*;
pub(crate) use draft::*;
pub(crate) use hits::*;
pub(crate) use own::*;
pub(crate) use show::*;
pub(crate) use trial::*;

/// How long the body of a route may be that takes a rule with its tests, in bytes.
const BODY_BYTES_MAX: usize = 8 << 20;

pub(super) fn routes() -> Vec<Route> {
    // They read, in spite of their method: what is asked stands in the body.
    let ask = Access::Role(Role::Analyst);
    let admin = Access::Role(Role::Admin);
    vec![
        read("/api/v1/rules", rules),
        read("/api/v1/rules/hits", hits),
        read("/api/v1/rules/{id}", rule),
        read("/api/v1/rules/{id}/hits", days),
        Route::new(Method::POST, "/api/v1/rules/check", ask, check_rule).body_bytes_max(BODY_BYTES_MAX),
        Route::new(Method::POST, "/api/v1/rules/test", ask, test_rule).body_bytes_max(BODY_BYTES_MAX),
        Route::new(Method::POST, "/api/v1/rules/draft", ask, draft_a_rule),
        Route::new(Method::PUT, "/api/v1/rules/own/{name}", admin, save).body_bytes_max(BODY_BYTES_MAX),
        Route::new(Method::DELETE, "/api/v1/rules/own/{name}", admin, delete),
    ]
}
