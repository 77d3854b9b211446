//! What people do at the desk.

pub(crate) mod samples;

mod alerts;
mod cases;
mod fields;
mod parts;
