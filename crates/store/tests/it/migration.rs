//! A database that Vigie 0.1 wrote opens with this version, and everything in it is found.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use vigie_model::{
    Actor, Alert, AuditEntry, AuditHash, Case, Comparison, Entity, Filter, ObjectKind, Observable, ObservableKind, Pap,
    Role, Selection, TenantScope, Tlp, UserId, Verb,
};
use vigie_store::{Listing, Store, TokenHash};

use crate::samples::{alert, at, case, comment, entity, moment, observable, only, task, tenant};

const OLD: [(i64, &str, &str); 2] = [
    (1, "initial", include_str!("../../migrations/0001_initial.sql")),
    (2, "legal holds", include_str!("../../migrations/0002_legal_holds.sql")),
];
const ENTITIES: u64 = 3;

/// Returns an object as version 0.1 wrote it: without what later versions know.
fn old(object: &impl serde::Serialize, new: &[&str]) -> String {
    let Value::Object(mut fields) = json!(object) else { panic!() };
    fields.retain(|name, _| !new.contains(&name.as_str()));
    Value::Object(fields).to_string()
}

async fn put(connection: &mut SqliteConnection, table: &str, columns: Value) {
    let Value::Object(columns) = columns else { panic!() };
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), vec!["?"; names.len()].join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for value in columns.values() {
        query = match value {
            Value::Number(number) => query.bind(number.as_i64()),
            Value::Bool(flag) => query.bind(*flag),
            Value::Null => query.bind(None::<String>),
            text => query.bind(text.as_str().unwrap().to_owned()),
        };
    }
    query.execute(connection).await.unwrap();
}

/// What the tests put in: two cases with the same address on both, and two alerts of which one is on a case.
fn cases() -> [Case; 2] {
    [case("acme", 1), case("acme", 2)]
}

fn alerts() -> [Alert; 2] {
    [Alert { case: Some(cases()[0].id), ..alert("acme", "a", 1) }, alert("globex", "b", 2)]
}

/// An observable of 0.1: its id was the same on each case.
fn shared(on: &Case) -> Observable {
    Observable { tlp: Tlp::Red, pap: Pap::Clear, ..observable(on, ObservableKind::Ip, "203.0.113.7") }
}

async fn put_case(connection: &mut SqliteConnection, of: &Case) {
    let number = i64::try_from(of.number).unwrap();
    put(
        connection,
        "cases",
        json!({"id": of.id.to_string(), "tenant": of.tenant, "number": number, "title": of.title, "severity": 3,
            "status": "open", "assignee": of.assignee, "verdict": null, "tlp": 2, "pap": 2, "version": 1,
            "first_seen": of.first_seen.as_micros(), "last_seen": of.last_seen.as_micros(),
            "created": of.created.as_micros(), "updated": of.updated.as_micros(), "acknowledged": null, "closed": null,
            "words": "case", "body": old(of, &["desk"])}),
    )
    .await;
    put(connection, "case_tags", json!({"case_id": of.id.to_string(), "tag": "ssh"})).await;
    let seen = shared(of);
    let id = Observable::id_of(cases()[0].id.into(), "ip", "203.0.113.7").to_string();
    let mut body: Value =
        serde_json::from_str(&old(&seen, &["data_type", "attachment", "message", "sighted", "unlike", "stamp"]))
            .unwrap();
    body["id"] = json!(id);
    put(
        connection,
        "observables",
        json!({"case_id": of.id.to_string(), "id": id, "tenant": of.tenant, "kind": "ip", "value": "203.0.113.7",
            "address": "00000000000000000000ffffcb007107", "role": "source", "ioc": false, "warning": null,
            "first_seen": seen.first_seen.as_micros(), "last_seen": seen.last_seen.as_micros(), "body": body.to_string()}),
    )
    .await;
    let said = comment(of, "hello", 5);
    put(
        connection,
        "comments",
        json!({"id": said.id.to_string(), "tenant": of.tenant, "case_id": of.id.to_string(),
            "created": said.created.as_micros(), "body": old(&said, &[])}),
    )
    .await;
    let todo = task(of, "Look", 0);
    let mut body: Value = serde_json::from_str(&old(
        &todo,
        &["group", "mandatory", "flag", "due", "started", "created_by", "updated", "updated_by"],
    ))
    .unwrap();
    body["created"] = json!(todo.stamp.created);
    put(
        connection,
        "tasks",
        json!({"id": todo.id.to_string(), "tenant": of.tenant, "case_id": of.id.to_string(), "title": "Look",
            "status": "waiting", "assignee": null, "position": 0, "created": at(0).as_micros(), "ended": null,
            "body": body.to_string()}),
    )
    .await;
    let told = moment(of, "it began", 3);
    put(
        connection,
        "timeline",
        json!({"case_id": of.id.to_string(), "id": told.id.to_string(), "tenant": of.tenant, "time": at(3).as_micros(),
            "body": old(&told, &[])}),
    )
    .await;
}

