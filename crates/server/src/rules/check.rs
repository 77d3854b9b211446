//! What is wrong with a rule's text, and what could be better.

use serde::{Deserialize as _, Serialize};
use utoipa::ToSchema;
use vigie_detect::{FailureCode, LoadFailure, Pipeline, RuleOrigin, RuleSet};
use vigie_model::{Logsource, RuleId};
use yaml_serde::{Deserializer, Value};

use super::RuleBook;

/// How bad what is said of a rule's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiagnosticLevel {
    /// The rule is not loaded.
    Error,
    /// The rule is loaded, and could be better.
    Warning,
}

/// Something about a rule's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Diagnostic {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The character of the line, from 1; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u32>,
    /// How bad it is.
    pub(crate) severity: DiagnosticLevel,
    /// What it is, in one word that stays the same.
    #[schema(value_type = String)]
    pub(crate) code: &'static str,
    /// What it is and what to do, for a person.
    pub(crate) message: String,
}

/// What came of looking at a rule's text.
pub(crate) struct Checked {
    /// What is wrong, in the order of the lines.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Its rules and correlations, as far as they load.
    pub(crate) origins: Vec<RuleOrigin>,
    /// Its rules; together with those in force where it rests on one of them.
    pub(crate) rules: RuleSet,
}

impl Checked {
    /// Returns whether nothing in it was refused.
    pub(crate) fn is_right(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity != DiagnosticLevel::Error)
    }

    /// Returns whether a rule is one of the text's own.
    pub(crate) fn has(&self, rule: &RuleId) -> bool {
        self.origins.iter().any(|origin| origin.summary.id == *rule)
    }

    /// Returns what the rules of the text look at.
    pub(crate) fn logsources(&self) -> Vec<Logsource> {
        let mut found: Vec<Logsource> = Vec::new();
        for logsource in self.origins.iter().flat_map(|origin| &origin.logsources) {
            if !found.contains(logsource) {
                found.push(logsource.clone());
            }
        }
        found
    }
}

/// Looks at the text of the rule file that is called `path`: on its own, and where it names rules that stand elsewhere,
/// among those in force. The file of that path in the book is left out: it is what the text will replace.
pub(crate) fn check(text: &str, path: &str, book: &RuleBook, pipeline: &Pipeline) -> Checked {
    let alone = RuleSet::load([(path.to_owned(), text.to_owned())], pipeline);
    let rests_on_others = alone.failed.iter().any(|failure| failure.code == FailureCode::UnknownRule);
    let loaded = if rests_on_others {
        let mut texts = book.texts_but(path);
        texts.push((path.to_owned(), text.to_owned()));
        RuleSet::load(texts, pipeline)
    } else {
        alone
    };
    let mut diagnostics: Vec<Diagnostic> =
        loaded.failed.into_iter().filter(|failure| failure.path == path).map(error).collect();
    let origins = loaded.rules.origins().into_iter().filter(|origin| origin.path.as_ref() == path);
    let origins: Vec<RuleOrigin> = origins.collect();
    for origin in &origins {
        let taken = book.get(origin.summary.id.as_str()).filter(|entry| entry.origin.path.as_ref() != path);
        if let Some(entry) = taken {
            let message = format!(
                "the rule `{}` in force has this id already: give this one an id of its own",
                entry.origin.summary.title
            );
            let line = line_of(text, origin.summary.id.as_str());
            let code = FailureCode::DuplicateId.as_str();
            diagnostics.push(Diagnostic { line, column: None, severity: DiagnosticLevel::Error, code, message });
        }
    }
    if diagnostics.is_empty() {
        diagnostics.extend(advice(text));
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    diagnostics.dedup();
    Checked { diagnostics, origins, rules: loaded.rules }
}

fn error(failure: LoadFailure) -> Diagnostic {
    Diagnostic {
        line: failure.line.unwrap_or(1),
        column: failure.column,
        severity: DiagnosticLevel::Error,
        code: failure.code.as_str(),
        message: failure.reason,
    }
}

/// Returns the first line that holds a text, from 1; 1 where none does.
fn line_of(text: &str, wanted: &str) -> u32 {
    let found = text.lines().position(|line| line.contains(wanted)).unwrap_or(0);
    u32::try_from(found + 1).unwrap_or(u32::MAX)
}

/// Returns what a rule could say that helps whoever meets its alerts.
fn advice(text: &str) -> Vec<Diagnostic> {
    const WISHES: [(&str, &str, &str); 5] = [
        ("id", "no_id", "give the rule an `id` (a UUID): without it the rule goes by its file's name"),
        ("level", "no_level", "say how bad a match is with `level`: without it, it is medium"),
        (
            "description",
            "no_description",
            "say in `description` what the rule looks for: analysts read it in the alert",
        ),
        ("falsepositives", "no_false_positives", "say in `falsepositives` when the rule is wrong"),
        ("tags", "no_tags", "name the ATT&CK technique in `tags`, such as `attack.t1110`: coverage counts it"),
    ];
    let mut advice = Vec::new();
    for document in Deserializer::from_str(text).filter_map(|document| Value::deserialize(document).ok()) {
        if document.get("detection").is_none() && document.get("correlation").is_none() {
            continue;
        }
        let title = document.get("title").and_then(Value::as_str).unwrap_or_default();
        for (field, code, message) in WISHES {
            if document.get(field).is_none() {
                let message = message.to_owned();
                let line = line_of(text, title);
                advice.push(Diagnostic { line, column: None, severity: DiagnosticLevel::Warning, code, message });
            }
        }
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "title: Shell\nid: 7f3b6c1e-52f4-4a53-9d5e-0c6f3a0a9a11\ndescription: x\nlogsource:\n    product: linux\n    service: sudo\ndetection:\n    selection:\n        command: /bin/bash\n    condition: selection\nlevel: low\nfalsepositives: [none]\ntags: [attack.t1110]\n";

    #[track_caller]
    fn check(text: &str, expected: &[(u32, Option<u32>, &str)]) {
        let checked = super::check(text, "own/x/rule.yml", &RuleBook::default(), &Pipeline::none());
        let got: Vec<_> = checked.diagnostics.iter().map(|found| (found.line, found.column, found.code)).collect();
        assert_eq!(got, expected, "{:?}", checked.diagnostics);
        assert_eq!(checked.is_right(), !checked.origins.is_empty());
    }

    #[test]
    fn where_and_what() {
        check(RULE, &[]);
        check(&RULE.replace("command:", "command|nonsense:"), &[(9, Some(9), "unknown_modifier")]);
        check(&RULE.replace("condition: selection", "condition: selektion"), &[(10, Some(5), "unknown_identifier")]);
        check(&RULE.replace("level: low\n", ""), &[(1, None, "no_level")]);
        check("title: [", &[(2, Some(1), "yaml_syntax")]);
    }
}
