//! Templates on cases that are there.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use vigie_cases::{NewTask, PAGES_MAX, TakeOver, WhichTasks, apply_template, page_of, template_tasks};
use vigie_model::{Case, CasePage, CaseTemplate, Filter, PageTemplate, Task, TaskId, TemplateId, Value as ModelValue};

use super::create::add_tasks;
use super::{UPDATE, find as find_case, on};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{both, equals};
use crate::route::{Route, post};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![post("/api/v1/case/_bulk/caseTemplate", UPDATE, apply)]
}

/// Which cases take over what of which template.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Applying {
    ids: Vec<String>,
    case_template: String,
    #[serde(default)]
    update_title_prefix: bool,
    #[serde(default)]
    update_description: bool,
    #[serde(default)]
    update_tags: bool,
    #[serde(default)]
    update_severity: bool,
    #[serde(default)]
    update_flag: bool,
    #[serde(default)]
    update_tlp: bool,
    #[serde(default)]
    update_pap: bool,
    #[serde(default)]
    update_custom_fields: bool,
    /// By the template's ids for them, or by title.
    #[serde(default)]
    import_tasks: Vec<String>,
    /// By the ids of the page templates.
    #[serde(default)]
    import_pages: Vec<String>,
}

async fn apply(State(door): State<Door>, visitor: Visitor, Body(input): Body<Applying>) -> Result<StatusCode, Fault> {
    if input.ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let mut work = Work::begin(&door, &visitor).await?;
    let template = find(&mut work, &input.case_template).await?;
    for id in &input.ids {
        let case = find_case(&mut work, id).await?;
        apply_to(&mut work, &case, &template, &input).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn apply_to(work: &mut Work<'_>, before: &Case, template: &CaseTemplate, input: &Applying) -> Result<(), Fault> {
    let take = TakeOver {
        title_prefix: input.update_title_prefix,
        description: input.update_description,
        tags: input.update_tags,
        severity: input.update_severity,
        flag: input.update_flag,
        tlp: input.update_tlp,
        pap: input.update_pap,
        fields: input.update_custom_fields,
        summary: false,
    };
    let after = apply_template(before, template, take, &work.by(), work.now)?;
    work.change(before, &after).await?;
    if !input.import_tasks.is_empty() {
        let ids: Vec<TaskId> = input.import_tasks.iter().filter_map(|id| TaskId::read(id)).collect();
        let mut new = template_tasks(template, WhichTasks::Named(&ids, &input.import_tasks));
        keep_members(work, &mut new).await;
        let known: Vec<Task> = work.all(on(before.id)).await?;
        add_tasks(work, &after, &known, new).await?;
    }
    let pages: Vec<TemplateId> = input.import_pages.iter().filter_map(|id| TemplateId::read(id)).collect();
    let pages = pages_of(work, &after, &pages, template).await?;
    let known = work
        .tx
        .select::<CasePage>(&work.visitor.scope, &vigie_model::Selection::of(on(before.id), PAGES_MAX as u64 + 1))
        .await?;
    if known.len() + pages.len() > PAGES_MAX {
        return Err(Fault::field("importPages", format!("too many pages: at most {PAGES_MAX} on one case")));
    }
    work.create_all(&pages).await
}

async fn pages_of(
    work: &mut Work<'_>,
    case: &Case,
    wanted: &[TemplateId],
    template: &CaseTemplate,
) -> Result<Vec<CasePage>, Fault> {
    let wanted: Vec<TemplateId> = wanted.iter().copied().filter(|id| template.pages.contains(id)).collect();
    pages(work, case, &wanted).await
}

/// Returns a template of the visitor's organisation by its id or name.
pub(crate) async fn find(work: &mut Work<'_>, asked: &str) -> Result<CaseTemplate, Fault> {
    let filter = match TemplateId::read(asked) {
        Some(id) => equals("id", id.to_string()),
        None => equals("name", asked),
    };
    let found = work.all(both(equals("tenant", work.visitor.tenant.id.as_str()), filter)).await?;
    found.into_iter().next().ok_or_else(|| Fault::not_found("CaseTemplate", asked))
}

/// Leaves out whom a template gives tasks to and who is not here any more.
pub(super) async fn keep_members(work: &Work<'_>, tasks: &mut [NewTask]) {
    for task in tasks {
        if let Some(name) = &task.assignee {
            task.assignee = work.member("assignee", name).await.ok();
        }
    }
}

/// Returns the pages that page templates make on a case, in their order. One that is gone makes none.
pub(super) async fn pages(work: &mut Work<'_>, case: &Case, ids: &[TemplateId]) -> Result<Vec<CasePage>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values = ids.iter().map(|id| ModelValue::Text(id.to_string())).collect();
    let found: Vec<PageTemplate> = work.all(Filter::OneOf { name: "id".to_owned(), values }).await?;
    let (by, now) = (work.by(), work.now);
    let found = ids.iter().filter_map(|id| found.iter().find(|page| page.id == *id));
    Ok(found.map(|page| page_of(page, case, work.id(), &by, now)).collect())
}
