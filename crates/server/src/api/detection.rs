//! `/api/v1/rules/reload` and `/api/v1/playbooks`: what is detected is read again, and what is answered.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use vigie_model::{ObjectKind, PlaybookId, Role, Verb};
use vigie_store::AuditNote;

use super::problem::{Problem, ProblemBody};
use super::{Route, read};
use crate::app::App;
use crate::auth::{Access, Caller};
use crate::causes::chain;
use crate::serve::reload_rules;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, "/api/v1/rules/reload", Access::Role(Role::Admin), reload),
        read("/api/v1/playbooks", playbooks),
    ]
}

/// What was loaded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reloaded {
    /// How many rules are in force.
    loaded: usize,
    /// The rules that were refused; the others are in force.
    failed: Vec<RefusedRule>,
}

/// A rule that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedRule {
    /// Its file.
    path: String,
    /// What is wrong with it.
    reason: String,
}

/// Reads the rules again and detects with them from the next event on. What correlations remember is kept for those that did
/// not change. `kill -HUP` does the same.
#[utoipa::path(post, path = "/api/v1/rules/reload", tag = "detection", responses(
    (status = 200, description = "What is in force now.", body = Reloaded),
    (status = 409, description = "A folder or pipeline cannot be read; the rules stay as they were.", body = ProblemBody),
))]
pub(crate) async fn reload(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Reloaded>, Problem> {
    caller.needs_all_tenants()?;
    let report = reload_rules(&app)
        .await
        .map_err(|error| Problem::conflict(format!("the rules stay as they were: {}", chain(&error))))?;
    let details = json!({"loaded": report.rules, "failed": report.failed.len()});
    let mut tx = app.store.begin().await?;
    let note = AuditNote {
        at: app.clock.now(),
        tenant: None,
        actor: caller.actor(),
        verb: Verb::Import,
        object: ObjectKind::Rule,
        object_id: "all".to_owned(),
        details,
    };
    tx.audit(&note).await?;
    tx.commit().await?;
    let failed = report.failed.into_iter().map(|failure| RefusedRule { path: failure.path, reason: failure.reason });
    Ok(Json(Reloaded { loaded: report.rules, failed: failed.collect() }))
}

/// A playbook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaybookBody {
    /// Its id: the name of its file.
    id: PlaybookId,
    /// Its title.
    name: String,
    /// What it is for.
    description: String,
    /// The kinds of action that it asks for.
    actions: Vec<PlaybookActionBody>,
}

/// What a playbook asks for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaybookActionBody {
    /// The kind of action.
    kind: &'static str,
    /// Whether an analyst must say yes.
    needs_approval: bool,
    /// How long it stays in force, in seconds.
    expires_after_s: Option<u64>,
    /// Who and what it can touch.
    blast_radius: &'static str,
}

/// Lists the playbooks in force.
#[utoipa::path(get, path = "/api/v1/playbooks", tag = "detection", responses((status = 200, description = "The playbooks.", body = Vec<PlaybookBody>)))]
pub(crate) async fn playbooks(State(app): State<Arc<App>>, _caller: Caller) -> Json<Vec<PlaybookBody>> {
    let body = app.playbooks.get().iter().map(PlaybookBody::of).collect();
    Json(body)
}

impl PlaybookBody {
    fn of(playbook: &vigie_respond::Playbook) -> Self {
        let action = |action: &vigie_respond::PlaybookAction| PlaybookActionBody {
            kind: action.spec.kind,
            needs_approval: action.approval != vigie_respond::Approval::None,
            expires_after_s: action.expires.map(|span| span.as_secs()),
            blast_radius: action.spec.blast_radius,
        };
        Self {
            id: playbook.id.clone(),
            name: playbook.name.clone(),
            description: playbook.description.clone(),
            actions: playbook.actions.iter().map(action).collect(),
        }
    }
}
