//! Sharing cases with organisations that this one is linked with.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Case, CaseId, ObservableId, Parent, Selection, Share, ShareId, Stamp, TenantId};

use super::{find_own, look_up, on};
use crate::body::Body;
use crate::door::Door;
use crate::gate::profile_named;
use crate::id::{WireId as _, tenant_wire};
use crate::query::{both, equals, not};
use crate::route::{Route, delete, get, post, put};
use crate::wire::Wire as _;
use crate::wire::share::ShareIn;
use crate::work::Work;
use crate::{Fault, Visitor};

/// With how many organisations a case is shared at most.
const SHARES_MAX: usize = 1_000;
/// What another organisation may do unless somebody says more.
pub(super) const USUAL_PROFILE: &str = "read-only";

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageShare";
    vec![
        get("/api/v1/case/{id}/shares", list),
        post("/api/v1/case/{id}/shares", NEEDED, create),
        put("/api/v1/case/{id}/shares", NEEDED, set),
        delete("/api/v1/case/{id}/shares", NEEDED, remove_from),
        delete("/api/v1/case/share/{share}", NEEDED, remove),
    ]
}

/// Shows with whom a case is shared. Clients ask so for an observable too, by its id: it is shared with its case.
async fn list(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let case = match look_up(&door, &visitor, &id).await {
        Ok(case) => case.id,
        Err(fault) => of_observable(&door, &visitor, &id).await?.ok_or(fault)?,
    };
    let selection = Selection::of(both(on(case), not(equals("tenant", visitor.tenant.id.as_str()))), SHARES_MAX as u64);
    let shares: Vec<Share> = door.store.select(&visitor.scope, &selection).await?;
    Ok(Json(Share::show(shares, &door, &visitor, &[]).await?.into()))
}

async fn of_observable(door: &Door, visitor: &Visitor, id: &str) -> Result<Option<CaseId>, Fault> {
    let Some(id) = ObservableId::read(id) else { return Ok(None) };
    let found: Option<vigie_model::Observable> = door.store.get(&visitor.scope, &id.to_string()).await?;
    Ok(found.and_then(|observable| match observable.on {
        Parent::Case(case) => Some(case),
        Parent::Alert(_) => None,
    }))
}

#[derive(Deserialize)]
struct SharesIn {
    shares: Vec<ShareIn>,
}

/// Shares a case with more organisations; shares that are there stay as they are.
async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<SharesIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let shares = add(&mut work, &case, &input.shares).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(Share::show(shares, &door, &visitor, &[]).await?)).into_response())
}

/// Shares a case with these organisations and no others.
async fn set(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<SharesIn>,
) -> Result<Json<Value>, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let wanted = wanted(&work, &case, &input.shares).await?;
    let known: Vec<Share> = work.all(on(case.id)).await?;
    for share in known.iter().filter(|share| wanted.iter().all(|wanted| wanted.tenant != share.tenant)) {
        work.remove(share).await?;
    }
    let mut shares = Vec::new();
    for share in wanted {
        match known.iter().find(|known| known.tenant == share.tenant) {
            None => work.create(&share).await?,
            Some(known) if known.profile == share.profile => {
                shares.push(known.clone());
                continue;
            }
            Some(known) => work.change(known, &share).await?,
        }
        shares.push(share);
    }
    work.commit().await?;
    Ok(Json(Share::show(shares, &door, &visitor, &[]).await?.into()))
}

/// Shares a case of the visitor's organisation with more. Returns the new shares.
pub(crate) async fn add(work: &mut Work<'_>, case: &Case, shares: &[ShareIn]) -> Result<Vec<Share>, Fault> {
    if shares.is_empty() {
        return Ok(Vec::new());
    }
    work.require(case, "manageShare").await?;
    let mut new = wanted(work, case, shares).await?;
    let known: Vec<Share> = work.all(on(case.id)).await?;
    new.retain(|share| known.iter().all(|known| known.tenant != share.tenant));
    if known.len() + new.len() > SHARES_MAX {
        return Err(Fault::field("shares", format!("too many: at most {SHARES_MAX}")));
    }
    for share in &new {
        work.create(share).await?;
    }
    Ok(new)
}

/// Returns the shares that a client asks for, each organisation once. A case is not shared with its owner.
async fn wanted(work: &Work<'_>, case: &Case, shares: &[ShareIn]) -> Result<Vec<Share>, Fault> {
    if shares.len() > SHARES_MAX {
        return Err(Fault::field("shares", format!("too many: at most {SHARES_MAX}")));
    }
    let mut wanted: Vec<Share> = Vec::new();
    for share in shares.iter().filter(|share| share.share != Some(false)) {
        let tenant = partner(work, &share.organisation).await?;
        if tenant == case.tenant || wanted.iter().any(|known| known.tenant == tenant) {
            continue;
        }
        wanted.push(Share {
            id: Share::id_of(case.id, &tenant),
            owner: case.tenant.clone(),
            case: case.id,
            tenant,
            profile: profile(work, share.profile.as_deref()).await?,
            stamp: Stamp::new(work.by(), work.now),
        });
    }
    Ok(wanted)
}

/// Returns the visitor's organisation or one that it is linked with, by name or id. Of others nobody learns whether they are
/// there.
pub(super) async fn partner(work: &Work<'_>, asked: &str) -> Result<TenantId, Fault> {
    let own = &work.visitor.tenant;
    let is_it = |tenant: &vigie_model::Tenant| {
        tenant.id.as_str() == asked || tenant.name.eq_ignore_ascii_case(asked) || tenant_wire(&tenant.id) == asked
    };
    if is_it(own) {
        return Ok(own.id.clone());
    }
    let tenants = work.door.store.tenants().await?;
    let found = tenants.into_iter().find(|tenant| own.links.contains(&tenant.id) && is_it(tenant));
    found.map(|tenant| tenant.id).ok_or_else(|| Fault::not_found("Organisation", asked))
}

/// Returns the name of a profile, or of the one that allows nothing but to read.
pub(super) async fn profile(work: &Work<'_>, asked: Option<&str>) -> Result<String, Fault> {
    let asked = asked.unwrap_or(USUAL_PROFILE);
    let found = profile_named(work.door, asked).await?;
    found.map(|profile| profile.name).ok_or_else(|| {
        let asked: String = asked.chars().take(80).collect();
        Fault::field("profile", format!("there is no profile {asked}"))
    })
}

#[derive(Deserialize)]
struct Organisations {
    organisations: Vec<String>,
}

async fn remove_from(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let shares: Vec<Share> = work.all(on(case.id)).await?;
    let tenants = door.store.tenants().await?;
    for asked in &input.organisations {
        // A share may be older than the end of the link, so the organisation need not be a partner.
        let is_it = |tenant: &vigie_model::Tenant| {
            tenant.id.as_str() == asked || tenant.name.eq_ignore_ascii_case(asked) || tenant_wire(&tenant.id) == *asked
        };
        let share = shares.iter().find(|share| tenants.iter().any(|tenant| tenant.id == share.tenant && is_it(tenant)));
        work.remove(share.ok_or_else(|| Fault::not_found("Share", asked))?).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(share): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let found: Share = work.get(ShareId::expect(&share)?).await?;
    // With whom it is shared may see the share, and is not its owner.
    if found.owner != visitor.tenant.id {
        return Err(Fault::forbidden("the case is another organisation's: only they end what they share"));
    }
    work.remove(&found).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
