//! `/api/v1/users`, `/api/v1/keys`, `/api/v1/tenants`: who may do what, for whom.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vigie_model::{ApiKey, ApiKeyId, ObjectKind, Role, TenantId, TenantScope, Timestamp, User, UserId, Verb};
use vigie_store::AuditNote;

use super::Route;
use super::extract::{Body, Id};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::{
    Access, AdminError, Caller, Credential, Desk, NewUser, PasswordError, create_key, create_tenant, insert_user,
    replace_password,
};

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Role(Role::Admin);
    vec![
        Route::new(Method::GET, "/api/v1/users", admin, users),
        Route::new(Method::POST, "/api/v1/users", admin, add_user),
        Route::new(Method::PATCH, "/api/v1/users/{id}", admin, change_user),
        Route::new(Method::GET, "/api/v1/keys", admin, keys),
        Route::new(Method::POST, "/api/v1/keys", admin, add_key),
        Route::new(Method::DELETE, "/api/v1/keys/{id}", admin, revoke_key),
        super::read("/api/v1/tenants", tenants),
        Route::new(Method::POST, "/api/v1/tenants", admin, add_tenant),
    ]
}

/// Returns whether all of `inner` is within `outer`: nobody may give rights that they do not have.
fn within(inner: &TenantScope, outer: &TenantScope) -> bool {
    match (inner, outer) {
        (_, TenantScope::All) => true,
        (TenantScope::All, TenantScope::Only(_)) => false,
        (TenantScope::Only(inner), outer) => inner.iter().all(|tenant| outer.contains(tenant)),
    }
}

fn refuse_wider(caller: &Caller, tenants: &TenantScope) -> Result<(), Problem> {
    if within(tenants, caller.scope()) {
        return Ok(());
    }
    Err(Problem::forbidden("nobody can give rights for tenants that they may not see themselves"))
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Name(_) => Self::field("name", error.to_string()),
            AdminError::Password(_) => Self::field("password", error.to_string()),
            AdminError::NoSuchTenant(_) => Self::field("tenants", error.to_string()),
            AdminError::NoSuchProfile { .. } => Self::field("members", error.to_string()),
            AdminError::NoSuchUser(_) => Self::not_found("user"),
            AdminError::TenantExists(_) | AdminError::LastAdmin => Self::conflict(error.to_string()),
            AdminError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        Self::field("password", error.to_string())
    }
}

