//! Whole sentences, made from numbers.

use vigie_model::{ReportLanguage as Language, Severity};

use super::super::dates::{counted as counted_in, grouped};
use super::WORDS;
use crate::figures::{IncidentFigures, PeriodFigures, Stage};
use crate::incident_figures::{IncidentReportFigures, Person};

fn counted(count: u64, one: &str, many: &str) -> String {
    counted_in(Language::English, count, one, many)
}

fn number(count: u64) -> String {
    grouped(count, Language::English)
}

/// Returns the period in a few sentences.
pub(super) fn period_in_words(figures: &PeriodFigures) -> Vec<String> {
    let events = counted(figures.events, "event", "events");
    let mut first = if figures.alerts == 0 {
        format!("Vigie read {events} in this period and raised no alert.")
    } else {
        let alerts = counted(figures.alerts, "alert", "alerts");
        let severe = severe_part(figures.of_severity(Severity::Critical), figures.of_severity(Severity::High));
        format!("Vigie read {events} in this period and raised {alerts}{severe}.")
    };
    if !figures.sources.is_empty() {
        let sources = counted(figures.sources.len() as u64, "source", "sources");
        first = format!("{first} The events came from {sources}.");
    }
    if figures.events == 0 {
        first.push_str(" No source delivered anything, so nothing could have been seen.");
    }
    let mut sentences = vec![first];
    sentences.extend(figures.incidents.iter().take(3).map(incident_in_words));
    if figures.incidents.len() > 3 {
        let others = figures.incidents.len() as u64 - 3;
        sentences.push(format!("{} in this report.", counted(others, "other incident is", "other incidents are")));
    }
    if figures.alert_states.new > 0 {
        let waiting = counted(figures.alert_states.new, "alert is", "alerts are");
        sentences.push(format!("{waiting} still waiting for an analyst."));
    }
    sentences
}

fn severe_part(critical: u64, high: u64) -> String {
    match (critical, high) {
        (0, 0) => String::new(),
        (critical, 0) => format!(", {} of them critical", number(critical)),
        (0, high) => format!(", {} of them high", number(high)),
        (critical, high) => format!(", {} of them critical and {} high", number(critical), number(high)),
    }
}

fn stands(incident: &IncidentFigures) -> String {
    match (incident.stage, incident.verdict) {
        (Stage::Open, _) => "is open and not contained".to_owned(),
        (Stage::Contained, _) => "is contained and still being worked on".to_owned(),
        (Stage::Closed, Some(verdict)) => format!("is closed ({})", super::verdict(verdict).to_lowercase()),
        (Stage::Closed, None) => "is closed".to_owned(),
    }
}

/// Returns an incident in one sentence.
pub(super) fn incident_in_words(incident: &IncidentFigures) -> String {
    let alerts = counted(incident.alerts, "alert", "alerts");
    let severity = super::severity_name(incident.severity).to_lowercase();
    let title = incident.title.trim_end_matches('.');
    format!("Incident {} ({severity}, {alerts}), \u{201c}{title}\u{201d}, {}.", incident.number, stands(incident))
}

/// Returns an incident in a few sentences.
pub(super) fn incident_told(figures: &IncidentReportFigures) -> Vec<String> {
    let incident = &figures.incident;
    let severity = super::severity_name(incident.severity).to_lowercase();
    let mut first = format!(
        "Incident {} ({severity}) {}. It rests on {} and {}.",
        incident.number,
        stands(incident),
        counted(incident.alerts, "alert", "alerts"),
        counted(incident.observables, "observable", "observables"),
    );
    if incident.indicators > 0 {
        let are = counted(incident.indicators, "of these is", "of these are");
        first = format!("{first} {are} known to be malicious.");
    }
    let mut sentences = vec![first];
    let mut course = format!(
        "The first event happened on {}, and the incident was opened {} later.",
        WORDS.long_moment(incident.first_seen),
        WORDS.duration(figures.times.to_opened_s)
    );
    if let Some(seconds) = figures.times.to_contained_s {
        course = format!("{course} The first action that stops the attacker followed {}.", after(seconds));
    }
    if let Some(seconds) = figures.times.to_closed_s {
        course = format!("{course} It was closed {} after it was opened.", WORDS.duration(seconds));
    }
    sentences.push(course);
    if incident.actions_done > 0 || incident.tasks > 0 {
        let actions = counted(incident.actions_done, "action was", "actions were");
        let tasks = format!("{} of {}", number(incident.tasks_ended), counted(incident.tasks, "task", "tasks"));
        let tasks = if incident.tasks == 0 { String::new() } else { format!(", and {tasks} finished") };
        sentences.push(format!("{actions} carried out{tasks}."));
    }
    sentences
}

fn after(seconds: u64) -> String {
    if seconds == 0 { "at once".to_owned() } else { format!("{} after that", WORDS.duration(seconds)) }
}

pub(super) fn span_of_days(first: &str, last: &str) -> String {
    if first == last { first.to_owned() } else { format!("{first} to {last}") }
}

pub(super) fn actions_counted(count: u64) -> String {
    counted(count, "action", "actions")
}

/// Says that a list was cut.
pub(super) fn more_left_out(count: u64) -> String {
    format!("{} in Vigie.", counted(count, "more is", "more are"))
}

/// Says that messages are not in the table of actions.
pub(super) fn messages_left_out(count: u64) -> String {
    format!("{} not listed.", counted(count, "message (mail or webhook) is", "messages (mail or webhook) are"))
}

pub(super) fn page_of(page: usize, pages: usize) -> String {
    format!("Page {page} of {pages}")
}

/// Says what a person did on an incident.
pub(super) fn part_of(person: &Person) -> String {
    let mut parts = Vec::new();
    if person.leads {
        parts.push("led the incident".to_owned());
    }
    if person.tasks > 0 {
        parts.push(counted(person.tasks, "task", "tasks"));
    }
    if person.actions > 0 {
        parts.push(counted(person.actions, "step on actions", "steps on actions"));
    }
    if person.comments > 0 {
        parts.push(counted(person.comments, "comment", "comments"));
    }
    parts.join(", ")
}
