//! `/api/v1/auth`: signing in and out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_model::{Role, TenantScope, Timestamp};

use super::Route;
use super::extract::Body;
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{
    Access, Caller, Credential, SignedIn, cookie, refuse_foreign_origin, sign_in, sign_in_by_link, sign_out,
};
use crate::config::RespondMode;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/auth/login", Access::Public, login),
        Route::new(Method::POST, "/api/v1/auth/link", Access::Public, by_link),
        Route::new(Method::POST, "/api/v1/auth/logout", Access::Known, logout),
        Route::new(Method::GET, "/api/v1/auth/me", Access::Known, me),
        Route::new(Method::POST, "/api/v1/auth/password", Access::Known, super::people::change_own_password),
    ]
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The user's name.
    user: String,
    /// The password.
    password: String,
}

/// Who is signed in, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The user's or key's name.
    name: String,
    /// What they may do.
    role: Role,
    /// For whom.
    tenants: TenantScope,
    /// Whether actions are done or only planned.
    mode: RespondMode,
    /// The server's version.
    version: &'static str,
    /// The server's time.
    now: Timestamp,
}

/// Signs in. The answer sets a cookie that scripts cannot read.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, description = "Signed in; the cookie is set.", body = Me),
    (status = 401, description = "The name or the password is wrong.", body = ProblemBody),
    (status = 429, description = "Too many failed tries; `Retry-After` says when to come back.", body = ProblemBody),
))]
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    // Else another site could sign its visitor in as somebody of its choice.
    if headers.contains_key(header::ORIGIN) {
        refuse_foreign_origin(&app, &headers)?;
    }
    let signed_in = sign_in(&app, &login.user, login.password, address_of(peer)).await?;
    Ok(welcome(&app, signed_in))
}

/// A link of the server's terminal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// What follows the `#` in the link.
    token: String,
}

/// Signs in with a link that the server's terminal showed. Each works once.
#[utoipa::path(post, path = "/api/v1/auth/link", tag = "auth", request_body = LinkBody, responses(
    (status = 200, description = "Signed in; the cookie is set.", body = Me),
    (status = 401, description = "The link was used already, is too old, or is none.", body = ProblemBody),
    (status = 429, description = "Too many failed tries; `Retry-After` says when to come back.", body = ProblemBody),
))]
pub(crate) async fn by_link(
    State(app): State<Arc<App>>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(link): Body<LinkBody>,
) -> Result<Response, Problem> {
    if headers.contains_key(header::ORIGIN) {
        refuse_foreign_origin(&app, &headers)?;
    }
    let signed_in = sign_in_by_link(&app, &link.token, address_of(peer)).await?;
    Ok(welcome(&app, signed_in))
}

fn address_of(peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>) -> IpAddr {
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.0.ip())
}

/// Returns the answer to somebody who has just signed in.
fn welcome(app: &App, signed_in: SignedIn) -> Response {
    let set = cookie(Some(&signed_in.token), signed_in.lifetime.as_secs(), app.config.http.tls());
    let user = signed_in.user;
    let me = Me::of(app, user.name, user.role, user.tenants);
    ([(header::SET_COOKIE, set)], Json(me)).into_response()
}

/// Signs out: the session ends at once, here and everywhere.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", responses((status = 204, description = "Signed out.")))]
pub(crate) async fn logout(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Problem> {
    if let Credential::Session { token, .. } = &caller.credential {
        sign_out(&app, caller.actor(), token).await?;
    }
    let clear = cookie(None, 0, app.config.http.tls());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, clear)]).into_response())
}

/// Says who is asking.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "auth", responses((status = 200, description = "Who is asking.", body = Me)))]
pub(crate) async fn me(State(app): State<Arc<App>>, caller: Caller) -> Json<Me> {
    let principal = caller.principal;
    Json(Me::of(&app, principal.actor.to_string(), principal.role, principal.tenants))
}

impl Me {
    fn of(app: &App, name: String, role: Role, tenants: TenantScope) -> Self {
        Self {
            name,
            role,
            tenants,
            mode: app.config.respond.mode,
            version: env!("CARGO_PKG_VERSION"),
            now: app.clock.now(),
        }
    }
}
