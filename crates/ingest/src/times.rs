//! Times as logs write them.
//!
//! All readers take what the text says, however absurd: 1970 and 2100 are times like others. They return `None`, and never
//! panic, where the text is no time.

use serde_json::Value;
use vigie_model::Timestamp;

const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const MICROS: i64 = 1_000_000;
/// Seconds of a numeric time past which it must be meant in milliseconds: the year 5138.
const SECONDS_MAX: f64 = 1e11;

/// Reads ISO 8601 as logs write it: RFC 3339, but also with a blank for the `T`, a comma for the point, an offset without a
/// colon or hours only, or without any zone, which then is UTC.
pub(crate) fn iso(text: &str) -> Option<Timestamp> {
    let (time, rest) = iso_prefix(text.trim().as_bytes())?;
    rest.is_empty().then_some(time)
}

/// Reads an ISO time at the beginning of a text; returns what follows it.
pub(crate) fn iso_prefix(text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let mut cursor = Cursor(text);
    let year = cursor.digits(4)?;
    cursor.take(b'-')?;
    let month = cursor.digits(2)?;
    cursor.take(b'-')?;
    let day = cursor.digits(2)?;
    if cursor.take(b'T').or_else(|| cursor.take(b't')).or_else(|| cursor.take(b' ')).is_none() {
        return Some((civil(year, month, day, [0, 0, 0], 0)?, cursor.0));
    }
    let clock = cursor.clock()?;
    let micros = cursor.fraction();
    let offset = cursor.offset().unwrap_or(0);
    Some((civil(year, month, day, clock, micros - offset * MICROS)?, cursor.0))
}

/// Reads the time of RFC 3164, `Mar  1 00:00:07`, at the beginning of a text; returns what follows it. It names no year and
/// no zone: taken is UTC, and the year that brings it nearest to `arrival`. Some devices lead it by `*` or `.`, name the
/// year after the day, or give fractions.
pub(crate) fn rfc3164_prefix(text: &[u8], arrival: Timestamp) -> Option<(Timestamp, &[u8])> {
    let marked = matches!(text.first(), Some(b'*' | b'.'));
    let mut cursor = Cursor(if marked { &text[1..] } else { text });
    let month = cursor.month()?;
    cursor.take(b' ')?;
    let _padding = cursor.take(b' ');
    let day = cursor.number(2)?;
    cursor.take(b' ')?;
    let year = cursor.year_ahead();
    let clock = cursor.clock()?;
    let micros = cursor.fraction();
    if let Some(year) = year {
        return Some((civil(year, month, day, clock, micros)?, cursor.0));
    }
    let this_year = i64::from(arrival.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).year());
    let distance = |time: &Timestamp| time.as_micros().abs_diff(arrival.as_micros());
    let time = (this_year.max(2) - 1..=this_year + 1)
        .filter_map(|year| civil(year, month, day, clock, micros))
        .min_by_key(distance)
        // 29 February, with no leap year near: the last one that had it.
        .or_else(|| (this_year - 8..this_year).rev().find_map(|year| civil(year, month, day, clock, micros)))?;
    Some((time, cursor.0))
}

/// Reads the time of web server logs: `01/Mar/2026:00:00:46 +0000`.
pub(crate) fn common_log(text: &str) -> Option<Timestamp> {
    let mut cursor = Cursor(text.trim().as_bytes());
    let day = cursor.number(2)?;
    cursor.take(b'/')?;
    let month = cursor.month()?;
    cursor.take(b'/')?;
    let year = cursor.digits(4)?;
    cursor.take(b':')?;
    let clock = cursor.clock()?;
    let micros = cursor.fraction();
    let _blank = cursor.take(b' ');
    let offset = cursor.offset().unwrap_or(0);
    if !cursor.0.is_empty() {
        return None;
    }
    civil(year, month, day, clock, micros - offset * MICROS)
}

/// Reads a number of seconds or milliseconds since 1970, told apart by their size.
pub(crate) fn epoch(number: f64) -> Option<Timestamp> {
    if !number.is_finite() {
        return None;
    }
    let seconds = if number.abs() >= SECONDS_MAX { number / 1e3 } else { number };
    Some(Timestamp::from_micros((seconds * 1e6).round() as i64))
}

/// Reads a time in JSON: ISO text, a number since 1970, or such a number as text.
pub(crate) fn json(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => iso(text).or_else(|| epoch(text.trim().parse().ok()?)),
        Value::Number(number) => epoch(number.as_f64()?),
        _ => None,
    }
}

/// Returns the time of a date and clock, or `None` where the calendar has no such day or the clock no such time.
fn civil(year: i64, month: i64, day: i64, [hour, minute, second]: [i64; 3], micros: i64) -> Option<Timestamp> {
    let year = i16::try_from(year).ok()?;
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    // 60 is a leap second, and is read as the second after.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = i64::from(date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days());
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp::from_micros(seconds * MICROS + micros))
}

