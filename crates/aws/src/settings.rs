//! What an account has for the actions to work with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vigie_respond::{CloudPolicy, CloudPolicyError};

/// How long settings may be: all variables of a Lambda together take 4 KB at most, a file may take more.
pub const SETTINGS_BYTES_MAX: usize = 256 * 1024;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// They are too long.
    #[error("the settings have {0} bytes: at most {SETTINGS_BYTES_MAX} are read")]
    TooLong(usize),
    /// They are not JSON.
    #[error("the settings are not a JSON object")]
    NotJson(#[source] serde_json::Error),
    /// One of them makes no sense.
    #[error(transparent)]
    Setting(#[from] CloudPolicyError),
    /// One that says what the account has makes no sense.
    #[error("setting `{0}`")]
    Account(String, #[source] serde_json::Error),
}

/// Reads the settings of a responder, an object of JSON: what is decided, and what the account has for it. An empty text
/// is all defaults: a dry run.
///
/// # Errors
/// A setting is unknown or makes no sense; the error names it, and the word that was likely meant.
pub fn read_settings(text: &str) -> Result<(CloudPolicy, Settings), SettingsError> {
    if text.len() > SETTINGS_BYTES_MAX {
        return Err(SettingsError::TooLong(text.len()));
    }
    let text = if text.trim().is_empty() { "{}" } else { text };
    let mut fields: Map<String, Value> = serde_json::from_str(text).map_err(SettingsError::NotJson)?;
    let policy = CloudPolicy::take_from(&mut fields, &Settings::KEYS)?;
    // One setting at a time, so that an error names it.
    for (name, value) in &fields {
        let single = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<Settings>(Value::Object(single))
            .map_err(|error| SettingsError::Account(name.clone(), error))?;
    }
    let settings = serde_json::from_value(Value::Object(fields));
    Ok((policy, settings.map_err(|error| SettingsError::Account("settings".to_owned(), error))?))
}

/// What an account has for the actions to work with. Terraform makes it and passes it to the Lambda; on a server it is the
/// `[aws]` part of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The IP sets that a block goes into: a pair for each web ACL's scope.
    pub waf: Vec<WafSets>,
    /// The network ACLs that a block goes into.
    pub nacl: NaclRange,
    /// The quarantine group of each VPC. One that is not listed is looked up by its tag `vigie:quarantine=true`.
    pub quarantine_groups: BTreeMap<String, String>,
    /// What is done about tracked connections where an instance shares its subnet with others.
    pub shared_subnet: SharedSubnet,
    /// The topic that messages go to.
    pub topic: Option<String>,
    /// The table of decisions.
    pub table: Option<String>,
    /// The FIFO queue that changes at the edge go through; `None` to change IP sets and network ACLs directly.
    pub edge_queue: Option<String>,
    /// The name of the responder's own role, whose sessions are never revoked.
    pub own_role: Option<String>,
}

impl Settings {
    /// The names of the settings.
    pub const KEYS: [&'static str; 8] =
        ["waf", "nacl", "quarantine_groups", "shared_subnet", "topic", "table", "edge_queue", "own_role"];
}

/// Where a web ACL lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// In a Region: load balancers, API gateways.
    #[default]
    Regional,
    /// In front of CloudFront: always spoken to in us-east-1.
    Cloudfront,
}

impl Scope {
    /// Returns the word that WAF uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regional => "REGIONAL",
            Self::Cloudfront => "CLOUDFRONT",
        }
    }
}

/// The two IP sets of one web ACL; WAF keeps IPv4 and IPv6 apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WafSets {
    /// Where they live.
    #[serde(default)]
    pub scope: Scope,
    /// The set of IPv4 networks.
    pub ipv4: IpSet,
    /// The set of IPv6 networks; without it IPv6 attackers are blocked at the network ACL alone.
    #[serde(default)]
    pub ipv6: Option<IpSet>,
}

/// An IP set of WAF, as its API wants it named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpSet {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// The network ACLs that a block goes into, and the rule numbers there that are ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NaclRange {
    /// The network ACLs.
    pub ids: Vec<String>,
    /// The first rule number that is ours. Lower numbers win, so it must be below every rule that allows.
    pub first_rule: u16,
    /// How many rule numbers are ours. AWS allows 20 rules a direction unless the quota was raised (at most 40).
    pub rules: u16,
}

impl Default for NaclRange {
    /// No network ACL; 16 rules from 10, which leaves four of the quota's 20: for what allows, and to cut an instance off.
    fn default() -> Self {
        Self { ids: Vec::new(), first_rule: 10, rules: 16 }
    }
}

/// What is done about tracked connections where an instance is not alone in its subnet. A network ACL rule names the other
/// end only, so it cannot cut off one of several neighbours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedSubnet {
    /// Tell that connections which are open stay open until they are idle.
    #[default]
    Tell,
    /// Stop the instance: nothing stays open, and what is in its memory is lost.
    Stop,
}
