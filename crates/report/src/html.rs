//! A report as one HTML file.

use vigie_model::{Severity, TimelineKind};

use crate::chart;
use crate::document::{Block, Cell, Document, Entry, Fact, Headline, Table, TacticBox, Tile};
use crate::figures::Stage;
use crate::markup::Markup;
use crate::words::{BRAND, Words, tlp_mark};

/// Returns the report as one HTML file that needs nothing else: no script, no request, style and charts inside.
pub(crate) fn set(document: &Document) -> String {
    let words = document.words();
    let mut page = Markup::default();
    head(&mut page, document);
    cover(&mut page, document);
    page.raw("<section class=\"first\">").element("<h2>", words.summary, "</h2>\n<div class=\"summary\">");
    for sentence in &document.summary {
        page.raw("<p>").value(sentence).raw("</p>\n");
    }
    page.raw("</div>\n<div class=\"tiles\">");
    for one in &document.tiles {
        tile(&mut page, one);
    }
    page.raw("</div>\n");
    let mut setter = Setter { page, words, in_section: false, in_incident: false };
    setter.blocks(&document.first);
    setter.page.raw("</section>\n");
    setter.blocks(&document.blocks);
    setter.end_section();
    setter.page.raw("</main></body></html>\n");
    setter.page.into_text()
}

fn head(page: &mut Markup, document: &Document) {
    page.raw("<!DOCTYPE html>\n<html lang=\"").raw(document.language.as_str());
    page.raw("\"><head><meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ");
    page.raw("img-src data:; base-uri 'none'; form-action 'none'\">\n");
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.text(&document.title).text(" · ").text(&document.tenant_name).raw("</title>\n");
    page.style(document.style.accent).raw("</head><body><main>\n");
}

fn cover(page: &mut Markup, document: &Document) {
    page.raw("<header class=\"cover\"><div class=\"band\">");
    match &document.style.logo {
        Some(logo) => page.logo(logo),
        None => page.raw(LOGO),
    };
    page.raw("<span class=\"brand\">").value(document.style.brand.as_deref().unwrap_or(BRAND)).raw("</span>");
    page.element("<span class=\"mark\">", tlp_mark(document.tlp), "</span></div>\n");
    page.element("<p class=\"kind\">", document.kind, "</p>");
    page.raw("<h1>").value(&document.title).raw("</h1>\n");
    facts(page, &document.facts);
    page.raw("</header>\n");
}

fn facts(page: &mut Markup, facts: &[Fact]) {
    page.raw("<dl class=\"facts\">");
    for (name, value) in facts {
        page.element("<div><dt>", name, "</dt><dd>").value(value).raw("</dd></div>");
    }
    page.raw("</dl>\n");
}

fn tile(page: &mut Markup, tile: &Tile) {
    // Words take more room than numbers.
    let open = if tile.value.chars().count() > 12 { "<b class=\"long\">" } else { "<b>" };
    page.raw("<div class=\"tile\">").element("<span>", tile.name, "</span>").element(open, &tile.value, "</b>");
    if let Some(change) = &tile.change {
        page.element("<small>", change, "</small>");
    }
    page.raw("</div>");
}

/// Adds a severity as a coloured word.
fn badge(page: &mut Markup, words: &Words, severity: Severity) {
    let open = match severity {
        Severity::Informational => "<span class=\"badge s0\">",
        Severity::Low => "<span class=\"badge s1\">",
        Severity::Medium => "<span class=\"badge s2\">",
        Severity::High => "<span class=\"badge s3\">",
        Severity::Critical => "<span class=\"badge s4\">",
    };
    page.element(open, (words.severity_name)(severity), "</span>");
}

struct Setter {
    page: Markup,
    words: &'static Words,
    in_section: bool,
    in_incident: bool,
}

impl Setter {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn end_section(&mut self) {
        if self.in_section {
            self.page.raw("</section>\n");
        }
        self.in_section = false;
    }

