//! Custom fields.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_model::{CustomField, FieldId, FieldType, Filter, Selection, Stamp, TenantScope};

use super::organisation::DESCRIPTION_CHARS_MAX;
use super::user::check_name;
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::value::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::fields::DEFINITIONS_MAX;
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many values a field may be restricted to.
pub(crate) const OPTIONS_MAX: usize = 1_000;
/// How long one of them may be, in characters.
pub(crate) const OPTION_CHARS_MAX: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/customField", list),
        post("/api/v1/customField", "manageCustomField", create),
        get("/api/v1/customField/{id}", read),
        patch("/api/v1/customField/{id}", "manageCustomField", change),
        delete("/api/v1/customField/{id}", "manageCustomField", remove),
    ]
}

fn called(asked: &str) -> Selection {
    let filter = FieldId::read(asked).map_or_else(|| equals("name", asked), |id| equals("id", id.to_string()));
    Selection::of(filter, 1)
}

async fn find(work: &mut Work<'_>, asked: &str) -> Result<CustomField, Fault> {
    let found = work.tx.select(&TenantScope::All, &called(asked)).await?.pop();
    found.ok_or_else(|| Fault::not_found("CustomField", asked))
}

async fn list(State(door): State<Door>, visitor: Visitor) -> Result<Json<Value>, Fault> {
    let all = door.store.select(&TenantScope::All, &Selection::of(Filter::All, DEFINITIONS_MAX)).await?;
    Ok(Json(CustomField::show(all, &door, &visitor, &[]).await?.into()))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<CustomField> = door.store.select(&TenantScope::All, &called(&id)).await?.pop();
    let found = found.ok_or_else(|| Fault::not_found("CustomField", &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewField {
    name: String,
    display_name: Option<String>,
    #[serde(default)]
    group: String,
    #[serde(default)]
    description: String,
    #[serde(rename = "type")]
    kind: FieldType,
    #[serde(default)]
    mandatory: bool,
    #[serde(default)]
    options: Vec<Value>,
}

async fn create(State(door): State<Door>, visitor: Visitor, Body(new): Body<NewField>) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let field = CustomField {
        id: work.id(),
        display_name: new.display_name.filter(|name| !name.is_empty()).unwrap_or_else(|| new.name.clone()),
        name: new.name,
        group: if new.group.is_empty() { "default".to_owned() } else { new.group },
        description: new.description,
        kind: new.kind,
        mandatory: new.mandatory,
        options: new.options,
        stamp: Stamp::new(work.by(), work.now),
    };
    check(&field)?;
    if find(&mut work, &field.name).await.is_ok() {
        return Err(Fault::create(format!("there is a custom field {} already", field.name)));
    }
    if work.all::<CustomField>(Filter::All).await?.len() as u64 >= DEFINITIONS_MAX {
        return Err(Fault::create(format!("there are too many custom fields: at most {DEFINITIONS_MAX}")));
    }
    work.create(&field).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(field, &door, &visitor).await?)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FieldChange {
    display_name: Option<String>,
    group: Option<String>,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: Option<FieldType>,
    mandatory: Option<bool>,
    options: Option<Vec<Value>>,
}

/// Values that are there already stay as they are, also where they do not fit any more.
async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(change): Body<FieldChange>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, &id).await?;
    let was = before.clone();
    let after = CustomField {
        display_name: change.display_name.unwrap_or(was.display_name),
        group: change.group.unwrap_or(was.group),
        description: change.description.unwrap_or(was.description),
        kind: change.kind.unwrap_or(was.kind),
        mandatory: change.mandatory.unwrap_or(was.mandatory),
        options: change.options.unwrap_or(was.options),
        ..was
    };
    check(&after)?;
    if after != before {
        let stamp = before.stamp.changed(work.by(), work.now);
        work.change(&before, &CustomField { stamp, ..after }).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(field: &CustomField) -> Result<(), Fault> {
    check_name("name", &field.name)?;
    check_name("displayName", &field.display_name)?;
    check_name("group", &field.group)?;
    if field.description.chars().count() > DESCRIPTION_CHARS_MAX {
        return Err(Fault::field("description", format!("too long: at most {DESCRIPTION_CHARS_MAX} characters")));
    }
    if field.options.len() > OPTIONS_MAX {
        return Err(Fault::field("options", format!("too many: at most {OPTIONS_MAX}")));
    }
    let fits = |option: &Value| match field.kind {
        FieldType::String | FieldType::Url => {
            option.as_str().is_some_and(|text| text.chars().count() <= OPTION_CHARS_MAX)
        }
        FieldType::Integer | FieldType::Date => option.is_i64(),
        FieldType::Boolean => option.is_boolean(),
        FieldType::Float => option.is_number(),
    };
    match field.options.iter().position(|option| !fits(option)) {
        Some(place) => Err(Fault::field(&format!("options[{place}]"), "not a value of the field's type, or too long")),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
struct Removal {
    /// Clients in Python write `True`.
    #[serde(default)]
    force: String,
}

async fn remove(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(removal): Query<Removal>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let field = find(&mut work, &id).await?;
    if !removal.force.eq_ignore_ascii_case("true") && work.tx.has_field_values(&field.name).await? {
        return Err(Fault::bad(format!("{} is in use: delete it with force=true, its values stay", field.name)));
    }
    work.remove(&field).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
