//! Playbooks: when this alert, then these actions.

use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use vigie_model::PlaybookId;

use crate::parameter::Argument;
use crate::{ActionSpec, Catalogue, Conditions, parse};

/// How long a playbook's file may be: 64 KiB.
pub const PLAYBOOK_BYTES_MAX: usize = 64 * 1024;

/// Returns whether a file of this name in a folder of playbooks is one: `x.yml` or `x.yaml`, but not `x.test.yml`, which
/// is its test.
pub fn is_playbook_file(name: &str) -> bool {
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| !stem.is_empty() && stem.strip_suffix(".test").is_none() && !stem.starts_with('.'))
}

/// Whether somebody must say yes before an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Approval {
    /// Nobody: it is done at once.
    None,
    /// An analyst. The default.
    #[default]
    Analyst,
}

/// An action that a playbook asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaybookAction {
    /// What kind of action it is.
    pub spec: &'static ActionSpec,
    /// Who must say yes.
    pub approval: Approval,
    /// How long it stays in force; `None` for what is over when done.
    pub expires: Option<Duration>,
    /// What must hold besides the playbook's trigger.
    pub when: Conditions,
    pub(crate) arguments: IndexMap<&'static str, Argument>,
}

/// When this alert, then these actions, under these conditions and approvals.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// Its file's name without the ending.
    pub id: PlaybookId,
    /// One line for a person.
    pub name: String,
    /// What it is for, in words.
    pub description: String,
    /// The alerts that it answers.
    pub trigger: Conditions,
    /// What it does about them, in this order.
    pub actions: Vec<PlaybookAction>,
}

impl Playbook {
    /// Reads a playbook from YAML. `file` is the name of its file, with or without folder and ending; it becomes the id.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line, its field and, where a word is misspelt, the word that was meant.
    pub fn parse(file: &str, text: &str, catalogue: &Catalogue) -> Result<Self, PlaybookError> {
        parse::playbook(file, text, catalogue)
    }
}

impl PlaybookAction {
    /// Returns the name that a message is addressed to, such as a webhook's; `None` where it goes by configuration.
    pub fn addressee(&self) -> Option<&str> {
        match self.arguments.get("to") {
            Some(Argument::Name(name)) => Some(name),
            Some(
                Argument::Attackers
                | Argument::Network(_)
                | Argument::Resource(_)
                | Argument::Text(_)
                | Argument::MailAddresses(_),
            )
            | None => None,
        }
    }
}

/// What is wrong with a playbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaybookError {
    /// The playbook's file, as it was named to [`Playbook::parse`].
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The path of the field: `actions[0].with.ip`; empty for the whole file.
    pub field: String,
    /// What is wrong.
    pub reason: String,
    /// The word that was likely meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for PlaybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "playbook `{}`", self.file)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", `{}`", self.field)?;
        }
        write!(f, ": {}", self.reason)?;
        match &self.suggestion {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for PlaybookError {}