/// Reads a text from its beginning.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn take(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Reads exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.0.get(..count)?;
        let number = parse(digits)?;
        self.0 = &self.0[count..];
        Some(number)
    }

    /// Reads one to so many digits.
    fn number(&mut self, most: usize) -> Option<i64> {
        let count = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 { None } else { self.digits(count) }
    }

    fn clock(&mut self) -> Option<[i64; 3]> {
        let hour = self.digits(2)?;
        self.take(b':')?;
        let minute = self.digits(2)?;
        let second = if self.take(b':').is_some() { self.digits(2)? } else { 0 };
        Some([hour, minute, second])
    }

    /// Reads a fraction of a second where there is one; returns microseconds.
    fn fraction(&mut self) -> i64 {
        if !matches!(self.0.first(), Some(b'.' | b',')) || !self.0.get(1).is_some_and(u8::is_ascii_digit) {
            return 0;
        }
        let digits = self.0[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let micros = (0..6).fold(0, |micros, place| {
            let digit = if place < digits { i64::from(self.0[1 + place] - b'0') } else { 0 };
            micros * 10 + digit
        });
        self.0 = &self.0[1 + digits..];
        micros
    }

    /// Reads `Z`, `UTC`, `+01:00`, `+0100` or `+01`; returns seconds east.
    fn offset(&mut self) -> Option<i64> {
        if let Some(rest) = self.0.strip_prefix(b" UTC").or_else(|| self.0.strip_prefix(b"UTC")) {
            self.0 = rest;
            return Some(0);
        }
        if self.take(b'Z').or_else(|| self.take(b'z')).is_some() {
            return Some(0);
        }
        let (sign, rest) = match self.0 {
            [b'+', rest @ ..] | [b' ', b'+', rest @ ..] => (1, rest),
            [b'-', rest @ ..] | [b' ', b'-', rest @ ..] => (-1, rest),
            _ => return None,
        };
        let mut cursor = Cursor(rest);
        let hours = cursor.digits(2)?;
        let _colon = cursor.take(b':');
        let minutes = cursor.digits(2).unwrap_or(0);
        if hours > 23 || minutes > 59 {
            return None;
        }
        self.0 = cursor.0;
        Some(sign * (hours * 3_600 + minutes * 60))
    }

    fn month(&mut self) -> Option<i64> {
        let name = self.0.get(..3)?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| month[..] == name)? as i64 + 1;
        self.0 = &self.0[3..];
        Some(month)
    }

    /// Reads a year and a blank where they come next, and not a clock.
    fn year_ahead(&mut self) -> Option<i64> {
        let year = parse(self.0.get(..4)?)?;
        self.0 = self.0.get(4..)?.strip_prefix(b" ")?;
        Some(year)
    }
}

fn parse(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(time: Option<Timestamp>, expected: &str) {
        assert_eq!(time.map(|time| time.to_string()).unwrap_or_default(), expected);
    }

    #[test]
    fn iso_times() {
        check(iso("2026-03-01T12:00:00Z"), "2026-03-01T12:00:00.000000Z");
        check(iso("2015-03-29T11:01:38.221126-0600"), "2015-03-29T17:01:38.221126Z");
        check(iso("2018-03-23T23:59:59.1234567"), "2018-03-23T23:59:59.123456Z");
        check(iso("2024-06-02 20:16:32.000000000"), "2024-06-02T20:16:32.000000Z");
        check(iso("2026-03-01T12:00:00,5+01:00"), "2026-03-01T11:00:00.500000Z");
        check(iso("2026-03-01 12:00:00 UTC"), "2026-03-01T12:00:00.000000Z");
        check(iso("2026-03-01"), "2026-03-01T00:00:00.000000Z");
        check(iso("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000000Z");
        check(iso("2100-12-31T23:59:60Z"), "2101-01-01T00:00:00.000000Z");
        check(iso("0000-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z");
        check(iso("2026-02-30T00:00:00Z"), "");
        check(iso("2026-02-28T24:00:00Z"), "");
        check(iso("yesterday"), "");
        check(iso("2026-03-01T12:00:00Zjunk"), "");
    }

    #[test]
    fn syslog_times() {
        let at =
            |text: &str, arrival: &str| rfc3164_prefix(text.as_bytes(), arrival.parse().unwrap()).map(|(time, _)| time);
        check(at("Mar  1 00:00:07 web", "2026-03-01T00:00:08Z"), "2026-03-01T00:00:07.000000Z");
        check(at("Dec 31 23:59:59 web", "2026-01-01T00:00:01Z"), "2025-12-31T23:59:59.000000Z");
        check(at("Jan  1 00:00:01 web", "2025-12-31T23:59:59Z"), "2026-01-01T00:00:01.000000Z");
        check(at("Feb 29 00:00:01 web", "2026-03-31T23:59:59Z"), "2024-02-29T00:00:01.000000Z");
        check(at("*Mar 1 2024 00:00:07.123: %SYS", "2026-03-01T00:00:08Z"), "2024-03-01T00:00:07.123000Z");
        check(at("Mar 32 00:00:07 web", "2026-03-01T00:00:08Z"), "");
        check(at("Xyz 1 00:00:07 web", "2026-03-01T00:00:08Z"), "");
        check(at("Mar  1 00:00:07 web", "0001-01-01T00:00:00Z"), "0001-03-01T00:00:07.000000Z");
        check(at("Mar  1 00:00:07 web", "9999-12-30T00:00:00Z"), "9999-03-01T00:00:07.000000Z");
    }

    #[test]
    fn web_and_numeric_times() {
        check(common_log("01/Mar/2026:00:00:46 +0200"), "2026-02-28T22:00:46.000000Z");
        check(common_log("1/Foo/2026:00:00:46 +0200"), "");
        check(epoch(1_700_000_000.25), "2023-11-14T22:13:20.250000Z");
        check(epoch(1_700_000_000_250.0), "2023-11-14T22:13:20.250000Z");
        check(epoch(f64::NAN), "");
        check(epoch(1e300), "9999-12-30T22:00:00.000000Z");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), bytes in any::<Vec<u8>>(), arrival in any::<i64>()) {
            let arrival = Timestamp::from_micros(arrival);
            let _ = (iso(&text), common_log(&text), iso_prefix(&bytes), rfc3164_prefix(&bytes, arrival));
        }

        #[test]
        fn what_looks_like_a_time_does_not_panic(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,+Z-]{0,30}") {
            let _ = iso(&text);
        }
    }
}
