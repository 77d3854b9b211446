//! Parts that the report of a period and that of an incident share.

use vigie_model::{Action, Observable};

use crate::count::is_message;
use crate::document::{Block, Cell, Entry, Fact, Headline, Table, TacticBox, numbers, texts};
use crate::figures::{IncidentFigures, TacticCount, TechniqueCount};
use crate::incident_figures::rank;
use crate::input::CaseFile;
use crate::words::{TACTICS, Words, technique_name};

/// How many timeline entries an incident shows.
pub(crate) const TIMELINE_MAX: usize = 40;
/// How many observables an incident shows.
pub(crate) const OBSERVABLES_MAX: usize = 30;
/// How many actions an incident shows.
const ACTIONS_MAX: usize = 20;
/// How many tasks an incident shows.
const TASKS_MAX: usize = 60;
/// How many techniques the table names.
const TECHNIQUES_MAX: usize = 20;

/// Returns an incident in full, as it stands among others.
pub(crate) fn incident(words: &'static Words, file: &CaseFile, incident: &IncidentFigures) -> Block {
    let mut blocks = Vec::new();
    if !file.case.description.trim().is_empty() {
        blocks.push(Block::Text(file.case.description.clone()));
    }
    timeline(&mut blocks, words, file, TIMELINE_MAX);
    observables(&mut blocks, words, file, OBSERVABLES_MAX);
    actions(&mut blocks, words, file, ACTIONS_MAX);
    let mut tasks: Vec<_> = file.tasks.iter().collect();
    tasks.sort_by_key(|task| (task.position, task.id));
    if !tasks.is_empty() {
        blocks.push(Block::SmallHeading(words.tasks));
        let states = tasks.iter().take(TASKS_MAX).map(|task| ((words.task_status)(task.status), task.title.clone()));
        blocks.push(Block::States(states.collect()));
        left_out(&mut blocks, words, tasks.len().saturating_sub(TASKS_MAX));
    }
    resolution(&mut blocks, words, file);
    Block::Incident(headline(words, incident), blocks)
}

/// Returns the head of an incident.
pub(crate) fn headline(words: &'static Words, incident: &IncidentFigures) -> Headline {
    Headline {
        number: incident.number,
        title: incident.title.clone(),
        severity: incident.severity,
        stage: incident.stage,
        facts: incident_facts(words, incident),
    }
}

pub(crate) fn incident_facts(words: &'static Words, incident: &IncidentFigures) -> Vec<Fact> {
    let mut facts =
        vec![(words.first_seen, words.moment(incident.first_seen)), (words.opened, words.moment(incident.opened))];
    facts.extend(incident.closed.map(|closed| (words.closed, words.moment(closed))));
    facts.push((words.worked_by, incident.assignee.clone().unwrap_or_else(|| words.nobody.to_owned())));
    facts.push((words.alerts, words.number(incident.alerts)));
    facts
}

pub(crate) fn timeline(blocks: &mut Vec<Block>, words: &'static Words, file: &CaseFile, entries_max: usize) {
    let mut entries: Vec<_> = file.timeline.iter().collect();
    if entries.is_empty() {
        return;
    }
    entries.sort_by_key(|entry| (entry.time, entry.id));
    blocks.push(Block::SmallHeading(words.timeline));
    let shown = entries.iter().take(entries_max);
    let entry = |entry: &&vigie_model::TimelineEntry| Entry {
        kind: entry.kind,
        time: words.moment(entry.time),
        text: entry.text.clone(),
    };
    blocks.push(Block::Timeline(shown.map(entry).collect()));
    left_out(blocks, words, entries.len().saturating_sub(entries_max));
}

