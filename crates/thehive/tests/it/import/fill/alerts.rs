//! Alerts.

use vigie_model::{
    Alert, AlertOrigin, AlertStatus, CaseId, Desk, Pap, Resolution, RuleId, RuleSummary, Severity, TenantId, Timestamp,
    Tlp, Verdict,
};

use super::dice::{BEGIN, Dice, later};

pub(super) fn alert(dice: &mut Dice, tenant: &TenantId, number: usize, case: Option<CaseId>) -> Alert {
    let created = Timestamp::from_millis(BEGIN + i64::try_from(number / 2).unwrap());
    let origin = AlertOrigin {
        kind: dice.one(&["siem", "edr"]).into(),
        source: "feeder".into(),
        reference: format!("r{number}"),
        link: dice.maybe(20, |_| "https://siem.example/1".into()),
    };
    let verdict =
        if case.is_none() { dice.maybe(30, |dice| dice.one(&[Verdict::TruePositive, Verdict::Benign])) } else { None };
    let (status, label) = match (verdict, case) {
        (Some(_), _) => (AlertStatus::Closed, None),
        (None, Some(_)) => (AlertStatus::InProgress, None),
        (None, None) if dice.chance(20) => (AlertStatus::InProgress, Some("Pending".to_owned())),
        (None, None) => (AlertStatus::New, None),
    };
    let changed = dice.chance(30) || status != AlertStatus::New;
    let severity = dice.one(&[Severity::Low, Severity::High]);
    Alert {
        id: vigie_model::AlertId::derive([tenant.as_str(), &origin.kind, &origin.source, &origin.reference]),
        tenant: tenant.clone(),
        rule: std::sync::Arc::new(RuleSummary {
            id: RuleId::new(&format!("feeder:{}", origin.kind)).unwrap(),
            title: origin.kind.clone(),
            description: String::new(),
            author: None,
            level: severity,
            tags: Vec::new(),
            attack: vigie_model::attack_tags(std::iter::empty()),
            references: origin.link.iter().cloned().collect(),
            false_positives: Vec::new(),
        }),
        key: Vec::new(),
        generation: 0,
        title: format!("alert {number} {}", dice.words()),
        severity,
        status,
        assignee: dice.maybe(20, Dice::name),
        tlp: dice.one(&[Tlp::Clear, Tlp::Red]),
        pap: Pap::Green,
        tags: dice.tags(),
        count: 1,
        first_seen: created.minus(std::time::Duration::from_secs(5)),
        last_seen: created.minus(std::time::Duration::from_secs(5)),
        created,
        updated: if changed { later(created, 900) } else { created },
        last_finding: created,
        acknowledged: (status != AlertStatus::New).then(|| later(created, 100)),
        closed: verdict.map(|_| later(created, 800)),
        resolution: verdict.map(|verdict| Resolution { verdict, summary: String::new() }),
        case,
        entities: Vec::new(),
        samples: Vec::new(),
        matches: Vec::new(),
        description: dice.words(),
        origin: Some(origin),
        desk: Desk {
            created_by: dice.name(),
            updated_by: changed.then(|| dice.name()),
            label,
            unfollowed: dice.chance(10),
            imported: case.map(|_| later(created, 200)),
            template: dice.maybe(10, |_| "phishing".into()),
            fields: dice.fields(),
            ..Desk::default()
        },
        version: 1,
    }
}
