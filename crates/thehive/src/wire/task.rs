//! Tasks, as clients send and see them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_cases::{NewTask, TaskPatch};
use vigie_model::{CaseId, Filter, Task, TaskStatus, TemplateTask, Timestamp};

use super::of_case::Cases;
use super::organisation::names;
use super::{Shape, Wire, nullable};
use crate::door::Door;
use crate::query::{FieldKind, QueryField};
use crate::time::{millis, read_time};
use crate::{Fault, Visitor};

/// Their words for where a task is, each with ours as the store has it.
const STATUSES: &[(&str, &str)] = &[
    ("Waiting", "waiting"),
    ("InProgress", "in_progress"),
    ("Completed", "completed"),
    ("Cancel", "cancelled"),
    ("Cancelled", "cancelled"),
];

impl Wire for Task {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("title", "title", FieldKind::Text),
        QueryField::new("group", "group", FieldKind::Text),
        QueryField::new("status", "status", FieldKind::Words(STATUSES)),
        QueryField::new("flag", "flag", FieldKind::Flag),
        QueryField::new("startDate", "started", FieldKind::Time),
        QueryField::new("endDate", "ended", FieldKind::Time),
        QueryField::new("assignee", "assignee", FieldKind::Text),
        QueryField::new("owner", "assignee", FieldKind::Text),
        QueryField::new("order", "position", FieldKind::Number),
        QueryField::new("dueDate", "due", FieldKind::Time),
        QueryField::new("mandatory", "mandatory", FieldKind::Flag),
        QueryField::new("caseId", "case", FieldKind::Id),
        QueryField::new("organisation", "tenant", FieldKind::Tenant),
    ];

    async fn show(tasks: Vec<Self>, door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Vec<Value>, Fault> {
        let cases = Cases::load(tasks.iter().map(|task| task.case), door, visitor, extra).await?;
        let shares = shares_of(&tasks, door, visitor, extra).await?;
        let asks = extra.iter().any(|asked| asked == "actionRequiredMap");
        let names = if asks { names(door).await? } else { HashMap::new() };
        let show = |task: &Self| {
            let mut data = Map::new();
            for asked in extra {
                cases.describe(task.case, asked, &mut data);
                let value = match asked.as_str() {
                    "isOwner" => json!(task.tenant == visitor.tenant.id),
                    "shareCount" => json!(shares.get(&task.case).copied().unwrap_or(0)),
                    "actionRequired" => json!(task.asked_of.contains(&visitor.tenant.id)),
                    "actionRequiredMap" => {
                        task.asked_of.iter().filter_map(|id| names.get(id)).map(|name| (name.clone(), true)).collect()
                    }
                    _ => continue,
                };
                data.insert(asked.clone(), value);
            }
            shape(task).with("extraData", data).done()
        };
        Ok(tasks.iter().map(show).collect())
    }
}

fn shape(task: &Task) -> Shape {
    Shape::of(task.id, "Task", &task.stamp)
        .with("title", task.title.as_str())
        .with("group", task.group.as_str())
        .maybe("description", Some(task.description.as_str()).filter(|text| !text.is_empty()))
        .with("status", status_word(task.status))
        .with("flag", task.flag)
        .maybe("startDate", task.started.map(millis))
        .maybe("endDate", task.ended.map(millis))
        .maybe("assignee", task.assignee.as_deref())
        .with("order", task.position)
        .maybe("dueDate", task.due.map(millis))
        .with("mandatory", task.mandatory)
}

/// Returns with how many other organisations the case of each task is shared, if clients asked for it.
async fn shares_of(
    tasks: &[Task],
    door: &Door,
    visitor: &Visitor,
    extra: &[String],
) -> Result<HashMap<CaseId, u64>, Fault> {
    if !extra.iter().any(|asked| asked == "shareCount") {
        return Ok(HashMap::new());
    }
    let values = tasks.iter().map(|task| vigie_model::Value::Text(task.case.to_string())).collect();
    let filter = Filter::OneOf { name: "case".to_owned(), values };
    let counts = door.store.tally::<vigie_model::Share>(&visitor.scope, "case", &filter).await?;
    let count = |task: &Task| counts.get(&task.case.to_string()).map(|count| (task.case, *count));
    Ok(tasks.iter().filter_map(count).collect())
}

