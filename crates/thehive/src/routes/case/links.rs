//! Links between cases, to pages elsewhere, and by what cases have in common.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{PARTS_MAX, checked_link};
use vigie_model::{
    Case, CaseId, CaseLink, Filter, LinkId, LinkTarget, Observable, Parent, Selection, Stamp, Value as ModelValue,
};

use super::{UPDATE, find, look_up, on};
use crate::body::Body;
use crate::door::Door;
use crate::route::{Route, get, post};
use crate::routes::alert::shared;
use crate::wire::Wire as _;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many observables of other cases are looked at, and how many links are looked through for their kinds.
const SHARED_MAX: u32 = 5_000;
/// How many cases are shown that are like one.
const LINKED_CASES_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/case/{id}/links", alike),
        get("/api/v1/case/{id}/similar/{other}/observables", similar),
        get("/api/v1/case/link/types", kinds),
        post("/api/v1/case/{id}/link/case/add", UPDATE, add_case),
        post("/api/v1/case/{id}/link/case/remove", UPDATE, remove_case),
        post("/api/v1/case/{id}/link/external/add", UPDATE, add_page),
        post("/api/v1/case/{id}/link/external/remove", UPDATE, remove_page),
    ]
}

/// Shows the cases that share observables with one, those with the most first, with what they share.
async fn alike(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    let observables = door.store.shared_observables(&visitor.scope, case.id, SHARED_MAX).await?;
    let mut by_case: HashMap<CaseId, Vec<Observable>> = HashMap::new();
    for observable in observables {
        if let Parent::Case(other) = observable.on {
            by_case.entry(other).or_default().push(observable);
        }
    }
    let mut order: Vec<(CaseId, Vec<Observable>)> = by_case.into_iter().collect();
    order.sort_by_key(|(case, shared)| (std::cmp::Reverse(shared.len()), *case));
    order.truncate(LINKED_CASES_MAX);
    let values = order.iter().map(|(case, _)| ModelValue::Text(case.to_string())).collect();
    let filter = Filter::OneOf { name: "id".to_owned(), values };
    let cases: Vec<Case> = door.store.select(&visitor.scope, &Selection::of(filter, LINKED_CASES_MAX as u64)).await?;
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut shown: HashMap<CaseId, Value> =
        ids.into_iter().zip(Case::show(cases, &door, &visitor, &[]).await?).collect();
    let mut linked = Vec::new();
    for (case, shared) in order {
        let Some(mut shown) = shown.remove(&case) else { continue };
        shown["linksCount"] = shared.len().into();
        shown["linkedWith"] = Observable::show(shared, &door, &visitor, &[]).await?.into();
        linked.push(shown);
    }
    Ok(Json(linked.into()))
}

/// Shows the observables of another alert or case that this case has too.
async fn similar(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, other)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let case = look_up(&door, &visitor, &id).await?;
    let shared = shared(&door, &visitor, &on(case.id), &other).await?;
    Ok(Json(Observable::show(shared, &door, &visitor, &[]).await?.into()))
}

/// Shows the kinds of links that the organisation has used.
async fn kinds(State(door): State<Door>, visitor: Visitor) -> Result<Json<Vec<String>>, Fault> {
    let all = Selection::of(Filter::All, SHARED_MAX.into());
    let links: Vec<CaseLink> = door.store.select(&visitor.scope, &all).await?;
    let mut kinds: Vec<String> = links.into_iter().map(|link| link.kind).collect();
    kinds.sort();
    kinds.dedup();
    Ok(Json(kinds))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToCase {
    #[serde(rename = "type")]
    kind: String,
    case_id: String,
}

#[derive(Deserialize)]
struct ToPage {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}

async fn add_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ToCase>,
) -> Result<StatusCode, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    add(work, &id, input.kind, To::Case(&input.case_id)).await
}

async fn add_page(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ToPage>,
) -> Result<StatusCode, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    add(work, &id, input.kind, To::Page(input.url)).await
}

async fn remove_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ToCase>,
) -> Result<StatusCode, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    remove(work, &id, input.kind, To::Case(&input.case_id)).await
}

async fn remove_page(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ToPage>,
) -> Result<StatusCode, Fault> {
    let work = Work::begin(&door, &visitor).await?;
    remove(work, &id, input.kind, To::Page(input.url)).await
}

/// What a link leads to, as a client names it.
enum To<'a> {
    Case(&'a str),
    Page(String),
}

async fn link(work: &mut Work<'_>, id: &str, kind: String, to: To<'_>) -> Result<CaseLink, Fault> {
    let case = find(work, id).await?;
    let target = match to {
        To::Case(other) => LinkTarget::Linked(find(work, other).await?.id),
        To::Page(url) => LinkTarget::Url(url),
    };
    let stamp = Stamp::new(work.by(), work.now);
    let link = CaseLink { id: LinkId::derive([""]), tenant: case.tenant, case: case.id, kind, target, stamp };
    Ok(checked_link(link)?)
}

/// Adds a link; one that is there already stays.
async fn add(mut work: Work<'_>, id: &str, kind: String, to: To<'_>) -> Result<StatusCode, Fault> {
    let link = link(&mut work, id, kind, to).await?;
    let known: Vec<CaseLink> = work.all(on(link.case)).await?;
    if known.iter().all(|known| known.id != link.id) {
        if known.len() >= PARTS_MAX {
            return Err(Fault::create(format!("too many links: at most {PARTS_MAX} on one case")));
        }
        work.create(&link).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(mut work: Work<'_>, id: &str, kind: String, to: To<'_>) -> Result<StatusCode, Fault> {
    let link = link(&mut work, id, kind, to).await?;
    let known: Option<CaseLink> = work.tx.get(&work.visitor.scope, &link.id.to_string()).await?;
    let known = known.ok_or_else(|| Fault::not_found("Link", &link.kind))?;
    work.remove(&known).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
