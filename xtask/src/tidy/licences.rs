//! What others wrote and we link: its licence is allowed, it comes from crates.io, and it is not banned.
//!
//! `deny.toml` holds the lists, so that `cargo deny` and this check agree. This one needs nothing installed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::spdx::{is_copyleft, satisfied};
use crate::steps::{cargo, root};

/// Where packages may come from, in the words of `cargo metadata`. Mirrors and vendored copies keep this name.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The lists in `deny.toml`.
struct Policy {
    licences: BTreeSet<String>,
    /// Crate, and why not.
    banned: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    manifest_path: String,
}

/// Returns what is wrong with the packages that we link, and with the list of what is allowed.
pub(super) fn check() -> Result<Vec<String>, String> {
    let text = fs::read_to_string(root().join("deny.toml")).map_err(|error| format!("read deny.toml: {error}"))?;
    let policy = Policy::parse(&text)?;
    let mut wrong: Vec<String> = policy
        .licences
        .iter()
        .filter(|licence| is_copyleft(licence))
        .map(|licence| format!("deny.toml: allows `{licence}`; nothing under the GPL, LGPL or AGPL is linked in"))
        .collect();
    let home = root().canonicalize().map_err(|error| format!("find the root: {error}"))?;
    wrong.extend(metadata()?.packages.iter().flat_map(|package| policy.faults(package, &home)));
    Ok(wrong)
}

/// Asks cargo for every package of the lock file, of all platforms. The network is asked only where the machine has not
/// all of them yet.
fn metadata() -> Result<Metadata, String> {
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let run = |more: &[&str]| {
        cargo(&arguments).args(more).output().map_err(|error| format!("start `cargo metadata`: {error}"))
    };
    let mut output = run(&["--offline"])?;
    if !output.status.success() {
        output = run(&[])?;
    }
    if !output.status.success() {
        return Err(format!("list the packages: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("read what `cargo metadata` printed: {error}"))
}

impl Policy {
    fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|error| format!("parse deny.toml: {error}"))?;
        let list = |section: &str, key: &str| {
            let found = table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array);
            found.cloned().ok_or_else(|| format!("deny.toml: `{section}.{key}` is not a list"))
        };
        let licences = list("licenses", "allow")?.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect();
        let banned = list("bans", "deny")?.iter().map(ban).collect::<Result<_, _>>()?;
        Ok(Self { licences, banned })
    }

    fn faults(&self, package: &Package, home: &Path) -> Vec<String> {
        let shown = format!("{} {}", package.name, package.version);
        let mut wrong = Vec::new();
        if let Some(reason) = self.banned.get(&package.name) {
            wrong.push(format!("{shown}: is banned by deny.toml: {reason}"));
        }
        match package.source.as_deref() {
            Some(REGISTRY) => {}
            None if Path::new(&package.manifest_path).starts_with(home) => return wrong,
            None => wrong.push(format!("{shown}: lies outside the project ({})", package.manifest_path)),
            Some(source) => wrong.push(format!("{shown}: comes from {source}, not from crates.io")),
        }
        match package.license.as_deref().map(|expression| (expression, satisfied(expression, &self.licences))) {
            None => wrong.push(format!("{shown}: names no licence")),
            Some((_, Ok(true))) => {}
            Some((expression, Ok(false))) => {
                wrong.push(format!("{shown}: deny.toml allows no choice of its licence `{expression}`"));
            }
            Some((expression, Err(fault))) => {
                wrong.push(format!("{shown}: its licence `{expression}` is not understood: {fault}"));
            }
        }
        wrong
    }
}

/// Reads an entry of `bans.deny`: `"name"`, `"name@version"` or `{ crate = "name", reason = "…" }`. Every version is banned.
fn ban(entry: &toml::Value) -> Result<(String, String), String> {
    let word = |key: &str| entry.get(key).and_then(toml::Value::as_str);
    let name = entry.as_str().or_else(|| word("crate")).or_else(|| word("name"));
    let name = name.ok_or_else(|| format!("deny.toml: `{entry}` in `bans.deny` names no crate"))?;
    let name = name.split(['@', ':']).next().unwrap_or(name);
    Ok((name.to_owned(), word("reason").unwrap_or("no reason given").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT"]
        [bans]
        deny = [{ crate = "openssl-sys", reason = "TLS is rustls" }, "left-pad@1"]
    "#;

    #[track_caller]
    fn check(name: &str, license: Option<&str>, source: Option<&str>, manifest_path: &str, expected: &[&str]) {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
            manifest_path: manifest_path.to_owned(),
        };
        let policy = Policy::parse(POLICY).unwrap();
        assert_eq!(policy.faults(&package, Path::new("/house")), expected);
    }

    #[test]
    fn packages_of_others() {
        let registry = Some(REGISTRY);
        check("serde", Some("MIT OR Apache-2.0"), registry, "/cache/serde/Cargo.toml", &[]);
        check("x", None, registry, "/cache/x/Cargo.toml", &["x 1.0.0: names no licence"]);
        check(
            "x",
            Some("GPL-3.0"),
            registry,
            "/cache/x/Cargo.toml",
            &["x 1.0.0: deny.toml allows no choice of its licence `GPL-3.0`"],
        );
        check(
            "openssl-sys",
            Some("MIT"),
            registry,
            "/cache/x/Cargo.toml",
            &["openssl-sys 1.0.0: is banned by deny.toml: TLS is rustls"],
        );
        check(
            "left-pad",
            Some("MIT"),
            registry,
            "/cache/x/Cargo.toml",
            &["left-pad 1.0.0: is banned by deny.toml: no reason given"],
        );
        check(
            "x",
            Some("MIT"),
            Some("git+https://example.org/x"),
            "/cache/x/Cargo.toml",
            &["x 1.0.0: comes from git+https://example.org/x, not from crates.io"],
        );
    }

    #[test]
    fn packages_of_paths() {
        check("vigie-model", None, None, "/house/crates/model/Cargo.toml", &[]);
        check(
            "x",
            Some("MIT"),
            None,
            "/elsewhere/x/Cargo.toml",
            &["x 1.0.0: lies outside the project (/elsewhere/x/Cargo.toml)"],
        );
    }
}
