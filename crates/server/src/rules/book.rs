//! The rules in force with their texts and where they are from.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;
use vigie_detect::{RuleOrigin, RuleSet};

/// Where a rule is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RuleFrom {
    /// It came with Vigie.
    Builtin,
    /// A folder that the configuration names.
    Folder,
    /// Somebody wrote it in the console.
    Own,
}

/// A rule file as it was read.
#[derive(Debug, Clone)]
pub(crate) struct RuleFile {
    /// What messages call it.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) from: RuleFrom,
}

/// A rule or correlation in force.
#[derive(Debug, Clone)]
pub(crate) struct RuleEntry {
    pub(crate) origin: RuleOrigin,
    pub(crate) from: RuleFrom,
}

/// The rules in force, by title, and the texts that they were read from.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleBook {
    entries: Vec<RuleEntry>,
    files: HashMap<Arc<str>, (RuleFrom, Arc<str>)>,
}

impl RuleBook {
    /// Returns the book of rules that were loaded from these files.
    pub(crate) fn new(rules: &RuleSet, files: Vec<RuleFile>) -> Self {
        let files: HashMap<Arc<str>, (RuleFrom, Arc<str>)> =
            files.into_iter().map(|file| (file.path.into(), (file.from, file.text.into()))).collect();
        let entry = |origin: RuleOrigin| {
            let from = files.get(&origin.path).map_or(RuleFrom::Folder, |(from, _)| *from);
            RuleEntry { origin, from }
        };
        let mut entries: Vec<RuleEntry> = rules.origins().into_iter().map(entry).collect();
        entries.sort_by(|left, right| {
            let [left, right] = [left, right].map(|entry| &entry.origin.summary);
            left.title.cmp(&right.title).then_with(|| left.id.cmp(&right.id))
        });
        Self { entries, files }
    }

    /// Returns every rule, by title.
    pub(crate) fn entries(&self) -> &[RuleEntry] {
        &self.entries
    }

    /// Returns the rule of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&RuleEntry> {
        self.entries.iter().find(|entry| entry.origin.summary.id.as_str() == id)
    }

    /// Returns the text of a rule file.
    pub(crate) fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.files.get(path).map(|(_, text)| text)
    }

    /// Returns path and text of every file but one.
    pub(crate) fn texts_but(&self, path: &str) -> Vec<(String, String)> {
        let others = self.files.iter().filter(|(name, _)| name.as_ref() != path);
        let mut texts: Vec<(String, String)> =
            others.map(|(name, (_, text))| (name.to_string(), text.to_string())).collect();
        texts.sort();
        texts
    }
}
