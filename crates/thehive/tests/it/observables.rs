//! Observables.

use std::io::{Cursor, Read as _, Write as _};
use std::sync::atomic::Ordering;

use axum::http::Method;
use serde_json::{Value, json};
use zip::AesMode;
use zip::unstable::write::FileOptionsExt as _;
use zip::write::{FileOptions, SimpleFileOptions};

use crate::check::{check, includes};
use crate::client::{Answer, Asker, Client};

const MIB: usize = 1024 * 1024;

/// Makes an alert, and returns the path to put observables on it.
async fn place(asker: &Asker<'_>) -> String {
    let alert = json!({"type": "t", "source": "s", "sourceRef": "1", "title": "t", "description": "d"});
    let alert = check(asker, "POST /api/v1/alert", alert, 201, Value::Null).await;
    format!("/api/v1/alert/{}/observable", alert["_id"].as_str().unwrap())
}

#[tokio::test]
async fn many_are_made_at_once_and_each_is_there_once() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    let post = format!("POST {path}");
    let body = json!({"dataType": "domain", "data": ["a.example", "A.EXAMPLE", "b[.]example"], "tags": ["x"]});
    let expected = json!([{"data": "a.example", "tags": ["x"]}, {"data": "b.example"}]);
    let made = check(&admin, &post, body, 201, expected).await;
    let again = json!({"dataType": "domain", "data": "a.example"});
    check(&admin, &post, again, 201, json!([{"_id": made[0]["_id"], "_updatedAt": "-"}])).await;
    let partly = json!({"dataType": "domain", "data": ["a.example", "c.example"]});
    check(&admin, &post, partly, 201, json!([{"data": "c.example"}])).await;
    let a = format!("/api/v1/observable/{}", made[0]["_id"].as_str().unwrap());
    for (change, expected) in [
        (json!({"ioc": true, "addTags": ["y"], "removeTags": ["x"]}), json!({"ioc": true, "tags": ["y"]})),
        (json!({"sighted": true}), json!({"sighted": true})),
        (json!({"sightedAt": 7}), json!({"sighted": true, "sightedAt": 7})),
        (json!({"sighted": false}), json!({"sighted": false, "sightedAt": "-"})),
        (json!({"message": "m", "tlp": 4, "ignoreSimilarity": true}), json!({"message": "m", "tlpLabel": "RED"})),
        (json!({"message": null}), json!({"message": "-", "ignoreSimilarity": true})),
        (json!({"dataType": "fqdn"}), json!({"dataType": "fqdn", "data": "a.example"})),
    ] {
        check(&admin, &format!("PATCH {a}"), change, 204, Value::Null).await;
        check(&admin, &format!("GET {a}"), Value::Null, 200, expected).await;
    }
    let other = check(&admin, &post, json!({"dataType": "domain", "data": "a.example"}), 201, Value::Null).await;
    assert_ne!(other[0]["_id"], made[0]["_id"], "the type makes it another");
    check(&admin, &format!("PATCH {a}"), json!({"dataType": "domain"}), 400, json!({"type": "CreateError"})).await;
    check(&admin, &format!("PATCH {a}"), json!({"dataType": "file"}), 400, Value::Null).await;
    check(&admin, &format!("PATCH {a}"), json!({"dataType": "nonsense"}), 400, Value::Null).await;
    let alert = format!("GET {}", path.trim_end_matches("/observable"));
    check(&admin, &alert, Value::Null, 200, json!({"observableCount": 4})).await;
    check(&admin, &format!("DELETE {a}"), Value::Null, 204, Value::Null).await;
    check(&admin, &format!("GET {a}"), Value::Null, 404, Value::Null).await;
    check(&admin, &alert, Value::Null, 200, json!({"observableCount": 3})).await;
    let many: Vec<String> = (0..5_001).map(|number| format!("{number}.example")).collect();
    check(&admin, &post, json!({"dataType": "domain", "data": many}), 413, Value::Null).await;
}

