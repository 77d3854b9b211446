//! Alerts, cases and contexts to plan for.

use std::sync::Arc;
use std::time::Duration;

use vigie_model::{
    Action, Alert, AlertStatus, Case, CaseId, CaseStatus, Decision, Entity, EntityRole, ObservableKind, Pap, RuleId,
    RuleSummary, Severity, TenantId, Timestamp, Tlp,
};
use vigie_respond::{Catalogue, NeverTouch, NeverTouchFacts, PlanContext, Playbook, RateLimits, RateUse};

pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn later(hours: u64) -> Timestamp {
    now().plus(Duration::from_hours(hours))
}

/// Reads `source ip 203.0.113.7`.
pub(crate) fn entity(text: &str) -> Entity {
    let mut words = text.splitn(3, ' ');
    let role = match words.next().unwrap() {
        "source" => EntityRole::Source,
        "actor" => EntityRole::Actor,
        "target" => EntityRole::Target,
        "related" => EntityRole::Related,
        other => panic!("`{other}` is not a part"),
    };
    let kind: ObservableKind = words.next().unwrap().parse().unwrap();
    Entity::new(kind, words.next().unwrap(), role)
}

pub(crate) fn alert(title: &str, severity: Severity, tags: &[&str], entities: &[&str]) -> Alert {
    let tenant = TenantId::new("acme").unwrap();
    let rule = RuleSummary {
        id: RuleId::new(&format!("rule of {}", title.replace(char::is_control, " "))).unwrap(),
        title: title.to_owned(),
        description: "looks for it".to_owned(),
        author: None,
        level: severity,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        attack: vigie_model::attack_tags(tags.iter().copied()),
        references: Vec::new(),
        false_positives: Vec::new(),
    };
    let mut entities: Vec<Entity> = entities.iter().map(|text| entity(text)).collect();
    entities.sort();
    let key: Vec<Entity> = vigie_model::Finding::default_key(&entities);
    Alert {
        id: Alert::id_of(&tenant, &rule.id, &key, 1, now()),
        tenant,
        rule: Arc::new(rule),
        key,
        generation: 1,
        title: title.to_owned(),
        severity,
        status: AlertStatus::New,
        assignee: None,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        count: 1,
        first_seen: now(),
        last_seen: now(),
        created: now(),
        updated: now(),
        last_finding: now(),
        acknowledged: None,
        closed: None,
        resolution: None,
        case: None,
        entities,
        samples: Vec::new(),
        matches: Vec::new(),
        description: String::new(),
        origin: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

pub(crate) fn case(number: u64, title: &str) -> Case {
    Case {
        id: CaseId::from_bytes([7; 16]),
        tenant: TenantId::new("acme").unwrap(),
        number,
        title: title.to_owned(),
        description: String::new(),
        severity: Severity::High,
        status: CaseStatus::Open,
        assignee: None,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        first_seen: now(),
        last_seen: now(),
        created: now(),
        updated: now(),
        acknowledged: None,
        closed: None,
        resolution: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

/// This host is 192.0.2.10, its gateway 192.0.2.1; the administrators come from 192.0.2.192/26.
pub(crate) fn never_touch() -> NeverTouch {
    NeverTouch::from_facts(&NeverTouchFacts {
        own_addresses: vec!["192.0.2.10".parse().unwrap(), "2001:db8::10".parse().unwrap()],
        gateways: vec!["192.0.2.1".parse().unwrap()],
        admin_networks: vec!["192.0.2.192/26".parse().unwrap()],
        ..NeverTouchFacts::default()
    })
}

/// Everything that a plan depends on besides alert and playbooks.
pub(crate) struct World {
    pub(crate) never_touch: NeverTouch,
    pub(crate) case: Option<Case>,
    pub(crate) in_force: Vec<Decision>,
    pub(crate) known: Vec<Action>,
    pub(crate) limits: RateLimits,
    pub(crate) used: RateUse,
    pub(crate) dry_run: bool,
}

impl Default for World {
    fn default() -> Self {
        Self {
            never_touch: never_touch(),
            case: None,
            in_force: Vec::new(),
            known: Vec::new(),
            limits: RateLimits::default(),
            used: RateUse::default(),
            dry_run: false,
        }
    }
}

impl World {
    pub(crate) fn plan(&self, playbooks: &[Playbook], alert: &Alert, at: Timestamp) -> Vec<Action> {
        let context = PlanContext {
            alert,
            case: self.case.as_ref(),
            never_touch: &self.never_touch,
            in_force: &self.in_force,
            known: &self.known,
            limits: &self.limits,
            used: &self.used,
            dry_run: self.dry_run,
        };
        vigie_respond::plan(playbooks, &context, at)
    }
}

pub(crate) fn playbook(name: &str, text: &str) -> Playbook {
    Playbook::parse(name, text, &Catalogue::builtin()).unwrap_or_else(|error| panic!("{error}"))
}

/// A playbook that blocks the attackers of every alert.
pub(crate) fn block(name: &str, approval: &str, expires: &str) -> Playbook {
    let text = format!(
        "name: block\ntrigger: {{severity: informational}}\nactions:\n  - do: host.block_ip\n    with: {{ip: \"{{{{attacker.ip}}}}\"}}\n    approval: {approval}\n    expires: {expires}\n"
    );
    playbook(name, &text)
}
