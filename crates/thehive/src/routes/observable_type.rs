//! Types of observables.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_model::{DataType, DataTypeId, Filter, Observable, Selection, Stamp, TenantScope};

use super::user::check_name;
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::value::equals;
use crate::route::{Route, delete, get, post};
use crate::seed::DATA_TYPES;
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many types there may be.
pub(crate) const TYPES_MAX: usize = 10_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/observable/type", "manageObservableTemplate", create),
        get("/api/v1/observable/type/{id}", read),
        delete("/api/v1/observable/type/{id}", "manageObservableTemplate", remove),
    ]
}

fn called(asked: &str) -> Selection {
    let filter = DataTypeId::read(asked).map_or_else(|| equals("name", asked), |id| equals("id", id.to_string()));
    Selection::of(filter, 1)
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<DataType> = door.store.select(&TenantScope::All, &called(&id)).await?.pop();
    let found = found.ok_or_else(|| Fault::not_found("ObservableType", &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewType {
    name: String,
    #[serde(default)]
    is_attachment: bool,
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewType>) -> Result<Response, Fault> {
    check_name("name", &new.name)?;
    let mut work = Work::begin(&door, &visitor).await?;
    let known: Vec<DataType> = work.all(Filter::All).await?;
    if known.iter().any(|known| known.name.eq_ignore_ascii_case(&new.name)) {
        return Err(Fault::create(format!("there is an observable type {} already", new.name)));
    }
    if known.len() >= TYPES_MAX {
        return Err(Fault::create(format!("there are too many observable types: at most {TYPES_MAX}")));
    }
    let data_type = DataType {
        id: DataType::id_of(&new.name),
        name: new.name,
        is_attachment: new.is_attachment,
        stamp: Stamp::new(work.by(), work.now),
    };
    work.create(&data_type).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(data_type, &door, &visitor).await?)).into_response())
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let found: Option<DataType> = work.tx.select(&TenantScope::All, &called(&id)).await?.pop();
    let data_type = found.ok_or_else(|| Fault::not_found("ObservableType", &id))?;
    if DATA_TYPES.contains(&data_type.name.as_str()) {
        return Err(Fault::bad(format!("the observable type {} is built in and stays", data_type.name)));
    }
    let used = Selection::of(equals("data_type", &*data_type.name), 1);
    if !work.tx.select::<Observable>(&TenantScope::All, &used).await?.is_empty() {
        return Err(Fault::bad(format!(
            "the observable type {} is in use: delete its observables first",
            data_type.name
        )));
    }
    work.remove(&data_type).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
