//! The report as one HTML file.

use vigie_model::{Severity, Timestamp, Tlp};

use crate::chart;
use crate::count::figures;
use crate::figures::{Stage, WeeklyFigures};
use crate::incident_page;
use crate::input::WeeklyInput;
use crate::markup::Markup;
use crate::sections;
use crate::words;

/// Returns the weekly report as one HTML file that needs nothing else: no script, no request, style and charts inside.
pub fn weekly_html(input: &WeeklyInput) -> String {
    let figures = figures(input);
    let mut page = Markup::default();
    head(&mut page, input);
    cover(&mut page, input, &figures);
    sections::recommendations(&mut page, &figures);
    sections::week(&mut page, &figures);
    sections::alerts(&mut page, &figures);
    incident_page::incidents(&mut page, input, &figures);
    sections::response(&mut page, input, &figures);
    sections::attack(&mut page, &figures);
    sections::appendix(&mut page);
    page.raw("</main></body></html>\n");
    page.into_text()
}

fn head(page: &mut Markup, input: &WeeklyInput) {
    page.raw("<!doctype html>\n<html lang=\"").raw(words::LANGUAGE).raw("\"><head><meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ");
    page.raw("base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.text(&input.title).text(" · ").text(&input.tenant_name).raw("</title>\n<style>\n");
    page.raw(include_str!("page.css")).raw("</style></head><body><main>\n");
}

fn cover(page: &mut Markup, input: &WeeklyInput, figures: &WeeklyFigures) {
    page.raw("<header class=\"cover\"><div class=\"band\">").raw(LOGO);
    page.element("<span class=\"brand\">", words::BRAND, "</span>");
    let (mark, meaning) = words::tlp(strictest(input));
    page.element("<span class=\"mark\">", mark, "</span></div>\n");
    page.element("<p class=\"kind\">", words::KIND_OF_REPORT, "</p>");
    page.raw("<h1>").value(&input.title).raw("</h1>\n<dl class=\"facts\">");
    fact(page, words::PREPARED_FOR, &input.tenant_name);
    // The end is not in the period: the last day is that of the moment before.
    let last = Timestamp::from_micros(input.to.as_micros() - 1);
    fact(page, words::PERIOD, &format!("{} to {}", words::long_day(input.from), words::long_day(last)));
    fact(page, words::MADE, &words::long_moment(input.generated));
    fact(page, words::HANDLING, &format!("{mark}: {meaning}"));
    page.raw("</dl></header>\n<section class=\"first\">");
    page.element("<h2>", words::SUMMARY, "</h2>\n<div class=\"summary\">");
    for sentence in words::week_in_words(figures) {
        page.raw("<p>").value(&sentence).raw("</p>\n");
    }
    page.raw("</div>\n");
    tiles(page, figures);
    page.figure(words::ALERTS_PER_DAY, chart::alerts_per_day(&figures.per_day));
    page.raw("</section>\n");
}

fn fact(page: &mut Markup, name: &str, value: &str) {
    page.element("<div><dt>", name, "</dt><dd>").value(value).raw("</dd></div>");
}

/// The strictest mark of anything that is in the report counts for the whole.
fn strictest(input: &WeeklyInput) -> Tlp {
    let of_cases = input.cases.iter().map(|file| file.case.tlp);
    let of_observables = input.cases.iter().flat_map(|file| file.observables.iter().map(|observable| observable.tlp));
    let of_alerts = input.alerts.iter().map(|alert| alert.tlp);
    of_cases.chain(of_observables).chain(of_alerts).max().unwrap_or_default()
}

fn tiles(page: &mut Markup, figures: &WeeklyFigures) {
    let change = |index: usize| figures.trend.get(index).map(|row| words::change(*row));
    let severe = figures.by_severity.iter().filter(|count| count.severity >= Severity::High);
    let open = figures.incidents.iter().filter(|incident| incident.stage != Stage::Closed).count() as u64;
    let respond = figures.times.respond.mean_s.map_or_else(|| words::NOT_ENOUGH.to_owned(), words::duration);
    page.raw("<div class=\"tiles\">");
    tile(page, words::EVENTS_READ, &words::number(figures.events), change(0));
    tile(page, words::ALERTS_RAISED, &words::number(figures.alerts), change(1));
    tile(page, words::CRITICAL_AND_HIGH, &words::number(severe.map(|count| count.alerts).sum()), change(2));
    tile(page, words::OPEN_INCIDENTS, &words::number(open), None);
    tile(page, words::ACTIONS_DONE, &words::number(figures.actions_done), change(4));
    tile(page, words::TIME_TO_RESPOND, &respond, None);
    page.raw("</div>\n");
}

fn tile(page: &mut Markup, name: &str, value: &str, change: Option<String>) {
    // Words take more room than numbers.
    let open = if value.len() > 12 { "<b class=\"long\">" } else { "<b>" };
    page.raw("<div class=\"tile\">").element("<span>", name, "</span>").element(open, value, "</b>");
    if let Some(change) = change {
        page.raw("<small>").text(&change).text(" ").text(words::AGAINST_LAST_WEEK_SHORT).raw("</small>");
    }
    page.raw("</div>");
}

/// A lookout's light over the sea.
const LOGO: &str = "<svg class=\"logo\" viewBox=\"0 0 24 24\" width=\"26\" height=\"26\" aria-hidden=\"true\">\
<path d=\"M12 3 8 21h8z\" fill=\"#fff\"/><path d=\"M12 5 1 2v6zM12 5l11-3v6z\" fill=\"#e69f00\"/></svg>";
