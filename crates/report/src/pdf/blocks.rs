//! From the blocks of a report to marks on sheets.

use vigie_model::{Severity, TimelineKind};

use super::fonts::Face;
use super::sheet::{BOTTOM, INK, RULE, Role, SOFT, Sheets, TOP, WHITE, look};
use super::table::table;
use crate::advice::Advice;
use crate::chart::colour;
use crate::document::{Block, Document, Entry, Fact, Headline, TacticBox};
use crate::drawing::{Anchor, Drawing, Rgb, Shape};
use crate::figures::Stage;
use crate::words::Words;

/// How much of what follows a heading must stand on its sheet.
const AFTER_HEADING: f32 = 64.0;

/// Returns the accent colour of a report.
pub(super) fn accent(document: &Document) -> Rgb {
    let [red, green, blue] = document.style.accent.rgb();
    (red, green, blue)
}

/// Sets a block.
pub(super) fn set(sheets: &mut Sheets<'_>, document: &Document, block: &Block) {
    let (words, accent) = (document.words(), accent(document));
    match block {
        Block::Section(title) => section(sheets, title, accent),
        Block::Heading(title) => heading(sheets, (3, title), (Face::Bold, 11.0, accent)),
        Block::SmallHeading(title) => heading(sheets, (4, title), (Face::Bold, 9.5, SOFT)),
        Block::Text(text) => sheets.paragraph(text, look(Face::Regular, 9.5, INK), 4.0),
        Block::Quiet(text) => sheets.paragraph(text, look(Face::Regular, 8.5, SOFT), 4.0),
        Block::Lead(lead, text) => {
            sheets.paragraph(&format!("{lead}."), look(Face::Bold, 9.5, INK), 0.0);
            sheets.paragraph(text, look(Face::Regular, 9.5, INK), 4.0);
        }
        Block::Figure(caption, drawing) => figure(sheets, caption, drawing, accent),
        Block::Pair(left, right) => pair(sheets, document, left, right),
        Block::Table(rows) => table(sheets, words, rows),
        Block::Advice(list) => advice(sheets, words, list, accent),
        Block::Counts(counts) => {
            let told: Vec<String> = counts.iter().map(|(number, name)| format!("{number} {name}")).collect();
            sheets.paragraph(&told.join("  ·  "), look(Face::Bold, 9.5, accent), 6.0);
        }
        Block::Incident(headline, blocks) => {
            incident(sheets, words, headline, accent);
            for block in blocks {
                set(sheets, document, block);
            }
            sheets.gap(12.0);
        }
        Block::Timeline(entries) => timeline(sheets, words, entries),
        Block::States(states) => {
            for (state, text) in states {
                two_columns(sheets, (state, 92.0), text);
            }
            sheets.y += 4.0;
        }
        Block::Tactics(boxes) => tactics(sheets, boxes),
        Block::Terms(terms) => {
            for (term, meaning) in *terms {
                sheets.room(34.0);
                sheets.paragraph(term, look(Face::Bold, 9.0, accent), 0.0);
                sheets.paragraph(meaning, look(Face::Regular, 9.0, INK), 4.0);
            }
        }
    }
}

fn section(sheets: &mut Sheets<'_>, title: &str, accent: Rgb) {
    sheets.gap(20.0);
    sheets.room(30.0 + AFTER_HEADING);
    sheets.contents.push((title.to_owned(), sheets.pages.len() - 1, sheets.y));
    sheets.part(Role::Heading(2, title.to_owned()), |sheets| sheets.lines(title, look(Face::Bold, 14.0, accent)));
    sheets.fill((sheets.left, sheets.y + 2.0), (sheets.width, 1.4), accent);
    sheets.y += 11.0;
}

fn heading(sheets: &mut Sheets<'_>, (level, title): (u16, &str), (face, size, colour): (Face, f32, Rgb)) {
    sheets.gap(8.0);
    sheets.room(20.0 + AFTER_HEADING);
    let shown = sheets.fonts.shown(title);
    sheets.part(Role::Heading(level, shown), |sheets| sheets.lines(title, look(face, size, colour)));
    sheets.y += 3.0;
}

