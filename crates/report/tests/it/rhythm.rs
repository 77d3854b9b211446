//! When reports are due, over changes of the clock. The zones are written as rules, so that no file is read.

use jiff::tz::TimeZone;
use vigie_model::{ReportPeriod, ReportRhythm, Timestamp};
use vigie_report::{check_rhythm, next_due, period_before, span_of};

const UTC: &str = "UTC0";
const PARIS: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const NEW_YORK: &str = "EST5EDT,M3.2.0,M11.1.0";
const AUCKLAND: &str = "NZST-12NZDT,M9.5.0,M4.1.0/3";

fn rhythm((period, day, hour): (ReportPeriod, u8, u8)) -> ReportRhythm {
    ReportRhythm { period, day, hour, zone: String::new() }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn check(parts: (ReportPeriod, u8, u8), zone: &str, after: &str, expected: &str) {
    let zone = TimeZone::posix(zone).unwrap();
    assert_eq!(next_due(&rhythm(parts), &zone, time(after)), time(expected));
}

#[test]
fn weekly() {
    use ReportPeriod::Weekly;
    check((Weekly, 1, 6), UTC, "2026-11-22T12:00:00Z", "2026-11-23T06:00:00Z");
    check((Weekly, 1, 6), UTC, "2026-11-23T05:59:59Z", "2026-11-23T06:00:00Z");
    // It is due once: what was due just now is due next in a week.
    check((Weekly, 1, 6), UTC, "2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z");
    check((Weekly, 7, 23), UTC, "2026-11-23T06:00:00Z", "2026-11-29T23:00:00Z");
    // After weeks without a server the next one is in the future, and none of the past.
    check((Weekly, 1, 6), UTC, "2026-12-30T08:00:00Z", "2027-01-04T06:00:00Z");
    // Monday in Auckland begins on Sunday in UTC.
    check((Weekly, 1, 6), AUCKLAND, "2026-11-21T12:00:00Z", "2026-11-22T17:00:00Z");
}

#[test]
fn the_hour_on_the_wall_stays_when_the_clock_changes() {
    use ReportPeriod::Weekly;
    // Summer time begins on 29 March 2026 and ends on 25 October 2026.
    check((Weekly, 1, 6), PARIS, "2026-03-23T05:00:00Z", "2026-03-30T04:00:00Z");
    check((Weekly, 1, 6), PARIS, "2026-10-19T04:00:00Z", "2026-10-26T05:00:00Z");
    check((Weekly, 1, 6), NEW_YORK, "2026-03-02T11:00:00Z", "2026-03-09T10:00:00Z");
}

#[test]
fn an_hour_that_is_skipped_or_comes_twice() {
    use ReportPeriod::Weekly;
    // Two o'clock does not exist on that Sunday: it is three.
    check((Weekly, 7, 2), PARIS, "2026-03-28T00:00:00Z", "2026-03-29T01:00:00Z");
    check((Weekly, 7, 2), PARIS, "2026-03-29T01:00:00Z", "2026-04-05T00:00:00Z");
    // Two o'clock comes twice: it is the first, and the second makes no other report.
    check((Weekly, 7, 2), PARIS, "2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z");
    check((Weekly, 7, 2), PARIS, "2026-10-25T00:00:00Z", "2026-11-01T01:00:00Z");
    check((Weekly, 7, 2), PARIS, "2026-10-25T01:00:00Z", "2026-11-01T01:00:00Z");
}

#[test]
fn monthly() {
    use ReportPeriod::Monthly;
    check((Monthly, 1, 6), UTC, "2026-11-23T06:00:00Z", "2026-12-01T06:00:00Z");
    check((Monthly, 1, 6), PARIS, "2026-03-15T00:00:00Z", "2026-04-01T04:00:00Z");
    check((Monthly, 31, 6), UTC, "2027-01-31T06:00:00Z", "2027-02-28T06:00:00Z");
    check((Monthly, 31, 6), UTC, "2028-02-01T00:00:00Z", "2028-02-29T06:00:00Z");
    check((Monthly, 30, 0), UTC, "2026-11-30T00:00:00Z", "2026-12-30T00:00:00Z");
    check((Monthly, 1, 0), AUCKLAND, "2026-12-15T00:00:00Z", "2026-12-31T11:00:00Z");
}

#[track_caller]
fn check_span(parts: (ReportPeriod, u8, u8), zone: &str, due: &str, (from, to): (&str, &str)) {
    let zone = TimeZone::posix(zone).unwrap();
    assert_eq!(span_of(&rhythm(parts), &zone, time(due)), (time(from), time(to)));
}

#[test]
fn a_span_is_whole_days_of_the_zone() {
    use ReportPeriod::{Monthly, Weekly};
    check_span((Weekly, 1, 6), UTC, "2026-11-23T06:00:00Z", ("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"));
    // A week with a change of the clock has an hour less.
    check_span((Weekly, 1, 6), PARIS, "2026-03-30T04:00:00Z", ("2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"));
    check_span((Monthly, 1, 6), PARIS, "2026-12-01T05:00:00Z", ("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"));
    check_span((Monthly, 1, 0), UTC, "2028-03-01T00:00:00Z", ("2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"));
}

#[test]
fn spans_join_without_a_gap() {
    for zone in [UTC, PARIS, NEW_YORK, AUCKLAND] {
        for parts in [(ReportPeriod::Weekly, 3, 5), (ReportPeriod::Monthly, 31, 7), (ReportPeriod::Monthly, 1, 2)] {
            let (rhythm, zone) = (rhythm(parts), TimeZone::posix(zone).unwrap());
            let mut due = next_due(&rhythm, &zone, time("2026-01-01T00:00:00Z"));
            for _ in 0..60 {
                let later = next_due(&rhythm, &zone, due);
                assert!(later > due);
                // On the 31st a month has other days than the one before has, but no week or first has.
                if parts.1 != 31 {
                    assert_eq!(span_of(&rhythm, &zone, later).0, span_of(&rhythm, &zone, due).1);
                }
                due = later;
            }
        }
    }
}

#[test]
fn a_month_before_is_one_of_the_calendar() {
    for (to, from) in [
        ("2026-12-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("2026-03-31T12:00:00Z", "2026-02-28T12:00:00Z"),
        ("2028-03-29T00:00:00Z", "2028-02-29T00:00:00Z"),
    ] {
        assert_eq!(period_before(ReportPeriod::Monthly, time(to)), time(from));
    }
    assert_eq!(period_before(ReportPeriod::Weekly, time("2026-12-01T00:00:00Z")), time("2026-11-24T00:00:00Z"));
}

#[track_caller]
fn check_wrong(parts: (ReportPeriod, u8, u8), expected: &str) {
    let found = check_rhythm(&rhythm(parts)).map_or_else(|error| error.to_string(), |()| "right".to_owned());
    assert_eq!(found, expected);
}

#[test]
fn rhythms_that_make_no_sense() {
    use ReportPeriod::{Monthly, Weekly};
    check_wrong((Weekly, 7, 23), "right");
    check_wrong((Monthly, 31, 0), "right");
    check_wrong((Weekly, 8, 0), "8 is no day of the week: expected 1 to 7");
    check_wrong((Weekly, 0, 0), "0 is no day of the week: expected 1 to 7");
    check_wrong((Monthly, 32, 0), "32 is no day of the month: expected 1 to 31");
    check_wrong((Monthly, 1, 24), "24 is no hour: expected 0 to 23");
}
