//! `/api/status` and what else clients ask first.

use axum::Json;
use axum::http::Method;
use serde_json::{Value, json};

use crate::route::{Need, Route, get};

/// The version of TheHive whose API this is: clients look at it.
const VERSION: &str = "5.7.3";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/status", Need::Public, status),
        Route::new(Method::GET, "/api/v1/status/public", Need::Public, status),
        get("/api/v1/status", status),
        get("/api/v1/license/current", license),
    ]
}

async fn status() -> Json<Value> {
    Json(json!({
        "versions": {"Scalligraph": VERSION, "TheHive": VERSION, "Vigie": env!("CARGO_PKG_VERSION")},
        "config": {"capabilities": ["authByKey", "changePassword", "setPassword"], "freeTagDefaultColour": "#000000"},
    }))
}

/// There is no licence to run out; clients ask until when it lasts.
async fn license() -> Json<Value> {
    const END_OF_2099_MS: i64 = 4_102_444_799_000;
    Json(json!({"current": null, "fallback": {"kind": "Apache-2.0", "expiresAt": END_OF_2099_MS}}))
}
