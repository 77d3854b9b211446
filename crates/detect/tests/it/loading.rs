//! Rules that are refused, each by its code; filters, pipelines, and files of several documents.

use serde_json::json;
use vigie_detect::{Engine, FailureCode, Pipeline, RuleSet};

use crate::builder::{engine, event, load, observe};

/// Checks that a rule is refused, by code, at a line, with a reason that names `word`.
#[track_caller]
fn refused(text: &str, code: FailureCode, line: u32, word: &str) {
    let loaded = load(text);
    let [failure] = loaded.failed.as_slice() else { panic!("{:?} for\n{text}", loaded.failed) };
    assert_eq!((failure.code, failure.line), (code, Some(line)), "{failure:?} for\n{text}");
    assert!(failure.reason.contains(word), "{failure:?}");
}

fn rule(detection: &str) -> String {
    format!("title: t\nid: t\nlogsource: {{product: p}}\ndetection:\n  {}\n", detection.replace('\n', "\n  "))
}

/// Checks that a field of a detection is refused.
#[track_caller]
fn field(line: &str, code: FailureCode) {
    let word = line.split(['|', ':']).next().unwrap();
    refused(&rule(&format!("s:\n  {line}\ncondition: s")), code, 6, word);
}

#[test]
fn fields_and_values() {
    field("f|containz: a", FailureCode::UnknownModifier);
    field("f|re: '('", FailureCode::UnsupportedRegex);
    field("f|re: 'a(?=b)'", FailureCode::UnsupportedRegex);
    field(r"f|re: '(a)\1'", FailureCode::UnsupportedRegex);
    field("f|re: 'a{1000}{1000}{100}'", FailureCode::UnsupportedRegex);
    field("f|cidr: 300.0.0.0/8", FailureCode::InvalidCidr);
    field("f|expand: '%x%'", FailureCode::UnfilledPlaceholder);
    field("f|contains|all: a", FailureCode::AllNeedsValues);
    field("f|contains|all: [a]", FailureCode::AllNeedsValues);
    field("f: [a, null]", FailureCode::NullInList);
    field("f: []", FailureCode::InvalidValue);
    field("f: {a: b}", FailureCode::InvalidValue);
    field("f: 18446744073709551615", FailureCode::NumberOutOfRange);
    field("f|lt: abc", FailureCode::InvalidValue);
    field("f|exists: maybe", FailureCode::InvalidValue);
    field("f|i: a", FailureCode::ModifierConflict);
    field("f|contains|re: a", FailureCode::ModifierConflict);
    field("f|re|contains: a", FailureCode::ModifierConflict);
    field("f|hour|contains: 3", FailureCode::ModifierConflict);
    field("f|contains|base64: a", FailureCode::WildcardInEncoding);
    field("f|base64: 'a*'", FailureCode::WildcardInEncoding);
    field("f|wide: é", FailureCode::InvalidValue);
    field("f|contains: null", FailureCode::InvalidValue);
}

#[test]
fn conditions() {
    let condition = |text: &str, code, word| refused(&rule(&format!("s: {{f: a}}\ncondition: {text}")), code, 6, word);
    condition("t", FailureCode::UnknownIdentifier, "`t`");
    condition("1 of x*", FailureCode::UnknownIdentifier, "x*");
    condition("s and", FailureCode::ConditionSyntax, "s and");
    condition("2 of them", FailureCode::ConditionSyntax, "2 of the 1");
    condition("s | count() > 5", FailureCode::LegacyAggregation, "correlation");
    condition("s | near t", FailureCode::LegacyAggregation, "near");
    condition(&format!("{}s{}", "(".repeat(60), ")".repeat(60)), FailureCode::TooComplex, "deep");
    condition(&"not ".repeat(600), FailureCode::TooComplex, "deep");
    condition("5", FailureCode::ConditionSyntax, "text");
}

