//! Opening a case from alerts, and merging alerts into it.

use vigie_cases::{
    CaseChange, CaseEdit, Merging, NewCase, NewEmptyCase, OpenError, cases_like_alert, edit_case, merge_alerts,
    observable_of, open_case, open_empty_case, similar_alerts, similar_cases,
};
use vigie_model::{Alert, AlertStatus, Case, CaseId, CaseStatus, EntityRole, ObservableKind, Severity, TimelineKind};

use crate::samples::{alert, alert_of, at, rule, tenant, warnings};

fn id(number: u8) -> CaseId {
    CaseId::from_bytes([number; 16])
}

fn open(alerts: &[Alert]) -> Result<CaseChange, OpenError> {
    open_case(&NewCase { id: id(1), number: 7, by: "vigie", now: at(600), alerts, warnings: &warnings })
}

fn brute_force() -> Alert {
    let rule = rule("SSH_brute_force", Severity::Medium, &["attack.t1110", "attack.credential_access"]);
    alert_of(&rule, "<ip:203.0.113.7 @user:deploy >host:web-01 <ip:10.0.0.9", 0)
}

fn stolen_key() -> Alert {
    let rule = rule("Key_made_for_another_user", Severity::High, &["attack.persistence", "attack.t1098"]);
    alert_of(&rule, "<ip:203.0.113.7 @aws_key:AKIAIOSFODNN7EXAMPLE >aws_account:111122223333", 300)
}

#[test]
fn a_case_tells_its_story() {
    let change = open(&[stolen_key(), brute_force()]).unwrap();
    let case = &change.case;
    assert_eq!(case.title, "Attack by 203.0.113.7 on AWS account 111122223333 and web-01");
    let expected = "\
2 alerts (2 findings) tell of what happened from 2026-03-01 12:00:00 UTC to 2026-03-01 12:05:00 UTC.
It came from 203.0.113.7.
It touched AWS account 111122223333 and web-01.
Accounts and keys involved: AKIAIOSFODNN7EXAMPLE and deploy.
Stages of an attack (ATT&CK tactics): persistence → credential-access.

Alerts, by their first event:
- 2026-03-01 12:00:00 UTC SSH brute force: 10.0.0.9 and 203.0.113.7 → web-01 (medium, 1 finding)
- 2026-03-01 12:05:00 UTC Key made for another user: 203.0.113.7 → 111122223333 (high, 1 finding)
";
    assert_eq!(case.description, expected);
    assert_eq!((case.severity, case.status, case.version, case.number), (Severity::High, CaseStatus::Open, 1, 7));
    assert_eq!((case.first_seen, case.last_seen, case.created), (at(0), at(300), at(600)));
    assert_eq!(case.tags.len(), 4);
    assert_eq!(change.expected_version, None);
    for alert in &change.alerts {
        assert_eq!((alert.case, alert.status, alert.version), (Some(id(1)), AlertStatus::InProgress, 2));
        assert_eq!(alert.acknowledged, None, "nobody has looked yet");
    }
    let titles: Vec<&str> = change.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Confirm the alerts",
            "Block the attacker's addresses",
            "Find out whether the attacker got in",
            "Secure the accounts",
            "Disable the access keys and sessions",
            "List what was done with the credentials",
            "Write the summary",
        ]
    );
    assert!(change.tasks.iter().map(|task| task.position).eq(0..7));
    let observables: Vec<(&str, EntityRole, bool)> = change
        .observables
        .iter()
        .map(|observable| (observable.value.as_str(), observable.role, observable.warning.is_some()))
        .collect();
    assert_eq!(observables.len(), 6, "the address that both share is there once");
    assert!(observables.contains(&("203.0.113.7", EntityRole::Source, false)));
    assert!(observables.contains(&("10.0.0.9", EntityRole::Source, true)));
    let kinds: Vec<TimelineKind> = change.timeline.iter().map(|entry| entry.kind).collect();
    use TimelineKind::{Alert as OfAlert, Attack, Case as OfCase};
    assert_eq!(kinds, [OfCase, Attack, OfAlert, Attack, OfAlert]);
    assert_eq!(change.timeline[0].text, "case #7 opened by vigie from 2 alerts");
    assert_eq!(change.timeline[3].text, "SSH brute force: event 0");
    assert_eq!(change, open(&[stolen_key(), brute_force()]).unwrap(), "a repeat is the same");
}

