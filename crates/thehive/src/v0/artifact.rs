//! Observables, which version 0 calls artifacts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::learn_observables;
use vigie_model::{Observable, Parent};

use super::shape;
use crate::body::{Form, FormFile, bare_name};
use crate::door::Door;
use crate::route::{Route, delete, get, patch, post};
use crate::routes::observable::{self, Types, gather};
use crate::routes::{alert, case};
use crate::wire::observable_in::{FileIn, ObservableIn, Several};
use crate::wire::rank::{PapIn, TlpIn};
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageObservable";
    let mut routes = vec![
        post("/api/alert/{id}/artifact", NEEDED, create_in_alert).with_files(),
        post("/api/case/{id}/artifact", NEEDED, create_in_case).with_files(),
    ];
    for path in ["/api/alert/artifact/{id}", "/api/case/artifact/{id}"] {
        routes.push(get(path, read));
        routes.push(patch(path, NEEDED, change));
        routes.push(delete(path, NEEDED, observable::remove));
    }
    routes
}

/// An observable as old clients send it: any field may be null.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactIn {
    data_type: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    tlp: Option<TlpIn>,
    #[serde(default)]
    pap: Option<PapIn>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    ioc: Option<bool>,
    #[serde(default)]
    sighted: Option<bool>,
    #[serde(default)]
    ignore_similarity: Option<bool>,
    #[serde(default)]
    start_date: Option<Value>,
    #[serde(default)]
    attachment: Option<FileIn>,
    #[serde(default)]
    is_zip: Option<bool>,
    #[serde(default)]
    zip_password: Option<String>,
}

impl ArtifactIn {
    /// Returns the observable as version 1 takes it. A file within the JSON is put into the form.
    pub(super) async fn now(self, door: &Door, form: &mut Form, place: &str) -> Result<ObservableIn, Fault> {
        let mut attachment = self.attachment.map(Several::One);
        let mut data = texts(&self.data);
        if self.data_type.eq_ignore_ascii_case("file") {
            for text in std::mem::take(&mut data) {
                let field = format!("{place}.data");
                let file = inline_file(door, &text, &field).await?;
                form.add(file);
                attachment = Some(Several::One(FileIn::Part(field)));
            }
        }
        Ok(ObservableIn {
            data_type: self.data_type,
            data: (!data.is_empty()).then_some(Several::Many(data)),
            message: self.message,
            start_date: self.start_date,
            attachment,
            tlp: self.tlp,
            pap: self.pap,
            tags: self.tags,
            ioc: self.ioc,
            sighted: self.sighted,
            sighted_at: None,
            ignore_similarity: self.ignore_similarity,
            is_zip: self.is_zip,
            zip_password: self.zip_password,
        })
    }
}

/// Returns the values of an observable: a text, a number, or a list of them.
fn texts(data: &Value) -> Vec<String> {
    match data {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}

/// Reads a file that is part of the JSON: `name;media type;base64`.
async fn inline_file(door: &Door, text: &str, field: &str) -> Result<FormFile, Fault> {
    let wrong = || Fault::field(field, "expected a file as `name;media type;base64`");
    let mut parts = text.rsplitn(3, ';');
    let (bytes, media_type, name) = (parts.next(), parts.next(), parts.next());
    let (Some(bytes), Some(media_type), Some(name)) = (bytes, media_type, name) else { return Err(wrong()) };
    let bytes = STANDARD.decode(bytes.trim()).map_err(|_| wrong())?;
    let mut upload = door.files.begin(door.house.file_bytes_max()).await?;
    upload.write(&bytes).await?;
    Ok(FormFile {
        field: field.to_owned(),
        name: bare_name(name),
        media_type: media_type.chars().filter(char::is_ascii_graphic).take(255).collect(),
        uploaded: upload.finish().await?,
    })
}

async fn create_in_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Fault> {
    let artifact: ArtifactIn = form.value()?;
    let input = artifact.now(&door, &mut form, "artifact").await?;
    let given = gather(&door, &visitor, vec![input], &mut form, ("", Types::Any)).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = alert::find(&mut work, &id).await?;
    let created = observable::create(&mut work, Parent::Alert(alert.id), &alert.tenant, given).await?;
    if created.iter().any(|observable| observable.stamp.as_ref().is_some_and(|stamp| stamp.created == work.now)) {
        let after = learn_observables(&alert, &created, &work.by(), work.now);
        work.change(&alert, &after).await?;
    }
    work.commit().await?;
    created_answer(created, &door, &visitor).await
}

async fn create_in_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Fault> {
    let artifact: ArtifactIn = form.value()?;
    let input = artifact.now(&door, &mut form, "artifact").await?;
    let given = gather(&door, &visitor, vec![input], &mut form, ("", Types::Any)).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    let created = observable::create(&mut work, Parent::Case(case.id), &case.tenant, given).await?;
    work.commit().await?;
    created_answer(created, &door, &visitor).await
}

async fn created_answer(created: Vec<Observable>, door: &Door, visitor: &Visitor) -> Result<Response, Fault> {
    let shown = Observable::show(created, door, visitor, &[]).await?;
    let old: Vec<Value> = shown.iter().map(shape::artifact).collect();
    Ok((StatusCode::CREATED, Json(old)).into_response())
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found = observable::find(&door, &visitor, &id).await?;
    Ok(Json(shape::artifact(&show(found, &door, &visitor).await?)))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Json<Value>, Fault> {
    observable::change_all(&door, &visitor, std::slice::from_ref(&id), &form.value()?).await?;
    read(State(door), visitor, Path(id)).await
}
