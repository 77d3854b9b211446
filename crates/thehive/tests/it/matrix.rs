//! Who gets which answer of which route: every route, each kind of asker, own and foreign objects.
//!
//! `tests/matrix.txt` says so in rows; a route without a row fails. `UPDATE_GOLDEN=1` writes the statuses anew: read the
//! difference. Each request that is let in has a copy of the world of its own, so that the order of rows means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use axum::http::Method;
use serde_json::{Value, json};
use vigie_thehive::{ADMIN_TENANT, House as _, Need, route_table};

use crate::client::{Asker, Client};
use crate::house::add_user;

/// Who asks, in the order of the columns: by profile, `none` for a member of another organisation.
const ASKERS: [&str; 6] = ["admin", "org-admin", "analyst", "read-only", "none", "anonymous"];
/// Where the objects are that are asked for, and where they are not.
const OWN: &str = "acme";
const FOREIGN: &str = "globex";
const BOUNDARY: &str = "vigie-boundary";

/// One row: a request, and what each asker gets.
#[derive(Debug, Clone)]
struct Row {
    method: Method,
    path: String,
    /// What stands for each parameter of the path, in order: an object of the world, or `=text`.
    parameters: Vec<String>,
    body: String,
    own: Vec<u16>,
    /// What the `org-admin` gets for objects of another organisation; `None` where the route names no object of one.
    foreign: Option<u16>,
}

/// An object of the world: its name, who makes it (`org-admin` in each organisation, or `admin` once), with which request,
/// and where in the answer its id is, if not at one of the usual places.
struct Made {
    name: String,
    by: String,
    row: Row,
    place: String,
}

/// The file: how the world is made, then the rows.
struct Matrix {
    path: PathBuf,
    text: String,
    world: Vec<Made>,
    rows: Vec<Row>,
}

/// The ids of the objects of one organisation, by their names.
type Names = BTreeMap<String, String>;

impl Matrix {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix.txt");
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut world, mut rows) = (Vec::new(), Vec::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            if let Some((name, by)) = cells[0].strip_prefix("make ").and_then(|rest| rest.split_once(" by ")) {
                let place = cells.get(4).copied().unwrap_or_default().to_owned();
                world.push(Made { name: name.to_owned(), by: by.to_owned(), row: Row::read(&cells[1..4]), place });
            } else {
                rows.push(Row::read(&cells));
            }
        }
        Self { path, text, world, rows }
    }

    /// Makes the world, in both organisations, and returns its folder and the names of what is in each.
    async fn make(&self) -> (tempfile::TempDir, Names, Names) {
        let client = Client::stand().await;
        let (store, now) = (&client.door.store, client.house.now());
        for profile in ["org-admin", "analyst", "read-only"] {
            add_user(store, now, profile, "secret", &[(OWN, profile)]).await;
        }
        add_user(store, now, "admin", "secret", &[(ADMIN_TENANT, "admin")]).await;
        add_user(store, now, "none", "secret", &[(FOREIGN, "org-admin")]).await;
        let mut all = Vec::new();
        for (organisation, boss) in [(OWN, "org-admin"), (FOREIGN, "none")] {
            let mut names: Names = [("organisation".to_owned(), organisation.to_owned())].into();
            for Made { name, by, row, place } in &self.world {
                let asker = match by.as_str() {
                    "admin" => client.user("admin", "secret", Some(ADMIN_TENANT)),
                    _ => client.user(boss, "secret", Some(organisation)),
                };
                let is_second = organisation == FOREIGN && by == "admin";
                let known = all.first().filter(|_| is_second).and_then(|names: &Names| names.get(name)).cloned();
                let id = match known {
                    Some(id) => id,
                    None => made(&asker, row, place, &names).await,
                };
                names.insert(name.clone(), id);
            }
            all.push(names);
        }
        let folder = client.close().await;
        let foreign = all.pop().unwrap();
        (folder, all.pop().unwrap(), foreign)
    }
}

