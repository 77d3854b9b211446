//! Times as people write them: absolute, or reckoned from now in the date math of Elasticsearch.
//!
//! <https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options#date-math>

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use vigie_model::Timestamp;

/// A time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Instant(Timestamp),
    /// A day, or what was rounded to: when it begins, and when the next one does.
    Span(Timestamp, Timestamp),
}

/// What is wrong with a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", suggestion.as_ref().map(|text| format!("; did you mean `{text}`?")).unwrap_or_default())]
pub struct TimeSyntaxError {
    /// What is wrong.
    pub message: String,
    /// What would have been right.
    pub suggestion: Option<String>,
}

const EXPECTED: &str = "a time such as 2026-03-01, 2026-03-01T12:00, 2026-03-01T12:00:00Z, now-15m or now-7d/d";

/// How many steps of date math a time may have.
const STEPS_MAX: usize = 16;
/// How many digits a step may have.
const DIGITS_MAX: usize = 9;

/// Reads a time: RFC 3339; a date with or without `T12:00` or `T12:00:00`, in UTC; or `now`, or any of those and `||`,
/// followed by steps such as `-15m`, `+1d`, `/d`. Units are `y`, `M`, `w`, `d`, `h` or `H`, `m`, `s`; `/d` rounds to
/// the day, `/w` to the week, which begins on Monday. Of a day, or of what is rounded, the begin comes back.
///
/// # Errors
/// What cannot be read, and where it can be guessed, what was meant.
pub fn parse_time(text: &str, now: Timestamp) -> Result<Timestamp, TimeSyntaxError> {
    Moment::read(text, now).map(|moment| match moment {
        Moment::Instant(time) | Moment::Span(time, _) => time,
    })
}

impl Moment {
    pub(crate) fn read(text: &str, now: Timestamp) -> Result<Self, TimeSyntaxError> {
        if let Some(steps) = text.strip_prefix("now") {
            return reckon(text, Self::Instant(now), steps);
        }
        match text.split_once("||") {
            Some((absolute, steps)) => reckon(text, Self::absolute(absolute).ok_or_else(|| wrong(text))?, steps),
            None => Self::absolute(text).ok_or_else(|| wrong(text)),
        }
    }

    fn absolute(text: &str) -> Option<Self> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Some(Self::Instant(time));
        }
        // A date alone is a day; jiff would read it as its midnight.
        if let (10, Ok(day)) = (text.len(), text.parse::<Date>()) {
            let next = day.tomorrow().ok().and_then(|next| utc(next.into()));
            return Some(Self::Span(utc(day.into())?, next.unwrap_or(Timestamp::MAX)));
        }
        text.parse::<DateTime>().ok().and_then(utc).map(Self::Instant)
    }
}

fn wrong(text: &str) -> TimeSyntaxError {
    let lower = text.to_ascii_lowercase();
    let suggestion = match lower.as_str() {
        "today" => Some("now/d"),
        "yesterday" => Some("now-1d/d"),
        _ if lower.starts_with("now") => Some("now"),
        _ => None,
    };
    let text: String = text.chars().take(80).collect();
    let message = format!("`{text}` is not a time: expected {EXPECTED}");
    TimeSyntaxError { message, suggestion: suggestion.map(str::to_owned) }
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().into())
}

