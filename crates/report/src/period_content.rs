//! What a report over a period says.

use vigie_model::{AlertStatus, Severity, Timestamp, Tlp, Verdict};

use crate::chart;
use crate::count::{all_actions, figures, in_order};
use crate::document::{Block, Cell, Document, Table, Tile, numbers, texts};
use crate::figures::{PeriodFigures, Span, Times};
use crate::input::PeriodInput;
use crate::parts::{actions_table, attack, incident};
use crate::words::{Words, percent_of, tlp_mark, words_of};

/// How many rules the table names.
const RULES_MAX: usize = 25;
/// How many sources the table names.
const SOURCES_MAX: usize = 15;
/// How many actions the table names.
const ACTIONS_MAX: usize = 60;
/// How many incidents are told in full; the others are one line each.
const INCIDENTS_MAX: usize = 15;

/// Returns what the report of a period says.
pub(crate) fn content(input: &PeriodInput) -> Document {
    let words = words_of(input.language);
    let period = words.period(input.kind);
    let figures = figures(input);
    let mut blocks = Vec::new();
    recommendations(&mut blocks, words, &figures);
    in_figures(&mut blocks, words, &figures);
    alerts(&mut blocks, words, &figures);
    incidents(&mut blocks, words, input, &figures);
    response(&mut blocks, words, input, &figures);
    attack(&mut blocks, words, &figures.tactics, &figures.techniques);
    appendix(&mut blocks, words);
    let tlp = strictest(input);
    Document {
        language: input.language,
        style: input.style.clone(),
        generated: input.generated,
        tlp,
        kind: period.report,
        title: input.title.clone().unwrap_or_else(|| period.report.to_owned()),
        tenant_name: input.tenant_name.clone(),
        facts: cover(words, &input.tenant_name, Some((input.from, input.to)), input.generated, tlp),
        summary: (words.period_sentences)(&figures),
        tiles: tiles(words, &figures),
        first: vec![Block::Figure(words.alerts_per_day, chart::alerts_per_day(&figures.per_day, words))],
        blocks,
    }
}

/// Returns what stands below the title of every report.
pub(crate) fn cover(
    words: &'static Words,
    tenant_name: &str,
    span: Option<(Timestamp, Timestamp)>,
    generated: Timestamp,
    tlp: Tlp,
) -> Vec<(&'static str, String)> {
    let mut facts = vec![(words.prepared_for, tenant_name.to_owned())];
    facts.extend(span.map(|(from, to)| (words.period_named, words.days_of(from, to))));
    facts.push((words.made, words.long_moment(generated)));
    facts.push((words.handling, format!("{}, {}", tlp_mark(tlp), (words.tlp_meaning)(tlp))));
    facts
}

/// The strictest mark of anything that is in the report counts for the whole.
fn strictest(input: &PeriodInput) -> Tlp {
    let of_cases = input.cases.iter().map(|file| file.case.tlp);
    let of_observables = input.cases.iter().flat_map(|file| file.observables.iter().map(|observable| observable.tlp));
    let of_alerts = input.alerts.iter().map(|alert| alert.tlp);
    of_cases.chain(of_observables).chain(of_alerts).max().unwrap_or_default()
}

fn tiles(words: &'static Words, figures: &PeriodFigures) -> Vec<Tile> {
    let against = words.period(figures.kind).against_short;
    let change = |index: usize| figures.trend.get(index).map(|row| format!("{} {against}", words.change_of(*row)));
    let severe = figures.of_severity(Severity::Critical) + figures.of_severity(Severity::High);
    let respond = figures.times.respond.mean_s.map_or_else(|| words.not_enough.to_owned(), |mean| words.duration(mean));
    let tile = |name, value, change| Tile { name, value, change };
    vec![
        tile(words.events_read, words.number(figures.events), change(0)),
        tile(words.alerts_raised, words.number(figures.alerts), change(1)),
        tile(words.critical_and_high, words.number(severe), change(2)),
        tile(words.open_incidents, words.number(figures.open_incidents()), None),
        tile(words.actions_done, words.number(figures.actions_done), change(4)),
        tile(words.time_to_respond, respond, None),
    ]
}