async fn put_alert(connection: &mut SqliteConnection, of: &Alert) {
    let id = of.id.to_string();
    put(
        connection,
        "alerts",
        json!({"id": id, "tenant": of.tenant, "rule": of.rule.id.to_string(), "rule_title": of.rule.title,
            "series": Alert::series(&of.tenant, &of.rule.id, &of.key), "generation": 1, "title": of.title,
            "severity": 2, "status": "new", "assignee": null, "verdict": null, "tlp": 2, "pap": 2, "count": 3,
            "first_seen": of.first_seen.as_micros(), "last_seen": of.last_seen.as_micros(),
            "created": of.created.as_micros(), "updated": of.updated.as_micros(),
            "last_finding": of.last_finding.as_micros(), "acknowledged": null, "closed": null,
            "case_id": of.case.map(|case| case.to_string()), "version": 1, "words": "alert",
            "body": old(of, &["desk"])}),
    )
    .await;
    for tag in &of.tags {
        put(connection, "alert_tags", json!({"alert": id, "tag": tag})).await;
    }
    for about in &of.entities {
        let address = about.value.parse::<std::net::IpAddr>().ok().map(|address| {
            let six = match address {
                std::net::IpAddr::V4(four) => four.to_ipv6_mapped(),
                std::net::IpAddr::V6(six) => six,
            };
            hex::encode(six.octets())
        });
        put(
            connection,
            "alert_entities",
            json!({"alert": id, "tenant": of.tenant, "kind": about.kind.as_str(), "value": about.value, "address": address}),
        )
        .await;
    }
    if let Some(case) = of.case {
        put(
            connection,
            "case_alerts",
            json!({"alert": id, "case_id": case.to_string(), "tenant": of.tenant, "added": at(1).as_micros()}),
        )
        .await;
    }
}

async fn put_people(connection: &mut SqliteConnection) {
    put(
        connection,
        "users",
        json!({"id": UserId::derive(["ann"]).to_string(), "name": "ann", "role": "admin", "tenants": "\"all\"",
            "disabled": false, "created": at(0).as_micros() + 7, "password": "$argon2id$x"}),
    )
    .await;
    put(
        connection,
        "api_keys",
        json!({"id": vigie_model::ApiKeyId::derive(["k"]).to_string(), "name": "feeder", "role": "ingest",
            "tenants": "{\"only\":[\"acme\"]}", "created": at(0).as_micros(), "expires": null, "revoked": false,
            "secret_hash": TokenHash::of("secret").expose()}),
    )
    .await;
    let mut previous = AuditHash::genesis();
    for sequence in 1..=3_u64 {
        let mut entry = AuditEntry {
            sequence,
            at: at(0),
            tenant: (sequence == 2).then(|| tenant("acme")),
            actor: Actor::User("ann".into()),
            verb: Verb::Create,
            object: ObjectKind::Case,
            object_id: format!("{sequence}"),
            details: json!({"b": 0.1, "a": sequence}),
            previous,
            hash: AuditHash::genesis(),
            erased: false,
            digests: None,
        };
        entry.hash = entry.expected_hash();
        put(
            connection,
            "audit",
            json!({"sequence": sequence, "at": entry.at.as_micros(), "tenant": entry.tenant,
                "actor": json!(entry.actor).to_string(), "verb": "create", "object": "case",
                "object_id": entry.object_id, "details": entry.details.to_string(), "previous": entry.previous.0,
                "hash": entry.hash.0}),
        )
        .await;
        previous = entry.hash;
    }
}

/// Writes a database as 0.1 left it: the tables, and the note of the migrations that were run.
async fn write_old(path: &Path) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true).foreign_keys(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL,
             execution_time BIGINT NOT NULL)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let known = sqlx::migrate!("./migrations");
    for (version, description, sql) in OLD {
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        let checksum = known.iter().find(|migration| migration.version == version).unwrap().checksum.to_vec();
        sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (?, ?, TRUE, ?, 0)")
            .bind(version)
            .bind(description)
            .bind(checksum)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let mut tx = connection.begin().await.unwrap();
    for name in ["acme", "globex"] {
        put(&mut tx, "tenants", json!({"id": name, "name": name.to_uppercase(), "created": at(0).as_micros()})).await;
    }
    for of in &cases() {
        put_case(&mut tx, of).await;
    }
    for of in &alerts() {
        put_alert(&mut tx, of).await;
    }
    put_people(&mut tx).await;
    tx.commit().await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_version_0_1_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    write_old(&path).await;
    let store = Store::open(&path).await.unwrap();
    let all = TenantScope::All;
    for of in cases() {
        let file = store.case_file(&all, of.id).await.unwrap().unwrap();
        let is_first = of.number == 1;
        assert_eq!((file.timeline, file.comments), (vec![moment(&of, "it began", 3)], vec![comment(&of, "hello", 5)]));
        assert_eq!(
            (file.tasks.len(), file.tasks[0].title.as_str(), file.tasks[0].group.as_str()),
            (1, "Look", "default")
        );
        assert_eq!(file.alerts, if is_first { vec![alerts()[0].clone()] } else { Vec::new() });
        let mut seen = shared(&of);
        assert_eq!(file.observables.len(), 1);
        // Each case has a row of its own from here on.
        seen.id = file.observables[0].id;
        assert_eq!(file.observables[0], seen);
        assert_eq!(file.case, of);
        assert_eq!(store.get::<Observable>(&all, &seen.id.to_string()).await.unwrap(), Some(seen));
    }
    for of in alerts() {
        assert_eq!(store.get::<Alert>(&all, &of.id.to_string()).await.unwrap(), Some(of.clone()));
        if makes_observables_of_entities() {
            check_observables(&store, &of).await;
        }
    }
    check_lists(&store).await;
    store.close().await;
    check_file(&path).await;
}

