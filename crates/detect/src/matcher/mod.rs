//! Matching one event: fields, values, and what rules look for in them.

mod fields;
mod fold;
mod glob;
mod item;
mod leaf;
mod moment;
mod need;
mod number;
mod pattern;
mod scan;
mod texts;

pub(crate) use fields::{Field, FieldId, FieldTable, Fields};
pub(crate) use fold::fold;
pub(crate) use glob::Piece;
pub(crate) use item::{Item, ItemId, Relation, Values, Wanted};
pub(crate) use leaf::{Leaf, Scalar};
pub(crate) use moment::DatePart;
pub(crate) use need::Need;
pub(crate) use number::{Number, Order};
pub(crate) use pattern::Pattern;
pub(crate) use scan::Scan;
pub(crate) use texts::TextsBuilder;
