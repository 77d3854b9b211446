//! Whole sentences, made from numbers.

use vigie_model::{ReportLanguage as Language, Severity};

use super::super::dates::{counted as counted_in, grouped};
use super::WORDS;
use crate::figures::{IncidentFigures, PeriodFigures, Stage};
use crate::incident_figures::{IncidentReportFigures, Person};

fn counted(count: u64, one: &str, many: &str) -> String {
    counted_in(Language::French, count, one, many)
}

fn number(count: u64) -> String {
    grouped(count, Language::French)
}

/// Returns the period in a few sentences.
pub(super) fn period_in_words(figures: &PeriodFigures) -> Vec<String> {
    let events = counted(figures.events, "événement", "événements");
    let mut first = if figures.alerts == 0 {
        format!("Vigie a lu {events} pendant cette période et n’a levé aucune alerte.")
    } else {
        let alerts = counted(figures.alerts, "alerte", "alertes");
        let severe = severe_part(figures.of_severity(Severity::Critical), figures.of_severity(Severity::High));
        format!("Vigie a lu {events} pendant cette période et a levé {alerts}{severe}.")
    };
    if !figures.sources.is_empty() {
        let sources = counted(figures.sources.len() as u64, "source", "sources");
        first = format!("{first} Les événements provenaient de {sources}.");
    }
    if figures.events == 0 {
        first.push_str(" Aucune source n’a rien transmis\u{a0}: rien n’aurait pu être vu.");
    }
    let mut sentences = vec![first];
    sentences.extend(figures.incidents.iter().take(3).map(incident_in_words));
    if figures.incidents.len() > 3 {
        let others = figures.incidents.len() as u64 - 3;
        let others = counted(others, "autre incident figure", "autres incidents figurent");
        sentences.push(format!("{others} dans ce rapport."));
    }
    if figures.alert_states.new > 0 {
        let waiting = counted(figures.alert_states.new, "alerte attend", "alertes attendent");
        sentences.push(format!("{waiting} encore un analyste."));
    }
    sentences
}

fn severe_part(critical: u64, high: u64) -> String {
    let critical_part = || counted(critical, "critique", "critiques");
    let high_part = || counted(high, "élevée", "élevées");
    match (critical, high) {
        (0, 0) => String::new(),
        (_, 0) => format!(", dont {}", critical_part()),
        (0, _) => format!(", dont {}", high_part()),
        (_, _) => format!(", dont {} et {}", critical_part(), high_part()),
    }
}

fn stands(incident: &IncidentFigures) -> String {
    match (incident.stage, incident.verdict) {
        (Stage::Open, _) => "est ouvert et n’est pas contenu".to_owned(),
        (Stage::Contained, _) => "est contenu et encore en cours de traitement".to_owned(),
        (Stage::Closed, Some(verdict)) => format!("est clos ({})", super::verdict(verdict).to_lowercase()),
        (Stage::Closed, None) => "est clos".to_owned(),
    }
}

/// Returns an incident in one sentence.
pub(super) fn incident_in_words(incident: &IncidentFigures) -> String {
    let alerts = counted(incident.alerts, "alerte", "alertes");
    let severity = super::severity_name(incident.severity).to_lowercase();
    let title = incident.title.trim_end_matches('.');
    let stands = stands(incident);
    format!("L’incident {} (gravité {severity}, {alerts}), «\u{a0}{title}\u{a0}», {stands}.", incident.number)
}

/// Returns an incident in a few sentences.
pub(super) fn incident_told(figures: &IncidentReportFigures) -> Vec<String> {
    let incident = &figures.incident;
    let severity = super::severity_name(incident.severity).to_lowercase();
    let mut first = format!(
        "L’incident {} (gravité {severity}) {}. Il repose sur {} et {}.",
        incident.number,
        stands(incident),
        counted(incident.alerts, "alerte", "alertes"),
        counted(incident.observables, "observable", "observables"),
    );
    if incident.indicators > 0 {
        let are = counted(incident.indicators, "d’entre eux est connu", "d’entre eux sont connus");
        first = format!("{first} {are} comme malveillant{}.", if incident.indicators > 1 { "s" } else { "" });
    }
    let mut sentences = vec![first];
    let mut course = format!(
        "Le premier événement a eu lieu le {}, et l’incident a été ouvert {} plus tard.",
        WORDS.long_moment(incident.first_seen),
        WORDS.duration(figures.times.to_opened_s)
    );
    if let Some(seconds) = figures.times.to_contained_s {
        course = format!("{course} La première action qui arrête l’attaquant a suivi {}.", after(seconds));
    }
    if let Some(seconds) = figures.times.to_closed_s {
        course = format!("{course} Il a été clos {} après son ouverture.", WORDS.duration(seconds));
    }
    sentences.push(course);
    if incident.actions_done > 0 || incident.tasks > 0 {
        let actions = counted(incident.actions_done, "action a été exécutée", "actions ont été exécutées");
        let tasks = if incident.tasks == 0 {
            String::new()
        } else {
            let ended = counted(incident.tasks_ended, "tâche terminée", "tâches terminées");
            format!(", et {ended} sur {}", number(incident.tasks))
        };
        sentences.push(format!("{actions}{tasks}."));
    }
    sentences
}

fn after(seconds: u64) -> String {
    if seconds == 0 { "aussitôt".to_owned() } else { format!("{} plus tard", WORDS.duration(seconds)) }
}

pub(super) fn span_of_days(first: &str, last: &str) -> String {
    if first == last { first.to_owned() } else { format!("du {first} au {last}") }
}

pub(super) fn actions_counted(count: u64) -> String {
    counted(count, "action", "actions")
}

/// Says that a list was cut.
pub(super) fn more_left_out(count: u64) -> String {
    format!("{} dans Vigie.", counted(count, "autre se trouve", "autres se trouvent"))
}

/// Says that messages are not in the table of actions.
pub(super) fn messages_left_out(count: u64) -> String {
    let messages = counted(count, "message (mail ou webhook) n’est", "messages (mail ou webhook) ne sont");
    format!("{messages} pas {}.", if count < 2 { "listé" } else { "listés" })
}

pub(super) fn page_of(page: usize, pages: usize) -> String {
    format!("Page {page} sur {pages}")
}

/// Says what a person did on an incident.
pub(super) fn part_of(person: &Person) -> String {
    let mut parts = Vec::new();
    if person.leads {
        parts.push("a mené l’incident".to_owned());
    }
    if person.tasks > 0 {
        parts.push(counted(person.tasks, "tâche", "tâches"));
    }
    if person.actions > 0 {
        parts.push(counted(person.actions, "étape d’action", "étapes d’actions"));
    }
    if person.comments > 0 {
        parts.push(counted(person.comments, "commentaire", "commentaires"));
    }
    parts.join(", ")
}
