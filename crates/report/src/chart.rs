//! Charts. No fonts are read for those in HTML: the reader's own are named.

use vigie_model::Severity;

use crate::drawing::{Anchor, Drawing, Rgb};
use crate::figures::{DayFigures, SeverityCount};
use crate::words::Words;

const INK: Rgb = (0x33, 0x3f, 0x4d);
const QUIET: Rgb = (0x6b, 0x77, 0x85);
const GRID: Rgb = (0xdf, 0xe4, 0xea);
const EVENTS: Rgb = (0x2f, 0x5d, 0x8a);

const WIDTH: u32 = 700;
const LEFT: i32 = 52;
const RIGHT: i32 = 690;

/// Returns a severity's colour: they differ in lightness as well as in hue, so that they stay apart for the colour-blind
/// and on a black-and-white print (after Okabe and Ito). `page.css` has the same.
pub(crate) const fn colour(severity: Severity) -> Rgb {
    match severity {
        Severity::Critical => (0x7a, 0x1f, 0x3d),
        Severity::High => (0xd5, 0x5e, 0x00),
        Severity::Medium => (0xe6, 0x9f, 0x00),
        Severity::Low => (0x56, 0xb4, 0xe9),
        Severity::Informational => (0xb8, 0xc0, 0xc8),
    }
}

fn drawn(size: (u32, u32), draw: impl FnOnce(&mut Drawing)) -> Drawing {
    let mut drawing = Drawing::new(size.0, size.1);
    draw(&mut drawing);
    drawing
}

/// Returns a step of 1, 2 or 5 times a power of ten that divides a scale into at most five parts.
fn step(highest: u64) -> u64 {
    let mut step = 1_u64;
    for factor in [2, 5, 10].into_iter().cycle() {
        if highest.div_ceil(step) <= 5 {
            break;
        }
        let power = 10_u64.pow(step.ilog10());
        step = power.saturating_mul(factor);
    }
    step
}

/// Returns a number for a scale: `1.5k`, `20k`, `3M`.
fn short(number: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let (whole, tenth) = (number / unit, number % unit / (unit / 10));
        if tenth == 0 { format!("{whole}{name}") } else { format!("{whole}.{tenth}{name}") }
    };
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => scaled(1_000, "k"),
        1_000_000..1_000_000_000 => scaled(1_000_000, "M"),
        _ => scaled(1_000_000_000, "G"),
    }
}

/// A frame with a scale on the left and a place for each day.
struct Days {
    top: i32,
    bottom: i32,
    highest: u64,
    count: usize,
}

impl Days {
    fn new(
        area: &mut Drawing,
        words: &Words,
        (top, bottom): (i32, i32),
        (highest, days): (u64, &[DayFigures]),
    ) -> Self {
        let step = step(highest.max(1));
        let highest = highest.max(1).div_ceil(step) * step;
        let frame = Self { top, bottom, highest, count: days.len() };
        for tick in 0..=highest / step {
            let y = frame.height(tick * step);
            area.line([(LEFT, y), (RIGHT, y)], if tick == 0 { QUIET } else { GRID });
            area.label(&short(tick * step), (LEFT - 8, y), (14, QUIET, Anchor::Right));
        }
        // Of many days only some are named, so that the names do not run into each other.
        let every = days.len().div_ceil(7).max(1);
        for (index, day) in days.iter().enumerate().step_by(every) {
            let (left, right) = frame.place(index);
            area.label(&words.short_day(day.begins), (left.midpoint(right), bottom + 16), (14, INK, Anchor::Middle));
        }
        frame
    }

    fn height(&self, value: u64) -> i32 {
        let share = value as f64 / self.highest as f64;
        self.bottom - (f64::from(self.bottom - self.top) * share).round() as i32
    }

    /// Returns the left and right edge of a day's bar.
    fn place(&self, index: usize) -> (i32, i32) {
        let wide = f64::from(RIGHT - LEFT) / self.count.max(1) as f64;
        let middle = f64::from(LEFT) + wide * (index as f64 + 0.5);
        let half = (wide * 0.29).clamp(1.0, 34.0);
        ((middle - half).round() as i32, (middle + half).round() as i32)
    }
}

