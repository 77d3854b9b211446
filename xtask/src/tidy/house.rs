//! ARCHITECTURE.md names every room, and the house has the pages that a stranger looks for.

use std::fs;

use super::arrows;
use crate::steps::root;

/// Pages that a stranger looks for.
const PAGES: [&str; 7] =
    ["README.md", "ARCHITECTURE.md", "STYLE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"];

/// Folders that are not rooms of the house.
const NOT_ROOMS: [&str; 6] = ["target", "dist", ".git", ".cargo", ".ci", "node_modules"];

/// Returns what is wrong with the house's own description.
pub(super) fn check() -> Result<Vec<String>, String> {
    let mut wrong: Vec<String> = PAGES
        .iter()
        .filter(|page| !root().join(page).is_file())
        .map(|page| format!("{page}: a stranger looks for it; write it"))
        .collect();
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    for name in arrows::folders()? {
        if !map.contains(&format!("`{name}`")) && !map.contains(&format!("crates/{name}")) {
            wrong.push(format!("ARCHITECTURE.md: does not name the room `{name}`"));
        }
    }
    let entries = fs::read_dir(root()).map_err(|error| format!("list the root: {error}"))?;
    for entry in entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !NOT_ROOMS.contains(&name.as_str()) && !map.contains(&format!("{name}/")) {
            wrong.push(format!("ARCHITECTURE.md: does not name the folder `{name}/`"));
        }
    }
    Ok(wrong)
}
