//! Embeds our own rules, pipelines and playbooks, so that the one binary detects and answers without a folder beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("../..");
    let rules = files(&root.join("rules"), &|path| path.file_name().is_some_and(|name| name == "rule.yml"))?;
    let pipelines = files(&root.join("rules/pipelines"), &is_yaml)?;
    let playbooks = files(&root.join("playbooks"), &|path| is_yaml(path) && !is_test(path))?;
    let mut text = String::new();
    // Also the documents beside rules, so that a copy of a rule has tests; large ones stay with the source.
    let tests = files(&root.join("rules"), &is_small_test)?;
    writeln!(text, "/// Documents beside our own rules: path from the root of the project, and bytes.")
        .map_err(io::Error::other)?;
    writeln!(text, "pub(crate) static RULE_TESTS: &[(&str, &[u8])] = &[").map_err(io::Error::other)?;
    for file in tests {
        let shown = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let full = file.canonicalize()?.display().to_string();
        writeln!(text, "    ({shown:?}, include_bytes!({full:?})),").map_err(io::Error::other)?;
    }
    writeln!(text, "];").map_err(io::Error::other)?;
    for (name, what, files) in
        [("RULES", "rules", rules), ("PIPELINES", "pipelines", pipelines), ("PLAYBOOKS", "playbooks", playbooks)]
    {
        writeln!(text, "/// Our own {what}: path from the root of the project, and text.").map_err(io::Error::other)?;
        writeln!(text, "pub static {name}: &[(&str, &str)] = &[").map_err(io::Error::other)?;
        for file in files {
            let shown = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            let full = file.canonicalize()?.display().to_string();
            writeln!(text, "    ({shown:?}, include_str!({full:?})),").map_err(io::Error::other)?;
        }
        writeln!(text, "];").map_err(io::Error::other)?;
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("content.rs");
    fs::write(out, text)
}

/// Returns the files below a folder that are wanted, sorted; none where there is no such folder.
fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, wanted)?);
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Tells whether a file is a rule's test of at most 16 KiB.
fn is_small_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_test = name.starts_with("match-") || name.starts_with("ignore-");
    is_test && path.metadata().is_ok_and(|file| file.len() <= 16 * 1024)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml")
}

/// A playbook's test lies beside it or in a folder of its own and is no playbook.
fn is_test(path: &Path) -> bool {
    path.to_string_lossy().contains("test")
}
