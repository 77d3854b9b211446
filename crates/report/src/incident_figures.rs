//! The numbers of an incident's report.

use std::collections::BTreeMap;

use serde::Serialize;
use vigie_model::{EntityRole, ObservableKind, ReportLanguage, TaskStatus, Timestamp};

use crate::advice::{Advice, advise_on_incident};
use crate::count::{by_status, done_at, incident, is_message, tactics, techniques};
use crate::figures::{ActionCount, IncidentFigures, TacticCount, TechniqueCount, Times};
use crate::input::{CaseFile, IncidentInput};
use crate::spans::times;
use crate::words::words_of;

/// The numbers of an incident's report. The page shows these and no others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentReportFigures {
    /// In which language the advice is given.
    pub language: ReportLanguage,
    /// When the report was made.
    pub generated: Timestamp,
    /// The incident.
    pub incident: IncidentFigures,
    /// How long its steps took.
    pub times: IncidentTimes,
    /// Mean times over its alerts.
    pub alert_times: Times,
    /// Actions by state; states without any are left out.
    pub actions: Vec<ActionCount>,
    /// Who and what its alerts are about, the most alerts first.
    pub entities: Vec<EntityCount>,
    /// Who worked on it.
    pub people: Vec<Person>,
    /// ATT&CK tactics seen, in the order of an attack.
    pub tactics: Vec<TacticCount>,
    /// ATT&CK techniques seen, the most alerts first.
    pub techniques: Vec<TechniqueCount>,
    /// What follows from it.
    pub advice: Vec<Advice>,
}

/// How long the steps of an incident took, in seconds; `None` where a step was not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IncidentTimes {
    /// From the first event until it was opened.
    pub to_opened_s: u64,
    /// From then until somebody took it up.
    pub to_taken_up_s: Option<u64>,
    /// From its opening until the first action that stops the attacker.
    pub to_contained_s: Option<u64>,
    /// From its opening until it was closed.
    pub to_closed_s: Option<u64>,
}

/// An entity and how many of the incident's alerts are about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntityCount {
    /// What it is.
    pub kind: ObservableKind,
    /// Which one.
    pub value: String,
    /// The part that it plays.
    pub role: EntityRole,
    /// How many alerts.
    pub alerts: u64,
}

/// Somebody who worked on an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The user name.
    pub name: String,
    /// Whether the incident is theirs.
    pub leads: bool,
    /// How many tasks are theirs.
    pub tasks: u64,
    /// How many steps of actions they took.
    pub actions: u64,
    /// How many comments they wrote.
    pub comments: u64,
}

/// Returns the numbers of an incident's report.
pub fn incident_figures(input: &IncidentInput) -> IncidentReportFigures {
    let file = &input.file;
    let actions: Vec<_> = file.actions.iter().collect();
    let incident = incident(file, Timestamp::MAX);
    let advice = advise_on_incident(file, &incident, words_of(input.language));
    IncidentReportFigures {
        language: input.language,
        generated: input.generated,
        times: incident_times(file),
        alert_times: times(&file.alerts, &actions),
        actions: by_status(&actions),
        entities: entities(file),
        people: people(file),
        tactics: tactics(&file.alerts),
        techniques: techniques(&file.alerts),
        incident,
        advice,
    }
}

fn incident_times(file: &CaseFile) -> IncidentTimes {
    let case = &file.case;
    let since = |end: Timestamp, begin: Timestamp| (end.since(begin).as_micros() as u64 + 500_000) / 1_000_000;
    let stops = file.actions.iter().filter(|action| !is_message(action)).filter_map(done_at).min();
    IncidentTimes {
        to_opened_s: since(case.created, case.first_seen),
        to_taken_up_s: case.acknowledged.map(|time| since(time, case.created)),
        to_contained_s: stops.map(|time| since(time, case.created)),
        to_closed_s: case.closed.map(|time| since(time, case.created)),
    }
}

fn entities(file: &CaseFile) -> Vec<EntityCount> {
    let mut found: BTreeMap<(u8, ObservableKind, &str), (EntityRole, u64)> = BTreeMap::new();
    for alert in &file.alerts {
        for entity in &alert.entities {
            let place = (rank(entity.role), entity.kind, entity.value.as_str());
            found.entry(place).or_insert((entity.role, 0)).1 += 1;
        }
    }
    let mut counts: Vec<EntityCount> = found
        .into_iter()
        .map(|((_, kind, value), (role, alerts))| EntityCount { kind, value: value.to_owned(), role, alerts })
        .collect();
    counts.sort_by_key(|count| (rank(count.role), std::cmp::Reverse(count.alerts)));
    counts
}

/// Who did it comes first.
pub(crate) const fn rank(role: EntityRole) -> u8 {
    match role {
        EntityRole::Source => 0,
        EntityRole::Actor => 1,
        EntityRole::Target => 2,
        EntityRole::Related => 3,
    }
}

fn people(file: &CaseFile) -> Vec<Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    let mut of = |name: &str, count: &dyn Fn(&mut Person)| {
        // Playbooks and Vigie itself take steps too, but are nobody.
        if !name.is_empty() && name != "vigie" && !name.contains(':') {
            let person = people.entry(name.to_owned());
            count(person.or_insert_with(|| Person { name: name.to_owned(), ..Person::default() }));
        }
    };
    if let Some(assignee) = &file.case.assignee {
        of(assignee, &|person| person.leads = true);
    }
    for task in file.tasks.iter().filter(|task| task.status != TaskStatus::Cancelled) {
        if let Some(assignee) = &task.assignee {
            of(assignee, &|person| person.tasks += 1);
        }
    }
    for step in file.actions.iter().flat_map(|action| &action.steps) {
        of(&step.by, &|person| person.actions += 1);
    }
    for comment in &file.comments {
        of(&comment.author, &|person| person.comments += 1);
    }
    let mut people: Vec<Person> = people.into_values().collect();
    people.sort_by_key(|person| !person.leads);
    people
}
