//! A rule is a folder: `rule.yml`, at least two events that match and a near miss that must not.

use std::fs;
use std::path::Path;

use crate::steps::root;

/// Returns what is wrong with the rules' folders.
pub(super) fn check() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    visit(&root().join("rules"), &mut wrong)?;
    Ok(wrong)
}

fn visit(folder: &Path, wrong: &mut Vec<String>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("list {}: {error}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        if entry.path().is_dir() {
            visit(&entry.path(), wrong)?;
        } else {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    if !names.iter().any(|name| name == "rule.yml") {
        return Ok(());
    }
    let count = |prefix: &str| names.iter().filter(|name| name.starts_with(prefix)).count();
    let shown = folder.strip_prefix(root()).unwrap_or(folder).display();
    if count("match-") < 2 {
        wrong.push(format!("{shown}: wants at least two files `match-….*`"));
    }
    if count("ignore-") < 1 {
        wrong.push(format!("{shown}: wants at least one near miss `ignore-….*`"));
    }
    Ok(())
}
