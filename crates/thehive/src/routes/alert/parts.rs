//! What hangs on alerts: files, and what they share with others.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use vigie_model::{AlertId, AttachmentOwner, CaseId, Observable};

use super::{UPDATE, find, look_up};
use crate::body::{Form, download};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{both, equals, not};
use crate::route::{Route, delete, get, post};
use crate::routes::attachment::{self, Shelf};
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many observables of each side are compared.
const COMPARED_MAX: u64 = 5_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/alert/{id}/attachments", UPDATE, add_files).with_files(),
        get("/api/v1/alert/{id}/attachment/{file}", read_file),
        get("/api/v1/alert/{id}/attachment/{file}/download", read_bytes),
        delete("/api/v1/alert/{id}/attachment/{file}", UPDATE, remove_file),
        get("/api/v1/alert/{id}/similar/{other}/observables", similar),
    ]
}

async fn add_files(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = find(&mut work, &id).await?;
    attachment::add(work, Shelf { tenant: alert.tenant, owner: AttachmentOwner::Alert(alert.id) }, form).await
}

async fn read_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let alert = look_up(&door, &visitor, &id).await?;
    let file = attachment::of(&door, &visitor, AttachmentOwner::Alert(alert.id), &file).await?;
    Ok(Json(show(file, &door, &visitor).await?))
}

async fn read_bytes(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let alert = look_up(&door, &visitor, &id).await?;
    download(&door, &attachment::of(&door, &visitor, AttachmentOwner::Alert(alert.id), &file).await?).await
}

async fn remove_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = find(&mut work, &id).await?;
    attachment::take_off(work, AttachmentOwner::Alert(alert.id), &file).await
}

/// Shows the observables of another alert or case that this alert has too.
async fn similar(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, other)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let alert = look_up(&door, &visitor, &id).await?;
    let shared = shared(&door, &visitor, &equals("alert", alert.id.to_string()), &other).await?;
    Ok(Json(Value::Array(Observable::show(shared, &door, &visitor, &[]).await?)))
}

/// Returns the observables of an alert or case that are also where a filter says.
pub(crate) async fn shared(
    door: &Door,
    visitor: &Visitor,
    own: &vigie_model::Filter,
    other: &str,
) -> Result<Vec<Observable>, Fault> {
    use vigie_model::{Filter, Selection, Value};
    // The ids of alerts and cases look alike: only one of them is there.
    let id = AlertId::expect(other)?.to_string();
    let alert: Option<vigie_model::Alert> = door.store.get(&visitor.scope, &id).await?;
    let case: Option<vigie_model::Case> = match alert {
        Some(_) => None,
        None => door.store.get(&visitor.scope, &CaseId::expect(other)?.to_string()).await?,
    };
    let on = match (alert, case) {
        (Some(_), _) => equals("alert", id),
        (None, Some(_)) => equals("case", id),
        (None, None) => return Err(Fault::not_found("Alert or case", other)),
    };
    let counts = || {
        let unlike = Filter::Field {
            name: "unlike".to_owned(),
            comparison: vigie_model::Comparison::Equal,
            value: Value::Bool(true),
        };
        not(unlike)
    };
    let selection = Selection::of(both(own.clone(), counts()), COMPARED_MAX);
    let own: Vec<Observable> = door.store.select(&visitor.scope, &selection).await?;
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let values = own.iter().map(|observable| Value::Text(observable.value.clone())).collect();
    let same = Filter::OneOf { name: "value".to_owned(), values };
    let selection = Selection::of(both(both(on, counts()), same), COMPARED_MAX);
    let others: Vec<Observable> = door.store.select(&visitor.scope, &selection).await?;
    let is_shared = |other: &Observable| {
        own.iter().any(|one| one.kind == other.kind && one.data_type == other.data_type && one.value == other.value)
    };
    Ok(others.into_iter().filter(is_shared).collect())
}
