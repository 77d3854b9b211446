//! What people do at the desk.

mod cases;
mod fields;
mod parts;
pub(crate) mod samples;
