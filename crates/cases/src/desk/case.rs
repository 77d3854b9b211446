//! Cases that somebody opens, and what people change of any case.

use vigie_model::{
    Access, Alert, Case, CaseId, CaseStatus, Desk, Impact, NamedValue, Pap, Severity, Task, TaskStatus, TenantId,
    TimelineEntry, Timestamp, Tlp,
};

use super::case_word::{CaseStage, CaseWord, case_summary, case_word, set_word, settle_summary};
use crate::change::{PROSE_MAX, TITLE_MAX, said, short, tags_of};
use crate::open::{blank, case_entry};
use crate::{CaseChange, ChangeError, close_alert};

/// How many users a case may be closed to all others for.
pub const ACCESS_USERS_MAX: usize = 500;

/// What a case is made of that somebody opens.
#[derive(Debug, Clone)]
pub struct NewDeskCase {
    /// Its id: random.
    pub id: CaseId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its number within the tenant.
    pub number: u64,
    /// One line.
    pub title: String,
    /// What is known, in words.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, where it has.
    pub ended: Option<Timestamp>,
    /// Free words.
    pub tags: Vec<String>,
    /// Marked by somebody.
    pub flag: bool,
    /// With whom it may be shared.
    pub tlp: Tlp,
    /// What may be done with what is on it.
    pub pap: Pap,
    /// Where it is.
    pub word: CaseWord,
    /// What came of it, in words.
    pub summary: Option<String>,
    /// Whether something was harmed.
    pub impact: Option<Impact>,
    /// Who works on it, by user name.
    pub assignee: Option<String>,
    /// Who of its tenant may open it.
    pub access: Access,
    /// Fields of the tenant's own.
    pub fields: Vec<NamedValue>,
    /// Who opens it.
    pub by: String,
    /// When.
    pub now: Timestamp,
}

/// Opens a case without alerts.
pub fn new_desk_case(new: NewDeskCase) -> Result<CaseChange, ChangeError> {
    let mut case = blank(new.id, new.tenant, new.number, new.now);
    case.title = said("title", &new.title, TITLE_MAX)?;
    case.description = short("description", &new.description, PROSE_MAX)?;
    case.severity = new.severity;
    case.tlp = new.tlp;
    case.pap = new.pap;
    case.tags = tags_of(&new.tags)?;
    case.assignee = new.assignee.map(|name| said("assignee", &name, TITLE_MAX)).transpose()?;
    case.first_seen = new.started;
    case.last_seen = new.ended.unwrap_or(new.started).max(new.started);
    case.desk = Desk {
        created_by: new.by.clone(),
        flag: new.flag,
        summary: new.summary.map(|text| short("summary", &text, PROSE_MAX)).transpose()?,
        impact: new.impact,
        access: checked_access(new.access)?,
        fields: new.fields,
        ..Desk::default()
    };
    if new.word != CaseWord::New {
        set_word(&mut case, new.word, new.now);
    }
    case.desk.ended = new.ended;
    let timeline = vec![case_entry(&case, new.now, format!("case #{} opened by {}", new.number, new.by))];
    Ok(CaseChange { timeline, ..CaseChange::of(case, None) })
}

/// What to change of a case; `None` leaves it as it is, and `Some(None)` takes it away.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the case")]
pub struct CasePatch {
    pub title: Option<String>,
    pub description: Option<String>,
    pub severity: Option<Severity>,
    pub started: Option<Timestamp>,
    pub ended: Option<Option<Timestamp>>,
    pub tags: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub flag: Option<bool>,
    pub tlp: Option<Tlp>,
    pub pap: Option<Pap>,
    pub word: Option<CaseWord>,
    pub summary: Option<Option<String>>,
    pub impact: Option<Option<Impact>>,
    pub assignee: Option<Option<String>>,
    pub fields: Option<Vec<NamedValue>>,
}

/// Returns whether a word would open a case again that is closed: not everybody may.
pub fn reopens_case(case: &Case, word: CaseWord) -> bool {
    case.status == CaseStatus::Closed && word.stage() != CaseStage::Closed
}

/// Returns whether a word would close a case that is open: then its alerts and tasks are asked for.
pub fn closes_case(case: &Case, word: CaseWord) -> bool {
    case.status != CaseStatus::Closed && word.stage() == CaseStage::Closed
}

