//! Every word that the reports say: the same list of words in each language, each in a folder of its own.

mod attack_names;
mod dates;
mod english;
mod french;

use vigie_model::{
    ActionStatus, AlertStatus, DecisionState, EntityRole, ObservableKind, ReportLanguage as Language,
    ReportPeriod as Period, Severity, TaskStatus, TimelineKind, Tlp, Verdict,
};

pub(crate) use attack_names::{ADVICE_TAGS, TACTICS, technique_name};
pub(crate) use dates::percent_of;

use crate::figures::{IncidentFigures, Measure, PeriodFigures, Stage};
use crate::incident_figures::{IncidentReportFigures, Person};

pub(crate) const BRAND: &str = "Vigie";

/// Returns the words of a language.
pub(crate) const fn words_of(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::French => &french::WORDS,
    }
}

/// What a report over a period calls its period.
pub(crate) struct PeriodWords {
    pub(crate) report: &'static str,
    pub(crate) in_figures: &'static str,
    pub(crate) this: &'static str,
    pub(crate) before: &'static str,
    pub(crate) against: &'static str,
    pub(crate) against_short: &'static str,
    pub(crate) no_previous: &'static str,
    pub(crate) no_advice: &'static str,
    pub(crate) lead: &'static str,
}

/// A title and what to do.
pub(crate) type Counsel = (&'static str, &'static str);

