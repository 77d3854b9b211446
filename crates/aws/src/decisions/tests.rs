//! The table against moto. moto checks a condition and writes in two steps, where DynamoDB does both at once: a server in
//! front of it lets one request through at a time.

use std::sync::Mutex;

use serde_json::json;
use vigie_aws_fake::Moto;
use vigie_model::{ActionId, ActionStatus, Entity, EntityRole, ObservableKind, TenantId, Trigger};

use super::claim::FINDINGS_MAX;
use super::*;
use crate::client::client_of_tests;
use crate::client::server::{Answer, Server};
use crate::{Call, Input, Operation, Service};

static CREATE_TABLE: Operation = Operation::write(Service::DynamoDb, "CreateTable");

const TABLE: &str = "vigie-decisions";
const HOUR: u64 = 3_600;

/// moto with a table, and the server in front of it.
struct Place {
    _moto: Moto,
    server: Server,
}

impl Place {
    fn start() -> Option<Self> {
        let moto = Moto::start()?;
        let (url, one) = (moto.url(), Mutex::new(()));
        let server = Server::start(move |asked, _| {
            let _one = one.lock();
            let mut request = ureq::post(&url).config().http_status_as_error(false).build();
            for name in ["x-amz-target", "content-type", "authorization", "x-amz-date"] {
                request = request.header(name, asked.header(name));
            }
            let mut response = request.send(&asked.body).unwrap();
            Answer::new(response.status().as_u16(), response.body_mut().read_to_string().unwrap())
        });
        let key = |names: [(&str, &str); 2]| -> Vec<Value> {
            names
                .iter()
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, kind)| json!({"AttributeName": name, "KeyType": kind}))
                .collect()
        };
        let input = json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", "KeySchema": key([("id", "HASH"), ("", "")]),
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "state", "AttributeType": "S"},
                {"AttributeName": "expires", "AttributeType": "N"},
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": BY_STATE, "KeySchema": key([("state", "HASH"), ("expires", "RANGE")]),
                "Projection": {"ProjectionType": "ALL"},
            }],
        });
        let call = Call { operation: &CREATE_TABLE, input: Input::Json(input) };
        client_of_tests(&server.url()).send(&call).unwrap();
        Some(Self { _moto: moto, server })
    }

    fn decisions(&self) -> Decisions {
        Decisions::new(client_of_tests(&self.server.url()), TABLE).of_account("111122223333")
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000).plus(Duration::from_secs(seconds))
}

fn block(address: &str) -> Action {
    Action {
        id: ActionId::derive([address]),
        tenant: TenantId::new("acme").unwrap(),
        trigger: Trigger { alert: None, case: None, playbook: None },
        kind: "waf.block_ip".to_owned(),
        target: Some(Entity::new(ObservableKind::Ip, address, EntityRole::Source)),
        parameters: json!({"ip": address, "region": "eu-west-3"}).as_object().unwrap().clone(),
        summary: String::new(),
        blast_radius: String::new(),
        undo: String::new(),
        expires_after_s: Some(HOUR),
        status: ActionStatus::Approved,
        steps: Vec::new(),
        created: at(0),
        updated: at(0),
    }
}

fn message(id: &str) -> Action {
    Action { id: ActionId::derive([id]), kind: "sns.notify".to_owned(), target: None, ..block("192.0.2.1") }
}

#[test]
fn ids_are_those_of_targets() {
    let decisions = Decisions::new(client_of_tests("http://127.0.0.1:1"), TABLE).of_account("1");
    let id = |action: &Action| decisions.id(action);
    let one = id(&block("203.0.113.7"));
    assert_eq!(one.len(), 16);
    assert_eq!(one, id(&Action { expires_after_s: None, id: ActionId::derive(["x"]), ..block("203.0.113.7/32") }));
    assert_eq!(id(&block("2001:DB8::1")), id(&block("2001:db8:0::1/128")));
    assert_ne!(one, id(&block("203.0.113.8")));
    assert_ne!(one, id(&Action { kind: "nacl.block_ip".to_owned(), ..block("203.0.113.7") }));
    assert_ne!(one, decisions.clone().of_account("2").id(&block("203.0.113.7")));
    let mut elsewhere = block("203.0.113.7");
    elsewhere.parameters.insert("region".to_owned(), json!("us-east-1"));
    assert_ne!(one, id(&elsewhere));
    assert_ne!(id(&message("a")), id(&message("b")));
}

#[test]
fn a_decision_lives_and_ends() {
    let Some(place) = Place::start() else { return };
    let decisions = place.decisions();
    life(&decisions);
    extension(&decisions);
    deaths(&decisions);
    failures(&decisions);
    messages(&decisions);
    giants(&decisions);
    lists(&decisions);
}