/// Changes a case, closed or not. Where it is closed by this, those of `alerts` that are open are closed with it and those
/// of `tasks` that are open are cancelled; else both may be empty. Where nothing changes, the case comes back as it was.
pub fn patch_desk_case(
    before: &Case,
    alerts: &[Alert],
    tasks: &[Task],
    patch: &CasePatch,
    by: &str,
    now: Timestamp,
) -> Result<CaseChange, ChangeError> {
    let mut case = patched(before, patch, now)?;
    if case == *before {
        return Ok(CaseChange::of(case, Some(before.version)));
    }
    case.updated = now;
    case.desk.updated_by = Some(by.to_owned());
    case.version += 1;
    let timeline = told(before, &case, by, now);
    let mut change = CaseChange { timeline, ..CaseChange::of(case, Some(before.version)) };
    if before.status != CaseStatus::Closed
        && let Some(resolution) = &change.case.resolution
    {
        let open = alerts.iter().filter(|alert| alert.case == Some(before.id));
        change.alerts = open.filter_map(|alert| close_alert(alert, resolution.clone(), now).ok()).collect();
        let open = tasks.iter().filter(|task| matches!(task.status, TaskStatus::Waiting | TaskStatus::InProgress));
        change.tasks = open
            .map(|task| {
                let stamp = task.stamp.changed(by, now);
                Task { status: TaskStatus::Cancelled, ended: Some(now), stamp, ..task.clone() }
            })
            .collect();
    }
    Ok(change)
}

fn patched(before: &Case, patch: &CasePatch, now: Timestamp) -> Result<Case, ChangeError> {
    let mut case = before.clone();
    if let Some(title) = &patch.title {
        case.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &patch.description {
        case.description = short("description", description, PROSE_MAX)?;
    }
    case.severity = patch.severity.unwrap_or(case.severity);
    case.tlp = patch.tlp.unwrap_or(case.tlp);
    case.pap = patch.pap.unwrap_or(case.pap);
    case.desk.flag = patch.flag.unwrap_or(case.desk.flag);
    case.desk.impact = patch.impact.unwrap_or(case.desk.impact);
    if let Some(started) = patch.started {
        case.first_seen = started;
        case.last_seen = case.last_seen.max(started);
    }
    case.tags = changed_tags(&case.tags, patch)?;
    if let Some(fields) = &patch.fields {
        case.desk.fields.clone_from(fields);
    }
    if let Some(assignee) = &patch.assignee {
        case.assignee = assignee.as_deref().map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    }
    if let Some(summary) = &patch.summary {
        case.desk.summary = summary.as_deref().map(|text| short("summary", text, PROSE_MAX)).transpose()?;
        settle_summary(&mut case);
    }
    if let Some(word) = patch.word.filter(|word| *word != case_word(before)) {
        set_word(&mut case, word, now);
    }
    if let Some(ended) = patch.ended {
        case.desk.ended = ended;
    }
    Ok(case)
}

fn changed_tags(tags: &[String], patch: &CasePatch) -> Result<Vec<String>, ChangeError> {
    if patch.tags.is_none() && patch.add_tags.is_empty() && patch.remove_tags.is_empty() {
        return Ok(tags.to_vec());
    }
    let mut tags = patch.tags.clone().unwrap_or_else(|| tags.to_vec());
    tags.extend(patch.add_tags.iter().cloned());
    tags.retain(|tag| !patch.remove_tags.contains(tag));
    tags_of(&tags)
}

/// Returns what the timeline tells of a change: what it was to the life of the case.
fn told(before: &Case, after: &Case, by: &str, now: Timestamp) -> Vec<TimelineEntry> {
    let mut texts = Vec::new();
    let (was, is) = (case_word(before), case_word(after));
    if was != is {
        texts.push(match (was.stage(), is.stage()) {
            (_, CaseStage::Closed) => {
                let summary = case_summary(after).map(|summary| format!(": {summary}")).unwrap_or_default();
                format!("case closed by {by} as {}{summary}", is.as_str())
            }
            (CaseStage::Closed, _) => format!("case reopened by {by}"),
            (_, CaseStage::InProgress) => format!("case taken up by {by}"),
            (_, CaseStage::New) => format!("case put back by {by}"),
        });
    }
    if before.assignee != after.assignee {
        texts.push(format!("case given to {} by {by}", after.assignee.as_deref().unwrap_or("nobody")));
    }
    if before.severity != after.severity {
        texts.push(format!("severity changed from {} to {} by {by}", before.severity, after.severity));
    }
    texts.into_iter().map(|text| case_entry(after, now, text)).collect()
}

/// Says who of its tenant may open a case.
pub fn set_access(before: &Case, access: Access, by: &str, now: Timestamp) -> Result<CaseChange, ChangeError> {
    let mut case = before.clone();
    case.desk.access = checked_access(access)?;
    if case != *before {
        case.updated = now;
        case.desk.updated_by = Some(by.to_owned());
        case.version += 1;
    }
    Ok(CaseChange::of(case, Some(before.version)))
}

fn checked_access(access: Access) -> Result<Access, ChangeError> {
    let Access::Users(mut users) = access else { return Ok(access) };
    users.sort();
    users.dedup();
    if users.is_empty() {
        return Err(ChangeError::NoUsers);
    }
    if users.len() > ACCESS_USERS_MAX {
        return Err(ChangeError::TooMany { what: "users", max: ACCESS_USERS_MAX });
    }
    Ok(Access::Users(users))
}
