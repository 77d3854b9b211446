//! The rules in force, and one of them with its text.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_detect::RuleOrigin;
use vigie_model::{Logsource, RuleId, RuleSummary};

use super::super::extract::Id;
use super::super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::auth::Caller;
use crate::content::RULE_TESTS;
use crate::rules::{OwnName, OwnRules, RuleEntry, RuleFrom, RuleTest, RuleTests};

/// A rule or correlation in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownRule {
    /// What its findings tell of it.
    #[serde(flatten)]
    #[schema(value_type = RuleSummary)]
    summary: Arc<RuleSummary>,
    /// What it looks at; of a correlation what the rules look at that it rests on.
    logsources: Vec<Logsource>,
    /// Whether it is a correlation.
    correlation: bool,
    /// Whether it makes no findings of its own, because a correlation rests on it.
    silent: bool,
    /// Where it is from.
    from: RuleFrom,
    /// The file that it was read from.
    path: String,
    /// The name to change it by, where it was written here.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<String>,
}

impl KnownRule {
    pub(super) fn new(origin: &RuleOrigin, from: RuleFrom) -> Self {
        Self {
            summary: Arc::clone(&origin.summary),
            logsources: origin.logsources.clone(),
            correlation: origin.correlation,
            silent: origin.silent,
            from,
            path: origin.path.to_string(),
            own: OwnName::of_path(&origin.path).filter(|_| from == RuleFrom::Own).map(|name| name.as_str().to_owned()),
        }
    }
}

impl From<&RuleEntry> for KnownRule {
    fn from(entry: &RuleEntry) -> Self {
        Self::new(&entry.origin, entry.from)
    }
}

/// A rule with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleDetail {
    /// What is known of it.
    #[serde(flatten)]
    rule: KnownRule,
    /// Its file as it was read. It may hold other rules too, such as those that a correlation rests on.
    yaml: String,
    /// The other rules of the file.
    beside: Vec<RuleId>,
    /// Whether it can be changed here; others can be copied.
    editable: bool,
    /// The documents that it was tested with, as far as they are here.
    tests: RuleTests,
}

/// Lists the rules in force, by title.
#[utoipa::path(get, path = "/api/v1/rules", tag = "detection", responses((status = 200, description = "The rules.", body = Vec<KnownRule>)))]
pub(crate) async fn rules(State(app): State<Arc<App>>, _caller: Caller) -> Json<Vec<KnownRule>> {
    Json(app.rules.book().entries().iter().map(KnownRule::from).collect())
}

/// Returns a rule with its text and its tests.
#[utoipa::path(get, path = "/api/v1/rules/{id}", tag = "detection", params(("id" = String, Path, description = "The rule's id.")), responses(
    (status = 200, description = "The rule.", body = RuleDetail),
    (status = 404, description = "No such rule is in force.", body = ProblemBody),
))]
pub(crate) async fn rule(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Id(id): Id<RuleId>,
) -> Result<Json<RuleDetail>, Problem> {
    let book = app.rules.book();
    let entry = book.get(id.as_str()).ok_or_else(|| Problem::not_found("rule"))?;
    let path = &entry.origin.path;
    let rule = KnownRule::from(entry);
    let tests = match rule.own.as_deref().and_then(OwnName::new) {
        Some(name) => {
            let own = OwnRules::of(&app.config.data_folder);
            let read = tokio::task::spawn_blocking(move || own.tests(&name)).await.expect("reading does not panic");
            read.map_err(|error| Problem::internal("read the tests of a rule", &error))?
        }
        None => builtin_tests(path),
    };
    let beside = book.entries().iter().map(|entry| &entry.origin).filter(|other| other.path == *path);
    Ok(Json(RuleDetail {
        yaml: book.text(path).map(ToString::to_string).unwrap_or_default(),
        beside: beside.map(|other| other.summary.id.clone()).filter(|other| *other != id).collect(),
        editable: rule.own.is_some(),
        tests,
        rule,
    }))
}

/// Returns the documents that came with a rule of ours.
fn builtin_tests(path: &str) -> RuleTests {
    let mut tests = RuleTests::default();
    let Some(folder) = path.strip_suffix("rule.yml") else { return tests };
    for (path, bytes) in RULE_TESTS {
        let Some(name) = path.strip_prefix(folder) else { continue };
        let list = if name.starts_with("match-") { &mut tests.matches } else { &mut tests.ignores };
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let source = stem.rsplit_once('.').map(|(_, source)| source.to_owned());
        list.push(RuleTest { source, text: text.to_owned() });
    }
    tests
}
