//! Templates: their own rules, and what they bring to a case.

use vigie_model::{
    Case, CasePage, CaseTemplate, PageId, PageTemplate, Severity, Stamp, TaskId, TaskStatus, TemplateId, TemplateTask,
    Timestamp,
};

use super::fields::take_fields;
use super::task::{GROUP_CHARS_MAX, NewTask, TASKS_MAX};
use crate::ChangeError;
use crate::change::{PROSE_MAX, TAGS_MAX, TITLE_MAX, said, short, tags_of};

/// How many pages a case or a template has at most.
pub const PAGES_MAX: usize = 500;

/// Returns a template whose texts are clean and short enough.
pub fn checked_template(template: CaseTemplate) -> Result<CaseTemplate, ChangeError> {
    let name = said("name", &template.name, TITLE_MAX)?;
    let display = template.display_name.trim();
    let display_name = if display.is_empty() { name.clone() } else { short("displayName", display, TITLE_MAX)? };
    if template.tasks.len() > TASKS_MAX {
        return Err(ChangeError::TooMany { what: "tasks", max: TASKS_MAX });
    }
    if template.pages.len() > PAGES_MAX {
        return Err(ChangeError::TooMany { what: "pages", max: PAGES_MAX });
    }
    let maybe = |field, text: Option<String>, max| text.map(|text| short(field, &text, max)).transpose();
    Ok(CaseTemplate {
        name,
        display_name,
        description: maybe("description", template.description, PROSE_MAX)?,
        title_prefix: maybe("titlePrefix", template.title_prefix, TITLE_MAX / 2)?,
        summary: maybe("summary", template.summary, PROSE_MAX)?,
        tags: tags_of(&template.tags)?,
        tasks: template.tasks.into_iter().map(checked_task).collect::<Result<_, _>>()?,
        ..template
    })
}

fn checked_task(task: TemplateTask) -> Result<TemplateTask, ChangeError> {
    let group = if task.group.trim().is_empty() { "default" } else { task.group.trim() };
    Ok(TemplateTask {
        title: said("tasks.title", &task.title, TITLE_MAX)?,
        description: short("tasks.description", &task.description, PROSE_MAX)?,
        group: short("tasks.group", group, GROUP_CHARS_MAX)?,
        ..task
    })
}

/// Returns what a task of a template is called by: its place and title, so that it stays the same while others change.
pub fn template_task_id(template: TemplateId, task: &TemplateTask) -> TaskId {
    TaskId::derive([template.to_string().as_str(), &task.position.to_string(), &task.title])
}

/// Returns a page template whose texts are clean and short enough.
pub fn checked_page_template(page: PageTemplate) -> Result<PageTemplate, ChangeError> {
    Ok(PageTemplate {
        title: said("title", &page.title, TITLE_MAX)?,
        content: short("content", &page.content, PROSE_MAX)?,
        category: said("category", &page.category, GROUP_CHARS_MAX)?,
        ..page
    })
}

/// Returns a page whose texts are clean and short enough.
pub fn checked_page(page: CasePage) -> Result<CasePage, ChangeError> {
    Ok(CasePage {
        title: said("title", &page.title, TITLE_MAX)?,
        content: short("content", &page.content, PROSE_MAX)?,
        category: said("category", &page.category, GROUP_CHARS_MAX)?,
        ..page
    })
}

/// Returns the page that a template makes on a case. `id` is random.
pub fn page_of(template: &PageTemplate, case: &Case, id: PageId, by: &str, now: Timestamp) -> CasePage {
    CasePage {
        id,
        tenant: case.tenant.clone(),
        case: case.id,
        title: template.title.clone(),
        content: template.content.clone(),
        position: template.position,
        category: template.category.clone(),
        stamp: Stamp::new(by, now),
    }
}

