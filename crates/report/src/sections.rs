//! The sections of the report but for the incidents.

use vigie_model::{Action, AlertStatus, Severity, Verdict};

use crate::chart;
use crate::count::all_actions;
use crate::figures::{Span, WeeklyFigures};
use crate::input::WeeklyInput;
use crate::markup::Markup;
use crate::words;

/// How many rules the table names.
const RULES_MAX: usize = 25;
/// How many sources the table names.
const SOURCES_MAX: usize = 15;
/// How many actions the table names.
const ACTIONS_MAX: usize = 60;
/// How many techniques the table names.
const TECHNIQUES_MAX: usize = 20;

/// Opens a section.
fn section(page: &mut Markup, title: &str) {
    page.element("<section><h2>", title, "</h2>\n");
}

/// Adds a severity as a coloured word.
pub(crate) fn badge(page: &mut Markup, severity: Severity) {
    let open = match severity {
        Severity::Informational => "<span class=\"badge s0\">",
        Severity::Low => "<span class=\"badge s1\">",
        Severity::Medium => "<span class=\"badge s2\">",
        Severity::High => "<span class=\"badge s3\">",
        Severity::Critical => "<span class=\"badge s4\">",
    };
    page.element(open, words::severity(severity), "</span>");
}

/// Says how many rows of a table were left out.
pub(crate) fn left_out(page: &mut Markup, count: usize) {
    if count > 0 {
        page.element("<p class=\"quiet\">", &words::more_left_out(count), "</p>\n");
    }
}

fn number_cell(page: &mut Markup, number: u64) {
    page.element("<td class=\"n\">", &words::number(number), "</td>");
}

pub(crate) fn recommendations(page: &mut Markup, figures: &WeeklyFigures) {
    section(page, words::RECOMMENDATIONS);
    if figures.advice.is_empty() {
        page.element("<p>", words::NO_ADVICE, "</p></section>\n");
        return;
    }
    page.element("<p class=\"quiet\">", words::recommendations_lead(), "</p><ol class=\"advice\">\n");
    for advice in &figures.advice {
        page.raw("<li><h3>").text(&advice.title).raw(" ");
        badge(page, advice.severity);
        page.element("</h3><p>", &advice.text, "</p>");
        page.element("<p class=\"because\"><b>", words::BECAUSE, "</b> ")
            .value(&advice.because.join("; "))
            .raw("</p></li>\n");
    }
    page.raw("</ol></section>\n");
}

pub(crate) fn week(page: &mut Markup, figures: &WeeklyFigures) {
    section(page, words::WEEK);
    page.figure(words::EVENTS_PER_DAY, chart::events_per_day(&figures.per_day));
    page.raw("<div class=\"pair\"><div>");
    trend(page, figures);
    page.raw("</div><div>");
    sources(page, figures);
    page.raw("</div></div>\n<div class=\"keep\">");
    times(page, figures);
    page.raw("</div></section>\n");
}

fn trend(page: &mut Markup, figures: &WeeklyFigures) {
    page.element("<h3>", words::AGAINST_LAST_WEEK, "</h3>\n");
    if figures.trend.is_empty() {
        page.element("<p>", words::NO_PREVIOUS, "</p>");
        return;
    }
    page.table("numbers", &["", words::THIS_WEEK, words::WEEK_BEFORE, words::CHANGE]);
    for row in &figures.trend {
        page.element("<tr><td>", words::measure(row.measure), "</td>");
        number_cell(page, row.now);
        number_cell(page, row.before);
        page.element("<td class=\"n\">", &words::change(*row), "</td></tr>\n");
    }
    page.end_table();
}

fn sources(page: &mut Markup, figures: &WeeklyFigures) {
    page.element("<h3>", words::SOURCES, "</h3>\n");
    if figures.sources.is_empty() {
        page.element("<p>", words::NONE, "</p>");
        return;
    }
    let total: u64 = figures.sources.iter().map(|source| source.events).sum();
    page.table("numbers", &[words::SOURCE, words::EVENTS, words::SHARE]);
    for source in figures.sources.iter().take(SOURCES_MAX) {
        page.element("<tr><td><code>", source.source.as_str(), "</code></td>");
        number_cell(page, source.events);
        page.element("<td class=\"n\">", &words::percent_of(source.events, total), "</td></tr>\n");
    }
    page.end_table();
    left_out(page, figures.sources.len().saturating_sub(SOURCES_MAX));
}

