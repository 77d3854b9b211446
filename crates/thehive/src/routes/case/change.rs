//! Changing and deleting cases.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use vigie_cases::{closes_case, patch_desk_case, release_alert, reopens_case, set_fields};
use vigie_model::{Alert, Case, CustomField, Task, Verb};

use super::{UPDATE, find, find_own, on, store_change};
use crate::body::{Body, Form};
use crate::door::Door;
use crate::route::{Route, delete, patch};
use crate::wire::Ids;
use crate::wire::case::input::CasePatchIn;
use crate::wire::fields::{definitions, field_id};
use crate::work::{OBJECTS_MAX, Work};
use crate::{Fault, Visitor};

const REOPEN: &str = "manageCase/reopen";

pub(super) fn routes() -> Vec<Route> {
    vec![
        patch("/api/v1/case/_bulk", UPDATE, change_several),
        patch("/api/v1/case/{id}", UPDATE, change),
        delete("/api/v1/case/{id}", "manageCase/delete", remove),
        delete("/api/v1/case/{id}/alert/{alert}", UPDATE, unlink_alert),
        delete("/api/v1/case/customField/{field}", UPDATE, remove_field),
    ]
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    Body(input): Body<CasePatchIn>,
) -> Result<StatusCode, Fault> {
    change_all(&door, &visitor, &[id], &input).await
}

async fn change_several(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<StatusCode, Fault> {
    let Ids { ids } = form.value()?;
    change_all(&door, &visitor, &ids, &form.value()?).await
}

/// Changes cases in one transaction, or none of them.
pub(crate) async fn change_all(
    door: &Door,
    visitor: &Visitor,
    ids: &[String],
    input: &CasePatchIn,
) -> Result<StatusCode, Fault> {
    if ids.len() > OBJECTS_MAX {
        return Err(Fault::field("ids", format!("too many: at most {OBJECTS_MAX} at once")));
    }
    let known = if input.custom_fields.is_some() { definitions(door).await? } else { Vec::new() };
    let mut work = Work::begin(door, visitor).await?;
    for id in ids {
        let case = find(&mut work, id).await?;
        change_one(&mut work, &case, input, &known).await?;
    }
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change_one(
    work: &mut Work<'_>,
    before: &Case,
    input: &CasePatchIn,
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
    let (mut alerts, mut tasks, mut verb) = (Vec::<Alert>::new(), Vec::<Task>::new(), Verb::Update);
    if let Some(word) = patch.word {
        if reopens_case(before, word) {
            work.require(before, REOPEN).await?;
            verb = Verb::Reopen;
        } else if closes_case(before, word) {
            alerts = work.all(on(before.id)).await?;
            tasks = work.all(on(before.id)).await?;
            verb = Verb::Close;
        }
    }
    let change = patch_desk_case(before, &alerts, &tasks, &patch, &work.by(), work.now)?;
    if change.case == *before {
        // A client that asks for what is so already must be one who might have changed it.
        return work.allow(before).await;
    }
    store_change(work, verb, before, &change, &alerts, &tasks).await
}

async fn remove(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    remove_case(&mut work, &case).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a case and what is on it. Its alerts are nobody's part again.
async fn remove_case(work: &mut Work<'_>, case: &Case) -> Result<(), Fault> {
    let alerts: Vec<Alert> = work.all(on(case.id)).await?;
    for alert in alerts {
        let free = release_alert(&alert, &work.by(), work.now);
        work.change(&alert, &free).await?;
    }
    work.remove(case).await
}

async fn unlink_alert(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, alert)): Path<(String, String)>,
) -> Result<StatusCode, Fault> {
    let mut work = Work::begin(&door, &visitor).await?;
    let case = find_own(&mut work, &id).await?;
    let found = crate::routes::alert::find(&mut work, &alert).await?;
    if found.case != Some(case.id) {
        return Err(Fault::not_found("Alert", &alert));
    }
    let free = release_alert(&found, &work.by(), work.now);
    work.change(&found, &free).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a custom field off a case. Its id names both.
async fn remove_field(
    State(door): State<Door>,
    visitor: Visitor,
    Path(field): Path<String>,
) -> Result<StatusCode, Fault> {
    let missing = || Fault::not_found("CustomField", &field);
    let (id, _) = field.split_once(':').ok_or_else(missing)?;
    let mut work = Work::begin(&door, &visitor).await?;
    let before = find(&mut work, id).await?;
    let mut fields = before.desk.fields.clone();
    fields.retain(|known| field_id(id, &known.name) != field);
    if fields.len() == before.desk.fields.len() {
        return Err(missing());
    }
    let patch = vigie_cases::CasePatch { fields: Some(fields), ..vigie_cases::CasePatch::default() };
    let change = patch_desk_case(&before, &[], &[], &patch, &work.by(), work.now)?;
    store_change(&mut work, Verb::Update, &before, &change, &[], &[]).await?;
    work.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
