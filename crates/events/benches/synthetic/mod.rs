//! An endless stream of synthetic events of about 500 bytes with random parts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use vigie_model::{
    Class, Document, Entity, EntityRole, Envelope, Event, EventId, Logsource, ObservableKind, Outcome, Severity,
    SourceName, TenantId, Timestamp,
};

/// Returns whose the events are.
pub(crate) fn tenant() -> TenantId {
    TenantId::new("bench").expect("it is a slug")
}

/// Returns the `number`-th of an endless stream of JSON events: many failed logins, few addresses often, many seldom.
pub(crate) fn event(number: u64) -> Event {
    let dice = |salt: u64| {
        let mixed = (number ^ salt.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
    };
    // The lesser of two draws: low numbers often, high ones seldom.
    let pick = |salt: u64, below: u64| ((dice(salt) >> 20) % below).min((dice(salt + 1) >> 20) % below);
    let (user, host) = (format!("user{}", pick(1, 500)), format!("host-{}.example.com", pick(3, 200)));
    let src = format!("198.51.{}.{}", pick(5, 256), pick(7, 256));
    let message =
        format!("Failed password for {user} from {src} port {} ssh2 session {:016x}", pick(9, 65_536), dice(11));
    let command = format!("/usr/sbin/sshd -D -R --token {:016x}{:016x}", dice(13), dice(15));
    let document = serde_json::json!({
        "event_type": "authentication", "activity": "logon", "outcome": "failure", "user": user, "host": host,
        "src_ip": src, "dst_ip": "192.0.2.10", "dst_port": 22, "process": "sshd", "pid": pick(17, 32_768),
        "command_line": command, "message": message, "region": "eu-west-3", "rule_level": pick(19, 15),
        "tags": ["linux", "ssh"], "agent": "agent-7",
    });
    let native = document.to_string();
    let serde_json::Value::Object(fields) = document else { unreachable!("json!({{…}}) is an object") };
    let arrival = Timestamp::from_seconds(1_772_323_200).plus(Duration::from_micros(number * 800));
    Event {
        id: EventId::derive([number.to_le_bytes()]),
        tenant: tenant(),
        source: SourceName::new("json").expect("it is a slug"),
        time: arrival,
        arrival,
        envelope: Envelope {
            class: Class::Authentication,
            activity: "logon".to_owned(),
            outcome: Outcome::Failure,
            severity: Severity::ALL[(number % 5) as usize],
            logsource: Logsource { product: Some(Arc::from("linux")), ..Logsource::new("linux", "", "sshd") },
            user: Some(user),
            src: vigie_model::Endpoint { ip: src.parse().ok(), ..vigie_model::Endpoint::default() },
            device: Some(host),
            message,
            ..Envelope::default()
        },
        entities: vec![Entity::new(ObservableKind::Ip, src, EntityRole::Source)],
        document: Document::new(fields),
        native: Bytes::from(native),
    }
}
