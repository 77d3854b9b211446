//! Whether rules say what they should of the events beside them.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;
use vigie_detect::{Pipeline, RuleSet};
use vigie_ingest::Sources;
use vigie_model::Finding;
use vigie_server::{SampleSource, findings_of};

use super::folders::{ReadRulesError, RuleFiles, RuleFolder, rule_files, rule_folders};

/// The largest sample that is read, in bytes.
pub const SAMPLE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What came of testing rule folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// How many rule folders were tested.
    pub folders: usize,
    /// How many samples were run.
    pub samples: usize,
    /// What is not as it should be, by path.
    pub failures: Vec<Failed>,
}

/// Something about a rule folder that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The sample, rule file or folder.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Tests every rule folder at or below `folder`: each rule must load, each file `match-…` must give a finding of a rule in
/// its folder, no file `ignore-…` may. Each sample meets an engine that has seen nothing and holds this one rule file only.
///
/// # Errors
/// A folder or rule file that cannot be read, or no `rule.yml` anywhere.
pub fn test(folder: &Path) -> Result<TestReport, ReadRulesError> {
    let folders = rule_folders(folder)?;
    if folders.is_empty() {
        return Err(ReadRulesError::Nothing { path: folder.to_owned(), wanted: "rule folder (with a `rule.yml`)" });
    }
    let sources = Sources::builtin();
    let mut report = TestReport { folders: folders.len(), ..TestReport::default() };
    for folder in &folders {
        test_folder(folder, &sources, &mut report)?;
    }
    Ok(report)
}

fn test_folder(folder: &RuleFolder, sources: &Sources, report: &mut TestReport) -> Result<(), ReadRulesError> {
    let mut fail = |path: &Path, reason: String| {
        report.failures.push(Failed { path: path.display().to_string(), reason });
    };
    let RuleFiles { texts, mut failed } = rule_files(&folder.rule())?;
    let text = texts.first().map(|(_, text)| text.clone()).unwrap_or_default();
    let loaded = RuleSet::load(texts, &Pipeline::none());
    failed.extend(loaded.failed);
    if !failed.is_empty() {
        for failure in failed {
            fail(&folder.rule(), format!("{}: {}", failure.code, failure.reason));
        }
        return Ok(());
    }
    if folder.matches.is_empty() {
        fail(&folder.path, "no file `match-….*`: nothing shows that the rule works".to_owned());
    }
    if folder.ignores.is_empty() {
        fail(&folder.path, "no file `ignore-….*`: nothing shows where the rule ends".to_owned());
    }
    for (paths, must_match) in [(&folder.matches, true), (&folder.ignores, false)] {
        for path in paths {
            match run(path, &text, &loaded.rules, sources) {
                Err(reason) => fail(path, reason),
                Ok(findings) if findings.is_empty() && must_match => fail(path, "must match, and did not".to_owned()),
                Ok(findings) if !findings.is_empty() && !must_match => {
                    let by = &findings[0].rule.title;
                    fail(path, format!("must not match, and did: {} finding(s), the first by `{by}`", findings.len()));
                }
                Ok(_) => {}
            }
        }
    }
    report.samples += folder.matches.len() + folder.ignores.len();
    Ok(())
}

/// Returns the findings that rules make of a sample, or why it cannot be read.
fn run(path: &Path, rule: &str, rules: &RuleSet, sources: &Sources) -> Result<Vec<Finding>, String> {
    let source = SampleSource::of(path, rule, sources).map_err(|error| error.to_string())?;
    let bytes_count = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if bytes_count > SAMPLE_BYTES_MAX {
        return Err(format!("has {bytes_count} bytes; at most {SAMPLE_BYTES_MAX} are read"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    findings_of(&source, bytes, rules, sources)
}

impl fmt::Display for TestReport {
    /// Writes a line for each failure, then one with the figures.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "FAIL  {}: {}", failure.path, failure.reason)?;
        }
        let Self { folders, samples, failures } = self;
        writeln!(f, "{folders} rule folders, {samples} samples, {} failures", failures.len())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const RULE: &str = "title: Shell\nid: 7f3b6c1e-52f4-4a53-9d5e-0c6f3a0a9a11\nstatus: test\nlogsource:\n  product: linux\n  \
                        service: sudo\ndetection:\n  selection:\n    command: /bin/bash\n  condition: selection\nlevel: low\n";
    const BASH: &str = "Nov 22 10:21:44 web-1 sudo: alice : TTY=pts/1 ; PWD=/srv ; USER=root ; COMMAND=/bin/bash\n";

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let report = test(folder.path()).unwrap();
        let shown = |path: &str| PathBuf::from(path).strip_prefix(folder.path()).unwrap().display().to_string();
        let got: Vec<_> = report.failures.iter().map(|failed| (shown(&failed.path), failed.reason.clone())).collect();
        let got: Vec<_> = got.iter().map(|(path, reason)| (path.as_str(), reason.as_str())).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn what_a_folder_may_lack() {
        let id = BASH.replace("/bin/bash", "/usr/bin/id");
        check(&[("a/rule.yml", RULE), ("a/match-x.log", BASH), ("a/ignore-x.log", &id)], &[]);
        check(
            &[("a/rule.yml", RULE), ("a/match-x.log", &id), ("a/ignore-x.log", BASH)],
            &[
                ("a/match-x.log", "must match, and did not"),
                ("a/ignore-x.log", "must not match, and did: 1 finding(s), the first by `Shell`"),
            ],
        );
        check(
            &[("a/rule.yml", RULE), ("a/match-x.log", BASH), ("a/match-y.vpc_flow.log", BASH)],
            &[
                ("a", "no file `ignore-….*`: nothing shows where the rule ends"),
                (
                    "a/match-y.vpc_flow.log",
                    "cannot be read by the source `vpc_flow` at batch:sample#0: the field `version` is `Nov`: expected a whole number",
                ),
            ],
        );
    }

    #[test]
    fn a_rule_that_does_not_load() {
        let rule = RULE.replace("command:", "command|nonsense:");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rule.yml"), rule).unwrap();
        let report = test(folder.path()).unwrap();
        assert_eq!(report.failures.len(), 1);
        assert!(report.failures[0].reason.starts_with("unknown_modifier: "), "{report}");
    }

    #[test]
    fn nothing_to_test() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(test(folder.path()), Err(ReadRulesError::Nothing { .. })));
    }
}