#[tokio::test]
async fn types_keep_their_names() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    for word in ["ip", "hostname", "user-agent", "filename", "fqdn", "registry", "mail-subject", "aws_key", "other"] {
        let body = json!({"dataType": word, "data": "203.0.113.7"});
        check(&admin, &format!("POST {path}"), body, 201, json!([{"dataType": word}])).await;
        let filter = json!({"_name": "filter", "_eq": {"_field": "dataType", "_value": word}});
        let query = json!({"query": [{"_name": "listObservable"}, filter]});
        check(&admin, "POST /api/v1/query", query, 200, json!([{"dataType": word}])).await;
    }
    check(
        &admin,
        &format!("POST {path}"),
        json!({"dataType": "host", "data": "h"}),
        201,
        json!([{"dataType": "hostname"}]),
    )
    .await;
    for (pattern, count) in [("*name", 3), ("user?agent", 1), ("*", 10), ("file", 1), ("f*", 2)] {
        let filter = json!({"_name": "filter", "_like": {"_field": "dataType", "_value": pattern}});
        let query = json!({"query": [{"_name": "listObservable"}, filter, {"_name": "count"}]});
        assert_eq!(check(&admin, "POST /api/v1/query", query, 200, Value::Null).await, json!(count), "{pattern}");
    }
}

#[tokio::test]
async fn what_an_alert_is_about_follows_its_observables() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    let other = json!({
        "type": "t", "source": "s", "sourceRef": "2", "title": "t", "description": "d",
        "observables": [{"dataType": "ip", "data": ["203.0.113.7", "203.0.113.8"]}],
    });
    let other = check(&admin, "POST /api/v1/alert", other, 201, Value::Null).await["_id"].clone();
    let body = json!({"dataType": "ip", "data": ["203.0.113.7", "203.0.113.9"]});
    let made = check(&admin, &format!("POST {path}"), body, 201, Value::Null).await;
    let alert = path.trim_end_matches("/observable").trim_start_matches("/api/v1/alert/").to_owned();
    let similar = format!("GET /api/v1/alert/{}/similar/{alert}/observables", other.as_str().unwrap());
    check(&admin, &similar, Value::Null, 200, json!([{"_id": made[0]["_id"]}])).await;
    let patch = format!("PATCH /api/v1/observable/{}", made[0]["_id"].as_str().unwrap());
    check(&admin, &patch, json!({"ignoreSimilarity": true}), 204, Value::Null).await;
    check(&admin, &similar, Value::Null, 200, json!([])).await;
    let missing = format!("GET /api/v1/alert/{alert}/similar/~1/observables");
    check(&admin, &missing, Value::Null, 404, Value::Null).await;
}

async fn send(asker: &Asker<'_>, path: &str, fields: Value, file: &[u8]) -> Answer {
    let json = fields.to_string();
    asker.form(path, &[("_json", None, json.as_bytes()), ("attachment", Some("up/x.zip"), file)]).await
}

#[tokio::test]
async fn a_file_comes_back_as_it_is_and_as_an_archive() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    let bytes = b"MZ not a program".repeat(10_000);
    let made = send(&admin, &path, json!({"dataType": "file", "message": "m"}), &bytes).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let expected = json!([{"dataType": "file", "data": "-", "attachment": {"name": "x.zip", "size": bytes.len()}}]);
    assert!(includes(&made.body, &expected), "{}", made.body);
    let (id, file) = (&made.body[0]["_id"], &made.body[0]["attachment"]["_id"]);
    let download =
        format!("/api/v1/observable/{}/attachment/{}/download", id.as_str().unwrap(), file.as_str().unwrap());
    assert_eq!(admin.get(&download).await.bytes, bytes);
    let archive = admin.get(&format!("{download}?asZip=True")).await;
    assert_eq!(archive.headers["content-disposition"], "attachment; filename*=UTF-8''x.zip.zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(archive.bytes)).unwrap();
    assert!(archive.by_index(0).is_err(), "it is encrypted");
    let mut unpacked = Vec::new();
    archive.by_name_decrypt("x.zip", b"malware").unwrap().read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, bytes);
    assert_eq!(send(&admin, &path, json!({"dataType": "file"}), &bytes).await.body[0]["_id"], *id);
    assert_eq!(send(&admin, &path, json!({"dataType": "ip", "data": "1.2.3.4"}), &bytes).await.status, 201);
    assert_eq!(client.files(), 1, "a file that nothing asks for is not kept");
    check(&admin, &format!("DELETE /api/v1/observable/{}", id.as_str().unwrap()), Value::Null, 204, Value::Null).await;
    assert_eq!(admin.get(&download).await.status, 404);
}

type Options<'a> = FileOptions<'a, 'static, ()>;

fn archive(files: &[(&str, &[u8])], options: Options<'_>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default()
}

