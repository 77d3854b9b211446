//! How soon a case must be taken up and resolved, and how it stands.

use std::time::Duration;

use vigie_model::{Case, Severity, Timestamp};

/// How much time there is for cases of one severity; `None` for as much as it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlaTarget {
    /// From when a case is opened until somebody takes it up.
    pub acknowledge: Option<Duration>,
    /// From when it is opened until it is closed.
    pub resolve: Option<Duration>,
}

/// How much time there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaPolicy {
    /// For each severity, from informational to critical.
    pub targets: [SlaTarget; 5],
    /// How much of the time must have passed for the end to be near, in percent, 0 to 100.
    pub near_percent: u32,
}

impl SlaPolicy {
    /// Returns how much time there is for a severity.
    pub fn target(&self, severity: Severity) -> SlaTarget {
        self.targets[severity as usize]
    }
}

/// How a case stands against one of its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlaState {
    /// There is time.
    Running,
    /// There is little time left.
    Near,
    /// It was done in time.
    Met,
    /// It was not done in time, or not yet.
    Breached,
}

/// How a case stands against one of its targets, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaClock {
    /// From when on the end is near.
    pub near: Timestamp,
    /// Until when it must be done: at this time it still is in time.
    pub due: Timestamp,
    /// How it stands.
    pub state: SlaState,
}

/// How a case stands; `None` where there is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sla {
    /// Whether somebody takes it up in time.
    pub acknowledge: Option<SlaClock>,
    /// Whether it is closed in time.
    pub resolve: Option<SlaClock>,
}

impl Sla {
    /// Returns the worse of both states of what is not done yet, where there is any: what people are to be told of.
    pub fn open_state(&self, case: &Case) -> Option<SlaState> {
        let acknowledge = self.acknowledge.filter(|_| case.acknowledged.is_none());
        let resolve = self.resolve.filter(|_| case.closed.is_none());
        let states = [acknowledge, resolve].into_iter().flatten().map(|clock| clock.state);
        states.max_by_key(|state| match state {
            SlaState::Met => 0,
            SlaState::Running => 1,
            SlaState::Near => 2,
            SlaState::Breached => 3,
        })
    }
}

/// Returns how a case stands at a time. Its severity of now counts from when it was opened: one that turns out to be worse
/// may be late at once.
pub fn sla(case: &Case, policy: &SlaPolicy, now: Timestamp) -> Sla {
    let target = policy.target(case.severity);
    let clock = |time: Duration, done: Option<Timestamp>| {
        let near = time.saturating_mul(policy.near_percent.min(100)) / 100;
        let (near, due) = (case.created.plus(near), case.created.plus(time));
        let state = match done {
            Some(done) if done <= due => SlaState::Met,
            Some(_) => SlaState::Breached,
            None if now > due => SlaState::Breached,
            None if now >= near => SlaState::Near,
            None => SlaState::Running,
        };
        SlaClock { near, due, state }
    };
    Sla {
        acknowledge: target.acknowledge.map(|time| clock(time, case.acknowledged)),
        resolve: target.resolve.map(|time| clock(time, case.closed)),
    }
}
