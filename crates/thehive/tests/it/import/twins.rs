//! Our own door as the source: what is copied looks the same through the door of the other house.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vigie_model::{Membership, TenantId, TenantScope, User};
use vigie_store::PasswordHash;
use vigie_thehive::Door;
use vigie_thehive::{Credentials, ImportOutcome, Patience, Source, SourceSettings, TenantMap};

use super::check_equal;
use super::fill::{Plan, fill};
use crate::house::stand;

/// Who asks, in both houses.
pub(super) const USER: (&str, &str) = ("admin@thehive.local", "secret");
/// The organisations of the first house, and their tenants in the second.
const ORGANISATIONS: [(&str, &str); 2] = [("main-org", "main-org"), ("Süd & Söhne", "sued-soehne")];

/// The first house: filled with known data, and open at a port.
pub(super) struct First {
    pub(super) door: Door,
    pub(super) url: String,
    _folder: tempfile::TempDir,
}

impl First {
    pub(super) async fn stand(plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (door, _) = stand(folder.path()).await;
        fill(&door.store, &door.files, plan).await;
        let (user, _) = door.store.user_by_name(USER.0).await.unwrap().unwrap();
        let mut memberships = user.memberships.clone();
        let tenant = TenantId::new("sued").unwrap();
        memberships.push(Membership { tenant, profile: "org-admin".into(), default: false });
        let tenants = TenantScope::Only(memberships.iter().map(|one| one.tenant.clone()).collect());
        let mut tx = door.store.begin().await.unwrap();
        assert!(tx.save_user(&User { memberships, tenants, ..user }).await.unwrap());
        tx.commit().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = vigie_thehive::router(&door);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { door, url, _folder: folder }
    }
}

pub(super) fn source(url: &str) -> Source {
    Source::new(&SourceSettings {
        url: url.to_owned(),
        credentials: Credentials::Password { user: USER.0.into(), password: USER.1.into() },
        certificates: None,
        name: Some("first house".into()),
        patience: Patience::default(),
    })
    .unwrap()
}

/// The second house: empty but for what is copied.
pub(super) async fn copy(url: &str, folder: &Path) -> (Door, ImportOutcome) {
    let (door, _) = crate::house::open(folder).await;
    let source = source(url);
    let import = vigie_thehive::Import {
        source: &source,
        organisations: &[],
        tenants: &TenantMap::new(),
        tell: &|_| {},
        now: &|| jiff::Timestamp::now().into(),
    };
    let file_bytes_max = 1024 * 1024;
    let target = vigie_thehive::Target { store: &door.store, files: &door.files, file_bytes_max };
    let outcome = import.run(target).await.unwrap();
    (door, outcome)
}

