//! Alerts.

pub(crate) mod create;
pub(crate) mod into_case;
mod parts;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::Value;
use vigie_cases::{patch_alert, reopens, set_fields};
use vigie_model::{Alert, AlertId, CustomField, Selection, Verb};

use crate::body::Form;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::by_origin;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::alert_in::{AlertPatchIn, read_word};
use crate::wire::fields::definitions;
use crate::wire::{Ids, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

pub(crate) use parts::shared;

const UPDATE: &str = "manageAlert/update";
const DELETE: &str = "manageAlert/delete";
const REOPEN: &str = "manageAlert/reopen";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        post("/api/v1/alert", "manageAlert/create", create::create).with_files(),
        patch("/api/v1/alert/_bulk", UPDATE, change_several),
        post("/api/v1/alert/delete/_bulk", DELETE, remove_several),
        get("/api/v1/alert/{id}", read),
        patch("/api/v1/alert/{id}", UPDATE, change),
        delete("/api/v1/alert/{id}", DELETE, remove),
        post("/api/v1/alert/{id}/follow", UPDATE, follow),
        post("/api/v1/alert/{id}/unfollow", UPDATE, unfollow),
    ];
    routes.extend(into_case::routes());
    routes.extend(parts::routes());
    routes
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(look_up(&door, &visitor, &id).await?, &door, &visitor).await?))
}

/// Returns an alert by its id or by `type;source;sourceRef`, to show it.
pub(crate) async fn look_up(door: &Door, visitor: &Visitor, asked: &str) -> Result<Alert, Fault> {
    let found = if let Some(id) = AlertId::read(asked) {
        door.store.get(&visitor.scope, &id.to_string()).await?
    } else {
        let found = door.store.select(&visitor.scope, &Selection::of(by_origin(asked), 1)).await?;
        found.into_iter().next()
    };
    found.ok_or_else(|| Fault::not_found(AlertId::KIND, asked))
}

/// Returns an alert by its id or by `type;source;sourceRef`, to change it.
pub(crate) async fn find(work: &mut Work<'_>, asked: &str) -> Result<Alert, Fault> {
    if let Some(id) = AlertId::read(asked) {
        return work.get(id).await;
    }
    let found = work.all(by_origin(asked)).await?;
    found.into_iter().next().ok_or_else(|| Fault::not_found(AlertId::KIND, asked))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<StatusCode, Fault> {
    change_all(&door, &visitor, &[id], &form.value()?).await
}

async fn change_several(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<StatusCode, Fault> {
    let Ids { ids } = form.value()?;
    change_all(&door, &visitor, &ids, &form.value()?).await
}

async fn follow(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    set_follow(&door, &visitor, &id, true).await
}

async fn unfollow(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    set_follow(&door, &visitor, &id, false).await
}

async fn set_follow(door: &Door, visitor: &Visitor, id: &str, follow: bool) -> Result<Json<Value>, Fault> {
    change_all(door, visitor, &[id.to_owned()], &AlertPatchIn::following(follow)).await?;
    Ok(Json(show(look_up(door, visitor, id).await?, door, visitor).await?))
}

/// Changes alerts in one transaction, or none of them.
pub(crate) async fn change_all(
    door: &Door,
    visitor: &Visitor,
    ids: &[String],
    input: &AlertPatchIn,
) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let known = if input.custom_fields.is_some() { definitions(door).await? } else { Vec::new() };
    let mut work = Work::begin(door, visitor).await?;
    for id in ids {
        let alert = find(&mut work, id).await?;
        change_one(&mut work, &alert, input, &known).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn change_one(
    work: &mut Work<'_>,
    before: &Alert,
    input: &AlertPatchIn,
    known: &[CustomField],
) -> Result<(), Fault> {
    let fields = input.custom_fields.as_ref();
    let fields = fields.map(|fields| set_fields(&before.desk.fields, &fields.0, known)).transpose()?;
    let mut patch = input.patch(fields)?;
    if let Some(Some(name)) = &patch.assignee {
        // A user who was deleted since stays assigned; nobody is given to them.
        let is_kept = before.assignee.as_ref() == Some(name);
        patch.assignee = Some(Some(if is_kept { name.clone() } else { work.member("assignee", name).await? }));
    }
    let after = patch_alert(before, &patch, &work.by(), work.now)?;
    let verb = match patch.word {
        Some(word) if reopens(before, word) => {
            if !work.visitor.may(REOPEN) {
                return Err(Fault::forbidden(format!("opening a closed alert again needs the permission {REOPEN}")));
            }
            Verb::Reopen
        }
        Some(word) if word.verdict().is_some() && before.closed.is_none() => Verb::Close,
        _ => Verb::Update,
    };
    work.change_as(verb, before, &after).await
}

pub(crate) async fn remove(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    remove_all(&door, &visitor, &[id]).await
}

async fn remove_several(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<StatusCode, Fault> {
    let Ids { ids } = form.value()?;
    remove_all(&door, &visitor, &ids).await
}

/// Deletes alerts in one transaction, or none of them.
async fn remove_all(door: &Door, visitor: &Visitor, ids: &[String]) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let mut work = Work::begin(door, visitor).await?;
    let mut gone: Vec<AlertId> = Vec::new();
    for id in ids {
        // The same alert may be named twice.
        if AlertId::read(id).is_some_and(|id| gone.contains(&id)) {
            continue;
        }
        let alert = find(&mut work, id).await?;
        work.remove(&alert).await?;
        gone.push(alert.id);
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns the status that a text says, or the usual one.
fn word_of(text: Option<&str>) -> Result<vigie_cases::AlertWord, Fault> {
    text.map_or(Ok(vigie_cases::AlertWord::New), read_word)
}
