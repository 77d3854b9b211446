//! Alerts from elsewhere: made, changed, repeated, and brought into cases.

use std::time::Duration;

use vigie_cases::{
    AlertFile, AlertImport, AlertPatch, AlertStage, AlertWord, BROUGHT_MAX, Brought, ChangeError, Manner, NewAlert,
    NewCase, NewObservable, ObservableValue, OpenError, REPEATS_WITHIN, alert_times, alert_word, close_alert,
    entities_of, forget_observable, import_alerts, learn_observables, new_alert, new_observable, open_case,
    patch_alert, release_alert, reopens, repeated,
};
use vigie_model::{
    Alert, AlertOrigin, AlertStatus, Attachment, AttachmentId, AttachmentOwner, Case, CaseId, CaseStatus, Comment,
    CommentId, Entity, EntityRole, NamedValue, Observable, ObservableKind, Pap, Parent, Procedure, ProcedureId,
    Resolution, Severity, Stamp, Tlp, Verdict,
};

use crate::samples::{alert as own_alert, at, tenant, warnings};

fn new(reference: &str) -> NewAlert {
    let origin = AlertOrigin { kind: "siem".into(), source: "s1".into(), reference: reference.into(), link: None };
    NewAlert {
        id: vigie_model::AlertId::derive([reference]),
        tenant: tenant("acme"),
        origin,
        title: "Beaconing".into(),
        description: "words".into(),
        severity: Severity::High,
        date: at(-60),
        tags: vec!["c2".into()],
        flag: false,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        summary: None,
        word: AlertWord::New,
        assignee: None,
        template: None,
        fields: Vec::new(),
        rule: None,
        entities: Vec::new(),
        key: Vec::new(),
        generation: 1,
        by: "ann".into(),
        now: at(0),
    }
}

fn alert(reference: &str) -> Alert {
    new_alert(new(reference)).unwrap()
}

fn value(on: Parent, data_type: &str, value: &str) -> NewObservable {
    NewObservable {
        on,
        tenant: tenant("acme"),
        data_type: data_type.into(),
        value: ObservableValue::Text(value.into()),
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        message: None,
        ioc: false,
        sighted: None,
        unlike: false,
        seen: at(0),
        by: "ann".into(),
        now: at(0),
    }
}

fn observable(on: Parent, data_type: &str, text: &str) -> Observable {
    new_observable(value(on, data_type, text), &warnings).unwrap()
}

fn patched(alert: &Alert, patch: AlertPatch) -> Alert {
    patch_alert(alert, &patch, "bob", at(100)).unwrap()
}

#[test]
fn words_say_where_an_alert_is_and_are_kept() {
    let mut seen = alert("1");
    for word in AlertWord::ALL.into_iter().filter(|word| *word != AlertWord::Imported) {
        seen = patched(&seen, AlertPatch { word: Some(word), ..AlertPatch::default() });
        assert_eq!((alert_word(&seen), AlertWord::of(word.as_str())), (word, Some(word)));
        let is_closed = word.stage() == AlertStage::Closed;
        assert_eq!(seen.closed.is_some() && seen.resolution.is_some(), is_closed, "{word:?}");
        assert_eq!(seen.status == AlertStatus::Closed, is_closed, "{word:?}");
        // Within a case the word that was chosen is shown, not that it is part of it.
        let member = Alert { case: Some(CaseId::from_bytes([1; 16])), ..seen.clone() };
        let shown = alert_word(&member);
        assert!(shown == AlertWord::Imported || shown == word, "{word:?}: {shown:?}");
        let chosen = patched(&member, AlertPatch { word: Some(word), ..AlertPatch::default() });
        assert_eq!(alert_word(&chosen), word);
    }
    assert_eq!(AlertWord::of("duplicated"), Some(AlertWord::Duplicate));
    let imported = AlertPatch { word: Some(AlertWord::Imported), ..AlertPatch::default() };
    assert_eq!(patch_alert(&seen, &imported, "bob", at(0)), Err(ChangeError::ImportedByHand));
    // What another door says replaces a finer word.
    let pending = patched(&alert("1"), AlertPatch { word: Some(AlertWord::Pending), ..AlertPatch::default() });
    let closed = close_alert(&pending, Resolution { verdict: Verdict::Benign, summary: String::new() }, at(1)).unwrap();
    assert_eq!((alert_word(&closed), closed.desk.label.clone()), (AlertWord::Ignored, None));
    assert!(
        reopens(&closed, AlertWord::New) && !reopens(&closed, AlertWord::Other) && !reopens(&pending, AlertWord::New)
    );
}

