//! Procedures on alerts and cases.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{Placing, ProcedureEdit, edit_procedure, new_procedure};
use vigie_model::{Parent, Procedure, ProcedureId, TenantId};

use super::{alert, case};
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::route::{Route, delete, get, patch, post};
use crate::wire::procedure::{ProcedureIn, ProcedurePatchIn};
use crate::wire::{Ids, Wire as _, show};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

pub(super) fn routes() -> Vec<Route> {
    const NEEDED: &str = "manageProcedure";
    vec![
        post("/api/v1/alert/{id}/procedure", NEEDED, create_in_alert),
        post("/api/v1/alert/{id}/procedures", NEEDED, create_several_in_alert),
        post("/api/v1/case/{id}/procedure", NEEDED, create_in_case),
        post("/api/v1/case/{id}/procedures", NEEDED, create_several_in_case),
        post("/api/v1/procedure/delete/_bulk", NEEDED, remove_several),
        get("/api/v1/procedure/{id}", read),
        patch("/api/v1/procedure/{id}", NEEDED, change),
        delete("/api/v1/procedure/{id}", NEEDED, remove),
    ]
}

#[derive(Deserialize)]
struct ProceduresIn {
    procedures: Vec<ProcedureIn>,
}

async fn create_in_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ProcedureIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = alert::find(&mut work, &id).await?;
    one(work, alert.id.into(), alert.tenant, input).await
}

async fn create_several_in_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ProceduresIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let alert = alert::find(&mut work, &id).await?;
    several(work, alert.id.into(), alert.tenant, input).await
}

async fn create_in_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ProcedureIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    one(work, case.id.into(), case.tenant, input).await
}

async fn create_several_in_case(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ProceduresIn>,
) -> Result<Response, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = case::find(&mut work, &id).await?;
    several(work, case.id.into(), case.tenant, input).await
}

async fn one(mut work: Work<'_>, on: Parent, tenant: TenantId, input: ProcedureIn) -> Result<Response, Fault> {
    let created = add(&mut work, on, &tenant, vec![input]).await?;
    let (door, visitor) = (work.door, work.visitor);
    work.commit().await?;
    let shown = Procedure::show(created, door, visitor, &[]).await?.pop();
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn several(mut work: Work<'_>, on: Parent, tenant: TenantId, input: ProceduresIn) -> Result<Response, Fault> {
    let created = add(&mut work, on, &tenant, input.procedures).await?;
    let (door, visitor) = (work.door, work.visitor);
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(Procedure::show(created, door, visitor, &[]).await?)).into_response())
}

/// Puts procedures on an alert or case that the caller has looked up.
pub(crate) async fn add(
    work: &mut Work<'_>,
    on: Parent,
    tenant: &TenantId,
    inputs: Vec<ProcedureIn>,
) -> Result<Vec<Procedure>, Fault> {
    if inputs.len() > OBJECTS_MAX {
        return Err(Fault::field("procedures", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    put(work, on, tenant, inputs.into_iter().map(ProcedureIn::edit).collect::<Result<_, _>>()?).await
}

/// Puts procedures on an alert or case that the caller has looked up.
pub(crate) async fn put(
    work: &mut Work<'_>,
    on: Parent,
    tenant: &TenantId,
    edits: Vec<ProcedureEdit>,
) -> Result<Vec<Procedure>, Fault> {
    let placing = Placing { on, tenant: tenant.clone(), by: work.by(), now: work.now };
    let mut created = Vec::new();
    for edit in &edits {
        created.push(new_procedure(&placing, work.id(), edit)?);
    }
    work.create_all(&created).await?;
    Ok(created)
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let found: Option<Procedure> = door.store.get(&visitor.scope, &ProcedureId::expect(&id)?.to_string()).await?;
    let found = found.ok_or_else(|| Fault::not_found(ProcedureId::KIND, &id))?;
    Ok(Json(show(found, &door, &visitor).await?))
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<ProcedurePatchIn>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let before: Procedure = work.get(ProcedureId::expect(&id)?).await?;
    let after = edit_procedure(&before, &input.edit(&before)?, &work.by(), work.now)?;
    work.change(&before, &after).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    remove_all(&door, &visitor, &[id]).await
}

async fn remove_several(
    State(door): State<Door>,
    visitor: Visitor,
    Body(Ids { ids }): Body<Ids>,
) -> Result<StatusCode, Fault> {
    remove_all(&door, &visitor, &ids).await
}

async fn remove_all(door: &Door, visitor: &Visitor, ids: &[String]) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let mut work = Work::begin(door, visitor).await?;
    let mut gone: Vec<ProcedureId> = Vec::new();
    for id in ids {
        let id = ProcedureId::expect(id)?;
        if !gone.contains(&id) {
            let procedure: Procedure = work.get(id).await?;
            work.remove(&procedure).await?;
            gone.push(id);
        }
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
