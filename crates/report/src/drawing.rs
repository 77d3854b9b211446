//! A chart as shapes: plotters writes them as SVG, and the PDF draws the same ones.

use plotters::prelude::{IntoDrawingArea, IntoFont, PathElement, RGBColor, Rectangle, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle};

/// A colour: red, green, blue.
pub(crate) type Rgb = (u8, u8, u8);

const FONT: &str = "Helvetica, Arial, sans-serif";

/// A chart. Its origin is above on the left.
pub(crate) struct Drawing {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// What it shows, in words, for those who do not see it.
    pub(crate) alternative: String,
    pub(crate) shapes: Vec<Shape>,
}

pub(crate) enum Shape {
    Rectangle { corners: [(i32, i32); 2], colour: Rgb },
    Line { ends: [(i32, i32); 2], colour: Rgb },
    Label(Label),
}

/// A text, in the middle of its line's height.
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) at: (i32, i32),
    pub(crate) size: i32,
    pub(crate) colour: Rgb,
    pub(crate) anchor: Anchor,
}

/// Which side of a label its place is.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Left,
    Middle,
    Right,
}

/// A finished chart. Its texts were escaped by plotters.
pub(crate) struct Svg(String);

impl Svg {
    /// Returns the chart's markup.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl Drawing {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width, height, alternative: String::new(), shapes: Vec::new() }
    }

    pub(crate) fn rectangle(&mut self, corners: [(i32, i32); 2], colour: Rgb) {
        self.shapes.push(Shape::Rectangle { corners, colour });
    }

    pub(crate) fn line(&mut self, ends: [(i32, i32); 2], colour: Rgb) {
        self.shapes.push(Shape::Line { ends, colour });
    }

    pub(crate) fn label(&mut self, text: &str, at: (i32, i32), (size, colour, anchor): (i32, Rgb, Anchor)) {
        self.shapes.push(Shape::Label(Label { text: text.to_owned(), at, size, colour, anchor }));
    }

    /// Returns it as SVG. That cannot fail: the backend only pushes to a string.
    pub(crate) fn to_svg(&self) -> Svg {
        const SURE: &str = "a string takes everything";
        let rgb = |(red, green, blue): Rgb| RGBColor(red, green, blue);
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, (self.width, self.height)).into_drawing_area();
            for shape in &self.shapes {
                match shape {
                    Shape::Rectangle { corners, colour } => {
                        area.draw(&Rectangle::new(*corners, rgb(*colour).filled())).expect(SURE);
                    }
                    Shape::Line { ends, colour } => {
                        let path = PathElement::new(ends.to_vec(), rgb(*colour).stroke_width(1));
                        area.draw(&path).expect(SURE);
                    }
                    Shape::Label(label) => {
                        let horizontal = match label.anchor {
                            Anchor::Left => HPos::Left,
                            Anchor::Middle => HPos::Center,
                            Anchor::Right => HPos::Right,
                        };
                        let colour = rgb(label.colour);
                        let style = TextStyle::from((FONT, label.size).into_font())
                            .color(&colour)
                            .pos(Pos::new(horizontal, VPos::Center));
                        area.draw(&Text::new(label.text.clone(), label.at, style)).expect(SURE);
                    }
                }
            }
            area.present().expect(SURE);
        }
        Svg(text.replacen("<svg ", "<svg role=\"img\" ", 1).trim().to_owned())
    }
}