#[test]
fn nothing_changes_where_nothing_is_said() {
    let before = alert("1");
    for patch in [
        AlertPatch::default(),
        AlertPatch { title: Some(" Beaconing ".into()), word: Some(AlertWord::New), ..AlertPatch::default() },
        AlertPatch { tags: Some(vec!["c2".into()]), add_tags: vec!["c2".into()], ..AlertPatch::default() },
    ] {
        assert_eq!(patched(&before, patch), before);
    }
    let after = patched(&before, AlertPatch { flag: Some(true), ..AlertPatch::default() });
    assert_eq!((after.version, after.updated, after.desk.updated_by.as_deref()), (2, at(100), Some("bob")));
}

#[test]
fn findings_keep_what_they_have_from_their_rule() {
    let own = own_alert("a", Severity::Low, "<ip:203.0.113.7", 0);
    for (patch, field) in [
        (AlertPatch { kind: Some("x".into()), ..AlertPatch::default() }, "type"),
        (AlertPatch { source: Some("x".into()), ..AlertPatch::default() }, "source"),
        (AlertPatch { reference: Some("x".into()), ..AlertPatch::default() }, "sourceRef"),
        (AlertPatch { link: Some(None), ..AlertPatch::default() }, "externalLink"),
    ] {
        assert_eq!(patch_alert(&own, &patch, "bob", at(1)), Err(ChangeError::OfItsRule(field)));
    }
    let more = observable(own.id.into(), "ip", "203.0.113.8");
    assert_eq!(learn_observables(&own, &[more], "bob", at(1)).entities, own.entities);
}

#[test]
fn an_alert_is_about_its_observables() {
    let empty = alert("1");
    let on = Parent::Alert(empty.id);
    let kinds = [("ip", "203.0.113.7"), ("ip", "203.0.113.7"), ("registry", "HKLM"), ("fqdn", "a.example")];
    let mut observables: Vec<Observable> = kinds.map(|(kind, value)| observable(on, kind, value)).into();
    observables.push(Observable { unlike: true, ..observable(on, "domain", "b.example") });
    let ip = Entity::new(ObservableKind::Ip, "203.0.113.7", EntityRole::Related);
    assert_eq!(entities_of(&observables), std::slice::from_ref(&ip));
    let learnt = learn_observables(&empty, &observables, "bob", at(1));
    assert_eq!((learnt.entities.as_slice(), learnt.version), (&[ip][..], 2));
    assert_eq!(learn_observables(&learnt, &observables, "bob", at(1)).entities.len(), 1);
    assert_eq!(forget_observable(&learnt, &observables[0], "bob", at(1)).entities, []);
    let many: Vec<Observable> = (0..300).map(|number| observable(on, "domain", &format!("{number}.example"))).collect();
    assert_eq!(learn_observables(&learnt, &many, "bob", at(1)).entities.len(), Alert::ENTITIES_MAX);
}

#[test]
fn repeats_join_within_a_day() {
    let first = alert("1");
    let just = at(0).plus(REPEATS_WITHIN).minus(Duration::from_micros(1));
    let again = repeated(&first, just, just).unwrap();
    assert_eq!((again.count, again.last_seen, again.version), (2, just, 1));
    assert_eq!(repeated(&first, just, at(0).plus(REPEATS_WITHIN)), None);
    let later = just.plus(REPEATS_WITHIN).minus(Duration::from_micros(1));
    assert_eq!(repeated(&again, later, later).map(|alert| alert.count), Some(3), "from the last one on");
    let closed = patched(&first, AlertPatch { word: Some(AlertWord::Ignored), ..AlertPatch::default() });
    assert_eq!(repeated(&closed, just, at(1)), None);
    let unfollowed = patched(&closed, AlertPatch { follow: Some(false), ..AlertPatch::default() });
    assert_eq!(repeated(&unfollowed, just, at(1)).map(|alert| alert.count), Some(2));
}

#[test]
fn steps_are_timed() {
    let raised = alert("1");
    let seconds = |alert: &Alert| {
        let times = alert_times(alert);
        let each = [Some(times.detect), times.triage, times.acknowledge, times.qualify];
        each.map(|time| time.map(|time| time.as_secs()))
    };
    assert_eq!(seconds(&raised), [Some(60), None, None, None]);
    let taken = patched(&raised, AlertPatch { word: Some(AlertWord::InProgress), ..AlertPatch::default() });
    assert_eq!(seconds(&taken), [Some(60), Some(100), Some(160), None]);
    let closed =
        patch_alert(&taken, &AlertPatch { word: Some(AlertWord::Ignored), ..AlertPatch::default() }, "bob", at(200));
    assert_eq!(seconds(&closed.unwrap()), [Some(60), Some(100), Some(160), Some(200)]);
    let early = new_alert(NewAlert { date: at(1_000), ..new("2") }).unwrap();
    assert_eq!(seconds(&early)[0], Some(0), "a date in the future");
}

