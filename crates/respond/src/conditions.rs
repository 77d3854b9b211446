//! When a playbook, or one of its actions, applies.

use vigie_model::{Alert, EntityRole, ObservableKind, Severity, TenantId};

/// Conditions on an alert. Each that is given must hold; the words of one list are alternatives, but for `entities`,
/// which must all be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Ids or titles of rules, upper and lower case alike, `*` for any text.
    pub rules: Vec<String>,
    /// Tags of the alert or its rule, upper and lower case alike, `*` for any text. An ATT&CK technique stands for its
    /// sub-techniques too: `attack.t1110` takes `attack.t1110.001`.
    pub tags: Vec<String>,
    /// At least so bad.
    pub severity: Option<Severity>,
    /// Kinds of entities that the alert must be about.
    pub entities: Vec<EntityCondition>,
    /// For these tenants.
    pub tenants: Vec<TenantId>,
    /// At least so many findings.
    pub count: Option<u64>,
    /// Whether the alert must, or must not, be part of a case.
    pub case: Option<bool>,
}

/// A kind of entity, with the part that it must play where that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntityCondition {
    /// The part, or `None` for any.
    pub role: Option<EntityRole>,
    /// The kind.
    pub kind: ObservableKind,
}

impl Conditions {
    /// Returns whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether an alert meets them; `in_case` says whether it is part of a case.
    pub fn hold(&self, alert: &Alert, in_case: bool) -> bool {
        self.rules_hold(alert)
            && self.tags_hold(alert)
            && self.severity.is_none_or(|least| alert.severity >= least)
            && self.entities.iter().all(|wanted| wanted.is_among(alert))
            && (self.tenants.is_empty() || self.tenants.contains(&alert.tenant))
            && self.count.is_none_or(|least| alert.count >= least)
            && self.case.is_none_or(|wanted| wanted == in_case)
    }

    fn rules_hold(&self, alert: &Alert) -> bool {
        self.rules.is_empty()
            || self.rules.iter().any(|rule| matches(rule, alert.rule.id.as_str()) || matches(rule, &alert.rule.title))
    }

    fn tags_hold(&self, alert: &Alert) -> bool {
        let tags = || alert.tags.iter().chain(&alert.rule.tags);
        self.tags.is_empty() || self.tags.iter().any(|wanted| tags().any(|tag| tag_matches(wanted, tag)))
    }
}

impl EntityCondition {
    fn is_among(self, alert: &Alert) -> bool {
        let fits = |role| self.role.is_none_or(|wanted| wanted == role);
        alert.entities.iter().chain(&alert.key).any(|entity| entity.kind == self.kind && fits(entity.role))
    }
}

fn tag_matches(wanted: &str, tag: &str) -> bool {
    matches(wanted, tag) || is_sub_technique(wanted, tag)
}

/// A tactic or a free tag has no parts: only techniques do.
fn is_sub_technique(wanted: &str, tag: &str) -> bool {
    let is_technique = |name: &str| {
        let digits = name.get(..8).filter(|head| head.eq_ignore_ascii_case("attack.t")).and_then(|_| name.get(8..));
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_technique(wanted)
        && tag.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted))
        && tag.as_bytes().get(wanted.len()) == Some(&b'.')
}

/// Compares a text with a pattern in which `*` stands for any text, without regard to case. It goes back to the last
/// star only, so it takes at most the product of both lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, seen));
            at += 1;
        } else if pattern.get(at) == Some(&text[seen]) {
            at += 1;
            seen += 1;
        } else if let Some((star_at, star_seen)) = star {
            at = star_at + 1;
            seen = star_seen + 1;
            star = Some((star_at, seen));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("SSH *", "ssh brute force", true),
            ("*force", "ssh brute force", true),
            ("ssh*brute*", "ssh brute force", true),
            ("ssh", "ssh brute force", false),
            ("*", "", true),
            ("", "x", false),
            ("a*a*a*b", "aaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_technique_stands_for_its_parts() {
        for (wanted, tag, expected) in [
            ("attack.t1110", "attack.t1110.001", true),
            ("attack.T1110", "ATTACK.t1110.001", true),
            ("attack.t1110", "attack.t11100", false),
            ("attack.t1110.001", "attack.t1110", false),
            ("attack.t", "attack.t.x", false),
            ("cve.2021", "cve.2021.44228", false),
            ("cve.2021.*", "cve.2021.44228", true),
        ] {
            assert_eq!(tag_matches(wanted, tag), expected, "{wanted} {tag}");
        }
    }
}
