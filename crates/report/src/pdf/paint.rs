//! From marks on sheets to the bytes of a PDF.

use krilla::Document as Pdf;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::{SerializeSettings, image::Image};

use super::fonts::{Face, Fonts};
use super::sheet::{HEIGHT, LEFT, Look, Mark, Part, Placed, RIGHT, RULE, Role, SOFT, Sheets, WIDTH, look};
use crate::document::Document;
use crate::drawing::Rgb;
use crate::style::Logo;
use crate::words::tlp_mark;

/// Paints the sheets.
pub(super) fn paint(document: &Document, sheets: Sheets<'_>) -> Result<Vec<u8>, String> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| format!("{error:?}"))?;
    let mut pdf = Pdf::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    pdf.set_metadata(metadata(document));
    let mut outline = Outline::new();
    for (title, sheet, y) in &sheets.contents {
        let there = XyzDestination::new(*sheet, Point::from_xy(LEFT, (y - 8.0).max(0.0)));
        outline.push_child(OutlineNode::new(title.clone(), there));
    }
    pdf.set_outline(outline);
    let logo = document.style.logo.as_ref().map(Logo::image).transpose()?;
    let mut painter = Painter { fonts: sheets.fonts, logo, identifiers: Vec::new() };
    painter.identifiers.resize_with(sheets.parts.len(), Vec::new);
    let count = sheets.pages.len();
    for (index, marks) in sheets.pages.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("a sheet has no size")?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        painter.sheet(&mut surface, marks);
        painter.margins(&mut surface, document, (index, count));
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(document.language.as_str().to_owned()));
    for child in &sheets.parts[0].children {
        tree.children.extend(node(&sheets.parts, &mut painter.identifiers, *child));
    }
    pdf.set_tag_tree(tree);
    pdf.finish().map_err(|error| format!("{error:?}"))
}

/// Looks whether a logo can be painted.
pub(super) fn decodes(logo: &Logo) -> Result<(), String> {
    let mut pdf = Pdf::new();
    let mut page = pdf.start_page();
    let mut surface = page.surface();
    let size = Size::from_wh(10.0, 10.0).ok_or("a size is missing")?;
    surface.draw_image(logo.image()?, size);
    surface.finish();
    page.finish();
    pdf.finish().map(|_| ()).map_err(|error| format!("{error:?}").chars().take(200).collect())
}