/// What the attacker is known by comes first: indicators, then by part played.
pub(crate) fn observables(blocks: &mut Vec<Block>, words: &'static Words, file: &CaseFile, rows_max: usize) {
    let mut observables: Vec<&Observable> = file.observables.iter().collect();
    if observables.is_empty() {
        return;
    }
    observables.sort_by(|one, other| {
        let place = |observable: &Observable| (!observable.ioc, rank(observable.role), observable.kind);
        place(one).cmp(&place(other)).then_with(|| one.value.cmp(&other.value))
    });
    blocks.push(Block::SmallHeading(words.observables));
    let columns =
        vec![texts(words.kind, 1.1), texts(words.value, 2.4), texts(words.role, 0.9), texts(words.known, 2.6)];
    blocks.push(Block::Table(Table::of(columns, observables.into_iter(), rows_max, |observable| {
        let known = observable.warning.iter().chain(&observable.context).chain(&observable.tags);
        let known: Vec<&str> = known.map(String::as_str).collect();
        vec![
            Cell::Word((words.observable_kind)(observable.kind)),
            Cell::Code(observable.value.clone()),
            Cell::Word((words.role_name)(observable.role)),
            Cell::Known(observable.ioc, known.join(" · ")),
        ]
    })));
}

pub(crate) fn actions(blocks: &mut Vec<Block>, words: &'static Words, file: &CaseFile, rows_max: usize) {
    let (messages, mut actions): (Vec<&Action>, Vec<&Action>) =
        file.actions.iter().partition(|action| is_message(action));
    if !file.actions.is_empty() {
        blocks.push(Block::SmallHeading(words.actions));
    }
    if !actions.is_empty() {
        actions.sort_by_key(|action| (action.created, action.id));
        blocks.push(Block::Table(actions_table(words, &actions, rows_max)));
    }
    if !messages.is_empty() {
        blocks.push(Block::Quiet((words.messages_left_out)(messages.len() as u64)));
    }
}

/// Returns a table of actions with their last notes.
pub(crate) fn actions_table(words: &'static Words, actions: &[&Action], rows_max: usize) -> Table {
    let columns = vec![texts(words.time, 1.5), texts(words.what, 2.4), texts(words.state, 1.1), texts(words.note, 2.2)];
    Table::of(columns, actions.iter(), rows_max, |action| {
        let note = action.steps.last().map_or(Cell::Word(""), |step| Cell::Note(step.note.clone(), step.by.clone()));
        vec![
            Cell::Time(words.moment(action.created)),
            Cell::Value(action.summary.clone()),
            Cell::Word((words.action_status)(action.status)),
            note,
        ]
    })
}

pub(crate) fn resolution(blocks: &mut Vec<Block>, words: &'static Words, file: &CaseFile) {
    if let Some(resolution) = &file.case.resolution {
        blocks.push(Block::SmallHeading(words.resolution));
        blocks.push(Block::Lead((words.verdict)(resolution.verdict), resolution.summary.clone()));
    }
}

/// Shows which parts of ATT&CK were seen.
pub(crate) fn attack(
    blocks: &mut Vec<Block>,
    words: &'static Words,
    tactics: &[TacticCount],
    techniques: &[TechniqueCount],
) {
    blocks.push(Block::Section(words.attack));
    if tactics.is_empty() && techniques.is_empty() {
        blocks.push(Block::Text(words.no_techniques.to_owned()));
        return;
    }
    blocks.push(Block::Heading(words.tactics_seen.to_owned()));
    let boxes = TACTICS.iter().zip(words.tactics).map(|(tactic, name)| {
        let seen = tactics.iter().find(|count| count.tactic == *tactic);
        TacticBox { name, seen: seen.map(|count| (words.number(count.alerts), count.severity)) }
    });
    blocks.push(Block::Tactics(boxes.collect()));
    if techniques.is_empty() {
        return;
    }
    blocks.push(Block::Heading(words.techniques_seen.to_owned()));
    let columns = vec![texts(words.technique, 1.0), texts(words.name, 3.4), numbers(words.alerts, 0.8)];
    blocks.push(Block::Table(Table::of(columns, techniques.iter(), TECHNIQUES_MAX, |count| {
        vec![
            Cell::Code(count.technique.clone()),
            Cell::Word(technique_name(&count.technique)),
            Cell::Number(words.number(count.alerts)),
        ]
    })));
}

/// Says how many of something are not shown.
pub(crate) fn left_out(blocks: &mut Vec<Block>, words: &'static Words, count: usize) {
    if count > 0 {
        blocks.push(Block::Quiet((words.more_left_out)(count as u64)));
    }
}
