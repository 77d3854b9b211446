//! The query language, `POST /api/v1/query`: a pipeline of operations over lists.

mod field;

pub(crate) use field::{FieldKind, QueryField};
