//! The first sheet: who, what and when, the summary and the numbers that are seen from afar.

use super::blocks::set;
use super::fonts::Face;
use super::sheet::{INK, LEFT, RIGHT, RULE, Role, SOFT, Sheets, WHITE, WIDTH, look};
use crate::document::{Document, Tile};
use crate::drawing::Rgb;
use crate::words::{BRAND, tlp_mark};

/// How high the band is without its texts.
const BAND: f32 = 56.0;

pub(super) fn cover(sheets: &mut Sheets<'_>, document: &Document, accent: Rgb) {
    let quiet = mixed(accent);
    // The band is as high as what stands in it, which is set on it again.
    let inner = |sheets: &mut Sheets<'_>| {
        sheets.y = BAND + 14.0;
        sheets.paragraph(&document.kind.to_uppercase(), look(Face::Regular, 8.5, quiet), 2.0);
        let title = look(Face::Bold, 23.0, WHITE);
        sheets.part(Role::Heading(1, sheets.fonts.shown(&document.title)), |sheets| {
            sheets.lines(&document.title, title);
        });
        sheets.y += 8.0;
        facts(sheets, document, quiet);
        sheets.y += 14.0;
    };
    let height = sheets.height_of(inner);
    sheets.fill((0.0, 0.0), (WIDTH, height), accent);
    brand(sheets, document);
    inner(sheets);
    sheets.y += 6.0;
    sheets.part(Role::Section, |sheets| {
        let words = document.words();
        sheets.contents.push((words.summary.to_owned(), 0, sheets.y));
        sheets.part(Role::Heading(2, words.summary.to_owned()), |sheets| {
            sheets.lines(words.summary, look(Face::Bold, 14.0, accent));
        });
        sheets.y += 3.0;
        for (index, sentence) in document.summary.iter().enumerate() {
            let size = if index == 0 { 11.5 } else { 10.0 };
            sheets.paragraph(sentence, look(Face::Regular, size, if index == 0 { accent } else { INK }), 4.0);
        }
        tiles(sheets, &document.tiles, accent);
        for block in &document.first {
            set(sheets, document, block);
        }
    });
}

/// Returns a colour that is quieter on the accent, and can still be read: a fifth of it in white.
fn mixed((red, green, blue): Rgb) -> Rgb {
    let part = |part: u8| 255 - (255 - part) / 6;
    (part(red), part(green), part(blue))
}

fn brand(sheets: &mut Sheets<'_>, document: &Document) {
    let mut left = LEFT;
    if let Some(logo) = &document.style.logo {
        let (width, height) = logo.within(130.0, 30.0);
        // A logo may be dark: it stands on white.
        sheets.fill((left, 20.0), (width + 8.0, height + 8.0), WHITE);
        sheets.logo((left + 4.0, 24.0), (width, height));
        left += width + 18.0;
    }
    let name = document.style.brand.as_deref().unwrap_or(BRAND);
    let bold = look(Face::Bold, 13.0, WHITE);
    let name = sheets.fonts.shown(name);
    sheets.part(Role::Paragraph, |sheets| sheets.text((left, 43.0), name, bold));
    let mark = tlp_mark(document.tlp);
    let bold = look(Face::Bold, 9.0, (0xff, 0xc0, 0x00));
    let width = sheets.fonts.width(mark, (bold.face, bold.size));
    sheets.fill((RIGHT - width - 12.0, 29.0), (width + 12.0, 18.0), (0, 0, 0));
    sheets.part(Role::Paragraph, |sheets| sheets.text((RIGHT - width - 6.0, 41.3), mark.to_owned(), bold));
}

fn facts(sheets: &mut Sheets<'_>, document: &Document, quiet: Rgb) {
    let (name, value) = (look(Face::Regular, 7.5, quiet), look(Face::Regular, 9.5, WHITE));
    for pair in document.facts.chunks(2) {
        let (left, width, top) = (sheets.left, sheets.width / 2.0, sheets.y);
        let mut lowest = top;
        for (index, (title, text)) in pair.iter().enumerate() {
            sheets.y = top;
            sheets.column((left + width * index as f32, width - 14.0), |sheets| {
                sheets.part(Role::Paragraph, |sheets| {
                    sheets.lines(&title.to_uppercase(), name);
                    sheets.lines(text, value);
                });
            });
            lowest = lowest.max(sheets.y);
        }
        sheets.y = lowest + 4.0;
    }
}

fn tiles(sheets: &mut Sheets<'_>, tiles: &[Tile], accent: Rgb) {
    const HIGH: f32 = 58.0;
    const APART: f32 = 8.0;
    let wide = (sheets.width - 2.0 * APART) / 3.0;
    sheets.y += 6.0;
    for row in tiles.chunks(3) {
        sheets.room(HIGH + APART);
        let (left, top) = (sheets.left, sheets.y);
        for (index, tile) in row.iter().enumerate() {
            let at = left + (wide + APART) * index as f32;
            sheets.fill((at, top), (wide, HIGH), RULE);
            sheets.fill((at + 0.7, top + 0.7), (wide - 1.4, HIGH - 1.4), WHITE);
            sheets.fill((at, top), (wide, 2.4), accent);
            sheets.column((at + 9.0, wide - 18.0), |sheets| {
                sheets.part(Role::Paragraph, |sheets| {
                    sheets.y = top + 6.0;
                    sheets.lines(tile.name, look(Face::Regular, 8.0, SOFT));
                    let size = if tile.value.chars().count() > 12 { 11.0 } else { 18.0 };
                    let base = top + 35.5;
                    let value = sheets.fonts.shown(&tile.value);
                    sheets.text((sheets.left, base), value, look(Face::Bold, size, accent));
                    if let Some(change) = &tile.change {
                        sheets.text((sheets.left, top + 49.0), change.clone(), look(Face::Regular, 8.0, SOFT));
                    }
                });
            });
        }
        sheets.y = top + HIGH + APART;
    }
}
