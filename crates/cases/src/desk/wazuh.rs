//! What an alert of Wazuh says that its well-known integration only writes into the description.
//!
//! The integration (`custom-w2thive.py`) flattens Wazuh's alert into rows of Markdown, `| **rule.level** | 10 |`, and sets
//! tags such as `rule=5763` and `agent_name=web01`. Severity is always 2 there, and the reference is six random hex digits.
//! Here the level says how severe it is, and the same rule about the same things is the same alert.
//!
//! The rows hold log lines, which attackers write: one that is broken into two can look like a row. So the first row of a
//! name counts, since Wazuh writes `rule` before anything that a log says, and a tag counts more than a row.

use std::collections::HashMap;

use vigie_model::{Entity, EntityRole, ObservableKind, Severity};

/// How much of a description is read, in bytes: 256 KiB.
const DESCRIPTION_BYTES_MAX: usize = 256 * 1024;
/// How many ATT&CK techniques are taken.
pub const TECHNIQUES_MAX: usize = 20;

/// What an alert of Wazuh says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WazuhFacts {
    /// The rule's number.
    pub rule: Option<String>,
    /// The rule's level, 0 to 16.
    pub level: Option<u8>,
    /// The agent's name.
    pub agent: Option<String>,
    /// The agent's number.
    pub agent_id: Option<String>,
    /// The agent's address.
    pub agent_address: Option<String>,
    /// ATT&CK techniques, each with its tactic where that is certain.
    pub techniques: Vec<(String, Option<String>)>,
}

/// Returns whether an alert of this type and source is one of Wazuh's.
pub fn is_wazuh(kind: &str, source: &str) -> bool {
    let begins = |text: &str| text.get(..5).is_some_and(|beginning| beginning.eq_ignore_ascii_case("wazuh"));
    begins(kind) || begins(source)
}

/// Reads what an alert of Wazuh says.
pub fn wazuh_facts(tags: &[String], description: &str) -> WazuhFacts {
    let rows = rows(&description[..description.floor_char_boundary(DESCRIPTION_BYTES_MAX)]);
    let tag = |name: &str| {
        let value = tags.iter().find_map(|tag| tag.strip_prefix(name)?.strip_prefix('='))?;
        said(value)
    };
    let row = |name: &str| said(rows.get(name).copied()?);
    let tactics = list(rows.get("rule.mitre.tactic").copied().unwrap_or_default());
    let ids = list(rows.get("rule.mitre.id").copied().unwrap_or_default());
    let ids: Vec<&str> = ids.into_iter().filter(|id| is_technique(id)).take(TECHNIQUES_MAX).collect();
    // Wazuh names the tactics of all techniques together; only where there is one it is certainly theirs.
    let tactic = match tactics.as_slice() {
        [only] => Some(only.to_ascii_lowercase().replace(' ', "-")),
        _ => None,
    };
    WazuhFacts {
        rule: tag("rule").or_else(|| row("rule.id")),
        level: row("rule.level").and_then(|level| level.parse().ok()).filter(|level| *level <= 16),
        agent: tag("agent_name").or_else(|| row("agent.name")),
        agent_id: tag("agent_id").or_else(|| row("agent.id")),
        agent_address: tag("agent_ip").or_else(|| row("agent.ip")),
        techniques: ids.into_iter().map(|id| (id.to_ascii_uppercase(), tactic.clone())).collect(),
    }
}

/// Returns how severe an alert of a rule of this level is. Wazuh's own documentation calls levels up to 3 not worth a look,
/// from 4 low, from 8 medium to high and from 12 high to critical.
///
/// <https://documentation.wazuh.com/current/user-manual/ruleset/rules/rules-classification.html>
pub const fn severity_of_level(level: u8) -> Severity {
    match level {
        0..=3 => Severity::Low,
        4..=7 => Severity::Medium,
        8..=11 => Severity::High,
        _ => Severity::Critical,
    }
}

impl WazuhFacts {
    /// Returns what the repeats of an alert have in common besides its rule: the agent, and what it is about.
    pub fn key(&self, about: &[Entity]) -> Vec<Entity> {
        let agent = self.agent_id.as_deref().or(self.agent.as_deref()).unwrap_or_default();
        let mut key: Vec<Entity> = about
            .iter()
            .map(|entity| Entity::new(entity.kind, entity.value.clone(), EntityRole::Related))
            .chain([Entity::new(ObservableKind::Other, format!("agent:{agent}"), EntityRole::Related)])
            .collect();
        key.sort();
        key.dedup();
        key
    }
}

fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !matches!(text, "None" | "any" | "no agent ip" | "no agent name" | "no agent id"))
        .then(|| text.to_owned())
}

/// Returns the rows of all tables by their names, of two of one name the first.
fn rows(description: &str) -> HashMap<&str, &str> {
    let mut rows = HashMap::new();
    for line in description.lines() {
        let row = line.strip_prefix("| **").and_then(|line| line.split_once("** | "));
        if let Some((name, value)) = row {
            rows.entry(name).or_insert(value.trim_end().trim_end_matches('|').trim_end());
        }
    }
    rows
}

/// Returns the items of a list as Python prints it: `['T1110', 'T1021.004']`.
fn list(text: &str) -> Vec<&str> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    inner.split(',').map(|item| item.trim().trim_matches(['\'', '"'])).filter(|item| !item.is_empty()).collect()
}

/// `T1110` or `T1021.004`.
fn is_technique(text: &str) -> bool {
    let (main, sub) = text.split_once('.').map_or((text, None), |(main, sub)| (main, Some(sub)));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let main = main.strip_prefix(['T', 't']).is_some_and(|number| digits(number, 4));
    main && sub.is_none_or(|number| digits(number, 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tags: &[&str], description: &str, expected: &WazuhFacts) {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        assert_eq!(wazuh_facts(&tags, description), *expected, "{description}");
    }

    #[expect(clippy::unnecessary_wraps, reason = "the facts that it is compared with are optional")]
    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn rows_and_tags_are_read() {
        let description = "### Rule\n| key | val |\n| ------ | ------ |\n| **rule.level** | 10 |\n\
            | **rule.id** | 5763 |\n| **rule.mitre.id** | ['T1110', 't1021.004', 'x', 'T1'] |\n\
            | **rule.mitre.tactic** | ['Credential Access'] |\n### Agent\n| **agent.name** | web01 |\n\
            | **agent.ip** | 10.0.0.5 |\n| **full_log** | a | b |\n";
        let techniques = ["T1110", "T1021.004"].map(|id| (id.to_owned(), text("credential-access"))).to_vec();
        let facts = WazuhFacts {
            rule: text("5763"),
            level: Some(10),
            agent: text("web01"),
            agent_id: None,
            agent_address: text("10.0.0.5"),
            techniques,
        };
        check(&["wazuh"], description, &facts);
        let tagged = WazuhFacts { agent: text("other"), agent_id: text("001"), agent_address: None, ..facts.clone() };
        let without = description.replace("10.0.0.5", "any");
        check(&["agent_name=other", "agent_id=001", "agent_ip=", "rule=5763"], &without, &tagged);
        let two = description.replace("'Credential Access'", "'Credential Access', 'Lateral Movement'");
        let uncertain = facts.techniques.iter().map(|(id, _)| (id.clone(), None)).collect();
        check(&[], &two, &WazuhFacts { techniques: uncertain, ..facts });
        check(&[], "", &WazuhFacts::default());
        check(&[], "| **rule.level** | 17 |\n| **rule.level** | 3 |", &WazuhFacts::default());
        check(&[], "| **rule.level**", &WazuhFacts::default());
    }

    #[test]
    fn a_log_line_does_not_lower_the_level() {
        let description =
            "| **rule.level** | 12 |\n| **full_log** | x |\n| **rule.level** | 0 |\n| **agent.name** | y |";
        let facts = wazuh_facts(&["agent_name=web01".to_owned()], description);
        assert_eq!((facts.level, facts.agent), (Some(12), text("web01")));
    }

    #[test]
    fn levels_become_severities() {
        let severities = (0..=16).map(|level| severity_of_level(level) as u8).collect::<Vec<_>>();
        assert_eq!(severities, [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
    }

    #[test]
    fn wazuh_is_known_by_its_name() {
        for (kind, source, expected) in [
            ("wazuh_alert", "x", true),
            ("x", "Wazuh", true),
            ("x", "y", false),
            ("", "waz", false),
            ("wazué", "", false),
        ] {
            assert_eq!(is_wazuh(kind, source), expected, "{kind} {source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_description_is_too_strange(text in "(\\| \\*\\*(rule\\.(id|level|mitre\\.id)|agent\\.ip)\\*\\* \\| [^\n]{0,12}\n?|\\PC{0,8}){0,9}") {
            let facts = wazuh_facts(&[], &text);
            proptest::prop_assert!(facts.level.is_none_or(|level| level <= 16));
            proptest::prop_assert!(facts.techniques.iter().all(|(id, _)| is_technique(id)));
        }
    }
}
