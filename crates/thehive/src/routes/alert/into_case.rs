//! Alerts that come into cases: a new one, or one that is there.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{AlertFile, AlertImport, Brought, GivenField, Manner, import_alerts};
use vigie_model::{
    Alert, Attachment, AttachmentOwner, Case, Comment, Filter, Observable, Parent, Procedure, Value as ModelValue, Verb,
};
use vigie_store::Object;

use super::find;
use crate::body::Form;
use crate::door::Door;
use crate::query::{both, equals};
use crate::route::{Route, post};
use crate::routes::case::{self, create as opening, find_template, shares};
use crate::time::millis;
use crate::wire::case::input::CaseIn;
use crate::wire::fields::{FieldsIn, show_value};
use crate::wire::page::PageIn;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn};
use crate::wire::share::ShareIn;
use crate::wire::show;
use crate::wire::task::TaskIn;
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many alerts come into a case at once.
pub(crate) const ALERTS_MAX: usize = 100;
const IMPORT: &str = "manageAlert/import";

pub(super) fn routes() -> Vec<Route> {
    vec![
        post("/api/v1/alert/merge/_bulk", IMPORT, merge_several),
        post("/api/v1/alert/{id}/case", IMPORT, promote),
        post("/api/v1/alert/{id}/merge/{case}", IMPORT, merge),
        post("/api/v1/alert/{id}/import/{case}", IMPORT, import),
    ]
}

/// What a case is to have that is opened from an alert; the rest it has from the alert.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PromotionIn {
    title: Option<String>,
    description: Option<String>,
    severity: Option<SeverityIn>,
    start_date: Option<Value>,
    end_date: Option<Value>,
    tags: Option<Vec<String>>,
    flag: Option<bool>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    status: Option<String>,
    summary: Option<String>,
    assignee: Option<String>,
    custom_fields: Option<FieldsIn>,
    pub(crate) case_template: Option<String>,
    tasks: Option<Vec<TaskIn>>,
    pages: Option<Vec<PageIn>>,
    sharing_parameters: Option<Vec<ShareIn>>,
}

async fn promote(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    // A program may send nothing at all.
    let input = if form.is_empty() { PromotionIn::default() } else { form.value()? };
    let mut work = Work::begin(&door, &visitor).await?;
    let case = open_of(&mut work, &id, input).await?;
    work.commit().await?;
    Ok((StatusCode::CREATED, Json(show(case, &door, &visitor).await?)).into_response())
}

/// Opens a case of an alert and brings into it what is on the alert.
pub(crate) async fn open_of(work: &mut Work<'_>, id: &str, input: PromotionIn) -> Result<Case, Fault> {
    const NEEDED: &str = "manageCase/create";
    if !work.visitor.may(NEEDED) {
        return Err(Fault::forbidden(format!("opening a case of an alert needs the permission {NEEDED}")));
    }
    let alert = find(work, id).await?;
    if let Some(case) = alert.case {
        let case: Option<Case> = work.tx.get(&work.visitor.scope, &case.to_string()).await?;
        let number = case.map_or_else(String::new, |case| format!(" #{}", case.number));
        return Err(Fault::create(format!("the alert is part of case{number} already")));
    }
    let shares = input.sharing_parameters.clone().unwrap_or_default();
    let input = case_of(work, &alert, input).await?;
    let opening = opening::opening(work, input).await?;
    let case = opening::open(work, opening).await?;
    shares::add(work, &case, &shares).await?;
    bring(work, &case, vec![alert], Manner::Import).await
}

/// Returns the case that an alert asks for.
async fn case_of(work: &mut Work<'_>, alert: &Alert, input: PromotionIn) -> Result<CaseIn, Fault> {
    let template = match (input.case_template, &alert.desk.template) {
        (Some(name), _) => Some(name),
        // A feeder may have named one that there is not; the alert is not to be stuck for that.
        (None, Some(name)) => find_template(work, name).await.ok().map(|_| name.clone()),
        (None, None) => None,
    };
    let assignee = match (input.assignee, &alert.assignee) {
        (Some(name), _) => Some(name),
        // A user may have gone since.
        (None, Some(name)) => work.member("assignee", name).await.ok(),
        (None, None) => None,
    };
    let own = alert.desk.fields.iter().map(|field| GivenField {
        name: field.name.clone(),
        value: field.value.as_ref().map_or(Value::Null, show_value),
        position: Some(field.position),
    });
    let fields = own.chain(input.custom_fields.unwrap_or_default().0).collect();
    let description = if alert.description.is_empty() { &alert.rule.description } else { &alert.description };
    Ok(CaseIn {
        title: input.title.unwrap_or_else(|| alert.title.clone()),
        description: input.description.unwrap_or_else(|| description.clone()),
        severity: input.severity.or(Some(SeverityIn(alert.severity))),
        start_date: input.start_date.or_else(|| Some(millis(alert.first_seen).into())),
        end_date: input.end_date,
        tags: input.tags.or_else(|| Some(alert.tags.clone())),
        flag: input.flag.or(Some(alert.desk.flag)),
        tlp: input.tlp.or(Some(TlpIn(alert.tlp))),
        pap: input.pap.or(Some(PapIn(alert.pap))),
        status: input.status,
        summary: input.summary,
        impact_status: None,
        assignee,
        access: None,
        custom_fields: Some(FieldsIn(fields)),
        case_template: template,
        tasks: input.tasks,
        pages: input.pages,
        sharing_parameters: None,
    })
}

async fn merge(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, case)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    into(&door, &visitor, &[id], &case, Manner::Merge).await
}

