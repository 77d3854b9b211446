//! What the report of an incident says.

use vigie_model::Tlp;

use crate::document::{Block, Cell, Document, Table, Tile, numbers, texts};
use crate::incident_figures::{IncidentReportFigures, incident_figures};
use crate::input::IncidentInput;
use crate::parts::{actions, attack, headline, observables, resolution, timeline};
use crate::period_content::{appendix, cover, times_table};
use crate::words::{Words, words_of};

/// How many timeline entries the report shows.
const TIMELINE_MAX: usize = 300;
/// How many observables, entities, actions or tasks the report shows.
const ROWS_MAX: usize = 200;

/// Returns what the report of an incident says.
pub(crate) fn content(input: &IncidentInput) -> Document {
    let words = words_of(input.language);
    let figures = incident_figures(input);
    let tlp = strictest(input);
    let mut first = vec![Block::Incident(headline(words, &figures.incident), Vec::new())];
    if !input.file.case.description.trim().is_empty() {
        first.push(Block::Text(input.file.case.description.clone()));
    }
    resolution(&mut first, words, &input.file);
    Document {
        language: input.language,
        style: input.style.clone(),
        generated: input.generated,
        tlp,
        kind: words.incident_report,
        title: format!("#{} {}", figures.incident.number, figures.incident.title),
        tenant_name: input.tenant_name.clone(),
        facts: cover(words, &input.tenant_name, None, input.generated, tlp),
        summary: (words.incident_told)(&figures),
        tiles: tiles(words, &figures),
        first,
        blocks: blocks(words, input, &figures),
    }
}

fn blocks(words: &'static Words, input: &IncidentInput, figures: &IncidentReportFigures) -> Vec<Block> {
    let mut blocks = vec![Block::Section(words.lessons)];
    blocks.push(if figures.advice.is_empty() {
        Block::Text(words.no_lessons.to_owned())
    } else {
        Block::Advice(figures.advice.clone())
    });
    blocks.push(Block::Section(words.what_happened));
    timeline(&mut blocks, words, &input.file, TIMELINE_MAX);
    entities(&mut blocks, words, figures);
    observables(&mut blocks, words, &input.file, ROWS_MAX);
    blocks.push(Block::Section(words.response));
    if figures.actions.is_empty() {
        blocks.push(Block::Text(words.no_actions.to_owned()));
    }
    actions(&mut blocks, words, &input.file, ROWS_MAX);
    decisions(&mut blocks, words, input);
    tasks(&mut blocks, words, input);
    people(&mut blocks, words, figures);
    blocks.push(Block::Section(words.incident_figures));
    how_long(&mut blocks, words, figures);
    blocks.push(Block::Heading(words.mean_times.to_owned()));
    blocks.push(Block::Table(times_table(words, figures.alert_times)));
    attack(&mut blocks, words, &figures.tactics, &figures.techniques);
    appendix(&mut blocks, words);
    blocks
}

fn strictest(input: &IncidentInput) -> Tlp {
    let of_observables = input.file.observables.iter().map(|observable| observable.tlp);
    of_observables.chain(input.file.alerts.iter().map(|alert| alert.tlp)).fold(input.file.case.tlp, Tlp::max)
}

fn tiles(words: &'static Words, figures: &IncidentReportFigures) -> Vec<Tile> {
    let incident = &figures.incident;
    let tile = |name, value| Tile { name, value, change: None };
    let contained = figures.times.to_contained_s;
    let contained = contained.map_or_else(|| words.not_yet.to_owned(), |seconds| words.duration(seconds));
    let tasks = format!("{}\u{a0}/\u{a0}{}", words.number(incident.tasks_ended), words.number(incident.tasks));
    vec![
        tile(words.alerts, words.number(incident.alerts)),
        tile(words.observables, words.number(incident.observables)),
        tile(words.indicators, words.number(incident.indicators)),
        tile(words.actions_done, words.number(incident.actions_done)),
        tile(words.tasks, tasks),
        tile(words.time_to_contain, contained),
    ]
}

