//! Every word that the report says, in one place, so that another language is another file.

mod advice;
mod attack;
mod sentences;

pub(crate) use advice::{ADVICE, AdviceWords, COVERAGE_GAP, DRY_RUN, FAILED_ACTIONS, NOBODY_LOOKED, NOISY_RULE};
pub(crate) use attack::{TACTICS, TECHNIQUES};
pub(crate) use sentences::{
    change, duration, incident_in_words, messages_left_out, more_left_out, no_alerts, percent_of, recommendations_lead,
    week_in_words,
};
use vigie_model::{
    ActionStatus, AlertStatus, EntityRole, ObservableKind, Severity, TaskStatus, TimelineKind, Timestamp, Tlp, Verdict,
};

use crate::figures::{Measure, Stage};

pub(crate) const LANGUAGE: &str = "en";
pub(crate) const BRAND: &str = "Vigie";
pub(crate) const KIND_OF_REPORT: &str = "Weekly security report";

pub(crate) const SUMMARY: &str = "Summary";
pub(crate) const RECOMMENDATIONS: &str = "What we recommend";
pub(crate) const WEEK: &str = "The week in figures";
pub(crate) const ALERTS: &str = "Alerts";
pub(crate) const INCIDENTS: &str = "Incidents";
pub(crate) const RESPONSE: &str = "Response";
pub(crate) const ATTACK: &str = "Attacker behaviour (MITRE ATT&CK)";
pub(crate) const APPENDIX: &str = "How the figures are computed";

pub(crate) const PREPARED_FOR: &str = "Prepared for";
pub(crate) const PERIOD: &str = "Period";
pub(crate) const MADE: &str = "Made";
pub(crate) const HANDLING: &str = "Handling";
pub(crate) const ALL_TIMES_UTC: &str = "All times are UTC.";
pub(crate) const NOT_ENOUGH: &str = "not enough data";
pub(crate) const NONE: &str = "None.";
pub(crate) const NO_CASES: &str = "No incident was opened or worked on in this period.";
pub(crate) const NO_ACTIONS: &str = "No action was planned or carried out in this period.";
pub(crate) const NO_TECHNIQUES: &str = "No alert of this period names an ATT&CK tactic or technique.";
pub(crate) const NO_ADVICE: &str = "Nothing in this week's findings calls for a change.";
pub(crate) const NO_PREVIOUS: &str = "There is no week before to compare with.";

pub(crate) const EVENTS_READ: &str = "Events read";
pub(crate) const ALERTS_RAISED: &str = "Alerts raised";
pub(crate) const CRITICAL_AND_HIGH: &str = "Critical and high";
pub(crate) const OPEN_INCIDENTS: &str = "Open incidents";
pub(crate) const ACTIONS_DONE: &str = "Actions carried out";
pub(crate) const TIME_TO_RESPOND: &str = "Mean time to respond";

pub(crate) const ALERTS_PER_DAY: &str = "Alerts raised each day, by severity";
pub(crate) const EVENTS_PER_DAY: &str = "Events read each day";
pub(crate) const AGAINST_LAST_WEEK: &str = "Against the week before";
pub(crate) const AGAINST_LAST_WEEK_SHORT: &str = "on last week";
pub(crate) const MEAN_TIMES: &str = "How fast";
pub(crate) const SOURCES: &str = "Where the events came from";
pub(crate) const BY_SEVERITY: &str = "By severity";
pub(crate) const BY_RULE: &str = "By rule";
pub(crate) const STATES: &str = "What became of them";
pub(crate) const TIMELINE: &str = "Timeline";
pub(crate) const OBSERVABLES: &str = "Observables";
pub(crate) const ACTIONS: &str = "Actions";
pub(crate) const TASKS: &str = "Tasks";
pub(crate) const RESOLUTION: &str = "Resolution";
pub(crate) const TACTICS_SEEN: &str = "Tactics";
pub(crate) const TECHNIQUES_SEEN: &str = "Techniques";
pub(crate) const BECAUSE: &str = "Because:";

