//! Observables, on alerts and cases.

mod gather;
mod put;
mod share;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{ObservablePatch, forget_observable, learn_observables, patch_observable};
use vigie_model::{Alert, AttachmentOwner, Observable, ObservableId, Parent, TenantId};

use crate::body::{Form, as_zip, download};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{both, equals, not};
use crate::route::{Route, delete, get, patch, post};
use crate::routes::{alert, attachment, case};
use crate::time::read_time;
use crate::wire::observable_in::{ObservableIn, ObservablePatchIn};
use crate::wire::{Ids, Wire as _, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

pub(crate) use gather::{Given, Types, gather};
pub(crate) use put::{about, place, put};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageObservable";
    let mut routes = vec![
        post("/api/v1/alert/{id}/observable", NEEDED, create_in_alert).with_files(),
        post("/api/v1/case/{id}/observable", NEEDED, create_in_case).with_files(),
        patch("/api/v1/observable/_bulk", NEEDED, change_several),
        get("/api/v1/observable/{id}", read),
        patch("/api/v1/observable/{id}", NEEDED, change),
        delete("/api/v1/observable/{id}", NEEDED, remove),
        get("/api/v1/observable/{id}/attachment/{file}", read_file),
        get("/api/v1/observable/{id}/attachment/{file}/download", read_bytes),
    ];
    routes.extend(share::routes());
    routes
}

async fn create_in_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Fault> {
    let given = given(&door, &visitor, &mut form).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = alert::find(&mut work, &id).await?;
    let created = create(&mut work, Parent::Alert(alert.id), &alert.tenant, given).await?;
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
    let given = given(&door, &visitor, &mut form).await?;
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    let created = create(&mut work, Parent::Case(case.id), &case.tenant, given).await?;
    work.commit().await?;
    created_answer(created, &door, &visitor).await
}

async fn given(door: &Door, visitor: &Visitor, form: &mut Form) -> Result<Vec<Given>, Fault> {
    let input: ObservableIn = form.value()?;
    gather(door, visitor, vec![input], form, ("", Types::Known)).await
}

/// Puts observables on an alert or case that is there. Where all of them are there already, it returns those: programs send
/// the same again.
pub(crate) async fn create(
    work: &mut Work<'_>,
    on: Parent,
    tenant: &TenantId,
    given: Vec<Given>,
) -> Result<Vec<Observable>, Fault> {
    let placed = place(work, on, tenant, given).await?;
    if placed.observables.is_empty() {
        return Ok(placed.known);
    }
    let on = match on {
        Parent::Alert(id) => equals("alert", id.to_string()),
        Parent::Case(id) => equals("case", id.to_string()),
    };
    let there = work.door.store.count::<Observable>(&work.visitor.scope, &on).await?;
    if there + placed.observables.len() as u64 > put::ON_ONE_MAX {
        return Err(Fault::create(format!("too many observables: at most {} on one alert or case", put::ON_ONE_MAX)));
    }
    put(work, placed).await
}

async fn created_answer(created: Vec<Observable>, door: &Door, visitor: &Visitor) -> Result<Response, Fault> {
    let shown = Observable::show(created, door, visitor, &[]).await?;
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(find(&door, &visitor, &id).await?, &door, &visitor).await?))
}

/// Returns an observable that the visitor may see.
pub(crate) async fn find(door: &Door, visitor: &Visitor, id: &str) -> Result<Observable, Fault> {
    let found = door.store.get(&visitor.scope, &ObservableId::expect(id)?.to_string()).await?;
    found.ok_or_else(|| Fault::not_found(ObservableId::KIND, id))
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

/// Changes observables in one transaction, or none of them.
pub(crate) async fn change_all(
    door: &Door,
    visitor: &Visitor,
    ids: &[String],
    input: &ObservablePatchIn,
) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let patch = patch_of(door, input).await?;
    let mut work = Work::begin(door, visitor).await?;
    for id in ids {
        let before: Observable = work.get(ObservableId::expect(id)?).await?;
        let after = patch_observable(&before, &patch, &work.by(), work.now)?;
        check_place(&mut work, &before, &after).await?;
        work.change(&before, &after).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn patch_of(door: &Door, input: &ObservablePatchIn) -> Result<ObservablePatch, Fault> {
    let data_type = match input.data_type.as_deref() {
        None => None,
        Some(word) => {
            let known = gather::types_of(door, std::iter::once(word)).await?.into_values().next();
            let word: String = word.chars().take(80).collect();
            let unknown = || Fault::field("dataType", format!("there is no observable type `{word}`: add it first"));
            Some(known.ok_or_else(unknown)?)
        }
    };
    let time = |field: &str, value: &Value| read_time(field, value);
    let sighted_at = input.sighted_at.as_ref();
    Ok(ObservablePatch {
        data_type,
        message: input.message.clone(),
        tlp: input.tlp.map(|tlp| tlp.0),
        pap: input.pap.map(|pap| pap.0),
        tags: input.tags.clone(),
        add_tags: input.add_tags.clone().unwrap_or_default(),
        remove_tags: input.remove_tags.clone().unwrap_or_default(),
        ioc: input.ioc,
        sighted: input.sighted,
        sighted_at: sighted_at.map(|at| at.as_ref().map(|at| time("sightedAt", at)).transpose()).transpose()?,
        unlike: input.ignore_similarity,
        seen: input.start_date.as_ref().map(|date| time("startDate", date)).transpose()?,
    })
}

/// Refuses a type with which the observable would be there twice.
async fn check_place(work: &mut Work<'_>, before: &Observable, after: &Observable) -> Result<(), Fault> {
    if put::word(before) == put::word(after) || after.attachment.is_some() {
        return Ok(());
    }
    let on = match after.on {
        Parent::Alert(id) => equals("alert", id.to_string()),
        Parent::Case(id) => equals("case", id.to_string()),
    };
    let same = both(both(on, equals("value", &*after.value)), not(equals("id", after.id.to_string())));
    let others: Vec<Observable> = work.all(same).await?;
    let is_same = |other: &&Observable| put::word(other) == put::word(after) && other.value == after.value;
    match others.iter().find(is_same) {
        Some(_) => Err(Fault::create("an observable of this type and value exists already")),
        None => Ok(()),
    }
}

pub(crate) async fn remove(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let observable: Observable = work.get(ObservableId::expect(&id)?).await?;
    work.remove(&observable).await?;
    if let Parent::Alert(alert) = observable.on {
        let alert: Alert = work.get(alert).await?;
        let after = forget_observable(&alert, &observable, &work.by(), work.now);
        work.change(&alert, &after).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read_file(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    let observable = find(&door, &visitor, &id).await?;
    let file = attachment::of(&door, &visitor, AttachmentOwner::Observable(observable.id), &file).await?;
    Ok(Json(show(file, &door, &visitor).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Download {
    /// `True` where a program in Python wrote it.
    #[serde(default)]
    as_zip: Option<String>,
}

async fn read_bytes(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
    Query(how): Query<Download>,
) -> Result<Response, Fault> {
    let observable = find(&door, &visitor, &id).await?;
    let file = attachment::of(&door, &visitor, AttachmentOwner::Observable(observable.id), &file).await?;
    let is_zip = how.as_zip.is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes"));
    if is_zip { as_zip(&door, &file).await } else { download(&door, &file).await }
}
