//! Profiles. The built-in ones stay as they are.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Filter, Permission, Profile, ProfileId, Selection, Share, Stamp, TenantScope, User};

use super::user::check_name;
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::permission::PLATFORM;
use crate::query::value::equals;
use crate::rights::{PROFILES_MAX, Rights};
use crate::route::{Route, delete, get, patch, post};
use crate::wire::profile::is_built_in;
use crate::wire::show;
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

/// How many permissions a profile holds, and how long the name of one is, in characters.
pub(crate) const PERMISSIONS_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/profile", "manageProfile", create),
        get("/api/v1/profile/{id}", read),
        patch("/api/v1/profile/{id}", "manageProfile", change),
        delete("/api/v1/profile/{id}", "manageProfile", remove),
    ]
}

fn called(asked: &str) -> Selection {
    let filter = ProfileId::read(asked).map_or_else(|| equals("name", asked), |id| equals("id", id.to_string()));
    Selection::of(filter, 1)
}

async fn find(work: &mut Work<'_>, asked: &str) -> Result<Profile, Fault> {
    let found = work.tx.select(&TenantScope::All, &called(asked)).await?.pop();
    found.ok_or_else(|| Fault::not_found("Profile", asked))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<Profile> = door.store.select(&TenantScope::All, &called(&id)).await?.pop();
    let found = found.ok_or_else(|| Fault::not_found("Profile", &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

#[derive(Deserialize)]
struct NewProfile {
    name: String,
    #[serde(default)]
    permissions: BTreeSet<Permission>,
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewProfile>) -> Result<Response, Fault> {
    check_name("name", &new.name)?;
    check_permissions(&visitor, &BTreeSet::new(), &new.permissions)?;
    let mut work = Work::begin(&door, &visitor).await?;
    let count = work.tx.select::<Profile>(&TenantScope::All, &Selection::of(Filter::All, PROFILES_MAX)).await?.len();
    if count as u64 >= PROFILES_MAX {
        return Err(Fault::create(format!("there are too many profiles: at most {PROFILES_MAX}")));
    }
    if find(&mut work, &new.name).await.is_ok() {
        return Err(Fault::create(format!("there is a profile {} already", new.name)));
    }
    let stamp = Stamp::new(work.by(), work.now);
    let profile = Profile { id: work.id(), name: new.name, permissions: new.permissions, stamp };
    work.create(&profile).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(profile, &door, &visitor).await?)).into_response())
}

/// Nobody puts into a profile what concerns the platform and they may not do themselves; it may be their own.
fn check_permissions(
    visitor: &Visitor,
    before: &BTreeSet<Permission>,
    after: &BTreeSet<Permission>,
) -> Result<(), Fault> {
    let is_long = |name: &&Permission| name.is_empty() || name.chars().count() > PERMISSIONS_MAX;
    if after.len() > PERMISSIONS_MAX || after.iter().any(|name| is_long(&name)) {
        let what = format!("expected at most {PERMISSIONS_MAX} names of 1 to {PERMISSIONS_MAX} characters");
        return Err(Fault::field("permissions", what));
    }
    let changed = before.symmetric_difference(after);
    match changed.into_iter().find(|name| PLATFORM.contains(&name.as_str()) && !visitor.may(name)) {
        Some(name) => {
            Err(Fault::forbidden(format!("you cannot give or take {name}, since you may not do it yourself")))
        }
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct ProfileChange {
    name: Option<String>,
    permissions: Option<BTreeSet<Permission>>,
}

/// Memberships and shares name their profile, so they follow a new name; what its holders may do at our own doors follows
/// the permissions.
async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(change): Body<ProfileChange>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = changeable(&mut work, &id).await?;
    let mut after = before.clone();
    if let Some(name) = change.name {
        check_name("name", &name)?;
        after.name = name;
    }
    after.permissions = change.permissions.unwrap_or(after.permissions);
    check_permissions(&visitor, &before.permissions, &after.permissions)?;
    if after == before {
        return Ok(StatusCode::NO_CONTENT);
    }
    after.stamp = before.stamp.changed(work.by(), work.now);
    work.change(&before, &after).await?;
    follow(&mut work, &before, &after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn follow(work: &mut Work<'_>, before: &Profile, after: &Profile) -> Result<(), Fault> {
    let (users, shares) = holders(work, &before.name).await?;
    if users.len() + shares.len() > OBJECTS_MAX {
        return Err(Fault::bad(format!(
            "more than {OBJECTS_MAX} users and shares have this profile: make another one"
        )));
    }
    let mut rights = Rights::of(work.door, work.visitor).await?;
    rights.replace(&before.name, after.clone());
    for user in users {
        let mut memberships = user.memberships.clone();
        for membership in memberships.iter_mut().filter(|membership| membership.profile == before.name) {
            membership.profile.clone_from(&after.name);
        }
        let (role, tenants) = rights.at_our_doors(Some(&user), &memberships);
        work.change(&user, &User { role, tenants, memberships, ..user.clone() }).await?;
    }
    for share in shares.into_iter().filter(|share| share.profile != after.name) {
        work.change(&share, &Share { profile: after.name.clone(), ..share.clone() }).await?;
    }
    Ok(())
}

/// Returns who has a profile, and the shares that name it; of each at most one more than one request changes.
async fn holders(work: &mut Work<'_>, profile: &str) -> Result<(Vec<User>, Vec<Share>), Fault> {
    let selection = Selection::of(equals("profile", profile), OBJECTS_MAX as u64 + 1);
    let users = work.tx.select(&TenantScope::All, &selection).await?;
    Ok((users, work.tx.select(&TenantScope::All, &selection).await?))
}

async fn changeable(work: &mut Work<'_>, asked: &str) -> Result<Profile, Fault> {
    let profile = find(work, asked).await?;
    if is_built_in(&profile) {
        return Err(Fault::bad(format!("the profile {} is built in and stays as it is", profile.name)));
    }
    Ok(profile)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let profile = changeable(&mut work, &id).await?;
    check_permissions(&visitor, &profile.permissions, &BTreeSet::new())?;
    let (users, shares) = holders(&mut work, &profile.name).await?;
    if !users.is_empty() || !shares.is_empty() {
        return Err(Fault::bad(format!("the profile {} is in use: give its users another one first", profile.name)));
    }
    work.remove(&profile).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
