//! A case in an archive, and what becomes of it where the archive is unpacked.
//!
//! Whoever unpacks one trusts nothing in it: everything is made anew as if whoever unpacks had made it, with ids of its own,
//! under the same rules and limits. What breaks them is left out, and named.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use vigie_model::{
    Access, Attachment, AttachmentId, AttachmentOwner, Case, CaseId, CaseLink, CasePage, Comment, CustomField,
    FieldType, FieldValue, LinkId, LinkTarget, NamedValue, Observable, ObservableId, Procedure, Stamp, Task, TaskId,
    TaskLog, TenantId, TimelineEntry, TimelineKind, Timestamp,
};

use super::case::{NewDeskCase, new_desk_case};
use super::case_word::{case_summary, case_word};
use super::fields::{GivenField, set_fields};
use super::note::{checked_link, checked_log, checked_note};
use super::observable::{NewObservable, ObservableValue, new_observable, type_word};
use super::part::{Placing, ProcedureEdit, new_comment, new_procedure};
use super::task::{NewTask, TASKS_MAX, new_tasks};
use super::template::{PAGES_MAX, checked_page};
use crate::links::Warnings;
use crate::text::moment;
use crate::{CaseChange, ChangeError};

/// The format that this version writes, and the only one that it reads.
pub const ARCHIVE_FORMAT: u32 = 1;
/// How many observables, tasks, logs, comments and the like an archived case holds at most.
pub const ARCHIVE_PARTS_MAX: usize = 20_000;
/// How many errors are named.
const ERRORS_MAX: usize = 100;

/// A case with all that is on it. Its alerts, its links to other cases and whom it is shared with stay where they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are what is on a case")]
pub struct CaseArchive {
    /// [`ARCHIVE_FORMAT`].
    pub format: u32,
    pub case: Case,
    pub tasks: Vec<Task>,
    pub logs: Vec<TaskLog>,
    pub comments: Vec<Comment>,
    pub observables: Vec<Observable>,
    pub procedures: Vec<Procedure>,
    pub pages: Vec<CasePage>,
    pub timeline: Vec<TimelineEntry>,
    pub links: Vec<CaseLink>,
    pub attachments: Vec<Attachment>,
}

impl CaseArchive {
    /// Returns how much is on the case.
    pub fn parts(&self) -> usize {
        let logs = self.tasks.len() + self.logs.len() + self.comments.len() + self.observables.len();
        logs + self.procedures.len()
            + self.pages.len()
            + self.timeline.len()
            + self.links.len()
            + self.attachments.len()
    }
}

/// An archive that cannot be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It is of another version.
    #[error("the archive has format {0}: this version reads {ARCHIVE_FORMAT}")]
    Format(u32),
    /// There is too much in it.
    #[error("too much is on the case in the archive: at most {ARCHIVE_PARTS_MAX} parts")]
    TooMuch,
    /// The case itself breaks a rule.
    #[error("the case in the archive: {0}")]
    Case(#[source] ChangeError),
}

/// Where an archive is unpacked, and by whom.
pub struct Unpacking<'a> {
    /// The id of the case: random.
    pub id: CaseId,
    /// Whose it becomes.
    pub tenant: TenantId,
    /// Its number there.
    pub number: u64,
    /// The custom fields that are known here.
    pub definitions: &'a [CustomField],
    /// The digests of the files that came with it.
    pub digests: &'a dyn Fn(&str) -> bool,
    /// Returns the account of somebody who may be given work here.
    pub member: &'a dyn Fn(&str) -> Option<String>,
    /// The warning list.
    pub warnings: Warnings<'a>,
    /// Returns 16 random bytes, enough for an id.
    pub random: &'a dyn Fn() -> [u8; 16],
    /// Who.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What an archive comes to. Store it in one transaction, or not at all.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are what is on a case")]
pub struct Unpacked {
    /// The case, and that it was opened.
    pub change: CaseChange,
    pub tasks: Vec<Task>,
    pub logs: Vec<TaskLog>,
    pub comments: Vec<Comment>,
    pub observables: Vec<Observable>,
    pub procedures: Vec<Procedure>,
    pub pages: Vec<CasePage>,
    pub notes: Vec<TimelineEntry>,
    pub links: Vec<CaseLink>,
    pub attachments: Vec<Attachment>,
    /// What was left out, and why.
    pub errors: Vec<String>,
}