#[test]
fn what_cannot_be_opened() {
    assert_eq!(open(&[]), Err(OpenError::NoAlerts));
    let foreign = Alert { tenant: tenant("globex"), ..stolen_key() };
    assert_eq!(open(&[brute_force(), foreign.clone()]), Err(OpenError::OtherTenant(foreign.id)));
    let taken = Alert { case: Some(id(9)), ..brute_force() };
    assert_eq!(open(std::slice::from_ref(&taken)), Err(OpenError::InCase { alert: taken.id, case: id(9) }));
}

fn merge(case: &Case, members: &[Alert], alerts: &[Alert]) -> Result<CaseChange, OpenError> {
    merge_alerts(&Merging { case, members, alerts, by: "ann", now: at(900), warnings: &warnings })
}

#[test]
fn a_merged_alert_brings_what_it_knows() {
    let opened = open(&[brute_force()]).unwrap();
    assert_eq!(opened.case.title, brute_force().title);
    let change = merge(&opened.case, &opened.alerts, &[stolen_key()]).unwrap();
    assert_eq!(change.expected_version, Some(1));
    assert_eq!((change.case.version, change.case.severity), (2, Severity::High));
    assert_eq!(change.case.title, "Attack by 203.0.113.7 on AWS account 111122223333 and web-01");
    assert!(change.case.description.starts_with("2 alerts"));
    assert_eq!((change.case.first_seen, change.case.last_seen), (at(0), at(300)));
    assert_eq!(
        change.alerts.iter().map(|alert| (alert.id, alert.case)).collect::<Vec<_>>(),
        [(stolen_key().id, Some(id(1)))]
    );
    let titles: Vec<&str> = change.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["Disable the access keys and sessions", "List what was done with the credentials"]);
    assert_eq!(change.timeline.len(), 2);
    assert!(change.timeline[1].text.starts_with("alert merged in by ann: Key made for another user"));

    // An alert of the case that has grown brings its new observables and nothing else.
    let mut grown = change.alerts[0].clone();
    grown.last_seen = at(500);
    grown.entities.push(vigie_model::Entity::new(ObservableKind::AwsBucket, "backups", EntityRole::Target));
    let again = merge(&change.case, &[opened.alerts[0].clone(), grown.clone()], &[grown]).unwrap();
    assert_eq!((again.alerts.len(), again.tasks.len(), again.timeline.len()), (0, 0, 0));
    assert_eq!((again.case.last_seen, again.case.version, again.expected_version), (at(500), 2, Some(2)));
    assert!(again.observables.iter().any(|observable| observable.value == "backups"));
}

#[test]
fn an_analysts_words_stay() {
    let opened = open(&[brute_force()]).unwrap();
    let edit = CaseEdit {
        title: Some("  The Tuesday incident ".into()),
        description: Some(format!("{}\nAnn says: it was a drill.", opened.case.description)),
        severity: Some(Severity::Low),
        ..CaseEdit::default()
    };
    let edited = edit_case(&opened.case, &edit, "ann", at(700)).unwrap();
    assert_eq!(edited.timeline[0].text, "severity changed from medium to low by ann");
    let change = merge(&edited.case, &opened.alerts, &[]).unwrap();
    assert_eq!(change.case.title, "The Tuesday incident");
    assert_eq!(change.case.description, edited.case.description);
    assert_eq!(change.case.severity, Severity::Low, "only a new alert raises it");
}

