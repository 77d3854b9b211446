//! RFC 5424.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Message;
use crate::{Fault, times};

/// What was read, and the text after it.
type Parsed<'a> = (Map<String, Value>, &'a str);
/// What is wrong, and the text from there.
type Broken<'a> = (&'static str, &'a str);

/// Takes apart what follows the version; `offset` bytes of the message come before it.
pub(super) fn parse(header: &str, offset: usize) -> Result<Message<'_>, Fault> {
    let whole = header;
    let mut rest = header;
    let mut fields = [""; 5];
    for field in &mut fields {
        let (value, after) = rest.split_once(' ').unwrap_or((rest, ""));
        *field = value;
        rest = after;
    }
    let [time, hostname, program, pid, kind] = fields;
    let at = |rest: &str| offset + whole.len() - rest.len();
    let time = match time {
        "-" => None,
        time => Some(times::iso(time).ok_or_else(|| Fault::bad_time("timestamp", time))?),
    };
    let (structured, text) =
        structured(rest).map_err(|(reason, rest)| Fault::BadHeader { reason, offset: at(rest) })?;
    let some = |field| (!matches!(field, "" | "-")).then_some(Cow::Borrowed(field));
    Ok(Message {
        priority: None,
        time,
        hostname: some(hostname),
        program: some(program),
        pid: pid.parse().ok(),
        kind: some(kind),
        structured,
        text: Cow::Borrowed(text.trim_start_matches('\u{feff}')),
    })
}

/// Reads the structured data; returns it and the message after it, or what is wrong and the text from there.
fn structured(text: &str) -> Result<Parsed<'_>, Broken<'_>> {
    let mut elements = Map::new();
    if let Some(rest) = text.strip_prefix('-') {
        return Ok((elements, rest.trim_start()));
    }
    if !text.starts_with('[') {
        return Err(("expected structured data or `-`", text));
    }
    let mut rest = text;
    while let Some(inside) = rest.strip_prefix('[') {
        let end = inside.find([' ', ']']).ok_or(("the structured data does not end", ""))?;
        let name = &inside[..end];
        let (parameters, after) = parameters(&inside[end..])?;
        elements.insert(name.to_owned(), Value::Object(parameters));
        rest = after;
    }
    Ok((elements, rest.trim_start()))
}

/// Reads ` name="value"` until the bracket that closes the element.
fn parameters(mut rest: &str) -> Result<Parsed<'_>, Broken<'_>> {
    let mut parameters = Map::new();
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(after) = rest.strip_prefix(']') {
            return Ok((parameters, after));
        }
        let (name, after) = rest.split_once('=').ok_or(("the structured data does not end", ""))?;
        let quoted = after.strip_prefix('"').ok_or(("expected a value in quotes", after))?;
        let mut value = String::new();
        let mut chars = quoted.char_indices();
        rest = loop {
            match chars.next() {
                None => return Err(("the structured data does not end", "")),
                Some((end, '"')) => break &quoted[end + 1..],
                // A backslash before any other character stands for itself.
                Some((_, '\\')) => match chars.next() {
                    Some((_, escaped @ ('"' | '\\' | ']'))) => value.push(escaped),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => return Err(("the structured data does not end", "")),
                },
                Some((_, char)) => value.push(char),
            }
        };
        parameters.insert(name.to_owned(), Value::String(value));
    }
}
