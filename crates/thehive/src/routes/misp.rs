//! MISP: events become cases. No server is configured, so there is none to send cases to or to read alerts from.

use std::io::Read as _;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};
use vigie_cases::{MISP_BYTES_MAX, MispEvent, MispObservable, read_misp_event};
use vigie_model::{Pap, Parent, Tlp};

use super::{case, observable};
use crate::body::{Form, FormFile};
use crate::door::Door;
use crate::route::{Need, Route, get, post};
use crate::time::millis;
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/connector/misp/status", status),
        Route::new(Method::GET, "/api/v1/connector/misp/_syncAlerts", Need::Permission("managePlatform"), sync),
        post("/api/v1/connector/misp/export/{id}/{server}", "manageCase/update", export),
        post("/api/v1/connector/misp/case/import", "manageCase/create", import).with_files(),
    ]
}

async fn status() -> Json<Value> {
    Json(json!({"status": {}, "syncInProgress": false}))
}

/// There is nothing to read from.
async fn sync() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn export(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, server)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    case::look_up(&door, &visitor, &id).await?;
    Err(Fault::not_found("MISP server", &server))
}

/// What the client says of the case goes before what the event says.
async fn import(State(door): State<Door>, visitor: Visitor, mut form: Form) -> Result<Response, Fault> {
    let file =
        form.take("file").ok_or_else(|| Fault::field("file", "missing: send the event in a part of this name"))?;
    let event = read(file).await?;
    let given: Map<String, Value> = if form.has_json() { form.value()? } else { Map::new() };
    let mut fields = fields(&event);
    fields.extend(given);
    let input = serde_json::from_value(Value::Object(fields)).map_err(|error| Fault::bad(error.to_string()))?;
    let observables = event.observables.into_iter().map(|found| shape(found, event.tlp, event.pap));
    let observables: Vec<Value> = observables.collect();
    let observables = serde_json::from_value(observables.into()).map_err(|error| Fault::bad(error.to_string()))?;
    let place = ("observables", observable::Types::Any);
    let gathered = observable::gather(&door, &visitor, observables, &mut form, place).await?;

    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::open_as_sent(&mut work, input).await?;
    let placed = observable::place(&mut work, Parent::Case(case.id), &case.tenant, gathered).await?;
    observable::put(&mut work, placed).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(case, &door, &visitor).await?)).into_response())
}

/// Reads the event in a file.
async fn read(file: FormFile) -> Result<MispEvent, Fault> {
    let none = || Fault::bad("Could not convert json to MISP event");
    if file.uploaded.bytes > MISP_BYTES_MAX as u64 {
        return Err(none());
    }
    let mut opened = file.uploaded.open()?;
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        opened.read_to_end(&mut bytes).ok()?;
        read_misp_event(&bytes).ok()
    });
    reading.await.ok().flatten().ok_or_else(none)
}

fn fields(event: &MispEvent) -> Map<String, Value> {
    let by = event.organisation.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    let uuid = event.uuid.as_deref().map(|uuid| format!(" {uuid}")).unwrap_or_default();
    let left_out = match event.left_out {
        0 => String::new(),
        count => format!(" {count} attributes were left out: they are empty or too long, or too many."),
    };
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("title", event.info.clone().into());
    set("description", format!("MISP event{uuid}{by}.{left_out}").into());
    set("severity", (event.severity as u8).into());
    set("tags", event.tags.clone().into());
    if let Some(date) = event.date {
        set("startDate", millis(date).into());
    }
    if let Some(tlp) = event.tlp {
        set("tlp", (tlp as u8).into());
    }
    if let Some(pap) = event.pap {
        set("pap", (pap as u8).into());
    }
    fields
}

fn shape(found: MispObservable, tlp: Option<Tlp>, pap: Option<Pap>) -> Value {
    json!({
        "dataType": found.data_type,
        "data": found.value,
        "ioc": found.ioc,
        "message": found.comment,
        "tags": found.tags,
        "tlp": tlp.map(|tlp| tlp as u8),
        "pap": pap.map(|pap| pap as u8),
    })
}
