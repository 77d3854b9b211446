//! What a playbook's author is told.

use vigie_respond::{Catalogue, PLAYBOOK_BYTES_MAX, Playbook, is_playbook_file};

const HEAD: &str = "name: n\ntrigger: {severity: low}\nactions:\n";

/// `expected` is line, field, a part of the reason, and the suggestion.
#[track_caller]
fn check(text: &str, expected: (usize, &str, &str, Option<&str>)) {
    let error = Playbook::parse("playbooks/x.yml", text, &Catalogue::builtin()).expect_err("it was taken");
    let (line, field, reason, suggestion) = expected;
    assert_eq!((error.line, error.field.as_str()), (Some(line), field), "{error}");
    assert!(error.reason.contains(reason), "{error}");
    assert_eq!(error.suggestion.as_deref(), suggestion, "{error}");
    assert!(error.to_string().starts_with(&format!("playbook `playbooks/x.yml` line {line}")), "{error}");
}

#[track_caller]
fn check_action(action: &str, expected: (usize, &str, &str, Option<&str>)) {
    check(&format!("{HEAD}{action}"), expected);
}

#[test]
fn unknown_words_get_a_suggestion() {
    check("nmae: n\n", (1, "nmae", "unknown field", Some("name")));
    check(
        "name: n\ntrigger:\n  severty: low\nactions: []\n",
        (3, "trigger.severty", "unknown field", Some("severity")),
    );
    check("name: n\ntrigger:\n  severity: hihg\n", (3, "trigger.severity", "unknown severity", Some("high")));
    check(
        "name: n\ntrigger:\n  entities:\n    - ip\n    - hots\n",
        (5, "trigger.entities[1]", "unknown entity type", Some("host")),
    );
    check("name: n\ntrigger:\n  entities: [sauce.ip]\n", (3, "trigger.entities[0]", "unknown part", Some("source")));
    check_action("  - do: host.blok_ip\n", (4, "actions[0].do", "unknown action", Some("host.block_ip")));
    check_action("  - do: reboot\n", (4, "actions[0].do", "expected host.block_ip, notify.email", None));
    check_action(
        "  - do: host.block_ip\n    with:\n      pi: \"{{attacker.ip}}\"\n",
        (6, "actions[0].with.pi", "unknown parameter of host.block_ip", Some("ip")),
    );
    check_action(
        "  - do: host.block_ip\n    with:\n      ip: \"{{atacker.ip}}\"\n",
        (6, "actions[0].with.ip", "unknown placeholder", Some("attacker.ip")),
    );
    check_action(
        "  - do: notify.email\n    aproval: none\n",
        (5, "actions[0].aproval", "unknown field", Some("approval")),
    );
    check_action(
        "  - do: notify.email\n    approval: analist\n",
        (5, "actions[0].approval", "unknown approval", Some("analyst")),
    );
    check_action(
        "  - do: notify.email\n    when: {sevrity: high}\n",
        (5, "actions[0].when.sevrity", "unknown field", Some("severity")),
    );
}

#[test]
fn bad_values_name_their_place() {
    check("name: n\n", (1, "", "`trigger` is missing", None));
    check("name: \"\"\ntrigger: {}\n", (1, "name", "expected one line", None));
    check("name: n\ntrigger: {}\nactions: []\n", (2, "trigger", "no condition", None));
    check("name: n\ntrigger:\n  tags: []\n", (3, "trigger.tags", "the list is empty", None));
    check("name: n\ntrigger:\n  count: 0\n", (3, "trigger.count", "at least 1", None));
    check("name: n\ntrigger:\n  case: maybe\n", (3, "trigger.case", "`true` or `false`", None));
    check("name: n\ntrigger:\n  tenants: [UPPER]\n", (3, "trigger.tenants[0]", "is not a tenant", None));
    check(&format!("{HEAD}  []\n"), (3, "actions", "expected 1 to 20 actions", None));
    check_action("  - with: {}\n", (4, "actions[0]", "`do` is missing", None));
    check_action("  - do: host.block_ip\n", (4, "actions[0]", "needs the parameter `ip`", None));
    let block = "  - do: host.block_ip\n    with: {ip: \"{{attacker.ip}}\"}\n";
    check_action(&format!("{block}    expires: 24 hours\n"), (6, "actions[0].expires", "is not a duration", None));
    check_action(&format!("{block}    expires: 31d\n"), (6, "actions[0].expires", "lasts at most 30 d", None));
    check_action(&format!("{block}    expires: 5\n"), (6, "actions[0].expires", "expected a duration", None));
    check_action("  - do: notify.email\n    expires: 1h\n", (5, "actions[0].expires", "over when it is done", None));
}

