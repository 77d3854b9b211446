//! Syslog messages as they are found: RFC 3164, RFC 5424, what rsyslog writes to files, and journald's JSON.

mod bsd;
mod journal;
mod rfc5424;

use std::borrow::Cow;

use serde_json::{Map, Value};
use vigie_model::{Severity, Timestamp};

use crate::{Fault, times};

/// A syslog message taken apart.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Message<'a> {
    /// Facility × 8 + severity.
    pub(crate) priority: Option<u8>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) hostname: Option<Cow<'a, str>>,
    pub(crate) program: Option<Cow<'a, str>>,
    pub(crate) pid: Option<u32>,
    /// RFC 5424's MSGID.
    pub(crate) kind: Option<Cow<'a, str>>,
    /// RFC 5424's structured data: parameters by element.
    pub(crate) structured: Map<String, Value>,
    /// What follows the tag.
    pub(crate) text: Cow<'a, str>,
}

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

impl Message<'_> {
    /// Returns the facility's name.
    pub(crate) fn facility(&self) -> Option<&'static str> {
        FACILITIES.get(usize::from(self.priority? >> 3)).copied()
    }

    /// Returns the severity: syslog's 0 to 7 (RFC 5424, table 2) in ours.
    pub(crate) fn severity(&self) -> Severity {
        match self.priority.map(|priority| priority & 7) {
            Some(0 | 1) => Severity::Critical,
            Some(2) => Severity::High,
            Some(3) => Severity::Medium,
            Some(4) => Severity::Low,
            _ => Severity::Informational,
        }
    }
}

/// Takes a message apart. Nearly everything is a message; faults are a priority that is none, a header that says it is
/// RFC 5424 and is not, and nothing at all.
pub(crate) fn parse(line: &str, arrival: Timestamp) -> Result<Message<'_>, Fault> {
    let line = line.trim_start_matches('\u{feff}').trim_end();
    if line.trim_start().is_empty() {
        return Err(Fault::Empty);
    }
    if line.starts_with('{')
        && let Some(message) = journal::parse(line)
    {
        return Ok(message);
    }
    let (priority, rest) = priority(line)?;
    let mut message = match rest.strip_prefix("1 ").filter(|rest| is_rfc5424(rest)) {
        Some(header) => rfc5424::parse(header, line.len() - header.len())?,
        None => bsd::parse(rest, arrival),
    };
    message.priority = priority;
    Ok(message)
}

/// Returns whether what follows the version begins as RFC 5424 says: by a time or the dash that stands for none.
fn is_rfc5424(header: &str) -> bool {
    header.starts_with("- ") || times::iso_prefix(header.as_bytes()).is_some()
}

