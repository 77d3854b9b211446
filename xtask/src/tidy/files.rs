//! Length and names of files, names of types, and what no file may say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::root;

/// Longest source file, in lines; generated ones live in a folder called `generated`.
const LINES_MAX: usize = 500;
/// Rooms named after nothing.
const BANNED_ROOMS: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "shared", "misc", "stuff"];
/// Type names that an analyst could not say aloud.
const BANNED_ENDINGS: [&str; 5] = ["Manager", "Helper", "Info", "Data", "Impl"];

/// Returns what is wrong with the files that git knows.
pub(super) fn check() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for path in tracked()? {
        room(&path, &mut wrong);
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        machine_paths(&path, &text, &mut wrong);
        if path.extension().is_some_and(|ending| ending == "rs") {
            source(&path, &text, &mut wrong);
        }
    }
    Ok(wrong)
}

/// Returns the files that git tracks or would, in the root's terms.
pub(super) fn tracked() -> Result<Vec<PathBuf>, String> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|error| format!("list the project's files: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(PathBuf::from).filter(|path| root().join(path).is_file()).collect())
}

fn room(path: &Path, wrong: &mut Vec<String>) {
    let banned = path.components().find_map(|part| {
        let name = Path::new(part.as_os_str()).file_stem()?.to_string_lossy().into_owned();
        BANNED_ROOMS.contains(&name.as_str()).then_some(name)
    });
    if let Some(name) = banned {
        wrong.push(format!("{}: name the room `{name}` for what it holds", path.display()));
    }
}

fn machine_paths(path: &Path, text: &str, wrong: &mut Vec<String>) {
    // Written in two halves so that this file does not find itself.
    for home in [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/runner")] {
        let lines = text.lines().enumerate().filter(|(_, line)| line.contains(home) && !line.contains("tidy: allow"));
        for (number, _) in lines {
            if !is_sample(path) {
                wrong.push(format!("{}:{}: names a path of one machine ({home}…)", path.display(), number + 1));
            }
        }
    }
}

/// Log lines that rules and sources are tested with may say anything.
fn is_sample(path: &Path) -> bool {
    path.starts_with("rules")
        || path.components().any(|part| part.as_os_str() == "golden" || part.as_os_str() == "scenarios")
}

fn source(path: &Path, text: &str, wrong: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > LINES_MAX && !path.components().any(|part| part.as_os_str() == "generated") {
        wrong.push(format!("{}: {lines} lines; split it (at most {LINES_MAX})", path.display()));
    }
    let library = path.file_name().is_some_and(|name| name == "lib.rs") && !path.starts_with("crates/vigie");
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if library && line.starts_with("pub mod ") {
            wrong.push(format!(
                "{}:{}: lib.rs is a shop window: private modules, `pub use`",
                path.display(),
                number + 1
            ));
        }
        if let Some(name) = declared_type(line)
            && let Some(ending) =
                BANNED_ENDINGS.iter().find(|ending| name.len() > ending.len() && name.ends_with(**ending))
        {
            wrong.push(format!("{}:{}: `{name}`: say what it is, not `{ending}`", path.display(), number + 1));
        }
    }
}

fn declared_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub ")).unwrap_or(line);
    let rest = ["struct ", "enum ", "trait "].into_iter().find_map(|word| rest.strip_prefix(word))?;
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    Some(&rest[..end])
}
