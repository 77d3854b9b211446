//! Templates of cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{ChangeError, PAGES_MAX, checked_template, set_fields};
use vigie_model::{CaseTemplate, Filter, PageTemplate, Selection, Stamp, TemplateId, Value as ModelValue};

use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post, put};
use crate::wire::case_template::CaseTemplateIn;
use crate::wire::fields::definitions;
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many case templates an organisation has at most.
pub(crate) const CASE_TEMPLATES_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageCaseTemplate";
    vec![
        post("/api/v1/caseTemplate", NEEDED, create),
        get("/api/v1/caseTemplate/{id}", read),
        patch("/api/v1/caseTemplate/{id}", NEEDED, change),
        delete("/api/v1/caseTemplate/{id}", NEEDED, remove),
        put("/api/v1/caseTemplate/{id}/pageTemplate/link", NEEDED, link_pages),
    ]
}

async fn create(
    State(door): State<Door>,
    visitor: Visitor,
    Body(input): Body<CaseTemplateIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    if door.store.count::<CaseTemplate>(&visitor.scope, &Filter::All).await? >= CASE_TEMPLATES_MAX {
        return Err(Fault::create(format!("too many case templates: at most {CASE_TEMPLATES_MAX}")));
    }
    let empty = empty(&work);
    let template = applied(&mut work, input, empty).await?;
    check_name(&mut work, &template).await?;
    work.create(&template).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(template, &door, &visitor).await?)).into_response())
}

fn empty(work: &Work<'_>) -> CaseTemplate {
    CaseTemplate {
        id: work.id(),
        tenant: work.visitor.tenant.id.clone(),
        name: String::new(),
        display_name: String::new(),
        description: None,
        title_prefix: None,
        severity: None,
        tags: Vec::new(),
        flag: false,
        tlp: None,
        pap: None,
        summary: None,
        tasks: Vec::new(),
        fields: Vec::new(),
        pages: Vec::new(),
        stamp: Stamp::new(work.by(), work.now),
    }
}

/// Returns the template with what the client has sent of it. Of tasks, pages and custom fields the new ones are all.
async fn applied(work: &mut Work<'_>, mut input: CaseTemplateIn, before: CaseTemplate) -> Result<CaseTemplate, Fault> {
    let fields = match input.custom_fields.take() {
        Some(given) => set_fields(&[], &given.0, &definitions(work.door).await?)?,
        None => before.fields.clone(),
    };
    let pages = match input.page_template_ids.take() {
        Some(ids) => pages_of(work, &ids).await?,
        None => before.pages.clone(),
    };
    let mut after = input.apply(before.clone());
    for task in &mut after.tasks {
        // A user who was deleted since stays where they are; nobody new is given to them.
        let is_kept = before.tasks.iter().any(|known| known.assignee == task.assignee);
        if let Some(name) = task.assignee.as_ref().filter(|_| !is_kept) {
            task.assignee = Some(work.member("tasks.assignee", name).await?);
        }
    }
    Ok(checked_template(CaseTemplate { fields, pages, ..after })?)
}

/// Returns the ids of page templates of the organisation, each once.
async fn pages_of(work: &mut Work<'_>, asked: &[String]) -> Result<Vec<TemplateId>, Fault> {
    if asked.len() > PAGES_MAX {
        return Err(ChangeError::TooMany { what: "pages", max: PAGES_MAX }.into());
    }
    let ids: Vec<Option<TemplateId>> = asked.iter().map(|asked| TemplateId::read(asked)).collect();
    let values = ids.iter().flatten().map(|id| ModelValue::Text(id.to_string())).collect();
    let found: Vec<PageTemplate> = work.all(Filter::OneOf { name: "id".to_owned(), values }).await?;
    let mut pages = Vec::new();
    for (asked, id) in asked.iter().zip(ids) {
        let id = id.filter(|id| found.iter().any(|template| template.id == *id));
        let id = id.ok_or_else(|| Fault::not_found("PageTemplate", asked))?;
        if !pages.contains(&id) {
            pages.push(id);
        }
    }
    Ok(pages)
}

/// Refuses a name that another template has.
async fn check_name(work: &mut Work<'_>, template: &CaseTemplate) -> Result<(), Fault> {
    let same: Vec<CaseTemplate> = work.all(equals("name", template.name.as_str())).await?;
    match same.iter().find(|same| same.id != template.id) {
        Some(same) => Err(Fault::create(format!("there is a case template {} already", same.name))),
        None => Ok(()),
    }
}

/// By its id, or by its name.
pub(crate) fn called(asked: &str) -> Selection {
    let filter = TemplateId::read(asked).map_or_else(|| equals("name", asked), |id| equals("id", id.to_string()));
    Selection::of(filter, 1)
}

/// Returns a case template, by its id or name.
pub(crate) async fn find(work: &mut Work<'_>, asked: &str) -> Result<CaseTemplate, Fault> {
    let found = work.tx.select(&work.visitor.scope, &called(asked)).await?.pop();
    found.ok_or_else(|| Fault::not_found(TemplateId::KIND, asked))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<CaseTemplate> = door.store.select(&visitor.scope, &called(&id)).await?.pop();
    let found = found.ok_or_else(|| Fault::not_found(TemplateId::KIND, &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

/// Cases that were made of it stay as they are.
async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CaseTemplateIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, &id).await?;
    let after = applied(&mut work, input, before.clone()).await?;
    check_name(&mut work, &after).await?;
    save(work, &before, after).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pages {
    page_template_ids: Vec<String>,
}

/// Says which page templates it brings: these, and no others.
async fn link_pages(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<Pages>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, &id).await?;
    let pages = pages_of(&mut work, &input.page_template_ids).await?;
    let after = CaseTemplate { pages, ..before.clone() };
    save(work, &before, after).await
}

async fn save(mut work: Work<'_>, before: &CaseTemplate, after: CaseTemplate) -> Result<StatusCode, Fault> {
    if after != *before {
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(before, &CaseTemplate { stamp, ..after }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let template = find(&mut work, &id).await?;
    work.remove(&template).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
