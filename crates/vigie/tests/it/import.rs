//! `vigie import thehive`, as far as it goes without a TheHive.

use std::fs;

use crate::command::{run, run_with_input};

/// Nothing is asked of it here.
const URL: &str = "http://127.0.0.1:9";

#[test]
fn what_is_missing_or_wrong_is_said_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (no_certificate, no_name) = (file("ca.pem", "hello"), file("map.toml", "\"Client A\" = \"Not A Name\"\n"));
    let cases: [(&[&str], &str); 6] = [
        (&["--url", URL], "VIGIE_THEHIVE_KEY"),
        (&["--url", "hive.example", "--key", "k"], "https://"),
        (&["--url", "https://me:hidden@hive.example", "--key", "k"], "--user"),
        (&["--url", URL, "--key-file", "/nonexistent"], "/nonexistent"),
        (&["--url", URL, "--key", "k", "--ca-file", no_certificate.as_str()], "BEGIN CERTIFICATE"),
        (&["--url", URL, "--key", "k", "--map", no_name.as_str()], "Client A"),
    ];
    for (arguments, expected) in cases {
        let said = run(["import", "thehive"].iter().chain(arguments)).bad();
        assert!(said.contains(expected) && !said.contains("hidden"), "{arguments:?}: {said}");
    }
}

#[test]
fn a_password_comes_from_standard_input() {
    let said = run_with_input(["import", "thehive", "--url", URL, "--user", "ann"], "\n").bad();
    assert!(said.contains("standard input"), "{said}");
}
