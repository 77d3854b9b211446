//! Alerts out of other programs' JSON.

use serde_json::{Value, json};
use vigie_cases::{InboundAlert, InboundMapping, inbound_alerts};
use vigie_model::Severity;

/// What Grafana's alerting sends, as its documentation describes the webhook's body.
fn grafana() -> InboundMapping {
    serde_json::from_value(json!({
        "items": "/alerts",
        "title": "{/labels/alertname} on {/labels/instance}",
        "description": "{/annotations/summary}",
        "kind": "grafana",
        "source": "grafana",
        "reference": "{/fingerprint}",
        "link": "{/generatorURL}",
        "severity": "{/labels/severity}",
        "severity_words": {"page": "critical"},
        "date": "{/startsAt}",
        "tags": ["team:{/labels/team}", "{/labels/none}"],
        "observables": {"ip": ["{/labels/instance}", "{/peers}"]},
    }))
    .unwrap()
}

fn document(change: impl FnOnce(&mut Value)) -> Value {
    let mut alert = json!({
        "labels": {"alertname": "Too many failures {/fingerprint}", "instance": "203.0.113.7", "severity": "PAGE", "team": "edge"},
        "annotations": {"summary": "<b>91 %</b>"},
        "startsAt": "2026-03-01T12:00:00Z", "generatorURL": "https://g.example/1", "fingerprint": "ab12",
        "peers": ["198.51.100.1", "203.0.113.7", null],
    });
    change(&mut alert);
    json!({"alerts": [alert]})
}

#[test]
fn a_mapping_finds_the_parts_of_an_alert() {
    let alerts = inbound_alerts(&grafana(), &document(|_| {})).unwrap();
    let ip = |value: &str| ("ip".to_owned(), value.to_owned());
    assert_eq!(
        alerts,
        [InboundAlert {
            // What the document says is not read as a template.
            title: "Too many failures {/fingerprint} on 203.0.113.7".into(),
            description: "<b>91 %</b>".into(),
            kind: "grafana".into(),
            source: "grafana".into(),
            reference: "ab12".into(),
            link: Some("https://g.example/1".into()),
            severity: Severity::Critical,
            date: "2026-03-01T12:00:00Z".parse().ok(),
            tags: vec!["team:edge".into()],
            observables: vec![ip("198.51.100.1"), ip("203.0.113.7")],
        }]
    );
}

#[test]
fn dates_and_severities_come_in_many_forms() {
    let check = |date: Value, severity: Value, expected: (&str, Severity)| {
        let document = document(|alert| {
            alert["startsAt"] = date;
            alert["labels"]["severity"] = severity;
        });
        let alert = inbound_alerts(&grafana(), &document).unwrap().remove(0);
        let date = alert.date.map(|date| date.to_string()).unwrap_or_default();
        assert_eq!((date.as_str(), alert.severity), expected);
    };
    let noon = "2026-03-01T12:00:00.000000Z";
    check(json!(1_772_366_400), json!("high"), (noon, Severity::High));
    check(json!(1_772_366_400.75), json!("Low"), (noon, Severity::Low));
    check(json!(1_772_366_400_000_i64), json!(4), (noon, Severity::Critical));
    check(json!("1772366400000000"), json!(null), (noon, Severity::Medium));
    check(json!(null), json!("1"), ("", Severity::Low));
}

#[test]
fn what_does_not_fit_says_what_is_missing() {
    let check = |document: &Value, expected: &str| {
        let error = inbound_alerts(&grafana(), document).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(&json!({}), "the document has no list there");
    check(&json!({"alerts": vec![json!({}); 1_001]}), "holds 1001 alerts");
    check(
        &document(|alert| alert["fingerprint"] = json!("")),
        "alert 0: `reference` is `{/fingerprint}`, which comes out empty",
    );
    check(&document(|alert| alert["labels"]["severity"] = json!("dire")), "`severity` is `dire`: add it");
    check(&document(|alert| alert["startsAt"] = json!("yesterday")), "`date` is `yesterday`");
    let unknown = serde_json::from_value::<InboundMapping>(json!({"titel": "x"})).unwrap_err().to_string();
    assert!(unknown.contains("titel"), "{unknown}");
}