/// Lets who was copied in.
pub(super) async fn unlock(door: &Door) {
    let (user, password) = door.store.user_by_name(USER.0).await.unwrap().unwrap();
    assert!(user.disabled && password.expose().is_empty());
    let mut tx = door.store.begin().await.unwrap();
    tx.set_password(user.id, &PasswordHash::new(USER.1)).await.unwrap();
    tx.save_user(&User { disabled: false, ..user }).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ask(door: &Door, organisation: &str, path: &str, body: Option<&Value>) -> Value {
    let authorization = format!("Basic {}", STANDARD.encode(format!("{}:{}", USER.0, USER.1)));
    let request = Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(header::AUTHORIZATION, authorization)
        .header("X-Organisation", organisation)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.map(Value::to_string).unwrap_or_default()))
        .unwrap();
    let answer = vigie_thehive::router(door).oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert!(status.is_success(), "{path} {body:?}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

/// Everything that a door shows of an organisation, without ids: what was an id is what people call it by.
async fn shown(door: &Door, organisation: &str) -> BTreeMap<&'static str, Vec<String>> {
    const LISTS: [(&str, &[&str]); 16] = [
        ("cases", &["listCase"]),
        ("alerts", &["listAlert"]),
        ("tasks", &["listCase", "tasks"]),
        ("logs", &["listTask", "logs"]),
        ("case observables", &["listCase", "observables"]),
        ("case comments", &["listCase", "comments"]),
        ("case procedures", &["listCase", "procedures"]),
        ("case attachments", &["listCase", "attachments"]),
        ("pages", &["listCase", "pages"]),
        ("alert observables", &["listAlert", "observables"]),
        ("alert comments", &["listAlert", "comments"]),
        ("alert procedures", &["listAlert", "procedures"]),
        ("templates", &["listCaseTemplate"]),
        ("page templates", &["listPageTemplate"]),
        ("types", &["listObservableType"]),
        ("profiles", &["listProfile"]),
    ];
    let mut all = BTreeMap::new();
    let mut called: HashMap<String, Value> = HashMap::new();
    for (list, operations) in LISTS {
        let mut operations: Vec<Value> = operations.iter().map(|name| json!({ "_name": name })).collect();
        let extra = ["case", "alert", "task", "links"];
        operations.push(json!({"_name": "page", "from": 0, "to": 10_000, "extraData": extra}));
        let rows = ask(door, organisation, "/api/v1/query", Some(&json!({"query": operations}))).await;
        let rows = rows.as_array().unwrap();
        for row in rows {
            let name = match list {
                "cases" => json!({"case": row["number"]}),
                "alerts" => json!({"alert": row["sourceRef"]}),
                "tasks" => json!({"task": row["title"], "order": row["order"], "made": row["_createdAt"]}),
                "page templates" => json!({"page": row["title"]}),
                _ => continue,
            };
            called.insert(row["_id"].as_str().unwrap().to_owned(), name);
        }
        // What each house sets up itself has the time of its own first day.
        let rows = rows.iter().filter(|row| list != "types" || row["_createdBy"] != "system@thehive.local");
        let rows: Vec<&Value> = rows.collect();
        let mut shown: Vec<String> = rows.iter().map(|row| without_ids(row, &called).to_string()).collect();
        shown.sort();
        if list == "cases" {
            let ids: Vec<&str> = rows.iter().map(|row| row["_id"].as_str().unwrap()).collect();
            all.insert("shares", of_each(door, organisation, &ids, "shares", &called).await);
            all.insert("events", of_each(door, organisation, &ids, "timeline", &called).await);
        }
        all.insert(list, shown);
    }
    all
}

/// What is asked for case by case.
async fn of_each(
    door: &Door,
    organisation: &str,
    cases: &[&str],
    what: &str,
    called: &HashMap<String, Value>,
) -> Vec<String> {
    let mut all = Vec::new();
    for case in cases {
        let answer = ask(door, organisation, &format!("/api/v1/case/{case}/{what}"), None).await;
        let rows = answer.as_array().or_else(|| answer["events"].as_array()).unwrap();
        for row in rows.iter().filter(|row| what != "timeline" || row["kind"] == "Custom") {
            all.push(format!("{} {}", called[*case], without_ids(row, called)));
        }
    }
    all.sort();
    all
}

fn without_ids(value: &Value, called: &HashMap<String, Value>) -> Value {
    match value {
        Value::Object(fields) => {
            // What an object is called by is kept where there is such a name.
            let is_kept = |name: &str, value: &Value| {
                !matches!(name, "_id" | "entityId") || value.as_str().is_some_and(|id| called.contains_key(id))
            };
            let kept = fields.iter().filter(|(name, value)| is_kept(name, value));
            kept.map(|(name, value)| (name.clone(), without_ids(value, called))).collect()
        }
        Value::Array(items) => items.iter().map(|item| without_ids(item, called)).collect(),
        Value::String(text) if text.starts_with('~') && text[1..].bytes().all(|byte| byte.is_ascii_digit()) => {
            called.get(text).cloned().unwrap_or_else(|| json!("an id"))
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_is_copied_looks_the_same() {
    let first = First::stand(Plan { cases: 60, alerts: 120, file_every: 20 }).await;
    let folder = tempfile::tempdir().unwrap();
    let (second, outcome) = copy(&first.url, folder.path()).await;
    check_equal(&outcome);
    unlock(&second).await;
    for (organisation, tenant) in ORGANISATIONS {
        let (expected, found) = (shown(&first.door, organisation).await, shown(&second, tenant).await);
        for (list, expected) in &expected {
            let found = &found[list];
            let first = expected.iter().zip(found).find(|(one, other)| one != other);
            assert!(expected == found, "{organisation} {list}: {} {}: {first:#?}", expected.len(), found.len());
        }
    }
}