fn times(page: &mut Markup, figures: &WeeklyFigures) {
    page.element("<h3>", words::MEAN_TIMES, "</h3>\n");
    page.table("numbers", &["", words::MEAN, words::MEDIAN, words::LONGEST, words::ALERTS]);
    let times = figures.times;
    let rows = [
        (words::DETECT, times.detect),
        (words::ACKNOWLEDGE, times.acknowledge),
        (words::RESPOND, times.respond),
        (words::CLOSE, times.close),
    ];
    for (name, span) in rows {
        page.element("<tr><td>", name, "</td>");
        span_cells(page, span);
        page.raw("</tr>\n");
    }
    page.end_table();
}

fn span_cells(page: &mut Markup, span: Span) {
    let (Some(mean), Some(median), Some(longest)) = (span.mean_s, span.median_s, span.longest_s) else {
        page.element("<td class=\"n quiet\" colspan=\"3\">", words::NOT_ENOUGH, "</td>");
        number_cell(page, 0);
        return;
    };
    page.element("<td class=\"n\"><b>", &words::duration(mean), "</b></td>");
    for seconds in [median, longest] {
        page.element("<td class=\"n\">", &words::duration(seconds), "</td>");
    }
    number_cell(page, span.alerts);
}

pub(crate) fn alerts(page: &mut Markup, figures: &WeeklyFigures) {
    section(page, words::ALERTS);
    if figures.alerts == 0 {
        page.element("<p>", words::no_alerts(), "</p></section>\n");
        return;
    }
    page.raw("<div class=\"pair\"><div>").figure(words::BY_SEVERITY, chart::by_severity(&figures.by_severity));
    page.element("</div><div><h3>", words::STATES, "</h3>\n")
        .table("numbers", &[words::STATE, words::ALERTS, words::SHARE]);
    let states = figures.alert_states;
    let rows = [
        (words::alert_status(AlertStatus::New), states.new, false),
        (words::alert_status(AlertStatus::InProgress), states.in_progress, false),
        (words::alert_status(AlertStatus::Closed), states.closed, false),
        (words::verdict(Verdict::TruePositive), states.true_positive, true),
        (words::verdict(Verdict::FalsePositive), states.false_positive, true),
        (words::verdict(Verdict::Benign), states.benign, true),
    ];
    for (name, count, is_part) in rows {
        page.element(if is_part { "<tr><td class=\"part\">" } else { "<tr><td>" }, name, "</td>");
        number_cell(page, count);
        page.element("<td class=\"n\">", &words::percent_of(count, figures.alerts), "</td></tr>\n");
    }
    page.end_table().raw("</div></div>\n");
    by_rule(page, figures);
    page.raw("</section>\n");
}

fn by_rule(page: &mut Markup, figures: &WeeklyFigures) {
    page.element("<h3>", words::BY_RULE, "</h3>\n");
    page.table("numbers rules", &[words::RULE, words::SEVERITY, words::ALERTS, "", words::FINDINGS]);
    let highest = figures.by_rule.iter().map(|rule| rule.alerts).max().unwrap_or(1);
    for rule in figures.by_rule.iter().take(RULES_MAX) {
        page.raw("<tr><td>").value(&rule.title).raw("</td><td>");
        badge(page, rule.severity);
        page.raw("</td>");
        number_cell(page, rule.alerts);
        page.raw("<td class=\"bar\">").drawing(chart::bar(rule.alerts, highest, rule.severity)).raw("</td>");
        number_cell(page, rule.findings);
        page.raw("</tr>\n");
    }
    page.end_table();
    left_out(page, figures.by_rule.len().saturating_sub(RULES_MAX));
}

