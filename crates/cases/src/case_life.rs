//! What analysts do with cases. Each function returns the case as it is after, one version on, and what changed with it.

use vigie_model::{
    Alert, AlertStatus, Case, CaseStatus, Comment, CommentId, Pap, Resolution, Severity, Task, TaskStatus,
    TimelineEntry, TimelineId, TimelineKind, Timestamp, Tlp,
};

use crate::change::{PROSE_MAX, TITLE_MAX, said, short, tags_of};
use crate::open::case_entry;
use crate::{CaseChange, ChangeError, close_alert};

/// What to change of a case; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseEdit {
    /// One line.
    pub title: Option<String>,
    /// What is known, in words.
    pub description: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// With whom it may be shared.
    pub tlp: Option<Tlp>,
    /// What may be done with what is on it.
    pub pap: Option<Pap>,
    /// All its tags.
    pub tags: Option<Vec<String>>,
}

/// What to do about tasks that are not done when a case is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTasks {
    /// Do not close it, and say which they are.
    Refuse,
    /// Cancel them.
    Cancel,
}

/// How a case is closed.
#[derive(Debug, Clone)]
pub struct Closing<'a> {
    /// What it turned out to be, and what happened.
    pub resolution: Resolution,
    /// What to do about tasks that are not done.
    pub open_tasks: OpenTasks,
    /// Who closes it.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A case that cannot be closed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseError {
    /// It is closed.
    #[error("the case is closed already")]
    Closed,
    /// The summary is empty.
    #[error("the summary is empty: say what happened and what was done")]
    EmptySummary,
    /// The summary is too long.
    #[error("the summary is too long: at most {0} characters")]
    LongSummary(usize),
    /// Tasks are not done.
    #[error("tasks are not done: {}; complete or cancel them first", titles.join(", "))]
    OpenTasks {
        /// Their titles.
        titles: Vec<String>,
    },
}

/// Closes a case, and with it those of its alerts that are open. `alerts` and `tasks` are all of the case's.
pub fn close_case(
    case: &Case,
    alerts: &[Alert],
    tasks: &[Task],
    closing: &Closing<'_>,
) -> Result<CaseChange, CloseError> {
    if case.status == CaseStatus::Closed {
        return Err(CloseError::Closed);
    }
    let summary = closing.resolution.summary.trim();
    if summary.is_empty() {
        return Err(CloseError::EmptySummary);
    }
    if short("summary", summary, PROSE_MAX).is_err() {
        return Err(CloseError::LongSummary(PROSE_MAX));
    }
    let now = closing.now;
    let open = || tasks.iter().filter(|task| !matches!(task.status, TaskStatus::Completed | TaskStatus::Cancelled));
    if closing.open_tasks == OpenTasks::Refuse && open().next().is_some() {
        return Err(CloseError::OpenTasks { titles: open().map(|task| task.title.clone()).collect() });
    }
    let resolution = Resolution { verdict: closing.resolution.verdict, summary: summary.to_owned() };
    let mut closed = Case { updated: now, version: case.version + 1, ..case.clone() };
    closed.status = CaseStatus::Closed;
    closed.closed = Some(now);
    closed.acknowledged = case.acknowledged.or(Some(now));
    closed.resolution = Some(resolution.clone());
    let text = format!("case closed by {} as {}: {summary}", closing.by, verdict_text(&resolution));
    let timeline = vec![case_entry(&closed, now, text)];
    Ok(CaseChange {
        alerts: alerts
            .iter()
            .filter(|alert| alert.case == Some(case.id) && alert.status != AlertStatus::Closed)
            .filter_map(|alert| close_alert(alert, resolution.clone(), now).ok())
            .collect(),
        tasks: open().map(|task| Task { status: TaskStatus::Cancelled, ended: Some(now), ..task.clone() }).collect(),
        timeline,
        ..CaseChange::of(closed, Some(case.version))
    })
}

fn verdict_text(resolution: &Resolution) -> &'static str {
    match resolution.verdict {
        vigie_model::Verdict::TruePositive => "a true positive",
        vigie_model::Verdict::FalsePositive => "a false positive",
        vigie_model::Verdict::Benign => "benign",
        vigie_model::Verdict::Duplicate => "a duplicate",
        vigie_model::Verdict::Indeterminate => "indeterminate",
    }
}

