//! Who may open a case, and whose it is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use vigie_cases::{release_alert, set_access};
use vigie_model::{Access, Alert, Share, Stamp, UserId, Verb};

use super::{UPDATE, find_own, on, shares, store_change};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::route::{Route, post};
use crate::wire::case::input::AccessIn;
use crate::wire::share::Rule;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/case/{id}/access", UPDATE, change_access),
        post("/api/v1/case/{id}/owner", "manageCase/changeOwnership", change_owner),
    ]
}

#[derive(Deserialize)]
struct NewAccess {
    access: AccessIn,
}

async fn change_access(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<NewAccess>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let access = read(&work, Some(&input.access)).await?;
    let change = set_access(&case, access, &work.by(), work.now)?;
    store_change(&mut work, Verb::Update, &case, &change, &[], &[]).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns who may open a case: everybody here, or members that are named by login or id.
pub(super) async fn read(work: &Work<'_>, input: Option<&AccessIn>) -> Result<Access, Fault> {
    let Some(AccessIn::Users { users }) = input else { return Ok(Access::Tenant) };
    if users.len() > vigie_cases::ACCESS_USERS_MAX {
        return Err(Fault::field("access.users", format!("too many: at most {}", vigie_cases::ACCESS_USERS_MAX)));
    }
    let mut names = Vec::new();
    for user in users {
        let name = match UserId::read(user) {
            Some(id) => work.door.store.user(id).await?.map(|user| user.name),
            None => None,
        };
        names.push(work.member("access.users", name.as_deref().unwrap_or(user)).await?);
    }
    Ok(Access::Users(names))
}

/// To whom a case is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOwner {
    /// By name or id.
    organisation: String,
    /// What the organisation that gives it away may do with it from then on; nothing where it says nothing.
    keep_profile: Option<String>,
    #[serde(rename = "taskRule")]
    _task_rule: Option<Rule>,
    #[serde(rename = "observableRule")]
    _observable_rule: Option<Rule>,
}

/// Gives a case, and all that is on it, to an organisation that this one is linked with. Its alerts stay here.
async fn change_owner(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<NewOwner>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let to = shares::partner(&work, &input.organisation).await?;
    if to == visitor.tenant.id {
        return Ok(StatusCode::NO_CONTENT);
    }
    let keeps = match &input.keep_profile {
        Some(name) => Some(shares::profile(&work, Some(name)).await?),
        None => None,
    };
    let alerts: Vec<Alert> = work.all(on(case.id)).await?;
    for alert in alerts {
        let free = release_alert(&alert, &work.by(), work.now);
        work.change(&alert, &free).await?;
    }
    // The new owner sees it as its own; the shares with others stay, and say whose it is.
    let shares: Vec<Share> = work.all(on(case.id)).await?;
    let mut given = case.clone();
    given.tenant = to.clone();
    given.number = work.tx.next_case_number(&to).await?;
    given.assignee = None;
    given.desk.access = Access::Tenant;
    given.desk.updated_by = Some(work.by());
    given.updated = work.now;
    given.version += 1;
    for share in &shares {
        work.remove(share).await?;
    }
    work.give_case(&case, &given).await?;
    let kept = keeps.map(|profile| (visitor.tenant.id.clone(), profile));
    let others = shares.iter().filter(|share| share.tenant != to);
    let others = others.map(|share| (share.tenant.clone(), share.profile.clone()));
    for (tenant, profile) in kept.into_iter().chain(others) {
        let id = Share::id_of(case.id, &tenant);
        let stamp = Stamp::new(work.by(), work.now);
        work.create(&Share { id, owner: to.clone(), case: case.id, tenant, profile, stamp }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