/// Which parts of a template a case takes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are those of the template's fields")]
pub struct TakeOver {
    pub title_prefix: bool,
    pub description: bool,
    pub tags: bool,
    pub severity: bool,
    pub flag: bool,
    pub tlp: bool,
    pub pap: bool,
    pub fields: bool,
    pub summary: bool,
}

impl TakeOver {
    /// What a case takes over that is opened with a template, where its maker did not say otherwise. The description is the
    /// case's own.
    pub const fn of_new(severity: Option<Severity>, has_tlp: bool, has_pap: bool) -> Self {
        Self {
            title_prefix: true,
            description: false,
            tags: true,
            severity: severity.is_none(),
            flag: true,
            tlp: !has_tlp,
            pap: !has_pap,
            fields: true,
            summary: true,
        }
    }
}

/// Gives a case what a template has. Values that the case has are not overwritten, but for those that name one thing:
/// severity, TLP, PAP, description. What is to do and to read is brought by [`template_tasks`] and [`page_of`].
pub fn apply_template(
    before: &Case,
    template: &CaseTemplate,
    take: TakeOver,
    by: &str,
    now: Timestamp,
) -> Result<Case, ChangeError> {
    let mut case = before.clone();
    take_over(&mut case, template, take)?;
    if case != *before {
        case.updated = now;
        case.desk.updated_by = Some(by.to_owned());
        case.version += 1;
    }
    Ok(case)
}

/// Gives a case that is about to be opened what a template has: as [`apply_template`], without a word of a change.
pub fn take_over(case: &mut Case, template: &CaseTemplate, take: TakeOver) -> Result<(), ChangeError> {
    let prefix = template.title_prefix.as_deref().map(str::trim).unwrap_or_default();
    if take.title_prefix && !prefix.is_empty() && !case.title.starts_with(prefix) {
        case.title = short("title", &format!("{prefix} {}", case.title), TITLE_MAX)?;
    }
    if let Some(description) = template.description.as_ref().filter(|_| take.description) {
        case.description.clone_from(description);
    }
    if take.tags {
        let room = TAGS_MAX.saturating_sub(case.tags.len());
        let new: Vec<String> =
            template.tags.iter().filter(|tag| !case.tags.contains(tag)).take(room).cloned().collect();
        case.tags.extend(new);
    }
    case.severity = template.severity.filter(|_| take.severity).unwrap_or(case.severity);
    case.tlp = template.tlp.filter(|_| take.tlp).unwrap_or(case.tlp);
    case.pap = template.pap.filter(|_| take.pap).unwrap_or(case.pap);
    case.desk.flag |= take.flag && template.flag;
    if take.summary && case.desk.summary.is_none() {
        case.desk.summary.clone_from(&template.summary);
    }
    if take.fields {
        take_fields(&mut case.desk.fields, &template.fields);
    }
    case.desk.template = Some(template.name.clone());
    Ok(())
}

/// Which tasks of a template a case gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichTasks<'a> {
    /// All of them.
    All,
    /// Those that are called so: by their title, or what a door calls them.
    Named(&'a [TaskId], &'a [String]),
}

/// Returns the tasks that a template brings, in its order.
pub fn template_tasks(template: &CaseTemplate, which: WhichTasks<'_>) -> Vec<NewTask> {
    let mut tasks: Vec<&TemplateTask> = template.tasks.iter().collect();
    tasks.sort_by_key(|task| task.position);
    let wanted = tasks.into_iter().filter(|task| match which {
        WhichTasks::All => true,
        WhichTasks::Named(ids, titles) => {
            ids.contains(&template_task_id(template.id, task)) || titles.contains(&task.title)
        }
    });
    wanted
        .map(|task| NewTask {
            title: task.title.clone(),
            description: task.description.clone(),
            group: Some(task.group.clone()),
            status: TaskStatus::Waiting,
            mandatory: task.mandatory,
            assignee: task.assignee.clone(),
            ..NewTask::default()
        })
        .collect()
}
