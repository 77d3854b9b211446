//! Cases.

mod access;
mod archive;
pub(crate) mod change;
pub(crate) mod create;
mod links;
mod merge;
mod parts;
pub(crate) mod shares;
mod template;
mod timeline;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use vigie_cases::CaseChange;
use vigie_model::{Alert, Case, CaseId, Comparison, Filter, Selection, Task, Value as ModelValue, Verb};

use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{both, equals, is};
use crate::route::{Route, get};
use crate::wire::show;
use crate::work::Work;
use crate::{Fault, Visitor};

pub(crate) use create::open_as_sent;
pub(crate) use template::find as find_template;

const UPDATE: &str = "manageCase/update";

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![get("/api/v1/case/{id}", read)];
    routes.extend(create::routes());
    routes.extend(change::routes());
    routes.extend(merge::routes());
    routes.extend(template::routes());
    routes.extend(links::routes());
    routes.extend(access::routes());
    routes.extend(shares::routes());
    routes.extend(timeline::routes());
    routes.extend(parts::routes());
    routes.extend(archive::routes());
    routes
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    Ok(Json(show(look_up(&door, &visitor, &id).await?, &door, &visitor).await?))
}

/// Returns the filter for a case of this id, or for the organisation's own of this number.
fn by(visitor: &Visitor, asked: &str) -> Result<Filter, Fault> {
    if let Some(id) = CaseId::read(asked) {
        return Ok(equals("id", id.to_string()));
    }
    let number: i64 = asked.parse().map_err(|_| Fault::not_found(CaseId::KIND, asked))?;
    let number = is("number", Comparison::Equal, ModelValue::Integer(number));
    Ok(both(equals("tenant", visitor.tenant.id.as_str()), number))
}

/// Returns a case by its id or number, to show it.
pub(crate) async fn look_up(door: &Door, visitor: &Visitor, asked: &str) -> Result<Case, Fault> {
    let found = door.store.select(&visitor.scope, &Selection::of(by(visitor, asked)?, 1)).await?;
    found.into_iter().next().ok_or_else(|| Fault::not_found(CaseId::KIND, asked))
}

/// Returns a case by its id or number, to change it.
pub(crate) async fn find(work: &mut Work<'_>, asked: &str) -> Result<Case, Fault> {
    let found = work.all(by(work.visitor, asked)?).await?;
    found.into_iter().next().ok_or_else(|| Fault::not_found(CaseId::KIND, asked))
}

/// Returns a case of the visitor's own organisation: what is done to it as a whole is its owner's to do.
async fn find_own(work: &mut Work<'_>, asked: &str) -> Result<Case, Fault> {
    let case = find(work, asked).await?;
    if work.is_own(&case) {
        return Ok(case);
    }
    Err(Fault::forbidden(format!("case {asked} is another organisation's: only they may do that")))
}

/// Returns the filter for what is on a case.
fn on(case: CaseId) -> Filter {
    equals("case", case.to_string())
}

/// Writes a change of a case and all that changed with it. `alerts` and `tasks` are those that it was made from.
async fn store_change(
    work: &mut Work<'_>,
    verb: Verb,
    before: &Case,
    change: &CaseChange,
    alerts: &[Alert],
    tasks: &[Task],
) -> Result<(), Fault> {
    work.change_as(verb, before, &change.case).await?;
    for after in &change.alerts {
        if let Some(before) = alerts.iter().find(|before| before.id == after.id) {
            work.change_as(verb, before, after).await?;
        }
    }
    for after in &change.tasks {
        if let Some(before) = tasks.iter().find(|before| before.id == after.id) {
            work.change(before, after).await?;
        }
    }
    Ok(work.tx.add_timeline(&change.timeline).await?)
}