// Column heads.
pub(crate) const SEVERITY: &str = "Severity";
pub(crate) const STATE: &str = "State";
pub(crate) const CLOSED: &str = "Closed";
pub(crate) const RULE: &str = "Rule";
pub(crate) const FINDINGS: &str = "Findings";
pub(crate) const SHARE: &str = "Share";
pub(crate) const SOURCE: &str = "Source";
pub(crate) const EVENTS: &str = "Events";
pub(crate) const TIME: &str = "Time";
pub(crate) const WHAT: &str = "What";
pub(crate) const TYPE: &str = "Type";
pub(crate) const VALUE: &str = "Value";
pub(crate) const ROLE: &str = "Part played";
pub(crate) const KNOWN: &str = "What is known";
pub(crate) const NOTE: &str = "Last note";
pub(crate) const TECHNIQUE: &str = "Technique";
pub(crate) const NAME: &str = "Name";
pub(crate) const THIS_WEEK: &str = "This week";
pub(crate) const WEEK_BEFORE: &str = "Week before";
pub(crate) const CHANGE: &str = "Change";
pub(crate) const MEAN: &str = "Mean";
pub(crate) const MEDIAN: &str = "Median";
pub(crate) const LONGEST: &str = "Longest";
pub(crate) const OPENED: &str = "Opened";
pub(crate) const FIRST_SEEN: &str = "First event";
pub(crate) const WORKED_BY: &str = "Worked on by";
pub(crate) const NOBODY: &str = "nobody yet";
pub(crate) const MALICIOUS_SHORT: &str = "IOC";

pub(crate) const DETECT: &str = "Detect: first event to alert";
pub(crate) const ACKNOWLEDGE: &str = "Acknowledge: alert to somebody taking it up";
pub(crate) const RESPOND: &str = "Respond: alert to first action carried out";
pub(crate) const CLOSE: &str = "Close: alert to its end";

/// The appendix: a term and what it means here.
pub(crate) const METHOD: [(&str, &str); 9] = [
    (
        "Events",
        "Records from your hosts, network and cloud accounts that arrived in the period and were read. They are counted on the day on which they arrived.",
    ),
    (
        "Alerts",
        "Findings of one rule about the same things are one alert. An alert counts in the week in which it was raised, with the severity that it has now.",
    ),
    (
        "Incidents",
        "Cases that were opened in the period or worked on in it. An incident is contained when it is open and an action that stops the attacker, not only a message, is in force.",
    ),
    (
        "Detect",
        "From the first event of an alert to the alert, by the events' own clocks. An alert that was raised before its event's time, because a clock runs fast, counts as zero.",
    ),
    (
        "Acknowledge",
        "From an alert to the moment when an analyst first took it up. Alerts that nobody took up are not in the mean.",
    ),
    (
        "Respond",
        "From an alert to the first action carried out for it, or for its incident. Messages and dry runs are not counted.",
    ),
    ("Close", "From an alert to its end. Open alerts are not in the mean."),
    (
        "Actions",
        "Each action counts once, in the state that it had when this report was made. Actions carried out include those taken back or run out since.",
    ),
    (
        "Change",
        "This week's number against that of the week before: in percent, or as a difference where there were fewer than ten.",
    ),
];

/// Returns a severity's name.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

/// Returns a stage's name.
pub(crate) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "Open",
        Stage::Contained => "Contained",
        Stage::Closed => "Closed",
    }
}

/// Returns an alert state's name.
pub(crate) const fn alert_status(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::New => "New",
        AlertStatus::InProgress => "In progress",
        AlertStatus::Closed => "Closed",
    }
}

/// Returns a verdict's name.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TruePositive => "Confirmed attack",
        Verdict::FalsePositive => "False alarm",
        Verdict::Benign => "Allowed behaviour",
        Verdict::Duplicate => "Duplicate",
        Verdict::Indeterminate => "Could not be decided",
    }
}

/// Returns a task state's name.
pub(crate) const fn task_status(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Waiting => "Waiting",
        TaskStatus::InProgress => "In progress",
        TaskStatus::Completed => "Done",
        TaskStatus::Cancelled => "Not needed",
    }
}