/// Unpacks an archive.
pub fn unpack(archive: &CaseArchive, to: &Unpacking<'_>) -> Result<Unpacked, ArchiveError> {
    if archive.format != ARCHIVE_FORMAT {
        return Err(ArchiveError::Format(archive.format));
    }
    if archive.parts() > ARCHIVE_PARTS_MAX {
        return Err(ArchiveError::TooMuch);
    }
    let mut errors = Errors::default();
    let change = unpack_case(&archive.case, to, &mut errors).map_err(ArchiveError::Case)?;
    let case = change.case.clone();
    let mut unpacker = Unpacker { to, case: &case, errors };
    let tasks = unpacker.tasks(&archive.tasks);
    let ids: HashMap<TaskId, TaskId> = tasks.iter().map(|(old, task)| (*old, task.id)).collect();
    let logs = unpacker.logs(&archive.logs, &ids);
    let files: HashMap<AttachmentId, &Attachment> = archive.attachments.iter().map(|file| (file.id, file)).collect();
    let observables = unpacker.observables(&archive.observables, &files);
    let owners = Owners {
        case: (archive.case.id, case.id),
        logs: logs.iter().map(|(old, log)| (*old, log.id)).collect(),
        observables: observables.iter().map(|(old, new)| (*old, (new.id, new.attachment))).collect(),
    };
    Ok(Unpacked {
        comments: unpacker.comments(&archive.comments),
        procedures: unpacker.procedures(&archive.procedures),
        pages: unpacker.pages(&archive.pages),
        notes: unpacker.notes(&archive.timeline),
        links: unpacker.links(&archive.links),
        attachments: unpacker.attachments(&archive.attachments, &owners),
        tasks: tasks.into_iter().map(|(_, task)| task).collect(),
        logs: logs.into_iter().map(|(_, log)| log).collect(),
        observables: observables.into_iter().map(|(_, observable)| observable).collect(),
        errors: unpacker.errors.0,
        change,
    })
}

#[derive(Default)]
struct Errors(Vec<String>);

impl Errors {
    fn add(&mut self, what: &str, name: &str, why: &dyn std::fmt::Display) {
        if self.0.len() < ERRORS_MAX {
            let name: String = name.chars().take(80).collect();
            self.0.push(format!("{what} {name}: {why}"));
        }
    }
}

fn unpack_case(old: &Case, to: &Unpacking<'_>, errors: &mut Errors) -> Result<CaseChange, ChangeError> {
    let assignee = old.assignee.as_deref().and_then(|name| {
        let found = (to.member)(name);
        if found.is_none() {
            errors.add("assignee", name, &"nobody of this name is here");
        }
        found
    });
    let mut change = new_desk_case(NewDeskCase {
        id: to.id,
        tenant: to.tenant.clone(),
        number: to.number,
        title: old.title.clone(),
        description: old.description.clone(),
        severity: old.severity,
        started: old.first_seen,
        ended: old.desk.ended,
        tags: old.tags.clone(),
        flag: old.desk.flag,
        tlp: old.tlp,
        pap: old.pap,
        word: case_word(old),
        summary: case_summary(old).map(str::to_owned),
        impact: old.desk.impact,
        assignee,
        access: Access::Tenant,
        fields: unpack_fields(&old.desk.fields, to.definitions, errors),
        by: to.by.to_owned(),
        now: to.now,
    })?;
    // When it was taken up and closed elsewhere is what its times are about; none of it is after now.
    let case = &mut change.case;
    case.acknowledged = case.acknowledged.and(old.acknowledged).map(|time| time.min(to.now)).or(case.acknowledged);
    case.closed = case.closed.and(old.closed).map(|time| time.min(to.now)).or(case.closed);
    Ok(change)
}

fn unpack_fields(old: &[NamedValue], known: &[CustomField], errors: &mut Errors) -> Vec<NamedValue> {
    let mut fields = Vec::new();
    for field in old {
        let value = match &field.value {
            None => serde_json::Value::Null,
            Some(FieldValue::String(text) | FieldValue::Url(text)) => text.as_str().into(),
            Some(FieldValue::Integer(number)) => (*number).into(),
            Some(FieldValue::Boolean(flag)) => (*flag).into(),
            Some(FieldValue::Date(time)) => time.as_micros().div_euclid(1_000).into(),
            Some(FieldValue::Float(number)) => (*number).into(),
        };
        let kind = field.value.as_ref().map(kind_of);
        let is_other = |definition: &&CustomField| kind.is_some_and(|kind| kind != definition.kind);
        if known.iter().find(|definition| definition.name == field.name).as_ref().is_some_and(is_other) {
            errors.add("custom field", &field.name, &"it has another type here");
            continue;
        }
        let given = GivenField { name: field.name.clone(), value, position: Some(field.position) };
        match set_fields(&fields, &[given], known) {
            Ok(set) => fields = set,
            Err(error) => errors.add("custom field", &field.name, &error),
        }
    }
    fields
}

