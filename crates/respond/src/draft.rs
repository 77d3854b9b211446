//! Actions before it is decided whether they may be done.

use std::time::Duration;

use serde_json::{Map, Value};
use vigie_model::{
    Action, ActionId, ActionStatus, ActionStep, Entity, EntityRole, ObservableKind, TenantId, Timestamp, Trigger,
};

use crate::address::Refusal;
use crate::{ActionSpec, Approval, spell_duration};

/// An action before it is decided whether it may be done.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) spec: &'static ActionSpec,
    pub(crate) tenant: TenantId,
    pub(crate) trigger: Trigger,
    pub(crate) target: Option<Entity>,
    /// Why the target may not be touched.
    pub(crate) refusal: Option<Refusal>,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) approval: Approval,
    pub(crate) expires: Option<Duration>,
    /// `playbook:NAME` or a user's name.
    pub(crate) by: String,
    /// Why it is planned, for the first step.
    pub(crate) why: String,
}

impl Draft {
    /// Returns what tells this action from the others that answer the same alert: its kind and target or, for a message,
    /// who gets it. Who asks for it and how it is worded is no part of it.
    pub(crate) fn identity(&self) -> Vec<String> {
        let mut parts = vec![self.spec.kind.to_owned()];
        match &self.target {
            Some(target) => parts.push(target.to_string()),
            None => parts.extend(
                self.spec
                    .identity
                    .iter()
                    .map(|name| self.parameters.get(*name).map_or_else(String::new, ToString::to_string)),
            ),
        }
        parts
    }

    /// Returns the id of this action: the same for the same tenant, seed (what it answers) and identity.
    pub(crate) fn id(&self, seed: &[u8], round: u32) -> ActionId {
        let mut parts: Vec<Vec<u8>> = vec![self.tenant.as_str().into(), seed.into(), round.to_le_bytes().into()];
        parts.extend(self.identity().into_iter().map(String::into_bytes));
        ActionId::derive(parts)
    }

    /// Returns the action, planned and nothing more.
    pub(crate) fn into_action(self, id: ActionId, now: Timestamp) -> Action {
        let summary = self.summary();
        Action {
            id,
            tenant: self.tenant,
            trigger: self.trigger,
            kind: self.spec.kind.to_owned(),
            target: self.target,
            parameters: self.parameters,
            summary,
            blast_radius: self.spec.blast_radius.to_owned(),
            undo: self.spec.undo.as_str().to_owned(),
            expires_after_s: self.expires.map(|span| span.as_secs()),
            status: ActionStatus::Planned,
            steps: vec![ActionStep { at: now, status: ActionStatus::Planned, by: self.by, note: self.why }],
            created: now,
            updated: now,
        }
    }

    fn summary(&self) -> String {
        let target = self.target.as_ref().map_or("", |target| target.value.as_str());
        let to = match self.parameters.get("to") {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            _ => "the recipients in the configuration".to_owned(),
        };
        // One pass for each: what is filled in is never searched for braces again where it could matter, since an
        // address holds none and names are checked.
        let phrase = self.spec.phrase.replace("{target}", target).replace("{to}", &to);
        match self.expires {
            Some(span) => format!("{phrase} for {}", spell_duration(span)),
            None => self.about().map_or_else(|| phrase.clone(), |title| format!("{phrase}: {title}")),
        }
    }

    /// What a message is about.
    fn about(&self) -> Option<&str> {
        self.parameters.get("about")?.get("title")?.as_str()
    }
}

/// Returns the target of an action. An address is blocked as a source; whatever else is acted on plays the target's part.
pub(crate) fn target_of(spec: &ActionSpec, value: String) -> Option<Entity> {
    spec.target.map(|(_, kind)| {
        let role = if kind == ObservableKind::Ip { EntityRole::Source } else { EntityRole::Target };
        Entity::new(kind, value, role)
    })
}
