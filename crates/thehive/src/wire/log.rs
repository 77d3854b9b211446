//! Task logs, as clients send and see them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use vigie_model::{
    Attachment, AttachmentOwner, Filter, Selection, Task, TaskId, TaskLog, TaskLogId, Value as ModelValue,
};

use super::of_case::Cases;
use super::{Shape, Wire, attachment, author, nullable};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::routes::attachment::ATTACHMENTS_MAX;
use crate::time::millis;
use crate::{Fault, Visitor};

impl Wire for TaskLog {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("message", "text", FieldKind::Text),
        QueryField::new("date", "date", FieldKind::Time),
        QueryField::new("startDate", "date", FieldKind::Time),
        QueryField::new("owner", "created_by", FieldKind::Author),
        QueryField::new("includeInTimeline", "on_timeline", FieldKind::Time),
        QueryField::new("taskId", "task", FieldKind::Id),
        QueryField::new("caseId", "case", FieldKind::Id),
    ];

    async fn show(logs: Vec<Self>, door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Vec<Value>, Fault> {
        let mut files = files_of(&logs, door, visitor).await?;
        let cases = Cases::load(logs.iter().map(|log| log.case), door, visitor, extra).await?;
        let tasks = tasks_of(&logs, door, visitor, extra).await?;
        let mut show = |log: &Self| {
            let mut data = Map::new();
            for asked in extra {
                cases.describe(log.case, asked, &mut data);
                let value = match asked.as_str() {
                    "task" => tasks.get(&log.task).cloned().unwrap_or_else(|| json!({"_id": log.task.wire()})),
                    "taskId" => json!(log.task.wire()),
                    _ => continue,
                };
                data.insert(asked.clone(), value);
            }
            let files = files.remove(&log.id).unwrap_or_default();
            shape(log).with("attachments", files).with("extraData", data).done()
        };
        Ok(logs.iter().map(&mut show).collect())
    }
}

fn shape(log: &TaskLog) -> Shape {
    Shape::of(log.id, "Log", &log.stamp)
        .with("message", log.text.as_str())
        .with("date", millis(log.date))
        .with("owner", author(&log.stamp.created_by))
        .maybe("includeInTimeline", log.on_timeline.map(millis))
}

/// Returns the files of each log, in the order in which they came.
async fn files_of(logs: &[TaskLog], door: &Door, visitor: &Visitor) -> Result<HashMap<TaskLogId, Vec<Value>>, Fault> {
    let values = logs.iter().map(|log| ModelValue::Text(log.id.to_string())).collect();
    let filter = Filter::OneOf { name: "task_log".to_owned(), values };
    let most = logs.len().saturating_mul(ATTACHMENTS_MAX) as u64;
    let found: Vec<Attachment> = door.store.select(&visitor.scope, &Selection::of(filter, most)).await?;
    let mut files: HashMap<TaskLogId, Vec<Value>> = HashMap::new();
    for file in &found {
        if let AttachmentOwner::Log(log) = file.owner {
            files.entry(log).or_default().push(attachment::shown(file, &[]));
        }
    }
    Ok(files)
}

/// Returns what people call the tasks, if clients asked for `task`.
async fn tasks_of(
    logs: &[TaskLog],
    door: &Door,
    visitor: &Visitor,
    extra: &[String],
) -> Result<HashMap<TaskId, Value>, Fault> {
    if !extra.iter().any(|asked| asked == "task") {
        return Ok(HashMap::new());
    }
    let mut ids: Vec<TaskId> = logs.iter().map(|log| log.task).collect();
    ids.sort();
    ids.dedup();
    let values = ids.iter().map(|id| ModelValue::Text(id.to_string())).collect();
    let filter = Filter::OneOf { name: "id".to_owned(), values };
    let found: Vec<Task> = door.store.select(&visitor.scope, &Selection::of(filter, ids.len() as u64)).await?;
    let brief = |task: &Task| json!({"_id": task.id.wire(), "_type": "Task", "title": task.title, "group": task.group});
    Ok(found.iter().map(|task| (task.id, brief(task))).collect())
}

/// A new log. Its files come in the same form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogIn {
    pub(crate) message: String,
    pub(crate) start_date: Option<Value>,
    pub(crate) include_in_timeline: Option<Value>,
}

/// What to change of a log.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct LogPatchIn {
    pub(crate) message: Option<String>,
    pub(crate) start_date: Option<Value>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) include_in_timeline: Option<Option<Value>>,
}