/// Makes an object and returns its id: of the object, of the first of a list, or of the first of what it holds.
async fn made(asker: &Asker<'_>, row: &Row, place: &str, names: &Names) -> String {
    let (status, body) = row.ask(asker, names).await;
    assert!((200..300).contains(&status), "{} {}: {status} {body}", row.method, row.path);
    let usual = ["/_id", "/0/_id", "/attachments/0/_id"];
    let id = [place]
        .iter()
        .filter(|place| !place.is_empty())
        .chain(&usual)
        .find_map(|place| body.pointer(place))
        .and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("{} {} answers without an id: {body}", row.method, row.path)).to_owned()
}

impl Row {
    fn read(cells: &[&str]) -> Self {
        let (method, path) = cells[0].split_once(' ').unwrap();
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default();
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            parameters: cell(1).split_whitespace().map(str::to_owned).collect(),
            body: cell(2).to_owned(),
            own: cell(3).split_whitespace().map(|status| status.parse().unwrap()).collect(),
            foreign: cell(4).parse().ok(),
        }
    }

    fn write(&self) -> String {
        let own: Vec<String> = self.own.iter().map(u16::to_string).collect();
        let foreign = self.foreign.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let (method, path) = (&self.method, &self.path);
        format!("{method} {path} | {} | {} | {} | {foreign}", self.parameters.join(" "), self.body, own.join(" "))
    }

    /// Returns which objects of the world a request names.
    fn named(&self, world: &Names) -> BTreeSet<String> {
        let in_body = world.keys().filter(|name| self.body.contains(&format!("{{{name}}}")));
        in_body.chain(self.parameters.iter().filter(|name| world.contains_key(*name))).cloned().collect()
    }

    fn path(&self, names: &Names) -> String {
        let mut path = String::new();
        let mut rest = self.path.as_str();
        for parameter in &self.parameters {
            let (before, after) = rest.split_once('{').unwrap_or_else(|| panic!("{}: too many parameters", self.path));
            path.push_str(before);
            path.push_str(parameter.strip_prefix('=').unwrap_or_else(|| object(names, parameter)));
            rest = after.split_once('}').unwrap().1;
        }
        assert!(!rest.contains('{'), "{}: too few parameters", self.path);
        path + rest
    }

    /// Sends the request, with these objects for the names in it. A body that begins with `@part` is a form with a file in
    /// that part, and what follows as `_json`.
    async fn ask(&self, asker: &Asker<'_>, names: &Names) -> (u16, Value) {
        let mut body = self.body.clone();
        for (name, id) in names {
            body = body.replace(&format!("{{{name}}}"), id);
        }
        let (media_type, body) = match body.strip_prefix('@').map(|form| form.split_once(' ').unwrap_or((form, ""))) {
            None if body.is_empty() => (None, body),
            None => (Some("application/json".to_owned()), body),
            Some((part, json)) => {
                let part =
                    format!("name=\"{part}\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{FILE}");
                let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; ");
                let json =
                    if json.is_empty() { String::new() } else { format!("{head}name=\"_json\"\r\n\r\n{json}\r\n") };
                let form = format!("{json}{head}{part}\r\n--{BOUNDARY}--\r\n");
                (Some(format!("multipart/form-data; boundary={BOUNDARY}")), form)
            }
        };
        let answer = asker.send(self.method.clone(), &self.path(names), media_type.as_deref(), &body).await;
        (answer.status, answer.body)
    }
}

fn object<'a>(names: &'a Names, name: &str) -> &'a str {
    names
        .get(name)
        .unwrap_or_else(|| panic!("nobody makes `{name}`: the world of tests/matrix.txt has {:?}", names.keys()))
}

/// What every file holds: an event that can be imported.
const FILE: &str = r#"{"Event": {"info": "An event", "Attribute": [{"type": "domain", "value": "example.com"}]}}"#;

fn asker<'a>(client: &'a Client, who: &str) -> Asker<'a> {
    match who {
        "anonymous" => client.anonymous(),
        "admin" => client.user("admin", "secret", Some(ADMIN_TENANT)),
        who => client.user(who, "secret", Some(OWN)),
    }
}

