//! `cargo xtask gen`: the reference pages that `vigie` writes about itself.

use std::fs;

use crate::steps::{cargo, output, root};

/// What is generated, from the root, and the argument of `vigie reference` that prints it.
const PAGES: [(&str, &str); 7] = [
    ("docs/reference/openapi.json", "openapi"),
    ("docs/reference/cli.md", "cli"),
    ("docs/reference/configuration.md", "config"),
    ("docs/reference/guardduty-responses.md", "guardduty"),
    ("docs/reference/aws-permissions.md", "aws-permissions"),
    ("docs/reference/thehive-api.md", "thehive"),
    ("infra/modules/responder/policy.json.tftpl", "aws-policy"),
];

/// Writes every page.
pub(crate) fn write() -> Result<(), String> {
    for (page, topic) in PAGES {
        fs::write(root().join(page), generate(topic)?).map_err(|error| format!("write {page}: {error}"))?;
        println!("wrote {page}");
    }
    Ok(())
}

/// Fails where a page is not what `vigie` says today.
pub(crate) fn check() -> Result<(), String> {
    for (page, topic) in PAGES {
        let written = fs::read(root().join(page)).unwrap_or_default();
        if written != generate(topic)? {
            return Err(format!("{page} is not current: run `cargo xtask gen` and commit it"));
        }
    }
    println!("what is generated is current");
    Ok(())
}

fn generate(topic: &str) -> Result<Vec<u8>, String> {
    output("generate the reference", &mut cargo(&["run", "--quiet", "--package", "vigie", "--", "reference", topic]))
}
