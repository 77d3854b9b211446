//! Users. What they may do where is in their memberships; what they may do at our own doors follows from those.

mod credentials;
mod membership;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_model::{Filter, Membership, Selection, Stamp, TenantScope, User, UserId};
use vigie_store::Tx;

use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::value::equals;
use crate::rights::Rights;
use crate::route::{Route, delete, get, patch, post, put};
use crate::wire::{Shape, nullable, organisation, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How long a login, a name and an address may be, in characters: as at our own doors.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// How long an address may be, in characters (RFC 5321, 4.5.3.1.3).
pub(crate) const EMAIL_CHARS_MAX: usize = 254;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        get("/api/v1/user/current", current),
        post("/api/v1/user", "manageUser", create),
        get("/api/v1/user/{id}", read),
        patch("/api/v1/user/{id}", "manageUser", change),
        delete("/api/v1/user/{id}", "manageUser", lock),
        delete("/api/v1/user/{id}/force", "manageUser", remove),
        put("/api/v1/user/{id}/organisations", "manageUser", membership::set),
        get("/api/v1/user/{id}/avatar", no_avatar),
    ];
    routes.extend(credentials::routes());
    routes
}

/// Returns whose users a visitor sees: all for who runs the platform, else those of the organisation.
fn scope(visitor: &Visitor) -> TenantScope {
    if visitor.administers() { TenantScope::All } else { visitor.scope.tenants.clone() }
}

/// Returns the user of this id or login, if the visitor may see them, to be changed.
async fn find(tx: &mut Tx, visitor: &Visitor, asked: &str) -> Result<User, Fault> {
    let found = tx.select(&scope(visitor), &Selection::of(called(asked), 1)).await?.pop();
    found.ok_or_else(|| Fault::not_found("User", asked))
}

/// Returns the user of this id or login, if the visitor may see them, as of now.
async fn look(door: &Door, visitor: &Visitor, asked: &str) -> Result<User, Fault> {
    let found = door.store.select(&scope(visitor), &Selection::of(called(asked), 1)).await?.pop();
    found.or_else(|| oneself(visitor, asked)).ok_or_else(|| Fault::not_found("User", asked))
}

/// Who is a member elsewhere may still look at themselves.
fn oneself(visitor: &Visitor, asked: &str) -> Option<User> {
    let user = visitor.user.as_deref()?;
    (UserId::read(asked) == Some(user.id) || user.name.eq_ignore_ascii_case(asked)).then(|| user.clone())
}

fn called(asked: &str) -> Filter {
    UserId::read(asked).map_or_else(|| equals("name", asked), |id| equals("id", id.to_string()))
}

/// A program with a key of its own is shown as a user, so that clients can look who they are.
async fn current(State(door): State<Door>, visitor: Visitor) -> Result<Json<Value>, Fault> {
    if let Some(user) = visitor.user.clone() {
        return Ok(Json(show(*user, &door, &visitor).await?));
    }
    let mut shape = Map::new();
    shape.insert("_id".to_owned(), UserId::derive([visitor.name()]).wire().into());
    let stamp = Stamp::new("", door.house.now());
    let shape = Shape::stamped(shape, "User", &stamp)
        .with("login", visitor.name())
        .with("name", visitor.name())
        .with("hasKey", true)
        .with("hasPassword", false)
        .with("hasMFA", false)
        .with("locked", false)
        .with("profile", visitor.profile.clone())
        .with("permissions", visitor.permissions.iter().cloned().collect::<Vec<_>>())
        .with("organisation", visitor.tenant.name.clone())
        .with("type", "Service")
        .with("extraData", json!({}));
    Ok(Json(shape.done()))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found = look(&door, &visitor, &id).await?;
    Ok(Json(show(found, &door, &visitor).await?))
}

#[derive(Deserialize)]
struct NewUser {
    login: String,
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    profile: String,
    organisation: Option<String>,
    #[serde(rename = "type")]
    _kind: Option<Kind>,
}

/// What kind of user; Vigie knows one.
#[derive(Deserialize)]
enum Kind {
    Normal,
    Service,
    External,
}

