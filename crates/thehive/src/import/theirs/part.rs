//! What people write on alerts and cases: comments, procedures, pages, tasks and their logs, events of the timeline.

use serde::Deserialize;
use serde_json::Value;
use vigie_model::{
    AttachmentOwner, CasePage, Comment, CommentId, PageId, Procedure, ProcedureId, Task, TaskId, TaskLog, TaskLogId,
    TaskStatus, TimelineEntry, TimelineId, TimelineKind, Timestamp,
};

use super::file::{OutputFile, file_of};
use super::{FoundOn, Millis, Reading, Unread, id_of, listed, person, stamp_of, time, typed};
use crate::import::kind::{Draft, Kind, On};
use crate::import::source::SourceError;
use crate::import::walk::Listed;

/// Comments of cases, or of alerts.
pub(in crate::import) struct Comments<const ON_ALERTS: bool>;

#[derive(Deserialize)]
struct OutputComment {
    message: String,
}

impl<const ON_ALERTS: bool> Kind for Comments<ON_ALERTS> {
    type Object = Comment;
    const NAME: &'static str = if ON_ALERTS { "alert comments" } else { "case comments" };
    const LIST: &'static [&'static str] =
        if ON_ALERTS { &["listAlert", "comments"] } else { &["listCase", "comments"] };
    const ON: On = if ON_ALERTS { On::Alert } else { On::Case };

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Comment>, Unread> {
        let (theirs, stamp) = (id_of(row)?, stamp_of(row)?);
        let OutputComment { message } = typed(row)?;
        let comment = Comment {
            id: CommentId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            on: reading.found.parent()?,
            author: stamp.created_by,
            text: message,
            created: stamp.created,
            edited: stamp.updated,
            edited_by: stamp.updated_by,
        };
        Ok(Draft::new(theirs, comment))
    }

    fn updated(comment: &Comment) -> Option<Timestamp> {
        comment.edited
    }
}

/// ATT&CK techniques on cases, or on alerts.
pub(in crate::import) struct Procedures<const ON_ALERTS: bool>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputProcedure {
    pattern_id: String,
    tactic: Option<String>,
    occur_date: Millis,
    description: Option<String>,
}

impl<const ON_ALERTS: bool> Kind for Procedures<ON_ALERTS> {
    type Object = Procedure;
    const NAME: &'static str = if ON_ALERTS { "alert procedures" } else { "case procedures" };
    const LIST: &'static [&'static str] =
        if ON_ALERTS { &["listAlert", "procedures"] } else { &["listCase", "procedures"] };
    const ON: On = if ON_ALERTS { On::Alert } else { On::Case };

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Procedure>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputProcedure = typed(row)?;
        let procedure = Procedure {
            id: ProcedureId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            on: reading.found.parent()?,
            technique: read.pattern_id,
            tactic: read.tactic,
            occurred: read.occur_date.time(),
            description: read.description,
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, procedure))
    }

    fn updated(procedure: &Procedure) -> Option<Timestamp> {
        procedure.stamp.updated
    }
}

/// Pages of cases.
pub(in crate::import) struct Pages;

#[derive(Deserialize)]
struct OutputPage {
    title: String,
    content: String,
    #[serde(default)]
    order: Option<u32>,
    #[serde(default)]
    category: Option<String>,
}

impl Kind for Pages {
    type Object = CasePage;
    const NAME: &'static str = "case pages";
    const LIST: &'static [&'static str] = &["listCase", "pages"];
    const ON: On = On::Case;

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<CasePage>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputPage = typed(row)?;
        let page = CasePage {
            id: PageId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            case: reading.found.case()?,
            title: read.title,
            content: read.content,
            position: read.order.unwrap_or_default(),
            category: read.category.unwrap_or_default(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, page))
    }

    fn updated(page: &CasePage) -> Option<Timestamp> {
        page.stamp.updated
    }
}

