//! Rules that people write here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use vigie_model::{ObjectKind, RuleId, Verb};
use vigie_store::AuditNote;

use super::super::extract::Body;
use super::super::problem::{FieldError, Problem, ProblemBody};
use super::check::bounded;
use crate::app::App;
use crate::auth::Caller;
use crate::causes::chain;
use crate::rules::{Checked, DiagnosticLevel, OWN_RULES_MAX, OwnName, OwnRuleError, OwnRules, check, run_tests};
use crate::rules::{Diagnostic, RuleTests};
use crate::serve::reload_rules;

/// A rule to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnRuleBody {
    /// Its text.
    yaml: String,
    /// Its tests: at least one document that it must match.
    tests: RuleTests,
}

/// A rule that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedRule {
    /// The name that it is kept under.
    name: String,
    /// The ids of its rules and correlations.
    rules: Vec<RuleId>,
    /// What could be better.
    diagnostics: Vec<Diagnostic>,
    /// How many rules are in force now.
    loaded: usize,
}

fn name(text: &str) -> Result<OwnName, Problem> {
    OwnName::new(text).ok_or_else(|| {
        Problem::field(
            "name",
            "expected lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 64",
        )
    })
}

/// Keeps a rule of one's own, with its tests, and detects with it from the next event on. It is refused unless it can be read
/// and says what it should of its tests.
#[utoipa::path(put, path = "/api/v1/rules/own/{name}", tag = "detection", request_body = OwnRuleBody,
    params(("name" = String, Path, description = "The name to keep it under: lower-case letters, digits, `-`, `_`.")), responses(
    (status = 200, description = "It is in force.", body = SavedRule),
    (status = 400, description = "The rule or one of its tests is wrong: the answer says where.", body = ProblemBody),
    (status = 409, description = "There are as many as may be, or the rules cannot be read again.", body = ProblemBody),
))]
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
    Body(rule): Body<OwnRuleBody>,
) -> Result<Json<SavedRule>, Problem> {
    caller.needs_all_tenants()?;
    let name = name(&text)?;
    bounded(&rule.yaml, &rule.tests)?;
    if rule.tests.matches.is_empty() {
        return Err(Problem::field("tests.match", "give at least one document that the rule must match"));
    }
    let _one_at_a_time = app.rules.turn().await;
    let own = OwnRules::of(&app.config.data_folder);
    let (book, pipeline, sources) = (app.rules.book(), app.rules.pipeline(), Arc::clone(&app.sources));
    let place = name.clone();
    let work = tokio::task::spawn_blocking(move || {
        let checked = check(&rule.yaml, &place.path(), &book, &pipeline);
        let wrong = wrong(&rule, &checked, &sources);
        if !wrong.is_empty() {
            return Err(Problem::fields(wrong));
        }
        if !own.has(&place) && own.names().map_err(unusable)?.len() >= OWN_RULES_MAX {
            return Err(Problem::conflict(format!("there are {OWN_RULES_MAX} rules of your own: delete one first")));
        }
        let is_new = !own.has(&place);
        own.save(&place, &rule.yaml, &rule.tests).map_err(unusable)?;
        let ids = checked.origins.iter().map(|origin| origin.summary.id.clone()).collect();
        Ok((is_new, ids, checked.diagnostics))
    });
    let saved = work.await.map_err(|panic| Problem::internal("keep a rule", &panic))?;
    let (is_new, rules, diagnostics): (bool, Vec<RuleId>, _) = saved?;
    let verb = if is_new { Verb::Create } else { Verb::Update };
    let loaded = take_effect(&app, &caller, verb, &name, json!({"rules": rules})).await?;
    Ok(Json(SavedRule { name: name.as_str().to_owned(), rules, diagnostics, loaded }))
}

/// Deletes a rule of one's own with its tests. Its alerts stay.
#[utoipa::path(delete, path = "/api/v1/rules/own/{name}", tag = "detection", params(("name" = String, Path, description = "The name that it is kept under.")), responses(
    (status = 204, description = "It is gone."),
    (status = 404, description = "There is no such rule.", body = ProblemBody),
))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<axum::http::StatusCode, Problem> {
    caller.needs_all_tenants()?;
    let name = name(&text)?;
    let _one_at_a_time = app.rules.turn().await;
    let own = OwnRules::of(&app.config.data_folder);
    let place = name.clone();
    let work = tokio::task::spawn_blocking(move || own.delete(&place));
    let was_there = work.await.map_err(|panic| Problem::internal("delete a rule", &panic))?.map_err(unusable)?;
    if !was_there {
        return Err(Problem::not_found("rule of your own"));
    }
    take_effect(&app, &caller, Verb::Delete, &name, json!({})).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

fn unusable(error: OwnRuleError) -> Problem {
    Problem::internal("use the folder of rules", &error)
}

/// Returns what is wrong with a rule and its tests.
fn wrong(rule: &OwnRuleBody, checked: &Checked, sources: &vigie_ingest::Sources) -> Vec<FieldError> {
    let errors = checked.diagnostics.iter().filter(|found| found.severity == DiagnosticLevel::Error);
    let mut wrong: Vec<FieldError> = errors
        .map(|found| FieldError {
            field: "yaml".to_owned(),
            message: format!("line {}: {}", found.line, found.message),
        })
        .collect();
    if wrong.is_empty() && checked.origins.is_empty() {
        wrong.push(FieldError { field: "yaml".to_owned(), message: "there is no rule in it".to_owned() });
    }
    if wrong.is_empty() {
        let failures = run_tests(&rule.yaml, checked, &rule.tests, sources);
        wrong.extend(
            failures.into_iter().map(|(test, message)| FieldError { field: format!("tests: {test}"), message }),
        );
    }
    wrong
}

/// Reads the rules again and writes down who changed them. Returns how many are in force.
async fn take_effect(
    app: &App,
    caller: &Caller,
    verb: Verb,
    name: &OwnName,
    details: serde_json::Value,
) -> Result<usize, Problem> {
    let report = reload_rules(app).await.map_err(|error| {
        Problem::conflict(format!("the rule is kept, but the rules cannot be read again: {}", chain(&error)))
    })?;
    let note = AuditNote {
        at: app.clock.now(),
        tenant: None,
        actor: caller.actor(),
        verb,
        object: ObjectKind::Rule,
        object_id: name.path(),
        details,
    };
    let mut tx = app.store.begin().await?;
    tx.audit(&note).await?;
    tx.commit().await?;
    Ok(report.rules)
}
