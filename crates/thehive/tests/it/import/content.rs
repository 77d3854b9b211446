//! What comes across, and what it is here.

use serde_json::{Value, json};
use vigie_model::{
    Access, Alert, AlertStatus, Attachment, AttachmentOwner, Case, CaseLink, CasePage, CaseStatus, CaseTemplate,
    Comment, FieldValue, Impact, LinkTarget, Observable, ObservableKind, Parent, Procedure, Role, Share, Task, TaskLog,
    TaskStatus, TimelineEntry, Timestamp, User, Verdict,
};
use vigie_store::Object;

use super::hive::Hive;
use super::{Home, check_equal, figures};

/// SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

pub(super) fn millis(time: i64) -> Timestamp {
    Timestamp::from_millis(time)
}

pub(super) fn bare_case(number: u64) -> Value {
    json!({"number": number, "title": format!("case {number}"), "description": "d", "severity": 2, "tlp": 2, "pap": 2,
        "flag": false, "status": "New", "stage": "New", "startDate": 1_700_000_000_000_i64, "tags": [],
        "extraData": {"isOwner": true}})
}

pub(super) fn bare_alert(reference: &str) -> Value {
    json!({"type": "siem", "source": "feeder", "sourceRef": reference, "title": "t", "description": "d", "severity": 2,
        "date": 1_700_000_000_000_i64, "tlp": 2, "pap": 2, "follow": true, "status": "New", "stage": "New"})
}

/// Fills a TheHive with one of everything. Returns the ids of a case and an alert.
pub(super) fn fill(hive: &Hive) -> (String, String) {
    let all: Value = serde_json::from_str(include_str!("../../hive/everything.json")).unwrap();
    for row in all["rows"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let organisations: Vec<String> = row["organisations"].as_array().unwrap().iter().map(text).collect();
        let organisations: Vec<&str> = organisations.iter().map(String::as_str).collect();
        hive.put(&organisations, &text(&row["kind"]), row["parent"].as_str(), row["json"].clone());
    }
    for path in all["files"].as_array().unwrap() {
        hive.file(path.as_str().unwrap(), b"hello");
    }
    ("~c7".to_owned(), "~al1".to_owned())
}

#[track_caller]
fn one<T: Object>(objects: &[T], is: impl Fn(&T) -> bool) -> &T {
    let mut found = objects.iter().filter(|object| is(object));
    let one = found.next().unwrap();
    assert!(found.next().is_none());
    one
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_across() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    fill(&hive);
    let outcome = home.copy(&hive.url()).await;
    check_equal(&outcome);
    assert_eq!(figures(&outcome, "main-org", "cases"), (Some(2), 2, 0, 0, 0));
    assert_eq!(figures(&outcome, "Client B", "cases"), (Some(1), 0, 1, 0, 0));
    assert_eq!(figures(&outcome, "", "profiles"), (Some(2), 1, 1, 0, 0));
    case_is_whole(&home).await;
    parts_are_whole(&home).await;
    alert_is_whole(&home).await;
    people_and_templates_are_whole(&home).await;
    assert_eq!(home.audit_rows().await, home.audit_rows().await);
}

async fn case_is_whole(home: &Home) {
    let cases: Vec<Case> = home.all().await;
    let case = one(&cases, |case| case.number == 7);
    assert_eq!(
        (case.tenant.as_str(), case.title.as_str(), case.description.as_str()),
        ("main-org", "Ransom", "all of it")
    );
    assert_eq!((case.status, case.assignee.as_deref()), (CaseStatus::Closed, Some("ann@acme.example")));
    assert_eq!(case.resolution.as_ref().map(|resolution| resolution.verdict), Some(Verdict::TruePositive));
    assert_eq!((case.first_seen, case.created), (millis(1_700_000_001_001), millis(1_700_000_001_500)));
    assert_eq!((case.acknowledged, case.closed), (Some(millis(1_700_000_002_002)), Some(millis(1_700_000_009_009))));
    assert_eq!((case.updated, case.desk.updated_by.as_deref()), (millis(1_700_000_009_010), Some("bob@acme.example")));
    assert_eq!((case.desk.impact, case.desk.summary.as_deref()), (Some(Impact::WithImpact), Some("paid nothing")));
    assert_eq!(case.desk.access, Access::Users(vec!["ann@acme.example".into()]));
    assert_eq!(case.desk.fields[0].value, Some(FieldValue::Integer(7)));
    assert_eq!((case.tags.join(","), case.desk.flag), ("a,b".to_owned(), true));
    let links: Vec<CaseLink> = home.all().await;
    let other = one(&cases, |case| case.number == 8);
    one(&links, |link| link.kind == "twin" && link.target == LinkTarget::Linked(other.id) && link.case == case.id);
    one(&links, |link| link.kind == "ticket" && link.target == LinkTarget::Url("https://x.example".into()));
    let shares: Vec<Share> = home.all().await;
    let share = one(&shares, |_| true);
    assert_eq!((share.case, share.owner.as_str(), share.tenant.as_str()), (case.id, "main-org", "client-b"));
    assert_eq!(share.profile, "read-only");
}

