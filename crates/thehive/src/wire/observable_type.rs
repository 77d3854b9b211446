//! Types of observables.

use serde_json::Value;
use vigie_model::DataType;

use super::{Shape, Wire};
use crate::door::Door;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for DataType {
    const FIELDS: &'static [QueryField] = &[QueryField::new("name", "name", FieldKind::Text)];

    async fn show(
        objects: Vec<Self>,
        _door: &Door,
        _visitor: &Visitor,
        _extra: &[String],
    ) -> Result<Vec<Value>, Fault> {
        let shape = |data_type: Self| {
            Shape::of(data_type.id, "ObservableType", &data_type.stamp)
                .with("name", data_type.name)
                .with("isAttachment", data_type.is_attachment)
                .done()
        };
        Ok(objects.into_iter().map(shape).collect())
    }
}
