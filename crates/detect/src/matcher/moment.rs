//! Parts of a date: `minute`, `hour`, `day`, `week`, `month`, `year`.

use jiff::civil::Date;
use vigie_model::Timestamp;

use super::number::Number;

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DatePart {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl DatePart {
    /// Returns this part of a date written as `2026-03-01T08:15…` (a blank may stand for the `T`), as written: there is
    /// no conversion between zones. The week is that of ISO 8601.
    pub(crate) fn of_text(self, text: &str) -> Option<Number> {
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| {
            let part = bytes.get(from..to)?;
            part.iter()
                .all(u8::is_ascii_digit)
                .then(|| part.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0')))
        };
        let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        let clock = |from: usize| {
            let separated = matches!(bytes.get(10), Some(b'T' | b't' | b' ')) && bytes.get(13) == Some(&b':');
            separated.then(|| digits(from, from + 2)).flatten()
        };
        let part = match self {
            Self::Minute => clock(14)?,
            Self::Hour => clock(11)?,
            Self::Day => day,
            Self::Week => date.iso_week_date().week().into(),
            Self::Month => month,
            Self::Year => year,
        };
        Some(Number::Whole(part.into()))
    }

    /// Returns this part, in UTC, of a time in seconds since 1970, or in milliseconds where seconds would be past 5138.
    pub(crate) fn of_number(self, number: Number) -> Option<Number> {
        let Number::Whole(count) = number else { return self.of_number(Number::Whole(number.as_f64() as i128)) };
        let count = i64::try_from(count).ok()?;
        let time =
            if count.abs() < 100_000_000_000 { Timestamp::from_seconds(count) } else { Timestamp::from_millis(count) };
        self.of_text(&time.to_string())
    }
}
