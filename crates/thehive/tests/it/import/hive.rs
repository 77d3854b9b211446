//! A TheHive that holds what a test gives it, and has the manners that a test wants: it answers late, breaks off, forgets to
//! say what parts hang on.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

/// A TheHive on a port of its own.
pub(crate) struct Hive {
    pub(crate) inner: Arc<Inner>,
    pub(crate) address: SocketAddr,
}

#[derive(Default)]
pub(crate) struct Inner {
    rows: Mutex<Vec<Row>>,
    files: Mutex<Vec<(String, Vec<u8>)>>,
    pub(crate) manners: Mutex<Manners>,
    pub(crate) asked: Mutex<Vec<String>>,
}

/// An object of an organisation; of several, where it is shared.
#[derive(Clone)]
struct Row {
    organisations: Vec<String>,
    kind: String,
    parent: Option<String>,
    json: Value,
}

/// How it behaves.
#[derive(Default, Clone)]
pub(crate) struct Manners {
    /// Parts do not say what they hang on.
    pub(crate) is_mute: bool,
    /// Every how-manieth question fails, each time in another way.
    pub(crate) fails_every: Option<usize>,
    /// From this question on nobody is known any more.
    pub(crate) locks_out_after: Option<usize>,
    /// Kinds that may not be listed.
    pub(crate) forbids: Vec<&'static str>,
    /// Lists are not sorted.
    pub(crate) is_unsorted: bool,
}

impl Hive {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts an object on another, or on nothing. It gets an id, and times unless it has them.
    pub(crate) fn put(&self, organisations: &[&str], kind: &str, parent: Option<&str>, json: Value) -> String {
        let mut rows = self.inner.rows.lock().unwrap();
        let id = json["_id"].as_str().map_or_else(|| format!("~{}", 1_000 + rows.len()), str::to_owned);
        let mut json = json;
        let fields = json.as_object_mut().unwrap();
        fields.insert("_id".into(), id.clone().into());
        fields.entry("_createdAt").or_insert_with(|| json!(1_700_000_000_000_i64 + rows.len() as i64));
        fields.entry("_createdBy").or_insert_with(|| json!("ann@acme.example"));
        let organisations = organisations.iter().map(|name| (*name).to_owned()).collect();
        rows.push(Row { organisations, kind: kind.to_owned(), parent: parent.map(str::to_owned), json });
        id
    }

    /// Changes fields of an object.
    pub(crate) fn change(&self, id: &str, changes: &Value) {
        let mut rows = self.inner.rows.lock().unwrap();
        let row = rows.iter_mut().find(|row| row.json["_id"] == id).unwrap();
        for (name, value) in changes.as_object().unwrap() {
            row.json[name] = value.clone();
        }
    }

    pub(crate) fn delete(&self, id: &str) {
        self.inner.rows.lock().unwrap().retain(|row| row.json["_id"] != id);
    }

    /// Serves these bytes at a path.
    pub(crate) fn file(&self, path: &str, bytes: &[u8]) {
        self.inner.files.lock().unwrap().push((path.to_owned(), bytes.to_vec()));
    }

    pub(crate) fn behave(&self, manners: Manners) {
        *self.inner.manners.lock().unwrap() = manners;
        self.inner.asked.lock().unwrap().clear();
    }
}

async fn answer(State(hive): State<Arc<Inner>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let organisation = request.headers().get("x-organisation").map(|name| by_name(name.to_str().unwrap()));
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let manners = hive.manners.lock().unwrap().clone();
    let number = {
        let mut asked = hive.asked.lock().unwrap();
        asked.push(format!("{path} {}", String::from_utf8_lossy(&body)));
        asked.len()
    };
    if manners.locks_out_after.is_some_and(|last| number > last) {
        return fault(StatusCode::UNAUTHORIZED, "AuthenticationError", "Authentication failure");
    }
    if let Some(every) = manners.fails_every.filter(|every| number.is_multiple_of(*every)) {
        return failure(number / every);
    }
    if path == "/api/v1/query" {
        return hive.query(&manners, organisation.as_deref(), &serde_json::from_slice(&body).unwrap());
    }
    hive.get(&path)
}

/// An organisation may be asked for by its id: its name in hex.
fn by_name(asked: &str) -> String {
    match asked.strip_prefix("~org-") {
        Some(id) => String::from_utf8(hex(id)).unwrap(),
        None => asked.to_owned(),
    }
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn fault(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, axum::Json(json!({"type": kind, "message": message}))).into_response()
}

