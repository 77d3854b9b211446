//! Tables: columns of fixed parts, rows that stay whole, and heads that come again on every sheet.

use vigie_model::Severity;

use super::blocks::{label, paint};
use super::fonts::Face;
use super::sheet::{INK, Look, RULE, Role, SOFT, Sheets, look};
use crate::chart;
use crate::document::{Cell, Column, Table};
use crate::words::Words;

/// How far apart columns are.
const APART: f32 = 8.0;
/// How many lines a cell has: a row must fit on a sheet.
const LINES_MAX: usize = 40;

/// What a cell shows.
enum Shown {
    Lines(Vec<(String, Look)>),
    Severity(&'static str, Severity),
    Bar(crate::drawing::Drawing),
}

/// Sets a table.
pub(super) fn table(sheets: &mut Sheets<'_>, words: &Words, table: &Table) {
    let columns = places(sheets, &table.columns);
    sheets.part(Role::Table, |sheets| {
        head(sheets, &table.columns, &columns);
        for row in &table.rows {
            let shown: Vec<Shown> =
                row.iter().zip(&columns).map(|(cell, (_, width))| shown(sheets, words, cell, *width)).collect();
            let high = shown.iter().map(height).fold(0.0, f32::max) + 5.5;
            if sheets.room(high) {
                head(sheets, &table.columns, &columns);
            }
            let top = sheets.y;
            sheets.part(Role::Row, |sheets| {
                for ((shown, (left, width)), column) in shown.into_iter().zip(&columns).zip(&table.columns) {
                    sheets.part(Role::Cell, |sheets| {
                        cell(sheets, shown, (*left, top), (*width, column.is_number));
                    });
                }
            });
            sheets.y = top + high;
            sheets.fill((sheets.left, sheets.y - 0.6), (sheets.width, 0.6), RULE);
        }
    });
    sheets.y += 4.0;
    if table.left_out > 0 {
        let words = (words.more_left_out)(table.left_out as u64);
        sheets.paragraph(&words, look(Face::Regular, 8.5, SOFT), 4.0);
    }
    sheets.y += 2.0;
}

/// Returns left end and width of every column.
fn places(sheets: &Sheets<'_>, columns: &[Column]) -> Vec<(f32, f32)> {
    let total: f32 = columns.iter().map(|column| column.width).sum();
    let room = sheets.width - APART * columns.len().saturating_sub(1) as f32;
    let mut left = sheets.left;
    let mut places = Vec::with_capacity(columns.len());
    for column in columns {
        let width = room * column.width / total;
        places.push((left, width));
        left += width + APART;
    }
    places
}

fn head(sheets: &mut Sheets<'_>, columns: &[Column], places: &[(f32, f32)]) {
    let bold = look(Face::Bold, 7.8, SOFT);
    let lines: Vec<Vec<String>> = columns
        .iter()
        .zip(places)
        .map(|(column, (_, width))| sheets.fonts.lines(column.head, *width, (bold.face, bold.size)))
        .collect();
    let high = lines.iter().map(Vec::len).max().unwrap_or(1) as f32 * bold.leading() + 4.0;
    sheets.room(high + 30.0);
    let top = sheets.y;
    sheets.part(Role::Row, |sheets| {
        for ((lines, (left, width)), column) in lines.into_iter().zip(places).zip(columns) {
            let shown = Shown::Lines(lines.into_iter().map(|line| (line, bold)).collect());
            // Heads of several lines stand on the rule.
            let top = top + high - 4.0 - height(&shown);
            sheets.part(Role::HeadCell, |sheets| cell(sheets, shown, (*left, top), (*width, column.is_number)));
        }
    });
    sheets.y = top + high;
    sheets.fill((sheets.left, sheets.y - 1.0), (sheets.width, 1.0), (0xb9, 0xc3, 0xce));
    sheets.y += 1.0;
}

fn shown(sheets: &Sheets<'_>, words: &Words, cell: &Cell, width: f32) -> Shown {
    let plain = look(Face::Regular, 8.8, INK);
    let quiet = look(Face::Regular, 8.8, SOFT);
    let bold = look(Face::Bold, 8.8, INK);
    let set = |text: &str, look: Look| {
        let lines = sheets.fonts.lines(text, width, (look.face, look.size));
        let mut lines: Vec<(String, Look)> = lines.into_iter().map(|line| (line, look)).collect();
        if lines.len() > LINES_MAX {
            lines.truncate(LINES_MAX);
            lines.push(("…".to_owned(), look));
        }
        lines
    };
    Shown::Lines(match cell {
        Cell::Word(word) => set(word, plain),
        Cell::Part(word) => set(&format!("\u{2013} {word}"), quiet),
        Cell::Value(text) | Cell::Code(text) | Cell::Time(text) | Cell::Number(text) => set(text, plain),
        Cell::Strong(text) => set(text, bold),
        Cell::Nothing(word) => set(word, quiet),
        Cell::Severity(severity) => return Shown::Severity((words.severity_name)(*severity), *severity),
        Cell::Bar(part, highest, severity) => return Shown::Bar(chart::bar(*part, *highest, *severity)),
        Cell::Note(note, by) => {
            let mut lines = set(note, plain);
            lines.extend(set(&format!("\u{2013} {by}"), quiet));
            lines
        }
        Cell::Known(is_malicious, known) => {
            let mut lines = Vec::new();
            if *is_malicious {
                lines.push((words.malicious_short.to_owned(), look(Face::Bold, 8.0, (0x7a, 0x1f, 0x3d))));
            }
            if !known.is_empty() || !*is_malicious {
                lines.extend(set(known, plain));
            }
            lines
        }
    })
}

fn height(shown: &Shown) -> f32 {
    match shown {
        Shown::Lines(lines) => lines.iter().map(|(_, look)| look.leading()).sum(),
        Shown::Severity(..) | Shown::Bar(_) => 12.0,
    }
}

fn cell(sheets: &mut Sheets<'_>, shown: Shown, (left, top): (f32, f32), (width, is_number): (f32, bool)) {
    match shown {
        Shown::Lines(lines) => {
            let mut y = top + 2.0;
            for (line, look) in lines {
                let wide = sheets.fonts.width(&line, (look.face, look.size));
                let left = if is_number { left + width - wide } else { left };
                sheets.text((left, y + look.size * 1.06), line, look);
                y += look.leading();
            }
        }
        Shown::Severity(name, severity) => label(sheets, (left, top + 2.5), name, severity),
        Shown::Bar(drawing) => paint(sheets, &drawing, (left, top + 3.5), width / drawing.width as f32),
    }
}
