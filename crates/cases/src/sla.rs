//! By when a case must be taken up and closed, as agreed with its tenant.
//!
//! The clock of a case runs from when it was opened, day and night. What was done in time stays met, what was done late
//! stays missed; what is not done yet is running, near, or late.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_model::{Case, Severity, Timestamp};

/// How long an agreed time may be, in minutes: a year.
pub const SLA_MINUTES_MAX: u32 = 366 * 24 * 60;

/// What is agreed with a tenant: for each severity within how many minutes. A severity without an entry has no due time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPolicy {
    /// Until somebody has taken the case up.
    #[serde(default)]
    pub acknowledge_minutes: BTreeMap<Severity, u32>,
    /// Until it is closed.
    #[serde(default)]
    pub resolve_minutes: BTreeMap<Severity, u32>,
    /// From how much of the time on a case counts as near, in percent.
    #[serde(default = "usual_near")]
    pub near_percent: u8,
}

const fn usual_near() -> u8 {
    80
}

impl Default for SlaPolicy {
    /// Nothing is agreed.
    fn default() -> Self {
        Self { acknowledge_minutes: BTreeMap::new(), resolve_minutes: BTreeMap::new(), near_percent: usual_near() }
    }
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaStep {
    /// Somebody takes the case up.
    Acknowledge,
    /// It is closed.
    Resolve,
}

/// Where a case stands with one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaState {
    /// Done in time.
    Met,
    /// Done late.
    Missed,
    /// Not done, and there is time.
    Running,
    /// Not done, and there is little time left.
    Near,
    /// Not done, and late.
    Breached,
}

/// One step of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sla {
    /// What is due.
    pub step: SlaStep,
    /// From when on little time is left.
    pub near: Timestamp,
    /// By when.
    pub due: Timestamp,
    /// Where the case stands.
    pub state: SlaState,
}

/// A policy that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlaError {
    /// A time that is none.
    #[error("`{field}.{severity}` is {minutes}: expected 1 to {SLA_MINUTES_MAX} minutes")]
    Minutes {
        /// Which of the two tables.
        field: &'static str,
        /// For which severity.
        severity: Severity,
        /// What it says.
        minutes: u32,
    },
    /// A case that is due before it must have been taken up.
    #[error("a {0} case is to be closed sooner than taken up: raise `resolve_minutes` or lower `acknowledge_minutes`")]
    Order(Severity),
    /// A share that is none.
    #[error("`near_percent` is {0}: expected 1 to 99")]
    Near(u8),
}

impl SlaPolicy {
    /// Returns what is wrong with the policy, if anything is.
    pub fn check(&self) -> Result<(), SlaError> {
        if !(1..=99).contains(&self.near_percent) {
            return Err(SlaError::Near(self.near_percent));
        }
        for (field, table) in
            [("acknowledge_minutes", &self.acknowledge_minutes), ("resolve_minutes", &self.resolve_minutes)]
        {
            if let Some((severity, minutes)) =
                table.iter().find(|(_, minutes)| !(1..=SLA_MINUTES_MAX).contains(*minutes))
            {
                return Err(SlaError::Minutes { field, severity: *severity, minutes: *minutes });
            }
        }
        let sooner = |severity: &&Severity| {
            let (taken, closed) = (self.acknowledge_minutes.get(*severity), self.resolve_minutes.get(*severity));
            taken.zip(closed).is_some_and(|(taken, closed)| closed < taken)
        };
        match self.acknowledge_minutes.keys().find(sooner) {
            Some(severity) => Err(SlaError::Order(*severity)),
            None => Ok(()),
        }
    }

    /// Returns the longest time that is agreed.
    pub fn longest(&self) -> Duration {
        let minutes = self.acknowledge_minutes.values().chain(self.resolve_minutes.values()).max();
        Duration::from_secs(u64::from(minutes.copied().unwrap_or(0)) * 60)
    }

    /// Returns the steps that are agreed for a case, and where it stands with each.
    pub fn steps(&self, case: &Case, now: Timestamp) -> Vec<Sla> {
        let step = |step: SlaStep, table: &BTreeMap<Severity, u32>, done: Option<Timestamp>| {
            let span = Duration::from_secs(u64::from(*table.get(&case.severity)?) * 60);
            let due = case.created.plus(span);
            let near = case.created.plus(span * u32::from(self.near_percent) / 100);
            let state = match done {
                Some(done) if done <= due => SlaState::Met,
                Some(_) => SlaState::Missed,
                None if now > due => SlaState::Breached,
                None if now >= near => SlaState::Near,
                None => SlaState::Running,
            };
            Some(Sla { step, near, due, state })
        };
        // Who closes a case has taken it up.
        [
            step(SlaStep::Acknowledge, &self.acknowledge_minutes, case.acknowledged.or(case.closed)),
            step(SlaStep::Resolve, &self.resolve_minutes, case.closed),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