fn recommendations(blocks: &mut Vec<Block>, words: &'static Words, figures: &PeriodFigures) {
    let period = words.period(figures.kind);
    blocks.push(Block::Section(words.recommendations));
    if figures.advice.is_empty() {
        blocks.push(Block::Text(period.no_advice.to_owned()));
        return;
    }
    blocks.push(Block::Quiet(period.lead.to_owned()));
    blocks.push(Block::Advice(figures.advice.clone()));
}

fn in_figures(blocks: &mut Vec<Block>, words: &'static Words, figures: &PeriodFigures) {
    blocks.push(Block::Section(words.period(figures.kind).in_figures));
    blocks.push(Block::Figure(words.events_per_day, chart::events_per_day(&figures.per_day, words)));
    blocks.push(Block::Pair(trend(words, figures), sources(words, figures)));
    blocks.push(Block::Heading(words.mean_times.to_owned()));
    blocks.push(Block::Table(times_table(words, figures.times)));
}

fn trend(words: &'static Words, figures: &PeriodFigures) -> Vec<Block> {
    let period = words.period(figures.kind);
    let heading = Block::Heading(period.against.to_owned());
    if figures.trend.is_empty() {
        return vec![heading, Block::Text(period.no_previous.to_owned())];
    }
    let columns =
        vec![texts("", 1.7), numbers(period.this, 1.0), numbers(period.before, 1.15), numbers(words.change, 1.1)];
    let table = Table::of(columns, figures.trend.iter(), usize::MAX, |row| {
        vec![
            Cell::Word(words.measure_name(row.measure)),
            Cell::Number(words.number(row.now)),
            Cell::Number(words.number(row.before)),
            Cell::Number(words.change_of(*row)),
        ]
    });
    vec![heading, Block::Table(table)]
}

fn sources(words: &'static Words, figures: &PeriodFigures) -> Vec<Block> {
    let heading = Block::Heading(words.sources.to_owned());
    if figures.sources.is_empty() {
        return vec![heading, Block::Text(words.none.to_owned())];
    }
    let total: u64 = figures.sources.iter().map(|source| source.events).sum();
    let columns = vec![texts(words.source, 2.0), numbers(words.events, 1.2), numbers(words.share, 0.8)];
    let table = Table::of(columns, figures.sources.iter(), SOURCES_MAX, |source| {
        vec![
            Cell::Code(source.source.to_string()),
            Cell::Number(words.number(source.events)),
            Cell::Number(percent_of(source.events, total)),
        ]
    });
    vec![heading, Block::Table(table)]
}

/// Returns the table of mean times.
pub(crate) fn times_table(words: &'static Words, times: Times) -> Table {
    let columns = vec![
        texts("", 3.4),
        numbers(words.mean, 1.2),
        numbers(words.median, 1.2),
        numbers(words.longest, 1.2),
        numbers(words.alerts, 0.8),
    ];
    let rows = [
        (words.detect, times.detect),
        (words.acknowledge, times.acknowledge),
        (words.respond, times.respond),
        (words.close, times.close),
    ];
    Table::of(columns, rows.into_iter(), usize::MAX, |(name, span)| {
        let mut cells = vec![Cell::Word(name)];
        cells.extend(span_cells(words, span));
        cells
    })
}

fn span_cells(words: &'static Words, span: Span) -> [Cell; 4] {
    let (Some(mean), Some(median), Some(longest)) = (span.mean_s, span.median_s, span.longest_s) else {
        return [Cell::Nothing(words.not_enough), Cell::Word(""), Cell::Word(""), Cell::Number(words.number(0))];
    };
    let length = |seconds| Cell::Number(words.duration(seconds));
    [Cell::Strong(words.duration(mean)), length(median), length(longest), Cell::Number(words.number(span.alerts))]
}

