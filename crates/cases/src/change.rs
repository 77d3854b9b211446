//! What a change to a case comes to.

use vigie_model::{Alert, Case, Observable, Task, TimelineEntry};

/// A case after a change, and all that changed with it. Store it in one transaction, or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseChange {
    /// The case as it is now.
    pub case: Case,
    /// The version that the change was made from, or `None` for a new case.
    pub expected_version: Option<u64>,
    /// The alerts that changed, each one version on.
    pub alerts: Vec<Alert>,
    /// Observables to put on the case; those that it has are joined with them.
    pub observables: Vec<Observable>,
    /// Tasks that are new or changed.
    pub tasks: Vec<Task>,
    /// Entries to put on the timeline.
    pub timeline: Vec<TimelineEntry>,
}

impl CaseChange {
    /// Returns a change of the case alone.
    pub(crate) fn of(case: Case, expected_version: Option<u64>) -> Self {
        Self {
            case,
            expected_version,
            alerts: Vec::new(),
            observables: Vec::new(),
            tasks: Vec::new(),
            timeline: Vec::new(),
        }
    }
}

/// A change that the state of an alert or case does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// It is closed.
    #[error("it is closed: reopen it first")]
    Closed,
    /// It is not closed.
    #[error("it is not closed")]
    NotClosed,
    /// A text that must say something is empty.
    #[error("`{0}` is empty: say something")]
    Empty(&'static str),
    /// A text is too long.
    #[error("`{field}` is too long: at most {chars_max} characters")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// How long it may be.
        chars_max: usize,
    },
    /// A link that would run something where it is followed.
    #[error("`{0}` runs a script where somebody follows it: give an address of a page")]
    BadLink(&'static str),
    /// What the alert has from the rule that raised it.
    #[error("`{0}` cannot be changed: the alert is made of our own findings and has it from its rule")]
    OfItsRule(&'static str),
    /// An alert that is to be part of a case without one.
    #[error("`status` becomes Imported by merging the alert into a case: it cannot be set")]
    ImportedByHand,
    /// A file that is to be something else, or the other way round.
    #[error("`dataType` cannot be changed between a file and something else")]
    FileType,
    /// There are too many of something.
    #[error("too many {what}: at most {max}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// There are too few of something.
    #[error("too few {what}: at least {min}")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many there must be.
        min: usize,
    },
    /// What is to become one belongs to several tenants.
    #[error("they belong to several organisations")]
    OtherTenant,
    /// A case that nobody could open.
    #[error("`access.users` is empty: name who may open the case")]
    NoUsers,
    /// Something that ends before it begins.
    #[error("`endDate` is before `date`")]
    EndsBefore,
    /// A case that is linked to itself.
    #[error("`caseId` is the case itself: name another one")]
    LinkToItself,
    /// A comment that somebody else wrote.
    #[error("somebody else wrote it: only its author changes a comment")]
    OfAnother,
    /// A technique that cannot be one.
    #[error("`patternId` is no technique: expected an id such as T1059.006")]
    NoTechnique,
    /// There are too many tags.
    #[error("too many tags: at most {0}")]
    TooManyTags(usize),
}

impl ChangeError {
    /// Returns the error with a text's field called as the caller's own body calls it.
    #[must_use]
    pub const fn of_field(self, name: &'static str) -> Self {
        match self {
            Self::Empty(_) => Self::Empty(name),
            Self::TooLong { chars_max, .. } => Self::TooLong { field: name, chars_max },
            other => other,
        }
    }

    /// Returns the field that is wrong, where it is one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Closed | Self::NotClosed | Self::OtherTenant | Self::OfAnother => None,
            Self::Empty(field) | Self::TooLong { field, .. } | Self::BadLink(field) | Self::OfItsRule(field) => {
                Some(field)
            }
            Self::TooMany { what, .. } | Self::TooFew { what, .. } => Some(what),
            Self::ImportedByHand => Some("status"),
            Self::FileType => Some("dataType"),
            Self::NoUsers => Some("access"),
            Self::NoTechnique => Some("patternId"),
            Self::EndsBefore => Some("endDate"),
            Self::LinkToItself => Some("caseId"),
            Self::TooManyTags(_) => Some("tags"),
        }
    }
}

/// How long a title may be, in characters.
pub(crate) const TITLE_MAX: usize = 512;
/// How long a description, comment or summary may be, in characters.
pub(crate) const PROSE_MAX: usize = 100_000;
/// How many tags an object holds, and how long each may be in characters.
pub(crate) const TAGS_MAX: usize = 100;
pub(crate) const TAG_MAX: usize = 128;

/// Returns the text without blanks around it, where it says something and is not too long.
pub(crate) fn said(field: &'static str, text: &str, chars_max: usize) -> Result<String, ChangeError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ChangeError::Empty(field));
    }
    short(field, text, chars_max)
}

/// Returns the text, where it is not too long.
pub(crate) fn short(field: &'static str, text: &str, chars_max: usize) -> Result<String, ChangeError> {
    if text.chars().nth(chars_max).is_some() {
        return Err(ChangeError::TooLong { field, chars_max });
    }
    Ok(text.to_owned())
}

/// Returns tags without blanks around them, each once, in the order given.
pub(crate) fn tags_of(tags: &[String]) -> Result<Vec<String>, ChangeError> {
    let mut clean: Vec<String> = Vec::new();
    for tag in tags {
        let tag = said("tags", tag, TAG_MAX)?;
        if !clean.contains(&tag) {
            clean.push(tag);
        }
    }
    if clean.len() > TAGS_MAX {
        return Err(ChangeError::TooManyTags(TAGS_MAX));
    }
    Ok(clean)
}
