//! With whom an observable is shared: with everybody with whom its case is.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Case, Observable, Parent, Selection, Share, Tenant};

use super::find;
use crate::body::Body;
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::equals;
use crate::route::{Route, delete, get, post};
use crate::time::millis;
use crate::wire::author;
use crate::{Fault, Visitor};

/// How many organisations a request names.
const ORGANISATIONS_MAX: usize = 100;
/// How many shares a case has at most that are shown.
const SHARES_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/observable/{id}/shares", list),
        post("/api/v1/observable/{id}/shares", "manageShare", share),
        delete("/api/v1/observable/{id}/shares", "manageShare", unshare),
    ]
}

#[derive(Deserialize)]
struct Organisations {
    organisations: Vec<String>,
}

async fn list(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let observable = find(&door, &visitor, &id).await?;
    let Parent::Case(case) = observable.on else { return Ok(Json(json!([]))) };
    let shares = shares_of(&door, &visitor, &observable).await?;
    let mut shown = Vec::new();
    for share in shares {
        let name =
            door.store.tenant(share.tenant.as_str()).await?.map_or_else(|| share.tenant.to_string(), |to| to.name);
        shown.push(json!({
            "_id": share.id.wire(),
            "_type": "Share",
            "_createdBy": author(&share.stamp.created_by),
            "_createdAt": millis(share.stamp.created),
            "caseId": case.wire(),
            "profileName": share.profile,
            "organisationName": name,
            "owner": false,
            "taskRule": "all",
            "observableRule": "all",
        }));
    }
    Ok(Json(Value::Array(shown)))
}

/// Shares an observable with organisations that its case is shared with, or that has it: they see it already.
async fn share(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    let observable = find(&door, &visitor, &id).await?;
    let shares = shares_of(&door, &visitor, &observable).await?;
    named(&door, &asked, &observable, &shares).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An observable cannot be hidden from those who see its case.
async fn unshare(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(asked): Body<Organisations>,
) -> Result<StatusCode, Fault> {
    let observable = find(&door, &visitor, &id).await?;
    let shares = shares_of(&door, &visitor, &observable).await?;
    match named(&door, &asked, &observable, &shares).await?.into_iter().next() {
        None => Ok(StatusCode::NO_CONTENT),
        Some(name) => Err(Fault::bad(format!(
            "{name} sees all observables of a case that it sees: take the share of the case back"
        ))),
    }
}

/// Returns the names of organisations that see the observable, or says that one does not: there may be no such one.
async fn named(
    door: &Door,
    asked: &Organisations,
    observable: &Observable,
    shares: &[Share],
) -> Result<Vec<String>, Fault> {
    if asked.organisations.len() > ORGANISATIONS_MAX {
        return Err(Fault::field("organisations", format!("too many: at most {ORGANISATIONS_MAX} at once")));
    }
    let sees = |tenant: &Tenant| tenant.id == observable.tenant || shares.iter().any(|share| share.tenant == tenant.id);
    let all: Vec<Tenant> = door.store.tenants().await?.into_iter().filter(sees).collect();
    let find = |asked: &String| {
        let found = all.iter().find(|tenant| {
            tenant.id.as_str() == asked || tenant.name == *asked || crate::id::tenant_wire(&tenant.id) == *asked
        });
        found.map(|tenant| tenant.name.clone()).ok_or_else(|| {
            let asked: String = asked.chars().take(80).collect();
            Fault::bad(format!("the case is shared with no organisation {asked}: share the case first"))
        })
    };
    asked.organisations.iter().map(find).collect()
}

async fn shares_of(door: &Door, visitor: &Visitor, observable: &Observable) -> Result<Vec<Share>, Fault> {
    let Parent::Case(case) = observable.on else { return Ok(Vec::new()) };
    let _: Case = door
        .store
        .get(&visitor.scope, &case.to_string())
        .await?
        .ok_or_else(|| Fault::not_found(vigie_model::CaseId::KIND, &case.wire()))?;
    let filter = equals("case", case.to_string());
    Ok(door.store.select(&visitor.scope, &Selection::of(filter, SHARES_MAX)).await?)
}
