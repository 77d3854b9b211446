//! Organisations, which are our tenants, and with whom they may share cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Selection, Stamp, Tenant, TenantId, TenantScope};

use super::user::check_name;
use crate::body::Body;
use crate::door::Door;
use crate::permission::ADMIN_TENANT;
use crate::query::value::equals;
use crate::rights::Rights;
use crate::route::{Route, delete, get, patch, post, put};
use crate::wire::{Wire as _, organisation, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

/// How long a description may be, in characters.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 10_000;
/// How long an id made of a name is: as long as an id of a tenant may be, less a number.
const SLUG_BYTES_MAX: usize = 58;

pub(super) fn routes() -> Vec<Route> {
    const PERMISSION: &str = "manageOrganisation";
    vec![
        post("/api/v1/organisation", PERMISSION, create),
        get("/api/v1/organisation/{id}", read),
        patch("/api/v1/organisation/{id}", PERMISSION, change),
        get("/api/v1/organisation/{id}/links", read_links),
        put("/api/v1/organisation/{id}/links", PERMISSION, set_links),
        put("/api/v1/organisation/{id}/link/{other}", PERMISSION, link),
        delete("/api/v1/organisation/{id}/link/{other}", PERMISSION, unlink),
        get("/api/v1/organisation/{id}/avatar/{hash}", no_avatar),
        get("/api/v1/sharingProfile", sharing_profiles),
    ]
}

/// Returns the organisation of this name or id: any for who runs the platform, else only the visitor's.
async fn find(door: &Door, visitor: &Visitor, asked: &str) -> Result<Tenant, Fault> {
    let rights = Rights::of(door, visitor).await?;
    let found = organisation::find(door, &rights, asked).await?;
    if visitor.administers() || found.id == visitor.tenant.id {
        return Ok(found);
    }
    Err(Fault::not_found("Organisation", asked))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let tenant = find(&door, &visitor, &id).await?;
    Ok(Json(show(tenant, &door, &visitor).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOrganisation {
    name: String,
    #[serde(default)]
    description: String,
    task_rule: Option<String>,
    observable_rule: Option<String>,
    #[serde(default)]
    locked: bool,
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Body(new): Body<NewOrganisation>,
) -> Result<Response, Fault> {
    check_name("name", &new.name)?;
    check_description(&new.description)?;
    check_rule("taskRule", new.task_rule.as_deref())?;
    check_rule("observableRule", new.observable_rule.as_deref())?;
    let mut work = Work::begin(&door, &visitor).await?;
    check_free(&mut work, &new.name, None).await?;
    let id = free_id(&mut work, &new.name).await?;
    let tenant = Tenant {
        id,
        name: new.name,
        description: new.description,
        links: Vec::new(),
        locked: new.locked,
        stamp: Stamp::new(work.by(), work.now),
    };
    work.create(&tenant).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(tenant, &door, &visitor).await?)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganisationChange {
    name: Option<String>,
    description: Option<String>,
    task_rule: Option<String>,
    observable_rule: Option<String>,
    locked: Option<bool>,
    avatar: Option<Value>,
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(change): Body<OrganisationChange>,
) -> Result<StatusCode, Fault> {
    check_rule("taskRule", change.task_rule.as_deref())?;
    check_rule("observableRule", change.observable_rule.as_deref())?;
    if change.avatar.is_some_and(|avatar| !avatar.is_null()) {
        return Err(Fault::field("avatar", "pictures of organisations are not kept"));
    }
    let id = find(&door, &visitor, &id).await?.id;
    let mut work = Work::begin(&door, &visitor).await?;
    let before = again(&mut work, &id).await?;
    let mut after = before.clone();
    if let Some(name) = change.name {
        check_name("name", &name)?;
        check_free(&mut work, &name, Some(&id)).await?;
        after.name = name;
    }
    if let Some(description) = change.description {
        check_description(&description)?;
        after.description = description;
    }
    after.locked = change.locked.unwrap_or(after.locked);
    if id.as_str() == ADMIN_TENANT && (after.locked || after.name != before.name) {
        return Err(Fault::bad("the organisation admin runs the platform: it keeps its name and is never locked"));
    }
    save(&mut work, &before, after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn save(work: &mut Work<'_>, before: &Tenant, after: Tenant) -> Result<(), Fault> {
    if *before == after {
        return Ok(());
    }
    let stamp = before.stamp.changed(work.by(), work.now);
    work.change(before, &Tenant { stamp, ..after }).await
}

/// Returns an organisation as it is in this change.
async fn again(work: &mut Work<'_>, id: &TenantId) -> Result<Tenant, Fault> {
    let found = work.tx.get(&TenantScope::All, id.as_str()).await?;
    found.ok_or_else(|| Fault::not_found("Organisation", id.as_str()))
}

fn check_description(description: &str) -> Result<(), Fault> {
    if description.chars().count() <= DESCRIPTION_CHARS_MAX {
        return Ok(());
    }
    Err(Fault::field("description", format!("too long: at most {DESCRIPTION_CHARS_MAX} characters")))
}

/// Cases are shared by hand, whole or not at all.
fn check_rule(field: &str, rule: Option<&str>) -> Result<(), Fault> {
    match rule {
        None | Some("manual") => Ok(()),
        Some(_) => Err(Fault::field(field, "there is one rule, manual: somebody shares a case, then all of it")),
    }
}

async fn check_free(work: &mut Work<'_>, name: &str, own: Option<&TenantId>) -> Result<(), Fault> {
    let named: Vec<Tenant> = work.tx.select(&TenantScope::All, &Selection::of(equals("name", name), 2)).await?;
    let by_id: Option<Tenant> = work.tx.get(&TenantScope::All, &name.to_ascii_lowercase()).await?;
    if named.iter().chain(&by_id).all(|known| own == Some(&known.id)) {
        return Ok(());
    }
    Err(Fault::create(format!("there is an organisation {name} already")))
}

/// Returns an id for an organisation: its name in the letters that an id has, and a number where that is taken.
async fn free_id(work: &mut Work<'_>, name: &str) -> Result<TenantId, Fault> {
    let slug = slug(name);
    for number in 1..=OBJECTS_MAX {
        let id = if number == 1 { slug.clone() } else { format!("{slug}-{number}") };
        let id = TenantId::new(&id).map_err(|error| Fault::field("name", error))?;
        if work.tx.get::<Tenant>(&TenantScope::All, id.as_str()).await?.is_none() {
            return Ok(id);
        }
    }
    Err(Fault::create(format!("too many organisations are called like {name}: choose another name")))
}

fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        let lower = character.to_ascii_lowercase();
        if lower.is_ascii_lowercase() || lower.is_ascii_digit() || lower == '_' {
            slug.push(lower);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches(['-', '_']).chars().take(SLUG_BYTES_MAX).collect();
    if slug.is_empty() { "organisation".to_owned() } else { slug }
}

/// A link is between two organisations and has one type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    to_organisation: String,
}

#[derive(Deserialize)]
struct Links {
    links: Vec<Link>,
}

async fn read_links(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let tenant = find(&door, &visitor, &id).await?;
    let linked = door.store.tenants().await?.into_iter().filter(|other| tenant.links.contains(&other.id)).collect();
    let shown = Tenant::show(linked, &door, &visitor, &[]).await?;
    let link = |other| json!({"linkType": "default", "otherLinkType": "default", "organisation": other});
    Ok(Json(shown.into_iter().map(link).collect()))
}

async fn link(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, other)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let (id, other) = (find(&door, &visitor, &id).await?.id, find(&door, &visitor, &other).await?.id);
    let mut work = Work::begin(&door, &visitor).await?;
    tie(&mut work, &id, &other, true).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unlink(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, other)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let (id, other) = (find(&door, &visitor, &id).await?.id, find(&door, &visitor, &other).await?.id);
    let mut work = Work::begin(&door, &visitor).await?;
    tie(&mut work, &id, &other, false).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the links of an organisation these and no others.
async fn set_links(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(links): Body<Links>,
) -> Result<StatusCode, Fault> {
    if links.links.len() > OBJECTS_MAX {
        return Err(Fault::field("links", format!("too many: at most {OBJECTS_MAX}")));
    }
    let id = find(&door, &visitor, &id).await?.id;
    let mut wanted = Vec::new();
    for link in &links.links {
        wanted.push(find(&door, &visitor, &link.to_organisation).await?.id);
    }
    let mut work = Work::begin(&door, &visitor).await?;
    let known = again(&mut work, &id).await?.links;
    for gone in known.iter().filter(|known| !wanted.contains(known)) {
        tie(&mut work, &id, gone, false).await?;
    }
    for new in wanted.iter().filter(|wanted| !known.contains(wanted)) {
        tie(&mut work, &id, new, true).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ties or unties two organisations, at both ends.
async fn tie(work: &mut Work<'_>, one: &TenantId, other: &TenantId, tied: bool) -> Result<(), Fault> {
    if one == other {
        return Err(Fault::bad("an organisation has no link to itself"));
    }
    for (from, to) in [(one, other), (other, one)] {
        let before = again(work, from).await?;
        let mut after = before.clone();
        after.links.retain(|known| known != to);
        if tied {
            after.links.push(to.clone());
        }
        save(work, &before, after).await?;
    }
    Ok(())
}

async fn no_avatar(Path((id, _)): Path<(String, String)>) -> Fault {
    Fault::not_found("Avatar of", &id)
}

/// There is one way to share a case: by hand, all of it.
async fn sharing_profiles() -> Json<Value> {
    Json(json!([{
        "name": "default",
        "description": "A case is shared by hand, with its tasks and observables.",
        "autoShare": false,
        "editable": false,
        "permissionProfile": "analyst",
        "taskRule": "manual",
        "observableRule": "manual",
    }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        for (name, id) in [
            ("main-org", "main-org"),
            ("ACME  Corp. (Paris)", "acme-corp-paris"),
            ("_x_", "x"),
            ("株式会社", "organisation"),
            (&"a".repeat(100), &"a".repeat(SLUG_BYTES_MAX)),
        ] {
            assert_eq!(slug(name), id);
            TenantId::new(&slug(name)).unwrap();
        }
    }
}
