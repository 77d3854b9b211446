//! What a report says, before it is set as a page or as a PDF: both show the same.

use vigie_model::{ReportLanguage, Severity, TimelineKind, Timestamp, Tlp};

use crate::advice::Advice;
use crate::drawing::Drawing;
use crate::figures::Stage;
use crate::style::Style;
use crate::words::{Words, words_of};

/// A whole report.
pub(crate) struct Document {
    pub(crate) language: ReportLanguage,
    pub(crate) style: Style,
    pub(crate) generated: Timestamp,
    pub(crate) tlp: Tlp,
    /// What kind of report it is.
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) tenant_name: String,
    /// What stands below the title: names and values.
    pub(crate) facts: Vec<Fact>,
    /// The summary in plain words.
    pub(crate) summary: Vec<String>,
    pub(crate) tiles: Vec<Tile>,
    /// What follows the tiles on the first page.
    pub(crate) first: Vec<Block>,
    pub(crate) blocks: Vec<Block>,
}

impl Document {
    pub(crate) fn words(&self) -> &'static Words {
        words_of(self.language)
    }
}

pub(crate) type Fact = (&'static str, String);

/// A number that is seen from afar.
pub(crate) struct Tile {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) change: Option<String>,
}

/// A piece of a report, from top to bottom.
pub(crate) enum Block {
    /// A section begins.
    Section(&'static str),
    Heading(String),
    SmallHeading(&'static str),
    Text(String),
    Quiet(String),
    /// A few bold words and what follows them.
    Lead(&'static str, String),
    Figure(&'static str, Drawing),
    /// Two columns where there is room.
    Pair(Vec<Self>, Vec<Self>),
    Table(Table),
    Advice(Vec<Advice>),
    /// Numbers and what they count, in one line.
    Counts(Vec<(String, &'static str)>),
    Incident(Headline, Vec<Self>),
    Timeline(Vec<Entry>),
    /// States and what is in them.
    States(Vec<(&'static str, String)>),
    Tactics(Vec<TacticBox>),
    Terms(&'static [(&'static str, &'static str)]),
}

/// The head of an incident.
pub(crate) struct Headline {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) stage: Stage,
    pub(crate) facts: Vec<Fact>,
}

/// A line of a timeline.
pub(crate) struct Entry {
    pub(crate) kind: TimelineKind,
    pub(crate) time: String,
    pub(crate) text: String,
}

/// A tactic of ATT&CK, seen or not.
pub(crate) struct TacticBox {
    pub(crate) name: &'static str,
    pub(crate) seen: Option<(String, Severity)>,
}

pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How many rows there are that are not shown.
    pub(crate) left_out: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) head: &'static str,
    /// Its part of the width, beside those of the others.
    pub(crate) width: f32,
    pub(crate) is_number: bool,
}

/// Returns a column of texts.
pub(crate) const fn texts(head: &'static str, width: f32) -> Column {
    Column { head, width, is_number: false }
}

/// Returns a column of numbers.
pub(crate) const fn numbers(head: &'static str, width: f32) -> Column {
    Column { head, width, is_number: true }
}

pub(crate) enum Cell {
    /// A word of ours.
    Word(&'static str),
    /// A word of ours that belongs to the row above.
    Part(&'static str),
    /// A value, which may be hostile.
    Value(String),
    /// A value that is read letter by letter.
    Code(String),
    Time(String),
    Number(String),
    Strong(String),
    /// Says that there is nothing, quietly.
    Nothing(&'static str),
    Severity(Severity),
    /// Its part of the highest.
    Bar(u64, u64, Severity),
    /// What was noted and by whom.
    Note(String, String),
    /// What is known, and whether it is known to be malicious.
    Known(bool, String),
}

impl Table {
    /// Returns a table of at most so many of these rows.
    pub(crate) fn of<T>(
        columns: Vec<Column>,
        rows: impl ExactSizeIterator<Item = T>,
        rows_max: usize,
        row: impl Fn(T) -> Vec<Cell>,
    ) -> Self {
        let left_out = rows.len().saturating_sub(rows_max);
        Self { columns, rows: rows.take(rows_max).map(row).collect(), left_out }
    }
}