#[test]
fn what_cannot_be_merged() {
    let opened = open(&[brute_force()]).unwrap();
    let closed = Case { status: CaseStatus::Closed, ..opened.case.clone() };
    assert_eq!(merge(&closed, &[], &[stolen_key()]), Err(OpenError::Closed));
    let foreign = Alert { tenant: tenant("globex"), ..stolen_key() };
    assert_eq!(merge(&opened.case, &[], std::slice::from_ref(&foreign)), Err(OpenError::OtherTenant(foreign.id)));
    let taken = Alert { case: Some(id(9)), ..stolen_key() };
    assert_eq!(
        merge(&opened.case, &[], std::slice::from_ref(&taken)),
        Err(OpenError::InCase { alert: taken.id, case: id(9) })
    );
}

#[test]
fn a_case_may_begin_with_a_telephone_call() {
    let mut new = NewEmptyCase {
        id: id(2),
        tenant: tenant("acme"),
        number: 8,
        title: "A user reports a strange mail",
        description: "",
        severity: Severity::Low,
        tags: &["phishing".into(), "phishing".into()],
        by: "ann",
        now: at(0),
    };
    let change = open_empty_case(&new).unwrap();
    assert_eq!((change.case.tags.len(), change.timeline.len(), change.alerts.len()), (1, 1, 0));
    let added = observable_of(&change.case, ObservableKind::Domain, " Evil[.]Example ", &warnings, at(9)).unwrap();
    assert_eq!((added.value.as_str(), added.on), ("evil.example", id(2).into()));
    let private = observable_of(&change.case, ObservableKind::Ip, "10.0.0.1", &warnings, at(9)).unwrap();
    assert_eq!(private.warning.as_deref(), Some("private"));
    assert!(observable_of(&change.case, ObservableKind::Ip, " ", &warnings, at(9)).is_err());
    new.title = " \n";
    assert!(open_empty_case(&new).is_err());
    new.title = "x";
    let long = "x".repeat(100_001);
    new.description = &long;
    assert!(open_empty_case(&new).is_err());
}

#[test]
fn likeness_is_measured_by_what_is_shared() {
    let one = brute_force();
    let close = alert("a", Severity::Low, "<ip:203.0.113.7 >host:web-01", 0);
    let far = alert("b", Severity::Low, "<ip:10.0.0.9 >host:web-01", 0);
    let none = alert("c", Severity::Low, "<ip:10.0.0.9", 0);
    let foreign = Alert { tenant: tenant("globex"), ..close.clone() };
    let similar = similar_alerts(&one, &[far.clone(), one.clone(), close.clone(), none, foreign], &warnings);
    assert_eq!(similar.iter().map(|similar| similar.alert).collect::<Vec<_>>(), [close.id, far.id]);
    assert_eq!(similar[0].shared.len(), 2);
    assert!(similar[0].score > similar[1].score);

    let ours = open(&[brute_force()]).unwrap();
    let theirs = open_case(&NewCase {
        id: id(2),
        number: 8,
        by: "vigie",
        now: at(0),
        alerts: &[stolen_key()],
        warnings: &warnings,
    })
    .unwrap();
    let others = [(ours.case.clone(), ours.observables.clone()), (theirs.case.clone(), theirs.observables)];
    let similar = similar_cases(&ours.case, &ours.observables, &others, &warnings);
    assert_eq!(similar.len(), 1);
    assert_eq!((similar[0].case, similar[0].shared.len()), (theirs.case.id, 1));

    let mine = Alert { case: Some(ours.case.id), ..brute_force() };
    let alike = cases_like_alert(&mine, &others, &warnings);
    assert_eq!(alike.iter().map(|alike| alike.case).collect::<Vec<_>>(), [theirs.case.id], "not its own case");
    let foreign = Alert { tenant: tenant("globex"), ..brute_force() };
    assert_eq!(cases_like_alert(&foreign, &others, &warnings), []);
}
