//! MITRE ATT&CK tactics and techniques, as Sigma's tags name them.

mod matrix;

use std::fmt;

use serde::{Deserialize, Serialize};

/// An ATT&CK tactic or technique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum AttackTag {
    /// A tactic by its short name, with hyphens: `credential-access`.
    Tactic(String),
    /// A technique or sub-technique: `T1110`, `T1110.001`.
    Technique(String),
}

impl fmt::Display for AttackTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tactic(name) | Self::Technique(name) => f.write_str(name),
        }
    }
}

/// Returns the ATT&CK tags among a Sigma rule's tags (Sigma specification, appendix "Tags"): `attack.t1110.001` is a
/// technique, `attack.credential_access` or `attack.credential-access` a tactic; groups and software (`attack.g…`,
/// `attack.s…` with a number) and other namespaces are left out.
pub fn attack_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Vec<AttackTag> {
    let mut found: Vec<AttackTag> = tags.into_iter().filter_map(attack_tag).collect();
    found.sort();
    found.dedup();
    found
}

fn attack_tag(tag: &str) -> Option<AttackTag> {
    let name = tag.strip_prefix("attack.")?;
    let numbered = |prefix: char| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    if numbered('t') {
        return Some(AttackTag::Technique(name.to_ascii_uppercase()));
    }
    if numbered('g') || numbered('s') || numbered('c') {
        return None;
    }
    Some(AttackTag::Tactic(name.replace('_', "-")))
}

/// Returns the short names of ATT&CK's tactics, in the order of an attack.
pub fn attack_tactics() -> impl Iterator<Item = &'static str> {
    matrix::MATRIX.iter().map(|(tactic, _)| *tactic)
}

/// Returns the name of a technique, or of the technique that a sub-technique belongs to; `None` where it is not known.
pub fn technique_name(technique: &str) -> Option<&'static str> {
    let number = technique_number(technique)?;
    let index = matrix::NAMES.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    Some(matrix::NAMES[index].1)
}

/// Returns which tactics a technique serves where a rule says both: of the rule's tactics those that ATT&CK knows for the
/// technique. Where these are none, all that ATT&CK knows for it; where it does not know the technique, the rule's.
pub fn tactics_of<'a>(technique: &str, said: &[&'a str]) -> Vec<&'a str> {
    let number = technique_number(technique);
    let serves = |numbers: &[u16]| number.is_some_and(|number| numbers.contains(&number));
    let known: Vec<&'static str> =
        matrix::MATRIX.iter().filter(|(_, numbers)| serves(numbers)).map(|(tactic, _)| *tactic).collect();
    if known.is_empty() {
        return said.to_vec();
    }
    let both: Vec<&str> = said.iter().copied().filter(|tactic| known.contains(tactic)).collect();
    if both.is_empty() { known } else { both }
}

/// Returns 1110 of `T1110` and of `T1110.001`.
fn technique_number(technique: &str) -> Option<u16> {
    technique.strip_prefix('T')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let found = attack_tags([
            "attack.t1110.001",
            "attack.credential_access",
            "attack.g0016",
            "cve.2021.44228",
            "attack.s0002",
        ]);
        assert_eq!(found, [AttackTag::Tactic("credential-access".into()), AttackTag::Technique("T1110.001".into())]);
    }

    #[test]
    fn techniques_serve_tactics() {
        for (technique, said, expected) in [
            ("T1530", &["collection", "exfiltration"][..], &["collection"][..]),
            ("T1078.004", &["persistence", "impact"], &["persistence"]),
            ("T1110", &[], &["credential-access"]),
            ("T1110", &["impact"], &["credential-access"]),
            ("T1053", &[], &["execution", "persistence", "privilege-escalation"]),
            ("T9999", &["impact"], &["impact"]),
            ("nonsense", &[], &[]),
        ] {
            assert_eq!(tactics_of(technique, said), expected, "{technique} {said:?}");
        }
        assert_eq!(technique_name("T1110.003"), Some("Brute Force"));
        assert_eq!(technique_name("T9999"), None);
        assert!(matrix::NAMES.is_sorted_by_key(|(number, _)| *number));
        assert_eq!(attack_tactics().count(), 14);
    }
}