/// Reads `<0>` to `<191>` where a line has one; files and some devices leave it out.
fn priority(line: &str) -> Result<(Option<u8>, &str), Fault> {
    let Some(rest) = line.strip_prefix('<') else { return Ok((None, line)) };
    let fault = || Fault::BadPriority { value: line.chars().take(8).collect() };
    let (digits, rest) = rest.split_once('>').ok_or_else(fault)?;
    if !(1..=3).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault());
    }
    match digits.parse::<u8>() {
        Ok(priority) if priority <= 191 => Ok((Some(priority), rest)),
        _ => Err(fault()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let arrival = "2026-03-02T00:00:00Z".parse().unwrap();
        let found = match parse(line, arrival) {
            Ok(message) => format!(
                "{} {} {} {} {} {}|{}",
                message.priority.map_or(-1, i32::from),
                message.time.map_or("-".to_owned(), |time| time.to_string()),
                message.hostname.as_deref().unwrap_or("-"),
                message.program.as_deref().unwrap_or("-"),
                message.pid.map_or("-".to_owned(), |pid| pid.to_string()),
                Value::Object(message.structured.clone()),
                message.text
            ),
            Err(fault) => format!("{}: {fault}", fault.code()),
        };
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn rfc3164_and_its_variants() {
        let time = "2026-03-01T00:00:07.000000Z";
        check("<38>Mar  1 00:00:07 web08 sshd[28972]: Bad", &format!("38 {time} web08 sshd 28972 {{}}|Bad"));
        check("Mar  1 00:00:07 web08 sshd[28972]: Bad", &format!("-1 {time} web08 sshd 28972 {{}}|Bad"));
        check("<38>Mar  1 00:00:07 sshd[28972]: Bad", &format!("38 {time} - sshd 28972 {{}}|Bad"));
        check("Mar  1 00:00:07 web08 kernel: [1.0] x: y", &format!("-1 {time} web08 kernel - {{}}|[1.0] x: y"));
        check(
            "2026-03-01T01:00:07+01:00 web08 postfix/smtpd[7]: x",
            &format!("-1 {time} web08 postfix/smtpd 7 {{}}|x"),
        );
        check(
            "Mar  1 00:00:07 web08 last message repeated 2 times",
            &format!("-1 {time} web08 - - {{}}|last message repeated 2 times"),
        );
        check("Mar  1 00:00:07 2001:db8::1 app: x", &format!("-1 {time} 2001:db8::1 app - {{}}|x"));
        check(
            "<189>Mar 1 2026 00:00:07: %SYS-5-CONFIG_I: Configured",
            &format!("189 {time} - %SYS-5-CONFIG_I - {{}}|Configured"),
        );
        check("Mar  1 00:00:07 db sshd(pam_unix)[9]: x", &format!("-1 {time} db sshd 9 {{}}|x"));
        check("<13>su: x", "13 - - su - {}|x");
        check("<13>hello world", "13 - - - - {}|hello world");
        check("hello", "-1 - - - - {}|hello");
    }

    #[test]
    fn rfc5424() {
        let time = "2003-10-11T22:14:15.003000Z";
        check(
            "<165>1 2003-10-11T22:14:15.003Z host.example.com evntslog 7 ID47 [a@1 k=\"v\\\"\\]\" l=\"\"][b] \u{feff}An event",
            &format!(
                "165 {time} host.example.com evntslog 7 {{\"a@1\":{{\"k\":\"v\\\"]\",\"l\":\"\"}},\"b\":{{}}}}|An event"
            ),
        );
        check("<165>1 - - - - - -", "165 - - - - {}|");
        check("1 2003-10-11T22:14:15.003Z h a - - - x", &format!("-1 {time} h a - {{}}|x"));
        check("<165>1 apple a day", "165 - - - - {}|1 apple a day");
    }

    #[test]
    fn journald() {
        check(
            r#"{"MESSAGE":"x","SYSLOG_IDENTIFIER":"sshd","_PID":"7","_HOSTNAME":"db","PRIORITY":"6","SYSLOG_FACILITY":"4","__REALTIME_TIMESTAMP":"1772323207000000"}"#,
            "38 2026-03-01T00:00:07.000000Z db sshd 7 {}|x",
        );
        check(r#"{"no":"journal"}"#, r#"-1 - - - - {}|{"no":"journal"}"#);
    }

    #[test]
    fn faults() {
        check("<192>x", "bad_priority: the syslog priority `<192>x` is not a number from 0 to 191 between < and >");
        check("<x>y", "bad_priority: the syslog priority `<x>y` is not a number from 0 to 191 between < and >");
        check("<34", "bad_priority: the syslog priority `<34` is not a number from 0 to 191 between < and >");
        check(" ", "empty: the record is empty");
        check("<34>1 - h a - -", "bad_header: expected structured data or `-` at byte 15");
        check("<34>1 - h a - - [x y=\"z", "bad_header: the structured data does not end at byte 23");
        check("<34>1 - h a - - [x y=z]", "bad_header: expected a value in quotes at byte 21");
    }

    proptest! {
        #[test]
        fn no_line_panics(line in any::<String>(), arrival in any::<i64>()) {
            let _ = parse(&line, Timestamp::from_micros(arrival));
        }

        #[test]
        fn no_header_panics(line in "(<[0-9]{1,3}>)?(1 )?(- |2026-03-01T00:00:00Z |Mar  1 00:00:00 )[\\[\\]\"=\\\\a: é-]{0,40}") {
            let _ = parse(&line, Timestamp::EPOCH);
        }
    }
}
