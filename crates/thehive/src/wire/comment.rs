//! Comments.

use serde_json::{Map, Value, json};
use vigie_model::{Comment, Parent, Stamp};

use super::{Shape, Wire, author};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::time::millis;
use crate::{Fault, Visitor};

impl Wire for Comment {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("message", "text", FieldKind::Text),
        QueryField::new("createdBy", "author", FieldKind::Author),
        QueryField::new("createdAt", "created", FieldKind::Time),
        QueryField::new("updatedAt", "updated", FieldKind::Time),
        QueryField::new("alertId", "alert", FieldKind::Id),
        QueryField::new("caseId", "case", FieldKind::Id),
    ];

    async fn show(
        comments: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        Ok(comments.iter().map(|comment| shape(comment, extra)).collect())
    }
}

/// Unlike all others, a comment says twice who made it and when.
fn shape(comment: &Comment, extra: &[String]) -> Value {
    let stamp = Stamp {
        created: comment.created,
        created_by: comment.author.clone(),
        updated: comment.edited,
        updated_by: comment.edited_by.clone(),
    };
    Shape::of(comment.id, "Comment", &stamp)
        .with("createdBy", author(&comment.author))
        .with("createdAt", millis(comment.created))
        .maybe("updatedBy", comment.edited_by.as_deref().map(author))
        .maybe("updatedAt", comment.edited.map(millis))
        .with("message", comment.text.as_str())
        .with("isEdited", comment.edited.is_some())
        .with("external", false)
        .with("extraData", parent(comment.on, extra))
        .done()
}

/// Returns what a part is on, as far as that was asked for: `alert` and `alertId`, or `case` and `caseId`, and `links`.
pub(crate) fn parent(on: Parent, extra: &[String]) -> Value {
    let (name, id) = match on {
        Parent::Alert(id) => ("alert", id.wire()),
        Parent::Case(id) => ("case", id.wire()),
    };
    let mut data = Map::new();
    for asked in extra {
        let value = match asked.as_str() {
            "links" => json!({name: {"_id": id}}),
            asked if asked == name => json!({"_id": id}),
            asked if asked.strip_suffix("Id") == Some(name) => json!(id),
            _ => continue,
        };
        data.insert(asked.clone(), value);
    }
    Value::Object(data)
}