fn kind_of(value: &FieldValue) -> FieldType {
    match value {
        FieldValue::String(_) => FieldType::String,
        FieldValue::Integer(_) => FieldType::Integer,
        FieldValue::Boolean(_) => FieldType::Boolean,
        FieldValue::Date(_) => FieldType::Date,
        FieldValue::Float(_) => FieldType::Float,
        FieldValue::Url(_) => FieldType::Url,
    }
}

/// What files hang on, there and here.
struct Owners {
    case: (CaseId, CaseId),
    logs: HashMap<vigie_model::TaskLogId, vigie_model::TaskLogId>,
    observables: HashMap<ObservableId, (ObservableId, Option<AttachmentId>)>,
}

struct Unpacker<'a> {
    to: &'a Unpacking<'a>,
    case: &'a Case,
    errors: Errors,
}

impl Unpacker<'_> {
    fn stamp(&self) -> Stamp {
        Stamp::new(self.to.by, self.to.now)
    }

    fn placing(&self) -> Placing {
        let (by, now) = (self.to.by.to_owned(), self.to.now);
        Placing { on: self.case.id.into(), tenant: self.case.tenant.clone(), by, now }
    }

    fn kept<T>(&mut self, what: &str, name: &str, made: Result<T, ChangeError>) -> Option<T> {
        made.inspect_err(|error| self.errors.add(what, name, error)).ok()
    }

    fn tasks(&mut self, old: &[Task]) -> Vec<(TaskId, Task)> {
        let mut tasks: Vec<(TaskId, Task)> = Vec::new();
        for task in old.iter().take(TASKS_MAX) {
            let new = NewTask {
                title: task.title.clone(),
                description: task.description.clone(),
                group: Some(task.group.clone()),
                status: task.status,
                flag: task.flag,
                mandatory: task.mandatory,
                position: Some(task.position),
                due: task.due,
                started: task.started,
                ended: task.ended,
                assignee: task.assignee.as_deref().and_then(|name| (self.to.member)(name)),
            };
            let id = || TaskId::from_bytes((self.to.random)());
            let made = new_tasks(self.case, &[], vec![new], id, self.to.by, self.to.now);
            let made = self.kept("task", &task.title, made);
            tasks.extend(made.into_iter().flatten().map(|made| (task.id, made)));
        }
        tasks
    }

    fn logs(&mut self, old: &[TaskLog], tasks: &HashMap<TaskId, TaskId>) -> Vec<(vigie_model::TaskLogId, TaskLog)> {
        let mut logs = Vec::new();
        for log in old {
            let Some(task) = tasks.get(&log.task) else {
                self.errors.add("log", &log.text, &"its task is not there");
                continue;
            };
            let made = checked_log(TaskLog {
                id: vigie_model::TaskLogId::from_bytes((self.to.random)()),
                tenant: self.case.tenant.clone(),
                case: self.case.id,
                task: *task,
                text: log.text.clone(),
                date: log.date,
                on_timeline: log.on_timeline,
                stamp: self.stamp(),
            });
            logs.extend(self.kept("log", &log.text, made).map(|made| (log.id, made)));
        }
        logs
    }

    /// A comment says who wrote it and when: its author here is who unpacks it.
    fn comments(&mut self, old: &[Comment]) -> Vec<Comment> {
        let mut comments = Vec::new();
        for comment in old {
            let author: String = comment.author.chars().take(128).collect();
            let text = format!("**{author}, {}:** {}", moment(comment.created), comment.text);
            let id = vigie_model::CommentId::from_bytes((self.to.random)());
            comments.extend(self.kept("comment", &comment.text, new_comment(&self.placing(), id, &text)));
        }
        comments
    }

    fn observables(
        &mut self,
        old: &[Observable],
        files: &HashMap<AttachmentId, &Attachment>,
    ) -> Vec<(ObservableId, Observable)> {
        let mut observables: Vec<(ObservableId, Observable)> = Vec::new();
        let mut known = HashSet::new();
        for observable in old {
            let name = observable.value.as_str();
            let Some(value) = self.value(observable, files) else {
                self.errors.add("observable", name, &"its file is not there");
                continue;
            };
            let made = new_observable(
                NewObservable {
                    on: self.case.id.into(),
                    tenant: self.case.tenant.clone(),
                    data_type: type_word(observable).to_owned(),
                    value,
                    tlp: observable.tlp,
                    pap: observable.pap,
                    tags: observable.tags.clone(),
                    message: observable.message.clone(),
                    ioc: observable.ioc,
                    sighted: observable.sighted,
                    unlike: observable.unlike,
                    seen: observable.first_seen,
                    by: self.to.by.to_owned(),
                    now: self.to.now,
                },
                self.to.warnings,
            );
            let Some(mut made) = self.kept("observable", name, made) else { continue };
            made.last_seen = observable.last_seen.max(made.first_seen);
            if known.insert(made.id) {
                observables.push((observable.id, made));
            }
        }
        observables
    }

    fn value(&self, observable: &Observable, files: &HashMap<AttachmentId, &Attachment>) -> Option<ObservableValue> {
        let Some(id) = observable.attachment else { return Some(ObservableValue::Text(observable.value.clone())) };
        let file = files.get(&id).filter(|file| (self.to.digests)(&file.sha256))?;
        Some(ObservableValue::File {
            name: observable.value.chars().take(255).collect(),
            sha256: file.sha256.clone(),
            attachment: AttachmentId::from_bytes((self.to.random)()),
        })
    }

    fn procedures(&mut self, old: &[Procedure]) -> Vec<Procedure> {
        let mut procedures = Vec::new();
        for procedure in old {
            let id = vigie_model::ProcedureId::from_bytes((self.to.random)());
            let made = new_procedure(&self.placing(), id, &ProcedureEdit::of(procedure));
            procedures.extend(self.kept("procedure", &procedure.technique, made));
        }
        procedures
    }

    fn pages(&mut self, old: &[CasePage]) -> Vec<CasePage> {
        let mut pages = Vec::new();
        for page in old.iter().take(PAGES_MAX) {
            let made = checked_page(CasePage {
                id: vigie_model::PageId::from_bytes((self.to.random)()),
                tenant: self.case.tenant.clone(),
                case: self.case.id,
                stamp: self.stamp(),
                ..page.clone()
            });
            pages.extend(self.kept("page", &page.title, made));
        }
        pages
    }

    /// What somebody wrote comes along, and what the attacker did, as somebody's word for it. The life of the case there is
    /// not its life here.
    fn notes(&mut self, old: &[TimelineEntry]) -> Vec<TimelineEntry> {
        let mut notes = Vec::new();
        let kept = old.iter().filter(|entry| matches!(entry.kind, TimelineKind::Note | TimelineKind::Attack));
        for entry in kept {
            let made = checked_note(TimelineEntry {
                id: vigie_model::TimelineId::from_bytes((self.to.random)()),
                tenant: self.case.tenant.clone(),
                case: self.case.id,
                kind: TimelineKind::Note,
                text: entry.text.chars().take(crate::change::TITLE_MAX).collect(),
                stamp: Some(self.stamp()),
                ..entry.clone()
            });
            notes.extend(self.kept("event", &entry.text, made));
        }
        notes
    }

    fn links(&mut self, old: &[CaseLink]) -> Vec<CaseLink> {
        let mut links: Vec<CaseLink> = Vec::new();
        for link in old.iter().filter(|link| matches!(link.target, LinkTarget::Url(_))) {
            let made = checked_link(CaseLink {
                id: LinkId::derive([""]),
                tenant: self.case.tenant.clone(),
                case: self.case.id,
                stamp: self.stamp(),
                ..link.clone()
            });
            let made = self.kept("link", &link.kind, made);
            links.extend(made.filter(|made| links.iter().all(|known| known.id != made.id)));
        }
        links
    }

    fn attachments(&mut self, old: &[Attachment], owners: &Owners) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        let mut known = HashSet::new();
        for file in old {
            let random = AttachmentId::from_bytes((self.to.random)());
            let place = match file.owner {
                AttachmentOwner::Case(id) if id == owners.case.0 => {
                    Some((random, AttachmentOwner::Case(owners.case.1)))
                }
                AttachmentOwner::Log(id) => owners.logs.get(&id).map(|id| (random, AttachmentOwner::Log(*id))),
                AttachmentOwner::Observable(id) => owners
                    .observables
                    .get(&id)
                    .and_then(|(id, file)| Some(((*file)?, AttachmentOwner::Observable(*id)))),
                AttachmentOwner::Case(_) | AttachmentOwner::Alert(_) | AttachmentOwner::Tenant => None,
            };
            let Some((id, owner)) = place else {
                self.errors.add("file", &file.name, &"what it hangs on is not there");
                continue;
            };
            if !(self.to.digests)(&file.sha256) {
                self.errors.add("file", &file.name, &"its bytes are not there");
                continue;
            }
            let tenant = self.case.tenant.clone();
            if known.insert(id) {
                attachments.push(Attachment { id, tenant, owner, stamp: self.stamp(), ..file.clone() });
            }
        }
        attachments
    }
}
