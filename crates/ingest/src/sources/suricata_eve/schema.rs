//! EVE records: <https://docs.suricata.io/en/latest/output/eve/eve-json-format.html>.

use serde_json::{Map, Value};
use vigie_model::Severity;

/// Returns whether a document looks like an EVE record, for payloads of syslog messages.
pub(crate) fn is_eve(fields: &Map<String, Value>) -> bool {
    fields.get("event_type").is_some_and(Value::is_string) && fields.contains_key("timestamp")
}

/// Returns the severity of an alert: Suricata's priorities 1 to 4, the lowest number the worst.
pub(super) fn severity(priority: u64) -> Severity {
    match priority {
        0 | 1 => Severity::High,
        2 => Severity::Medium,
        3 => Severity::Low,
        _ => Severity::Informational,
    }
}

/// Returns Sigma's category for an event type.
pub(super) fn category(event_type: &str) -> &'static str {
    match event_type {
        "alert" => "ids",
        "dns" => "dns",
        "http" => "proxy",
        _ => "",
    }
}

/// Where the domain is, by the kind of record: HTTP host, TLS server name, DNS question in versions 1 to 3 of its format.
pub(super) const DOMAIN: [&str; 5] =
    ["http.hostname", "tls.sni", "dns.rrname", "dns.query.rrname", "dns.queries.rrname"];
