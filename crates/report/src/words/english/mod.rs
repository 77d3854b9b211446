//! English.

mod advice;
mod sentences;

use vigie_model::{
    ActionStatus, AlertStatus, DecisionState, EntityRole, ObservableKind, ReportLanguage as Language, Severity,
    TaskStatus, TimelineKind, Tlp, Verdict,
};

use super::{PeriodWords, Words};
use crate::figures::Stage;

/// English.
pub(super) const WORDS: Words = Words {
    language: Language::English,
    weekly: PeriodWords {
        report: "Weekly security report",
        in_figures: "The week in figures",
        this: "This week",
        before: "Week before",
        against: "Against the week before",
        against_short: "on last week",
        no_previous: "There is no week before to compare with.",
        no_advice: "Nothing in this week's findings calls for a change.",
        lead: "Each follows from what was seen this week, the most pressing first.",
    },
    monthly: PeriodWords {
        report: "Monthly security report",
        in_figures: "The month in figures",
        this: "This month",
        before: "Month before",
        against: "Against the month before",
        against_short: "on last month",
        no_previous: "There is no month before to compare with.",
        no_advice: "Nothing in this month's findings calls for a change.",
        lead: "Each follows from what was seen this month, the most pressing first.",
    },
    summary: "Summary",
    recommendations: "What we recommend",
    alerts: "Alerts",
    incidents: "Incidents",
    response: "Response",
    attack: "Attacker behaviour (MITRE ATT&CK)",
    appendix: "How the figures are computed",
    prepared_for: "Prepared for",
    period_named: "Period",
    made: "Made",
    handling: "Handling",
    all_times_utc: "All times are UTC.",
    not_enough: "not enough data",
    none: "None.",
    no_cases: "No incident was opened or worked on in this period.",
    no_actions: "No action was planned or carried out in this period.",
    no_techniques: "No alert of this period names an ATT&CK tactic or technique.",
    events_read: "Events read",
    alerts_raised: "Alerts raised",
    critical_and_high: "Critical and high",
    open_incidents: "Open incidents",
    actions_done: "Actions carried out",
    time_to_respond: "Mean time to respond",
    alerts_per_day: "Alerts raised each day, by severity",
    events_per_day: "Events read each day",
    mean_times: "How fast",
    sources: "Where the events came from",
    by_severity: "By severity",
    by_rule: "By rule",
    states: "What became of them",
    timeline: "Timeline",
    observables: "Observables",
    actions: "Actions",
    tasks: "Tasks",
    resolution: "Resolution",
    tactics_seen: "Tactics",
    techniques_seen: "Techniques",
    because: "Because:",
    severity: "Severity",
    state: "State",
    closed: "Closed",
    rule: "Rule",
    findings: "Findings",
    share: "Share",
    source: "Source",
    events: "Events",
    time: "Time",
    what: "What",
    kind: "Type",
    value: "Value",
    role: "Part played",
    known: "What is known",
    note: "Last note",
    technique: "Technique",
    name: "Name",
    change: "Change",
    mean: "Mean",
    median: "Median",
    longest: "Longest",
    opened: "Opened",
    first_seen: "First event",
    worked_by: "Worked on by",
    nobody: "nobody yet",
    malicious_short: "IOC",
    detect: "Detect: first event to alert",
    acknowledge: "Acknowledge: alert to somebody taking it up",
    respond: "Respond: alert to first action carried out",
    close: "Close: alert to its end",
    critical_and_high_alerts: "Critical and high alerts",
    incidents_opened: "Incidents opened",
    incident_report: "Incident report",
    incident_figures: "The incident in figures",
    people: "Who took part",
    person: "Who",
    part: "Part",
    entities: "Who and what was involved",
    decisions: "Measures taken",
    measure: "Measure",
    target: "On",
    since: "Since",
    until: "Until",
    until_undone: "until it is taken back",
    how_long: "How long it took",
    step: "Step",
    length: "Length",
    to_opened: "First event to the incident being opened",
    to_taken_up: "Opened to somebody taking it up",
    to_contained: "Opened to the first action that stops the attacker",
    to_closed: "Opened to closed",
    what_happened: "What happened",
    time_to_contain: "Time to contain",
    not_yet: "not yet",
    lessons: "What we recommend",
    task: "Task",
    indicators: "Indicators",
    no_lessons: "Nothing in this incident calls for a change.",
    mail_attached: "The whole report is attached, as a page for the browser and as a PDF for printing.",
    mail_footer: "This message was sent by Vigie on the schedule of your security team.",
    method: METHOD,
    advice: advice::ADVICE,
    dry_run: advice::DRY_RUN,
    failed_actions: advice::FAILED_ACTIONS,
    nobody_looked: advice::NOBODY_LOOKED,
    noisy_rule: advice::NOISY_RULE,
    coverage_gap: advice::COVERAGE_GAP,
    open_tasks: advice::OPEN_TASKS,
    not_contained: advice::NOT_CONTAINED,
    tactics: [
        "Reconnaissance",
        "Resource development",
        "Initial access",
        "Execution",
        "Persistence",
        "Privilege escalation",
        "Defence evasion",
        "Credential access",
        "Discovery",
        "Lateral movement",
        "Collection",
        "Command and control",
        "Exfiltration",
        "Impact",
    ],
    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    months_short: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    no_alerts: "No alert was raised in this period.",
    no_change: "no change",
    under_a_second: "under 1\u{a0}s",
    day_unit: "d",
    severity_name,
    stage_name,
    alert_status,
    verdict,
    task_status,
    action_status,
    decision_state,
    timeline_kind,
    role_name,
    observable_kind,
    tlp_meaning,
    period_sentences: sentences::period_in_words,
    incident_sentence: sentences::incident_in_words,
    incident_told: sentences::incident_told,
    span_of_days: sentences::span_of_days,
    actions_counted: sentences::actions_counted,
    more_left_out: sentences::more_left_out,
    messages_left_out: sentences::messages_left_out,
    page_of: sentences::page_of,
    part_of: sentences::part_of,
};

