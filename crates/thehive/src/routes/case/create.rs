//! Opening a case.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use vigie_cases::{
    CaseWord, NewDeskCase, NewTask, PAGES_MAX, TakeOver, WhichTasks, checked_page, new_desk_case, new_tasks,
    set_fields, take_over, template_tasks,
};
use vigie_model::{Case, CasePage, CaseTemplate, Stamp, Task};

use super::{access, shares, template};
use crate::body::Body;
use crate::door::Door;
use crate::route::{Route, post};
use crate::time::read_time;
use crate::wire::case::input::{CaseIn, read_impact, read_word};
use crate::wire::fields::{FieldsIn, definitions};
use crate::wire::page::PageIn;
use crate::wire::rank::USUAL_SEVERITY;
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![post("/api/v1/case", "manageCase/create", create)]
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(input): Body<CaseIn>) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = open_as_sent(&mut work, input).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(case, &door, &visitor).await?)).into_response())
}

/// Opens a case as a client has sent it, and shares it.
pub(crate) async fn open_as_sent(work: &mut Work<'_>, input: CaseIn) -> Result<Case, Fault> {
    let shares = input.sharing_parameters.clone().unwrap_or_default();
    let opening = opening(work, input).await?;
    let case = open(work, opening).await?;
    shares::add(work, &case, &shares).await?;
    Ok(case)
}

/// A case that is about to be opened, and what comes with it.
pub(crate) struct Opening {
    /// The case; its number is given by [`open`].
    pub(crate) case: NewDeskCase,
    /// The template that it is opened with, and what it takes over of that.
    pub(crate) template: Option<(CaseTemplate, TakeOver)>,
    /// Its own tasks, after those of the template.
    pub(crate) tasks: Vec<NewTask>,
    /// Its own pages.
    pub(crate) pages: Vec<PageIn>,
}

/// Reads what a client has sent, and looks up whom and what it names.
pub(crate) async fn opening(work: &mut Work<'_>, input: CaseIn) -> Result<Opening, Fault> {
    let now = work.now;
    let time = |field: &str, value: &Option<serde_json::Value>| {
        value.as_ref().map(|value| read_time(field, value)).transpose()
    };
    let template = match &input.case_template {
        Some(name) => {
            let severity = input.severity.map(|severity| severity.0);
            let take = TakeOver::of_new(severity, input.tlp.is_some(), input.pap.is_some());
            Some((template::find(work, name).await?, take))
        }
        None => None,
    };
    let assignee = match &input.assignee {
        Some(name) => Some(work.member("assignee", name).await?),
        None => None,
    };
    let mut tasks = Vec::new();
    for task in input.tasks.unwrap_or_default() {
        let mut task = task.new_task()?;
        if let Some(name) = &task.assignee {
            task.assignee = Some(work.member("tasks.assignee", name).await?);
        }
        tasks.push(task);
    }
    let fields = input.custom_fields.unwrap_or_default();
    let case = NewDeskCase {
        id: work.id(),
        tenant: work.visitor.tenant.id.clone(),
        number: 0,
        title: input.title,
        description: input.description,
        severity: input.severity.map_or(USUAL_SEVERITY, |severity| severity.0),
        started: time("startDate", &input.start_date)?.unwrap_or(now),
        ended: time("endDate", &input.end_date)?,
        tags: input.tags.unwrap_or_default(),
        flag: input.flag.unwrap_or_default(),
        tlp: input.tlp.map(|tlp| tlp.0).unwrap_or_default(),
        pap: input.pap.map(|pap| pap.0).unwrap_or_default(),
        word: input.status.as_deref().map_or(Ok(CaseWord::New), read_word)?,
        summary: input.summary,
        impact: input.impact_status.as_deref().map(read_impact).transpose()?,
        assignee,
        access: access::read(work, input.access.as_ref()).await?,
        fields: given(work, &fields).await?,
        by: work.by(),
        now,
    };
    Ok(Opening { case, template, tasks, pages: input.pages.unwrap_or_default() })
}

async fn given(work: &Work<'_>, fields: &FieldsIn) -> Result<Vec<vigie_model::NamedValue>, Fault> {
    let known = if fields.0.is_empty() { Vec::new() } else { definitions(work.door).await? };
    Ok(set_fields(&[], &fields.0, &known)?)
}

/// Opens a case with all that comes with it, under the organisation's next number.
pub(crate) async fn open(work: &mut Work<'_>, opening: Opening) -> Result<Case, Fault> {
    let Opening { mut case, template, tasks, pages } = opening;
    case.number = work.tx.next_case_number(&case.tenant).await?;
    let change = new_desk_case(case)?;
    let mut case = change.case;
    let mut all_tasks = Vec::new();
    if let Some((template, take)) = &template {
        take_over(&mut case, template, *take)?;
        all_tasks = template_tasks(template, WhichTasks::All);
        template::keep_members(work, &mut all_tasks).await;
    }
    all_tasks.extend(tasks);
    work.create(&case).await?;
    work.tx.add_timeline(&change.timeline).await?;
    add_tasks(work, &case, &[], all_tasks).await?;
    let mut own = Vec::new();
    for page in pages {
        own.push(page_on(work, &case, page)?);
    }
    if let Some((template, _)) = &template {
        own.extend(template::pages(work, &case, &template.pages).await?);
    }
    if own.len() > PAGES_MAX {
        return Err(Fault::field("pages", format!("too many: at most {PAGES_MAX}")));
    }
    work.create_all(&own).await?;
    Ok(case)
}

/// Puts tasks on a case after those that it has.
pub(super) async fn add_tasks(
    work: &mut Work<'_>,
    case: &Case,
    known: &[Task],
    new: Vec<NewTask>,
) -> Result<Vec<Task>, Fault> {
    let tasks = new_tasks(case, known, new, || work.id(), &work.by(), work.now)?;
    work.create_all(&tasks).await?;
    Ok(tasks)
}

fn page_on(work: &Work<'_>, case: &Case, page: PageIn) -> Result<CasePage, Fault> {
    Ok(checked_page(CasePage {
        id: work.id(),
        tenant: case.tenant.clone(),
        case: case.id,
        title: page.title,
        content: page.content,
        position: page.order.unwrap_or_default(),
        category: page.category,
        stamp: Stamp::new(work.by(), work.now),
    })?)
}
