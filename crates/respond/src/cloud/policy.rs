//! What an operator may choose.

use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::alarm_rule::AlarmRule;
use crate::suggest::nearest;
use crate::{NeverTouch, NeverTouchEntry, parse_duration};

/// What is done where our own instance scans others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortscanActorResponse {
    /// The instance is isolated: it is the attacker, the remote address its victim.
    #[default]
    Isolate,
    /// The remote address is blocked, and the instance goes on. Not advised: it cuts off the victim.
    BlockRemote,
}

/// Whether what is decided is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloudMode {
    /// It is decided and told, and nothing is changed.
    #[default]
    DryRun,
    /// It is done.
    Enforce,
}

/// What an operator may choose. Everything has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloudPolicy {
    /// Whether what is decided is done.
    pub mode: CloudMode,
    /// Networks that are never blocked, beside what is found at run time.
    pub never_touch: Vec<NeverTouchEntry>,
    /// How long an address is blocked.
    #[serde(serialize_with = "write_duration", deserialize_with = "read_duration")]
    pub block_for: Duration,
    /// What is done where our own instance scans others.
    pub portscan_actor_response: PortscanActorResponse,
    /// Findings below this severity (1 to 10) do not isolate an instance.
    pub isolate_min_severity: f64,
    /// Findings below this severity do not disable keys, revoke sessions or quarantine users.
    pub credential_min_severity: f64,
    /// Whether a node of a cluster is isolated, with everything that runs on it, for what one of its containers did.
    pub isolate_nodes: bool,
    /// What is done about alarms.
    pub alarms: Vec<AlarmRule>,
}

impl Default for CloudPolicy {
    /// A dry run; blocks of a day; from medium on.
    fn default() -> Self {
        Self {
            mode: CloudMode::DryRun,
            never_touch: Vec::new(),
            block_for: Duration::from_hours(24),
            portscan_actor_response: PortscanActorResponse::Isolate,
            isolate_min_severity: 4.0,
            credential_min_severity: 4.0,
            isolate_nodes: false,
            alarms: Vec::new(),
        }
    }
}

/// The longest block, as [`crate::WAF_BLOCK_IP`] allows it.
const BLOCK_MAX: Duration = Duration::from_hours(24 * 90);
/// How many alarms may be named.
const ALARMS_MAX: usize = 50;
/// How many networks may be listed: what is passed to the Lambda is 4 KB at most.
const NEVER_TOUCH_MAX: usize = 200;

/// What is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {reason}")]
pub struct CloudPolicyError {
    /// Which one.
    pub field: String,
    /// What is wrong, and what to write.
    pub reason: String,
}

impl CloudPolicy {
    /// The names of the settings.
    pub const KEYS: [&'static str; 8] = [
        "mode",
        "never_touch",
        "block_for",
        "portscan_actor_response",
        "isolate_min_severity",
        "credential_min_severity",
        "isolate_nodes",
        "alarms",
    ];

    /// Takes the settings of a policy out of an object and leaves the others, which are someone else's: `others` names
    /// them. Networks of the never-touch list may be plain texts.
    ///
    /// # Errors
    /// A setting is unknown, or its value makes no sense.
    pub fn take_from(fields: &mut Map<String, Value>, others: &[&str]) -> Result<Self, CloudPolicyError> {
        let mut own = Map::new();
        for (name, value) in std::mem::take(fields) {
            if Self::KEYS.contains(&name.as_str()) {
                own.insert(name, value);
            } else if others.contains(&name.as_str()) {
                fields.insert(name, value);
            } else {
                let known = Self::KEYS.iter().chain(others).copied();
                let hint = nearest(&name, known).map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
                return Err(wrong(&name, format!("there is no such setting{hint}")));
            }
        }
        if let Some(Value::Array(entries)) = own.get_mut("never_touch") {
            entries.iter_mut().for_each(spell_out);
        }
        // One setting at a time, so that an error names it.
        for (name, value) in &own {
            let single = Map::from_iter([(name.clone(), value.clone())]);
            serde_json::from_value::<Self>(Value::Object(single)).map_err(|error| wrong(name, error.to_string()))?;
        }
        let policy: Self =
            serde_json::from_value(Value::Object(own)).map_err(|error| wrong("settings", error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    /// Returns the list with what the operator lists added.
    pub(super) fn widen(&self, never_touch: &NeverTouch) -> NeverTouch {
        let mut list = never_touch.clone();
        for entry in &self.never_touch {
            list.add(entry.network, &entry.reason);
        }
        list
    }

    fn check(&self) -> Result<(), CloudPolicyError> {
        if self.block_for > BLOCK_MAX || self.block_for.is_zero() {
            return Err(wrong("block_for", "expected 1s to 90d".to_owned()));
        }
        for (name, severity) in [
            ("isolate_min_severity", self.isolate_min_severity),
            ("credential_min_severity", self.credential_min_severity),
        ] {
            if !(0.0..=10.0).contains(&severity) {
                return Err(wrong(name, "expected a severity from 0 to 10".to_owned()));
            }
        }
        for (name, count, most) in
            [("alarms", self.alarms.len(), ALARMS_MAX), ("never_touch", self.never_touch.len(), NEVER_TOUCH_MAX)]
        {
            if count > most {
                return Err(wrong(name, format!("at most {most} entries, not {count}")));
            }
        }
        self.alarms.iter().enumerate().try_for_each(|(index, rule)| {
            rule.check().map_err(|(name, reason)| wrong(&format!("alarms[{index}].{name}"), reason))
        })
    }
}

fn wrong(field: &str, reason: String) -> CloudPolicyError {
    CloudPolicyError { field: field.chars().take(80).collect(), reason }
}

/// `"198.51.100.0/24"` and `"198.51.100.7"` are entries too.
fn spell_out(entry: &mut Value) {
    let (text, reason) = match entry {
        Value::String(text) => (text.clone(), Value::Null),
        Value::Object(fields) => match fields.get("network") {
            Some(Value::String(text)) => (text.clone(), fields.get("reason").cloned().unwrap_or_default()),
            _ => return,
        },
        _ => return,
    };
    let Ok(address) = text.parse::<std::net::IpAddr>().map(IpNet::from).or_else(|_| text.parse::<IpNet>()) else {
        return;
    };
    let reason = reason.as_str().filter(|reason| !reason.is_empty()).unwrap_or("listed by the operator").to_owned();
    *entry = serde_json::json!({"network": address.to_string(), "reason": reason});
}

pub(super) fn read_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parse_duration(&text).map_err(serde::de::Error::custom)
}

pub(super) fn write_duration<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{}s", span.as_secs()))
}
