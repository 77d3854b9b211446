//! What an instance was like before it was isolated, kept in its own tags.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::services::ec2::Direction;

/// The tags that hold who, when and why.
pub(super) const BY: &str = "vigie:isolated-by";
pub(super) const AT: &str = "vigie:isolated-at";
pub(super) const REASON: &str = "vigie:reason";
/// The tag that holds the groups of each interface; where they are too long for one, `-2` and so on follow.
pub(super) const GROUPS: &str = "vigie:original-groups";
/// The tag that holds the rest; `-2` and so on as above.
pub(super) const REST: &str = "vigie:original-state";

/// How many characters the value of a tag takes.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions>.
const VALUE_MAX: usize = 256;
/// How many tags one text is spread over at most: an instance takes 50 tags.
const PARTS_MAX: usize = 20;

/// What an instance was like before it was isolated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The security groups of each interface that we changed.
    pub(super) groups: BTreeMap<String, Vec<String>>,
    #[serde(flatten)]
    pub(super) state: State,
}

/// What else we changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The group that took their place.
    pub(super) quarantine: String,
    /// Whether it was protected from termination.
    pub(super) protected: bool,
    /// The ARN of its profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<String>,
    /// Whether we stop it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) stop: bool,
    /// The rules that cut its subnets off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Rule>,
}

/// A rule that drops everything: `acl-0123/in/1/0.0.0.0/0` in tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Rule {
    pub(super) acl: String,
    pub(super) direction: Direction,
    pub(super) number: u16,
    pub(super) network: IpNet,
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        let direction = match rule.direction {
            Direction::Ingress => "in",
            Direction::Egress => "out",
        };
        format!("{}/{direction}/{}/{}", rule.acl, rule.number, rule.network)
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let mut parts = text.splitn(4, '/');
            let acl = parts.next()?.to_owned();
            let direction = match parts.next()? {
                "in" => Direction::Ingress,
                "out" => Direction::Egress,
                _ => return None,
            };
            let number = parts.next()?.parse().ok()?;
            Some(Self { acl, direction, number, network: parts.next()?.parse().ok()? })
        };
        read().ok_or_else(|| format!("`{text}` is no rule"))
    }
}

impl Record {
    /// Reads what a first run wrote. Tags that somebody changed so that they cannot be read are as no tags: the instance
    /// is isolated all the same.
    pub(super) fn from_tags(tags: &BTreeMap<String, String>) -> Option<Self> {
        let groups = serde_json::from_str(&joined(tags, GROUPS)?).ok()?;
        let state = serde_json::from_str(&joined(tags, REST)?).ok()?;
        Some(Self { groups, state })
    }

    /// Returns the tags to write.
    pub(super) fn to_tags(&self) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        spread(GROUPS, &serde_json::json!(self.groups).to_string(), &mut tags);
        spread(REST, &serde_json::json!(self.state).to_string(), &mut tags);
        tags
    }
}

/// Returns whether a tag is one of those that isolation writes.
pub(super) fn is_ours(key: &str) -> bool {
    [BY, AT, REASON].contains(&key)
        || [GROUPS, REST].iter().any(|name| {
            key.strip_prefix(name).is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix('-').is_some_and(|number| number.parse::<usize>().is_ok())
            })
        })
}

fn part(name: &str, number: usize) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}-{number}") }
}

fn spread(name: &str, text: &str, tags: &mut BTreeMap<String, String>) {
    // Ids and ARNs are ASCII, so bytes are characters.
    let chars: Vec<char> = text.chars().collect();
    for (number, piece) in (1..=PARTS_MAX).zip(chars.chunks(VALUE_MAX)) {
        tags.insert(part(name, number), piece.iter().collect());
    }
}

fn joined(tags: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let pieces: Vec<&str> =
        (1..=PARTS_MAX).map_while(|number| tags.get(&part(name, number))).map(String::as_str).collect();
    (!pieces.is_empty()).then(|| pieces.concat())
}

/// Returns a text as the value of a tag: one line, no longer than a tag takes.
pub(in crate::actions) fn tag_value(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(VALUE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_through_tags() {
        for interfaces in [0, 1, 2, 5, 15] {
            let groups = (0..interfaces).map(|number| {
                let groups = (0..5).map(|group| format!("sg-{number:08x}{group:09x}")).collect();
                (format!("eni-{number:017x}"), groups)
            });
            let rule = |direction, network: &str| Rule {
                acl: "acl-0123456789abcdef0".to_owned(),
                direction,
                number: 1,
                network: network.parse().unwrap(),
            };
            let record = Record {
                groups: groups.collect(),
                state: State {
                    quarantine: "sg-0123456789abcdef0".to_owned(),
                    protected: interfaces == 1,
                    profile: (interfaces > 1).then(|| "arn:aws:iam::123456789012:instance-profile/web".to_owned()),
                    stop: interfaces == 2,
                    rules: vec![rule(Direction::Ingress, "0.0.0.0/0"), rule(Direction::Egress, "::/0")],
                },
            };
            let tags = record.to_tags();
            assert!(tags.iter().all(|(key, value)| is_ours(key) && value.len() <= VALUE_MAX), "{tags:?}");
            assert_eq!(Record::from_tags(&tags), Some(record));
        }
        assert_eq!(Record::from_tags(&BTreeMap::from([(GROUPS.to_owned(), "{".to_owned())])), None);
        assert!(!is_ours("vigie:original-groups-of-others") && !is_ours("Name") && !is_ours("vigie:quarantine"));
    }
}
