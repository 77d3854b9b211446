//! Where users are members, and with which profile.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Membership, TenantId, User};

use super::find;
use crate::body::Body;
use crate::door::Door;
use crate::permission::ADMIN_TENANT;
use crate::rights::Rights;
use crate::wire::organisation;
use crate::work::Work;
use crate::{Fault, Visitor};

/// In how many organisations one user may be.
pub(crate) const MEMBERSHIPS_MAX: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct Places {
    organisations: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    organisation: String,
    profile: String,
    #[serde(default)]
    default: bool,
}

/// Sets where a user is a member. What is not in the list ends, if the visitor may end it.
pub(super) async fn set(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(places): Body<Places>,
) -> Result<Json<Value>, Fault> {
    if !(1..=MEMBERSHIPS_MAX).contains(&places.organisations.len()) {
        return Err(Fault::field("organisations", format!("expected 1 to {MEMBERSHIPS_MAX} of them")));
    }
    let rights = Rights::of(&door, &visitor).await?;
    let mut memberships: Vec<Membership> = Vec::new();
    let mut shown = Vec::new();
    let default = places.organisations.iter().position(|place| place.default).unwrap_or(0);
    for (index, place) in places.organisations.into_iter().enumerate() {
        let tenant = organisation::find(&door, &rights, &place.organisation).await?;
        if memberships.iter().any(|known| known.tenant == tenant.id) {
            return Err(Fault::field("organisations", format!("{} is there twice", tenant.name)));
        }
        let profile = rights.profile(&place.profile)?.name.clone();
        let default = index == default;
        shown.push(json!({"organisation": tenant.name, "profile": profile, "default": default}));
        memberships.push(Membership { tenant: tenant.id, profile, default });
    }
    let mut work = Work::begin(&door, &visitor).await?;
    let user = find(&mut work.tx, &visitor, &id).await?;
    save(&mut work, &rights, &user, memberships).await?;
    work.commit().await?;
    Ok(Json(json!({"organisations": shown})))
}

/// Returns the memberships of a user after a change of profile, in that organisation or the visitor's or their default one,
/// and of the default.
pub(super) fn changed(
    rights: &Rights<'_>,
    visitor: &Visitor,
    user: &User,
    place: Option<TenantId>,
    profile: Option<&str>,
    default: Option<TenantId>,
) -> Result<Vec<Membership>, Fault> {
    let mut memberships = user.memberships.clone();
    if let Some(profile) = profile {
        let profile = rights.profile(profile)?.name.clone();
        let is_here = |known: &&Membership| known.tenant == visitor.tenant.id;
        let usual = memberships.iter().find(is_here).or_else(|| memberships.iter().find(|known| known.default));
        let tenant = place.or_else(|| usual.map(|known| known.tenant.clone()));
        let tenant = tenant.unwrap_or_else(|| visitor.tenant.id.clone());
        match memberships.iter_mut().find(|known| known.tenant == tenant) {
            Some(known) => known.profile = profile,
            None => memberships.push(Membership { tenant, profile, default: memberships.is_empty() }),
        }
    }
    if let Some(default) = default {
        if memberships.iter().all(|known| known.tenant != default) {
            return Err(Fault::field("defaultOrganisation", "the user is no member there"));
        }
        for membership in &mut memberships {
            membership.default = membership.tenant == default;
        }
    }
    Ok(memberships)
}

/// Saves where a user is a member, if the visitor may give and take what changes.
pub(super) async fn save(
    work: &mut Work<'_>,
    rights: &Rights<'_>,
    before: &User,
    memberships: Vec<Membership>,
) -> Result<User, Fault> {
    save_with(work, rights, before, before.clone(), memberships).await
}

/// Saves a changed user, and where they are a member.
pub(super) async fn save_with(
    work: &mut Work<'_>,
    rights: &Rights<'_>,
    before: &User,
    mut user: User,
    mut memberships: Vec<Membership>,
) -> Result<User, Fault> {
    if memberships.iter().filter(|membership| membership.default).count() != 1 {
        for (index, membership) in memberships.iter_mut().enumerate() {
            membership.default = index == 0;
        }
    }
    let is_in = |list: &[Membership], asked: &Membership| {
        list.iter().any(|known| known.tenant == asked.tenant && known.profile == asked.profile)
    };
    let given = memberships.iter().filter(|new| !is_in(&before.memberships, new));
    let taken = before.memberships.iter().filter(|old| !is_in(&memberships, old));
    let (given, taken): (Vec<_>, Vec<_>) = (given.collect(), taken.collect());
    given.iter().chain(&taken).try_for_each(|membership| rights.may_give(membership))?;
    let is_admin = |membership: &&&Membership| membership.tenant.as_str() == ADMIN_TENANT;
    let is_oneself = work.visitor.user.as_ref().is_some_and(|visitor| visitor.id == before.id);
    if is_oneself && taken.iter().any(|membership| is_admin(&membership)) {
        return Err(Fault::bad("nobody takes the platform from themselves: ask somebody else"));
    }
    if !given.is_empty() || !taken.is_empty() {
        (user.role, user.tenants) = rights.at_our_doors(Some(before), &memberships);
    }
    user.memberships = memberships;
    if user == *before {
        return Ok(user);
    }
    user.stamp = before.stamp.changed(work.by(), work.now);
    work.change(before, &user).await?;
    if user.disabled {
        work.tx.end_sessions_of(user.id).await?;
    }
    Ok(user)
}
