//! Cases as archives.

use std::io::{Cursor, Write as _};
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use vigie_model::{TenantScope, Verb};
use zip::AesMode;
use zip::write::SimpleFileOptions;

use super::{case, count, make, query};
use crate::check::{check, includes};
use crate::client::{Answer, Asker, Client};
use crate::house::add_user;

/// Opens a case with one of everything on it.
async fn full(admin: &Asker<'_>) -> String {
    let input = json!({
        "title": "Beacons", "description": "d", "severity": 4, "tlp": 4, "tags": ["c2"], "startDate": 1_000,
        "status": "TruePositive", "summary": "s", "impactStatus": "WithImpact", "assignee": "admin@thehive.local",
    });
    let id = super::id(&check(admin, "POST /api/v1/case", input, 201, Value::Null).await);
    let on = |path: &str| format!("/api/v1/case/{id}/{path}");
    let task = json!({"title": "t", "status": "InProgress", "group": "g", "mandatory": true, "dueDate": 9_000});
    let task = make(admin, &on("task"), task).await;
    let log =
        make(admin, &format!("/api/v1/task/{task}/log"), json!({"message": "m", "includeInTimeline": 5_000})).await;
    for (path, name) in [(format!("/api/v1/log/{log}/attachments"), "log.txt"), (on("attachments"), "case.txt")] {
        assert_eq!(admin.form(&path, &[("attachments", Some(name), name.as_bytes())]).await.status, 201);
    }
    let observable = json!({"dataType": "domain", "data": "evil.example", "tags": ["x"], "ioc": true, "message": "m"});
    make(admin, &on("observable"), observable).await;
    make(admin, &on("observable"), json!({"dataType": "registry", "data": "HKLM"})).await;
    let form = [("_json", None, &br#"{"dataType":"file"}"#[..]), ("attachment", Some("evil.exe"), b"MZ evil")];
    assert_eq!(admin.form(&on("observable"), &form).await.status, 201);
    make(admin, &on("comment"), json!({"message": "hello"})).await;
    make(admin, &on("procedure"), json!({"patternId": "T1059.006", "tactic": "execution", "occurDate": 6_000})).await;
    make(admin, &on("page"), json!({"title": "p", "content": "c", "category": "k", "order": 3})).await;
    make(admin, &on("customEvent"), json!({"date": 7_000, "title": "seen"})).await;
    let link = json!({"type": "ticket", "url": "https://example.com/1"});
    check(admin, &format!("POST {}", on("link/external/add")), link, 204, Value::Null).await;
    id
}

async fn import(asker: &Asker<'_>, options: &Value, archive: &[u8]) -> Answer {
    let options = options.to_string();
    let parts = [("_json", None, options.as_bytes()), ("file", Some("case.thar"), archive)];
    asker.form("/api/v1/case/import", &parts).await
}

/// What is on the newest case, but for ids, stamps and who wrote it.
async fn content(asker: &Asker<'_>, id: &str) -> Value {
    let get = json!({"_name": "getCase", "idOrName": id});
    let mut all = json!({"case": query(asker, json!([get])).await[0]});
    for hop in ["tasks", "observables", "procedures", "pages", "attachments"] {
        all[hop] = query(asker, json!([get, {"_name": hop}])).await;
    }
    all["logs"] = query(asker, json!([get, {"_name": "tasks"}, {"_name": "logs"}])).await;
    bare(&all)
}

fn bare(value: &Value) -> Value {
    let gone = |name: &str| {
        name.starts_with('_')
            || matches!(
                name,
                "number"
                    | "newDate"
                    | "closedDate"
                    | "inProgressDate"
                    | "endDate"
                    | "owner"
                    | "userPermissions"
                    | "date"
            )
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !gone(name) && !name.starts_with("timeTo") && *name != "handlingDuration")
            .map(|(name, value)| (name.clone(), bare(value)))
            .collect(),
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn a_case_comes_back_from_its_archive() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = full(&admin).await;
    check(&admin, &format!("GET /api/v1/case/{id}/export"), Value::Null, 400, json!({"message": "…password"})).await;
    let archive = admin.get(&format!("/api/v1/case/{id}/export?password=s3cret")).await;
    assert_eq!(archive.status, 200);
    assert_eq!(archive.headers["content-disposition"], "attachment; filename*=UTF-8''case-1.thar");
    let audit = client.door.store.audit(&TenantScope::All, &vigie_store::Listing::first(1)).await.unwrap();
    assert_eq!(audit.rows[0].verb, Verb::Export, "it is written down that it left");
    let again = import(&admin, &json!({"password": "s3cret"}), &archive.bytes).await;
    assert_eq!(again.status, 200, "{}", again.body);
    let expected = json!({"case": {"title": "Beacons", "number": 2}, "errors": [], "observables": [{}, {}, {}], "procedures": [{}]});
    assert!(includes(&again.body, &expected), "{}", again.body);
    let back = super::id(&again.body["case"]);
    assert_eq!(content(&admin, &back).await, content(&admin, &id).await);
    let comments = query(&admin, json!([{"_name": "getCase", "idOrName": back}, {"_name": "comments"}])).await;
    assert!(includes(&comments, &json!([{"message": "…admin@thehive.local,"}])), "{comments}");
    // The bytes of files are there, and in the other house too.
    let files = query(&admin, json!([{"_name": "getCase", "idOrName": back}, {"_name": "attachments"}])).await;
    let path = format!("/api/v1/case/{back}/attachment/{}/download", files[0]["_id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.bytes, b"case.txt");
    let other = Client::stand().await;
    let there = import(&other.admin("main-org"), &json!({"password": "s3cret"}), &archive.bytes).await;
    assert_eq!(there.status, 200, "{}", there.body);
    assert_eq!(other.files(), 3);
    let back = super::id(&there.body["case"]);
    assert_eq!(content(&other.admin("main-org"), &back).await, content(&admin, &id).await);
}

#[tokio::test]
async fn what_could_not_be_read_back_is_not_written() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = full(&admin).await;
    let export = format!("/api/v1/case/{id}/export?password=x");
    let bytes = admin.get(&export).await.bytes.len() as u64;
    client.house.file_bytes_max.store(bytes, Ordering::Relaxed);
    let refused = admin.get(&export).await;
    assert!(refused.status == 413 && includes(&refused.body, &json!({"message": "…too many or too long"})));
    client.house.file_bytes_max.store(bytes + 4 * 512, Ordering::Relaxed);
    let archive = admin.get(&export).await;
    assert_eq!(import(&admin, &json!({"password": "x"}), &archive.bytes).await.status, 200);
}

/// Packs entries with these options.
fn pack_with(entries: &[(&str, &[u8])], options: zip::write::FileOptions<'_, '_, ()>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Packs entries as an export does.
fn pack(entries: &[(&str, &[u8])], password: &str) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    pack_with(entries, options.with_aes_encryption(AesMode::Aes256, password))
}

/// Returns the JSON of an exported case.
async fn exported(admin: &Asker<'_>, id: &str) -> Value {
    let archive = admin.get(&format!("/api/v1/case/{id}/export?password=x")).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(archive.bytes)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut archive.by_name_decrypt("case.json", b"x").unwrap(), &mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn hostile_archives_do_no_harm() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let id = full(&admin).await;
    let good = exported(&admin, &id).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut case = good.clone();
        change(&mut case);
        pack(&[("case.json", case.to_string().as_bytes())], "x")
    };
    let plain = SimpleFileOptions::default();
    let zeros = vec![b' '; 15 * 1024 * 1024];
    client.house.file_bytes_max.store(16 * 1024 * 1024, Ordering::Relaxed);
    let many: Vec<String> = (0..2_002).map(|number| format!("files/{number}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let part = |field: &'static str, count: usize| {
        move |case: &mut Value| case[field] = vec![case[field][0].clone(); count].into()
    };
    for (archive, status, message) in [
        (b"no archive at all".to_vec(), 400, "file: the archive cannot be read"),
        (pack(&[], "x"), 400, "holds no file"),
        (pack(&[("other.json", b"{}")], "x"), 400, "holds no case.json"),
        (pack(&[("case.json", b"{}")], "x"), 400, "missing field `format`"),
        (pack(&[("case.json", b"{}")], "y"), 400, "password"),
        (pack(&[("case.json", "[".repeat(100_000).as_bytes())], "x"), 400, ""),
        (pack_with(&many, plain), 400, "too many files"),
        // A thousand times longer than what was sent.
        (pack_with(&[("case.json", &zeros)], plain), 413, "too long"),
        (with(&|case| case["format"] = 2.into()), 400, "format 2: this version reads 1"),
        (with(&|case| case["case"]["title"] = " ".into()), 400, "`title` is empty"),
        (with(&|case| case["case"]["title"] = "x".repeat(600).into()), 400, "`title` is too long"),
        (with(&part("comments", 20_001)), 400, "at most 20000 parts"),
    ] {
        let answer = import(&admin, &json!({"password": "x"}), &archive).await;
        let got = answer.body["message"].as_str().unwrap_or_default().to_owned();
        assert!(answer.status == status && got.contains(message), "{message}: {} {got}", answer.status);
    }
    assert_eq!(count(&admin, &[json!({"_name": "listCase"})]).await, 1, "nothing was half done");
    // What lies is made anew: whose it is, who made it, and what it is.
    let lies = with(&|case| {
        case["case"]["tenant"] = "admin".into();
        case["case"]["version"] = 99.into();
        case["case"]["desk"]["created_by"] = "the director".into();
        case["case"]["desk"]["access"] = json!({"users": ["nobody"]});
        case["case"]["assignee"] = "nobody".into();
        case["case"]["closed"] = "9999-01-01T00:00:00.000000Z".into();
        case["tasks"][0]["tenant"] = "admin".into();
        case["tasks"][0]["stamp"] = json!({"created_by": "the director"});
        case["logs"][0]["task"] = case["case"]["id"].clone();
        case["comments"][0]["author"] = "the director".into();
        case["observables"][0]["id"] = case["observables"][1]["id"].clone();
        case["procedures"][0]["technique"] = "<script>".into();
        case["links"][0]["target"] = json!({"url": "javascript:alert(1)"});
    });
    let made = import(&admin, &json!({"password": "x"}), &lies).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let expected = json!({
        "_createdBy": "admin@thehive.local", "access": {"_kind": "OrganisationAccessKind"}, "assignee": "-", "number": 2,
    });
    assert!(includes(&made.body["case"], &expected), "{}", made.body);
    let closed = made.body["case"]["closedDate"].as_i64().unwrap();
    assert!(closed <= client.now().as_micros() / 1_000, "{closed}");
    let errors = made.body["errors"].to_string();
    for error in [
        "assignee nobody",
        "log m: its task",
        "evil.exe: its file is not there",
        "case.txt: its bytes",
        "procedure <script>",
        "link ticket",
    ] {
        assert!(errors.contains(error), "{error} is not in {errors}");
    }
    let comments = query(&admin, json!([{"_name": "listComment"}])).await;
    assert!(comments.as_array().unwrap().iter().all(|comment| comment["createdBy"] == "admin@thehive.local"));
}

#[tokio::test]
async fn an_archive_needs_leave_and_a_password() {
    let client = Client::stand().await;
    let now = client.now();
    add_user(&client.door.store, now, "rita", "pw", &[("main-org", "read-only")]).await;
    add_user(&client.door.store, now, "eve", "pw", &[("other-org", "org-admin")]).await;
    let (admin, rita, eve) =
        (client.admin("main-org"), client.user("rita", "pw", None), client.user("eve", "pw", None));
    let id = case(&admin, "x").await;
    let archive = rita.get(&format!("/api/v1/case/{id}/export?password=p")).await;
    assert_eq!(archive.status, 200, "who reads may take along");
    assert_eq!(eve.get(&format!("/api/v1/case/{id}/export?password=p")).await.status, 404);
    assert_eq!(import(&rita, &json!({"password": "p"}), &archive.bytes).await.status, 403);
    let wrong = import(&admin, &json!({"password": "q"}), &archive.bytes).await;
    assert!(wrong.status == 400 && includes(&wrong.body, &json!({"message": "…password"})), "{}", wrong.body);
    assert_eq!(import(&admin, &json!({}), &archive.bytes).await.status, 400);
    assert_eq!(import(&eve, &json!({"password": "p"}), &archive.bytes).await.status, 200, "into another organisation");
    assert!(zip::ZipArchive::new(Cursor::new(archive.bytes)).unwrap().by_index(0).is_err(), "it is encrypted");
}
