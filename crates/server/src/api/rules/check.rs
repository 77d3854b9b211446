//! Whether a rule's text is right.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::extract::Body;
use super::super::problem::{Problem, ProblemBody};
use super::KnownRule;
use crate::app::App;
use crate::auth::Caller;
use crate::rules::{Diagnostic, OWN_YAML_BYTES_MAX, OwnName, RuleFrom, RuleTests, TESTS_MAX, check, run_tests};

/// What messages call a text that has no name yet.
const UNNAMED: &str = "own/new/rule.yml";

/// A rule to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleText {
    /// The text.
    yaml: String,
    /// The name of the own rule whose text it is, so that it is not held against itself.
    #[serde(default)]
    name: Option<String>,
    /// Documents to test it with.
    #[serde(default)]
    tests: RuleTests,
}

/// What came of looking at a rule.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedBody {
    /// What is wrong and what could be better, in the order of the lines.
    diagnostics: Vec<Diagnostic>,
    /// Its rules and correlations, as far as they can be read.
    rules: Vec<KnownRule>,
    /// The tests that say something else than they should.
    failures: Vec<TestFailure>,
}

/// A test that says something else than it should.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestFailure {
    /// Which one: `match 1`, `ignore 2`.
    test: String,
    /// Why.
    reason: String,
}

/// Returns the path of a rule's text.
pub(super) fn path_of(name: Option<&str>) -> Result<String, Problem> {
    let refused = || Problem::field("name", "expected lower-case letters, digits, `-` and `_`, at most 64");
    name.map_or(Ok(UNNAMED.to_owned()), |name| OwnName::new(name).map(|name| name.path()).ok_or_else(refused))
}

pub(super) fn bounded(yaml: &str, tests: &RuleTests) -> Result<(), Problem> {
    if yaml.len() > OWN_YAML_BYTES_MAX {
        return Err(Problem::field("yaml", format!("expected at most {OWN_YAML_BYTES_MAX} bytes")));
    }
    if tests.matches.len() > TESTS_MAX || tests.ignores.len() > TESTS_MAX {
        return Err(Problem::field("tests", format!("expected at most {TESTS_MAX} of each kind")));
    }
    let known = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && name.len() <= 64;
    let wrong = tests.matches.iter().chain(&tests.ignores).filter_map(|test| test.source.as_deref());
    match wrong.filter(|name| !known(name)).count() {
        0 => Ok(()),
        _ => Err(Problem::field("tests", "a source is named in lower-case letters and `_`, such as `linux_auth`")),
    }
}

/// Looks at a rule's text and runs its tests. Nothing is kept.
#[utoipa::path(post, path = "/api/v1/rules/check", tag = "detection", request_body = RuleText, responses(
    (status = 200, description = "What is wrong with it, if anything.", body = CheckedBody),
    (status = 400, description = "The text is too long.", body = ProblemBody),
))]
pub(crate) async fn check_rule(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Body(asked): Body<RuleText>,
) -> Result<Json<CheckedBody>, Problem> {
    bounded(&asked.yaml, &asked.tests)?;
    let path = path_of(asked.name.as_deref())?;
    let (book, pipeline, sources) = (app.rules.book(), app.rules.pipeline(), Arc::clone(&app.sources));
    let work = tokio::task::spawn_blocking(move || {
        let checked = check(&asked.yaml, &path, &book, &pipeline);
        let failures =
            if checked.is_right() { run_tests(&asked.yaml, &checked, &asked.tests, &sources) } else { Vec::new() };
        CheckedBody {
            rules: checked.origins.iter().map(|origin| KnownRule::new(origin, RuleFrom::Own)).collect(),
            failures: failures.into_iter().map(|(test, reason)| TestFailure { test, reason }).collect(),
            diagnostics: checked.diagnostics,
        }
    });
    work.await.map(Json).map_err(|panic| Problem::internal("look at a rule", &panic))
}