#[test]
fn what_could_harm_is_refused() {
    let with = |ip: &str| format!("  - do: host.block_ip\n    with:\n      ip: \"{ip}\"\n");
    check_action(&with("{{target.ip}}"), (6, "actions[0].with.ip", "could be a victim", Some("{{attacker.ip}}")));
    check_action(&with("0.0.0.0/0"), (6, "actions[0].with.ip", "wider than /24", None));
    check_action(&with("10.0.0.1"), (6, "actions[0].with.ip", "private", None));
    check_action(&with("203.0.113.7; flush"), (6, "actions[0].with.ip", "not an IP address", None));
    check_action(&with("{{attacker.ip"), (6, "actions[0].with.ip", "`{{` without `}}`", None));
    let to = |to: &str| format!("  - do: notify.email\n    with:\n      to: {to}\n");
    check_action(&to("\"{{actor.user}}@example.org\""), (6, "actions[0].with.to", "takes no placeholders", None));
    check_action(&to("\"a@b.example\\r\\nBcc: c@d.example\""), (6, "actions[0].with.to", "not a mail address", None));
    check_action(&to("[a@b.example, 3]"), (6, "actions[0].with.to", "one or several addresses", None));
    check_action(
        "  - do: notify.email\n    with:\n      subject: \"a\\nb\"\n",
        (6, "actions[0].with.subject", "expected one line", None),
    );
    check_action(
        "  - do: notify.webhook\n    with:\n      to: https://example.org/x\n",
        (6, "actions[0].with.to", "expected a name", None),
    );
}

#[test]
fn what_is_no_yaml_has_a_line_too() {
    let error = Playbook::parse("x.yml", "name: n\n  bad: [", &Catalogue::builtin()).unwrap_err();
    assert!(error.line.is_some() && error.reason.contains("not YAML"), "{error}");
    let error = Playbook::parse("x.yml", "name: a\nname: b\n", &Catalogue::builtin()).unwrap_err();
    assert!(error.reason.contains("duplicate"), "{error}");
    let error = Playbook::parse("Not A Name.yml", "name: n", &Catalogue::builtin()).unwrap_err();
    assert!(error.reason.contains("is not a playbook name"), "{error}");
}

#[test]
fn size_is_limited_at_the_limit() {
    let base = format!("{HEAD}  - do: notify.email\n");
    let padded = |length: usize| format!("{base}#{}", "x".repeat(length - base.len() - 1));
    assert!(Playbook::parse("x", &padded(PLAYBOOK_BYTES_MAX), &Catalogue::builtin()).is_ok());
    let error = Playbook::parse("x", &padded(PLAYBOOK_BYTES_MAX + 1), &Catalogue::builtin()).unwrap_err();
    assert!(error.reason.contains("longer than"), "{error}");
}

#[test]
fn files_of_a_folder() {
    for (name, expected) in [
        ("a.yml", true),
        ("a.yaml", true),
        ("a.test.yml", false),
        (".a.yml", false),
        ("README.md", false),
        (".yml", false),
    ] {
        assert_eq!(is_playbook_file(name), expected, "{name}");
    }
}

/// Each line holds the one before four times: 64 KiB of this would be more than the machine holds.
#[test]
fn a_bomb_of_references_is_refused() {
    let mut text = String::from("name: n\ntrigger: {severity: low}\nactions:\n  - &a0 [x, x, x, x, x, x, x, x]\n");
    for level in 1..200 {
        let below = level - 1;
        let four = [format!("*a{below}"), format!("*a{below}"), format!("*a{below}"), format!("*a{below}")].join(", ");
        text.extend(["  - &a", &level.to_string(), " [", &four, "]\n"]);
    }
    let error = Playbook::parse("x", &text, &Catalogue::builtin()).unwrap_err();
    assert!(error.reason.contains("not YAML"), "{error}");
    let deep = format!("name: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let error = Playbook::parse("x", &deep, &Catalogue::builtin()).unwrap_err();
    assert!(error.reason.contains("not YAML"), "{error}");
}
