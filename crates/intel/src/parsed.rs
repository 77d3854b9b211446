//! What reading a list gives: the good entries and all that is wrong with the others.

use std::fmt;

use vigie_model::{Indicator, Timestamp, Tlp};

/// How many failures are kept in words; the others are only counted.
pub const FAILED_MAX: usize = 1_000;

/// What reading a list of indicators gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The entries that could be read, in the order of the list, each kind and value once.
    pub indicators: Vec<Indicator>,
    /// What is wrong with the others, at most [`FAILED_MAX`].
    pub failed: Vec<LineError>,
    /// How many entries could not be read, also those past the limit.
    pub failed_total: usize,
    /// How many entries were left out on purpose: repeats, and for MISP those deleted, not meant for detection or of a
    /// type that no event can name.
    pub skipped: usize,
}

impl Parsed {
    pub(crate) fn fail(&mut self, line: u64, reason: impl Into<String>) {
        self.failed_total += 1;
        if self.failed.len() < FAILED_MAX {
            self.failed.push(LineError { line, reason: reason.into() });
        }
    }
}

/// An entry of a list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The line on which it begins, from 1; in a MISP event the attribute's place, from 1.
    pub line: u64,
    /// What is wrong with it, in words.
    pub reason: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Returns the level that a TLP word stands for: with or without `tlp:`, in any case, TLP 1.0 names too.
pub(crate) fn tlp_of(word: &str) -> Option<Tlp> {
    let word = word.trim().to_ascii_lowercase();
    match word.strip_prefix("tlp:").unwrap_or(&word) {
        "clear" | "white" => Some(Tlp::Clear),
        "green" => Some(Tlp::Green),
        "amber" => Some(Tlp::Amber),
        "amber+strict" | "amber-strict" | "amber_strict" => Some(Tlp::AmberStrict),
        "red" => Some(Tlp::Red),
        _ => None,
    }
}

/// Returns the time that a list writes as RFC 3339, as a day (its midnight, UTC) or as seconds since 1970.
pub(crate) fn time_of(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Timestamp::from_seconds);
    }
    let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_day.then(|| format!("{text}T00:00:00Z").parse().ok()).flatten()
}

/// Returns a text with line breaks and other control characters as blanks, cut at so many characters.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let plain = text.trim().chars().map(|char| if char.is_control() { ' ' } else { char });
    plain.take(chars_max).collect()
}
