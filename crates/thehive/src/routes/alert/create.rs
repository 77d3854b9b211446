//! New alerts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures_util::future::BoxFuture;
use serde_json::Value;
use vigie_cases::{NewAlert, ProcedureEdit, entities_of, new_alert, set_fields};
use vigie_model::{Alert, AlertId, AlertOrigin, NamedValue, Pap, Parent, Tlp};

use super::word_of;
use crate::body::Form;
use crate::door::Door;
use crate::routes::observable::{Given, Types, gather, place, put};
use crate::routes::procedure;
use crate::wire::alert_in::AlertIn;
use crate::wire::fields::definitions;
use crate::wire::procedure::ProcedureIn;
use crate::wire::rank::USUAL_SEVERITY;
use crate::wire::show;
use crate::work::{Work, grouped, member};
use crate::{Fault, Visitor};

pub(super) async fn create(State(door): State<Door>, visitor: Visitor, mut form: Form) -> Result<Response, Fault> {
    let mut input: AlertIn = form.value()?;
    let observables = input.observables.take().unwrap_or_default();
    let procedures = input.procedures.take().unwrap_or_default();
    let procedures: Vec<ProcedureEdit> = procedures.into_iter().map(ProcedureIn::edit).collect::<Result<_, Fault>>()?;
    let given = gather(&door, &visitor, observables, &mut form, ("observables", Types::Known)).await?;
    let fields = match &input.custom_fields {
        Some(fields) if !fields.0.is_empty() => set_fields(&[], &fields.0, &definitions(&door).await?)?,
        _ => Vec::new(),
    };
    if let Some(name) = &input.assignee {
        input.assignee = Some(member(&door, &visitor, "assignee", name).await?);
    }
    let alert = with_work(&door, &visitor, given, move |work, given| {
        let (input, fields, procedures) = (input.clone(), fields.clone(), procedures.clone());
        Box::pin(async move {
            let new = draft(work, input, fields)?;
            let alert = raise(work, new, given).await?;
            procedure::put(work, alert.id.into(), &alert.tenant, procedures).await?;
            Ok(alert)
        })
    })
    .await?;
    Ok((StatusCode::CREATED, Json(as_created(alert, &door, &visitor).await?)).into_response())
}

/// Makes a change with observables. Where none of them is a file, it shares its commit with others: feeders send many alerts
/// at once.
pub(crate) async fn with_work<T, F>(door: &Door, visitor: &Visitor, given: Vec<Given>, change: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: for<'w> Fn(&'w mut Work<'_>, Vec<Given>) -> BoxFuture<'w, Result<T, Fault>> + Send + Sync + 'static,
{
    if let Some(texts) = given.iter().map(Given::without_files).collect::<Option<Vec<_>>>() {
        return grouped(door, visitor, move |work| {
            // What has no files can be read again.
            let texts = texts.iter().filter_map(Given::without_files).collect();
            change(work, texts)
        })
        .await;
    }
    let mut work = Work::begin(door, visitor).await?;
    let result = change(&mut work, given).await?;
    work.commit().await?;
    Ok(result)
}

/// Returns what an alert is to be made of, without its observables.
pub(crate) fn draft(work: &Work<'_>, input: AlertIn, fields: Vec<NamedValue>) -> Result<NewAlert, Fault> {
    let date = input.date(work.now)?;
    let trimmed = |text: &str| text.trim().to_owned();
    Ok(NewAlert {
        // Said by `raise`.
        id: AlertId::from_bytes([0; 16]),
        tenant: work.visitor.tenant.id.clone(),
        origin: AlertOrigin {
            kind: trimmed(&input.kind),
            source: trimmed(&input.source),
            reference: trimmed(&input.source_ref),
            link: input.external_link,
        },
        title: input.title,
        description: input.description,
        severity: input.severity.map_or(USUAL_SEVERITY, |severity| severity.0),
        date,
        tags: input.tags.unwrap_or_default(),
        flag: input.flag.unwrap_or(false),
        tlp: input.tlp.map_or(Tlp::default(), |tlp| tlp.0),
        pap: input.pap.map_or(Pap::default(), |pap| pap.0),
        summary: input.summary,
        word: word_of(input.status.as_deref())?,
        assignee: input.assignee,
        template: input.case_template,
        fields,
        rule: None,
        entities: Vec::new(),
        key: Vec::new(),
        generation: 1,
        by: work.by(),
        now: work.now,
    })
}

/// Saves a new alert with its observables, under an id of its own.
///
/// # Errors
/// Where the tenant has one of the same type, source and reference.
pub(crate) async fn raise(work: &mut Work<'_>, mut new: NewAlert, given: Vec<Given>) -> Result<Alert, Fault> {
    if work.tx.alert_of_origin(&new.tenant, &new.origin).await?.is_some() {
        let AlertOrigin { kind, source, reference, .. } = &new.origin;
        return Err(Fault::create(format!("there is an alert {kind};{source};{reference} already")));
    }
    new.id = work.id();
    let placed = place(work, Parent::Alert(new.id), &new.tenant, given).await?;
    new.entities = entities_of(&placed.observables);
    let mut alert = new_alert(new)?;
    // What is put on an alert changes it.
    alert.desk.updated_by = (!placed.observables.is_empty()).then(|| work.by());
    work.create(&alert).await?;
    put(work, placed).await?;
    Ok(alert)
}

/// Returns how clients see an alert that was just made: nobody has changed it, whatever was put on it.
pub(crate) async fn as_created(mut alert: Alert, door: &Door, visitor: &Visitor) -> Result<Value, Fault> {
    alert.desk.updated_by = None;
    show(alert, door, visitor).await
}