/// Takes the steps of date math from a time.
fn reckon(text: &str, from: Moment, steps: &str) -> Result<Moment, TimeSyntaxError> {
    let beyond =
        || TimeSyntaxError { message: format!("`{text}` reaches beyond the years 1 to 9999"), suggestion: None };
    let civil = |time: Timestamp| time.to_jiff().to_zoned(TimeZone::UTC).datetime();
    let (mut low, mut high, mut rounded) = match from {
        Moment::Instant(time) => (civil(time), civil(time), false),
        Moment::Span(begin, _) => (civil(begin), civil(begin), false),
    };
    let mut rest = steps;
    for _ in 0..=STEPS_MAX {
        let Some(operator) = rest.chars().next() else {
            let time = |civil: DateTime| utc(civil).filter(|time| civil_of(*time) == civil).ok_or_else(beyond);
            return Ok(if rounded { Moment::Span(time(low)?, time(high)?) } else { Moment::Instant(time(low)?) });
        };
        if !matches!(operator, '+' | '-' | '/') {
            return Err(wrong(text));
        }
        rest = &rest[1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > DIGITS_MAX || (operator == '/' && digits > 0) {
            return Err(wrong(text));
        }
        let number: i64 = rest[..digits].parse().unwrap_or(1);
        rest = &rest[digits..];
        let end = rest.find(['+', '-', '/']).unwrap_or(rest.len());
        let unit = Unit::read(&rest[..end])?;
        rest = &rest[end..];
        if operator == '/' {
            low = unit.begin(low).ok_or_else(beyond)?;
            high = unit.begin(high).and_then(|begin| unit.after(begin, 1)).ok_or_else(beyond)?;
            rounded = true;
        } else {
            let number = if operator == '-' { -number } else { number };
            low = unit.after(low, number).ok_or_else(beyond)?;
            high = unit.after(high, number).ok_or_else(beyond)?;
        }
    }
    let message = format!("`{text}` has too many steps: at most {STEPS_MAX}");
    Err(TimeSyntaxError { message, suggestion: None })
}

fn civil_of(time: Timestamp) -> DateTime {
    time.to_jiff().to_zoned(TimeZone::UTC).datetime()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn read(text: &str) -> Result<Self, TimeSyntaxError> {
        let known = match text {
            "y" => Self::Year,
            "M" => Self::Month,
            "w" => Self::Week,
            "d" => Self::Day,
            "h" | "H" => Self::Hour,
            "m" => Self::Minute,
            "s" => Self::Second,
            other => {
                let lower = other.to_ascii_lowercase();
                let meant = ["months", "years", "weeks", "days", "hours", "minutes", "seconds"]
                    .into_iter()
                    .zip(["M", "y", "w", "d", "h", "m", "s"])
                    .find(|(name, _)| match lower.as_str() {
                        "mon" | "mo" => *name == "months",
                        "hr" | "hrs" => *name == "hours",
                        "" | "m" => false,
                        lower => name.starts_with(lower) && !(*name == "months" && lower == "m"),
                    });
                let other: String = other.chars().take(20).collect();
                let message = format!("`{other}` is not a unit of time: expected y, M, w, d, h, m or s");
                return Err(TimeSyntaxError { message, suggestion: meant.map(|(_, unit)| unit.to_owned()) });
            }
        };
        Ok(known)
    }

    /// Returns the time so many of these later.
    fn after(self, time: DateTime, number: i64) -> Option<DateTime> {
        let span = match self {
            Self::Year => Span::new().try_years(number),
            Self::Month => Span::new().try_months(number),
            Self::Week => Span::new().try_weeks(number),
            Self::Day => Span::new().try_days(number),
            Self::Hour => Span::new().try_hours(number),
            Self::Minute => Span::new().try_minutes(number),
            Self::Second => Span::new().try_seconds(number),
        };
        time.checked_add(span.ok()?).ok()
    }

    /// Returns when the one began that the time is in.
    fn begin(self, time: DateTime) -> Option<DateTime> {
        let (date, clock) = (time.date(), time.time());
        let at = |hour, minute, second| Time::new(hour, minute, second, 0).ok();
        Some(match self {
            Self::Year => date.first_of_year().into(),
            Self::Month => date.first_of_month().into(),
            Self::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok()?.into(),
            Self::Day => date.into(),
            Self::Hour => date.to_datetime(at(clock.hour(), 0, 0)?),
            Self::Minute => date.to_datetime(at(clock.hour(), clock.minute(), 0)?),
            Self::Second => date.to_datetime(at(clock.hour(), clock.minute(), clock.second())?),
        })
    }
}
