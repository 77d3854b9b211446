//! Passwords and API keys of users. Of both only hashes are stored: a key is shown once, when it is made.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use vigie_model::{ApiKey, ObjectKind, User, Verb};

use super::{find, look};
use crate::body::Body;
use crate::door::Door;
use crate::rights::Rights;
use crate::route::{Need, Route, get, post};
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/user/{id}/password/set", "manageUser", set_password),
        Route::new(Method::POST, "/api/v1/user/{id}/password/change", Need::Known, change_password),
        get("/api/v1/user/{id}/key", read_key),
        Route::new(Method::POST, "/api/v1/user/{id}/key/renew", Need::Known, renew_key),
        Route::new(Method::DELETE, "/api/v1/user/{id}/key", Need::Known, remove_key),
    ]
}

#[derive(Deserialize)]
struct NewPassword {
    password: String,
}

async fn set_password(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, Fault> {
    let rights = Rights::of(&door, &visitor).await?;
    let hash = door.house.hash_password(new.password).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let user = find(&mut work.tx, &visitor, &id).await?;
    rights.may_touch(&user)?;
    save_password(work, &user, &hash).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordChange {
    password: String,
    current_password: String,
}

/// Changes one's own password.
async fn change_password(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, Fault> {
    let user = look(&door, &visitor, &id).await?;
    if !is_oneself(&visitor, &user) {
        return Err(Fault::forbidden("you change only your own password: set that of somebody else"));
    }
    if !door.house.is_password(&user, change.current_password).await? {
        return Err(Fault::unauthenticated());
    }
    let hash = door.house.hash_password(change.password).await?;
    let work = Work::begin(&door, &visitor).await?;
    save_password(work, &user, &hash).await
}

/// Whoever is signed in with the old password is so no more.
async fn save_password(mut work: Work<'_>, user: &User, hash: &vigie_store::PasswordHash) -> Result<StatusCode, Fault> {
    if !work.tx.set_password(user.id, hash).await? {
        return Err(Fault::not_found("User", &user.name));
    }
    work.tx.end_sessions_of(user.id).await?;
    work.note(Verb::Update, ObjectKind::User, user.id.to_string(), json!({"password": "changed"})).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_oneself(visitor: &Visitor, user: &User) -> bool {
    visitor.user.as_ref().is_some_and(|visitor| visitor.id == user.id)
}

/// Says whether the visitor may see and renew a user's key: their own, or that of whom they may touch.
async fn may_hold(door: &Door, visitor: &Visitor, user: &User) -> Result<(), Fault> {
    if is_oneself(visitor, user) {
        return Ok(());
    }
    if !visitor.may("manageUser") {
        return Err(Fault::forbidden("this needs the permission manageUser"));
    }
    Rights::of(door, visitor).await?.may_touch(user)
}

async fn read_key(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Fault> {
    let user = look(&door, &visitor, &id).await?;
    may_hold(&door, &visitor, &user).await?;
    let key = door.store.api_keys_of(user.id).await?.into_iter().next();
    let key = key.ok_or_else(|| Fault::not_found("Key of user", &id))?;
    Ok(text(format!("{} is the public half of the key: the whole was shown once, when it was made", key.id)))
}

async fn renew_key(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Fault> {
    let user = look(&door, &visitor, &id).await?;
    may_hold(&door, &visitor, &user).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    revoke(&mut work, &user).await?;
    let secret = door.house.new_key();
    let key = ApiKey {
        id: secret.id,
        name: user.name.clone(),
        role: user.role,
        tenants: user.tenants.clone(),
        created: work.now,
        expires: None,
        revoked: false,
        user: Some(user.id),
    };
    work.tx.create_api_key(&key, &secret.hash).await?;
    work.note(Verb::Create, ObjectKind::ApiKey, key.id.to_string(), json!({"user": user.name})).await?;
    work.commit().await?;
    Ok(text(secret.key))
}

async fn remove_key(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let user = look(&door, &visitor, &id).await?;
    may_hold(&door, &visitor, &user).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    revoke(&mut work, &user).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back every key of a user.
async fn revoke(work: &mut Work<'_>, user: &User) -> Result<(), Fault> {
    for key in work.tx.revoke_api_keys_of(user.id).await? {
        work.note(Verb::Delete, ObjectKind::ApiKey, key.to_string(), json!({"user": user.name})).await?;
    }
    Ok(())
}

fn text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], text).into_response()
}
