//! JSON records to documents.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use serde_json::{Map, Value};
use vigie_model::{Document, Record};

use crate::body::{array_elements, member, value_end};
use crate::entities::{address, is_placeholder};
use crate::normalise::Draft;
use crate::{Fault, Normalised};

/// How many events one record may hold, as the elements of an array or container.
const EVENTS_MAX: u32 = 10_000;

/// Reads a record that is one document, an array of them, or a container with an array of them in this member. Each
/// element becomes an event of its own whose native bytes are exactly its slice.
pub(crate) fn read(
    record: &Record,
    container: Option<&str>,
    out: &mut Normalised,
    normalise: impl Fn(Map<String, Value>) -> Result<Draft, Fault>,
) {
    let bytes = &record.bytes;
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let array = match bytes.get(start) {
        Some(b'[') => Some(start),
        Some(b'{') => container_array(bytes, start, container),
        _ => None,
    };
    match array {
        Some(open) => read_array(record, open, out, normalise),
        None => out.add(record, 0, bytes.clone(), object(bytes).and_then(normalise)),
    }
}

fn container_array(bytes: &[u8], open: usize, container: Option<&str>) -> Option<usize> {
    let name = container?;
    memchr::memmem::find(bytes, name.as_bytes())?;
    member(bytes, open, name).filter(|&array| bytes.get(array) == Some(&b'['))
}

fn read_array(
    record: &Record,
    open: usize,
    out: &mut Normalised,
    normalise: impl Fn(Map<String, Value>) -> Result<Draft, Fault>,
) {
    let mut elements = array_elements(&record.bytes, open);
    let mut next = 0_u32;
    for (index, element) in (0_u32..).zip(elements.by_ref()) {
        next = index + 1;
        let broken = element.is_err();
        let (native, draft) = match element {
            Ok(range) if index == EVENTS_MAX => {
                let fault = Fault::TooMany { what: "events", limit: EVENTS_MAX as usize, offset: range.start };
                (record.bytes.slice(range.start..), Err(fault))
            }
            Ok(range) => {
                let native = record.bytes.slice(range);
                let draft = object(&native).and_then(&normalise);
                (native, draft)
            }
            Err(fault) => {
                let native = record.bytes.slice(fault.offset.min(record.bytes.len())..);
                (native, Err(Fault::BadBody { reason: fault.reason, offset: fault.offset }))
            }
        };
        out.add(record, index, native, draft);
        if broken || index == EVENTS_MAX {
            return;
        }
    }
    let end = elements.offset();
    if !ends_with_the_value(&record.bytes, open, end) {
        let fault = Fault::BadBody { reason: "more follows the array, or its object does not end,", offset: end };
        out.add(record, next, record.bytes.slice(end..), Err(fault));
    }
}

/// Returns whether the value whose array opens at `open` and closes before `end` is all that the record holds: nobody may
/// hide behind an array.
fn ends_with_the_value(bytes: &[u8], open: usize, end: usize) -> bool {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let rest = bytes[end..].trim_ascii();
    if start == open {
        return rest.is_empty();
    }
    // Most containers hold nothing behind their array; a second look at the whole is for the others.
    rest == b"}" || value_end(bytes, start).is_ok_and(|end| bytes[end..].trim_ascii().is_empty())
}

/// Returns the object that these bytes are. Bytes that are not UTF-8 are read as U+FFFD: some senders copy what they saw
/// on the wire into their strings, and the native bytes are kept anyway.
pub(crate) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    let text = String::from_utf8_lossy(bytes);
    if text.trim_ascii().is_empty() {
        return Err(Fault::Empty);
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(Fault::NotAnObject { found: kind_of(&other) }),
        Err(error) => Err(fault_of(&error)),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn fault_of(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    if said.starts_with("recursion limit exceeded") {
        return Fault::JsonDepth { line, column };
    }
    if error.is_eof() {
        return Fault::JsonTruncated { line, column };
    }
    // serde_json ends its messages by the place, which the fault gives in its own words.
    let reason = said.split(" at line ").next().unwrap_or(&said).to_owned();
    Fault::JsonSyntax { line, column, reason }
}

/// Returns the text at a path, or `None` where it is no text or a placeholder for none.
pub(crate) fn text<'a>(document: &'a Document, path: &str) -> Option<&'a str> {
    document.text(path).filter(|text| !is_placeholder(text))
}

/// Returns the first text at any of these paths.
pub(crate) fn first_text<'a>(document: &'a Document, paths: &[&str]) -> Option<&'a str> {
    paths.iter().find_map(|path| text(document, path))
}

/// Returns the scalar at a path as text: numbers and booleans as JSON writes them.
pub(crate) fn scalar<'a>(document: &'a Document, path: &str) -> Option<Cow<'a, str>> {
    match document.get(path)? {
        Value::String(text) if is_placeholder(text) => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        _ => None,
    }
}

/// Returns the whole number at a path, also where it is written as text.
pub(crate) fn number(document: &Document, path: &str) -> Option<u64> {
    match document.get(path)? {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            }
        }
        _ => None,
    }
}

fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
}

/// Returns the port at a path.
pub(crate) fn port(document: &Document, path: &str) -> Option<u16> {
    number(document, path)?.try_into().ok()
}

/// Returns the address at a path.
pub(crate) fn ip(document: &Document, path: &str) -> Option<IpAddr> {
    address(document.text(path)?)
}

/// Returns a copy of the bytes as text, what is not UTF-8 as U+FFFD.
pub(crate) fn lossy(bytes: &Bytes) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], expected: Result<&str, &str>) {
        let found = object(text).map(|fields| Value::Object(fields).to_string()).map_err(|fault| fault.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn faults_say_what_and_where() {
        check(br#"{"a": 18446744073709551615}"#, Ok(r#"{"a":18446744073709551615}"#));
        check(b"{\"a\": \"\xff\"}", Ok("{\"a\":\"\u{fffd}\"}"));
        check(b"[]", Err("expected a JSON object, found an array"));
        check(b"  ", Err("the record is empty"));
        check(b"{\"a\": ]", Err("not JSON at line 1, byte 7: expected value"));
        check(b"{\"a\": ", Err("the JSON ends before its value does, at line 1, byte 6"));
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        check(deep.as_bytes(), Err("JSON nested deeper than 127 levels, at line 1, byte 133"));
    }
}
