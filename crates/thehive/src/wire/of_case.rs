//! What the parts of cases say of the case that they are on.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use vigie_model::{Case, CaseId, Filter, Selection, Value as ModelValue};

use crate::door::Door;
use crate::id::WireId as _;
use crate::{Fault, Visitor};

/// The cases that some parts are on, as far as clients asked for them.
pub(crate) struct Cases(HashMap<CaseId, Value>);

impl Cases {
    /// Loads the cases, if clients asked for `case` or `links`.
    pub(crate) async fn load(
        ids: impl Iterator<Item = CaseId>,
        door: &Door,
        visitor: &Visitor,
        extra: &[String],
    ) -> Result<Self, Fault> {
        if !extra.iter().any(|asked| matches!(asked.as_str(), "case" | "links")) {
            return Ok(Self(HashMap::new()));
        }
        let mut ids: Vec<CaseId> = ids.collect();
        ids.sort();
        ids.dedup();
        let values = ids.iter().map(|id| ModelValue::Text(id.to_string())).collect();
        let filter = Filter::OneOf { name: "id".to_owned(), values };
        let found: Vec<Case> = door.store.select(&visitor.scope, &Selection::of(filter, ids.len() as u64)).await?;
        Ok(Self(found.iter().map(|case| (case.id, brief(case))).collect()))
    }

    /// Adds to `extraData` what clients asked for of a part's case: `case`, `caseId`, `links`.
    pub(crate) fn describe(&self, case: CaseId, asked: &str, data: &mut Map<String, Value>) {
        let found = || self.0.get(&case).cloned().unwrap_or_else(|| json!({"_id": case.wire()}));
        let value = match asked {
            "case" => found(),
            "caseId" => json!(case.wire()),
            "links" => json!({"case": found()}),
            _ => return,
        };
        data.insert(asked.to_owned(), value);
    }
}

/// What people call a case. The rest is had by its id: a hundred tasks would repeat it a hundred times.
fn brief(case: &Case) -> Value {
    json!({"_id": case.id.wire(), "_type": "Case", "number": case.number, "title": case.title})
}
