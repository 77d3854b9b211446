//! Flow log record to event.

use std::borrow::Cow;

use vigie_model::{
    Class, Cloud, Document, Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind, Outcome, Timestamp,
};

use crate::entities::EntityList;
use crate::json::{ip, number, port, scalar, text};
use crate::normalise::Draft;

/// Returns the event in a record. Its time is when the flow was first seen.
pub(super) fn draft(document: Document) -> Draft {
    let time =
        number(&document, "start").map(|seconds| Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
    let action = text(&document, "action").unwrap_or_default().to_owned();
    let owned = |path| scalar(&document, path).map(Cow::into_owned);
    let mut envelope = Envelope {
        class: Class::NetworkActivity,
        outcome: match action.as_str() {
            "ACCEPT" => Outcome::Success,
            "REJECT" => Outcome::Failure,
            _ => Outcome::Unknown,
        },
        activity: if action.is_empty() { owned("log_status").unwrap_or_default() } else { action },
        logsource: Logsource::new("aws", "", "vpcflow"),
        src: Endpoint { ip: ip(&document, "srcaddr"), port: port(&document, "srcport"), host: None },
        dst: Endpoint { ip: ip(&document, "dstaddr"), port: port(&document, "dstport"), host: None },
        device: owned("interface_id"),
        cloud: Cloud { provider: Some("aws".to_owned()), account: owned("account_id"), region: owned("region") },
        ..Envelope::default()
    };
    envelope.message = message(&document, &envelope);
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_ip(envelope.dst.ip, EntityRole::Target);
    entities.add_some(Kind::AwsInstance, text(&document, "instance_id"), EntityRole::Related);
    entities.add_some(Kind::AwsAccount, envelope.cloud.account.as_deref(), EntityRole::Related);
    Draft { time, envelope, entities, document }
}

fn message(document: &Document, envelope: &Envelope) -> String {
    let end = |end: &Endpoint| match (end.ip, end.port) {
        (Some(ip), Some(port)) if ip.is_ipv6() => format!("[{ip}]:{port}"),
        (Some(ip), Some(port)) => format!("{ip}:{port}"),
        (Some(ip), None) => ip.to_string(),
        _ => "?".to_owned(),
    };
    if envelope.src.ip.is_none() && envelope.dst.ip.is_none() {
        let interface = envelope.device.as_deref().unwrap_or("an interface");
        return format!(
            "{} for {interface}",
            if envelope.activity.is_empty() { "flow log" } else { &envelope.activity }
        );
    }
    let protocol = match number(document, "protocol") {
        Some(1) => " icmp".to_owned(),
        Some(6) => " tcp".to_owned(),
        Some(17) => " udp".to_owned(),
        Some(58) => " icmpv6".to_owned(),
        Some(other) => format!(" protocol {other}"),
        None => String::new(),
    };
    let word = if envelope.activity.is_empty() { "flow" } else { &envelope.activity };
    let size = match (number(document, "packets"), number(document, "bytes")) {
        (Some(packets), Some(bytes)) => format!(", {packets} packets, {bytes} bytes"),
        _ => String::new(),
    };
    format!("{word}{protocol} {} to {}{size}", end(&envelope.src), end(&envelope.dst))
}