async fn parts_are_whole(home: &Home) {
    let tasks: Vec<Task> = home.all().await;
    let task = one(&tasks, |_| true);
    assert_eq!((task.status, task.position, task.mandatory, task.flag), (TaskStatus::Cancelled, 3, true, true));
    assert_eq!((task.due, task.ended), (Some(millis(1_700_000_005_000)), Some(millis(1_700_000_004_000))));
    let logs: Vec<TaskLog> = home.all().await;
    let log = one(&logs, |_| true);
    assert_eq!((log.task, log.text.as_str(), log.date), (task.id, "done", millis(1_700_000_003_500)));
    assert_eq!(log.on_timeline, Some(millis(1_700_000_003_600)));
    let observables: Vec<Observable> = home.all().await;
    let ip = one(&observables, |one| one.value == "198.51.100.7");
    assert_eq!((ip.kind, ip.ioc, ip.unlike, ip.message.as_deref()), (ObservableKind::Ip, true, true, Some("beacon")));
    assert_eq!(ip.sighted, Some(millis(1_700_000_001_300)));
    let file = one(&observables, |one| one.value == "evil.bin");
    let files: Vec<Attachment> = home.all().await;
    let bytes = one(&files, |one| Some(one.id) == file.attachment);
    assert_eq!((bytes.owner, bytes.sha256.as_str(), bytes.bytes), (AttachmentOwner::Observable(file.id), HELLO, 5));
    one(&files, |one| one.owner == AttachmentOwner::Log(log.id) && one.name == "log.txt");
    let of_case = one(&files, |one| matches!(one.owner, AttachmentOwner::Case(_)));
    assert_eq!((of_case.name.as_str(), of_case.md5.as_str()), ("pass.txt", "5d41402abc4b2a76b9719d911017c592"));
    one(&files, |one| matches!(one.owner, AttachmentOwner::Alert(_)) && one.sha256 == HELLO);
    let comments: Vec<Comment> = home.all().await;
    let comment = one(&comments, |comment| comment.text == "who pays?");
    assert_eq!((comment.author.as_str(), comment.edited), ("bob@acme.example", Some(millis(1_700_000_002_600))));
    let procedures: Vec<Procedure> = home.all().await;
    assert_eq!(one(&procedures, |one| one.technique == "T1486").tactic.as_deref(), Some("impact"));
    let pages: Vec<CasePage> = home.all().await;
    assert_eq!(one(&pages, |page| page.title == "Report").category, "reports");
    let events: Vec<TimelineEntry> = home.all().await;
    let event = one(&events, |_| true);
    assert_eq!((event.text.as_str(), event.until), ("first mail", Some(millis(1_700_000_001_060))));
}

async fn alert_is_whole(home: &Home) {
    let alerts: Vec<Alert> = home.all().await;
    let alert = one(&alerts, |_| true);
    let origin = alert.origin.clone().unwrap();
    assert_eq!((origin.kind.as_str(), origin.source.as_str(), origin.reference.as_str()), ("siem", "wazuh", "r1"));
    assert_eq!((alert.status, alert.desk.label.as_deref()), (AlertStatus::InProgress, None));
    assert!(alert.case.is_some() && alert.desk.unfollowed);
    assert_eq!(
        (alert.acknowledged, alert.desk.imported),
        (Some(millis(1_700_000_001_400)), Some(millis(1_700_000_001_450)))
    );
    assert_eq!((alert.first_seen, alert.updated), (millis(1_700_000_001_000), millis(1_700_000_001_460)));
    let observables: Vec<Observable> = home.all().await;
    let own = one(&observables, |one| one.on == Parent::Alert(alert.id) && one.data_type.is_some());
    assert_eq!((own.data_type.as_deref(), own.value.as_str()), (Some("badge"), "4711"));
    // Likeness is found by values that everybody knows the type of.
    let about: Vec<&str> = alert.entities.iter().map(|entity| entity.value.as_str()).collect();
    assert_eq!(about, ["203.0.113.9"]);
}

async fn people_and_templates_are_whole(home: &Home) {
    let users: Vec<User> = home.all().await;
    let ann = one(&users, |user| user.name == "ann@acme.example");
    assert!(ann.disabled);
    let places: Vec<(&str, &str)> =
        ann.memberships.iter().map(|place| (place.tenant.as_str(), place.profile.as_str())).collect();
    assert_eq!((ann.display.as_str(), places, ann.role), ("Ann", vec![("main-org", "hunter")], Role::Analyst));
    let (_, password) = home.store.user_by_name("ann@acme.example").await.unwrap().unwrap();
    assert_eq!(password.expose(), "");
    let templates: Vec<CaseTemplate> = home.all().await;
    let template = one(&templates, |_| true);
    assert_eq!((template.tasks.len(), template.pages.len(), template.fields.len()), (1, 1, 1));
    let tenant = home.store.tenant("client-b").await.unwrap().unwrap();
    assert_eq!((tenant.name.as_str(), tenant.description.as_str()), ("Client B", "from afar"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_object_is_named_in_the_audit_log() {
    let (hive, home) = (Hive::start().await, Home::new().await);
    fill(&hive);
    home.copy(&hive.url()).await;
    let listing = vigie_store::Listing::first(1_000);
    let rows = home.store.audit(&vigie_model::TenantScope::All, &listing).await.unwrap().rows;
    let told = serde_json::to_string(&rows).unwrap();
    for (name, object) in home.everything().await {
        let is_set_up = object["created_by"] == "system@thehive.local" || object["name"] == "admin";
        let id = name.split(' ').next_back().unwrap();
        assert!(is_set_up || told.contains(id), "{name}");
    }
    assert!(rows.iter().all(|row| row.actor.to_string() == "vigie:import thehive"));
}