    fn block(&mut self, block: &Block) {
        let page = &mut self.page;
        match block {
            Block::Section(title) => {
                self.end_section();
                self.in_section = true;
                let is_incidents = *title == self.words.incidents;
                self.page.raw(if is_incidents { "<section class=\"incidents\">" } else { "<section>" });
                self.page.element("<h2>", title, "</h2>\n");
            }
            Block::Heading(title) => {
                page.raw("<h3>").text(title).raw("</h3>\n");
            }
            // Of an incident among others; alone it is a level higher.
            Block::SmallHeading(title) if self.in_incident => {
                page.element("<h4>", title, "</h4>\n");
            }
            Block::SmallHeading(title) => {
                page.element("<h3>", title, "</h3>\n");
            }
            Block::Text(text) => {
                page.raw("<p>").value(text).raw("</p>\n");
            }
            Block::Quiet(text) => {
                page.element("<p class=\"quiet\">", text, "</p>\n");
            }
            Block::Lead(lead, text) => {
                page.element("<p><b>", lead, ".</b> ").value(text).raw("</p>\n");
            }
            Block::Figure(caption, drawing) => {
                page.figure(caption, drawing);
            }
            Block::Pair(left, right) => {
                page.raw("<div class=\"pair\"><div>");
                self.blocks(left);
                self.page.raw("</div><div>");
                self.blocks(right);
                self.page.raw("</div></div>\n");
            }
            Block::Table(table) => self.table(table),
            Block::Advice(advice) => self.advice(advice),
            Block::Counts(counts) => {
                page.raw("<p class=\"counts\">");
                for (number, name) in counts {
                    page.element("<span><b>", number, "</b> ").text(name).raw("</span> ");
                }
                page.raw("</p>\n");
            }
            Block::Incident(headline, blocks) => self.incident(headline, blocks),
            Block::Timeline(entries) => timeline(page, self.words, entries),
            Block::States(states) => {
                page.raw("<ul class=\"tasks\">");
                for (state, text) in states {
                    page.element("<li><span class=\"who\">", state, "</span><span>").value(text).raw("</span></li>\n");
                }
                page.raw("</ul>\n");
            }
            Block::Tactics(boxes) => tactics(page, boxes),
            Block::Terms(terms) => {
                page.raw("<dl class=\"method\">");
                for (term, meaning) in *terms {
                    page.element("<dt>", term, "</dt>").element("<dd>", meaning, "</dd>\n");
                }
                page.raw("</dl>");
            }
        }
    }

    fn advice(&mut self, advice: &[crate::advice::Advice]) {
        self.page.raw("<ol class=\"advice\">\n");
        for one in advice {
            self.page.raw("<li><h3>").text(&one.title).raw(" ");
            badge(&mut self.page, self.words, one.severity);
            self.page.element("</h3><p>", &one.text, "</p>");
            self.page.element("<p class=\"because\"><b>", self.words.because, "</b> ");
            self.page.value(&one.because.join("; ")).raw("</p></li>\n");
        }
        self.page.raw("</ol>\n");
    }

    fn incident(&mut self, headline: &Headline, blocks: &[Block]) {
        let page = &mut self.page;
        page.raw("<article class=\"incident\"><div class=\"title\"><h3>");
        page.text(&format!("#{} ", headline.number)).value(&headline.title).raw("</h3>");
        badge(page, self.words, headline.severity);
        let open = match headline.stage {
            Stage::Open => "<span class=\"stage open\">",
            Stage::Contained => "<span class=\"stage contained\">",
            Stage::Closed => "<span class=\"stage closed\">",
        };
        page.element(open, (self.words.stage_name)(headline.stage), "</span></div>\n");
        facts(page, &headline.facts);
        self.in_incident = true;
        self.blocks(blocks);
        self.in_incident = false;
        self.page.raw("</article>\n");
    }

