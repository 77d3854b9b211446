//! Whole sentences, made from numbers.

use vigie_model::Severity;

use super::{counted, number};
use crate::figures::{IncidentFigures, Stage, TrendRow, WeeklyFigures};

/// Returns the week in a few sentences.
pub(crate) fn week_in_words(figures: &WeeklyFigures) -> Vec<String> {
    let severe =
        |severity| figures.by_severity.iter().find(|count| count.severity == severity).map_or(0, |count| count.alerts);
    let events = counted(figures.events, "event", "events");
    let mut first = if figures.alerts == 0 {
        format!("Vigie read {events} in this period and raised no alert.")
    } else {
        let alerts = counted(figures.alerts, "alert", "alerts");
        format!(
            "Vigie read {events} in this period and raised {alerts}{}.",
            severe_part(severe(Severity::Critical), severe(Severity::High))
        )
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
    let states = figures.alert_states;
    if states.new > 0 {
        sentences.push(format!("{} still waiting for an analyst.", counted(states.new, "alert is", "alerts are")));
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

/// Returns an incident in one sentence.
pub(crate) fn incident_in_words(incident: &IncidentFigures) -> String {
    let stands = match (incident.stage, incident.verdict) {
        (Stage::Open, _) => "is open and not contained".to_owned(),
        (Stage::Contained, _) => "is contained and still being worked on".to_owned(),
        (Stage::Closed, Some(verdict)) => format!("is closed ({})", super::verdict(verdict).to_lowercase()),
        (Stage::Closed, None) => "is closed".to_owned(),
    };
    let alerts = counted(incident.alerts, "alert", "alerts");
    let severity = super::severity(incident.severity).to_lowercase();
    let title = incident.title.trim_end_matches('.');
    format!("Incident {} ({severity}, {alerts}), \u{201c}{title}\u{201d}, {stands}.", incident.number)
}

/// Returns a change with its sign: in percent, or as a number where there was too little before.
pub(crate) fn change(row: TrendRow) -> String {
    let signed = |more: bool, size: String| format!("{}{size}", if more { '+' } else { '\u{2212}' });
    match row.change_percent {
        _ if row.now == row.before => "no change".to_owned(),
        None => signed(row.now > row.before, number(row.now.abs_diff(row.before))),
        Some(percent) => signed(row.now > row.before, format!("{}\u{a0}%", number(percent.unsigned_abs()))),
    }
}

/// Returns a length of time in its two largest units: `3 min 20 s`, `2 d 4 h`.
pub(crate) fn duration(seconds: u64) -> String {
    let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{}\u{a0}{large_unit}", number(large)),
        small => format!("{}\u{a0}{large_unit} {small}\u{a0}{small_unit}", number(large)),
    };
    match seconds {
        0 => "under 1\u{a0}s".to_owned(),
        1..60 => format!("{seconds}\u{a0}s"),
        60..3_600 => pair(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

/// Returns a share in whole percent.
pub(crate) fn percent_of(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if part > 0 && percent < 1.0 { "< 1\u{a0}%".to_owned() } else { format!("{percent:.0}\u{a0}%") }
}

/// Says that a list was cut.
pub(crate) fn more_left_out(count: usize) -> String {
    format!("{} in Vigie.", counted(count as u64, "more is", "more are"))
}

/// Says that messages are not in the table of actions.
pub(crate) fn messages_left_out(count: usize) -> String {
    format!("{} not listed.", counted(count as u64, "message (mail or webhook) is", "messages (mail or webhook) are"))
}

/// Says that there were no alerts.
pub(crate) const fn no_alerts() -> &'static str {
    "No alert was raised in this period."
}

/// Leads into the recommendations.
pub(crate) const fn recommendations_lead() -> &'static str {
    "Each follows from what was seen this week, the most pressing first."
}
