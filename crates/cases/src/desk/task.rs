//! Tasks as people make and change them, and what is missing before a case may be closed.

use vigie_model::{Case, CustomField, Stamp, Task, TaskId, TaskStatus, TenantId, Timestamp};

use super::fields::unfilled;
use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short};

/// How many tasks a case has at most.
pub const TASKS_MAX: usize = 1_000;
/// How long the name of a group may be, in characters.
pub const GROUP_CHARS_MAX: usize = 128;

/// What a task is made of.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the task")]
pub struct NewTask {
    pub title: String,
    pub description: String,
    pub group: Option<String>,
    pub status: TaskStatus,
    pub flag: bool,
    pub mandatory: bool,
    pub position: Option<u32>,
    pub due: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub assignee: Option<String>,
}

/// Returns tasks for a case, each after those that it has unless it says where. `id` gives each a random id.
pub fn new_tasks(
    case: &Case,
    known: &[Task],
    new: Vec<NewTask>,
    mut id: impl FnMut() -> TaskId,
    by: &str,
    now: Timestamp,
) -> Result<Vec<Task>, ChangeError> {
    if known.len() + new.len() > TASKS_MAX {
        return Err(ChangeError::TooMany { what: "tasks", max: TASKS_MAX });
    }
    let mut next = known.iter().map(|task| task.position).max().map_or(0, |last| last.saturating_add(1));
    new.into_iter()
        .map(|new| {
            let position = new.position.unwrap_or(next);
            next = next.max(position.saturating_add(1));
            task(id(), case, new, position, by, now)
        })
        .collect()
}

fn task(id: TaskId, case: &Case, new: NewTask, position: u32, by: &str, now: Timestamp) -> Result<Task, ChangeError> {
    let mut task = Task {
        id,
        tenant: case.tenant.clone(),
        case: case.id,
        title: said("title", &new.title, TITLE_MAX)?,
        description: short("description", &new.description, PROSE_MAX)?,
        status: TaskStatus::Waiting,
        assignee: new.assignee.map(|name| said("assignee", &name, TITLE_MAX)).transpose()?,
        group: group(new.group.as_deref())?,
        position,
        mandatory: new.mandatory,
        flag: new.flag,
        due: new.due,
        started: new.started,
        ended: None,
        asked_of: Vec::new(),
        stamp: Stamp::new(by, now),
    };
    set_status(&mut task, new.status, now);
    task.ended = new.ended.or(task.ended);
    Ok(task)
}

fn group(name: Option<&str>) -> Result<String, ChangeError> {
    match name.map(str::trim) {
        None | Some("") => Ok(Task::usual_group()),
        Some(name) => short("group", name, GROUP_CHARS_MAX),
    }
}

/// What to change of a task; `None` leaves it as it is, and `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the task")]
pub struct TaskPatch {
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub group: Option<String>,
    pub status: Option<TaskStatus>,
    pub flag: Option<bool>,
    pub mandatory: Option<bool>,
    pub position: Option<u32>,
    pub due: Option<Option<Timestamp>>,
    pub started: Option<Option<Timestamp>>,
    pub ended: Option<Option<Timestamp>>,
    pub assignee: Option<Option<String>>,
}

/// Changes a task. Where nothing changes, it comes back as it was.
pub fn patch_task(before: &Task, patch: &TaskPatch, by: &str, now: Timestamp) -> Result<Task, ChangeError> {
    let mut task = before.clone();
    if let Some(title) = &patch.title {
        task.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &patch.description {
        task.description = short("description", description.as_deref().unwrap_or_default(), PROSE_MAX)?;
    }
    if let Some(name) = &patch.group {
        task.group = group(Some(name))?;
    }
    task.flag = patch.flag.unwrap_or(task.flag);
    task.mandatory = patch.mandatory.unwrap_or(task.mandatory);
    task.position = patch.position.unwrap_or(task.position);
    if let Some(status) = patch.status.filter(|status| *status != before.status) {
        set_status(&mut task, status, now);
    }
    task.due = patch.due.unwrap_or(task.due);
    task.started = patch.started.unwrap_or(task.started);
    task.ended = patch.ended.unwrap_or(task.ended);
    if let Some(assignee) = &patch.assignee {
        task.assignee = assignee.as_deref().map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    }
    if task != *before {
        task.stamp = before.stamp.changed(by, now);
    }
    Ok(task)
}

fn set_status(task: &mut Task, status: TaskStatus, now: Timestamp) {
    task.status = status;
    task.ended = match status {
        TaskStatus::Completed | TaskStatus::Cancelled => task.ended.or(Some(now)),
        TaskStatus::Waiting | TaskStatus::InProgress => None,
    };
    if matches!(status, TaskStatus::InProgress | TaskStatus::Completed) {
        task.started = task.started.or(Some(now));
    }
}

/// Asks a tenant to do something about a task, or says that it has.
pub fn ask_of(before: &Task, tenant: &TenantId, is_asked: bool, by: &str, now: Timestamp) -> Task {
    let mut task = before.clone();
    task.asked_of.retain(|asked| asked != tenant);
    if is_asked {
        task.asked_of.push(tenant.clone());
        task.asked_of.sort();
    }
    if task != *before {
        task.stamp = before.stamp.changed(by, now);
    }
    task
}

/// What is missing before a case may be closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// The titles of mandatory tasks that are not completed.
    pub tasks: Vec<String>,
    /// The names of mandatory fields without a value.
    pub fields: Vec<String>,
}

impl Missing {
    /// Returns whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.fields.is_empty()
    }
}

/// Returns what is missing before a case may be closed. Whoever closes by a status alone, as TheHive's clients do, is not
/// held up by it.
pub fn missing_to_close(case: &Case, tasks: &[Task], definitions: &[CustomField]) -> Missing {
    let open = tasks.iter().filter(|task| task.mandatory && task.status != TaskStatus::Completed);
    Missing { tasks: open.map(|task| task.title.clone()).collect(), fields: unfilled(&case.desk.fields, definitions) }
}
