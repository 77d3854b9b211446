//! The HTTP API is what its description says, whatever it is asked: schemathesis asks.

use std::process::Command;

use crate::command::{Served, ServerFolder};

/// How many made-up requests each operation gets beside those that cover its description.
const EXAMPLES: &str = "10";
/// The same run each time; another number finds something else, or nothing.
const SEED: &str = "7";

/// No answer of 5xx, and no status, media type or body that the description does not have.
#[test]
fn the_api_keeps_to_its_description() {
    let Some(program) = std::env::var_os("VIGIE_TEST_SCHEMATHESIS") else {
        assert!(std::env::var_os("VIGIE_REQUIRE_SCHEMATHESIS").is_none(), "VIGIE_TEST_SCHEMATHESIS is not set");
        eprintln!("skipped: VIGIE_TEST_SCHEMATHESIS is not set (the program schemathesis)");
        return;
    };
    let folder = ServerFolder::new("");
    let key = folder.key();
    let server = Served::start(&folder, &key);
    let output = Command::new(program)
        .current_dir(folder.path("."))
        .args(["--no-color", "run", &format!("{}/api/v1/openapi.json", server.url())])
        .args(["--header", &format!("Authorization: Bearer {}", key.trim())])
        .args([
            "--phases",
            "coverage,fuzzing",
            "--max-examples",
            EXAMPLES,
            "--seed",
            SEED,
            "--generation-deterministic",
        ])
        .args(["--generation-with-security-parameters", "false", "--continue-on-failure"])
        .args(["--checks", "not_a_server_error,response_schema_conformance,status_code_conformance"])
        .args(["--checks", "content_type_conformance"])
        // Streams that do not end, bodies of lines, the way in and out, which takes no key, and the end of our own key.
        .args(["--exclude-path-regex", "live$|/ingest/|auth/log|/keys/"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", said.lines().take(200).collect::<Vec<_>>().join("\n"));
    assert!(said.contains("Tested: ") && !said.contains("Authentication failed"), "{said}");
    assert_eq!(server.terminate(), Some(0));
}