/// Tasks of cases.
pub(in crate::import) struct Tasks;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputTask {
    title: String,
    group: Option<String>,
    description: Option<String>,
    status: TheirTaskStatus,
    flag: Option<bool>,
    start_date: Option<Millis>,
    end_date: Option<Millis>,
    assignee: Option<String>,
    order: Option<u32>,
    due_date: Option<Millis>,
    mandatory: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
enum TheirTaskStatus {
    Waiting,
    InProgress,
    Completed,
    #[serde(alias = "Cancelled", alias = "Canceled")]
    Cancel,
}

impl Kind for Tasks {
    type Object = Task;
    const NAME: &'static str = "tasks";
    const LIST: &'static [&'static str] = &["listCase", "tasks"];
    const ON: On = On::Case;

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Task>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputTask = typed(row)?;
        let task = Task {
            id: TaskId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            case: reading.found.case()?,
            title: read.title,
            description: read.description.unwrap_or_default(),
            status: match read.status {
                TheirTaskStatus::Waiting => TaskStatus::Waiting,
                TheirTaskStatus::InProgress => TaskStatus::InProgress,
                TheirTaskStatus::Completed => TaskStatus::Completed,
                TheirTaskStatus::Cancel => TaskStatus::Cancelled,
            },
            assignee: read.assignee.filter(|name| !name.is_empty()),
            group: read.group.unwrap_or_else(Task::usual_group),
            position: read.order.unwrap_or_default(),
            mandatory: read.mandatory.unwrap_or_default(),
            flag: read.flag.unwrap_or_default(),
            due: time(read.due_date),
            started: time(read.start_date),
            ended: time(read.end_date),
            asked_of: Vec::new(),
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(theirs, task))
    }

    fn updated(task: &Task) -> Option<Timestamp> {
        task.stamp.updated
    }

    /// The list does not say who is asked to act; what is here of it stays.
    fn over(before: &Task, task: Task) -> Task {
        Task { asked_of: before.asked_of.clone(), ..task }
    }
}

/// What was done about tasks.
pub(in crate::import) struct Logs;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputLog {
    message: String,
    date: Option<Millis>,
    owner: Option<String>,
    include_in_timeline: Option<Millis>,
    attachments: Option<Vec<OutputFile>>,
}

impl Kind for Logs {
    type Object = TaskLog;
    const NAME: &'static str = "task logs";
    const LIST: &'static [&'static str] = &["listTask", "logs"];
    const ON: On = On::Task;

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<TaskLog>, Unread> {
        let (theirs, mut stamp) = (id_of(row)?, stamp_of(row)?);
        let read: OutputLog = typed(row)?;
        let FoundOn::Task(task, case) = reading.found.on else {
            return Err(Unread::new("", "it is not on a task"));
        };
        if stamp.created_by.is_empty() {
            stamp.created_by = read.owner.as_deref().map(person).unwrap_or_default();
        }
        let id = TaskLogId::derive(reading.naming.parts(theirs));
        let mut files = Vec::new();
        for file in listed(read.attachments) {
            let path = format!("/api/v1/log/{theirs}/attachments/{}/download", file.id());
            files.push(file_of(file, AttachmentOwner::Log(id), theirs, path, reading)?);
        }
        let log = TaskLog {
            id,
            tenant: reading.found.tenant.clone(),
            case,
            task,
            text: read.message,
            date: time(read.date).unwrap_or(stamp.created),
            on_timeline: time(read.include_in_timeline),
            stamp,
        };
        Ok(Draft { files, ..Draft::new(theirs, log) })
    }

    fn updated(log: &TaskLog) -> Option<Timestamp> {
        log.stamp.updated
    }
}

/// What people put on the timelines of cases.
pub(in crate::import) struct Events;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputEvent {
    date: Millis,
    end_date: Option<Millis>,
    title: String,
    description: Option<String>,
}

impl Kind for Events {
    type Object = TimelineEntry;
    const NAME: &'static str = "timeline events";
    const LIST: &'static [&'static str] = &["listCase"];
    const ON: On = On::Case;
    const IS_BY_ONE: bool = true;

    /// A timeline has of its own only what people wrote; the rest follows from the case.
    async fn of_one(listed: &Listed, one: &Value) -> Result<Vec<Value>, SourceError> {
        let id = one.get("_id").and_then(Value::as_str).unwrap_or_default();
        let path = format!("/api/v1/case/{id}/timeline");
        let timeline = listed.get(&path).await?;
        let events = timeline.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        let custom = events.into_iter().filter(|event| event.get("kind").and_then(Value::as_str) == Some("Custom"));
        let rows = custom.map(|event| {
            let mut row = event.get("details").cloned().unwrap_or_default();
            if let Some(fields) = row.as_object_mut() {
                // Who made it and when is not said everywhere: then it was made when it happened.
                let said = [("_id", "entityId"), ("date", "date"), ("endDate", "endDate"), ("_createdAt", "date")];
                for (name, from) in said {
                    if let (false, Some(value)) = (fields.contains_key(name), event.get(from)) {
                        fields.insert(name.to_owned(), value.clone());
                    }
                }
            }
            Self::ON.say(&mut row, id);
            row
        });
        Ok(rows.collect())
    }

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<TimelineEntry>, Unread> {
        let theirs = id_of(row)?;
        let read: OutputEvent = typed(row)?;
        let entry = TimelineEntry {
            id: TimelineId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            case: reading.found.case()?,
            time: read.date.time(),
            kind: TimelineKind::Note,
            text: read.title,
            until: time(read.end_date),
            description: read.description,
            stamp: Some(stamp_of(row)?),
        };
        Ok(Draft::new(theirs, entry))
    }

    fn updated(entry: &TimelineEntry) -> Option<Timestamp> {
        entry.stamp.as_ref().and_then(|stamp| stamp.updated)
    }
}
