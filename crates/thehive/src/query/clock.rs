//! Times in filters: milliseconds since 1970, a date as text, or one relative to now.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Unit, Zoned};
use serde_json::{Map, Value};
use vigie_model::Timestamp;

use crate::Fault;
use crate::time::millis;

/// How many units from now a relative date may be.
const AMOUNT_MAX: i64 = 1_000_000;

/// Returns the milliseconds since 1970 that a client means.
pub(super) fn read(field: &str, value: &Value, now: Timestamp) -> Result<i64, Fault> {
    match value {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)).ok_or_else(|| wrong(field))
        }
        Value::String(text) => {
            let text = text.trim();
            let number = text.parse::<i64>().ok();
            number.or_else(|| text.parse::<Timestamp>().ok().map(millis)).ok_or_else(|| wrong(field))
        }
        Value::Object(relative) => from_now(field, relative, now),
        Value::Null | Value::Bool(_) | Value::Array(_) => Err(wrong(field)),
    }
}

fn wrong(field: &str) -> Fault {
    Fault::bad(format!(
        "the value of {field} is not a date: expected milliseconds since 1970, a text such as 2026-03-01T12:00:00Z, or \
         {{\"amount\": 7, \"unit\": \"day\"}}"
    ))
}

/// `{"amount": 7, "unit": "day", "look": "backward", "modifier": "start", "timezone": "Europe/Paris"}`: so many units before
/// now, or after it, and then to where that unit begins or ends there.
fn from_now(field: &str, relative: &Map<String, Value>, now: Timestamp) -> Result<i64, Fault> {
    let known = ["amount", "unit", "look", "modifier", "timezone"];
    if let Some(name) = relative.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Fault::bad(format!("a relative date has no {}: known are {}", short(name), known.join(", "))));
    }
    let word = |name: &str| relative.get(name).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let amount = relative.get("amount").and_then(Value::as_i64).ok_or_else(|| wrong(field))?;
    if !(-AMOUNT_MAX..=AMOUNT_MAX).contains(&amount) {
        return Err(Fault::bad(format!("{field}: a relative date is at most {AMOUNT_MAX} units from now")));
    }
    let unit = unit(&word("unit"))?;
    let look = word("look");
    let is_forward = match look.as_str() {
        "" | "backward" | "backwards" | "past" | "before" | "last" => false,
        "forward" | "forwards" | "future" | "after" | "next" => true,
        other => return Err(Fault::bad(format!("look is backward or forward, not {}", short(other)))),
    };
    let zone = match relative.get("timezone") {
        Some(Value::String(name)) if !name.is_empty() => {
            TimeZone::get(name).map_err(|_| Fault::bad(format!("there is no time zone {}", short(name))))?
        }
        _ => TimeZone::UTC,
    };
    let far = || Fault::bad(format!("{field}: the date is too far off"));
    let span = span_of(unit, if is_forward { amount } else { -amount }).map_err(|_| far())?;
    let there = now.to_jiff().to_zoned(zone).checked_add(span).map_err(|_| far())?;
    let there = match word("modifier") {
        modifier if modifier.is_empty() => there,
        modifier if modifier.starts_with("start") => beginning(&there, unit).map_err(|_| far())?,
        modifier if modifier.starts_with("end") => {
            let one = span_of(unit, 1).map_err(|_| far())?;
            let next = beginning(&there, unit).and_then(|first| first.checked_add(one)).map_err(|_| far())?;
            return Ok(next.timestamp().as_millisecond() - 1);
        }
        modifier => return Err(Fault::bad(format!("modifier is start or end, not {}", short(&modifier)))),
    };
    Ok(there.timestamp().as_millisecond())
}

/// Clients say `day`, `days` or `d`.
fn unit(word: &str) -> Result<Unit, Fault> {
    Ok(match word.trim_end_matches('s') {
        "second" => Unit::Second,
        "minute" | "min" => Unit::Minute,
        "hour" | "h" => Unit::Hour,
        "day" | "d" => Unit::Day,
        "week" | "w" => Unit::Week,
        "month" => Unit::Month,
        "year" | "y" => Unit::Year,
        _ => {
            let word = short(word);
            return Err(Fault::bad(format!("unit is second, minute, hour, day, week, month or year, not {word}")));
        }
    })
}