/// Opens a closed case again. Its alerts stay closed: what they tell of is over.
pub fn reopen_case(case: &Case, by: &str, now: Timestamp) -> Result<CaseChange, ChangeError> {
    if case.status != CaseStatus::Closed {
        return Err(ChangeError::NotClosed);
    }
    let mut open = Case { updated: now, version: case.version + 1, ..case.clone() };
    open.status = CaseStatus::InProgress;
    open.closed = None;
    open.resolution = None;
    Ok(told(open, case, now, format!("case reopened by {by}")))
}

/// Takes a case up: it is in progress, and the analyst's where it was nobody's. The first time counts.
pub fn acknowledge_case(case: &Case, by: &str, now: Timestamp) -> Result<CaseChange, ChangeError> {
    let mut taken = changed(case, now)?;
    taken.status = CaseStatus::InProgress;
    taken.acknowledged = case.acknowledged.or(Some(now));
    taken.assignee = case.assignee.clone().or_else(|| Some(by.to_owned()));
    Ok(told(taken, case, now, format!("case taken up by {by}")))
}

/// Gives a case to somebody, by user name, or to nobody.
pub fn assign_case(case: &Case, assignee: Option<&str>, by: &str, now: Timestamp) -> Result<CaseChange, ChangeError> {
    let mut given = changed(case, now)?;
    given.assignee = assignee.map(|name| said("assignee", name, TITLE_MAX)).transpose()?;
    let whom = given.assignee.as_deref().unwrap_or("nobody").to_owned();
    Ok(told(given, case, now, format!("case given to {whom} by {by}")))
}

/// Changes a case's title, description, severity, sharing or tags.
pub fn edit_case(case: &Case, edit: &CaseEdit, by: &str, now: Timestamp) -> Result<CaseChange, ChangeError> {
    let mut edited = changed(case, now)?;
    if let Some(title) = &edit.title {
        edited.title = said("title", title, TITLE_MAX)?;
    }
    if let Some(description) = &edit.description {
        edited.description = short("description", description, PROSE_MAX)?;
    }
    if let Some(tags) = &edit.tags {
        edited.tags = tags_of(tags)?;
    }
    edited.severity = edit.severity.unwrap_or(case.severity);
    edited.tlp = edit.tlp.unwrap_or(case.tlp);
    edited.pap = edit.pap.unwrap_or(case.pap);
    if edited.severity != case.severity {
        let text = format!("severity changed from {} to {} by {by}", case.severity, edited.severity);
        return Ok(told(edited, case, now, text));
    }
    Ok(CaseChange::of(edited, Some(case.version)))
}

/// Returns a comment on a case, closed or not. `id` is random.
pub fn add_comment(
    case: &Case,
    id: CommentId,
    author: &str,
    text: &str,
    now: Timestamp,
) -> Result<Comment, ChangeError> {
    Ok(Comment {
        id,
        tenant: case.tenant.clone(),
        on: case.id.into(),
        author: author.to_owned(),
        text: said("text", text, PROSE_MAX)?,
        created: now,
        edited: None,
        edited_by: None,
    })
}

/// Returns an analyst's own entry on a case's timeline, at the time at which what it tells of happened. `id` is random.
pub fn add_note(case: &Case, id: TimelineId, time: Timestamp, text: &str) -> Result<TimelineEntry, ChangeError> {
    Ok(TimelineEntry {
        id,
        tenant: case.tenant.clone(),
        case: case.id,
        time,
        kind: TimelineKind::Note,
        text: said("text", text, PROSE_MAX)?,
        until: None,
        description: None,
        stamp: None,
    })
}

fn changed(case: &Case, now: Timestamp) -> Result<Case, ChangeError> {
    if case.status == CaseStatus::Closed {
        return Err(ChangeError::Closed);
    }
    Ok(Case { updated: now, version: case.version + 1, ..case.clone() })
}

fn told(case: Case, before: &Case, now: Timestamp, text: String) -> CaseChange {
    let timeline = vec![case_entry(&case, now, text)];
    CaseChange { timeline, ..CaseChange::of(case, Some(before.version)) }
}