fn case() -> Case {
    let id = CaseId::from_bytes([7; 16]);
    let of = [own_alert("a", Severity::Low, "<ip:198.51.100.1", 0)];
    open_case(&NewCase { id, number: 1, by: "x", now: at(0), alerts: &of, warnings: &warnings }).unwrap().case
}

fn file(reference: &str, values: &[(&str, &str)]) -> AlertFile {
    let mut alert = alert(reference);
    alert.desk.fields = vec![NamedValue { name: "own".into(), value: None, position: 0 }];
    let on = Parent::Alert(alert.id);
    let procedure = Procedure {
        id: ProcedureId::derive([reference]),
        tenant: tenant("acme"),
        on,
        technique: "T1110".into(),
        tactic: None,
        occurred: at(0),
        description: None,
        stamp: Stamp::new("ann", at(0)),
    };
    let comment = Comment {
        id: CommentId::derive([reference]),
        tenant: tenant("acme"),
        on,
        author: "ann".into(),
        text: "x".into(),
        created: at(0),
        edited: None,
        edited_by: None,
    };
    AlertFile {
        observables: values.iter().map(|(kind, value)| observable(on, kind, value)).collect(),
        procedures: vec![procedure],
        comments: vec![comment],
        attachments: Vec::new(),
        alert,
    }
}

fn with_sample(mut file: AlertFile, sha256: &str) -> AlertFile {
    let id = AttachmentId::derive([file.alert.id.to_string().as_str(), sha256]);
    let value = ObservableValue::File { name: "a.exe".into(), sha256: sha256.into(), attachment: id };
    let sample = NewObservable { value, ..value_of_file(&file) };
    let sample = new_observable(sample, &warnings).unwrap();
    let attachment = |id, owner| Attachment {
        id,
        tenant: tenant("acme"),
        owner,
        name: "a.exe".into(),
        media_type: "x".into(),
        bytes: 1,
        sha256: sha256.into(),
        sha1: String::new(),
        md5: String::new(),
        stamp: Stamp::new("ann", at(0)),
    };
    file.attachments.push(attachment(id, AttachmentOwner::Observable(sample.id)));
    file.attachments.push(attachment(AttachmentId::derive(["f"]), AttachmentOwner::Alert(file.alert.id)));
    file.observables.push(sample);
    file
}

fn value_of_file(file: &AlertFile) -> NewObservable {
    value(file.alert.id.into(), "file", "")
}

fn import(case: &Case, known: &[Observable], alerts: &[AlertFile], manner: Manner) -> Result<Brought, OpenError> {
    import_alerts(&AlertImport { case, observables: known, alerts, manner, by: "bob", now: at(50) })
}

#[test]
fn alerts_bring_what_is_on_them_into_a_case() {
    let case = case();
    let files = [
        with_sample(file("1", &[("ip", "203.0.113.7"), ("fqdn", "a.example")]), "aa"),
        with_sample(file("2", &[("ip", "203.0.113.7"), ("ip", "10.0.0.1")]), "aa"),
    ];
    let brought = import(&case, &[], &files, Manner::Merge).unwrap();
    let values: Vec<&str> = brought.observables.iter().map(|observable| observable.value.as_str()).collect();
    assert_eq!(values, ["203.0.113.7", "a.example", "a.exe", "10.0.0.1"]);
    assert!(brought.observables.iter().all(|observable| observable.on == Parent::Case(case.id)));
    assert_eq!((brought.procedures.len(), brought.comments.len(), brought.timeline.len()), (2, 2, 2));
    // The sample's bytes once, and the file of the alerts, which both of them call so.
    let owners: Vec<bool> =
        brought.attachments.iter().map(|file| file.owner == AttachmentOwner::Case(case.id)).collect();
    assert_eq!(owners, [false, true, true]);
    let sample = &brought.observables[2];
    assert_eq!(sample.attachment, Some(brought.attachments[0].id));
    assert_eq!(brought.attachments[0].owner, AttachmentOwner::Observable(sample.id));
    for alert in &brought.alerts {
        assert_eq!((alert.case, alert.desk.imported, alert.version), (Some(case.id), Some(at(50)), 2));
        assert_eq!(alert_word(alert), AlertWord::Imported);
    }
    assert_eq!((brought.case.severity, brought.case.version), (Severity::High, case.version + 1));
    assert!(brought.case.tags.contains(&"c2".to_owned()) && brought.case.desk.fields.len() == 1);

    // Again, nothing is new, whatever is done with it.
    let members: Vec<AlertFile> = brought
        .alerts
        .iter()
        .zip(&files)
        .map(|(alert, file)| AlertFile { alert: alert.clone(), ..file.clone() })
        .collect();
    let again = import(&brought.case, &brought.observables, &members, Manner::Merge).unwrap();
    assert_eq!((again.alerts.len(), again.observables.len(), again.changed.len()), (0, 0, 0));
    assert_eq!((&again.procedures, &again.comments), (&brought.procedures, &brought.comments));
    assert_eq!(again.timeline, []);

    let only = import(&case, &[], &files, Manner::Import).unwrap();
    assert_eq!((only.case.severity, &only.case.tags), (case.severity, &case.tags));
}

