//! How objects of the model look to TheHive's clients, and how theirs become ours: one file for each kind.
//!
//! Every object carries `_id`, `_type`, `_createdBy`, `_createdAt` and, once changed, `_updatedBy` and `_updatedAt`; fields
//! without a value are left out.

pub(crate) mod alert;
pub(crate) mod alert_in;
pub(crate) mod attachment;
pub(crate) mod case;
pub(crate) mod case_template;
pub(crate) mod comment;
pub(crate) mod custom_event;
mod custom_field;
pub(crate) mod fields;
mod job;
pub(crate) mod log;
pub(crate) mod observable;
pub(crate) mod observable_in;
mod observable_type;
pub(crate) mod of_case;
pub(crate) mod organisation;
pub(crate) mod page;
pub(crate) mod procedure;
pub(crate) mod profile;
pub(crate) mod rank;
pub(crate) mod share;
pub(crate) mod task;
pub(crate) mod user;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use vigie_model::Stamp;
use vigie_store::Object;

use crate::door::Door;
use crate::id::WireId;
use crate::permission::SYSTEM_USER;
use crate::query::QueryField;
use crate::time::millis;
use crate::{Fault, Visitor};

/// An object that clients see.
pub(crate) trait Wire: Object {
    /// The fields that clients filter and sort by.
    const FIELDS: &'static [QueryField];

    /// Returns how clients see these objects, in their order. Each of `extra` adds a field to `extraData`.
    fn show(
        objects: Vec<Self>,
        door: &Door,
        visitor: &Visitor,
        extra: &[String],
    ) -> impl Future<Output = Result<Vec<Value>, Fault>> + Send;
}

/// Returns how clients see one object.
pub(crate) async fn show<T: Wire>(object: T, door: &Door, visitor: &Visitor) -> Result<Value, Fault> {
    let mut shown = T::show(vec![object], door, visitor, &[]).await?;
    Ok(shown.pop().unwrap_or(Value::Null))
}

/// A JSON object that leaves out what has no value.
pub(crate) struct Shape(Map<String, Value>);

impl Shape {
    /// Begins the shape of an object: its id, type and stamp.
    pub(crate) fn of(id: impl WireId, kind: &str, stamp: &Stamp) -> Self {
        let mut shape = Map::new();
        shape.insert("_id".to_owned(), id.wire().into());
        Self::stamped(shape, kind, stamp)
    }

    /// Adds type and stamp to the shape of an object that has its id already.
    pub(crate) fn stamped(shape: Map<String, Value>, kind: &str, stamp: &Stamp) -> Self {
        let shape = Self(shape).with("_type", kind);
        let shape = shape.with("_createdBy", author(&stamp.created_by)).with("_createdAt", millis(stamp.created));
        shape
            .maybe("_updatedBy", stamp.updated_by.as_deref().map(author))
            .maybe("_updatedAt", stamp.updated.map(millis))
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// The objects that a request is about, besides what it says of them.
#[derive(Debug, Deserialize)]
pub(crate) struct Ids {
    pub(crate) ids: Vec<String>,
}

/// Returns who made something, as clients see it: what Vigie made itself is the system's.
pub(crate) fn author(name: &str) -> String {
    if name.is_empty() || name.starts_with("vigie:") { SYSTEM_USER.to_owned() } else { name.to_owned() }
}

/// Reads a field of a change that null clears: `Some(None)` for null, and with `#[serde(default)]` `None` where it is not
/// there.
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
