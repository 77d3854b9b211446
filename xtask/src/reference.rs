//! `cargo xtask gen`: the reference pages that `vigie` writes about itself.

use std::fs;
use std::path::PathBuf;

use crate::steps::{cargo, output, root};

/// Page under `docs/reference`, and the argument of `vigie reference` that prints it.
const PAGES: [(&str, &str); 3] = [("openapi.json", "openapi"), ("cli.md", "cli"), ("configuration.md", "config")];

/// Writes every page.
pub(crate) fn write() -> Result<(), String> {
    fs::create_dir_all(folder()).map_err(|error| format!("create docs/reference: {error}"))?;
    for (page, topic) in PAGES {
        fs::write(folder().join(page), generate(topic)?)
            .map_err(|error| format!("write docs/reference/{page}: {error}"))?;
        println!("wrote docs/reference/{page}");
    }
    Ok(())
}

/// Fails where a page is not what `vigie` says today.
pub(crate) fn check() -> Result<(), String> {
    for (page, topic) in PAGES {
        let written = fs::read(folder().join(page)).unwrap_or_default();
        if written != generate(topic)? {
            return Err(format!("docs/reference/{page} is not current: run `cargo xtask gen` and commit it"));
        }
    }
    println!("docs/reference is current");
    Ok(())
}

fn folder() -> PathBuf {
    root().join("docs/reference")
}

fn generate(topic: &str) -> Result<Vec<u8>, String> {
    output("generate the reference", &mut cargo(&["run", "--quiet", "--package", "vigie", "--", "reference", topic]))
}
