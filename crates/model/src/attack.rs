//! MITRE ATT&CK tactics and techniques, as Sigma's tags name them.

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
}
