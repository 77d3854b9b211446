//! The native document is kept byte for byte, and ids follow from positions.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use crate::ingest;

/// Any JSON object, with fields that sources look for among its names.
fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~é\"\\\\\\n]{0,20}".prop_map(Value::from),
        Just(Value::from("2026-03-01T00:00:00Z")),
    ];
    let name = prop_oneof![
        "[a-z.\"]{0,4}",
        Just("eventName".to_owned()),
        Just("userIdentity".to_owned()),
        Just("event_type".to_owned()),
        Just("timestamp".to_owned()),
        Just("EventID".to_owned()),
        Just("Event".to_owned()),
        Just("System".to_owned()),
        Just("EventData".to_owned()),
        Just("winlog".to_owned()),
        Just("detail".to_owned()),
        Just("findings".to_owned()),
        Just("Findings".to_owned()),
        Just("Records".to_owned()),
        Just("type".to_owned()),
        Just("service".to_owned()),
        Just("srcaddr".to_owned()),
        Just("srcport".to_owned()),
        Just("request".to_owned()),
        Just("status".to_owned()),
    ];
    let value = leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    prop::collection::hash_map(
        "[a-zA-Z@_]{1,12}|eventName|event_type|timestamp|EventID|detail|type|srcaddr",
        value,
        0..8,
    )
    .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn compact_or_pretty(value: &Value, pretty: bool) -> String {
    if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
}

proptest! {
    #[test]
    fn elements_of_any_arrangement_keep_their_bytes(
        values in prop::collection::vec((object(), any::<bool>()), 0..5),
        arrangement in 0..3,
    ) {
        let texts: Vec<String> = values.iter().map(|(value, pretty)| compact_or_pretty(value, *pretty)).collect();
        let body = match arrangement {
            0 => texts.join("\n"),
            1 => format!(" [ {} ]\n", texts.join(" ,\n ")),
            _ => texts.concat(),
        };
        let found = ingest("json", body, None);
        prop_assert_eq!(found.dead, vec![]);
        let natives: Vec<&[u8]> = found.events.iter().map(|event| &event.native[..]).collect();
        prop_assert_eq!(natives, texts.iter().map(String::as_bytes).collect::<Vec<_>>());
        let ids: HashSet<_> = found.events.iter().map(|event| event.id).collect();
        prop_assert_eq!(ids.len(), found.events.len());
    }

    #[test]
    fn no_document_panics(value in object(), pretty in any::<bool>()) {
        let text = compact_or_pretty(&value, pretty);
        for source in vigie_ingest::Sources::builtin().names() {
            let found = ingest(source, text.clone(), None);
            for event in &found.events {
                prop_assert!(memchr::memmem::find(text.as_bytes(), &event.native).is_some());
            }
        }
    }

    #[test]
    fn lines_keep_their_bytes(lines in prop::collection::vec("[^\\n\\r]{1,40}", 1..6)) {
        let wanted: Vec<&[u8]> =
            lines.iter().filter(|line| !line.trim_ascii().is_empty()).map(String::as_bytes).collect();
        let body = format!("x\n{}\r\n", lines.join("\r\n"));
        let found = ingest("syslog", body, None);
        let mut natives: Vec<&[u8]> = found.events.iter().map(|event| &event.native[..]).collect();
        natives.extend(found.dead.iter().map(|letter| &letter.bytes[..]));
        for line in wanted {
            prop_assert!(natives.contains(&line), "{:?} is not among {:?}", line, natives);
        }
    }
}

#[test]
fn the_same_body_gives_the_same_events() {
    let body = r#"{"Records": [{"eventName": "A"}, {"eventName": "A"}]}"#;
    let (first, second) = (ingest("cloudtrail", body, None), ingest("cloudtrail", body, None));
    assert_eq!(first, second);
    assert_ne!(first.events[0].id, first.events[1].id);
}

#[test]
fn invalid_utf8_is_kept_and_read() {
    let body = &b"Mar  1 00:00:07 web sshd[1]: Failed password for r\xffot from 203.0.113.7 port 22 ssh2"[..];
    let found = ingest("linux_auth", body, None);
    assert_eq!(found.dead, []);
    assert_eq!(&found.events[0].native[..], body);
    assert_eq!(found.events[0].envelope.user.as_deref(), Some("r\u{fffd}ot"));
    let found = ingest("json", &b"{\"a\": \"\xff\"}"[..], None);
    assert_eq!(found.dead, []);
    assert_eq!(&found.events[0].native[..], b"{\"a\": \"\xff\"}");
}

/// A delivery file is larger than any record may be; its records are not.
#[test]
fn a_container_larger_than_a_record_is_opened() {
    let record = format!(r#"{{"eventName": "A", "pad": "{}"}}"#, "x".repeat(1_000));
    let body = format!("{{\"other\": 1, \"Records\": [{}]}}", vec![record.as_str(); 3_000].join(",\n"));
    let found = ingest("cloudtrail", body, None);
    assert_eq!((found.events.len(), found.dead.len()), (3_000, 0));
    assert!(found.events.iter().all(|event| event.native == record));
}