/// Returns whether the migration that makes observables of what old alerts are about is among those that were run.
fn makes_observables_of_entities() -> bool {
    sqlx::migrate!("./migrations").iter().any(|migration| migration.version == 4)
}

/// What an alert's findings are about are its observables.
async fn check_observables(store: &Store, of: &Alert) {
    let on = equal(&format!("alert:{}", of.id));
    let found: Vec<Observable> = store.select(&TenantScope::All, &Selection::of(on, 10)).await.unwrap();
    let mut found: Vec<Entity> = found.iter().map(|seen| entity(seen.kind, &seen.value, seen.role)).collect();
    found.sort();
    let mut expected = of.entities.clone();
    expected.sort();
    assert_eq!(found, expected);
}

/// Returns the condition `field:value`.
fn equal(text: &str) -> Filter {
    let (name, value) = text.split_once(':').unwrap();
    let value = vigie_model::Value::Text(value.to_owned());
    Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value }
}

async fn check_lists(store: &Store) {
    let listed = async |text: &str| {
        store.alerts(&TenantScope::All, &Listing { filter: equal(text), ..Listing::default() }).await.unwrap().total
    };
    assert_eq!((listed("ip:203.0.113.7").await, listed("host:web-01").await, listed("tag:night").await), (2, 2, 2));
    assert_eq!((listed("rule:a").await, listed("ip:203.0.113.8").await), (1, 0));
    assert_eq!(store.cases(&only("acme"), &Listing::default()).await.unwrap().total, 2);
    assert_eq!(store.cases(&only("globex"), &Listing::default()).await.unwrap().total, 0);
    let count = async |filter| store.count::<Observable>(&TenantScope::All, &filter).await.unwrap();
    let of_alerts = if makes_observables_of_entities() { 2 * ENTITIES } else { 0 };
    assert_eq!(count(Filter::All).await, 2 + of_alerts);
    for text in ["tag:scanner", "tlp:red", "pap:clear"] {
        assert_eq!(count(equal(text)).await, 2, "{text}");
    }

    let (ann, hash) = store.user_by_name("ann").await.unwrap().unwrap();
    assert_eq!((ann.role, ann.tenants, hash.expose()), (Role::Admin, TenantScope::All, "$argon2id$x"));
    assert_eq!(ann.stamp.created.as_micros(), at(0).as_micros() + 7);
    let (key, secret) = store.api_key(vigie_model::ApiKeyId::derive(["k"])).await.unwrap().unwrap();
    assert_eq!((key.name.as_str(), key.user, secret == TokenHash::of("secret")), ("feeder", None, true));
    let tenants = store.tenants().await.unwrap();
    assert_eq!(tenants.iter().map(|tenant| tenant.name.as_str()).collect::<Vec<_>>(), ["ACME", "GLOBEX"]);

    let chain = store.verify_chain().await.unwrap();
    assert_eq!((chain.rows, chain.broken, chain.erased), (3, None, 0));
    let mut tx = store.begin().await.unwrap();
    let actor = Actor::User("ann".into());
    let author = vigie_store::Author { actor: &actor, now: at(9) };
    let before = cases()[1].clone();
    let after = Case { title: "Renamed".into(), version: 2, ..before.clone() };
    tx.change(&before, &after, Verb::Update, author).await.unwrap();
    tx.commit().await.unwrap();
    let chain = store.verify_chain().await.unwrap();
    assert_eq!((chain.rows, chain.broken), (4, None));
}

async fn check_file(path: &Path) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    assert!(sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap().is_empty());
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
    assert_eq!(said, ["ok"]);
    for (table, rows) in [("case_alerts", 1), ("case_tags", 2), ("alert_tags", 4), ("comments", 2), ("timeline", 2)] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
        assert_eq!(found, rows, "{table}");
    }
}
