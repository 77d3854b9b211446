//! Sheets: where everything stands, before it is painted.

use super::fonts::{Face, Fonts};
use crate::drawing::Rgb;

/// A4 in points.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
pub(super) const LEFT: f32 = 50.0;
pub(super) const RIGHT: f32 = WIDTH - 50.0;
pub(super) const TOP: f32 = 66.0;
pub(super) const BOTTOM: f32 = HEIGHT - 58.0;
/// How many sheets a report has at most: a guard, since all that is set is bounded already.
const SHEETS_MAX: usize = 400;

pub(super) const INK: Rgb = (0x1d, 0x27, 0x33);
pub(super) const SOFT: Rgb = (0x5c, 0x68, 0x75);
pub(super) const RULE: Rgb = (0xdf, 0xe4, 0xea);
pub(super) const WHITE: Rgb = (0xff, 0xff, 0xff);

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) colour: Rgb,
}

pub(super) const fn look(face: Face, size: f32, colour: Rgb) -> Look {
    Look { face, size, colour }
}

impl Look {
    /// Returns how far apart its lines are.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.42
    }
}

/// What is painted.
pub(super) enum Mark {
    /// A text from its left end on its base line.
    Text {
        at: (f32, f32),
        text: String,
        look: Look,
    },
    /// Left, top, width, height.
    Box {
        at: (f32, f32),
        size: (f32, f32),
        colour: Rgb,
    },
    Disc {
        centre: (f32, f32),
        radius: f32,
        colour: Rgb,
    },
    Logo {
        at: (f32, f32),
        size: (f32, f32),
    },
}

/// A mark and the part of the structure that it belongs to; decoration belongs to none.
pub(super) struct Placed {
    pub(super) mark: Mark,
    pub(super) part: Option<usize>,
}

/// What a part of the document is, for those who have it read to them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Root,
    Section,
    Heading(u16, String),
    Paragraph,
    Table,
    Row,
    HeadCell,
    Cell,
    /// With what it shows in words.
    Figure(String),
}

pub(super) struct Part {
    pub(super) role: Role,
    pub(super) children: Vec<usize>,
}

/// Sheets in the making.
pub(super) struct Sheets<'a> {
    pub(super) fonts: &'a Fonts,
    pub(super) pages: Vec<Vec<Placed>>,
    /// How far down the sheet is full.
    pub(super) y: f32,
    pub(super) left: f32,
    pub(super) width: f32,
    pub(super) parts: Vec<Part>,
    /// The part that is open.
    open: usize,
    /// Headings of sections, their sheet and how far down.
    pub(super) contents: Vec<(String, usize, f32)>,
    /// Only measures: one sheet without an end.
    is_endless: bool,
}

impl<'a> Sheets<'a> {
    pub(super) fn new(fonts: &'a Fonts) -> Self {
        Self {
            fonts,
            pages: vec![Vec::new()],
            y: TOP,
            left: LEFT,
            width: RIGHT - LEFT,
            parts: vec![Part { role: Role::Root, children: Vec::new() }],
            open: 0,
            contents: Vec::new(),
            is_endless: false,
        }
    }

    /// Returns how high something would be here.
    pub(super) fn height_of(&self, set: impl FnOnce(&mut Self)) -> f32 {
        let mut scratch = Self::new(self.fonts);
        (scratch.left, scratch.width, scratch.y, scratch.is_endless) = (self.left, self.width, 0.0, true);
        set(&mut scratch);
        scratch.y
    }

    pub(super) fn next_sheet(&mut self) {
        if !self.is_endless && self.pages.len() < SHEETS_MAX {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
    }

    /// Goes to the next sheet where there is not so much room left. Returns whether it did.
    pub(super) fn room(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM && self.y > TOP && !self.is_endless;
        if is_full {
            self.next_sheet();
        }
        is_full
    }

    /// Leaves a gap, but for the top of a sheet.
    pub(super) fn gap(&mut self, height: f32) {
        if self.y > TOP || self.is_endless {
            self.y += height;
        }
    }

    /// Sets a part of the document.
    pub(super) fn part(&mut self, role: Role, set: impl FnOnce(&mut Self)) {
        let (part, outer) = (self.parts.len(), self.open);
        self.parts.push(Part { role, children: Vec::new() });
        self.parts[outer].children.push(part);
        self.open = part;
        set(self);
        self.open = outer;
    }

    /// Sets something in a narrower column.
    pub(super) fn column(&mut self, (left, width): (f32, f32), set: impl FnOnce(&mut Self)) {
        let outer = (self.left, self.width);
        (self.left, self.width) = (left, width);
        set(self);
        (self.left, self.width) = outer;
    }

    fn place(&mut self, mark: Mark, part: Option<usize>) {
        if let Some(sheet) = self.pages.last_mut() {
            sheet.push(Placed { mark, part });
        }
    }

    /// Adds a line of shown text that belongs to the open part; its base line is at `at`.
    pub(super) fn text(&mut self, at: (f32, f32), text: String, look: Look) {
        if !text.is_empty() {
            let part = Some(self.open);
            self.place(Mark::Text { at, text, look }, part);
        }
    }

    /// Adds a filled rectangle.
    pub(super) fn fill(&mut self, at: (f32, f32), size: (f32, f32), colour: Rgb) {
        if size.0 > 0.0 && size.1 > 0.0 {
            self.place(Mark::Box { at, size, colour }, None);
        }
    }

    pub(super) fn disc(&mut self, centre: (f32, f32), radius: f32, colour: Rgb) {
        self.place(Mark::Disc { centre, radius, colour }, None);
    }

    pub(super) fn logo(&mut self, at: (f32, f32), size: (f32, f32)) {
        self.place(Mark::Logo { at, size }, None);
    }

    /// Adds a filled rectangle that belongs to the open part.
    pub(super) fn fill_part(&mut self, at: (f32, f32), size: (f32, f32), colour: Rgb) {
        if size.0 > 0.0 && size.1 > 0.0 {
            let part = Some(self.open);
            self.place(Mark::Box { at, size, colour }, part);
        }
    }

    /// Sets a text in lines below each other, within the column.
    pub(super) fn lines(&mut self, text: &str, look: Look) {
        for line in self.fonts.lines(text, self.width, (look.face, look.size)) {
            self.room(look.leading());
            self.text((self.left, self.y + look.size * 1.06), line, look);
            self.y += look.leading();
        }
    }

    /// Sets a paragraph.
    pub(super) fn paragraph(&mut self, text: &str, look: Look, below: f32) {
        self.part(Role::Paragraph, |sheets| sheets.lines(text, look));
        self.y += below;
    }
}
