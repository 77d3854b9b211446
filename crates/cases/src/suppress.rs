//! Which findings are known to be harmless.

use std::net::IpAddr;

use ipnet::IpNet;
use vigie_model::{Finding, ObservableKind, Suppression, SuppressionCondition, Timestamp};

/// The suppressions in force, ready to be held against findings.
#[derive(Debug, Default)]
pub struct Suppressions(Vec<(Suppression, Vec<Test>)>);

#[derive(Debug)]
enum Test {
    Value(ObservableKind, String),
    Network(IpNet),
    /// A network that cannot be read holds nothing: better one alert too many.
    Never,
}

impl Suppressions {
    /// Returns these suppressions; the first that fits a finding is the one that counts it.
    pub fn new(suppressions: Vec<Suppression>) -> Self {
        let test = |condition: &SuppressionCondition| match condition {
            SuppressionCondition::Value { kind, value } => Test::Value(*kind, value.clone()),
            SuppressionCondition::Network { network } => network.parse().map_or(Test::Never, Test::Network),
        };
        let ready = |suppression: Suppression| {
            let tests = suppression.conditions.iter().map(test).collect();
            (suppression, tests)
        };
        Self(suppressions.into_iter().map(ready).collect())
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the first suppression that a finding falls under at this moment.
    ///
    /// It is the moment at which the finding is taken in that counts, not the time of its events: that is chosen by whoever
    /// writes the log, and an attacker could otherwise date what they do into a suppression that is over.
    pub fn of(&self, finding: &Finding, now: Timestamp) -> Option<&Suppression> {
        let fits = |(suppression, tests): &&(Suppression, Vec<Test>)| {
            now < suppression.expires
                && suppression.tenant.as_ref().is_none_or(|tenant| *tenant == finding.tenant)
                && suppression.rule.as_ref().is_none_or(|rule| *rule == finding.rule.id)
                && (suppression.rule.is_some() || !tests.is_empty())
                && tests.iter().all(|test| test.holds(finding))
        };
        self.0.iter().find(fits).map(|(suppression, _)| suppression)
    }
}

impl Test {
    fn holds(&self, finding: &Finding) -> bool {
        finding.entities.iter().any(|entity| match self {
            Self::Value(kind, value) => entity.kind == *kind && entity.value.eq_ignore_ascii_case(value),
            Self::Network(network) => {
                entity.kind == ObservableKind::Ip
                    && entity.value.parse::<IpAddr>().is_ok_and(|address| network.contains(&address.to_canonical()))
            }
            Self::Never => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use vigie_model::{
        Actor, Entity, EntityRole, FindingId, FindingKind, RuleId, RuleSummary, Severity, SuppressionId, TenantId,
    };

    use super::*;

    const EXPIRES_S: i64 = 1_000;

    fn finding() -> Finding {
        let rule = RuleSummary {
            id: RuleId::new("noisy").unwrap(),
            title: "Noisy".to_owned(),
            description: String::new(),
            author: None,
            level: Severity::Low,
            tags: Vec::new(),
            attack: Vec::new(),
            references: Vec::new(),
            false_positives: Vec::new(),
        };
        Finding {
            id: FindingId::from_bytes([1; 16]),
            tenant: TenantId::new("acme").unwrap(),
            kind: FindingKind::Rule,
            rule: Arc::new(rule),
            // Dated far past the expiry, and far before it: neither counts.
            time: Timestamp::from_seconds(1_000_000),
            first_time: Timestamp::from_seconds(-1_000_000),
            events: Vec::new(),
            event_count: 1,
            key: Vec::new(),
            entities: vec![
                Entity::new(ObservableKind::Ip, "203.0.113.9", EntityRole::Source),
                Entity::new(ObservableKind::User, "Backup", EntityRole::Actor),
            ],
            matches: Vec::new(),
        }
    }

    fn value(kind: ObservableKind, value: &str) -> SuppressionCondition {
        SuppressionCondition::Value { kind, value: value.to_owned() }
    }

    fn network(network: &str) -> SuppressionCondition {
        SuppressionCondition::Network { network: network.to_owned() }
    }

    #[track_caller]
    fn check(tenant: Option<&str>, rule: Option<&str>, conditions: Vec<SuppressionCondition>, expected: bool) {
        let suppression = Suppression {
            id: SuppressionId::from_bytes([7; 16]),
            tenant: tenant.map(|tenant| TenantId::new(tenant).unwrap()),
            rule: rule.map(|rule| RuleId::new(rule).unwrap()),
            conditions,
            reason: "known".to_owned(),
            created_by: Actor::System("test".to_owned()),
            created: Timestamp::from_seconds(0),
            expires: Timestamp::from_seconds(EXPIRES_S),
        };
        let suppressions = Suppressions::new(vec![suppression]);
        let end = Timestamp::from_seconds(EXPIRES_S);
        let held = suppressions.of(&finding(), end.minus(Duration::from_micros(1))).is_some();
        assert_eq!(held, expected);
        assert!(suppressions.of(&finding(), end).is_none(), "it is over");
    }

    #[test]
    fn what_a_suppression_holds() {
        let ip = ObservableKind::Ip;
        let user = ObservableKind::User;
        check(None, Some("noisy"), vec![], true);
        check(Some("acme"), Some("noisy"), vec![], true);
        check(Some("globex"), Some("noisy"), vec![], false);
        check(None, Some("other"), vec![], false);
        check(None, None, vec![], false);
        check(None, None, vec![value(ip, "203.0.113.9")], true);
        check(None, None, vec![value(user, "backup")], true);
        check(None, None, vec![value(ObservableKind::Host, "backup")], false);
        check(None, Some("noisy"), vec![value(user, "backup"), network("203.0.113.0/24")], true);
        check(None, Some("noisy"), vec![value(user, "backup"), network("198.51.100.0/24")], false);
        check(None, Some("noisy"), vec![network("no network")], false);
    }
}
