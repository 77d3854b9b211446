//! What is to do on a case.

use vigie_model::{Case, CaseStatus, Stamp, Task, TaskId, TaskStatus, Timestamp};

use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short};

/// What to change of a task; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskEdit {
    /// One line.
    pub title: Option<String>,
    /// What to do, in words.
    pub description: Option<String>,
    /// Where it is in its life.
    pub status: Option<TaskStatus>,
    /// Who does it, by user name; `Some(None)` for nobody.
    pub assignee: Option<Option<String>>,
    /// Its place among the case's tasks.
    pub position: Option<u32>,
}

/// Returns a task for a case, after those that it has. `id` is random.
pub fn add_task(
    case: &Case,
    tasks: &[Task],
    id: TaskId,
    title: &str,
    description: &str,
    now: Timestamp,
) -> Result<Task, ChangeError> {
    if case.status == CaseStatus::Closed {
        return Err(ChangeError::Closed);
    }
    Ok(Task {
        id,
        tenant: case.tenant.clone(),
        case: case.id,
        title: said("title", title, TITLE_MAX)?,
        description: short("description", description, PROSE_MAX)?,
        status: TaskStatus::Waiting,
        assignee: None,
        group: Task::usual_group(),
        position: tasks.iter().map(|task| task.position).max().map_or(0, |last| last.saturating_add(1)),
        mandatory: false,
        flag: false,
        due: None,
        started: None,
        ended: None,
        asked_of: Vec::new(),
        stamp: Stamp::new("", now),
    })
}

/// Changes a task. When it is completed or cancelled its end is `now`; when it is taken up again it has none.
pub fn edit_task(task: &Task, edit: &TaskEdit, now: Timestamp) -> Result<Task, ChangeError> {
    let mut edited = task.clone();
    if let Some(title) = &edit.title {
        edited.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &edit.description {
        edited.description = short("description", description, PROSE_MAX)?;
    }
    if let Some(assignee) = &edit.assignee {
        edited.assignee = assignee.as_deref().map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    }
    edited.position = edit.position.unwrap_or(task.position);
    if let Some(status) = edit.status {
        edited.status = status;
        edited.ended = match status {
            TaskStatus::Completed | TaskStatus::Cancelled => task.ended.or(Some(now)),
            TaskStatus::Waiting | TaskStatus::InProgress => None,
        };
        if status == TaskStatus::InProgress {
            edited.started = task.started.or(Some(now));
        }
    }
    Ok(edited)
}