#[test]
fn what_a_case_knows_is_joined() {
    let case = case();
    let known = Observable { tags: vec!["x".into()], ..observable(case.id.into(), "ip", "203.0.113.7") };
    let mut file = file("1", &[("ip", "203.0.113.7")]);
    file.observables[0].ioc = true;
    file.observables[0].tags = vec!["y".into()];
    let brought = import(&case, std::slice::from_ref(&known), &[file], Manner::Import).unwrap();
    assert_eq!(brought.observables, []);
    let [(before, after)] = brought.changed.as_slice() else { panic!("{:?}", brought.changed) };
    assert_eq!((before, after.id, after.ioc), (&known, known.id, true));
    assert_eq!(after.tags, ["x", "y"]);
    assert_eq!(after.stamp.as_ref().and_then(|stamp| stamp.updated_by.as_deref()), Some("bob"));
}

#[test]
fn what_cannot_come_into_a_case() {
    let case = case();
    let file = file("1", &[]);
    let with = |change: fn(&mut Alert)| {
        let mut file = file.clone();
        change(&mut file.alert);
        vec![file]
    };
    let other = CaseId::from_bytes([8; 16]);
    let id = file.alert.id;
    for (alerts, expected) in [
        (Vec::new(), OpenError::NoAlerts),
        (with(|alert| alert.tenant = tenant("globex")), OpenError::OtherTenant(id)),
        (with(|alert| alert.case = Some(CaseId::from_bytes([8; 16]))), OpenError::InCase { alert: id, case: other }),
    ] {
        assert_eq!(import(&case, &[], &alerts, Manner::Merge), Err(expected));
    }
    let closed = Case { status: CaseStatus::Closed, ..case.clone() };
    assert_eq!(import(&closed, &[], &with(|_| ()), Manner::Merge), Err(OpenError::Closed));
    let names: Vec<String> = (0..=BROUGHT_MAX - 2).map(|number| format!("{number}.example")).collect();
    let values = |count: usize| names[..count].iter().map(|name| ("domain", name.as_str())).collect::<Vec<_>>();
    let full = |count: usize| [self::file("1", &values(count))];
    assert!(import(&case, &[], &full(BROUGHT_MAX - 2), Manner::Merge).is_ok());
    assert_eq!(import(&case, &[], &full(BROUGHT_MAX - 1), Manner::Merge), Err(OpenError::TooMuch(BROUGHT_MAX)));
}

#[test]
fn an_alert_leaves_its_case_as_it_came() {
    let case = case();
    let brought = import(&case, &[], &[file("1", &[])], Manner::Merge).unwrap();
    let free = release_alert(&brought.alerts[0], "bob", at(60));
    assert_eq!((free.case, free.desk.imported, alert_word(&free)), (None, None, AlertWord::New));
    let taken = Alert { acknowledged: Some(at(1)), ..brought.alerts[0].clone() };
    assert_eq!(alert_word(&release_alert(&taken, "bob", at(60))), AlertWord::InProgress);
}

#[test]
fn ids_are_those_of_what_they_are_of() {
    let (one, two) = (alert("1"), alert("2"));
    assert_ne!(one.id, two.id);
    assert_eq!(one.rule.id.to_string(), "s1:siem");
    let odd = NewAlert { rule: Some(("\u{7}\n".repeat(300), "t".into())), ..new("3") };
    assert!(new_alert(odd).unwrap().rule.id.to_string().len() <= 600);
}
