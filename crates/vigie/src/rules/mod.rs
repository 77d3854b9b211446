//! Folders of rules: whether they load, and whether they say what they should of the events beside them.
//!
//! A rule lives in a folder of its own: `rule.yml`, and events as their source would deliver them. A file `match-….*` must
//! make the rule speak, a file `ignore-….*` must not. `rules/README.md` tells authors more.

mod check;
mod folders;
mod test_runner;

pub use check::{CheckRulesError, check};
pub use folders::{READ_DEPTH_MAX, ReadRulesError, RuleFiles, RuleFolder, rule_files, rule_folders};
pub use test_runner::{Failed, SAMPLE_BYTES_MAX, TestReport, test};
pub use vigie_detect::{CheckReport, LoadFailure};
pub use vigie_server::{SampleSource, SampleSourceError, findings_of};