fn life(decisions: &Decisions) {
    let action = block("203.0.113.7");
    let Claim::New(record) = decisions.claim(&action, "f-1", at(0)).unwrap() else { panic!("it is new") };
    let id = record.id.clone();
    assert_eq!(decisions.get(&id).unwrap(), Some(record.clone()), "the row is there before anything is done");
    assert_eq!((record.account.as_str(), record.target.as_str(), record.count), ("111122223333", "203.0.113.7", 1));
    assert_eq!(record.action, Some(action.clone()));
    decisions.settle(&id, &json!({"set": "v4"}), Some(at(HOUR)), at(1)).unwrap();
    decisions.settle(&id, &json!({"set": "other"}), Some(at(9 * HOUR)), at(2)).unwrap();
    let record = decisions.get(&id).unwrap().unwrap();
    assert_eq!((record.state, record.since, record.expires), (State::InForce, Some(at(1)), Some(at(HOUR))));
    assert_eq!(record.undo, json!({"set": "v4"}), "only the first knows what was there before");

    for _ in 0..50 {
        let claim = decisions.claim(&action, "f-1", at(1_800)).unwrap();
        assert_eq!(claim, Claim::InForce { record: record.clone(), extended: false, same_finding: true });
    }
    assert!(decisions.begin_end(&id, End::Expired, at(HOUR - 1)).unwrap().is_none(), "its time is not over");
    assert_eq!(decisions.due(at(HOUR - 1), 10).unwrap(), []);
    assert_eq!(decisions.due(at(HOUR), 10).unwrap().len(), 1);
    let ending = decisions.begin_end(&id, End::Expired, at(HOUR)).unwrap().unwrap();
    assert_eq!((ending.state, &ending.undo), (State::Ending, &json!({"set": "v4"})));
    assert!(decisions.begin_end(&id, End::Undone, at(HOUR)).unwrap().is_none(), "somebody is at it");
    assert!(matches!(decisions.claim(&action, "f-2", at(HOUR)).unwrap(), Claim::Busy(_)));
    decisions.end(&id, End::Expired, at(HOUR + 1)).unwrap();
    decisions.end(&id, End::Expired, at(HOUR + 2)).unwrap();
    let ended = decisions.get(&id).unwrap().unwrap();
    assert_eq!((ended.state, ended.reason.as_str()), (State::Ended, "expired"));
    let purge = dynamodb::get_item(&decisions.client, TABLE, &key(&id)).unwrap().unwrap().number("purge");
    assert_eq!(purge, Some(at(HOUR + 1).plus(KEPT_FOR).as_seconds()));
    assert!(decisions.begin_end(&id, End::Undone, at(HOUR + 3)).unwrap().is_none(), "it is over");

    let Claim::New(again) = decisions.claim(&action, "f-2", at(2 * HOUR)).unwrap() else { panic!("a new round") };
    assert_eq!((again.undo, again.findings.len(), again.count), (Value::Null, 1, 1));
    let row = dynamodb::get_item(&decisions.client, TABLE, &key(&id)).unwrap().unwrap();
    assert_eq!(row.number("purge"), None, "what is claimed is not purged");
    decisions.fail(&id, "", at(2 * HOUR)).unwrap();
}

fn extension(decisions: &Decisions) {
    let action = block("203.0.113.8");
    let Claim::New(record) = decisions.claim(&action, "f-0", at(0)).unwrap() else { panic!("it is new") };
    decisions.settle(&record.id, &Value::Null, Some(at(HOUR)), at(0)).unwrap();
    let shorter = Action { expires_after_s: Some(60), ..action.clone() };
    let claim = decisions.claim(&shorter, "f-1", at(60)).unwrap();
    let Claim::InForce { record, extended: false, same_finding: false } = claim else { panic!("{claim:?}") };
    assert_eq!((record.expires, record.count), (Some(at(HOUR)), 2));
    for number in 2..60_u64 {
        let claim = decisions.claim(&action, &format!("f-{number}"), at(number)).unwrap();
        let Claim::InForce { record, extended: true, same_finding: false } = claim else { panic!("{claim:?}") };
        assert_eq!((record.expires, record.count), (Some(at(number + HOUR)), number + 1));
        assert_eq!(record.findings.len(), FINDINGS_MAX.min(number as usize + 1));
    }
    let forever = Action { expires_after_s: None, ..action.clone() };
    let claim = decisions.claim(&forever, "f-x", at(99)).unwrap();
    assert!(matches!(claim, Claim::InForce { record, extended: true, .. } if record.expires.is_none()));
    assert!(matches!(decisions.claim(&action, "f-y", at(100)).unwrap(), Claim::InForce { extended: false, .. }));
    assert!(decisions.begin_end(&record.id, End::Expired, at(9 * HOUR)).unwrap().is_none(), "it was extended");
    assert!(decisions.begin_end(&record.id, End::Undone, at(9 * HOUR)).unwrap().is_some());
    decisions.hold_on(&record.id, "AWS was out of order").unwrap();
    assert_eq!(decisions.get(&record.id).unwrap().unwrap().reason, "AWS was out of order");
    assert!(decisions.begin_end(&record.id, End::Undone, at(9 * HOUR)).unwrap().is_some());
    decisions.end(&record.id, End::Undone, at(9 * HOUR)).unwrap();
}