/// Returns an action state's name.
pub(crate) const fn action_status(status: ActionStatus) -> &'static str {
    match status {
        ActionStatus::Planned => "Planned",
        ActionStatus::Refused => "Refused by a guard rail",
        ActionStatus::AwaitingApproval => "Awaiting approval",
        ActionStatus::Rejected => "Rejected by an analyst",
        ActionStatus::Approved => "Approved",
        ActionStatus::Simulated => "Dry run",
        ActionStatus::Executing => "Under way",
        ActionStatus::Done => "Done",
        ActionStatus::Failed => "Failed",
        ActionStatus::Undone => "Undone",
        ActionStatus::Expired => "Expired",
    }
}

/// Returns what a timeline entry tells of.
pub(crate) const fn timeline_kind(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Attack => "Attacker",
        TimelineKind::Alert => "Alert",
        TimelineKind::Action => "Action",
        TimelineKind::Case => "Case",
        TimelineKind::Note => "Note",
    }
}

/// Returns a role's name.
pub(crate) const fn role(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Source => "Source",
        EntityRole::Actor => "Actor",
        EntityRole::Target => "Target",
        EntityRole::Related => "Related",
    }
}

/// Returns the name of an observable's kind.
pub(crate) const fn observable_kind(kind: ObservableKind) -> &'static str {
    match kind {
        ObservableKind::Ip => "IP address",
        ObservableKind::Domain => "Domain",
        ObservableKind::Url => "URL",
        ObservableKind::Host => "Host",
        ObservableKind::User => "Account",
        ObservableKind::Hash => "File hash",
        ObservableKind::File => "File",
        ObservableKind::Process => "Process",
        ObservableKind::Mail => "Mail address",
        ObservableKind::UserAgent => "User agent",
        ObservableKind::AwsKey => "AWS access key",
        ObservableKind::AwsAccount => "AWS account",
        ObservableKind::AwsInstance => "EC2 instance",
        ObservableKind::AwsArn => "AWS resource",
        ObservableKind::AwsBucket => "S3 bucket",
        ObservableKind::Other => "Other",
    }
}

/// Returns a TLP mark and what it means (FIRST TLP 2.0).
pub(crate) const fn tlp(tlp: Tlp) -> (&'static str, &'static str) {
    match tlp {
        Tlp::Clear => ("TLP:CLEAR", "may be shared with everybody"),
        Tlp::Green => ("TLP:GREEN", "may be shared within your community"),
        Tlp::Amber => ("TLP:AMBER", "may be shared within your organisation and with its clients, as needed"),
        Tlp::AmberStrict => ("TLP:AMBER+STRICT", "may be shared within your organisation only"),
        Tlp::Red => ("TLP:RED", "for the named recipients only"),
    }
}

/// Returns what a row of the trend counts.
pub(crate) const fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Events => EVENTS_READ,
        Measure::Alerts => ALERTS_RAISED,
        Measure::CriticalAndHigh => "Critical and high alerts",
        Measure::Cases => "Incidents opened",
        Measure::ActionsDone => ACTIONS_DONE,
    }
}

/// Returns a day as `Mon 16 Nov`.
pub(crate) fn short_day(time: Timestamp) -> String {
    time.to_jiff().strftime("%a %-d %b").to_string()
}

/// Returns a day as `16 November 2026`.
pub(crate) fn long_day(time: Timestamp) -> String {
    time.to_jiff().strftime("%-d %B %Y").to_string()
}

/// Returns a time as `Mon 16 Nov, 14:03:07`.
pub(crate) fn moment(time: Timestamp) -> String {
    time.to_jiff().strftime("%a %-d %b, %H:%M:%S").to_string()
}

/// Returns a time as `16 November 2026, 14:03 UTC`.
pub(crate) fn long_moment(time: Timestamp) -> String {
    time.to_jiff().strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// Returns a number with commas between thousands.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a number and a noun, `1 alert`, `12 alerts`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}
