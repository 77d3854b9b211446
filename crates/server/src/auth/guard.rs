//! The one place where it is decided who may ask what. Every route passes through [`guard`]; the table of routes says what
//! each one needs, and a test walks that table.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use vigie_model::{Actor, Principal, Role, TenantId, TenantScope, User, UserId};
use vigie_store::{Reach, TokenHash};

use super::token;
use crate::api::Problem;
use crate::app::App;
use crate::config::origin_of;

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Public,
    /// Anybody who is known, whatever the role.
    Known,
    /// This role, or one that may do as much.
    Role(Role),
}

/// How somebody proved who they are.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// A browser's cookie.
    Session { user: UserId, token: TokenHash },
    /// An API key.
    Key,
}

/// Who is asking, once the guard has let them in. A handler that takes one cannot be reached without.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) credential: Credential,
}

impl Caller {
    /// Returns who is asking, for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        self.principal.actor.clone()
    }

    /// Returns the caller's name, for steps and assignments.
    pub(crate) fn name(&self) -> String {
        self.principal.actor.to_string()
    }

    /// Returns the tenants that the caller may see.
    pub(crate) fn scope(&self) -> &TenantScope {
        &self.principal.tenants
    }

    /// Returns how far the caller sees: within which tenants, and as whom, since a case may be closed to others.
    pub(crate) fn reach(&self) -> Reach {
        Reach { tenants: self.scope().clone(), name: self.name() }
    }

    /// Refuses a change of what another tenant only shows to the caller's.
    pub(crate) fn needs_own(&self, owner: &TenantId) -> Result<(), Problem> {
        if self.scope().contains(owner) {
            return Ok(());
        }
        Err(Problem::forbidden("the case is another tenant's and is shown to yours: here it can only be read"))
    }

    /// Returns the tenants to look at: the one asked for, or all that the caller may see.
    pub(crate) fn narrowed(&self, tenant: Option<&TenantId>) -> Result<TenantScope, Problem> {
        match tenant {
            None => Ok(self.scope().clone()),
            Some(tenant) if self.scope().contains(tenant) => Ok(TenantScope::Only(vec![tenant.clone()])),
            Some(_) => Err(Problem::not_found("tenant")),
        }
    }

    /// Returns the one tenant to write to: the one asked for, or the only one that the caller may see.
    pub(crate) fn one_tenant(&self, asked: Option<&TenantId>, field: &str) -> Result<TenantId, Problem> {
        match (asked, self.scope()) {
            (Some(tenant), scope) if scope.contains(tenant) => Ok(tenant.clone()),
            (Some(_), _) => Err(Problem::not_found("tenant")),
            (None, TenantScope::Only(tenants)) if tenants.len() == 1 => Ok(tenants[0].clone()),
            (None, _) => Err(Problem::field(field, "you may see several tenants: say which one is meant")),
        }
    }

    /// Refuses a caller who may not see every tenant.
    pub(crate) fn needs_all_tenants(&self) -> Result<(), Problem> {
        match self.scope() {
            TenantScope::All => Ok(()),
            TenantScope::Only(_) => Err(Problem::forbidden("this needs an administrator of all tenants")),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// What the guard of one route knows.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) app: Arc<App>,
    pub(crate) access: Access,
}

/// Lets a request in, or answers it.
pub(crate) async fn guard(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match gate.admit(request.method(), request.headers()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) => {}
        Err(problem) => return problem.into_response(),
    }
    next.run(request).await
}

impl Gate {
    async fn admit(&self, method: &Method, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        if self.access == Access::Public {
            return Ok(None);
        }
        let caller = identify(&self.app, headers).await?.ok_or_else(Problem::unauthenticated)?;
        if matches!(caller.credential, Credential::Session { .. }) && !method.is_safe() {
            refuse_foreign_origin(&self.app, headers)?;
        }
        match self.access {
            Access::Public | Access::Known => {}
            Access::Role(needed) if caller.principal.role.may(needed) => {}
            Access::Role(needed) => {
                let has = caller.principal.role.as_str();
                return Err(Problem::forbidden(format!("this needs the role {}; yours is {has}", needed.as_str())));
            }
        }
        Ok(Some(caller))
    }
}

