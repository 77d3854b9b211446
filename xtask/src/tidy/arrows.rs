//! Which crate may use which. A new arrow is an architectural change: edit the table in a commit of its own.

use std::collections::BTreeSet;
use std::fs;

use crate::steps::root;

/// Every crate, whether it is pure (no I/O, no clock), and the crates of ours that it may use besides `model`.
const CRATES: [(&str, bool, &[&str]); 17] = [
    ("model", true, &[]),
    ("detect", true, &[]),
    ("cases", true, &[]),
    ("respond", true, &[]),
    ("report", true, &[]),
    ("ingest", false, &[]),
    ("intel", false, &[]),
    ("events", false, &[]),
    ("store", false, &[]),
    ("actions", false, &["respond"]),
    ("aws", false, &["respond"]),
    // A stand-in for tests, which knows AWS and nothing of ours.
    ("aws-fake", false, &[]),
    ("lambda", false, &["aws", "respond"]),
    ("thehive", false, &["cases", "store"]),
    // The leaf that holds what `web/` was built into.
    ("console", true, &[]),
    (
        "server",
        false,
        &[
            "actions", "aws", "cases", "console", "detect", "events", "ingest", "intel", "report", "respond", "store",
            "thehive",
        ],
    ),
    ("vigie", false, &["aws", "detect", "ingest", "report", "respond", "server"]),
];

/// Third-party crates that do I/O: a pure crate takes text and bytes instead.
const IO_CRATES: [&str; 16] = [
    "async-std",
    "axum",
    "axum-server",
    "hyper",
    "lettre",
    "object_store",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "tantivy",
    "tokio",
    "tokio-util",
    "tower-http",
    "ureq",
];

/// What a pure crate's `lib.rs` says, so that clippy refuses the file system, network, environment and clock there.
const PURE_LINE: &str = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";

/// Returns what is wrong with the arrows.
pub(super) fn check() -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for name in folders()? {
        let Some((_, pure, allowed)) = CRATES.iter().find(|(known, ..)| *known == name) else {
            wrong.push(format!("crates/{name}: not in the table of arrows (xtask/src/tidy/arrows.rs)"));
            continue;
        };
        let manifest = root().join("crates").join(&name).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).map_err(|error| format!("read {}: {error}", manifest.display()))?;
        let manifest: toml::Table = text.parse().map_err(|error| format!("parse crates/{name}/Cargo.toml: {error}"))?;
        for dependency in dependencies(&manifest) {
            if let Some(ours) = dependency.strip_prefix("vigie-") {
                if ours != "model" && !allowed.contains(&ours) {
                    wrong.push(format!("crates/{name}: the arrow to `{ours}` is not in the table of arrows"));
                }
            } else if *pure && IO_CRATES.contains(&dependency.as_str()) {
                wrong.push(format!("crates/{name}: is pure, so it cannot use `{dependency}`"));
            }
        }
        if *pure && !library(&name)?.contains(PURE_LINE) {
            wrong.push(format!("crates/{name}/src/lib.rs: is pure, so it says `{PURE_LINE}`"));
        }
    }
    Ok(wrong)
}

/// Returns the names of the crates' folders.
pub(super) fn folders() -> Result<BTreeSet<String>, String> {
    let entries = fs::read_dir(root().join("crates")).map_err(|error| format!("list crates: {error}"))?;
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.collect())
}

fn library(name: &str) -> Result<String, String> {
    let path = root().join("crates").join(name).join("src/lib.rs");
    fs::read_to_string(&path).map_err(|error| format!("read {}: {error}", path.display()))
}

/// Dependencies of every kind but those of tests: a test may use what it likes, of third parties and of ours below it.
fn dependencies(manifest: &toml::Table) -> Vec<String> {
    ["dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|section| manifest.get(section)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}
