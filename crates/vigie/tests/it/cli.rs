//! Commands that need no server: rules, configuration, dry runs, the first start.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::command::{Ended, ServerFolder, project, run};

/// A rule that matches the name of a program, with one modifier.
fn rule(modifier: &str) -> String {
    format!(
        "title: A rule\nid: 7d9a7a52-1f0e-4f55-9f2b-000000000001\nlogsource:\n    product: linux\ndetection:\n    \
         selection:\n        program|{modifier}: sshd\n    condition: selection\nlevel: low\n"
    )
}

/// Issue 2, "It is done when" 3: the shape of the answer.
#[test]
fn rules_check_refuses_an_unknown_modifier() {
    let folder = ServerFolder::new("");
    folder.write("rules/good/rule.yml", rule("startswith"));
    folder.write("rules/bad/rule.yml", rule("beginswith"));
    let rules = folder.path("rules").display().to_string();
    let report = run(["rules", "check", &rules, "--format", "json"]).json(1);
    assert_eq!(report["loaded"], 1, "{report}");
    let failed = report["failed"].as_array().unwrap();
    assert_eq!(failed.len(), 1, "{report}");
    assert_eq!(failed[0]["code"], "unknown_modifier");
    assert!(text(&failed[0]["path"]).ends_with("bad/rule.yml"), "{report}");
    assert!(text(&failed[0]["reason"]).contains("beginswith"), "{report}");
    assert_eq!(report.as_object().unwrap().len(), 2, "{report}");
    let table = run(["rules", "check", &rules]).bad();
    assert!(table.contains("1 loaded, 1 refused"), "{table}");
}

/// Issue 2, "It is done when" 3: all of SigmaHQ's rules load with our placeholders; without, those that need them do not.
#[test]
fn rules_check_loads_all_of_sigma_with_our_placeholders() {
    let Some(root) = std::env::var_os("VIGIE_TEST_DATA") else {
        assert!(std::env::var_os("VIGIE_REQUIRE_DATA").is_none(), "VIGIE_TEST_DATA is not set");
        println!("skipped: VIGIE_TEST_DATA is not set");
        return;
    };
    let rules = Path::new(&root).join("sigma/rules");
    let (folder, pipeline) = (rules.display().to_string(), project("rules/pipelines/placeholders.yml"));
    let with = ["rules", "check", &folder, "--format", "json", "--pipeline", &pipeline.display().to_string()];
    let with = run(with).json(0);
    assert_eq!(with["failed"], json!([]));
    let without = run(["rules", "check", &folder, "--format", "json"]).json(1);
    let failed = without["failed"].as_array().unwrap();
    assert!(failed.iter().all(|failure| failure["code"] == "unfilled_placeholder"), "{failed:#?}");
    let refused: BTreeSet<String> = failed.iter().map(|failure| text(&failure["path"]).to_owned()).collect();
    assert_eq!(refused, files_with(&rules, "|expand"));
    assert_eq!(without["loaded"].as_u64().unwrap() + refused.len() as u64, with["loaded"].as_u64().unwrap());
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, needle: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(needle)) {
            found.insert(path.display().to_string());
        }
    }
    found
}

#[test]
fn config_check_names_the_line_and_suggests_the_key() {
    let folder = ServerFolder::new("[limits]\nqueue_batch_max = 9\n");
    let said = run(["config", "check", "--config", &folder.config()]).bad();
    assert_mentions(&said, &[":9:", "unknown key `queue_batch_max`", "did you mean `queue_batches_max`?"]);
}

#[test]
fn config_check_prints_values_and_where_they_came_from() {
    let folder = ServerFolder::new("[respond]\nactions_per_hour_max = 7\n");
    let said = run(["config", "check", "--config", &folder.config()]).good();
    assert_mentions(&said, &["respond.actions_per_hour_max = 7  # line 9", "respond.mode = \"dry_run\"  # default"]);
    let settings = run(["config", "check", "--format", "json", "--config", &folder.config()]).json(0);
    let of = |key: &str| settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap().clone();
    assert_eq!(of("default_tenant"), json!({"key": "default_tenant", "value": "acme", "origin": {"line": 3}}));
    assert_eq!(of("log.filter"), json!({"key": "log.filter", "value": "info", "origin": "default"}));
}

#[test]
fn ingest_dry_run_counts_what_a_server_would_take_in() {
    let folder = ServerFolder::new("");
    let good = "Nov 22 09:00:00 web-01 sshd[1]: Failed password for root from 203.0.113.4 port 1 ssh2\n";
    let plain = folder.write("auth.log", [good.as_bytes(), b"\xff\xfe no line of a log\n", good.as_bytes()].concat());
    let packed = folder.write("auth.log.gz", gzip(good.as_bytes()));
    let outcome = dry_run("linux_auth", &[&plain, &packed]).json(0);
    let counts: Vec<(&Value, &Value)> =
        outcome.as_array().unwrap().iter().map(|file| (&file["accepted"], &file["dead"])).collect();
    assert_eq!(counts, [(&json!(2), &json!(1)), (&json!(1), &json!(0))], "{outcome}");
}

#[test]
fn ingest_dry_run_names_the_file_that_it_cannot_read() {
    let folder = ServerFolder::new("");
    let whole = gzip(&[b"a line that does not compress to nothing: 9f3c\n".as_slice(); 40].concat());
    let cut = folder.write("cut.log.gz", &whole[..whole.len() - 9]);
    assert_mentions(&dry_run("syslog", &[&cut]).bad(), &["cut.log.gz", "truncated"]);
    let bomb = folder.write("bomb.log.gz", gzip(&vec![b'0'; 65 * 1024 * 1024]));
    assert_mentions(&dry_run("syslog", &[&bomb]).bad(), &["bomb.log.gz", "larger than 67108864 bytes"]);
    assert_mentions(&dry_run("syslog", &["/nowhere.log"]).bad(), &["/nowhere.log", "No such file"]);
    let empty = folder.write("empty.log", "");
    assert_mentions(&dry_run("linux_oath", &[&empty]).bad(), &["empty.log", "linux_oath", "linux_auth"]);
}

fn dry_run(source: &str, files: &[&str]) -> Ended {
    run(["ingest", "--dry-run", "--format", "json", "--source", source].iter().chain(files))
}

/// A playbook that cannot be read stops the start: an answer that silently never comes is worse than none.
#[test]
fn serve_refuses_a_playbook_with_an_unknown_action() {
    let folder = ServerFolder::new("[playbooks]\nfolder = \"playbooks\"\n");
    let playbook = "name: Mine\ndescription: Test.\ntrigger:\n  severity: high\nactions:\n  - do: host.block_ib\n    \
                    with: {ip: \"{{attacker.ip}}\"}\n    approval: none\n";
    folder.write("playbooks/mine.yml", playbook);
    let said = run(["serve", "--config", &folder.config()]).bad();
    assert_mentions(&said, &["playbooks/mine.yml", "line 6", "`host.block_ib`", "did you mean `host.block_ip`?"]);
}

#[test]
fn what_is_asked_of_no_server_says_where_it_looked() {
    let said = run(["respond", "list", "--server", "http://127.0.0.1:9"]).bad();
    assert_mentions(&said, &["http://127.0.0.1:9", "is it running?"]);
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
pub(crate) fn assert_mentions(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
