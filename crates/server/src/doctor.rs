//! Says in words what is slow, full, silent or broken, and what to do about it.
//!
//! [`Vitals`] is what is measured, [`examine`] what follows from it: a function of its argument alone, so that each
//! sentence has a test.

mod rules;
mod vitals;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use rules::{examine, silence, usual};
pub(crate) use vitals::{SAMPLES_MAX, Sample, Vitals};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Something will be lost or late if nothing is done.
    Warning,
    /// Something is lost or late now.
    Critical,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Symptom {
    /// How bad it is.
    pub level: Level,
    /// The part that it is about: a stage, `log`, `disk`, `sources`, `rules`, `index`.
    pub part: String,
    /// What was seen, in words with figures.
    pub what: String,
    /// What to do.
    pub advice: String,
}
