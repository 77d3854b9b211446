//! Alerts by ATT&CK tactic and technique.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use vigie_model::{AttackTag, attack_tactics, tactics_of, technique_name};
use vigie_store::AttackCount;

/// An ATT&CK tactic.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TacticBody {
    /// Its short name: `credential-access`.
    tactic: String,
    /// In how many alerts.
    alerts: u64,
    /// Its techniques that were seen, those with the most alerts first.
    techniques: Vec<TechniqueBody>,
}

/// An ATT&CK technique of a tactic.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TechniqueBody {
    /// Its id: `T1110.001`.
    technique: String,
    /// What it is called; of a sub-technique what the technique is called that it belongs to.
    name: Option<String>,
    /// In how many alerts.
    alerts: u64,
}

/// Returns all tactics with what rules that raised alerts say of them.
pub(super) fn tactics(counts: &[AttackCount]) -> Vec<TacticBody> {
    let mut alerts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut techniques: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for count in counts {
        let said: Vec<&str> = count.tags.iter().filter_map(tactic).collect();
        let mut served: Vec<&str> = said.clone();
        for technique in count.tags.iter().filter_map(technique) {
            for tactic in tactics_of(technique, &said) {
                *techniques.entry((tactic, technique)).or_default() += count.alerts;
                served.push(tactic);
            }
        }
        served.sort_unstable();
        served.dedup();
        for tactic in served {
            *alerts.entry(tactic).or_default() += count.alerts;
        }
    }
    let body = |tactic: &'static str| {
        let own = techniques.iter().filter(|((of, _), _)| *of == tactic);
        let mut own: Vec<TechniqueBody> = own
            .map(|((_, technique), alerts)| TechniqueBody {
                technique: (*technique).to_owned(),
                name: technique_name(technique).map(str::to_owned),
                alerts: *alerts,
            })
            .collect();
        own.sort_by_key(|technique| std::cmp::Reverse(technique.alerts));
        TacticBody { tactic: tactic.to_owned(), alerts: alerts.get(tactic).copied().unwrap_or(0), techniques: own }
    };
    attack_tactics().map(body).collect()
}

fn tactic(tag: &AttackTag) -> Option<&str> {
    match tag {
        AttackTag::Tactic(name) => Some(name),
        AttackTag::Technique(_) => None,
    }
}

fn technique(tag: &AttackTag) -> Option<&str> {
    match tag {
        AttackTag::Technique(name) => Some(name),
        AttackTag::Tactic(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_put_where_their_technique_belongs() {
        let tactic = |name: &str| AttackTag::Tactic(name.to_owned());
        let technique = |name: &str| AttackTag::Technique(name.to_owned());
        let counts = [
            AttackCount { tags: vec![tactic("collection"), tactic("exfiltration"), technique("T1530")], alerts: 3 },
            AttackCount { tags: vec![technique("T1530")], alerts: 2 },
            AttackCount { tags: vec![tactic("impact")], alerts: 1 },
        ];
        let all = tactics(&counts);
        assert_eq!(all.len(), 14);
        let shown: Vec<_> = all.into_iter().filter(|tactic| tactic.alerts > 0).collect();
        let cell = |name: &str, alerts, techniques| TacticBody { tactic: name.to_owned(), alerts, techniques };
        let cloud = TechniqueBody {
            technique: "T1530".to_owned(),
            name: Some("Data from Cloud Storage".to_owned()),
            alerts: 5,
        };
        let expected = [cell("collection", 5, vec![cloud]), cell("exfiltration", 3, vec![]), cell("impact", 1, vec![])];
        assert_eq!(shown, expected);
    }
}
