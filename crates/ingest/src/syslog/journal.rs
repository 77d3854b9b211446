//! What `journalctl -o json` writes: systemd's Journal JSON Format, of which the fields that syslog knows are read.

use std::borrow::Cow;

use serde_json::{Map, Value};
use vigie_model::Timestamp;

use super::Message;

/// Takes a journal entry apart; `None` where the line is not one.
pub(super) fn parse(line: &str) -> Option<Message<'static>> {
    let entry: Map<String, Value> = serde_json::from_str(line).ok()?;
    let text = message_of(entry.get("MESSAGE")?)?;
    let field = |name: &str| entry.get(name).and_then(Value::as_str);
    let number = |name: &str| field(name).and_then(|text| text.parse::<i64>().ok());
    let owned = |name: &str| field(name).map(|text| Cow::Owned(text.to_owned()));
    let small = |name: &str, most: u8| number(name).and_then(|number| u8::try_from(number).ok()).filter(|n| *n <= most);
    let severity = small("PRIORITY", 7);
    Some(Message {
        priority: severity.map(|severity| small("SYSLOG_FACILITY", 23).unwrap_or(1) * 8 + severity),
        time: number("_SOURCE_REALTIME_TIMESTAMP")
            .or_else(|| number("__REALTIME_TIMESTAMP"))
            .map(Timestamp::from_micros),
        hostname: owned("_HOSTNAME"),
        program: owned("SYSLOG_IDENTIFIER").or_else(|| owned("_COMM")),
        pid: number("SYSLOG_PID").or_else(|| number("_PID")).and_then(|pid| u32::try_from(pid).ok()),
        kind: None,
        structured: Map::new(),
        text: Cow::Owned(text),
    })
}

/// Returns the message: text, or, where it is not UTF-8, an array of bytes.
fn message_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(bytes) => {
            let bytes: Option<Vec<u8>> =
                bytes.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
            Some(String::from_utf8_lossy(&bytes?).into_owned())
        }
        _ => None,
    }
}
