//! MISP events.

use vigie_intel::{ParseMispError, parse_misp_event};
use vigie_model::{ObservableKind as Kind, TenantId, Timestamp, Tlp};

const EVENT: &str = r#"{"Event":{"info":"Case 42","uuid":"5f7c2b1e-0000-4000-8000-000000000042","timestamp":"1795305600",
 "published":false,"Tag":[{"name":"tlp:green"},{"name":"misp:confidence-level=\"usually-confident\""}],
 "Attribute":[
  {"type":"domain","value":"EVIL.example","to_ids":true,"timestamp":"1795305600","comment":"c2"},
  {"type":"domain|ip","value":"c2.example|203.0.113.9","to_ids":"1","first_seen":"2026-11-01T00:00:00.000000+00:00"},
  {"type":"ip-dst|port","value":"203.0.113.10|4444","to_ids":1,"Tag":[{"name":"TLP:AMBER+STRICT"},{"name":"botnet"}]},
  {"type":"ip-src","value":"203.0.113.0/24","to_ids":true},
  {"type":"filename|sha256","value":"a.exe|E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B850","to_ids":true},
  {"type":"email-src","value":"Boss@evil.example","to_ids":true},
  {"type":"url","value":"hxxp://evil.example/a","to_ids":true},
  {"type":"ip-dst","value":"203.0.113.99","to_ids":false},
  {"type":"ip-dst","value":"203.0.113.98","to_ids":true,"deleted":true},
  {"type":"comment","value":"nothing to see","to_ids":false},
  {"type":"md5","value":"not a hash","to_ids":true},
  {"type":"hostname","value":17,"to_ids":true}],
 "Object":[
  {"name":"domain-ip","Attribute":[{"type":"domain","object_relation":"domain","value":"c3.example"}]},
  {"name":"file","deleted":true,"Attribute":[{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427f"}]}]}}"#;

const EXPECTED: &[(Kind, &str)] = &[
    (Kind::Domain, "evil.example"),
    (Kind::Domain, "c2.example"),
    (Kind::Ip, "203.0.113.9"),
    (Kind::Ip, "203.0.113.10"),
    (Kind::Ip, "203.0.113.0/24"),
    (Kind::Hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b850"),
    (Kind::Mail, "boss@evil.example"),
    (Kind::Url, "http://evil.example/a"),
    (Kind::Domain, "c3.example"),
];

fn parse(text: &str) -> Result<vigie_intel::Parsed, ParseMispError> {
    parse_misp_event(&TenantId::new("acme").unwrap(), text, Timestamp::from_seconds(1_800_000_000))
}

#[track_caller]
fn check(text: &str, expected: &[(Kind, &str)]) {
    let parsed = parse(text).unwrap();
    let found: Vec<(Kind, &str)> = parsed.indicators.iter().map(|found| (found.kind, found.value.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_way_in_which_events_come() {
    check(EVENT, EXPECTED);
    check(&format!("[{EVENT}]"), EXPECTED);
    check(&format!("{{\"response\":[{EVENT}]}}"), EXPECTED);
    check(&format!("\u{feff} {{\"response\":[{EVENT},{EVENT}]}}"), EXPECTED);
    check(
        r#"{"Event":{"uuid":null,"Tag":null,"Object":null,"Attribute":[{"type":"ip-src","value":"203.0.113.5"}]}}"#,
        &[(Kind::Ip, "203.0.113.5")],
    );
    let answer = r#"{"response":{"Attribute":[{"type":"ip-src","value":"203.0.113.5","event_id":"7","Event":{"info":"x","uuid":""}}]}}"#;
    check(answer, &[(Kind::Ip, "203.0.113.5")]);
    assert_eq!(parse(answer).unwrap().indicators[0].list, "misp:7");
}

#[test]
fn marks_times_and_what_was_left_out() {
    let parsed = parse(EVENT).unwrap();
    let [first, second, _, fourth, ..] = &parsed.indicators[..] else { panic!("too few") };
    assert_eq!(first.list, "misp:5f7c2b1e-0000-4000-8000-000000000042");
    assert_eq!((first.tlp, first.confidence, first.comment.as_str()), (Tlp::Green, 75, "Case 42: c2"));
    assert_eq!(first.valid_from, Some(Timestamp::from_seconds(1_795_305_600)));
    assert_eq!(second.valid_from.unwrap().day(), "2026-11-01");
    assert_eq!(fourth.tlp, Tlp::AmberStrict);
    assert!(fourth.tags.contains(&"botnet".to_owned()));
    // Not for detection, deleted, a comment, and a deleted object's attribute.
    assert_eq!(parsed.skipped, 4);
    let failed: Vec<String> = parsed.failed.iter().map(ToString::to_string).collect();
    assert_eq!(
        failed,
        [
            "line 11: md5: `not a hash` is not an MD5, SHA-1 or SHA-256 in hex",
            "line 12: hostname: `17` is not a domain name of at least two labels",
        ]
    );
}

#[test]
fn what_is_no_event() {
    for text in ["", "{", "{}", "[1]", "null", "{\"Event\":3}", "{\"response\":3}", &"[".repeat(10_000)] {
        assert!(matches!(parse(text), Err(ParseMispError::Json(_))), "{text:.20}");
    }
    let long = " ".repeat(vigie_intel::MISP_BYTES_MAX + 1);
    assert!(matches!(parse(&long), Err(ParseMispError::TooLong(_))));
}
