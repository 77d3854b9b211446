//! `/api/v1/rules` and `/api/v1/playbooks`: what is detected and what is answered.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use vigie_model::{PlaybookId, RuleSummary};

use super::{Route, read};
use crate::app::App;
use crate::auth::Caller;

pub(super) fn routes() -> Vec<Route> {
    vec![read("/api/v1/rules", rules), read("/api/v1/playbooks", playbooks)]
}

/// Lists the rules in force, by title.
#[utoipa::path(get, path = "/api/v1/rules", tag = "detection", responses((status = 200, description = "The rules.", body = Vec<RuleSummary>)))]
pub(crate) async fn rules(State(app): State<Arc<App>>, _caller: Caller) -> Json<Vec<Arc<RuleSummary>>> {
    let mut rules = app.rules.get().as_ref().clone();
    rules.sort_by(|left, right| left.title.cmp(&right.title).then_with(|| left.id.cmp(&right.id)));
    Json(rules)
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