fn figure(sheets: &mut Sheets<'_>, caption: &str, drawing: &Drawing, accent: Rgb) {
    // The captions of charts are those of their page, so that a chart is never larger than it was drawn for.
    let scale = (sheets.width / drawing.width as f32).min(0.72);
    let high = drawing.height as f32 * scale;
    sheets.gap(8.0);
    sheets.room(high + 26.0);
    sheets.paragraph(caption, look(Face::Bold, 11.0, accent), 4.0);
    let (left, top) = (sheets.left, sheets.y);
    sheets.part(Role::Figure(format!("{caption}: {}", drawing.alternative)), |sheets| {
        paint(sheets, drawing, (left, top), scale);
    });
    sheets.y += high + 6.0;
}

/// Draws a chart, or a bar in a cell.
pub(super) fn paint(sheets: &mut Sheets<'_>, drawing: &Drawing, (left, top): (f32, f32), scale: f32) {
    let point = |(x, y): (i32, i32)| (left + x as f32 * scale, top + y as f32 * scale);
    for shape in &drawing.shapes {
        match shape {
            Shape::Rectangle { corners: [one, other], colour } => {
                let ((left, top), (right, bottom)) = (point(*one), point(*other));
                sheets.fill_part((left, top.min(bottom)), (right - left, (bottom - top).abs()), *colour);
            }
            Shape::Line { ends: [one, other], colour } => {
                let ((left, top), (right, bottom)) = (point(*one), point(*other));
                let size = ((right - left).abs().max(0.6), (bottom - top).abs().max(0.6));
                sheets.fill_part((left.min(right), top.min(bottom)), size, *colour);
            }
            Shape::Label(label) => {
                // In HTML a size is that of plotters, whose letters are smaller than their number by a quarter.
                let size = label.size as f32 * scale * 0.85;
                let text = sheets.fonts.shown(&label.text);
                let width = sheets.fonts.width(&text, (Face::Regular, size));
                let (x, y) = point(label.at);
                let x = match label.anchor {
                    Anchor::Left => x,
                    Anchor::Middle => x - width / 2.0,
                    Anchor::Right => x - width,
                };
                sheets.text((x, y + size * 0.36), text, look(Face::Regular, size, label.colour));
            }
        }
    }
}

fn pair(sheets: &mut Sheets<'_>, document: &Document, left: &[Block], right: &[Block]) {
    const APART: f32 = 24.0;
    let width = (sheets.width - APART) / 2.0;
    let columns = [(sheets.left, width, left), (sheets.left + width + APART, width, right)];
    let all = |sheets: &mut Sheets<'_>, blocks: &[Block]| {
        for block in blocks {
            set(sheets, document, block);
        }
    };
    let mut highest: f32 = 0.0;
    for (at, width, blocks) in columns {
        sheets.column((at, width), |sheets| highest = highest.max(sheets.height_of(|sheets| all(sheets, blocks))));
    }
    if highest > BOTTOM - TOP {
        all(sheets, left);
        all(sheets, right);
        return;
    }
    sheets.room(highest);
    let (top, mut lowest) = (sheets.y, sheets.y);
    for (at, width, blocks) in columns {
        sheets.y = top;
        sheets.column((at, width), |sheets| all(sheets, blocks));
        lowest = lowest.max(sheets.y);
    }
    sheets.y = lowest;
}