const METHOD: [(&str, &str); 9] = [
    (
        "Events",
        "Records from your hosts, network and cloud accounts that arrived in the period and were read. They are counted on the day on which they arrived.",
    ),
    (
        "Alerts",
        "Findings of one rule about the same things are one alert. An alert counts in the period in which it was raised, with the severity that it has now.",
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
        "This period's number against that of the period before: in percent, or as a difference where there were fewer than ten.",
    ),
];

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Informational => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High => "High",
        Severity::Critical => "Critical",
    }
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "Open",
        Stage::Contained => "Contained",
        Stage::Closed => "Closed",
    }
}

const fn alert_status(status: AlertStatus) -> &'static str {
    match status {
        AlertStatus::New => "New",
        AlertStatus::InProgress => "In progress",
        AlertStatus::Closed => "Closed",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::TruePositive => "Confirmed attack",
        Verdict::FalsePositive => "False alarm",
        Verdict::Benign => "Allowed behaviour",
        Verdict::Duplicate => "Duplicate",
        Verdict::Indeterminate => "Could not be decided",
    }
}

const fn task_status(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Waiting => "Waiting",
        TaskStatus::InProgress => "In progress",
        TaskStatus::Completed => "Done",
        TaskStatus::Cancelled => "Not needed",
    }
}

const fn action_status(status: ActionStatus) -> &'static str {
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

const fn timeline_kind(kind: TimelineKind) -> &'static str {
    match kind {
        TimelineKind::Attack => "Attacker",
        TimelineKind::Alert => "Alert",
        TimelineKind::Action => "Action",
        TimelineKind::Case => "Case",
        TimelineKind::Note => "Note",
    }
}

const fn role_name(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Source => "Source",
        EntityRole::Actor => "Actor",
        EntityRole::Target => "Target",
        EntityRole::Related => "Related",
    }
}

const fn observable_kind(kind: ObservableKind) -> &'static str {
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

const fn tlp_meaning(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "may be shared with everybody",
        Tlp::Green => "may be shared within your community",
        Tlp::Amber => "may be shared within your organisation and with its clients, as needed",
        Tlp::AmberStrict => "may be shared within your organisation only",
        Tlp::Red => "for the named recipients only",
    }
}

const fn decision_state(state: DecisionState) -> &'static str {
    match state {
        DecisionState::InForce => "In force",
        DecisionState::Expired => "Expired",
        DecisionState::Undone => "Taken back",
    }
}