/// All words of a language.
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) weekly: PeriodWords,
    pub(crate) monthly: PeriodWords,
    pub(crate) summary: &'static str,
    pub(crate) recommendations: &'static str,
    pub(crate) alerts: &'static str,
    pub(crate) incidents: &'static str,
    pub(crate) response: &'static str,
    pub(crate) attack: &'static str,
    pub(crate) appendix: &'static str,
    pub(crate) prepared_for: &'static str,
    pub(crate) period_named: &'static str,
    pub(crate) made: &'static str,
    pub(crate) handling: &'static str,
    pub(crate) all_times_utc: &'static str,
    pub(crate) not_enough: &'static str,
    pub(crate) none: &'static str,
    pub(crate) no_cases: &'static str,
    pub(crate) no_actions: &'static str,
    pub(crate) no_techniques: &'static str,
    pub(crate) events_read: &'static str,
    pub(crate) alerts_raised: &'static str,
    pub(crate) critical_and_high: &'static str,
    pub(crate) open_incidents: &'static str,
    pub(crate) actions_done: &'static str,
    pub(crate) time_to_respond: &'static str,
    pub(crate) alerts_per_day: &'static str,
    pub(crate) events_per_day: &'static str,
    pub(crate) mean_times: &'static str,
    pub(crate) sources: &'static str,
    pub(crate) by_severity: &'static str,
    pub(crate) by_rule: &'static str,
    pub(crate) states: &'static str,
    pub(crate) timeline: &'static str,
    pub(crate) observables: &'static str,
    pub(crate) actions: &'static str,
    pub(crate) tasks: &'static str,
    pub(crate) resolution: &'static str,
    pub(crate) tactics_seen: &'static str,
    pub(crate) techniques_seen: &'static str,
    pub(crate) because: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) state: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) findings: &'static str,
    pub(crate) share: &'static str,
    pub(crate) source: &'static str,
    pub(crate) events: &'static str,
    pub(crate) time: &'static str,
    pub(crate) what: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) value: &'static str,
    pub(crate) role: &'static str,
    pub(crate) known: &'static str,
    pub(crate) note: &'static str,
    pub(crate) technique: &'static str,
    pub(crate) name: &'static str,
    pub(crate) change: &'static str,
    pub(crate) mean: &'static str,
    pub(crate) median: &'static str,
    pub(crate) longest: &'static str,
    pub(crate) opened: &'static str,
    pub(crate) first_seen: &'static str,
    pub(crate) worked_by: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) malicious_short: &'static str,
    pub(crate) detect: &'static str,
    pub(crate) acknowledge: &'static str,
    pub(crate) respond: &'static str,
    pub(crate) close: &'static str,
    pub(crate) critical_and_high_alerts: &'static str,
    pub(crate) incidents_opened: &'static str,
    pub(crate) incident_report: &'static str,
    pub(crate) incident_figures: &'static str,
    pub(crate) people: &'static str,
    pub(crate) person: &'static str,
    pub(crate) part: &'static str,
    pub(crate) entities: &'static str,
    pub(crate) decisions: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) target: &'static str,
    pub(crate) since: &'static str,
    pub(crate) until: &'static str,
    pub(crate) until_undone: &'static str,
    pub(crate) how_long: &'static str,
    pub(crate) step: &'static str,
    pub(crate) length: &'static str,
    pub(crate) to_opened: &'static str,
    pub(crate) to_taken_up: &'static str,
    pub(crate) to_contained: &'static str,
    pub(crate) to_closed: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) time_to_contain: &'static str,
    pub(crate) what_happened: &'static str,
    pub(crate) lessons: &'static str,
    pub(crate) task: &'static str,
    pub(crate) indicators: &'static str,
    pub(crate) no_lessons: &'static str,
    pub(crate) mail_attached: &'static str,
    pub(crate) mail_footer: &'static str,
    /// The appendix: a term and what it means here.
    pub(crate) method: [(&'static str, &'static str); 9],
    /// What to do about what was seen, in the order of [`ADVICE_TAGS`].
    pub(crate) advice: [Counsel; ADVICE_TAGS.len()],
    pub(crate) dry_run: Counsel,
    pub(crate) failed_actions: Counsel,
    pub(crate) nobody_looked: Counsel,
    pub(crate) noisy_rule: Counsel,
    pub(crate) coverage_gap: Counsel,
    pub(crate) open_tasks: Counsel,
    pub(crate) not_contained: Counsel,
    /// The names of [`TACTICS`].
    pub(crate) tactics: [&'static str; TACTICS.len()],
    /// From Monday.
    pub(crate) days: [&'static str; 7],
    pub(crate) months: [&'static str; 12],
    pub(crate) months_short: [&'static str; 12],
    pub(crate) severity_name: fn(Severity) -> &'static str,
    pub(crate) stage_name: fn(Stage) -> &'static str,
    pub(crate) alert_status: fn(AlertStatus) -> &'static str,
    pub(crate) verdict: fn(Verdict) -> &'static str,
    pub(crate) task_status: fn(TaskStatus) -> &'static str,
    pub(crate) action_status: fn(ActionStatus) -> &'static str,
    pub(crate) decision_state: fn(DecisionState) -> &'static str,
    pub(crate) timeline_kind: fn(TimelineKind) -> &'static str,
    pub(crate) role_name: fn(EntityRole) -> &'static str,
    pub(crate) observable_kind: fn(ObservableKind) -> &'static str,
    /// A TLP mark's meaning (FIRST TLP 2.0).
    pub(crate) tlp_meaning: fn(Tlp) -> &'static str,
    pub(crate) period_sentences: fn(&PeriodFigures) -> Vec<String>,
    pub(crate) incident_sentence: fn(&IncidentFigures) -> String,
    pub(crate) incident_told: fn(&IncidentReportFigures) -> Vec<String>,
    pub(crate) span_of_days: fn(&str, &str) -> String,
    pub(crate) actions_counted: fn(u64) -> String,
    pub(crate) more_left_out: fn(u64) -> String,
    pub(crate) messages_left_out: fn(u64) -> String,
    pub(crate) no_alerts: &'static str,
    pub(crate) no_change: &'static str,
    pub(crate) under_a_second: &'static str,
    pub(crate) day_unit: &'static str,
    pub(crate) page_of: fn(usize, usize) -> String,
    pub(crate) part_of: fn(&Person) -> String,
}

impl Words {
    pub(crate) const fn period(&self, period: Period) -> &PeriodWords {
        match period {
            Period::Weekly => &self.weekly,
            Period::Monthly => &self.monthly,
        }
    }

    pub(crate) const fn measure_name(&self, measure: Measure) -> &'static str {
        match measure {
            Measure::Events => self.events_read,
            Measure::Alerts => self.alerts_raised,
            Measure::CriticalAndHigh => self.critical_and_high_alerts,
            Measure::Cases => self.incidents_opened,
            Measure::ActionsDone => self.actions_done,
        }
    }
}

/// Returns a TLP mark.
pub(crate) const fn tlp_mark(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "TLP:CLEAR",
        Tlp::Green => "TLP:GREEN",
        Tlp::Amber => "TLP:AMBER",
        Tlp::AmberStrict => "TLP:AMBER+STRICT",
        Tlp::Red => "TLP:RED",
    }
}
