//! Pages of cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use vigie_cases::{ChangeError, PAGES_MAX, checked_page};
use vigie_model::{Case, CasePage, Direction, PageId, Selection, Sort, Stamp};

use super::case;
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::page::{PageIn, PagePatchIn};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "managePage";
    vec![
        post("/api/v1/case/{id}/page", NEEDED, create),
        get("/api/v1/case/{id}/page/{page}", read),
        patch("/api/v1/case/{id}/page/{page}", NEEDED, change),
        delete("/api/v1/case/{id}/page/{page}", NEEDED, remove),
    ]
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<PageIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    let page = add(&mut work, &case, vec![input]).await?.pop().ok_or_else(|| Fault::bad("there is no page to add"))?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(page, &door, &visitor).await?)).into_response())
}

/// Puts pages on a case, after those that it has unless they say where.
pub(crate) async fn add(work: &mut Work<'_>, case: &Case, input: Vec<PageIn>) -> Result<Vec<CasePage>, Fault> {
    let on = equals("case", case.id.to_string());
    let there = work.door.store.count::<CasePage>(work.scope(), &on).await?;
    if there + input.len() as u64 > PAGES_MAX as u64 {
        return Err(ChangeError::TooMany { what: "pages", max: PAGES_MAX }.into());
    }
    let last = Sort { field: "position".to_owned(), direction: Direction::Descending };
    let last = Selection { sorts: vec![last], ..Selection::of(on, 1) };
    let last: Vec<CasePage> = work.tx.select(&work.visitor.scope, &last).await?;
    let mut next = last.first().map_or(0, |page| page.position.saturating_add(1));
    let mut pages = Vec::new();
    for page in input {
        let position = page.order.unwrap_or(next);
        next = next.max(position.saturating_add(1));
        pages.push(checked_page(CasePage {
            id: work.id(),
            tenant: case.tenant.clone(),
            case: case.id,
            title: page.title,
            content: page.content,
            position,
            category: page.category,
            stamp: Stamp::new(work.by(), work.now),
        })?);
    }
    work.create_all(&pages).await?;
    Ok(pages)
}

/// Returns a page of this case, to change it.
async fn find(work: &mut Work<'_>, case: &str, id: &str) -> Result<CasePage, Fault> {
    let case = case::find(work, case).await?;
    let page: CasePage = work.get(PageId::expect(id)?).await?;
    if page.case == case.id { Ok(page) } else { Err(Fault::not_found(PageId::KIND, id)) }
}

async fn read(
    State(door): State<Door>,
    visitor: Visitor,
    Path((case, id)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let case = case::look_up(&door, &visitor, &case).await?;
    let found: Option<CasePage> = door.store.get(&visitor.scope, &PageId::expect(&id)?.to_string()).await?;
    let found = found.filter(|page| page.case == case.id);
    let found = found.ok_or_else(|| Fault::not_found(PageId::KIND, &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path((case, id)): Path<(String, String)>,
    Body(input): Body<PagePatchIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, &case, &id).await?;
    let was = before.clone();
    let after = checked_page(CasePage {
        title: input.title.unwrap_or(was.title),
        content: input.content.unwrap_or(was.content),
        category: input.category.unwrap_or(was.category),
        position: input.order.unwrap_or(was.position),
        ..was
    })?;
    if after != before {
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(&before, &CasePage { stamp, ..after }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(door): State<Door>,
    visitor: Visitor,
    Path((case, id)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let page = find(&mut work, &case, &id).await?;
    work.remove(&page).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