pub(crate) fn response(page: &mut Markup, input: &WeeklyInput, figures: &WeeklyFigures) {
    section(page, words::RESPONSE);
    if figures.actions.is_empty() {
        page.element("<p>", words::NO_ACTIONS, "</p></section>\n");
        return;
    }
    page.raw("<p class=\"counts\">");
    for count in &figures.actions {
        page.element("<span><b>", &words::number(count.actions), "</b> ");
        page.text(words::action_status(count.status)).raw("</span> ");
    }
    page.raw("</p>\n");
    let actions = all_actions(input);
    actions_table(page, &actions, ACTIONS_MAX);
    page.raw("</section>\n");
}

/// Adds a table of actions with their last notes.
pub(crate) fn actions_table(page: &mut Markup, actions: &[&Action], rows_max: usize) {
    page.table("", &[words::TIME, words::WHAT, words::STATE, words::NOTE]);
    for action in actions.iter().take(rows_max) {
        page.element("<tr><td class=\"time\">", &words::moment(action.created), "</td><td>").value(&action.summary);
        page.element("</td><td>", words::action_status(action.status), "</td><td>");
        if let Some(step) = action.steps.last() {
            page.value(&step.note).raw(" <span class=\"quiet\">\u{2013} ").value(&step.by).raw("</span>");
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    left_out(page, actions.len().saturating_sub(rows_max));
}

pub(crate) fn attack(page: &mut Markup, figures: &WeeklyFigures) {
    section(page, words::ATTACK);
    if figures.tactics.is_empty() && figures.techniques.is_empty() {
        page.element("<p>", words::NO_TECHNIQUES, "</p></section>\n");
        return;
    }
    page.element("<h3>", words::TACTICS_SEEN, "</h3>\n<div class=\"chain\">");
    for (name, title) in words::TACTICS {
        let count = figures.tactics.iter().find(|tactic| tactic.tactic == name);
        page.raw(match count.map(|count| count.severity) {
            None => "<div class=\"tactic\">",
            Some(Severity::Informational) => "<div class=\"tactic seen s0\">",
            Some(Severity::Low) => "<div class=\"tactic seen s1\">",
            Some(Severity::Medium) => "<div class=\"tactic seen s2\">",
            Some(Severity::High) => "<div class=\"tactic seen s3\">",
            Some(Severity::Critical) => "<div class=\"tactic seen s4\">",
        });
        page.element("<b>", &count.map_or_else(|| "\u{2013}".to_owned(), |count| words::number(count.alerts)), "</b>");
        page.element("<span>", title, "</span></div>");
    }
    page.raw("</div>\n");
    if !figures.techniques.is_empty() {
        page.element("<h3>", words::TECHNIQUES_SEEN, "</h3>\n");
        page.table("numbers rules", &[words::TECHNIQUE, words::NAME, words::ALERTS]);
        for count in figures.techniques.iter().take(TECHNIQUES_MAX) {
            page.raw("<tr><td><code>").value(&count.technique).raw("</code></td><td>");
            page.text(technique_name(&count.technique)).raw("</td>");
            number_cell(page, count.alerts);
            page.raw("</tr>\n");
        }
        page.end_table();
        left_out(page, figures.techniques.len().saturating_sub(TECHNIQUES_MAX));
    }
    page.raw("</section>\n");
}

fn technique_name(number: &str) -> &'static str {
    let named = |wanted: &str| words::TECHNIQUES.iter().find(|(number, _)| *number == wanted).map(|(_, name)| *name);
    let above = number.split('.').next().unwrap_or_default();
    named(number).or_else(|| named(above)).unwrap_or_default()
}

pub(crate) fn appendix(page: &mut Markup) {
    section(page, words::APPENDIX);
    page.raw("<dl class=\"method\">");
    for (term, meaning) in words::METHOD {
        page.element("<dt>", term, "</dt>").element("<dd>", meaning, "</dd>\n");
    }
    page.raw("</dl>").element("<p class=\"quiet\">", words::ALL_TIMES_UTC, "</p></section>\n");
}
