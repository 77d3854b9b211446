//! Templates of pages.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use vigie_cases::checked_page_template;
use vigie_model::{CaseTemplate, Filter, PageTemplate, Stamp, TemplateId};

use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::page::{PageIn, PagePatchIn};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many page templates an organisation has at most.
pub(crate) const PAGE_TEMPLATES_MAX: u64 = 1_000;
/// What errors call one: its ids are those of case templates too.
const KIND: &str = "PageTemplate";

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "managePageTemplate";
    vec![
        post("/api/v1/pageTemplate", NEEDED, create),
        get("/api/v1/pageTemplate/{id}", read),
        patch("/api/v1/pageTemplate/{id}", NEEDED, change),
        delete("/api/v1/pageTemplate/{id}", NEEDED, remove),
    ]
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(input): Body<PageIn>) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    if door.store.count::<PageTemplate>(&visitor.scope, &Filter::All).await? >= PAGE_TEMPLATES_MAX {
        return Err(Fault::create(format!("too many page templates: at most {PAGE_TEMPLATES_MAX}")));
    }
    let template = checked_page_template(PageTemplate {
        id: work.id(),
        tenant: visitor.tenant.id.clone(),
        title: input.title,
        content: input.content,
        category: input.category,
        position: input.order.unwrap_or_default(),
        stamp: Stamp::new(work.by(), work.now),
    })?;
    work.create(&template).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(template, &door, &visitor).await?)).into_response())
}

/// Returns a page template, to change it.
async fn find(work: &mut Work<'_>, id: &str) -> Result<PageTemplate, Fault> {
    let missing = || Fault::not_found(KIND, id);
    let own = TemplateId::read(id).ok_or_else(missing)?;
    work.tx.get(&work.visitor.scope, &own.to_string()).await?.ok_or_else(missing)
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let missing = || Fault::not_found(KIND, &id);
    let own = TemplateId::read(&id).ok_or_else(missing)?;
    let found: Option<PageTemplate> = door.store.get(&visitor.scope, &own.to_string()).await?;
    Ok(Json(show(found.ok_or_else(missing)?, &door, &visitor).await?))
}

/// Pages that were made of it stay as they are.
async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<PagePatchIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, &id).await?;
    let was = before.clone();
    let after = checked_page_template(PageTemplate {
        title: input.title.unwrap_or(was.title),
        content: input.content.unwrap_or(was.content),
        category: input.category.unwrap_or(was.category),
        position: input.order.unwrap_or(was.position),
        ..was
    })?;
    if after != before {
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(&before, &PageTemplate { stamp, ..after }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes it out of the case templates that bring it, too.
async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let template = find(&mut work, &id).await?;
    let bring: Vec<CaseTemplate> = work.all(equals("page", template.id.to_string())).await?;
    for before in bring {
        let pages = before.pages.iter().copied().filter(|page| *page != template.id).collect();
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(&before, &CaseTemplate { pages, stamp, ..before.clone() }).await?;
    }
    work.remove(&template).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
