//! The reference page of this door: its routes, and who may what.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::Method;

use crate::permission::built_in_profiles;
use crate::route::{Need, route_table};

const INTRODUCTION: &str = "# TheHive's API: what is served, and who may

Made by `cargo xtask gen` from the table of routes. Bodies, shapes and the query language are those of TheHive 5's own
documentation; the test suite of its Python client runs against it unmodified. A request is for one organisation, that of the header
`X-Organisation` or the user's default; an organisation is a tenant. Who signs in: `Authorization: Basic` or `Bearer` with a key, or
the cookie that `POST /api/v1/login` sets.

Differences worth knowing: ids are `~` and up to 39 digits; an API key is stored as its hash and shown once, when it is made; a case
that only some may open is as good as none to the others; what is another organisation's looks as if it did not exist.

";

/// Returns the page, Markdown.
pub fn routes_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("## Profiles\n\n| profile | permissions |\n|---|---|\n");
    for profile in built_in_profiles() {
        let permissions: Vec<String> = profile.permissions.iter().map(|name| format!("`{name}`")).collect();
        let permissions = if permissions.is_empty() { "none: reads".to_owned() } else { permissions.join(", ") };
        writeln!(page, "| {} | {permissions} |", profile.name).expect("writing to a text does not fail");
    }
    page.push_str("\n## Routes\n\n| path | method | needs |\n|---|---|---|\n");
    let mut routes: BTreeMap<&str, Vec<(Method, Need)>> = BTreeMap::new();
    for (method, path, need) in route_table() {
        routes.entry(path).or_default().push((method, need));
    }
    for (path, mut methods) in routes {
        methods.sort_by(|left, right| left.0.as_str().cmp(right.0.as_str()));
        for (method, need) in methods {
            let need = match need {
                Need::Public => "nothing".to_owned(),
                Need::Known => "a member of the organisation".to_owned(),
                Need::Permission(name) => format!("`{name}`"),
            };
            writeln!(page, "| `{path}` | {method} | {need} |").expect("writing to a text does not fail");
        }
    }
    page
}