#[test]
fn documents() {
    refused("title: [", FailureCode::YamlSyntax, 2, "");
    refused("- a\n- b\n", FailureCode::NotARule, 1, "mapping");
    refused("\n# nothing\n", FailureCode::NotARule, 1, "0 documents");
    refused("title: t\n", FailureCode::NotARule, 1, "detection");
    refused(&rule("s: {f: a}\ncondition: s").replace("title: t\n", ""), FailureCode::MissingField, 1, "title");
    refused(&rule("s: {f: a}"), FailureCode::MissingField, 4, "condition");
    refused(
        &rule("s: {f: a}\ncondition: s").replace("logsource: {product: p}\n", ""),
        FailureCode::MissingField,
        1,
        "logsource",
    );
    refused(&(rule("s: {f: a}\ncondition: s") + "level: hgih\n"), FailureCode::InvalidMetadata, 1, "hgih");
    refused(&rule("s: {f: a}\ns: {f: b}\ncondition: s"), FailureCode::DuplicateKey, 5, "duplicate");
    refused(&(rule("s: {f: a}\ncondition: s") + "action: global\n"), FailureCode::UnsupportedAction, 7, "action");
    refused(
        &(rule("s: {f: a}\ncondition: s") + "sigma-version: 3\n"),
        FailureCode::UnsupportedSigmaVersion,
        7,
        "version",
    );
    refused(&(rule("s: {f: a}\ncondition: s") + "vigie: {groupby: [a]}\n"), FailureCode::InvalidGroupBy, 7, "group_by");
    refused(&(rule("s: {f: a}\ncondition: s") + &"#".repeat(5 << 20)), FailureCode::FileTooLarge, 1, "bytes");
    let twice = rule("s: {f: a}\ncondition: s");
    refused(&format!("{twice}---\n{twice}"), FailureCode::DuplicateId, 8, "`t`");
}

#[test]
fn correlations() {
    let base = rule("s: {f: a}\ncondition: s");
    let with = |body: &str| format!("{base}---\ntitle: c\nid: c\ncorrelation: {{{body}}}\n");
    let bad = |body: &str, code, word| {
        let loaded = load(&with(body));
        assert_eq!(loaded.failed.len(), 1, "{body}");
        assert_eq!(loaded.failed[0].code, code, "{:?}", loaded.failed);
        assert!(loaded.failed[0].reason.contains(word), "{:?}", loaded.failed);
        assert_eq!(loaded.rules.len(), 1);
    };
    bad("type: event_count, rules: [x], timespan: 1m, condition: {gte: 1}", FailureCode::UnknownRule, "`x`");
    bad("type: event_count, rules: [c], timespan: 1m, condition: {gte: 1}", FailureCode::CorrelationCycle, "itself");
    bad("type: event_count, rules: [t], timespan: 1x, condition: {gte: 1}", FailureCode::InvalidTimespan, "1x");
    bad("type: event_count, rules: [t], timespan: 0s, condition: {gte: 1}", FailureCode::InvalidTimespan, "0s");
    bad("type: event_count, rules: [t], timespan: 1m, condition: {lt: 5}", FailureCode::ConditionNeedsWindowEnd, "gte");
    bad(
        "type: event_count, rules: [t], timespan: 1m, condition: {neq: 5}",
        FailureCode::ConditionNeedsWindowEnd,
        "gte",
    );
    bad(
        "type: event_count, rules: [t], timespan: 1m, condition: {gte: -1}",
        FailureCode::InvalidCorrelation,
        "expected",
    );
    bad("type: event_count, rules: [t], timespan: 1m", FailureCode::InvalidCorrelation, "condition");
    bad("type: value_count, rules: [t], timespan: 1m, condition: {gte: 1}", FailureCode::InvalidCorrelation, "field");
    bad("type: nonsense, rules: [t], timespan: 1m, condition: {gte: 1}", FailureCode::InvalidCorrelation, "nonsense");
    bad("type: temporal, rules: [t], timespan: 1m, window: tumbling", FailureCode::UnsupportedWindow, "tumbling");
    bad("type: temporal, rules: [t], timespan: 1m, aliases: {x: {q: f}}", FailureCode::InvalidCorrelation, "`q`");
}

