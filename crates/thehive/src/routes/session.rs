//! Signing in and out with a session's cookie.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use vigie_model::{Actor, ObjectKind, Verb};
use vigie_store::{AuditNote, TokenHash};

use crate::Fault;
use crate::body::parse;
use crate::door::{Door, Identity};
use crate::gate::enter;
use crate::route::{BODY_BYTES_MAX, Need, Route};
use crate::wire::show;

/// The cookie that TheHive's pages and clients know.
const COOKIE: &str = "THEHIVE-SESSION";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/login", Need::Public, sign_in),
        Route::new(Method::GET, "/api/v1/logout", Need::Public, sign_out),
        Route::new(Method::POST, "/api/v1/logout", Need::Public, sign_out),
    ]
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
    organisation: Option<String>,
}

async fn sign_in(State(door): State<Door>, request: Request) -> Result<Response, Fault> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await;
    let credentials: Credentials = parse(&body.map_err(|_| Fault::too_large("the body is too long or broke off"))?)?;
    let session = door.house.sign_in(&parts, &credentials.user, credentials.password).await?;
    let identity = Identity::User(Box::new(session.user.clone()));
    let visitor = enter(&door, identity, credentials.organisation.as_deref()).await?;
    let shown = show(session.user, &door, &visitor).await?;
    Ok(([(header::SET_COOKIE, session.cookie)], Json(shown)).into_response())
}

/// Ends the session of the cookie that was sent. Without one there is nothing to end.
async fn sign_out(State(door): State<Door>, request: Request) -> Result<Response, Fault> {
    let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let tokens: Vec<TokenHash> =
        pairs.filter(|(name, _)| *name == COOKIE).map(|(_, token)| TokenHash::of(token)).collect();
    let now = door.house.now();
    for token in tokens {
        let Some((session, user)) = door.store.session(&token, now).await? else { continue };
        let mut tx = door.store.begin().await?;
        if tx.end_session(&token).await? {
            let note = AuditNote {
                at: now,
                tenant: None,
                actor: Actor::User(user.name),
                verb: Verb::SignOut,
                object: ObjectKind::Session,
                object_id: session.id.to_string(),
                details: json!({}),
            };
            tx.audit(&note).await?;
            tx.commit().await?;
        }
    }
    let gone = format!("{COOKIE}=; Path=/api; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}