fn alerts(blocks: &mut Vec<Block>, words: &'static Words, figures: &PeriodFigures) {
    blocks.push(Block::Section(words.alerts));
    if figures.alerts == 0 {
        blocks.push(Block::Text(words.no_alerts.to_owned()));
        return;
    }
    let chart = Block::Figure(words.by_severity, chart::by_severity(&figures.by_severity, words));
    let states = figures.alert_states;
    let rows = [
        (Cell::Word((words.alert_status)(AlertStatus::New)), states.new),
        (Cell::Word((words.alert_status)(AlertStatus::InProgress)), states.in_progress),
        (Cell::Word((words.alert_status)(AlertStatus::Closed)), states.closed),
        (Cell::Part((words.verdict)(Verdict::TruePositive)), states.true_positive),
        (Cell::Part((words.verdict)(Verdict::FalsePositive)), states.false_positive),
        (Cell::Part((words.verdict)(Verdict::Benign)), states.benign),
    ];
    let columns = vec![texts(words.state, 2.2), numbers(words.alerts, 1.0), numbers(words.share, 0.9)];
    let table = Table::of(columns, rows.into_iter(), usize::MAX, |(name, count)| {
        vec![name, Cell::Number(words.number(count)), Cell::Number(percent_of(count, figures.alerts))]
    });
    let states = vec![Block::Heading(words.states.to_owned()), Block::Table(table)];
    blocks.push(Block::Pair(vec![chart], states));
    by_rule(blocks, words, figures);
}

fn by_rule(blocks: &mut Vec<Block>, words: &'static Words, figures: &PeriodFigures) {
    let highest = figures.by_rule.iter().map(|rule| rule.alerts).max().unwrap_or(1);
    let columns = vec![
        texts(words.rule, 3.2),
        texts(words.severity, 1.2),
        numbers(words.alerts, 0.8),
        texts("", 1.5),
        numbers(words.findings, 1.1),
    ];
    blocks.push(Block::Heading(words.by_rule.to_owned()));
    blocks.push(Block::Table(Table::of(columns, figures.by_rule.iter(), RULES_MAX, |rule| {
        vec![
            Cell::Value(rule.title.clone()),
            Cell::Severity(rule.severity),
            Cell::Number(words.number(rule.alerts)),
            Cell::Bar(rule.alerts, highest, rule.severity),
            Cell::Number(words.number(rule.findings)),
        ]
    })));
}

fn incidents(blocks: &mut Vec<Block>, words: &'static Words, input: &PeriodInput, figures: &PeriodFigures) {
    blocks.push(Block::Section(words.incidents));
    if input.cases.is_empty() {
        blocks.push(Block::Text(words.no_cases.to_owned()));
    }
    for (index, (file, numbers)) in in_order(&input.cases).into_iter().zip(&figures.incidents).enumerate() {
        blocks.push(if index < INCIDENTS_MAX {
            incident(words, file, numbers)
        } else {
            Block::Text((words.incident_sentence)(numbers))
        });
    }
}

fn response(blocks: &mut Vec<Block>, words: &'static Words, input: &PeriodInput, figures: &PeriodFigures) {
    blocks.push(Block::Section(words.response));
    if figures.actions.is_empty() {
        blocks.push(Block::Text(words.no_actions.to_owned()));
        return;
    }
    let counts = figures.actions.iter().map(|count| (words.number(count.actions), (words.action_status)(count.status)));
    blocks.push(Block::Counts(counts.collect()));
    blocks.push(Block::Table(actions_table(words, &all_actions(input), ACTIONS_MAX)));
}

/// Says how the figures are computed.
pub(crate) fn appendix(blocks: &mut Vec<Block>, words: &'static Words) {
    blocks.push(Block::Section(words.appendix));
    blocks.push(Block::Terms(&words.method));
    blocks.push(Block::Quiet(words.all_times_utc.to_owned()));
}
