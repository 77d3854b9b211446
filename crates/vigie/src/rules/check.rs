//! Whether rules load.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use vigie_detect::{CheckReport, Pipeline, PipelineError, RuleSet};

use super::folders::{ReadRulesError, RuleFiles, rule_files};

/// Rules cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckRulesError {
    /// The rules cannot be read.
    #[error(transparent)]
    Rules(#[from] ReadRulesError),
    /// A pipeline cannot be read.
    #[error("read the pipeline `{}`", path.display())]
    ReadPipeline {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// A pipeline asks for something that is not understood.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// Loads every rule file below a folder through the pipelines, applied in this order, and returns how many loaded and
/// which were refused, each with a stable code.
///
/// # Errors
/// A folder, file or pipeline that cannot be read, or a folder without any rule. A rule that is wrong is no error: it is in
/// the report.
pub fn check(folder: &Path, pipelines: &[PathBuf]) -> Result<CheckReport, CheckRulesError> {
    let mut pipeline = Pipeline::none();
    for path in pipelines {
        let text =
            fs::read_to_string(path).map_err(|source| CheckRulesError::ReadPipeline { path: path.clone(), source })?;
        pipeline = pipeline.then(Pipeline::parse(&path.display().to_string(), &text)?);
    }
    let RuleFiles { texts, mut failed } = rule_files(folder)?;
    if texts.is_empty() && failed.is_empty() {
        return Err(ReadRulesError::Nothing { path: folder.to_owned(), wanted: "rule (`*.yml`, `*.yaml`)" }.into());
    }
    let report = RuleSet::load(texts, &pipeline).report();
    failed.extend(report.failed);
    failed.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(CheckReport { loaded: report.loaded, failed })
}