#[tokio::test]
async fn archives_are_taken_apart() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    let files: [(&str, &[u8]); 2] = [("../../etc/a.exe", b"one"), ("dir/b", b"two")];
    let old = plain().with_deprecated_encryption(b"malware").unwrap();
    let mut count = 0;
    for (options, password, marker) in [
        (plain(), None, "1"),
        (old, None, "2"),
        (old, Some("malware"), "3"),
        (plain().with_aes_encryption(AesMode::Aes256, "s3"), Some("s3"), "4"),
    ] {
        let files = files.map(|(name, bytes)| (name, [bytes, marker.as_bytes()].concat()));
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let fields = json!({"dataType": "file", "isZip": true, "zipPassword": password});
        let made = send(&admin, &path, fields, &archive(&files, options)).await;
        let expected = json!([{"attachment": {"name": "a.exe", "size": 4}}, {"attachment": {"name": "b"}}]);
        assert!(made.status == 201 && includes(&made.body, &expected), "{marker}: {}", made.body);
        count += 2;
        assert_eq!(client.files(), count, "the archive itself is not kept");
    }
    let unzipped = json!({"dataType": "file"});
    assert_eq!(send(&admin, &path, unzipped, &archive(&files, plain())).await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bombs_do_not_go_off() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let path = place(&admin).await;
    let encrypted = plain().with_deprecated_encryption(b"other").unwrap();
    let names: Vec<String> = (0..=101).map(|number| number.to_string()).collect();
    let many = |count: usize| -> Vec<(&str, &[u8])> {
        names[..count].iter().map(|name| (name.as_str(), name.as_bytes())).collect()
    };
    let zeros = vec![0; 8 * MIB];
    let mut liar = archive(&[("a", &zeros)], plain());
    for (signature, size) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let at = liar.windows(4).position(|window| window == signature).unwrap();
        liar[at + size..at + size + 4].copy_from_slice(&[1, 0, 0, 0]);
    }
    let link = {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.add_symlink("a", "/etc/passwd", plain()).unwrap();
        archive.finish().unwrap().into_inner()
    };
    client.house.file_bytes_max.store(4 * MIB as u64, Ordering::Relaxed);
    for (file, status, message) in [
        (archive(&[("a", &zeros)], plain()), 413, "too long: at most"),
        (archive(&[("a", &zeros[..3 * MIB]), ("b", &zeros[..3 * MIB])], plain()), 413, "too long: at most"),
        // Within what a file may be, but a thousand times what was sent.
        (archive(&[("a", &zeros[..4 * MIB])], plain()), 413, "too long: at most"),
        (archive(&many(101), plain()), 400, "too many files: at most 100"),
        (archive(&[("a", b"x")], encrypted), 400, "archive"),
        (archive(&[], plain()), 400, "holds no file"),
        (link, 400, "holds a link"),
        (liar, 400, "cannot be read"),
        (b"no archive".to_vec(), 400, "cannot be read"),
        (Vec::new(), 400, "cannot be read"),
    ] {
        let answer = send(&admin, &path, json!({"dataType": "file", "isZip": true}), &file).await;
        let said = answer.body["message"].as_str().unwrap_or_default();
        assert!(answer.status == status && said.contains(message), "{status} {message}: {}", answer.body);
    }
    assert_eq!(client.files(), 0);
    let answer = send(&admin, &path, json!({"dataType": "file", "isZip": true}), &archive(&many(100), plain())).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn observables_of_an_alert_come_with_their_files() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let alert = |attachment: Value| {
        json!({
            "type": "t", "source": "s", "sourceRef": "1", "title": "t", "description": "d",
            "observables": [{"dataType": "url", "data": "x"}, {"dataType": "file", "attachment": attachment}],
        })
        .to_string()
    };
    let send = async |attachment: Value| {
        let alert = alert(attachment);
        let parts = [("_json", Some("_json"), alert.as_bytes()), ("obs1", Some("a"), b"a"), ("obs2", Some("b"), b"b")];
        admin.form("/api/v1/alert", &parts).await
    };
    let missing = send(json!("obs3")).await;
    assert!(missing.body["message"].as_str().unwrap().contains("observables[1].attachment"), "{}", missing.body);
    let made = send(json!(["obs1", "obs2"])).await;
    assert!(includes(&made.body, &json!({"observableCount": 3})), "{}", made.body);
    assert_eq!(client.files(), 2);
    let delete = format!("/api/v1/alert/{}", made.body["_id"].as_str().unwrap());
    assert_eq!(admin.send(Method::DELETE, &delete, None, "").await.status, 204);
    let query = json!({"query": [{"_name": "listAttachment"}]});
    check(&admin, "POST /api/v1/query", query, 200, json!([])).await;
}
