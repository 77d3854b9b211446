//! What an operator wants done about an alarm.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::{read_duration, write_duration};

/// What is done about an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmResponse {
    /// The log lines behind it are read, and the addresses that they name are blocked.
    BlockLogSources,
    /// The instance among its dimensions is isolated.
    IsolateInstance,
    /// People are told.
    Notify,
}

/// When this alarm, then that: the playbook of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRule {
    /// The alarm's name, with `*` for any text.
    pub alarm: String,
    /// What is done.
    #[serde(rename = "do")]
    pub response: AlarmResponse,
    /// Where the log lines are, for [`AlarmResponse::BlockLogSources`].
    #[serde(default)]
    pub log_group: Option<String>,
    /// Which lines, as CloudWatch Logs filters them.
    #[serde(default)]
    pub filter: String,
    /// How many lines must name an address.
    #[serde(default = "five")]
    pub at_least: u32,
    /// How far back from the alarm lines are read.
    #[serde(default = "ten_minutes", serialize_with = "write_duration", deserialize_with = "read_duration")]
    pub lookback: Duration,
}

const fn five() -> u32 {
    5
}

const fn ten_minutes() -> Duration {
    Duration::from_mins(10)
}

/// Reading further back costs more than it tells: what happened then had an alarm of its own.
const LOOKBACK_MAX: Duration = Duration::from_hours(24);

impl AlarmRule {
    /// Returns the name of the setting that makes no sense, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.alarm.trim_matches('*').is_empty() {
            return Err(("alarm", "expected the alarm's name; `*` alone would answer every alarm".to_owned()));
        }
        if self.at_least == 0 {
            return Err(("at_least", "expected at least 1".to_owned()));
        }
        if self.lookback > LOOKBACK_MAX {
            return Err(("lookback", "expected at most 24h".to_owned()));
        }
        if self.response == AlarmResponse::BlockLogSources && self.log_group.as_ref().is_none_or(String::is_empty) {
            return Err(("log_group", "`block_log_sources` needs the log group to read".to_owned()));
        }
        Ok(())
    }

    /// Returns whether the rule is for an alarm of that name.
    pub(super) fn fits(&self, alarm: &str) -> bool {
        crate::conditions::matches(&self.alarm, alarm)
    }
}