/// Returns their word for where a task is.
pub(crate) const fn status_word(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Waiting => "Waiting",
        TaskStatus::InProgress => "InProgress",
        TaskStatus::Completed => "Completed",
        TaskStatus::Cancelled => "Cancel",
    }
}

fn read_status(text: &str) -> Result<TaskStatus, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "waiting" => Ok(TaskStatus::Waiting),
        "inprogress" => Ok(TaskStatus::InProgress),
        "completed" => Ok(TaskStatus::Completed),
        "cancel" | "cancelled" => Ok(TaskStatus::Cancelled),
        _ => {
            let text: String = text.chars().take(80).collect();
            let known = "Waiting, InProgress, Completed, Cancel";
            Err(Fault::field("status", format!("there is no status `{text}`: expected one of {known}")))
        }
    }
}

/// A new task, on a case or in a template.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskIn {
    title: String,
    group: Option<String>,
    description: Option<String>,
    status: Option<String>,
    flag: Option<bool>,
    start_date: Option<Value>,
    end_date: Option<Value>,
    order: Option<u32>,
    due_date: Option<Value>,
    pub(crate) assignee: Option<String>,
    mandatory: Option<bool>,
}

impl TaskIn {
    /// Returns what a task on a case is made of. Whether the assignee is somebody here is for the caller to look up.
    pub(crate) fn new_task(self) -> Result<NewTask, Fault> {
        let time = |field: &str, value: &Option<Value>| value.as_ref().map(|value| read_time(field, value)).transpose();
        Ok(NewTask {
            due: time("dueDate", &self.due_date)?,
            started: time("startDate", &self.start_date)?,
            ended: time("endDate", &self.end_date)?,
            status: self.status.as_deref().map(read_status).transpose()?.unwrap_or_default(),
            title: self.title,
            description: self.description.unwrap_or_default(),
            group: self.group,
            flag: self.flag.unwrap_or_default(),
            mandatory: self.mandatory.unwrap_or_default(),
            position: self.order,
            assignee: self.assignee,
        })
    }

    /// Returns the task of a template, which has the place `next` unless it says another.
    pub(crate) fn template_task(self, next: u32) -> TemplateTask {
        TemplateTask {
            title: self.title,
            description: self.description.unwrap_or_default(),
            group: self.group.unwrap_or_default(),
            mandatory: self.mandatory.unwrap_or_default(),
            assignee: self.assignee,
            position: self.order.unwrap_or(next),
        }
    }
}

/// What to change of a task.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct TaskPatchIn {
    title: Option<String>,
    group: Option<String>,
    #[serde(deserialize_with = "nullable")]
    description: Option<Option<String>>,
    status: Option<String>,
    flag: Option<bool>,
    #[serde(deserialize_with = "nullable")]
    start_date: Option<Option<Value>>,
    #[serde(deserialize_with = "nullable")]
    end_date: Option<Option<Value>>,
    order: Option<u32>,
    #[serde(deserialize_with = "nullable")]
    due_date: Option<Option<Value>>,
    #[serde(deserialize_with = "nullable")]
    assignee: Option<Option<String>>,
    mandatory: Option<bool>,
}

impl TaskPatchIn {
    /// Returns the change.
    pub(crate) fn patch(self) -> Result<TaskPatch, Fault> {
        Ok(TaskPatch {
            status: self.status.as_deref().map(read_status).transpose()?,
            due: read_change("dueDate", self.due_date.as_ref())?,
            started: read_change("startDate", self.start_date.as_ref())?,
            ended: read_change("endDate", self.end_date.as_ref())?,
            title: self.title,
            description: self.description,
            group: self.group,
            flag: self.flag,
            mandatory: self.mandatory,
            position: self.order,
            assignee: self.assignee,
        })
    }
}

/// Reads a time that null clears.
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) fn read_change(field: &str, value: Option<&Option<Value>>) -> Result<Option<Option<Timestamp>>, Fault> {
    value.map(|value| value.as_ref().map(|value| read_time(field, value)).transpose()).transpose()
}
