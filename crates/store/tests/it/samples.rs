//! Things to store.

use std::sync::Arc;

use vigie_model::{
    Action, ActionId, ActionStatus, Alert, AlertId, AlertStatus, Case, CaseId, CaseStatus, Comment, CommentId,
    DeadLetter, Decision, DecisionId, DecisionState, Entity, EntityRole, EventId, EventRef, Finding, FindingId,
    FindingKind, Indicator, Observable, ObservableKind, Pap, RuleId, RuleSummary, Severity, SourceName, Task, TaskId,
    TaskStatus, TenantId, TenantScope, TimelineEntry, TimelineId, TimelineKind, Timestamp, Tlp, Trigger,
};
use vigie_store::{Store, Tx};

/// 2026-03-01T12:00:00Z and so many seconds.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_772_366_400 + seconds)
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub(crate) fn only(name: &str) -> TenantScope {
    TenantScope::Only(vec![tenant(name)])
}

/// A new store that knows the tenants acme and globex.
pub(crate) async fn store() -> Store {
    let store = Store::open_temporary().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    tx.commit().await.unwrap();
    store
}

pub(crate) async fn know(tx: &mut Tx) {
    for name in ["acme", "globex"] {
        tx.ensure_tenant(&tenant(name), name, at(0)).await.unwrap();
    }
}

pub(crate) fn entity(kind: ObservableKind, value: &str, role: EntityRole) -> Entity {
    Entity::new(kind, value, role)
}

pub(crate) fn rule(name: &str) -> Arc<RuleSummary> {
    Arc::new(RuleSummary {
        id: RuleId::new(name).unwrap(),
        title: format!("Rule {name}"),
        description: "Looks for it".into(),
        author: None,
        level: Severity::Medium,
        tags: vec!["attack.t1110".into()],
        attack: Vec::new(),
        references: Vec::new(),
        false_positives: Vec::new(),
    })
}