/// A user who is a member already is answered as they are: scripts make their users each time they run.
async fn create(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewUser>) -> Result<Response, Fault> {
    check_name("login", &new.login)?;
    let display = new.name.unwrap_or_else(|| new.login.clone());
    check_name("name", &display)?;
    let email = new.email.filter(|email| !email.is_empty());
    email.as_deref().map(check_email).transpose()?;
    let rights = Rights::of(&door, &visitor).await?;
    let tenant = match &new.organisation {
        Some(asked) => organisation::find(&door, &rights, asked).await?,
        None => visitor.tenant.clone(),
    };
    let profile = rights.profile(&new.profile)?.name.clone();
    let membership = Membership { tenant: tenant.id, profile, default: true };
    rights.may_give(&membership)?;
    let hash = match new.password {
        Some(password) => Some(door.house.hash_password(password).await?),
        None => None,
    };
    let mut work = Work::begin(&door, &visitor).await?;
    let known = Selection::of(equals("name", &*new.login), 1);
    let known: Option<User> = work.tx.select(&TenantScope::All, &known).await?.pop();
    let user = match known {
        Some(user) if user.memberships.iter().any(|known| known.tenant == membership.tenant) => user,
        Some(user) if rights.runs_platform() => {
            let mut memberships = user.memberships.clone();
            memberships.push(Membership { default: memberships.is_empty(), ..membership });
            membership::save(&mut work, &rights, &user, memberships).await?
        }
        Some(_) => return Err(Fault::create(format!("the login {} is taken", new.login))),
        None => {
            let memberships = vec![membership];
            let (role, tenants) = rights.at_our_doors(None, &memberships);
            let (id, stamp) = (work.id(), Stamp::new(work.by(), work.now));
            let (name, disabled) = (new.login, false);
            let user = User { id, name, role, tenants, disabled, display, email, memberships, stamp };
            work.create(&user).await?;
            if let Some(hash) = &hash {
                work.tx.set_password(user.id, hash).await?;
            }
            user
        }
    };
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(user, &door, &visitor).await?)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
struct UserChange {
    name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    email: Option<Option<String>>,
    organisation: Option<String>,
    profile: Option<String>,
    locked: Option<bool>,
    default_organisation: Option<String>,
    avatar: Option<Value>,
    #[serde(rename = "type")]
    _kind: Option<Kind>,
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(change): Body<UserChange>,
) -> Result<StatusCode, Fault> {
    if change.avatar.is_some_and(|avatar| !avatar.is_null()) {
        return Err(Fault::field("avatar", "pictures of users are not kept"));
    }
    let rights = Rights::of(&door, &visitor).await?;
    let find_tenant = async |asked: Option<&str>| match asked {
        Some(asked) => organisation::find(&door, &rights, asked).await.map(|tenant| Some(tenant.id)),
        None => Ok(None),
    };
    let place = find_tenant(change.organisation.as_deref()).await?;
    let default = find_tenant(change.default_organisation.as_deref()).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work.tx, &visitor, &id).await?;
    rights.may_touch(&before)?;
    let mut user = before.clone();
    if let Some(name) = change.name {
        check_name("name", &name)?;
        user.display = name;
    }
    if let Some(email) = change.email {
        user.email = email.filter(|email| !email.is_empty());
        user.email.as_deref().map(check_email).transpose()?;
    }
    if let Some(locked) = change.locked {
        set_locked(&mut user, &visitor, locked)?;
    }
    let memberships = membership::changed(&rights, &visitor, &user, place, change.profile.as_deref(), default)?;
    membership::save_with(&mut work, &rights, &before, user, memberships).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the door of old called deleting: the user stays and cannot sign in.
async fn lock(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let rights = Rights::of(&door, &visitor).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work.tx, &visitor, &id).await?;
    rights.may_touch(&before)?;
    let mut user = before.clone();
    set_locked(&mut user, &visitor, true)?;
    let memberships = user.memberships.clone();
    membership::save_with(&mut work, &rights, &before, user, memberships).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct From {
    organisation: Option<String>,
}

/// Takes a user out of an organisation, and deletes who is then in none. What they made and were given keeps their name.
async fn remove(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Result<StatusCode, Fault> {
    let rights = Rights::of(&door, &visitor).await?;
    let place = match &from.organisation {
        Some(asked) => Some(organisation::find(&door, &rights, asked).await?.id),
        // Who runs the platform means the user, who runs an organisation means their own.
        None => (!visitor.administers()).then(|| visitor.tenant.id.clone()),
    };
    let mut work = Work::begin(&door, &visitor).await?;
    let user = find(&mut work.tx, &visitor, &id).await?;
    if visitor.user.as_ref().is_some_and(|visitor| visitor.id == user.id) {
        return Err(Fault::bad("nobody deletes themselves: ask somebody else"));
    }
    let (gone, left): (Vec<_>, Vec<_>) =
        user.memberships.iter().cloned().partition(|known| place.as_ref().is_none_or(|place| *place == known.tenant));
    if gone.is_empty() && place.is_some() {
        return Err(Fault::not_found("User", &id));
    }
    gone.iter().try_for_each(|membership| rights.may_give(membership))?;
    if left.is_empty() {
        rights.may_touch(&user)?;
        work.remove(&user).await?;
    } else {
        membership::save(&mut work, &rights, &user, left).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn no_avatar(Path(id): Path<String>) -> Fault {
    Fault::not_found("Avatar of", &id)
}

fn set_locked(user: &mut User, visitor: &Visitor, locked: bool) -> Result<(), Fault> {
    if locked && visitor.user.as_ref().is_some_and(|visitor| visitor.id == user.id) {
        return Err(Fault::bad("nobody locks themselves: ask somebody else"));
    }
    user.disabled = locked;
    Ok(())
}

pub(super) fn check_name(field: &str, name: &str) -> Result<(), Fault> {
    let is_plain = name.trim() == name && !name.chars().any(char::is_control);
    if is_plain && (1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
        return Ok(());
    }
    Err(Fault::field(field, format!("expected 1 to {NAME_CHARS_MAX} characters, none of them a control character")))
}

fn check_email(email: &str) -> Result<(), Fault> {
    let is_plain = email.chars().all(|character| !character.is_whitespace() && !character.is_control());
    let has_parts = email.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    if is_plain && has_parts && email.chars().count() <= EMAIL_CHARS_MAX {
        return Ok(());
    }
    Err(Fault::field("email", format!("expected an address of at most {EMAIL_CHARS_MAX} characters")))
}
