//! When a report is due, by the clock on the wall of its time zone.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Zoned};
use vigie_model::{ReportPeriod, ReportRhythm, Timestamp};

/// A rhythm that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RhythmError {
    /// There is no such day.
    #[error("{day} is no day of the {of}: expected 1 to {last}")]
    Day {
        /// What was asked for.
        day: u8,
        /// `week` or `month`.
        of: &'static str,
        /// The highest.
        last: u8,
    },
    /// There is no such hour.
    #[error("{hour} is no hour: expected 0 to 23")]
    Hour {
        /// What was asked for.
        hour: u8,
    },
}

/// Looks whether a rhythm makes sense; its time zone is looked up elsewhere.
///
/// # Errors
/// [`RhythmError`], in words for a person.
pub fn check_rhythm(rhythm: &ReportRhythm) -> Result<(), RhythmError> {
    let (of, last) = match rhythm.period {
        ReportPeriod::Weekly => ("week", 7),
        ReportPeriod::Monthly => ("month", 31),
    };
    match rhythm {
        ReportRhythm { day, .. } if !(1..=last).contains(day) => Err(RhythmError::Day { day: *day, of, last }),
        ReportRhythm { hour, .. } if *hour > 23 => Err(RhythmError::Hour { hour: *hour }),
        _ => Ok(()),
    }
}

/// Returns the first time after `after` at which a report of this rhythm is due. An hour that the clock skips is the
/// next one there is; of an hour that comes twice it is the first. In a month without the day it is the last day.
///
/// Called with the present after a time without a server, it leaves out all that was missed, so that the one report that
/// was due is made once.
pub fn next_due(rhythm: &ReportRhythm, zone: &TimeZone, after: Timestamp) -> Timestamp {
    let begin = after.to_jiff().to_zoned(zone.clone()).date();
    let mut date = first_of_period(rhythm.period, begin);
    // This period's may be over already, and the next one's never is.
    for _ in 0..3 {
        let due = moment(day_in(rhythm, date), rhythm.hour, zone);
        if let Some(due) = due.filter(|due| *due > after) {
            return due;
        }
        date = date.saturating_add(length(rhythm.period));
    }
    Timestamp::MAX
}

/// Returns the span that a report covers that is due at this time: the whole days of its time zone before, one week or one
/// month of them. The end is not in it.
pub fn span_of(rhythm: &ReportRhythm, zone: &TimeZone, due: Timestamp) -> (Timestamp, Timestamp) {
    let until = due.to_jiff().to_zoned(zone.clone()).date();
    let from = until.saturating_sub(length(rhythm.period));
    (moment(from, 0, zone).unwrap_or(due), moment(until, 0, zone).unwrap_or(due))
}

/// Returns when the period that ends then begins: a week, or a month of the calendar in UTC.
pub fn period_before(period: ReportPeriod, to: Timestamp) -> Timestamp {
    let to = to.to_jiff().to_zoned(TimeZone::UTC);
    let from = to.checked_sub(length(period)).unwrap_or_else(|_| to.clone());
    Timestamp::from(from.timestamp())
}

fn length(period: ReportPeriod) -> Span {
    match period {
        ReportPeriod::Weekly => 1.week(),
        ReportPeriod::Monthly => 1.month(),
    }
}

fn first_of_period(period: ReportPeriod, date: Date) -> Date {
    match period {
        ReportPeriod::Weekly => {
            let since = date.weekday().since(Weekday::Monday);
            date.saturating_sub(i64::from(since).days())
        }
        ReportPeriod::Monthly => date.first_of_month(),
    }
}

fn day_in(rhythm: &ReportRhythm, first: Date) -> Date {
    let day = match rhythm.period {
        ReportPeriod::Weekly => rhythm.day,
        ReportPeriod::Monthly => rhythm.day.min(first.days_in_month().unsigned_abs()),
    };
    first.saturating_add((i64::from(day) - 1).days())
}

fn moment(date: Date, hour: u8, zone: &TimeZone) -> Option<Timestamp> {
    let hour = i8::try_from(hour).ok()?;
    let zoned: Zoned = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from(zoned.timestamp()))
}
