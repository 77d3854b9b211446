//! Forms and their files: taken whole or not at all, and never more than is allowed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::stream;
use serde_json::json;

use crate::client::{Answer, Client};

const PATH: &str = "/api/v1/attachment";
const FORM: Option<&str> = Some("multipart/form-data; boundary=frontier");
const MIB: usize = 1024 * 1024;

/// The head of a part that is a file.
const HEAD: &str = "--frontier\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"a\"\r\n\r\n";

/// Sends a beginning and then zeros until somebody has enough, at most 2 GiB. Returns the answer and how much was taken.
async fn endless(client: &Client, beginning: &'static str, password: &str) -> (Answer, u64) {
    let taken = Arc::new(AtomicU64::new(0));
    let count = taken.clone();
    let beginning = stream::iter([Ok::<_, std::io::Error>(Bytes::from(beginning))]);
    let zeros = stream::unfold(0_u64, move |sent| {
        let count = count.clone();
        async move {
            let piece = Bytes::from(vec![0; 64 * 1024]);
            count.fetch_add(piece.len() as u64, Ordering::Relaxed);
            (sent < 2 << 30).then(|| (Ok(piece), sent + (64 << 10)))
        }
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(beginning, zeros));
    let asker = client.user("admin@thehive.local", password, Some("main-org"));
    let answer = asker.send_body(Method::POST, PATH, FORM, body).await;
    (answer, taken.load(Ordering::Relaxed))
}

#[tokio::test]
async fn two_gigabytes_are_refused_on_the_way() {
    let client = Client::stand().await;
    let (answer, taken) = endless(&client, HEAD, "secret").await;
    assert_eq!((answer.status, answer.body["type"].as_str()), (413, Some("BadRequest")), "{}", answer.body);
    // What is read on is thrown away, so that a client that sends first and reads then comes to read why.
    assert!(taken < 70 * MIB as u64, "{taken} bytes were taken");
    assert_eq!(client.files(), 0);
}

#[tokio::test]
async fn headers_without_an_end_are_refused() {
    let client = Client::stand().await;
    for beginning in ["--frontier\r\nContent-Disposition: form-data; name=\"", "", "--fro", "--frontier\r\nX: y\r\n"] {
        let (answer, taken) = endless(&client, beginning, "secret").await;
        assert!(answer.status == 413 || answer.status == 400, "{beginning}: {} {}", answer.status, answer.body);
        assert!(taken < 5 * MIB as u64, "{beginning}: {taken} bytes were taken");
    }
}

#[tokio::test]
async fn nothing_is_read_from_strangers() {
    let client = Client::stand().await;
    let (answer, taken) = endless(&client, HEAD, "wrong").await;
    assert_eq!((answer.status, taken), (401, 0));
}

#[tokio::test]
async fn a_file_may_be_so_long_and_no_longer() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for (length, status) in [(0, 201), (MIB, 201), (MIB + 1, 413)] {
        let before = client.files();
        let answer = admin.form(PATH, &[("attachments", Some("a"), &vec![7; length])]).await;
        assert_eq!(answer.status, status, "{length}: {}", answer.body);
        assert_eq!(client.files(), before + usize::from(status == 201), "{length}");
    }
    let both = [("attachments", Some("a"), b"fits".as_slice()), ("attachments", Some("b"), &vec![7; MIB + 1])];
    let before = client.files();
    assert_eq!(admin.form(PATH, &both).await.status, 413);
    assert_eq!(client.files(), before, "the first is gone with the second");
}

#[tokio::test]
async fn a_form_has_so_many_parts_and_no_more() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    for (parts, status) in [(100, 201), (101, 413)] {
        let names: Vec<String> = (0..parts).map(|part| format!("{part}.txt")).collect();
        let files: Vec<_> = names.iter().map(|name| ("attachments", Some(name.as_str()), b"x".as_slice())).collect();
        assert_eq!(admin.form(PATH, &files).await.status, status, "{parts}");
    }
    assert_eq!(client.files(), 1, "the same bytes lie there once");
}

#[tokio::test]
async fn a_form_that_breaks_off_leaves_nothing() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let whole = format!("{HEAD}text\r\n--frontier--\r\n");
    for length in [HEAD.len() - 3, HEAD.len(), HEAD.len() + 2, HEAD.len() + 9] {
        let answer = admin.send(Method::POST, PATH, FORM, &whole[..length]).await;
        assert_eq!((answer.status, answer.body["type"].as_str()), (400, Some("BadRequest")), "{length}");
    }
    assert_eq!(client.files(), 0);
    assert_eq!(admin.send(Method::POST, PATH, FORM, &whole).await.status, 201);
    for media_type in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"] {
        let answer = admin.send(Method::POST, PATH, Some(media_type), &whole).await;
        assert_eq!(answer.status, 400, "{media_type}: {}", answer.body);
    }
}

#[tokio::test]
async fn json_comes_in_three_ways() {
    let client = Client::stand().await;
    let admin = client.admin("main-org");
    let alert = |reference: &str| {
        json!({"type": "t", "source": "s", "sourceRef": reference, "title": "t", "description": "d"}).to_string()
    };
    let path = "/api/v1/alert";
    assert_eq!(admin.form(path, &[("_json", None, alert("1").as_bytes())]).await.status, 201);
    assert_eq!(admin.form(path, &[("_json", Some("_json"), alert("2").as_bytes())]).await.status, 201);
    assert_eq!(admin.send(Method::POST, path, None, &alert("3")).await.status, 201, "old feeders name no type");
    let missing = admin.form(path, &[("json", None, alert("4").as_bytes())]).await;
    assert_eq!((missing.status, missing.body["message"].as_str().unwrap().contains("_json: missing")), (400, true));
    let bad = admin.form(path, &[("_json", None, b"{\"type\": 1}")]).await;
    assert!(bad.body["message"].as_str().unwrap().contains("type: invalid type"), "{}", bad.body);
    let padding = " ".repeat(8 * MIB);
    for media_type in [Some("application/json"), None] {
        let answer = admin.send(Method::POST, path, media_type, &(alert("5") + &padding)).await;
        assert_eq!(answer.status, 413);
    }
    let answer = admin.form(path, &[("_json", None, (alert("5") + &padding).as_bytes())]).await;
    assert_eq!((answer.status, client.files()), (413, 0));
}