fn entities(blocks: &mut Vec<Block>, words: &'static Words, figures: &IncidentReportFigures) {
    if figures.entities.is_empty() {
        return;
    }
    blocks.push(Block::SmallHeading(words.entities));
    let columns =
        vec![texts(words.kind, 1.1), texts(words.value, 3.0), texts(words.role, 1.0), numbers(words.alerts, 0.8)];
    blocks.push(Block::Table(Table::of(columns, figures.entities.iter(), ROWS_MAX, |entity| {
        vec![
            Cell::Word((words.observable_kind)(entity.kind)),
            Cell::Code(entity.value.clone()),
            Cell::Word((words.role_name)(entity.role)),
            Cell::Number(words.number(entity.alerts)),
        ]
    })));
}

fn decisions(blocks: &mut Vec<Block>, words: &'static Words, input: &IncidentInput) {
    if input.decisions.is_empty() {
        return;
    }
    blocks.push(Block::SmallHeading(words.decisions));
    let columns = vec![
        texts(words.measure, 1.5),
        texts(words.target, 1.8),
        texts(words.state, 1.0),
        texts(words.since, 1.6),
        texts(words.until, 1.6),
    ];
    blocks.push(Block::Table(Table::of(columns, input.decisions.iter(), ROWS_MAX, |decision| {
        let target = decision.target.as_ref().map(|target| target.value.clone());
        let until = decision.expires.map(|expires| words.moment(expires));
        vec![
            Cell::Code(decision.kind.clone()),
            Cell::Code(target.unwrap_or_default()),
            Cell::Word((words.decision_state)(decision.state)),
            Cell::Time(words.moment(decision.since)),
            Cell::Time(until.unwrap_or_else(|| words.until_undone.to_owned())),
        ]
    })));
}

fn tasks(blocks: &mut Vec<Block>, words: &'static Words, input: &IncidentInput) {
    let mut tasks: Vec<_> = input.file.tasks.iter().collect();
    if tasks.is_empty() {
        return;
    }
    tasks.sort_by_key(|task| (task.position, task.id));
    blocks.push(Block::SmallHeading(words.tasks));
    let columns = vec![texts(words.state, 1.0), texts(words.task, 3.6), texts(words.worked_by, 1.4)];
    blocks.push(Block::Table(Table::of(columns, tasks.into_iter(), ROWS_MAX, |task| {
        let assignee = task.assignee.clone();
        vec![
            Cell::Word((words.task_status)(task.status)),
            Cell::Value(task.title.clone()),
            assignee.map_or(Cell::Word(words.nobody), Cell::Value),
        ]
    })));
}

fn people(blocks: &mut Vec<Block>, words: &'static Words, figures: &IncidentReportFigures) {
    if figures.people.is_empty() {
        return;
    }
    blocks.push(Block::SmallHeading(words.people));
    let columns = vec![texts(words.person, 1.0), texts(words.part, 3.0)];
    blocks.push(Block::Table(Table::of(columns, figures.people.iter(), ROWS_MAX, |person| {
        vec![Cell::Value(person.name.clone()), Cell::Value((words.part_of)(person))]
    })));
}

fn how_long(blocks: &mut Vec<Block>, words: &'static Words, figures: &IncidentReportFigures) {
    let times = figures.times;
    let rows = [
        (words.to_opened, Some(times.to_opened_s)),
        (words.to_taken_up, times.to_taken_up_s),
        (words.to_contained, times.to_contained_s),
        (words.to_closed, times.to_closed_s),
    ];
    blocks.push(Block::Heading(words.how_long.to_owned()));
    let columns = vec![texts(words.step, 3.0), numbers(words.length, 1.2)];
    blocks.push(Block::Table(Table::of(columns, rows.into_iter(), usize::MAX, |(step, seconds)| {
        let length = seconds.map_or_else(|| words.not_yet.to_owned(), |seconds| words.duration(seconds));
        vec![Cell::Word(step), Cell::Number(length)]
    })));
}
