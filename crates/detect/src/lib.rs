//! Detection: Sigma rules and their correlations over events.

mod engine;
mod failure;
mod load;
mod matcher;
mod names;
mod pipeline;
mod route;
mod rules;
mod snapshot;
mod state;
mod window;

pub use engine::{Engine, EngineCounters, EngineLimits};
pub use failure::{CheckReport, FailureCode, LoadFailure};
pub use load::{Loaded, RULE_FILE_BYTES_MAX};
pub use pipeline::{PIPELINE_BYTES_MAX, Pipeline, PipelineError};
pub use rules::RuleSet;
pub use snapshot::{RestoreError, SNAPSHOT_BYTES_MAX};
