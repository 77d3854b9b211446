//! What an account has for the actions to work with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    /// No network ACL; 18 rules from 10, which leaves two of the quota's 20 for what allows.
    fn default() -> Self {
        Self { ids: Vec::new(), first_rule: 10, rules: 18 }
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
