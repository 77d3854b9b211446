//! Logs, notes on the timeline and links: what they must be to be kept.

use vigie_model::{CaseLink, LinkTarget, TaskLog, TimelineEntry};

use super::alert::{LINK_CHARS_MAX, page_link};
use crate::ChangeError;
use crate::change::{PROSE_MAX, TITLE_MAX, said, short};

/// How long the kind of a link may be, in characters.
pub const WORD_CHARS_MAX: usize = 128;
/// How many logs a task and notes and links a case has at most.
pub const PARTS_MAX: usize = 10_000;

/// Returns a log whose text says something.
pub fn checked_log(log: TaskLog) -> Result<TaskLog, ChangeError> {
    Ok(TaskLog { text: said("message", &log.text, PROSE_MAX)?, ..log })
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