    fn table(&mut self, table: &Table) {
        let page = &mut self.page;
        page.raw("<table><thead><tr>");
        for column in &table.columns {
            let open = if column.is_number { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" };
            page.element(open, column.head, "</th>");
        }
        page.raw("</tr></thead><tbody>\n");
        for row in &table.rows {
            self.page.raw("<tr>");
            for cell in row {
                self.cell(cell);
            }
            self.page.raw("</tr>\n");
        }
        self.page.raw("</tbody></table>\n");
        if table.left_out > 0 {
            let words = (self.words.more_left_out)(table.left_out as u64);
            self.page.element("<p class=\"quiet\">", &words, "</p>\n");
        }
    }

    fn cell(&mut self, cell: &Cell) {
        let page = &mut self.page;
        match cell {
            Cell::Word(word) => page.element("<td>", word, "</td>"),
            Cell::Part(word) => page.element("<td class=\"part\">", word, "</td>"),
            Cell::Value(value) => page.raw("<td>").value(value).raw("</td>"),
            Cell::Code(value) => page.raw("<td><code>").value(value).raw("</code></td>"),
            Cell::Time(time) => page.element("<td class=\"time\">", time, "</td>"),
            Cell::Number(number) => page.element("<td class=\"n\">", number, "</td>"),
            Cell::Strong(number) => page.element("<td class=\"n\"><b>", number, "</b></td>"),
            Cell::Nothing(words) => page.element("<td class=\"n quiet\">", words, "</td>"),
            Cell::Severity(severity) => {
                page.raw("<td>");
                badge(page, self.words, *severity);
                page.raw("</td>")
            }
            Cell::Bar(part, highest, severity) => {
                page.raw("<td class=\"bar\">").drawing(&chart::bar(*part, *highest, *severity)).raw("</td>")
            }
            Cell::Note(note, by) => {
                page.raw("<td>").value(note).raw(" <span class=\"quiet\">\u{2013} ").value(by).raw("</span></td>")
            }
            Cell::Known(is_malicious, known) => {
                page.raw("<td>");
                if *is_malicious {
                    page.element("<span class=\"ioc\">", self.words.malicious_short, "</span> ");
                }
                page.value(known).raw("</td>")
            }
        };
    }
}

fn timeline(page: &mut Markup, words: &Words, entries: &[Entry]) {
    page.raw("<ol class=\"timeline\">\n");
    for entry in entries {
        page.raw(match entry.kind {
            TimelineKind::Attack => "<li class=\"attack\">",
            TimelineKind::Alert => "<li class=\"alert\">",
            TimelineKind::Action => "<li class=\"action\">",
            TimelineKind::Case => "<li class=\"case\">",
            TimelineKind::Note => "<li class=\"note\">",
        });
        page.element("<span class=\"when\">", &entry.time, "</span>");
        page.element("<span class=\"who\">", (words.timeline_kind)(entry.kind), "</span><span>").value(&entry.text);
        page.raw("</span></li>\n");
    }
    page.raw("</ol>\n");
}

fn tactics(page: &mut Markup, boxes: &[TacticBox]) {
    page.raw("<div class=\"chain\">");
    for one in boxes {
        page.raw(match one.seen.as_ref().map(|(_, severity)| severity) {
            None => "<div class=\"tactic\">",
            Some(Severity::Informational) => "<div class=\"tactic seen s0\">",
            Some(Severity::Low) => "<div class=\"tactic seen s1\">",
            Some(Severity::Medium) => "<div class=\"tactic seen s2\">",
            Some(Severity::High) => "<div class=\"tactic seen s3\">",
            Some(Severity::Critical) => "<div class=\"tactic seen s4\">",
        });
        page.element("<b>", one.seen.as_ref().map_or("\u{2013}", |(count, _)| count), "</b>");
        page.element("<span>", one.name, "</span></div>");
    }
    page.raw("</div>\n");
}

/// A lookout's light over the sea.
const LOGO: &str = "<svg class=\"logo\" viewBox=\"0 0 24 24\" width=\"26\" height=\"26\" aria-hidden=\"true\">\
<path d=\"M12 3 8 21h8z\" fill=\"#fff\"/><path d=\"M12 5 1 2v6zM12 5l11-3v6z\" fill=\"#e69f00\"/></svg>";