async fn identify(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let cookie = if app.config.http.tls() { token::COOKIE_TLS } else { token::COOKIE_PLAIN };
    let Some(known) = identify_caller(app, headers, cookie).await? else { return Ok(None) };
    let credential = known.credential;
    Ok(Some(Caller { principal: known.principal, credential }))
}

/// Who shows a key or a session's cookie.
pub(crate) struct Known {
    pub(crate) principal: Principal,
    credential: Credential,
    /// The user, where it is one, or a program with a user's key.
    pub(crate) user: Option<User>,
    /// Whether a browser sent it by itself.
    pub(crate) by_cookie: bool,
}

/// Returns who shows an API key, or a session in the cookie of this name.
pub(crate) async fn identify_caller(app: &App, headers: &HeaderMap, cookie: &str) -> Result<Option<Known>, Problem> {
    if let Some(header) = headers.get(header::AUTHORIZATION) {
        // A request that shows a key is judged by it alone, even where a cookie came along.
        let Some(key) = header.to_str().ok().and_then(bearer) else { return Ok(None) };
        return by_key(app, key).await;
    }
    for cookies in headers.get_all(header::COOKIE) {
        if let Some(token) = cookies.to_str().ok().and_then(|text| token::from_cookies(text, cookie)) {
            return by_session(app, token).await;
        }
    }
    Ok(None)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

async fn by_key(app: &App, sent: &str) -> Result<Option<Known>, Problem> {
    let Some(id) = token::key_id(sent) else { return Ok(None) };
    let Some((key, hash)) = app.store.api_key(id).await? else { return Ok(None) };
    let now = app.clock.now();
    let valid = token::same_hash(TokenHash::of(sent).expose(), hash.expose())
        && !key.revoked
        && key.expires.is_none_or(|expires| now < expires);
    if !valid {
        return Ok(None);
    }
    let Some(owner) = key.user else {
        let principal = Principal { actor: Actor::Key(key.name), role: key.role, tenants: key.tenants };
        return Ok(Some(Known { principal, credential: Credential::Key, user: None, by_cookie: false }));
    };
    // A user's key may do what the user may, and nothing once they may not sign in.
    let Some(user) = app.store.user(owner).await?.filter(|user| !user.disabled) else { return Ok(None) };
    let principal = principal_of(&user);
    Ok(Some(Known { principal, credential: Credential::Key, user: Some(user), by_cookie: false }))
}

fn principal_of(user: &User) -> Principal {
    Principal { actor: Actor::User(user.name.clone()), role: user.role, tenants: user.tenants.clone() }
}

async fn by_session(app: &App, sent: &str) -> Result<Option<Known>, Problem> {
    let token = TokenHash::of(sent);
    let Some((_, user)) = app.store.session(&token, app.clock.now()).await? else { return Ok(None) };
    if user.disabled {
        return Ok(None);
    }
    let credential = Credential::Session { user: user.id, token };
    let principal = principal_of(&user);
    Ok(Some(Known { principal, credential, user: Some(user), by_cookie: true }))
}

/// Refuses a change that a page of another origin sent with our user's cookie. The cookie's `SameSite=Strict` says the same
/// to browsers; this holds for neighbours on the same site too, such as another port of this machine.
pub(crate) fn refuse_foreign_origin(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let own = match text(header::ORIGIN.as_str()) {
        Some(origin) => {
            let scheme = if app.config.http.tls() { "https" } else { "http" };
            let asked = text(header::HOST.as_str()).map(|host| format!("{scheme}://{}", host.to_ascii_lowercase()));
            let public = app.config.http.public_url.as_deref().and_then(origin_of);
            [asked, public].iter().flatten().any(|own| own.eq_ignore_ascii_case(origin))
        }
        // Browsers send `Origin` with every change; this is what is left for those that hide it.
        None => text("sec-fetch-site") == Some("same-origin"),
    };
    if own {
        return Ok(());
    }
    Err(Problem::forbidden(
        "a change with a session cookie must come from our own page (header `Origin`): programs use an API key instead",
    ))
}
