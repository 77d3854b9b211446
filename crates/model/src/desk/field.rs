//! Fields of a tenant's own, and types of observables beyond ours.

use serde::{Deserialize, Serialize};

use super::Stamp;
use crate::{DataTypeId, FieldId, Timestamp};

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum FieldType {
    String,
    Integer,
    Boolean,
    Date,
    Float,
    Url,
}

/// A value of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum FieldValue {
    String(String),
    Integer(i64),
    Boolean(bool),
    Date(Timestamp),
    Float(f64),
    Url(String),
}

/// A custom field on an alert, a case or a template; the value may be missing yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedValue {
    /// The field's name.
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<FieldValue>,
    /// Its place among the fields.
    #[serde(default)]
    pub position: u32,
}

/// A field that alerts and cases of every tenant may have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomField {
    /// Random.
    pub id: FieldId,
    /// What filters and programs call it; one of this name.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// The group that it is shown in.
    pub group: String,
    /// What it is for.
    pub description: String,
    /// What it holds.
    pub kind: FieldType,
    /// Whether a case cannot be closed without it.
    pub mandatory: bool,
    /// The values that it may have; empty for any.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub options: Vec<serde_json::Value>,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// A type of observable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataType {
    /// Derived from its name.
    pub id: DataTypeId,
    /// Its name; one of this name.
    pub name: String,
    /// Whether such an observable is a file.
    pub is_attachment: bool,
    /// Who made it, and when.
    #[serde(flatten)]
    pub stamp: Stamp,
}

impl DataType {
    /// Returns the id of the type of this name.
    pub fn id_of(name: &str) -> DataTypeId {
        DataTypeId::derive([name])
    }
}