fn metadata(document: &Document) -> Metadata {
    let made = document.generated.to_jiff().to_zoned(jiff::tz::TimeZone::UTC);
    let part = |part: i8| part.unsigned_abs();
    let date = DateTime::new(made.year().unsigned_abs())
        .month(part(made.month()))
        .day(part(made.day()))
        .hour(part(made.hour()))
        .minute(part(made.minute()))
        .second(part(made.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let title = format!("{} · {}", document.title, document.tenant_name);
    let brand = document.style.brand.clone().unwrap_or_else(|| crate::words::BRAND.to_owned());
    Metadata::new()
        .title(crate::markup::inert(&title))
        .description(document.kind.to_owned())
        .language(document.language.as_str().to_owned())
        .authors(vec![crate::markup::inert(&brand)])
        .creator(crate::words::BRAND.to_owned())
        .creation_date(date)
}

struct Painter<'a> {
    fonts: &'a Fonts,
    logo: Option<Image>,
    /// What was painted of each part.
    identifiers: Vec<Vec<Identifier>>,
}

impl Painter<'_> {
    fn sheet(&mut self, surface: &mut Surface<'_>, marks: &[Placed]) {
        let mut marks = marks.iter().peekable();
        while let Some(placed) = marks.next() {
            match placed.part {
                Some(part) => {
                    let tag = match placed.mark {
                        Mark::Text { .. } => ContentTag::Span(SpanTag::empty()),
                        Mark::Box { .. } | Mark::Disc { .. } | Mark::Logo { .. } => ContentTag::Other,
                    };
                    let identifier = surface.start_tagged(tag);
                    self.identifiers[part].push(identifier);
                }
                None => {
                    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                }
            }
            self.mark(surface, &placed.mark);
            // What follows of the same part and kind belongs to it too: a chart is one thing.
            let is_box = |mark: &Mark| matches!(mark, Mark::Box { .. });
            while let Some(next) =
                marks.next_if(|next| next.part == placed.part && is_box(&next.mark) && is_box(&placed.mark))
            {
                self.mark(surface, &next.mark);
            }
            surface.end_tagged();
        }
    }

    fn mark(&self, surface: &mut Surface<'_>, mark: &Mark) {
        match mark {
            Mark::Text { at, text, look } => self.text(surface, *at, text, *look),
            Mark::Box { at, size, colour } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(at.0, at.1, size.0, size.1) {
                    path.push_rect(rect);
                }
                if let Some(path) = path.finish() {
                    surface.set_fill(Some(fill(*colour)));
                    surface.draw_path(&path);
                }
            }
            Mark::Disc { centre, radius, colour } => disc(surface, *centre, *radius, *colour),
            Mark::Logo { at, size } => {
                if let (Some(logo), Some(size)) = (&self.logo, Size::from_wh(size.0, size.1)) {
                    surface.push_transform(&Transform::from_translate(at.0, at.1));
                    surface.draw_image(logo.clone(), size);
                    surface.pop();
                }
            }
        }
    }

    fn text(&self, surface: &mut Surface<'_>, at: (f32, f32), text: &str, look: Look) {
        let glyphs = self.fonts.glyphs(text, look.face);
        surface.set_fill(Some(fill(look.colour)));
        let font = self.fonts.font(look.face);
        surface.draw_glyphs(Point::from_xy(at.0, at.1), &glyphs, font, text, look.size, false);
    }

    /// Paints what stands above and below on every sheet; the first has its band above.
    fn margins(&self, surface: &mut Surface<'_>, document: &Document, (index, count): (usize, usize)) {
        let quiet = look(Face::Regular, 8.0, SOFT);
        let right = |text: &str| RIGHT - self.fonts.width(text, (quiet.face, quiet.size));
        if index > 0 {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Header)));
            let room = (RIGHT - LEFT) * 0.72;
            let title = format!("{} · {}", document.tenant_name, document.title);
            let lines = self.fonts.lines(&title, room, (quiet.face, quiet.size));
            self.text(surface, (LEFT, 40.0), lines.first().map_or("", String::as_str), quiet);
            let mark = tlp_mark(document.tlp);
            self.text(surface, (right(mark), 40.0), mark, quiet);
            self.mark(surface, &Mark::Box { at: (LEFT, 47.0), size: (RIGHT - LEFT, 0.6), colour: RULE });
            surface.end_tagged();
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let words = document.words();
        self.text(surface, (LEFT, HEIGHT - 32.0), words.all_times_utc, quiet);
        let page = (words.page_of)(index + 1, count);
        self.text(surface, (right(&page), HEIGHT - 32.0), &page, quiet);
        surface.end_tagged();
    }
}

fn fill((red, green, blue): Rgb) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn disc(surface: &mut Surface<'_>, (x, y): (f32, f32), radius: f32, colour: Rgb) {
    // How far the handles of a quarter circle are from its ends, for a radius of one.
    const HANDLE: f32 = 0.552_285;
    let handle = radius * HANDLE;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + handle, x + handle, y + radius, x, y + radius);
    path.cubic_to(x - handle, y + radius, x - radius, y + handle, x - radius, y);
    path.cubic_to(x - radius, y - handle, x - handle, y - radius, x, y - radius);
    path.cubic_to(x + handle, y - radius, x + radius, y - handle, x + radius, y);
    path.close();
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

/// Returns a part with all that is in it, or `None` where nothing of it was painted.
fn node(parts: &[Part], identifiers: &mut [Vec<Identifier>], part: usize) -> Option<Node> {
    let mut children: Vec<Node> = std::mem::take(&mut identifiers[part]).into_iter().map(Node::from).collect();
    for child in &parts[part].children {
        children.extend(node(parts, identifiers, *child));
    }
    // A cell without anything in it still keeps its column.
    if children.is_empty() && !matches!(parts[part].role, Role::Cell | Role::HeadCell) {
        return None;
    }
    Some(match &parts[part].role {
        Role::Root | Role::Section => TagGroup::with_children(Tag::Section, children).into(),
        Role::Heading(level, title) => {
            let level = std::num::NonZeroU16::new(*level).unwrap_or(std::num::NonZeroU16::MIN);
            TagGroup::with_children(Tag::Hn(level, Some(title.clone())), children).into()
        }
        Role::Paragraph => TagGroup::with_children(Tag::P, children).into(),
        Role::Table => TagGroup::with_children(Tag::Table, children).into(),
        Role::Row => TagGroup::with_children(Tag::TR, children).into(),
        Role::HeadCell => TagGroup::with_children(Tag::TH(TableHeaderScope::Column), children).into(),
        Role::Cell => TagGroup::with_children(Tag::TD, children).into(),
        Role::Figure(shows) => TagGroup::with_children(Tag::Figure(Some(shows.clone())), children).into(),
    })
}