/// Lists the users whose tenants you may see.
#[utoipa::path(get, path = "/api/v1/users", tag = "admin", responses((status = 200, description = "The users.", body = Vec<User>)))]
pub(crate) async fn users(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<User>>, Problem> {
    let mut users = app.store.users().await?;
    users.retain(|user| within(&user.tenants, caller.scope()));
    Ok(Json(users))
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserBody {
    /// What they sign in with.
    name: String,
    /// At least 12 characters.
    password: String,
    /// What they may do.
    role: Role,
    /// For whom.
    tenants: TenantScope,
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "admin", request_body = UserBody, responses(
    (status = 201, description = "The user.", body = User),
    (status = 400, description = "The name or the password cannot be taken.", body = ProblemBody),
    (status = 409, description = "There is a user of this name.", body = ProblemBody),
))]
pub(crate) async fn add_user(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<UserBody>,
) -> Result<(StatusCode, Json<User>), Problem> {
    refuse_wider(&caller, &body.tenants)?;
    let hash = app.hashers.hash(body.password, app.entropy.id()).await?;
    let desk = Desk { store: &app.store, clock: app.clock.as_ref(), entropy: app.entropy.as_ref() };
    let new = NewUser { name: body.name, role: body.role, tenants: body.tenants, members: Vec::new() };
    let user = insert_user(&desk, &caller.actor(), new, &hash).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// What of a user is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    /// What they may do.
    role: Option<Role>,
    /// For whom.
    tenants: Option<TenantScope>,
    /// Whether they may not sign in; their sessions end.
    disabled: Option<bool>,
    /// A new password; their sessions end.
    password: Option<String>,
}

/// Changes a user.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "admin", params(("id" = String, Path, description = "The user's id.")), request_body = UserChange, responses(
    (status = 200, description = "The user.", body = User),
    (status = 404, description = "There is no such user.", body = ProblemBody),
    (status = 409, description = "It would leave nobody who may manage users.", body = ProblemBody),
))]
pub(crate) async fn change_user(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<UserId>,
    Body(change): Body<UserChange>,
) -> Result<Json<User>, Problem> {
    let before = app.store.user(id).await?.filter(|user| within(&user.tenants, caller.scope()));
    let mut user = before.ok_or_else(|| Problem::not_found("user"))?;
    user.role = change.role.unwrap_or(user.role);
    user.tenants = change.tenants.unwrap_or(user.tenants);
    user.disabled = change.disabled.unwrap_or(user.disabled);
    refuse_wider(&caller, &user.tenants)?;
    keep_an_admin(&app, &user).await?;
    let hash = match change.password {
        Some(password) => Some(app.hashers.hash(password, app.entropy.id()).await?),
        None => None,
    };
    let mut tx = app.store.begin().await?;
    tx.save_user(&user).await?;
    if user.disabled {
        tx.end_sessions_of(user.id).await?;
    }
    let details = json!({ "role": user.role, "tenants": user.tenants, "disabled": user.disabled });
    tx.audit(&AuditNote {
        at: app.clock.now(),
        tenant: None,
        actor: caller.actor(),
        verb: Verb::Update,
        object: ObjectKind::User,
        object_id: user.id.to_string(),
        details,
    })
    .await?;
    tx.commit().await?;
    if let Some(hash) = hash {
        replace_password(&app.store, app.clock.now(), &caller.actor(), user.id, &hash).await?;
    }
    Ok(Json(user))
}

/// The last administrator of all tenants must not lock the door behind themselves.
async fn keep_an_admin(app: &App, changed: &User) -> Result<(), Problem> {
    let is_admin = |user: &User| user.role == Role::Admin && !user.disabled && user.tenants == TenantScope::All;
    let others = app.store.users().await?;
    let left = others.iter().filter(|user| user.id != changed.id).any(is_admin) || is_admin(changed);
    if left {
        Ok(())
    } else {
        Err(Problem::conflict("this would leave no administrator of all tenants: make another one first"))
    }
}

/// A new password of one's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The password as it is.
    current: String,
    /// The new one, at least 12 characters.
    password: String,
}

/// Changes one's own password and ends all of one's sessions.
#[utoipa::path(post, path = "/api/v1/auth/password", tag = "auth", request_body = PasswordChange, responses(
    (status = 204, description = "Changed; sign in again."),
    (status = 403, description = "The current password is wrong.", body = ProblemBody),
))]
pub(crate) async fn change_own_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let Credential::Session { user, .. } = caller.credential else {
        return Err(Problem::forbidden("an API key has no password: sign in as a user"));
    };
    let name = caller.name();
    let now = app.clock.now();
    // A stolen session must not be a place to guess the password at leisure.
    let nowhere = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    if let Some(wait) = app.sign_ins.wait(&name, nowhere, now) {
        return Err(Problem::too_many("too many wrong passwords: try again later", wait.as_secs().max(1)));
    }
    app.sign_ins.failed(&name, nowhere, now);
    let hash = app.store.user_by_name(&name).await?.map(|(_, hash)| hash);
    if !app.hashers.verify(change.current, hash).await {
        return Err(Problem::forbidden("the current password is wrong"));
    }
    app.sign_ins.succeeded(&name, nowhere);
    let hash = app.hashers.hash(change.password, app.entropy.id()).await?;
    replace_password(&app.store, now, &caller.actor(), user, &hash).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the API keys whose tenants you may see.