#[test]
fn filters_join_the_condition() {
    let base = rule("s: {f: a}\ncondition: s");
    let with = |condition: &str, rules: &str| {
        format!(
            "{base}---\ntitle: only\nlogsource: {{product: p}}\nfilter: {{rules: {rules}, s: {{user: admin}}, condition: {condition}}}\n"
        )
    };
    let hits = |text: &str, user: &str| {
        let event = event(1, json!({"f": "a", "user": user})).logsource("p", "", "").build();
        observe(&mut engine(text), &[event]).len()
    };
    for rules in ["[t]", "any"] {
        assert_eq!((hits(&with("not s", rules), "admin"), hits(&with("not s", rules), "ann")), (0, 1));
        assert_eq!((hits(&with("s", rules), "admin"), hits(&with("s", rules), "ann")), (1, 0));
    }
    let elsewhere = with("not s", "any")
        .replace("---\ntitle: only\nlogsource: {product: p}", "---\ntitle: only\nlogsource: {product: q}");
    assert_eq!(hits(&elsewhere, "admin"), 1);
    let unknown = load(&with("not s", "[zz]"));
    assert_eq!((unknown.failed[0].code, unknown.rules.len()), (FailureCode::UnknownRule, 1));
}

#[test]
fn one_bad_document_spares_the_others() {
    let second = rule("s: {g: a}\ncondition: s").replace("id: t", "id: u");
    let loaded = load(&format!("---\n{}---\nnot a rule\n---\n{second}", rule("s: {f: a}\ncondition: s")));
    assert_eq!((loaded.rules.len(), loaded.failed.len()), (2, 1));
    assert_eq!(loaded.failed[0].line, Some(9));
    let report = serde_json::to_value(loaded.report()).unwrap();
    assert_eq!(report["loaded"], 2);
    assert_eq!(report["failed"][0]["code"], "not_a_rule");
    assert_eq!(report["failed"][0]["path"], "rule.yml");
}

#[test]
fn pipelines_fill_placeholders_and_rename_fields() {
    let pipeline = "vars: {admins: [root, 'adm*'], port: 22}\ntransformations:\n\
        - {type: value_placeholders, include: [admins, port]}\n- {type: wildcard_placeholders}\n\
        - {type: field_name_mapping, mapping: {Image: [exe, path]}, rule_conditions: [{type: logsource, product: p}]}\n";
    let pipeline = Pipeline::parse("test", pipeline).unwrap();
    let hits = |line: &str, document: serde_json::Value| {
        let text = rule(&format!("s:\n  {line}\ncondition: s"));
        let loaded = RuleSet::load([("r".to_owned(), text)], &pipeline);
        assert_eq!(loaded.failed, []);
        observe(&mut Engine::new(loaded.rules), &[event(1, document).logsource("p", "", "").build()]).len()
    };
    assert_eq!(hits("u|expand: '%admins%'", json!({"u": "ADMIN7"})), 1);
    assert_eq!(hits("u|expand: '%admins%'", json!({"u": "ann"})), 0);
    assert_eq!(hits("u|contains|expand: 'x %admins%:%port%'", json!({"u": "-x root:22-"})), 1);
    assert_eq!(hits("u|expand: 'a%other%z'", json!({"u": "abcz"})), 1);
    assert_eq!(hits(r"u|expand: '\%admins%'", json!({"u": "%admins%"})), 1);
    assert_eq!(hits("Image: x", json!({"path": "x"})), 1);
    assert_eq!(hits("Image: x", json!({"Image": "x"})), 0);
    for bad in ["vars: 5", "transformations: [{type: drop_detection_item}]", "surprise: 1", "vars: {a: {b: c}}", "a: ["]
    {
        assert!(Pipeline::parse("bad", bad).is_err(), "{bad}");
    }
}