fn span_of(unit: Unit, amount: i64) -> Result<Span, jiff::Error> {
    let none = Span::new();
    match unit {
        Unit::Year => none.try_years(amount),
        Unit::Month => none.try_months(amount),
        Unit::Week => none.try_weeks(amount),
        Unit::Day => none.try_days(amount),
        Unit::Hour => none.try_hours(amount),
        Unit::Minute => none.try_minutes(amount),
        _ => none.try_seconds(amount),
    }
}

fn beginning(at: &Zoned, unit: Unit) -> Result<Zoned, jiff::Error> {
    let midnight = |at: &Zoned| at.with().time(Time::midnight()).build();
    match unit {
        Unit::Year => midnight(&at.with().day_of_year(1).build()?),
        Unit::Month => midnight(&at.with().day(1).build()?),
        Unit::Week => {
            let passed = at.weekday().since(Weekday::Monday);
            midnight(&at.checked_sub(Span::new().days(i64::from(passed)))?)
        }
        Unit::Day => midnight(at),
        Unit::Hour => at.with().minute(0).second(0).subsec_nanosecond(0).build(),
        Unit::Minute => at.with().second(0).subsec_nanosecond(0).build(),
        _ => at.with().subsec_nanosecond(0).build(),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vigie_model::Timestamp;

    fn check(value: Value, expected: Result<&str, &str>) {
        // A Thursday.
        let now: Timestamp = "2026-03-05T12:34:56Z".parse().unwrap();
        let read = super::read("date", &value, now);
        let read = read.map(|millis| Timestamp::from_millis(millis).to_string()).map_err(|fault| fault.to_string());
        match (&read, expected) {
            (Ok(read), Ok(expected)) => assert!(read.starts_with(expected), "{value}: {read}"),
            (Err(read), Err(expected)) => assert!(read.contains(expected), "{value}: {read}"),
            _ => panic!("{value}: {read:?}"),
        }
    }

    #[test]
    fn dates_are_read() {
        check(json!(0), Ok("1970-01-01T00:00:00"));
        check(json!("2026-03-01T12:00:00Z"), Ok("2026-03-01T12:00:00"));
        check(json!("1000"), Ok("1970-01-01T00:00:01"));
        check(json!(i64::MAX), Ok("9999-12-30"));
        check(json!(true), Err("not a date"));
        check(json!("yesterday"), Err("not a date"));
        check(json!({"amount": 7, "unit": "day"}), Ok("2026-02-26T12:34:56"));
        check(json!({"amount": 1, "unit": "months", "look": "forward"}), Ok("2026-04-05T12:34:56"));
        check(json!({"amount": 0, "unit": "week", "modifier": "startOf"}), Ok("2026-03-02T00:00:00"));
        check(json!({"amount": 0, "unit": "month", "modifier": "end"}), Ok("2026-03-31T23:59:59.999"));
        check(
            json!({"amount": 0, "unit": "day", "modifier": "start", "timezone": "Asia/Tokyo"}),
            Ok("2026-03-04T15:00:00"),
        );
        check(json!({"amount": 1, "unit": "fortnight"}), Err("unit is second"));
        check(json!({"amount": 1, "unit": "day", "look": "up"}), Err("look is backward"));
        check(json!({"amount": 1, "unit": "day", "modifier": "x"}), Err("modifier is"));
        check(json!({"amount": 1, "unit": "day", "timezone": "Mars/Base"}), Err("no time zone"));
        check(json!({"amount": 1, "unit": "day", "since": 1}), Err("has no since"));
        check(json!({"amount": 1_000_001, "unit": "day"}), Err("at most 1000000"));
        check(json!({"amount": 1_000_000, "unit": "year"}), Err("too far off"));
        check(json!({"unit": "day"}), Err("not a date"));
    }
}