/// An alert of `of` by rule `name`, created so many seconds in.
pub(crate) fn alert(of: &str, name: &str, seconds: i64) -> Alert {
    let key = vec![entity(ObservableKind::Ip, "203.0.113.7", EntityRole::Source)];
    let rule = rule(name);
    Alert {
        id: Alert::id_of(&tenant(of), &rule.id, &key, 1, at(seconds)),
        tenant: tenant(of),
        title: format!("Rule {name}: 203.0.113.7 → web-01"),
        rule,
        generation: 1,
        severity: Severity::Medium,
        status: AlertStatus::New,
        assignee: None,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: vec!["attack.t1110".into(), "Night".into()],
        count: 3,
        first_seen: at(seconds - 60),
        last_seen: at(seconds),
        created: at(seconds),
        updated: at(seconds),
        last_finding: at(seconds),
        acknowledged: None,
        closed: None,
        resolution: None,
        case: None,
        entities: vec![
            key[0].clone(),
            entity(ObservableKind::Host, "Web-01", EntityRole::Target),
            entity(ObservableKind::Ip, "2001:db8::7", EntityRole::Related),
        ],
        key,
        samples: Vec::new(),
        matches: Vec::new(),
        description: String::new(),
        origin: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

pub(crate) fn finding(of: &Alert, number: u8) -> Finding {
    let event = EventId::derive([&[number]]);
    Finding {
        id: FindingId::derive([of.id.as_bytes().as_slice(), &[number]]),
        tenant: of.tenant.clone(),
        kind: FindingKind::Rule,
        rule: of.rule.clone(),
        time: at(i64::from(number)),
        first_time: at(i64::from(number)),
        events: vec![EventRef {
            id: event,
            time: at(i64::from(number)),
            source: SourceName::new("linux_auth").unwrap(),
            message: "Failed password".into(),
        }],
        event_count: 1,
        key: of.key.clone(),
        entities: of.entities.clone(),
        matches: Vec::new(),
    }
}

pub(crate) fn case(of: &str, number: u64) -> Case {
    Case {
        id: CaseId::derive([of, &number.to_string()]),
        tenant: tenant(of),
        number,
        title: format!("Case {number}"),
        description: "What is known".into(),
        severity: Severity::High,
        status: CaseStatus::Open,
        assignee: Some("ann".into()),
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: vec!["ssh".into()],
        first_seen: at(0),
        last_seen: at(60),
        created: at(100 * i64::try_from(number).unwrap()),
        updated: at(100),
        acknowledged: None,
        closed: None,
        resolution: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

pub(crate) fn observable(case: &Case, kind: ObservableKind, value: &str) -> Observable {
    Observable {
        id: Observable::id_of(case.id.into(), kind.as_str(), value),
        tenant: case.tenant.clone(),
        on: case.id.into(),
        kind,
        value: value.into(),
        data_type: None,
        attachment: None,
        role: EntityRole::Source,
        ioc: false,
        warning: None,
        context: vec!["NL".into()],
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: vec!["scanner".into()],
        message: None,
        sighted: None,
        unlike: false,
        first_seen: at(10),
        last_seen: at(20),
        stamp: None,
    }
}

pub(crate) fn task(case: &Case, title: &str, position: u32) -> Task {
    Task {
        id: TaskId::derive([case.id.to_string().as_str(), title]),
        tenant: case.tenant.clone(),
        case: case.id,
        title: title.into(),
        description: "Do it".into(),
        status: TaskStatus::Waiting,
        assignee: None,
        group: Task::usual_group(),
        position,
        mandatory: false,
        flag: false,
        due: None,
        started: None,
        ended: None,
        asked_of: Vec::new(),
        stamp: vigie_model::Stamp::new(String::new(), at(0)),
    }
}

pub(crate) fn comment(case: &Case, text: &str, seconds: i64) -> Comment {
    Comment {
        id: CommentId::derive([case.id.to_string().as_str(), text]),
        tenant: case.tenant.clone(),
        on: case.id.into(),
        author: "ann".into(),
        text: text.into(),
        created: at(seconds),
        edited: None,
        edited_by: None,
    }
}

pub(crate) fn moment(case: &Case, text: &str, seconds: i64) -> TimelineEntry {
    TimelineEntry {
        id: TimelineId::derive([case.id.to_string().as_str(), text]),
        tenant: case.tenant.clone(),
        case: case.id,
        time: at(seconds),
        kind: TimelineKind::Attack,
        text: text.into(),
        until: None,
        description: None,
        stamp: None,
    }
}

pub(crate) fn action(of: &str, name: &str, alert: Option<AlertId>, case: Option<CaseId>) -> Action {
    Action {
        id: ActionId::derive([of, name]),
        tenant: tenant(of),
        trigger: Trigger { alert, case, playbook: None },
        kind: "host.block_ip".into(),
        target: Some(entity(ObservableKind::Ip, "203.0.113.7", EntityRole::Source)),
        parameters: serde_json::Map::new(),
        summary: format!("block 203.0.113.7 for {name}"),
        blast_radius: "one address".into(),
        undo: "take it off the set".into(),
        expires_after_s: Some(3_600),
        status: ActionStatus::Planned,
        steps: Vec::new(),
        created: at(0),
        updated: at(0),
    }
}

pub(crate) fn decision(action: &Action, expires: Option<i64>) -> Decision {
    Decision {
        id: DecisionId::derive([action.id.to_string()]),
        tenant: action.tenant.clone(),
        action: action.id,
        kind: action.kind.clone(),
        target: action.target.clone(),
        since: at(0),
        expires: expires.map(at),
        state: DecisionState::InForce,
        undo: serde_json::json!({"set": "blocked"}),
    }
}

pub(crate) fn indicator(of: &str, list: &str, value: &str) -> Indicator {
    Indicator {
        id: Indicator::id_of(&tenant(of), list, ObservableKind::Ip, value),
        tenant: tenant(of),
        list: list.into(),
        kind: ObservableKind::Ip,
        value: value.into(),
        confidence: 80,
        tlp: Tlp::AmberStrict,
        valid_from: Some(at(0)),
        valid_until: None,
        tags: vec!["c2".into()],
        comment: "seen".into(),
    }
}

pub(crate) fn letter(of: &str, number: u64) -> DeadLetter {
    DeadLetter {
        id: EventId::derive([of, &number.to_string()]),
        tenant: tenant(of),
        source: SourceName::new("cloudtrail").unwrap(),
        position: format!("batch:b#{number}"),
        arrival: at(i64::try_from(number).unwrap()),
        code: "json_syntax".into(),
        reason: "expected `}`".into(),
        bytes: vec![0xff, 0xfe].into(),
    }
}
