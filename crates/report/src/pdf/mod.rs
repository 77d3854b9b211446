//! A report as a PDF: A4, one layout, every sheet with its number, drawn by krilla.
//!
//! The report is laid out as marks on sheets first and painted then, so that every sheet knows how many there are. The
//! PDF is tagged (PDF/UA-1): headings, paragraphs, tables and what a chart shows can be read to somebody. It names no
//! place outside itself and holds no program, and the same report gives the same bytes.

mod blocks;
mod cover;
mod fonts;
mod paint;
mod sheet;
mod table;

use self::fonts::Fonts;
use self::sheet::{Role, Sheets};
use crate::document::{Block, Document};
use crate::style::Logo;

/// Returns the report as a PDF.
///
/// # Errors
/// What krilla could not write, in words: a defect of ours, since a logo was looked at before.
pub(crate) fn set(document: &Document) -> Result<Vec<u8>, String> {
    let fonts = Fonts::new();
    let mut sheets = Sheets::new(&fonts);
    cover::cover(&mut sheets, document, blocks::accent(document));
    sheets.next_sheet();
    // A section is all blocks until the next one begins.
    let mut rest = document.blocks.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let many = others.iter().take_while(|block| !matches!(block, Block::Section(_))).count();
        sheets.part(Role::Section, |sheets| {
            blocks::set(sheets, document, first);
            for block in &others[..many] {
                blocks::set(sheets, document, block);
            }
        });
        rest = &others[many..];
    }
    paint::paint(document, sheets)
}

/// Looks whether a logo can be painted.
pub(crate) fn decodes(logo: &Logo) -> Result<(), String> {
    paint::decodes(logo)
}
