//! MISP events as cases.

use proptest::prelude::*;
use serde_json::{Value, json};
use vigie_cases::{MISP_OBSERVABLES_MAX, MispEvent, read_misp_event};
use vigie_model::{Pap, Severity, Tlp};

fn read(event: &Value) -> Result<MispEvent, String> {
    read_misp_event(event.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// Reads an event of one attribute, and compares the types and values of what comes out.
fn check(attribute: Value, expected: &[(&str, &str)]) {
    let event = read(&json!({"Event": {"info": "x", "Attribute": [attribute.clone()]}})).unwrap();
    let found: Vec<(&str, &str)> =
        event.observables.iter().map(|observable| (observable.data_type, observable.value.as_str())).collect();
    assert_eq!(found, expected, "{attribute}");
}

#[test]
fn attributes_become_observables() {
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (kind, value, expected) in [
        ("ip-dst", "203.0.113.7", &[("ip", "203.0.113.7")][..]),
        ("ip-src|port", "203.0.113.7|443", &[("ip", "203.0.113.7")]),
        ("domain|ip", "example.com|203.0.113.7", &[("domain", "example.com"), ("ip", "203.0.113.7")]),
        ("hostname|port", "a.example.com|80", &[("hostname", "a.example.com")]),
        ("filename|sha256", &format!("a.exe|{sha256}"), &[("filename", "a.exe"), ("hash", sha256)]),
        ("filename|sha256", "a.exe", &[("filename", "a.exe")]),
        (
            "malware-sample",
            "a.exe|d41d8cd98f00b204e9800998ecf8427e",
            &[("filename", "a.exe"), ("hash", "d41d8cd98f00b204e9800998ecf8427e")],
        ),
        ("sha512/256", "00", &[("hash", "00")]),
        ("x509-fingerprint-sha1", "00", &[("hash", "00")]),
        ("ssdeep", "3:a:b", &[("hash", "3:a:b")]),
        ("shadow", "x", &[("other", "x")]),
        ("regkey|value", "HKLM\\Run|x", &[("registry", "HKLM\\Run")]),
        ("email-subject", "Invoice", &[("mail-subject", "Invoice")]),
        ("AS", "AS64496", &[("autonomous-system", "AS64496")]),
        ("port", "443", &[]),
        ("comment", " ", &[]),
        ("btc", "1A", &[("other", "1A")]),
    ] {
        check(json!({"type": kind, "value": value}), expected);
    }
    check(json!({"type": "domain", "value": "x.org", "deleted": true}), &[]);
    check(json!({"type": "counter", "value": 7}), &[("other", "7")]);
}

#[test]
fn an_event_says_what_it_is() {
    let event = read(&json!({"response": [{"Event": {
        "info": "Case 42", "date": "2026-11-22", "threat_level_id": "1", "uuid": "u", "Orgc": {"name": "ORG"},
        "Tag": [{"name": "tlp:amber+strict"}, {"name": "PAP:RED"}, {"name": "phishing"}],
        "Attribute": [
            {"type": "domain", "value": "evil.example.com", "to_ids": true, "comment": "c2", "Tag": [{"name": "t"}]},
            {"type": "domain", "value": "evil.example.com"},
        ],
        "Object": [
            {"name": "domain-ip", "Attribute": [{"type": "domain", "value": "c2.example.net"}]},
            {"deleted": true, "Attribute": [{"type": "domain", "value": "old.example.net"}]},
        ],
    }}]}))
    .unwrap();
    assert_eq!((event.info.as_str(), event.severity), ("Case 42", Severity::High));
    assert_eq!((event.tlp, event.pap), (Some(Tlp::AmberStrict), Some(Pap::Red)));
    assert_eq!(event.date.unwrap().to_string(), "2026-11-22T00:00:00.000000Z");
    assert_eq!((event.uuid.as_deref(), event.organisation.as_deref()), (Some("u"), Some("ORG")));
    assert_eq!(event.tags, ["tlp:amber+strict", "PAP:RED", "phishing"]);
    assert_eq!(event.observables.len(), 2);
    assert!(event.observables[0].ioc && event.observables[0].comment.as_deref() == Some("c2"));
}

#[test]
fn what_is_no_event_is_refused() {
    for bad in [json!({}), json!([]), json!({"Event": {}}), json!({"Event": {"info": 7}}), json!("x")] {
        assert!(read(&bad).is_err(), "{bad}");
    }
    assert!(read_misp_event(b"{").is_err());
    let long = vec![b' '; vigie_cases::MISP_BYTES_MAX + 1];
    assert!(read_misp_event(&long).unwrap_err().to_string().contains("more than"));
}

#[test]
fn the_most_observables_are_taken_and_no_more() {
    for more in [0, 1] {
        let attribute = |number| json!({"type": "domain", "value": format!("d{number}.example")});
        let attributes: Vec<Value> = (0..MISP_OBSERVABLES_MAX + more).map(attribute).collect();
        let event = read(&json!({"Event": {"info": "x", "Attribute": attributes}})).unwrap();
        assert_eq!((event.observables.len(), event.left_out), (MISP_OBSERVABLES_MAX, more));
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read_misp_event(&bytes));
    }

    #[test]
    fn no_attribute_breaks_the_reader(kind in ".{0,20}", value in ".{0,40}") {
        let event = read(&json!({"Event": {"info": "x", "Attribute": [{"type": kind, "value": value}]}})).unwrap();
        prop_assert!(event.observables.len() <= 2);
        prop_assert!(event.observables.iter().all(|observable| !observable.value.is_empty()));
    }
}