/// Returns what a row comes to: the status for each asker, and for the `org-admin` with foreign objects.
async fn outcome(row: &Row, folder: &Path, own: &Names, foreign: &Names, shared: &BTreeSet<String>) -> Row {
    let mut found = Row { own: Vec::new(), foreign: None, ..row.clone() };
    let mut client = Client::copy_of(folder).await;
    for who in ASKERS {
        let (status, body) = row.ask(&asker(&client, who), own).await;
        assert!(status < 500, "{} {} as {who}: {status} {body}", row.method, row.path);
        found.own.push(status);
        if status < 400 && row.method != Method::GET {
            client = Client::copy_of(folder).await;
        }
    }
    // Each object in turn is that of another organisation, then all are.
    let named: Vec<String> = row.named(own).into_iter().filter(|name| !shared.contains(name)).collect();
    let mut mixes: Vec<Names> = Vec::new();
    for name in &named {
        let mut names = own.clone();
        names.insert(name.clone(), foreign[name].clone());
        mixes.push(names);
    }
    if named.len() > 1 {
        mixes.push(foreign.clone());
    }
    let mut statuses = BTreeSet::new();
    for names in mixes {
        let (status, body) = row.ask(&asker(&client, "org-admin"), &names).await;
        assert!(status != 404 || body["type"] == "NotFoundError", "{} {}: {body}", row.method, row.path);
        statuses.insert(status);
    }
    assert!(statuses.len() < 2, "{} {} with foreign objects: {statuses:?}", row.method, row.path);
    found.foreign = statuses.pop_first();
    found
}

#[tokio::test]
async fn every_route_answers_as_the_matrix_says() {
    let mut matrix = Matrix::read();
    let (folder, own, foreign) = matrix.make().await;
    let shared: BTreeSet<String> =
        matrix.world.iter().filter(|made| made.by == "admin").map(|made| made.name.clone()).collect();
    let mut problems = Vec::new();
    let table: Vec<(Method, &str, Need)> = route_table();
    for (method, path, _) in &table {
        if matrix.rows.iter().all(|row| row.method != *method || row.path != *path) {
            problems.push(format!("{method} {path}: no row in tests/matrix.txt"));
        }
    }
    for row in &mut matrix.rows {
        let Some((.., need)) = table.iter().find(|(method, path, _)| row.method == *method && row.path == *path) else {
            problems.push(format!("{} {}: there is no such route", row.method, row.path));
            continue;
        };
        let found = outcome(row, folder.path(), &own, &foreign, &shared).await;
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            matrix.text = matrix.text.replace(&row.write(), &found.write());
            *row = found.clone();
        }
        if (&row.own, row.foreign) != (&found.own, found.foreign) {
            problems.push(format!("expected {}\n   found {}", row.write(), found.write()));
        }
        // What holds of every row, whatever it says.
        if *need != Need::Public && (found.own[4..] != [403, 401]) {
            problems.push(format!("{}: strangers are let in", found.write()));
        }
        if let Some(status) = found.foreign
            && status != 404
            && (status, 403) != (found.own[1], status)
        {
            problems.push(format!("{}: foreign objects are not missing", found.write()));
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&matrix.path, &matrix.text).unwrap();
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// What another organisation sees is what it would see if there were nothing: the words do not differ either.
#[tokio::test]
async fn a_foreign_object_and_none_are_told_apart_by_nothing() {
    let matrix = Matrix::read();
    let (folder, own, foreign) = matrix.make().await;
    let client = Client::copy_of(folder.path()).await;
    let none: Names = own.keys().map(|name| (name.clone(), "~1".to_owned())).collect();
    let shared: BTreeSet<&String> =
        matrix.world.iter().filter(|made| made.by == "admin").map(|made| &made.name).collect();
    for row in matrix.rows.iter().filter(|row| row.foreign == Some(404)) {
        let named: Vec<String> = row.named(&own).into_iter().filter(|name| !shared.contains(name)).collect();
        let told = async |with: &Names| {
            let mut names = own.clone();
            names.extend(named.iter().map(|name| (name.clone(), with[name].clone())));
            let (status, body) = row.ask(&asker(&client, "org-admin"), &names).await;
            let mut text = json!([status, body]).to_string();
            for name in &named {
                text = text.replace(&with[name], "ID");
            }
            text
        };
        assert_eq!(told(&foreign).await, told(&none).await, "{} {}", row.method, row.path);
    }
}
