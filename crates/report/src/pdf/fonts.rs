//! The fonts of the PDF, and how wide texts are in them.
//!
//! Noto Sans (SIL Open Font License 1.1) is in the binary; a PDF embeds the glyphs that it uses. What the fonts cannot
//! show, whatever its script, stands there by its number, as hidden characters do.

use std::collections::HashMap;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};

use crate::markup::{by_number, inert};

/// How many characters of a text are set, numbers of hidden ones included.
const CHARS_MAX: usize = 1_200;

/// How bold a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// A font that was read once for a whole PDF.
pub(super) struct Fonts {
    regular: Metrics,
    bold: Metrics,
}

struct Metrics {
    font: Font,
    /// Glyph and advance in parts of the font's size, by character.
    glyphs: HashMap<char, (u32, f32)>,
}

impl Fonts {
    /// Reads the fonts; that takes milliseconds.
    pub(super) fn new() -> Self {
        Self { regular: Metrics::new(notosans::REGULAR_TTF), bold: Metrics::new(notosans::BOLD_TTF) }
    }

    fn of(&self, face: Face) -> &Metrics {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.of(face).font.clone()
    }

    /// Returns a text as it can be shown: cut, without what hides, and with what the fonts lack by its number.
    pub(super) fn shown(&self, text: &str) -> String {
        let mut out = String::new();
        for char in inert(text).chars().take(CHARS_MAX) {
            if self.regular.glyphs.contains_key(&char) && self.bold.glyphs.contains_key(&char) {
                out.push(char);
            } else {
                by_number(char, &mut out);
            }
        }
        out
    }

    /// Returns how wide a shown text is.
    pub(super) fn width(&self, text: &str, (face, size): (Face, f32)) -> f32 {
        let glyphs = &self.of(face).glyphs;
        text.chars().filter_map(|char| glyphs.get(&char)).map(|(_, advance)| advance * size).sum()
    }

    /// Returns the glyphs of a shown text.
    pub(super) fn glyphs(&self, text: &str, face: Face) -> Vec<KrillaGlyph> {
        let glyphs = &self.of(face).glyphs;
        text.char_indices()
            .filter_map(|(at, char)| {
                let (glyph, advance) = glyphs.get(&char)?;
                let range = at..at + char.len_utf8();
                Some(KrillaGlyph::new(GlyphId::new(*glyph), *advance, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }

    /// Returns a text in lines that are no wider. A word that is wider than a line is broken where the line ends.
    pub(super) fn lines(&self, text: &str, width: f32, look: (Face, f32)) -> Vec<String> {
        let text = self.shown(text);
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, look) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = self.broken(word, width, look, &mut lines);
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Breaks a word into full lines and returns what is left.
    fn broken(&self, word: &str, width: f32, look: (Face, f32), lines: &mut Vec<String>) -> String {
        let (mut line, mut wide) = (String::new(), 0.0);
        for char in word.chars() {
            let advance = self.of(look.0).glyphs.get(&char).map_or(0.0, |(_, advance)| advance * look.1);
            if wide + advance > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                wide = 0.0;
            }
            line.push(char);
            wide += advance;
        }
        line
    }
}

impl Metrics {
    fn new(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.into(), 0).expect("the embedded font is one");
        let read = skrifa::FontRef::new(bytes).expect("the embedded font is one");
        let units = f32::from(read.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        let metrics = read.glyph_metrics(Size::unscaled(), LocationRef::default());
        let glyphs = read.charmap().mappings().filter_map(|(code, glyph)| {
            let char = char::from_u32(code)?;
            Some((char, (glyph.to_u32(), metrics.advance_width(glyph).unwrap_or(0.0) / units)))
        });
        Self { font, glyphs: glyphs.collect() }
    }
}
