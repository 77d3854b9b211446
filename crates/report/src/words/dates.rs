//! Dates, numbers and lengths of time as a language sets them.

use vigie_model::{ReportLanguage as Language, Timestamp};

use super::Words;
use crate::figures::TrendRow;

impl Words {
    /// Returns a day as `Mon 16 Nov`, `lun. 16 nov.`.
    pub(crate) fn short_day(&self, time: Timestamp) -> String {
        let day = time.to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
        let weekday = self.days[day.weekday().to_monday_zero_offset() as usize];
        format!("{weekday} {} {}", self.day_of_month(day.day()), self.months_short[month(&day)])
    }

    /// Returns a day as `16 November 2026`, `16 novembre 2026`.
    pub(crate) fn long_day(&self, time: Timestamp) -> String {
        let day = time.to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
        format!("{} {} {}", self.day_of_month(day.day()), self.months[month(&day)], day.year())
    }

    /// Returns a time as `Mon 16 Nov, 14:03:07`.
    pub(crate) fn moment(&self, time: Timestamp) -> String {
        format!("{}, {}", self.short_day(time), time.to_jiff().strftime("%H:%M:%S"))
    }

    /// Returns a time as `16 November 2026, 14:03 UTC`, `16 novembre 2026 à 14:03 UTC`.
    pub(crate) fn long_moment(&self, time: Timestamp) -> String {
        let between = match self.language {
            Language::English => ",",
            Language::French => " à",
        };
        format!("{}{between} {}", self.long_day(time), time.to_jiff().strftime("%H:%M UTC"))
    }

    /// Returns the days of a span; its end is not in it, so the last day is that of the moment before.
    pub(crate) fn days_of(&self, from: Timestamp, to: Timestamp) -> String {
        let last = Timestamp::from_micros(to.as_micros().saturating_sub(1).max(from.as_micros()));
        (self.span_of_days)(&self.long_day(from), &self.long_day(last))
    }

    fn day_of_month(&self, day: i8) -> String {
        match (self.language, day) {
            (Language::French, 1) => "1er".to_owned(),
            _ => day.to_string(),
        }
    }

    /// Returns a number with its thousands apart: `12,430`, and in French by the narrow space that does not break.
    pub(crate) fn number(&self, number: u64) -> String {
        grouped(number, self.language)
    }

    /// Returns a change with its sign: in percent, or as a number where there was too little before.
    pub(crate) fn change_of(&self, row: TrendRow) -> String {
        let signed = |more: bool, size: String| format!("{}{size}", if more { '+' } else { '\u{2212}' });
        match row.change_percent {
            _ if row.now == row.before => self.no_change.to_owned(),
            None => signed(row.now > row.before, self.number(row.now.abs_diff(row.before))),
            Some(percent) => signed(row.now > row.before, format!("{}\u{a0}%", self.number(percent.unsigned_abs()))),
        }
    }

    /// Returns a length of time in its two largest units: `3 min 20 s`, `2 d 4 h`.
    pub(crate) fn duration(&self, seconds: u64) -> String {
        let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
            0 => format!("{}\u{a0}{large_unit}", self.number(large)),
            small => format!("{}\u{a0}{large_unit} {small}\u{a0}{small_unit}", self.number(large)),
        };
        match seconds {
            0 => self.under_a_second.to_owned(),
            1..60 => format!("{seconds}\u{a0}s"),
            60..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
            3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
            _ => pair(seconds / 86_400, self.day_unit, seconds % 86_400 / 3_600, "h"),
        }
    }
}

/// Returns a share in whole percent.
pub(crate) fn percent_of(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if part > 0 && percent < 1.0 { "< 1\u{a0}%".to_owned() } else { format!("{percent:.0}\u{a0}%") }
}

/// Returns a number and a noun, `1 alert`, `12 alerts`. In French none is one: `0 alerte`.
pub(super) fn counted(language: Language, count: u64, one: &str, many: &str) -> String {
    let is_one = match language {
        Language::English => count == 1,
        Language::French => count < 2,
    };
    format!("{} {}", grouped(count, language), if is_one { one } else { many })
}

pub(super) fn grouped(number: u64, language: Language) -> String {
    let between = match language {
        Language::English => ',',
        Language::French => '\u{202f}',
    };
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(between);
        }
        grouped.push(digit);
    }
    grouped
}

fn month(day: &jiff::Zoned) -> usize {
    usize::from(day.month().unsigned_abs().saturating_sub(1)).min(11)
}
