//! Custom fields.

use serde_json::{Value, json};
use vigie_model::CustomField;

use super::{Shape, Wire};
use crate::door::Door;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for CustomField {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("name", "name", FieldKind::Text),
        QueryField::new("reference", "name", FieldKind::Text),
        QueryField::new("type", "kind", FieldKind::Text),
    ];

    async fn show(
        objects: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let shape = |field: Self| {
            Shape::of(field.id, "CustomField", &field.stamp)
                .with("name", field.name)
                .with("displayName", field.display_name)
                .with("group", field.group)
                .with("description", field.description)
                .with("type", json!(field.kind))
                .with("options", field.options)
                .with("mandatory", field.mandatory)
                .with("extraData", json!({}))
                .done()
        };
        Ok(objects.into_iter().map(shape).collect())
    }
}
