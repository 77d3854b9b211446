//! Writing HTML: markup is literals, everything else is escaped.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use vigie_model::is_unseen;

use crate::drawing::Drawing;
use crate::style::{Accent, Logo};

/// The longest text that is shown of one value, in characters; the whole is in Vigie.
const TEXT_CHARS_MAX: usize = 600;

/// An HTML text in the making.
#[derive(Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// Adds markup, which can only be a literal.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape(text, &mut self.0);
        self
    }

    /// Adds a value out of logs, escaped and apart from the direction of the text around it.
    pub(crate) fn value(&mut self, text: &str) -> &mut Self {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// Adds a text within an element.
    pub(crate) fn element(&mut self, open: &'static str, text: &str, close: &'static str) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// Adds a chart with its caption.
    pub(crate) fn figure(&mut self, caption: &str, chart: &Drawing) -> &mut Self {
        self.raw("<figure><figcaption>").text(caption).raw("</figcaption>").drawing(chart).raw("</figure>\n")
    }

    /// Adds a chart without a caption.
    pub(crate) fn drawing(&mut self, chart: &Drawing) -> &mut Self {
        self.0.push_str(&chart.to_svg().into_text());
        self
    }

    /// Adds the style of the page with this accent, which is six digits and nothing else.
    pub(crate) fn style(&mut self, accent: Accent) -> &mut Self {
        self.raw("<style>\n").raw(include_str!("page.css"));
        if accent != Accent::default() {
            self.0.push_str(":root { --navy: ");
            self.0.push_str(&accent.to_text());
            self.raw("; }\n");
        }
        self.raw("</style>")
    }

    /// Adds a picture, which is in the page itself.
    pub(crate) fn logo(&mut self, logo: &Logo) -> &mut Self {
        self.raw("<img class=\"logo\" alt=\"\" src=\"data:").raw(logo.media_type()).raw(";base64,");
        BASE64.encode_string(logo.bytes(), &mut self.0);
        self.raw("\">")
    }

    /// Returns the whole text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// Escapes a text for HTML content and attributes. Characters that turn the direction of writing, hide or break the line
/// are shown by their number, because they are used to make one name look like another.
fn escape(text: &str, out: &mut String) {
    for char in inert(text).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
}

/// Returns a text in which nothing turns the direction of writing, hides or breaks a line, cut where it is very long.
pub(crate) fn inert(text: &str) -> String {
    let mut out = String::new();
    for (index, char) in text.chars().enumerate() {
        if index == TEXT_CHARS_MAX {
            out.push('…');
            break;
        }
        match char {
            '\n' | '\r' | '\t' => out.push(' '),
            char if is_unseen(char) => by_number(char, &mut out),
            char => out.push(char),
        }
    }
    out
}

/// Adds a character by its number.
pub(crate) fn by_number(char: char, out: &mut String) {
    write!(out, "[U+{:04X}]", u32::from(char)).expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut markup = Markup::default();
        markup.text(text);
        assert_eq!(markup.into_text(), expected);
    }

    #[test]
    fn escapes() {
        check("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        check("\"><img src=x onerror=y>", "&quot;&gt;&lt;img src=x onerror=y&gt;");
        check("invoice\u{202e}fdp.exe", "invoice[U+202E]fdp.exe");
        check("a\u{0}b\u{1b}[31m", "a[U+0000]b[U+001B][31m");
        check("&amp;", "&amp;amp;");
        check("une idée", "une idée");
        check(&"x".repeat(TEXT_CHARS_MAX), &"x".repeat(TEXT_CHARS_MAX));
        check(&"x".repeat(TEXT_CHARS_MAX + 1), &format!("{}…", "x".repeat(TEXT_CHARS_MAX)));
    }
}
