//! The table of what the configuration refuses, and that its three descriptions agree.

use super::*;

#[track_caller]
fn refused(text: &str, expected: &str) {
    let problems = Config::parse(text).expect_err("the configuration was taken");
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown.join("\n"), expected);
}

#[test]
fn errors_name_the_line_and_what_to_do() {
    refused("version = 1\n[http]\nlisten_on = \"x\"", ":3: unknown key `listen_on` in `http`: did you mean `listen`?");
    refused("[htpt]", ":1: unknown key `htpt` at the top level: did you mean `http`?");
    refused(
        "[[syslog]]\nprotcol = \"udp\"\n[[syslog]]\nlisten = \"127.0.0.1:0\"\nzzz = 1",
        ":2: unknown key `protcol` in `syslog[]`: did you mean `protocol`?\n\
         :5: unknown key `zzz` in `syslog[]`: expected one of protocol, listen, tenant, source",
    );
    refused("version = 2", ":1: `version`: version 2 is not known to this Vigie: it reads version 1");
    refused(
        "[http]\nlisten = \"0.0.0.0:80\"",
        ":2: `http.listen`: 0.0.0.0:80 can be reached from other machines and there is no TLS: set `http.tls_certificate` \
         and `http.tls_key`, listen on 127.0.0.1, or set `http.insecure_plaintext = true` behind a proxy that adds TLS",
    );
    refused(
        "[http]\ntls_key = \"k\"",
        ":2: `http.tls_key`: a key needs its certificate: set `http.tls_certificate` too",
    );
    refused("[http]\nsession_hours = 0", ":2: `http.session_hours`: 0 is not within 1 and 720");
    refused(
        "[[webhook]]\nname = \"chat\"\nurl = \"http://192.0.2.1/x\"",
        ":3: `webhook[0].url`: a webhook to another machine needs `https://`",
    );
    refused(
        "[smtp]\nserver = \"mail.example.org\"\nfrom = \"a@example.org\"\nsecurity = \"plain\"",
        ":4: `smtp.security`: mail to `mail.example.org` would cross the network in the clear: use `starttls` or `tls`",
    );
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let text = "[smtp]\nserver = \"localhost\"\nfrom = \"a@example.org\"\nusername = \"u\"\npassword = \"hunter2\"";
    let problems = Config::parse(text).unwrap_err();
    assert_eq!(problems[0].line, Some(5));
    assert!(problems[0].message.contains("env:NAME"), "{problems:?}");
    assert!(!format!("{problems:?}").contains("hunter2"));
}

#[test]
fn wrong_types_and_broken_files_are_errors() {
    for text in [
        "version = \"1\"",
        "[http",
        "[respond]\nnever_touch = [\"300.1.1.1/8\"]",
        "syslog = 3",
        "[[http]]\n",
        "[[syslog]]\nprotocol=\"udp\"",
    ] {
        assert!(Config::parse(text).is_err(), "{text} was taken");
    }
}

#[test]
fn plaintext_elsewhere_is_taken_when_asked_for() {
    let loaded = Config::parse("[http]\nlisten = \"0.0.0.0:80\"\ninsecure_plaintext = true").unwrap();
    assert!(loaded.config.http.insecure_plaintext);
}

#[test]
fn explanation_names_the_origin() {
    let loaded = Config::parse("[http]\nlisten = \"127.0.0.1:1\"\n\n[[syslog]]\nprotocol = \"udp\"\nlisten = \"127.0.0.1:2\"\ntenant = \"acme\"").unwrap();
    let lines: Vec<String> = loaded.explain().iter().map(ToString::to_string).collect();
    for expected in [
        "http.listen = \"127.0.0.1:1\"  # line 2",
        "syslog[0].tenant = \"acme\"  # line 7",
        "syslog[0].source = \"syslog\"  # default",
        "respond.mode = \"dry_run\"  # default",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected} is not in {lines:#?}");
    }
}

/// The table of keys is the reference; it must say what the types do.
#[test]
fn the_table_of_keys_agrees_with_the_types() {
    let defaults = serde_json::to_value(Config::default()).unwrap();
    for key in keys::KEYS {
        if key.path.contains("[]") || key.path.starts_with("smtp.") {
            continue;
        }
        let pointer = format!("/{}", key.path.replace('.', "/"));
        let actual = defaults.pointer(&pointer).cloned().unwrap_or_default();
        let written = match key.default {
            "" => serde_json::Value::Null,
            text => serde_json::from_str(text).unwrap(),
        };
        assert_eq!(actual, written, "the default of {}", key.path);
    }
    let full = include_str!("full.toml");
    let loaded = Config::parse(full).unwrap();
    let explained: Vec<String> = loaded
        .explain()
        .into_iter()
        .filter(|setting| setting.origin != Origin::Default)
        .map(|setting| setting.key.replace("[0]", "[]"))
        .collect();
    let all: Vec<&str> = keys::KEYS.iter().map(|key| key.path).collect();
    assert_eq!(explained, all, "full.toml must give every key once");
}

#[test]
fn relative_paths_start_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.toml");
    std::fs::write(&path, "data_folder = \"data\"\n[rules]\nfolders = [\"rules\", \"/abs\"]").unwrap();
    let config = Config::load(&path).unwrap().config;
    assert_eq!(config.data_folder, folder.path().join("data"));
    assert_eq!(config.rules.folders, [folder.path().join("rules"), "/abs".into()]);
    let missing = Config::load(&folder.path().join("none.toml")).unwrap_err();
    assert!(missing.to_string().starts_with("read the configuration"));
}

#[test]
fn the_reference_names_every_key() {
    let text = config_reference();
    assert!(text.contains("## `[[syslog]]`") && text.contains("| `listen` | address:port | `\"127.0.0.1:8787\"` |"));
}
