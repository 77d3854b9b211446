//! Alerts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_cases::{
    GivenField, ProcedureEdit, WazuhFacts, alert_word, is_wazuh, learn_observables, repeated, sender_rule, set_fields,
    severity_of_level, wazuh_facts,
};
use vigie_model::{Alert, Observable, Parent, Selection};

use super::artifact::ArtifactIn;
use super::shape;
use crate::body::Form;
use crate::door::Door;
use crate::query::equals;
use crate::route::{Route, delete, get, patch, post};
use crate::routes::alert::{self, create};
use crate::routes::observable::{Given, Types, about, gather, place, put};
use crate::routes::procedure;
use crate::wire::alert_in::{AlertIn, AlertPatchIn};
use crate::wire::fields::{FieldsIn, definitions};
use crate::wire::observable_in::ObservableIn;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn};
use crate::wire::{Wire as _, show};
use crate::work::Work;
use crate::{Fault, Visitor};

/// How many observables an alert shows.
const ARTIFACTS_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    const UPDATE: &str = "manageAlert/update";
    vec![
        post("/api/alert", "manageAlert/create", create),
        get("/api/alert/{id}", read),
        patch("/api/alert/{id}", UPDATE, change),
        delete("/api/alert/{id}", "manageAlert/delete", alert::remove),
        post("/api/alert/{id}/markAsRead", UPDATE, mark_as_read),
        post("/api/alert/{id}/markAsUnread", UPDATE, mark_as_unread),
        post("/api/alert/{id}/follow", UPDATE, follow),
        post("/api/alert/{id}/unfollow", UPDATE, unfollow),
    ]
}

/// A new alert as old clients send it: any field but the first four may be null.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldAlertIn {
    #[serde(rename = "type")]
    kind: String,
    source: String,
    source_ref: String,
    title: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    external_link: Option<String>,
    #[serde(default)]
    severity: Option<SeverityIn>,
    #[serde(default)]
    date: Option<Value>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    tlp: Option<TlpIn>,
    #[serde(default)]
    pap: Option<PapIn>,
    #[serde(default)]
    custom_fields: Option<FieldsIn>,
    #[serde(default)]
    case_template: Option<String>,
    #[serde(default)]
    artifacts: Option<Vec<ArtifactIn>>,
}

impl OldAlertIn {
    /// Returns the alert as version 1 takes it, but for its observables.
    fn now(self) -> AlertIn {
        AlertIn {
            kind: self.kind,
            source: self.source,
            source_ref: self.source_ref,
            external_link: self.external_link,
            title: self.title,
            description: self.description.unwrap_or_default(),
            severity: self.severity,
            date: self.date.filter(|date| !date.is_null()),
            tags: self.tags,
            flag: None,
            tlp: self.tlp,
            pap: self.pap,
            custom_fields: self.custom_fields,
            summary: None,
            status: None,
            assignee: None,
            case_template: self.case_template,
            observables: None,
            procedures: None,
        }
    }
}

async fn create(State(door): State<Door>, visitor: Visitor, mut form: Form) -> Result<Response, Fault> {
    let mut old: OldAlertIn = form.value()?;
    let mut observables = Vec::new();
    for (index, artifact) in old.artifacts.take().unwrap_or_default().into_iter().enumerate() {
        observables.push(artifact.now(&door, &mut form, &format!("artifacts[{index}]")).await?);
    }
    let mut input = old.now();
    let tags = input.tags.as_deref().unwrap_or_default();
    let facts = is_wazuh(&input.kind, &input.source).then(|| wazuh_facts(tags, &input.description));
    if let Some(facts) = &facts {
        observables.extend(agent_of(facts));
        input.severity = facts.level.map(|level| SeverityIn(severity_of_level(level))).or(input.severity);
    }
    let given = gather(&door, &visitor, observables, &mut form, ("artifacts", Types::Any)).await?;
    let fields = fields_of(&door, &input, facts.as_ref()).await?;
    let alert = create::with_work(&door, &visitor, given, move |work, given| {
        let (input, fields, facts) = (input.clone(), fields.clone(), facts.clone());
        Box::pin(async move {
            if let Some(facts) = &facts {
                return from_wazuh(work, input, fields, given, facts).await;
            }
            let new = create::draft(work, input, fields)?;
            create::raise(work, new, given).await
        })
    })
    .await?;
    let shown = create::as_created(alert.clone(), &door, &visitor).await?;
    Ok((StatusCode::CREATED, Json(with_artifacts(&shown, &alert, &door, &visitor).await?)).into_response())
}