async fn import(
    State(door): State<Door>,
    visitor: Visitor,
    Path((id, case)): Path<(String, String)>,
) -> Result<Json<Value>, Fault> {
    into(&door, &visitor, &[id], &case, Manner::Import).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MergeIn {
    case_id: String,
    alert_ids: Vec<String>,
}

async fn merge_several(State(door): State<Door>, visitor: Visitor, form: Form) -> Result<Json<Value>, Fault> {
    let MergeIn { case_id, alert_ids } = form.value()?;
    into(&door, &visitor, &alert_ids, &case_id, Manner::Merge).await
}

async fn into(
    door: &Door,
    visitor: &Visitor,
    ids: &[String],
    case: &str,
    manner: Manner,
) -> Result<Json<Value>, Fault> {
    let mut work = Work::begin(door, visitor).await?;
    let case = bring_into(&mut work, ids, case, manner).await?;
    work.commit().await?;
    Ok(Json(show(case, door, visitor).await?))
}

/// Brings alerts into a case that is there.
pub(crate) async fn bring_into(work: &mut Work<'_>, ids: &[String], case: &str, manner: Manner) -> Result<Case, Fault> {
    if ids.len() > ALERTS_MAX {
        return Err(Fault::field("alertIds", format!("too many: at most {ALERTS_MAX} at once")));
    }
    let case = case::find(work, case).await?;
    let mut alerts: Vec<Alert> = Vec::new();
    for id in ids {
        let alert = find(work, id).await?;
        // The same alert may be named twice.
        if alerts.iter().all(|known| known.id != alert.id) {
            alerts.push(alert);
        }
    }
    bring(work, &case, alerts, manner).await
}

/// Brings alerts into a case with all that is on them, in the transaction that is open. Returns the case after.
async fn bring(work: &mut Work<'_>, case: &Case, alerts: Vec<Alert>, manner: Manner) -> Result<Case, Fault> {
    let files = load(work, alerts).await?;
    let values = files.iter().flat_map(|file| &file.observables);
    let values = values.map(|observable| ModelValue::Text(observable.value.clone())).collect();
    let same = Filter::OneOf { name: "value".to_owned(), values };
    let known: Vec<Observable> = work.all(both(equals("case", case.id.to_string()), same)).await?;
    let (by, now) = (work.by(), work.now);
    let import = AlertImport { case, observables: &known, alerts: &files, manner, by: &by, now };
    let brought = import_alerts(&import)?;
    store(work, case, &files, brought).await
}

async fn load(work: &mut Work<'_>, alerts: Vec<Alert>) -> Result<Vec<AlertFile>, Fault> {
    let on = one_of("alert", alerts.iter().map(|alert| alert.id.to_string()));
    let observables: Vec<Observable> = work.all(on.clone()).await?;
    let procedures: Vec<Procedure> = work.all(on.clone()).await?;
    let comments: Vec<Comment> = work.all(on.clone()).await?;
    let samples = observables.iter().filter(|observable| observable.attachment.is_some());
    let samples = one_of("observable", samples.map(|observable| observable.id.to_string()));
    let attachments: Vec<Attachment> = work.all(Filter::Or(vec![on, samples])).await?;
    let file = |alert: Alert| {
        let is_here = |on: Parent| on == Parent::Alert(alert.id);
        let observables: Vec<Observable> = observables.iter().filter(|one| is_here(one.on)).cloned().collect();
        let hangs = |owner: AttachmentOwner| match owner {
            AttachmentOwner::Alert(id) => id == alert.id,
            AttachmentOwner::Observable(id) => observables.iter().any(|one| one.id == id),
            AttachmentOwner::Case(_) | AttachmentOwner::Log(_) | AttachmentOwner::Tenant => false,
        };
        AlertFile {
            procedures: procedures.iter().filter(|one| is_here(one.on)).cloned().collect(),
            comments: comments.iter().filter(|one| is_here(one.on)).cloned().collect(),
            attachments: attachments.iter().filter(|one| hangs(one.owner)).cloned().collect(),
            observables,
            alert,
        }
    };
    Ok(alerts.into_iter().map(file).collect())
}

async fn store(work: &mut Work<'_>, case: &Case, files: &[AlertFile], brought: Brought) -> Result<Case, Fault> {
    work.change_as(Verb::Merge, case, &brought.case).await?;
    for after in &brought.alerts {
        if let Some(before) = files.iter().find(|file| file.alert.id == after.id) {
            work.change_as(Verb::Merge, &before.alert, after).await?;
        }
    }
    work.create_all(&brought.observables).await?;
    for (before, after) in &brought.changed {
        work.change(before, after).await?;
    }
    create_new(work, brought.procedures).await?;
    create_new(work, brought.comments).await?;
    create_new(work, brought.attachments).await?;
    work.tx.add_timeline(&brought.timeline).await?;
    Ok(brought.case)
}

/// Makes those of the objects that are not there.
async fn create_new<T: Object + Clone>(work: &mut Work<'_>, objects: Vec<T>) -> Result<(), Fault> {
    let known: Vec<T> = work.all(one_of("id", objects.iter().map(T::key))).await?;
    let is_new = |object: &T| known.iter().all(|known| known.key() != object.key());
    let new: Vec<T> = objects.into_iter().filter(is_new).collect();
    work.create_all(&new).await
}

fn one_of(name: &str, ids: impl Iterator<Item = String>) -> Filter {
    Filter::OneOf { name: name.to_owned(), values: ids.map(ModelValue::Text).collect() }
}
