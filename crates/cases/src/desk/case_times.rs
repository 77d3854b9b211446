//! How long the steps of a case took.

use std::time::Duration;

use vigie_model::{Alert, Case, Timestamp};

/// How long the steps of a case took, as far as they were taken. A date in the future counts as now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseTimes {
    /// From when it happened until it was noticed: until its first alert was raised, or it was opened without one.
    pub detect: Duration,
    /// From when its first alert was raised until somebody took that up.
    pub triage: Option<Duration>,
    /// From when its first alert was raised until that came into the case.
    pub qualify: Option<Duration>,
    /// From when it was opened until somebody took it up.
    pub acknowledge: Option<Duration>,
    /// From when it was opened until it was closed.
    pub resolve: Option<Duration>,
    /// From when it began until it ended.
    pub handling: Option<Duration>,
}

/// Returns when a case ended, as somebody said or when it was closed.
pub fn case_end(case: &Case) -> Option<Timestamp> {
    case.desk.ended.or(case.closed)
}

/// Returns how long the steps of a case took. `first` is that of its alerts that happened first.
pub fn case_times(case: &Case, first: Option<&Alert>) -> CaseTimes {
    let (happened, noticed) = first.map_or((case.first_seen, case.created), |alert| (alert.first_seen, alert.created));
    CaseTimes {
        detect: noticed.since(happened),
        triage: first.and_then(|alert| Some(alert.acknowledged?.since(alert.created))),
        qualify: first.and_then(|alert| Some(alert.desk.imported?.since(alert.created))),
        acknowledge: case.acknowledged.map(|time| time.since(case.created)),
        resolve: case.closed.map(|time| time.since(case.created)),
        handling: case_end(case).map(|time| time.since(case.first_seen)),
    }
}
