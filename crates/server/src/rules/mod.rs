//! Rules beside the pipeline: the book of those in force, checks, tests, trial runs over stored events, drafts of searches,
//! and the rules that people write here.

mod book;
mod check;
mod desk;
mod drafting;
mod own;
mod reread;
mod sample_source;
mod samples;
mod trial;

pub(crate) use book::{RuleBook, RuleEntry, RuleFile, RuleFrom};
pub(crate) use check::{Checked, Diagnostic, DiagnosticLevel, check};
pub(crate) use desk::RuleDesk;
pub(crate) use drafting::{DraftQuestion, draft_rule};
pub(crate) use own::{OWN_RULES_MAX, OWN_YAML_BYTES_MAX, OwnName, OwnRuleError, OwnRules};
pub use sample_source::{SampleSource, SampleSourceError};
pub use samples::findings_of;
pub(crate) use samples::{RuleTest, RuleTests, TESTS_MAX, run_tests};
pub(crate) use trial::{TRIAL_EVENTS_MAX, TRIAL_SAMPLES_MAX, Trial, TrialReport, TrialStop, run_trial};
