//! What the function links. Each crate costs size and start-up time, and is one more that must be trusted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A crate more is argued for in the commit that adds its line. `UPDATE_GOLDEN=1` writes the list anew.
#[test]
fn the_list_of_what_is_linked_is_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(folder)
        .args(["tree", "--locked", "--offline", "--package", "vigie-lambda", "--edges", "normal"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names: BTreeSet<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let list = names.iter().copied().collect::<Vec<_>>().join("\n") + "\n";
    let path = folder.join("dependencies.golden");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &list).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let known: BTreeSet<&str> = expected.lines().collect();
    let new: Vec<&&str> = names.difference(&known).collect();
    let gone: Vec<&&str> = known.difference(&names).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:?}, gone: {gone:?}");
}
