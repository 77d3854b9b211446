//! What IAM must allow.

mod statement;

pub(crate) use statement::DESCRIBES_ANY;
pub use statement::{Condition, Resources, Statement};