/// Returns the agent as observables: what an alert is about, and Wazuh's integration leaves in tags.
fn agent_of(facts: &WazuhFacts) -> Vec<ObservableIn> {
    let observable = |data_type: &str, data: &str| ObservableIn {
        data_type: data_type.to_owned(),
        data: Some(crate::wire::observable_in::Several::One(data.to_owned())),
        tags: Some(vec!["agent".to_owned()]),
        ..ObservableIn::default()
    };
    let address = facts.agent_address.as_deref().filter(|text| {
        text.parse::<std::net::IpAddr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
    });
    let name = facts.agent.as_deref().map(|name| observable("hostname", name));
    name.into_iter().chain(address.map(|address| observable("ip", address))).collect()
}

/// Returns the custom fields of an alert: those sent, and of Wazuh's those that somebody has defined a field for.
async fn fields_of(
    door: &Door,
    input: &AlertIn,
    facts: Option<&WazuhFacts>,
) -> Result<Vec<vigie_model::NamedValue>, Fault> {
    let mut given = input.custom_fields.clone().unwrap_or_default().0;
    if given.is_empty() && facts.is_none() {
        return Ok(Vec::new());
    }
    let known = definitions(door).await?;
    let Some(facts) = facts else { return Ok(set_fields(&[], &given, &known)?) };
    let said = [
        ("agent_name", facts.agent.clone().map(Value::from)),
        ("agent_id", facts.agent_id.clone().map(Value::from)),
        ("agent_ip", facts.agent_address.clone().map(Value::from)),
        ("rule_id", facts.rule.clone().map(Value::from)),
        ("rule_level", facts.level.map(Value::from)),
    ];
    let mut fields = set_fields(&[], &given, &known)?;
    for (name, value) in said {
        let (Some(value), true) = (value, known.iter().any(|field| field.name == name)) else { continue };
        given.clear();
        given.push(GivenField { name: name.to_owned(), value, position: None });
        // A field of another type, or with other options, is not meant for this.
        fields = set_fields(&fields, &given, &known).unwrap_or(fields);
    }
    Ok(fields)
}

/// Saves an alert of Wazuh, or counts it where it tells of the same again.
async fn from_wazuh(
    work: &mut Work<'_>,
    input: AlertIn,
    fields: Vec<vigie_model::NamedValue>,
    given: Vec<Given>,
    facts: &WazuhFacts,
) -> Result<Alert, Fault> {
    let mut new = create::draft(work, input, fields)?;
    let rule = facts.rule.clone().unwrap_or_else(|| new.title.clone());
    new.key = facts.key(&about(work, &given)?);
    let latest = work.tx.latest_alert(&new.tenant, &sender_rule(&new.origin.source, &rule), &new.key).await?;
    if let Some(latest) = &latest {
        if let Some(after) = repeated(latest, new.date, work.now) {
            work.change(latest, &after).await?;
            return Ok(after);
        }
        new.generation = latest.generation + 1;
    }
    // The reference is six random digits: another alert may have the same.
    if work.tx.alert_of_origin(&new.tenant, &new.origin).await?.is_some() {
        let unique: vigie_model::AlertId = work.id();
        // Its end: all of a day begin alike.
        new.origin.reference = format!("{}-{}", new.origin.reference, &unique.to_string()[24..]);
    }
    new.rule = Some((rule, new.title.clone()));
    let occurred = new.date;
    let alert = create::raise(work, new, given).await?;
    let edit = |(technique, tactic): &(String, Option<String>)| ProcedureEdit {
        technique: technique.clone(),
        tactic: tactic.clone(),
        occurred,
        description: None,
    };
    let edits = facts.techniques.iter().map(edit).collect();
    procedure::put(work, alert.id.into(), &alert.tenant, edits).await?;
    Ok(alert)
}