/// Fails in one of four ways: busy, broken, half an answer, half an answer that is JSON.
fn failure(number: usize) -> Response {
    match number % 4 {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")], "slow down").into_response(),
        1 => fault(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "out of memory"),
        2 => fault(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", "restarting"),
        _ => {
            // A body that is shorter than was said: the connection breaks off.
            let body = futures_util::stream::iter([Ok("[{\"_id\":"), Err(std::io::Error::other("broken off"))]);
            Response::new(axum::body::Body::from_stream(body))
        }
    }
}

impl Inner {
    fn get(&self, path: &str) -> Response {
        if let Some((_, bytes)) = self.files.lock().unwrap().iter().find(|(known, _)| known == path) {
            return bytes.clone().into_response();
        }
        let rows = self.rows.lock().unwrap();
        let list = |kind: &str, parent: Option<&str>| -> Vec<Value> {
            let of = |row: &&Row| row.kind == kind && (parent.is_none() || row.parent.as_deref() == parent);
            rows.iter().filter(of).map(|row| row.json.clone()).collect()
        };
        let parts: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
        let answer = match parts[..] {
            ["status"] => json!({"versions": {"TheHive": "5.7.3"}}),
            ["v1", "user", "current"] => {
                let mut names: Vec<&String> = rows.iter().flat_map(|row| &row.organisations).collect();
                names.sort();
                names.dedup();
                let places: Vec<Value> = names
                    .iter()
                    .map(|name| {
                        let id = name.bytes().fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
                        json!({"organisation": name, "organisationId": format!("~org-{id}"), "profile": "org-admin"})
                    })
                    .collect();
                json!({"login": "ann@acme.example", "organisation": "admin", "organisations": places})
            }
            ["v1", "customField"] => json!(list("CustomField", None)),
            ["v1", "case", id, "shares"] => json!(list("Share", Some(id))),
            ["v1", "case", id, "timeline"] => json!({"events": list("Event", Some(id))}),
            ["v1", "alert", id] => match rows.iter().find(|row| row.json["_id"] == id) {
                Some(row) => row.json.clone(),
                None => return fault(StatusCode::NOT_FOUND, "NotFoundError", path),
            },
            _ => return fault(StatusCode::NOT_FOUND, "NotFoundError", path),
        };
        axum::Json(answer).into_response()
    }

    fn query(&self, manners: &Manners, organisation: Option<&str>, body: &Value) -> Response {
        let operations = body["query"].as_array().unwrap();
        let rows = self.rows.lock().unwrap();
        let is_seen = |row: &&Row| organisation.is_none_or(|name| row.organisations.iter().any(|known| known == name));
        let mut found: Vec<Row> = Vec::new();
        for operation in operations {
            let name = operation["_name"].as_str().unwrap();
            if let Some(kind) = name.strip_prefix("list") {
                if manners.forbids.contains(&kind) {
                    return fault(StatusCode::FORBIDDEN, "AuthorizationError", "this needs the permission manageUser");
                }
                found = rows.iter().filter(|row| row.kind == kind).filter(is_seen).cloned().collect();
            } else if name == "getOrganisation" {
                let json = json!({"_id": operation["idOrName"], "name": operation["idOrName"], "description": "from afar",
                    "_createdAt": 1, "_createdBy": "root@acme.example"});
                found = vec![Row { organisations: Vec::new(), kind: "Organisation".into(), parent: None, json }];
            } else if name.starts_with("get") {
                found = rows
                    .iter()
                    .filter(|row| row.json["_id"] == operation["idOrName"])
                    .filter(is_seen)
                    .cloned()
                    .collect();
            } else {
                match name {
                    "filter" => {
                        let asked = &operation["_gte"];
                        let (field, since) = (asked["_field"].as_str().unwrap(), asked["_value"].as_i64().unwrap());
                        found.retain(|row| row.json[field].as_i64().is_some_and(|time| time >= since));
                    }
                    "sort" if manners.is_unsorted => found.reverse(),
                    "sort" => {
                        let (field, direction) = operation["_fields"][0].as_object().unwrap().iter().next().unwrap();
                        found.sort_by_key(|row| row.json[field].as_i64());
                        if direction == "desc" {
                            found.reverse();
                        }
                    }
                    "page" => {
                        let bound = |name: &str| usize::try_from(operation[name].as_u64().unwrap()).unwrap();
                        let page = found.into_iter().skip(bound("from")).take(bound("to") - bound("from"));
                        let shown: Vec<Value> =
                            page.map(|row| shown(row, manners, organisation, &operation["extraData"])).collect();
                        return axum::Json(json!(shown)).into_response();
                    }
                    "count" => return axum::Json(json!(found.len())).into_response(),
                    hop => found = parts(&rows, &found, hop),
                }
            }
        }
        axum::Json(json!(found.into_iter().map(|row| row.json).collect::<Vec<_>>())).into_response()
    }
}

fn parts(rows: &[Row], parents: &[Row], hop: &str) -> Vec<Row> {
    let kind = match hop {
        "tasks" => "Task",
        "logs" => "Log",
        "observables" => "Observable",
        "comments" => "Comment",
        "procedures" => "Procedure",
        "pages" => "Page",
        "pageTemplates" => "PageTemplate",
        "attachments" => "Attachment",
        other => panic!("{other}"),
    };
    let ids: HashSet<&str> = parents.iter().map(|row| row.json["_id"].as_str().unwrap()).collect();
    let is_on = |row: &&Row| row.kind == kind && row.parent.as_deref().is_some_and(|parent| ids.contains(parent));
    rows.iter().filter(is_on).cloned().collect()
}

fn shown(row: Row, manners: &Manners, organisation: Option<&str>, extra: &Value) -> Value {
    let mut json = row.json;
    // The first organisation is the owner.
    if json["extraData"]["isOwner"].is_boolean() {
        json["extraData"]["isOwner"] = json!(row.organisations.first().map(String::as_str) == organisation);
    }
    let asked = |name: &str| extra.as_array().is_some_and(|names| names.iter().any(|asked| asked == name));
    if let (Some(parent), false) = (row.parent, manners.is_mute) {
        for name in ["alert", "case", "task"] {
            if asked(name) {
                json["extraData"] = json!({name: {"_id": parent}});
            }
        }
    }
    json
}