#[utoipa::path(get, path = "/api/v1/keys", tag = "admin", responses((status = 200, description = "The keys, without their secrets.", body = Vec<ApiKey>)))]
pub(crate) async fn keys(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<ApiKey>>, Problem> {
    let mut keys = app.store.api_keys().await?;
    keys.retain(|key| within(&key.tenants, caller.scope()));
    Ok(Json(keys))
}

/// An API key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    /// What it is for.
    name: String,
    /// What it may do.
    role: Role,
    /// For whom.
    tenants: TenantScope,
    /// When it ends.
    expires: Option<Timestamp>,
}

/// A new API key.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyMade {
    /// What is stored of it.
    key: ApiKey,
    /// The key itself. It is shown this once.
    secret: String,
}

/// Makes an API key.
#[utoipa::path(post, path = "/api/v1/keys", tag = "admin", request_body = KeyBody, responses(
    (status = 201, description = "The key; its secret is shown this once.", body = KeyMade),
    (status = 400, description = "The name cannot be taken, or a tenant is unknown.", body = ProblemBody),
))]
pub(crate) async fn add_key(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<KeyBody>,
) -> Result<(StatusCode, Json<KeyMade>), Problem> {
    refuse_wider(&caller, &body.tenants)?;
    if body.expires.is_some_and(|expires| expires <= app.clock.now()) {
        return Err(Problem::field("expires", "this is in the past"));
    }
    let new = NewUser { name: body.name, role: body.role, tenants: body.tenants, members: Vec::new() };
    let (clock, entropy) = (app.clock.as_ref(), app.entropy.as_ref());
    let (key, secret) = create_key(&app.store, clock, entropy, &caller.actor(), new, body.expires).await?;
    Ok((StatusCode::CREATED, Json(KeyMade { key, secret: secret.expose().to_owned() })))
}

/// Takes an API key back.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "admin", params(("id" = String, Path, description = "The key's id.")), responses(
    (status = 204, description = "It holds no more."),
    (status = 404, description = "There is no such key.", body = ProblemBody),
))]
pub(crate) async fn revoke_key(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    let known = app.store.api_key(id).await?.filter(|(key, _)| within(&key.tenants, caller.scope()));
    if known.is_none() {
        return Err(Problem::not_found("API key"));
    }
    let mut tx = app.store.begin().await?;
    tx.revoke_api_key(id).await?;
    tx.audit(&AuditNote {
        at: app.clock.now(),
        tenant: None,
        actor: caller.actor(),
        verb: Verb::Delete,
        object: ObjectKind::ApiKey,
        object_id: id.to_string(),
        details: json!({}),
    })
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A client of the SOC.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantBody {
    /// Its id.
    id: TenantId,
    /// What people call it.
    name: String,
}

/// Lists the tenants that you may see.
#[utoipa::path(get, path = "/api/v1/tenants", tag = "admin", responses((status = 200, description = "The tenants.", body = Vec<TenantBody>)))]
pub(crate) async fn tenants(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Vec<TenantBody>>, Problem> {
    let tenants = app.store.tenants().await?.into_iter().filter(|tenant| caller.scope().contains(&tenant.id));
    Ok(Json(tenants.map(|tenant| TenantBody { id: tenant.id, name: tenant.name }).collect()))
}

/// Makes a tenant.
#[utoipa::path(post, path = "/api/v1/tenants", tag = "admin", request_body = TenantBody, responses(
    (status = 201, description = "The tenant.", body = TenantBody),
    (status = 409, description = "There is a tenant of this id.", body = ProblemBody),
))]
pub(crate) async fn add_tenant(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(body): Body<TenantBody>,
) -> Result<(StatusCode, Json<TenantBody>), Problem> {
    caller.needs_all_tenants()?;
    create_tenant(&app.store, app.clock.as_ref(), &caller.actor(), &body.id, &body.name).await?;
    Ok((StatusCode::CREATED, Json(body)))
}
