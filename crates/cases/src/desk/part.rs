//! Logs, comments, procedures, notes on the timeline and links: what they must be to be kept.

use vigie_model::{CaseLink, Comment, LinkTarget, Procedure, TaskLog, TimelineEntry, Timestamp};

use super::alert::{LINK_CHARS_MAX, page_link};
use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short};

/// How long the name of a tactic or the kind of a link may be, in characters.
pub const WORD_CHARS_MAX: usize = 128;
/// How many logs a task, comments and procedures an alert or case, notes and links a case has at most.
pub const PARTS_MAX: usize = 10_000;

/// Returns a log whose text says something.
pub fn checked_log(log: TaskLog) -> Result<TaskLog, ChangeError> {
    Ok(TaskLog { text: said("message", &log.text, PROSE_MAX)?, ..log })
}

/// Returns a comment whose text says something.
pub fn checked_comment(comment: Comment) -> Result<Comment, ChangeError> {
    Ok(Comment { text: said("message", &comment.text, PROSE_MAX)?, ..comment })
}

/// Writes a comment anew.
pub fn edit_comment(before: &Comment, text: &str, by: &str, now: Timestamp) -> Result<Comment, ChangeError> {
    let edited = checked_comment(Comment { text: text.to_owned(), ..before.clone() })?;
    if edited == *before {
        return Ok(edited);
    }
    Ok(Comment { edited: Some(now), edited_by: Some(by.to_owned()), ..edited })
}

/// Returns a procedure whose technique is one of ATT&CK's: `T` and four digits, and of a sub-technique a dot and three.
///
/// <https://attack.mitre.org/resources/faq/>
pub fn checked_procedure(procedure: Procedure) -> Result<Procedure, ChangeError> {
    let technique = procedure.technique.trim().to_ascii_uppercase();
    if !is_technique(&technique) {
        return Err(ChangeError::NoTechnique);
    }
    let tactic = procedure.tactic.map(|tactic| said("tactic", &tactic, WORD_CHARS_MAX)).transpose()?;
    let description = procedure.description.map(|text| short("description", &text, PROSE_MAX)).transpose()?;
    Ok(Procedure { technique, tactic, description, ..procedure })
}

fn is_technique(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = text.strip_prefix('T') else { return false };
    match number.split_once('.') {
        None => digits(number, 4),
        Some((technique, part)) => digits(technique, 4) && digits(part, 3),
    }
}

/// Returns an analyst's own entry of a timeline, whose title says something and which does not end before it begins.
pub fn checked_note(note: TimelineEntry) -> Result<TimelineEntry, ChangeError> {
    if note.until.is_some_and(|until| until < note.time) {
        return Err(ChangeError::EndsBefore);
    }
    Ok(TimelineEntry {
        text: said("title", &note.text, TITLE_MAX)?,
        description: note.description.map(|text| short("description", &text, PROSE_MAX)).transpose()?,
        ..note
    })
}

/// Returns a link that leads to a page or to another case, and its id.
pub fn checked_link(link: CaseLink) -> Result<CaseLink, ChangeError> {
    let kind = said("type", &link.kind, WORD_CHARS_MAX)?;
    let target = match link.target {
        LinkTarget::Linked(case) if case == link.case => return Err(ChangeError::LinkToItself),
        LinkTarget::Linked(case) => LinkTarget::Linked(case),
        LinkTarget::Url(url) => LinkTarget::Url(page_link("url", &said("url", &url, LINK_CHARS_MAX)?)?),
    };
    Ok(CaseLink { id: CaseLink::id_of(link.case, &kind, &target), kind, target, ..link })
}