fn advice(sheets: &mut Sheets<'_>, words: &Words, list: &[Advice], accent: Rgb) {
    for (index, one) in list.iter().enumerate() {
        let entry = |sheets: &mut Sheets<'_>| {
            let (left, top, width) = (sheets.left, sheets.y, sheets.width);
            sheets.disc((left + 9.0, top + 9.0), 9.0, accent);
            let number = (index + 1).to_string();
            let wide = sheets.fonts.width(&number, (Face::Bold, 9.5));
            sheets.column((left + 28.0, width - 28.0), |sheets| {
                sheets.part(Role::Heading(3, sheets.fonts.shown(&one.title)), |sheets| {
                    sheets.text((left + 9.0 - wide / 2.0, top + 12.4), number, look(Face::Bold, 9.5, WHITE));
                    sheets.lines(&one.title, look(Face::Bold, 10.5, accent));
                });
                badge(sheets, words, one.severity);
                sheets.paragraph(&one.text, look(Face::Regular, 9.5, INK), 1.0);
                let because = format!("{} {}", words.because, one.because.join("; "));
                sheets.paragraph(&because, look(Face::Regular, 8.5, SOFT), 9.0);
            });
        };
        let high = sheets.height_of(entry);
        sheets.room(high);
        entry(sheets);
    }
}

/// Sets a severity as a coloured word on a line of its own.
fn badge(sheets: &mut Sheets<'_>, words: &Words, severity: Severity) {
    let name = (words.severity_name)(severity);
    let at = (sheets.left, sheets.y + 1.0);
    sheets.part(Role::Paragraph, |sheets| {
        label(sheets, at, name, severity);
    });
    sheets.y += 15.0;
}

/// Adds a severity as a coloured word.
pub(super) fn label(sheets: &mut Sheets<'_>, (left, top): (f32, f32), name: &str, severity: Severity) {
    let ink = if severity >= Severity::High { WHITE } else { INK };
    let width = sheets.fonts.width(name, (Face::Bold, 7.5));
    sheets.fill((left, top), (width + 8.0, 11.5), colour(severity));
    sheets.text((left + 4.0, top + 8.4), name.to_owned(), look(Face::Bold, 7.5, ink));
}

fn incident(sheets: &mut Sheets<'_>, words: &Words, headline: &Headline, accent: Rgb) {
    sheets.gap(6.0);
    sheets.room(70.0 + AFTER_HEADING);
    sheets.fill((sheets.left, sheets.y), (sheets.width, 2.0), accent);
    sheets.y += 7.0;
    let title = format!("#{} {}", headline.number, headline.title);
    sheets.part(Role::Heading(3, sheets.fonts.shown(&title)), |sheets| {
        sheets.lines(&title, look(Face::Bold, 12.0, accent));
    });
    let (left, top) = (sheets.left, sheets.y + 1.0);
    let severity = (words.severity_name)(headline.severity);
    let stage = (words.stage_name)(headline.stage);
    let ink = match headline.stage {
        Stage::Open => (0x7a, 0x1f, 0x3d),
        Stage::Contained => (0x2f, 0x5d, 0x8a),
        Stage::Closed => (0x48, 0x60, 0x3a),
    };
    sheets.part(Role::Paragraph, |sheets| {
        label(sheets, (left, top), severity, headline.severity);
        let right = left + sheets.fonts.width(severity, (Face::Bold, 7.5)) + 16.0;
        sheets.text((right, top + 8.4), stage.to_owned(), look(Face::Bold, 8.5, ink));
    });
    sheets.y += 18.0;
    facts(sheets, &headline.facts);
}

fn facts(sheets: &mut Sheets<'_>, list: &[Fact]) {
    const ROW: usize = 5;
    for row in list.chunks(ROW) {
        let (left, width, top) = (sheets.left, sheets.width / ROW as f32, sheets.y);
        let mut lowest = top;
        for (index, (name, value)) in row.iter().enumerate() {
            sheets.y = top;
            sheets.column((left + width * index as f32, width - 8.0), |sheets| {
                sheets.part(Role::Paragraph, |sheets| {
                    sheets.lines(name, look(Face::Regular, 7.5, SOFT));
                    sheets.lines(value, look(Face::Bold, 8.5, INK));
                });
            });
            lowest = lowest.max(sheets.y);
        }
        sheets.y = lowest + 6.0;
    }
}

