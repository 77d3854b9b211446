//! The queue: many alerts changed at once, counted by what they have in common, and who can be given them.

use serde_json::{Value, json};
use vigie_model::{Role, TenantScope};

use crate::app::{TestApp, tenant};

fn bulk(app: &TestApp, key: &str, alerts: &[&Value], change: &Value) -> Value {
    let ids: Vec<&Value> = alerts.iter().map(|alert| &alert["id"]).collect();
    app.post(key, "/api/v1/alerts/bulk", &json!({"alerts": ids, "change": change})).expect(200)
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["outcomes"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect()
}

#[test]
fn many_alerts_are_changed_and_each_says_what_became_of_it() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::Only(vec![tenant("acme")]));
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    let first = app.raise_alert("acme", "203.0.113.7");
    let second = app.raise_alert("acme", "203.0.113.8");
    let foreign = app.raise_alert("globex", "203.0.113.9");
    let unknown = json!({"id": "0".repeat(32)});
    let change = |alerts: &[&Value], change: Value| bulk(&app, &analyst, alerts, &change);

    let taken = change(&[&first, &first, &unknown, &second], json!({"kind": "acknowledge"}));
    assert_eq!(outcomes(&taken), ["done", "not_found", "done"], "each once: {taken}");
    let given = change(&[&first, &foreign], json!({"kind": "assign", "assignee": "ann"}));
    assert_eq!(outcomes(&given), ["done", "conflict"], "ann may not see globex: {given}");
    let closing = json!({"kind": "close", "resolution": {"verdict": "benign", "summary": ""}});
    assert_eq!(outcomes(&change(&[&first], closing.clone())), ["done"]);
    let again = change(&[&first, &second], closing);
    assert_eq!(outcomes(&again), ["conflict", "done"], "{again}");
    assert!(again["outcomes"][0]["why"].as_str().unwrap().contains("closed"), "{again}");
    assert_eq!(
        outcomes(&change(&[&first, &second, &foreign], json!({"kind": "reopen"}))),
        ["done", "done", "conflict"]
    );

    let path = format!("/api/v1/alerts/{}", first["id"].as_str().unwrap());
    let now = app.get(&analyst, &path).expect(200);
    assert_eq!((now["status"].as_str(), now["assignee"].as_str()), (Some("in_progress"), Some("ann")));
    let asked = format!("/api/v1/audit?q=object_id:{}", first["id"].as_str().unwrap());
    let audit = app.get(&app.admin, &asked).expect(200);
    let verbs: Vec<&str> = audit["rows"].as_array().unwrap().iter().map(|row| row["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs[..4], ["reopen", "close", "update", "update"], "{audit}");
}

#[test]
fn many_alerts_become_a_case_and_join_one() {
    let app = TestApp::new();
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    let alerts = ["203.0.113.7", "203.0.113.8", "203.0.113.9"].map(|address| app.raise_alert("acme", address));
    let foreign = app.raise_alert("globex", "203.0.113.9");
    let opened = bulk(&app, &analyst, &[&alerts[0], &alerts[1], &foreign], &json!({"kind": "open_case"}));
    assert_eq!(outcomes(&opened), ["done", "done", "conflict"], "{opened}");
    assert_eq!((opened["case"]["number"].as_u64(), opened["case"]["tenant"].as_str()), (Some(1), Some("acme")));

    let other = bulk(&app, &analyst, &[&alerts[0], &alerts[2]], &json!({"kind": "open_case"}));
    assert_eq!(outcomes(&other), ["conflict", "done"], "the first is part of a case: {other}");
    let merge = json!({"kind": "merge", "case": opened["case"]["id"]});
    let merged = bulk(&app, &analyst, &[&alerts[0], &alerts[2], &foreign], &merge);
    assert_eq!(outcomes(&merged), ["done", "conflict", "conflict"], "{merged}");
    let none = bulk(&app, &analyst, &[&foreign], &merge);
    assert!(none.get("case").is_none(), "nothing changed: {none}");

    let close = json!({"resolution": {"verdict": "benign", "summary": "x"}, "cancel_tasks": true});
    let path = format!("/api/v1/cases/{}/close", opened["case"]["id"].as_str().unwrap());
    app.post(&analyst, &path, &close).expect(200);
    let late = app.raise_alert("acme", "203.0.113.10");
    let body = json!({"alerts": [late["id"]], "change": merge});
    assert_eq!(app.post(&analyst, "/api/v1/alerts/bulk", &body).status, 409, "the case is closed");
}

#[test]
fn what_makes_no_sense_for_many_alerts_is_refused() {
    let app = TestApp::new();
    let analyst = app.key(Role::Analyst, &TenantScope::All);
    let alert = app.raise_alert("acme", "203.0.113.7");
    let id = |number: usize| json!(format!("{number:032x}"));
    let ids = |count: usize| (0..count).map(id).collect::<Vec<_>>();
    let close = |summary: &str| json!({"kind": "close", "resolution": {"verdict": "benign", "summary": summary}});
    for (alerts, change, field) in [
        (vec![], json!({"kind": "reopen"}), "alerts"),
        (ids(501), json!({"kind": "reopen"}), "alerts"),
        (ids(1), json!({"kind": "forget"}), "change"),
        (ids(1), json!({"kind": "assign", "assignee": "nobody-of-this-name"}), "change.assignee"),
        (vec![alert["id"].clone()], close(&"x".repeat(100_001)), "summary"),
    ] {
        let answer = app.post(&analyst, "/api/v1/alerts/bulk", &json!({"alerts": alerts, "change": change}));
        assert_eq!(answer.status, 400, "{field}: {}", answer.text());
        assert!(answer.text().contains(field), "{field}: {}", answer.text());
    }
    let most = json!({"alerts": ids(500), "change": {"kind": "reopen"}});
    assert_eq!(outcomes(&app.post(&analyst, "/api/v1/alerts/bulk", &most).expect(200)).len(), 500);
}

#[test]
fn alerts_are_counted_by_what_they_have_in_common() {
    let app = TestApp::new();
    for (tenant, address) in [("acme", "203.0.113.7"), ("acme", "203.0.113.8"), ("globex", "203.0.113.7")] {
        app.raise_alert(tenant, address);
    }
    let asked = |query: &str| {
        let groups = app.get(&app.admin, &format!("/api/v1/alerts/groups?{query}")).expect(200);
        let told = |group: &Value| format!("{} {}", group["value"].as_str().unwrap(), group["count"]);
        groups["groups"].as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(asked(""), ["7d9a7a52-1f0e-4f55-9f2b-000000000001 3"]);
    assert_eq!(asked("by=severity"), ["high 3"]);
    assert_eq!(asked("by=tenant"), ["acme 2", "globex 1"]);
    assert_eq!(asked("by=host&q=status:new&tenant=acme"), ["web-1 2"]);
    assert_eq!(asked("by=ip&q=ip:203.0.113.7"), ["203.0.113.7 2"]);
    assert_eq!(asked("by=assignee&q=severity:low"), Vec::<String>::new());
    assert_eq!(app.get(&app.admin, "/api/v1/alerts/groups?by=mood").status, 400);
    assert_eq!(app.get(&app.admin, "/api/v1/alerts/groups?q=mood:good").status, 400);
}

#[test]
fn cases_like_an_alert_are_found() {
    let app = TestApp::new();
    let first = app.raise_alert("acme", "203.0.113.7");
    let case = app.post(&app.admin, "/api/v1/cases", &json!({"alerts": [first["id"]]})).expect(201);
    let close = json!({"resolution": {"verdict": "benign", "summary": "x"}, "cancel_tasks": true});
    app.post(&app.admin, &format!("/api/v1/cases/{}/close", case["id"].as_str().unwrap()), &close).expect(200);
    let foreign = app.raise_alert("globex", "203.0.113.7");
    app.raise_alert("acme", "203.0.113.7");
    let open = app.get(&app.admin, "/api/v1/alerts?tenant=acme&q=status:new").expect(200);
    let like = |alert: &Value| {
        let path = format!("/api/v1/alerts/{}/similar-cases", alert["id"].as_str().unwrap());
        app.get(&app.admin, &path).expect(200)
    };
    let found = like(&open["rows"][0]);
    assert_eq!((found[0]["case"]["id"].clone(), found.as_array().unwrap().len()), (case["id"].clone(), 1));
    assert!(found[0]["shared"].to_string().contains("203.0.113.7"), "{found}");
    assert_eq!(like(&first), json!([]), "not its own case");
    assert_eq!(like(&foreign), json!([]), "never of another tenant");
}

#[test]
fn work_can_be_given_to_analysts_of_the_tenant() {
    let app = TestApp::new();
    app.user("ann", Role::Analyst, TenantScope::Only(vec![tenant("acme")]));
    app.user("gus", Role::Analyst, TenantScope::Only(vec![tenant("globex")]));
    app.user("rob", Role::Reader, TenantScope::All);
    app.user("sam", Role::Admin, TenantScope::All);
    let names = |key: &str, query: &str| {
        let answer = app.get(key, &format!("/api/v1/assignees{query}")).expect(200);
        answer.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let acme = app.key_for(Role::Analyst, "acme");
    let only = |names: Vec<String>| names.into_iter().filter(|name| name.len() == 3).collect::<Vec<_>>();
    assert_eq!(only(names(&acme, "")), ["ann", "sam"]);
    assert_eq!(only(names(&app.admin, "")), ["ann", "gus", "sam"]);
    assert_eq!(only(names(&app.admin, "?tenant=globex")), ["gus", "sam"]);
    assert_eq!(app.get(&acme, "/api/v1/assignees?tenant=globex").status, 404);
}