/// Returns the alerts of each day as bars, stacked by severity, the most severe at the bottom.
pub(crate) fn alerts_per_day(days: &[DayFigures], words: &Words) -> Drawing {
    let told = days.iter().map(|day| (words.short_day(day.begins), words.number(day.alert_total())));
    let mut drawing = drawn((WIDTH, 240), |area| {
        legend(area, words);
        let highest = days.iter().map(DayFigures::alert_total).max().unwrap_or(0);
        let frame = Days::new(area, words, (44, 208), (highest, days));
        for (index, day) in days.iter().enumerate() {
            let (left, right) = frame.place(index);
            let mut below = 0;
            for severity in Severity::ALL.into_iter().rev() {
                let count = day.alerts[severity as usize];
                if count > 0 {
                    let corners = [(left, frame.height(below + count)), (right, frame.height(below))];
                    area.rectangle(corners, colour(severity));
                    below += count;
                }
            }
            if below > 0 && days.len() <= 14 {
                let above = (left.midpoint(right), frame.height(below) - 9);
                area.label(&words.number(below), above, (14, INK, Anchor::Middle));
            }
        }
    });
    drawing.alternative = in_words(told);
    drawing
}

/// Returns a chart's numbers in words.
fn in_words(numbers: impl Iterator<Item = (String, String)>) -> String {
    numbers.map(|(name, number)| format!("{name}: {number}")).collect::<Vec<_>>().join(", ")
}

fn legend(area: &mut Drawing, words: &Words) {
    let mut left = LEFT;
    for severity in Severity::ALL.into_iter().rev() {
        let name = (words.severity_name)(severity);
        area.rectangle([(left, 8), (left + 11, 19)], colour(severity));
        area.label(name, (left + 17, 14), (14, INK, Anchor::Left));
        // No font is read, so the width is a guess: 5.6 pixels for a letter of 11.
        left += 17 + (name.chars().count() as f64 * 5.6) as i32 + 20;
    }
}

/// Returns the events of each day as bars.
pub(crate) fn events_per_day(days: &[DayFigures], words: &Words) -> Drawing {
    let told = days.iter().map(|day| (words.short_day(day.begins), words.number(day.events)));
    let mut drawing = drawn((WIDTH, 176), |area| {
        let highest = days.iter().map(|day| day.events).max().unwrap_or(0);
        let frame = Days::new(area, words, (18, 144), (highest, days));
        for (index, day) in days.iter().enumerate().filter(|(_, day)| day.events > 0) {
            let (left, right) = frame.place(index);
            area.rectangle([(left, frame.height(day.events)), (right, frame.bottom)], EVENTS);
            if days.len() <= 14 {
                let above = (left.midpoint(right), frame.height(day.events) - 9);
                area.label(&words.number(day.events), above, (14, INK, Anchor::Middle));
            }
        }
    });
    drawing.alternative = in_words(told);
    drawing
}

/// Returns the alerts by severity as horizontal bars.
pub(crate) fn by_severity(counts: &[SeverityCount], words: &Words) -> Drawing {
    let told =
        counts.iter().map(|count| ((words.severity_name)(count.severity).to_owned(), words.number(count.alerts)));
    let rows = counts.len() as i32;
    let mut drawing = drawn((330, (rows * 30 + 8) as u32), |area| {
        let highest = counts.iter().map(|count| count.alerts).max().unwrap_or(0).max(1);
        for (row, count) in (0_i32..).zip(counts) {
            let middle = 4 + row * 30 + 15;
            area.label((words.severity_name)(count.severity), (96, middle), (15, INK, Anchor::Right));
            let long = (count.alerts as f64 / highest as f64 * 180.0).round() as i32;
            let long = if count.alerts > 0 { long.max(2) } else { 0 };
            area.line([(104, middle - 12), (104, middle + 12)], QUIET);
            if long > 0 {
                area.rectangle([(105, middle - 9), (105 + long, middle + 9)], colour(count.severity));
            }
            area.label(&words.number(count.alerts), (105 + long + 8, middle), (15, INK, Anchor::Left));
        }
    });
    drawing.alternative = in_words(told);
    drawing
}

/// Returns a bar for a cell of a table, in the colour of a severity; so long as its part of the highest.
pub(crate) fn bar(part: u64, highest: u64, severity: Severity) -> Drawing {
    drawn((120, 12), |area| {
        let long = (part as f64 / highest.max(1) as f64 * 120.0).round() as i32;
        area.rectangle([(0, 2), (120, 10)], (0xee, 0xf1, 0xf4));
        area.rectangle([(0, 2), (long.clamp(2, 120), 10)], colour(severity));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_at_most_five_parts() {
        for (highest, expected) in
            [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (12_430, 5_000), (99_999, 20_000)]
        {
            assert_eq!(step(highest), expected, "{highest}");
        }
        let top = u64::MAX.div_ceil(step(u64::MAX));
        assert!(top <= 5, "{top}");
    }

    #[test]
    fn short_numbers() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1k"), (2_500, "2.5k"), (5_000_000, "5M")] {
            assert_eq!(short(number), expected);
        }
    }
}