async fn with_artifacts(shown: &Value, alert: &Alert, door: &Door, visitor: &Visitor) -> Result<Value, Fault> {
    let selection = Selection::of(equals("alert", alert.id.to_string()), ARTIFACTS_MAX);
    let observables: Vec<Observable> = door.store.select(&visitor.scope, &selection).await?;
    Ok(shape::alert(shown, &Observable::show(observables, door, visitor, &[]).await?))
}

async fn read(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    let alert = alert::look_up(&door, &visitor, &id).await?;
    let shown = show(alert.clone(), &door, &visitor).await?;
    Ok(Json(with_artifacts(&shown, &alert, &door, &visitor).await?))
}

#[derive(Deserialize)]
struct Artifacts {
    #[serde(default)]
    artifacts: Option<Vec<ArtifactIn>>,
}

async fn change(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Json<Value>, Fault> {
    let mut body: Value = form.value()?;
    if let Some(status) = body.get_mut("status") {
        *status = match status.as_str() {
            Some("Updated") => json!("InProgress"),
            // An alert becomes so by its case; old clients send back what they got.
            Some("Imported") => Value::Null,
            _ => status.take(),
        };
    }
    let Artifacts { artifacts } = form.value()?;
    let mut observables = Vec::new();
    for (index, artifact) in artifacts.unwrap_or_default().into_iter().enumerate() {
        observables.push(artifact.now(&door, &mut form, &format!("artifacts[{index}]")).await?);
    }
    let given = gather(&door, &visitor, observables, &mut form, ("artifacts", Types::Any)).await?;
    let input: AlertPatchIn = crate::body::parse(body.to_string().as_bytes())?;
    let known = if input.custom_fields.is_some() { definitions(&door).await? } else { Vec::new() };
    let mut work = Work::begin(&door, &visitor).await?;
    let before = alert::find(&mut work, &id).await?;
    alert::change_one(&mut work, &before, &input, &known).await?;
    if !given.is_empty() {
        let before = alert::find(&mut work, &id).await?;
        let placed = place(&mut work, Parent::Alert(before.id), &before.tenant, given).await?;
        let created = put(&mut work, placed).await?;
        if !created.is_empty() {
            let after = learn_observables(&before, &created, &work.by(), work.now);
            work.change(&before, &after).await?;
        }
    }
    work.commit().await?;
    read(State(door), visitor, Path(id)).await
}

async fn mark_as_read(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    set_read(door, visitor, id, "Ignored").await
}

async fn mark_as_unread(
    State(door): State<Door>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    set_read(door, visitor, id, "New").await
}

/// Sets the status of an alert that is part of no case.
async fn set_read(door: Door, visitor: Visitor, id: String, status: &str) -> Result<Json<Value>, Fault> {
    let alert = alert::look_up(&door, &visitor, &id).await?;
    if alert.case.is_none() && alert_word(&alert).as_str() != status {
        let input: AlertPatchIn = crate::body::parse(json!({"status": status}).to_string().as_bytes())?;
        alert::change_all(&door, &visitor, std::slice::from_ref(&id), &input).await?;
    }
    read(State(door), visitor, Path(id)).await
}

async fn follow(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    alert::change_all(&door, &visitor, std::slice::from_ref(&id), &AlertPatchIn::following(true)).await?;
    read(State(door), visitor, Path(id)).await
}

async fn unfollow(State(door): State<Door>, visitor: Visitor, Path(id): Path<String>) -> Result<Json<Value>, Fault> {
    alert::change_all(&door, &visitor, std::slice::from_ref(&id), &AlertPatchIn::following(false)).await?;
    read(State(door), visitor, Path(id)).await
}
