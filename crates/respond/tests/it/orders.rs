//! Actions that a person asks for.

use std::time::Duration;

use serde_json::{Map, Value, json};
use vigie_model::{Action, ActionStatus, TenantId};
use vigie_respond::{Catalogue, Order, OrderError, order, recheck};

use crate::sample::{never_touch, now};

fn give(kind: &str, parameters: &Value, expires: Option<u64>) -> Result<Action, OrderError> {
    let tenant = TenantId::new("acme").unwrap();
    let parameters: Map<String, Value> = parameters.as_object().unwrap().clone();
    let wanted = Order {
        tenant: &tenant,
        kind,
        parameters: &parameters,
        expires: expires.map(Duration::from_secs),
        alert: None,
        case: None,
        by: "ann",
        reason: "seen in the mail log",
        key: "k1",
        dry_run: false,
    };
    order(&wanted, &Catalogue::builtin(), &never_touch(), now())
}

#[track_caller]
fn check_error(kind: &str, parameters: &Value, expires: Option<u64>, part: &str) {
    let error = give(kind, parameters, expires).unwrap_err().to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn an_order_is_its_own_approval() {
    let action = give("host.block_ip", &json!({"ip": "203.0.113.7"}), None).unwrap();
    assert_eq!(action.status, ActionStatus::Approved);
    assert_eq!(action.summary, "block 203.0.113.7 on this host for 24 h");
    assert_eq!((action.steps[0].by.as_str(), action.steps[0].note.as_str()), ("ann", "seen in the mail log"));
    assert_eq!(action, give("host.block_ip", &json!({"ip": "203.0.113.7"}), None).unwrap());
    assert_eq!(recheck(&action, &never_touch()), Ok(()));
}

#[test]
fn the_never_touch_list_holds_for_people_too() {
    for ip in ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.0/24"] {
        let action = give("host.block_ip", &json!({"ip": ip}), None).unwrap();
        assert_eq!(action.status, ActionStatus::Refused, "{ip}");
        assert!(action.steps[1].note.contains("of this host"), "{:?}", action.steps);
        assert!(recheck(&action, &never_touch()).is_err());
    }
}

#[test]
fn orders_that_make_no_sense() {
    check_error("host.blockip", &json!({}), None, "did you mean `host.block_ip`?");
    check_error("host.block_ip", &json!({}), None, "`host.block_ip` needs it");
    check_error("host.block_ip", &json!({"ip": "10.0.0.1"}), None, "private");
    check_error("host.block_ip", &json!({"ip": 3}), None, "expected a text");
    check_error("host.block_ip", &json!({"ipp": "203.0.113.7"}), None, "did you mean `ip`?");
    check_error("host.block_ip", &json!({"ip": "203.0.113.7"}), Some(31 * 86_400), "lasts 1 s to 30 d");
    check_error("host.block_ip", &json!({"ip": "203.0.113.7"}), Some(0), "lasts 1 s to 30 d");
    check_error("notify.email", &json!({"to": "x"}), None, "not a mail address");
    check_error("notify.email", &json!({}), Some(5), "over when it is done");
}

#[test]
fn braces_in_an_order_are_just_braces() {
    let action = give("notify.email", &json!({"to": "soc@example.org", "text": "{{attacker.ip}} }}"}), None).unwrap();
    assert_eq!(action.parameters["text"], "{{attacker.ip}} }}");
    assert_eq!(action.parameters["to"], json!(["soc@example.org"]));
    assert_eq!(action.summary, "e-mail soc@example.org");
}
