//! What people do at the desk: the rules for all that a door may ask for.

mod fields;

pub use fields::{FIELD_TEXT_CHARS_MAX, FIELDS_MAX, FieldError, GivenField, field_value, set_fields, unfilled};