fn deaths(decisions: &Decisions) {
    let action = block("203.0.113.9");
    let quarter = HELD_FOR.as_secs();
    let Claim::New(record) = decisions.claim(&action, "f-1", at(0)).unwrap() else { panic!("it is new") };
    decisions.remember(&record.id, &json!({"groups": ["sg-1"]})).unwrap();
    assert!(matches!(decisions.claim(&action, "f-2", at(quarter - 1)).unwrap(), Claim::Busy(_)));
    assert!(matches!(decisions.claim(&action, "f-1", at(60)).unwrap(), Claim::Again(record) if record.count == 1));
    assert!(matches!(decisions.claim(&action, "f-2", at(quarter + 59)).unwrap(), Claim::Busy(_)));
    assert_eq!(decisions.unsettled(at(quarter + 61)).unwrap().len(), 1);
    let claim = decisions.claim(&action, "f-2", at(quarter + 60)).unwrap();
    assert!(matches!(claim, Claim::Again(record) if record.count == 2 && record.held_by == "f-2"));
    assert!(matches!(decisions.claim(&action, "f-1", at(quarter + 61)).unwrap(), Claim::Busy(_)));
    decisions.remember(&record.id, &json!({"groups": ["sg-quarantine"]})).unwrap();
    decisions.settle(&record.id, &Value::Null, None, at(quarter + 62)).unwrap();
    assert_eq!(decisions.get(&record.id).unwrap().unwrap().undo, json!({"groups": ["sg-1"]}), "the first is kept");
    // Whoever ends it dies too.
    assert!(decisions.begin_end(&record.id, End::Undone, at(HOUR)).unwrap().is_some());
    assert_eq!(decisions.due(at(HOUR + quarter), 10).unwrap(), []);
    assert_eq!(decisions.due(at(HOUR + quarter + 1), 10).unwrap().len(), 1);
    assert!(decisions.begin_end(&record.id, End::Undone, at(HOUR + quarter + 1)).unwrap().is_some());
    decisions.end(&record.id, End::Undone, at(HOUR + quarter + 2)).unwrap();
}

fn failures(decisions: &Decisions) {
    let action = block("203.0.113.10");
    let Claim::New(record) = decisions.claim(&action, "f-1", at(0)).unwrap() else { panic!("it is new") };
    decisions.fail(&record.id, "not allowed", at(0)).unwrap();
    assert!(matches!(decisions.settle(&record.id, &Value::Null, None, at(0)), Err(AwsError::Conflict { .. })));
    assert!(decisions.begin_end(&record.id, End::Undone, at(1)).unwrap().is_none(), "nothing was done");
    // Half-way: what was there before is remembered over any number of failures.
    for (second, groups) in [(1, "sg-1"), (2, "sg-half"), (3, "sg-quarantine")] {
        let claim = decisions.claim(&action, &format!("f-{second}"), at(second)).unwrap();
        let Claim::Again(again) = claim else { panic!("{claim:?}") };
        assert_eq!((again.expires, again.reason.as_str()), (Some(at(second + HOUR)), ""));
        decisions.remember(&record.id, &json!(groups)).unwrap();
        decisions.fail(&record.id, "four of five", at(second)).unwrap();
    }
    let half = decisions.begin_end(&record.id, End::Undone, at(4)).unwrap().unwrap();
    assert_eq!(half.undo, json!("sg-1"));
    decisions.end(&record.id, End::Undone, at(4)).unwrap();
    let claim = decisions.claim(&action, "f-9", at(5)).unwrap();
    assert!(matches!(&claim, Claim::New(record) if record.undo == Value::Null), "{claim:?}");
    decisions.settle(&record.id, &Value::Null, Some(at(HOUR)), at(2)).unwrap();
    decisions.fail(&record.id, "too late", at(3)).unwrap();
    assert_eq!(decisions.get(&record.id).unwrap().unwrap().state, State::InForce, "what was done is not failed");
    decisions.end(&record.id, End::Undone, at(4)).unwrap();
    assert!(matches!(decisions.settle("nothing", &Value::Null, None, at(0)), Err(AwsError::Conflict { .. })));
    let elsewhere = Decisions::new(decisions.client.clone(), "no-such-table");
    assert!(elsewhere.claim(&action, "f-1", at(0)).unwrap_err().is_not_found());
}

