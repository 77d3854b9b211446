//! A client of the door, without a network in between.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tower::ServiceExt as _;
use vigie_thehive::Door;

use crate::house::{TestHouse, stand};

/// A door on a store of its own.
pub(crate) struct Client {
    pub(crate) door: Door,
    pub(crate) house: Arc<TestHouse>,
    router: Router,
    _folder: tempfile::TempDir,
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
}

impl Client {
    pub(crate) async fn stand() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (door, house) = stand(folder.path()).await;
        let router = vigie_thehive::router(&door);
        Self { door, house, router, _folder: folder }
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

    /// Nobody.
    pub(crate) fn anonymous(&self) -> Asker<'_> {
        Asker { client: self, authorization: None, organisation: None }
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

    pub(crate) async fn send(&self, method: Method, path: &str, media_type: Option<&str>, body: &str) -> Answer {
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
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.client.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}
