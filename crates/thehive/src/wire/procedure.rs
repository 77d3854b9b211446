//! Procedures: ATT&CK techniques that were seen at work.

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::ProcedureEdit;
use vigie_model::Procedure;

use super::comment::parent;
use super::{Shape, Wire, nullable};
use crate::door::Door;
use crate::query::{FieldKind, QueryField};
use crate::time::{millis, read_time};
use crate::{Fault, Visitor};

impl Wire for Procedure {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("patternId", "technique", FieldKind::Text),
        QueryField::new("tactic", "tactic", FieldKind::Text),
        QueryField::new("occurDate", "occurred", FieldKind::Time),
        QueryField::new("alertId", "alert", FieldKind::Id),
        QueryField::new("caseId", "case", FieldKind::Id),
    ];

    async fn show(
        procedures: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let show = |procedure: &Procedure| {
            Shape::of(procedure.id, "Procedure", &procedure.stamp)
                .maybe("description", procedure.description.clone())
                .with("occurDate", millis(procedure.occurred))
                .with("patternId", procedure.technique.as_str())
                .maybe("tactic", procedure.tactic.clone())
                .maybe("tacticLabel", procedure.tactic.as_deref().map(label))
                .with("extraData", parent(procedure.on, extra))
                .done()
        };
        Ok(procedures.iter().map(show).collect())
    }
}

/// Returns a tactic as people read it: `Command and Control`.
fn label(tactic: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if word != "and" => first.to_uppercase().chain(letters).collect(),
            _ => word.to_owned(),
        }
    };
    tactic.split('-').map(capital).collect::<Vec<String>>().join(" ")
}

/// A new procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcedureIn {
    occur_date: Value,
    pattern_id: String,
    #[serde(default)]
    tactic: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

impl ProcedureIn {
    /// Returns what it says.
    pub(crate) fn edit(self) -> Result<ProcedureEdit, Fault> {
        Ok(ProcedureEdit {
            technique: self.pattern_id,
            tactic: self.tactic,
            occurred: read_time("occurDate", &self.occur_date)?,
            description: self.description,
        })
    }
}

/// What to change of a procedure.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct ProcedurePatchIn {
    occur_date: Option<Value>,
    pattern_id: Option<String>,
    #[serde(deserialize_with = "nullable")]
    tactic: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    description: Option<Option<String>>,
}

impl ProcedurePatchIn {
    /// Returns what a procedure says after the change.
    pub(crate) fn edit(self, before: &Procedure) -> Result<ProcedureEdit, Fault> {
        let now = ProcedureEdit::of(before);
        let occurred = self.occur_date.as_ref().map(|date| read_time("occurDate", date)).transpose()?;
        Ok(ProcedureEdit {
            technique: self.pattern_id.unwrap_or(now.technique),
            tactic: self.tactic.unwrap_or(now.tactic),
            occurred: occurred.unwrap_or(now.occurred),
            description: self.description.unwrap_or(now.description),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tactics_as_people_read_them() {
        for (tactic, expected) in [("execution", "Execution"), ("command-and-control", "Command and Control"), ("", "")]
        {
            assert_eq!(label(tactic), expected);
        }
    }
}