fn messages(decisions: &Decisions) {
    let Claim::New(record) = decisions.claim(&message("m-1"), "f-1", at(0)).unwrap() else { panic!("it is new") };
    decisions.done(&record.id, at(0)).unwrap();
    decisions.done(&record.id, at(1)).unwrap();
    for finding in ["f-1", "f-2"] {
        let claim = decisions.claim(&message("m-1"), finding, at(2)).unwrap();
        assert!(matches!(claim, Claim::InForce { same_finding: true, extended: false, .. }), "{claim:?}");
    }
    assert!(matches!(decisions.claim(&message("m-2"), "f-1", at(2)).unwrap(), Claim::New(_)));
}

/// A row takes 400 KB, whatever an event says.
fn giants(decisions: &Decisions) {
    let mut action = block("203.0.113.11");
    action.parameters.insert("about".to_owned(), json!("x".repeat(600_000)));
    let finding = |number: u32| format!("{number}{}", "f".repeat(20_000));
    let Claim::New(record) = decisions.claim(&action, &finding(0), at(0)).unwrap() else { panic!("it is new") };
    decisions.settle(&record.id, &Value::Null, Some(at(HOUR)), at(0)).unwrap();
    for number in 0..60 {
        let claim = decisions.claim(&action, &finding(number), at(1)).unwrap();
        assert!(matches!(claim, Claim::InForce { same_finding, .. } if same_finding == (number == 0)));
    }
    let record = decisions.get(&record.id).unwrap().unwrap();
    assert_eq!((record.count, record.action), (60, None));
    decisions.end(&record.id, End::Undone, at(2)).unwrap();
}

fn lists(decisions: &Decisions) {
    assert_eq!(decisions.in_force().unwrap(), []);
    for number in 0..230_u64 {
        let action = block(&format!("198.51.100.{number}"));
        let Claim::New(record) = decisions.claim(&action, "f", at(0)).unwrap() else { panic!("it is new") };
        decisions.settle(&record.id, &Value::Null, Some(at(1_000 - number)), at(0)).unwrap();
    }
    let ends: Vec<_> = decisions.in_force().unwrap().iter().map(|record| record.expires.unwrap()).collect();
    assert_eq!(ends.len(), 230, "pages are read to the last");
    assert!(ends.is_sorted());
    assert_eq!(decisions.due(at(2_000), 150).unwrap().len(), 150);
    assert_eq!(decisions.due(at(780), 150).unwrap().len(), 10);
}

#[test]
fn of_many_at_once_one_goes_on() {
    let Some(place) = Place::start() else { return };
    let decisions = place.decisions();
    let action = block("203.0.113.99");
    let claims = |finding: &(dyn Fn(u32) -> String + Sync), now: Timestamp| -> Vec<Claim> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..200)
                .map(|number| {
                    let (decisions, action) = (&decisions, &action);
                    scope.spawn(move || decisions.claim(action, &finding(number), now).unwrap())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    };
    let of_many = |number: u32| format!("f-{number}");
    let first = claims(&of_many, at(0));
    let new: Vec<_> = first.iter().filter(|claim| matches!(claim, Claim::New(_))).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(first.iter().filter(|claim| matches!(claim, Claim::Busy(_))).count(), 199);
    let id = decisions.id(&action);
    decisions.settle(&id, &Value::Null, Some(at(10)), at(1)).unwrap();
    // Every finding is counted, and the end is that of the last; the holder's was counted by its claim.
    let then = claims(&of_many, at(2));
    assert!(then.iter().all(|claim| matches!(claim, Claim::InForce { .. })));
    let record = decisions.get(&id).unwrap().unwrap();
    assert_eq!((record.count, record.expires, record.findings.len()), (200, Some(at(2 + HOUR)), FINDINGS_MAX));
    // Each with an end of its own: the latest counts, and nobody is turned away.
    let (most, one) = (Mutex::new(0), &decisions);
    std::thread::scope(|scope| {
        for number in 0..100_u64 {
            let (action, most) = (&action, &most);
            scope.spawn(move || {
                let claim = one.claim(action, &format!("g-{number}"), at(10 + number * 37 % 100)).unwrap();
                *most.lock().unwrap() += u32::from(matches!(claim, Claim::InForce { .. }));
            });
        }
    });
    let record = decisions.get(&id).unwrap().unwrap();
    assert_eq!((*most.lock().unwrap(), record.count, record.expires), (100, 300, Some(at(109 + HOUR))));
    let ends: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..50).map(|_| scope.spawn(|| decisions.begin_end(&id, End::Undone, at(3)).unwrap())).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ends.len(), 1, "one takes it back");
}
