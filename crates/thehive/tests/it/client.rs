//! A client of the door, without a network in between.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tower::ServiceExt as _;
use vigie_thehive::Door;

use crate::house::{TestHouse, open, stand};

/// A door on a store of its own.
pub(crate) struct Client {
    pub(crate) door: Door,
    pub(crate) house: Arc<TestHouse>,
    router: Router,
    folder: tempfile::TempDir,
}

/// Somebody who asks, for an organisation.
pub(crate) struct Asker<'a> {
    client: &'a Client,
    authorization: Option<String>,
    organisation: Option<String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// JSON, or the text where it is none.
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

impl Client {
    pub(crate) async fn stand() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (door, house) = stand(folder.path()).await;
        let router = vigie_thehive::router(&door);
        Self { door, house, router, folder }
    }

    /// A door on a copy of what is in a folder.
    pub(crate) async fn copy_of(original: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(original, folder.path());
        let (door, house) = open(folder.path()).await;
        let router = vigie_thehive::router(&door);
        Self { door, house, router, folder }
    }

    /// Closes the door and returns its folder, for copies.
    pub(crate) async fn close(self) -> tempfile::TempDir {
        self.door.store.close().await;
        self.folder
    }

    /// The administrator that the suite expects, for an organisation.
    pub(crate) fn admin(&self, organisation: &str) -> Asker<'_> {
        self.user("admin@thehive.local", "secret", Some(organisation))
    }

    /// Somebody with a password.
    pub(crate) fn user(&self, name: &str, password: &str, organisation: Option<&str>) -> Asker<'_> {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
        Asker { client: self, authorization: Some(authorization), organisation: organisation.map(str::to_owned) }
    }

    /// Somebody with a key.
    pub(crate) fn key(&self, key: &str, organisation: Option<&str>) -> Asker<'_> {
        let authorization = Some(format!("Bearer {key}"));
        Asker { client: self, authorization, organisation: organisation.map(str::to_owned) }
    }

    /// How many files lie in the folder of files, temporary ones too.
    pub(crate) fn files(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        count(&self.folder.path().join("files"))
    }

    /// The time.
    pub(crate) fn now(&self) -> vigie_model::Timestamp {
        vigie_thehive::House::now(&*self.house)
    }

    /// Nobody.
    pub(crate) fn anonymous(&self) -> Asker<'_> {
        Asker { client: self, authorization: None, organisation: None }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Asker<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, &body).await
    }

    pub(crate) async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, path, Some("application/json"), &body.to_string()).await
    }

    /// Sends a form: each part has a name, a file's name where it is one, and what it holds.
    pub(crate) async fn form(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            let head = format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        body.extend(b"--frontier--\r\n");
        self.send_body(Method::POST, path, Some("multipart/form-data; boundary=frontier"), Body::from(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, media_type: Option<&str>, body: &str) -> Answer {
        self.send_body(method, path, media_type, Body::from(body.to_owned())).await
    }

    pub(crate) async fn send_body(&self, method: Method, path: &str, media_type: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some(organisation) = &self.organisation {
            request = request.header("X-Organisation", organisation);
        }
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        let request = request.body(body).unwrap();
        let (parts, body) = self.client.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes: bytes.into() }
    }
}