fn two_columns(sheets: &mut Sheets<'_>, (name, wide): (&str, f32), text: &str) {
    let (left, width) = (sheets.left, sheets.width);
    let regular = look(Face::Regular, 9.0, INK);
    let lines = sheets.fonts.lines(text, width - wide, (regular.face, regular.size));
    sheets.room(regular.leading() * lines.len() as f32 + 2.0);
    sheets.part(Role::Paragraph, |sheets| {
        sheets.text((left, sheets.y + 9.6), name.to_owned(), look(Face::Bold, 8.5, INK));
        sheets.column((left + wide, width - wide), |sheets| sheets.lines(text, regular));
    });
    sheets.y += 2.0;
}

fn timeline(sheets: &mut Sheets<'_>, words: &Words, entries: &[Entry]) {
    const TIME: f32 = 104.0;
    const KIND: f32 = 58.0;
    for entry in entries {
        let ink = match entry.kind {
            TimelineKind::Attack => (0x7a, 0x1f, 0x3d),
            TimelineKind::Alert => (0xe6, 0x9f, 0x00),
            TimelineKind::Action => (0x2f, 0x5d, 0x8a),
            TimelineKind::Case | TimelineKind::Note => (0xb8, 0xc0, 0xc8),
        };
        let (left, width) = (sheets.left + 14.0, sheets.width - 14.0);
        let regular = look(Face::Regular, 9.0, INK);
        let text_width = width - TIME - KIND;
        let lines = sheets.fonts.lines(&entry.text, text_width, (regular.face, regular.size));
        let high = regular.leading() * lines.len() as f32 + 3.0;
        sheets.room(high);
        let top = sheets.y;
        sheets.fill((sheets.left + 3.6, top), (0.9, high), RULE);
        sheets.disc((sheets.left + 4.0, top + 6.6), 3.2, ink);
        sheets.part(Role::Paragraph, |sheets| {
            sheets.text((left, top + 9.6), entry.time.clone(), look(Face::Regular, 8.5, SOFT));
            let kind = (words.timeline_kind)(entry.kind);
            sheets.text((left + TIME, top + 9.6), kind.to_owned(), look(Face::Bold, 8.5, INK));
            sheets.column((left + TIME + KIND, text_width), |sheets| sheets.lines(&entry.text, regular));
        });
        sheets.y = sheets.y.max(top) + 3.0;
    }
    sheets.y += 4.0;
}

fn tactics(sheets: &mut Sheets<'_>, boxes: &[TacticBox]) {
    const ROW: usize = 7;
    const HIGH: f32 = 52.0;
    const APART: f32 = 4.0;
    let wide = (sheets.width - APART * (ROW - 1) as f32) / ROW as f32;
    for row in boxes.chunks(ROW) {
        sheets.room(HIGH + APART);
        let (left, top) = (sheets.left, sheets.y);
        for (index, one) in row.iter().enumerate() {
            let at = left + (wide + APART) * index as f32;
            let severity = one.seen.as_ref().map(|(_, severity)| *severity);
            let ink = match severity {
                Some(severity) if severity >= Severity::High => WHITE,
                Some(_) => INK,
                None => SOFT,
            };
            sheets.fill((at, top), (wide, HIGH), severity.map_or(RULE, colour));
            if severity.is_none() {
                sheets.fill((at + 0.7, top + 0.7), (wide - 1.4, HIGH - 1.4), WHITE);
            }
            sheets.column((at + 5.0, wide - 8.0), |sheets| {
                sheets.part(Role::Paragraph, |sheets| {
                    let count = one.seen.as_ref().map_or("\u{2013}", |(count, _)| count).to_owned();
                    sheets.text((at + 5.0, top + 15.0), count, look(Face::Bold, 12.0, ink));
                    sheets.y = top + 19.0;
                    sheets.lines(one.name, look(Face::Regular, 7.2, ink));
                });
            });
        }
        sheets.y = top + HIGH + APART;
    }
    sheets.y += 4.0;
}
