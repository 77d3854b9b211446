//! Alerts: those of feeders, and those of our own findings, which look as if a feeder named `vigie` had sent them.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use vigie_cases::{AlertStage, AlertWord, alert_times, alert_word};
use vigie_model::{Alert, AlertStatus, Case, Comparison, Filter, Observable, Procedure, Selection, Stamp};

use super::fields::{definitions_for, show_fields};
use super::{Shape, Wire};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField, both, equals, is, not};
use crate::time::millis;
use crate::{Fault, Visitor};

/// The type of alerts that are made of our own findings.
pub(crate) const OWN_TYPE: &str = "vigie";

impl Wire for Alert {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("type", "origin_kind", FieldKind::Special(by_type)),
        QueryField::new("source", "source", FieldKind::Special(by_source)),
        QueryField::new("sourceRef", "reference", FieldKind::Special(by_reference)),
        QueryField::new("title", "title", FieldKind::Text),
        QueryField::new("severity", "severity", FieldKind::Severity),
        QueryField::new("date", "first_seen", FieldKind::Time),
        QueryField::new("lastSyncDate", "updated", FieldKind::Time),
        QueryField::new("tags", "tag", FieldKind::Text),
        QueryField::new("flag", "flag", FieldKind::Flag),
        QueryField::new("tlp", "tlp", FieldKind::Tlp),
        QueryField::new("pap", "pap", FieldKind::Pap),
        QueryField::new("follow", "unfollowed", FieldKind::Special(by_follow)),
        QueryField::new("status", "status", FieldKind::Special(by_status)),
        QueryField::new("stage", "status", FieldKind::Special(by_stage)),
        QueryField::new("assignee", "assignee", FieldKind::Text),
        QueryField::new("caseId", "case", FieldKind::Id),
        QueryField::new("case", "case", FieldKind::Id),
        QueryField::new("newDate", "created", FieldKind::Time),
        QueryField::new("inProgressDate", "acknowledged", FieldKind::Time),
        QueryField::new("importedDate", "imported", FieldKind::Time),
        QueryField::new("closedDate", "closed", FieldKind::Time),
        QueryField::new("organisation", "tenant", FieldKind::Tenant),
    ];

    async fn show(alerts: Vec<Self>, door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Vec<Value>, Fault> {
        let ids: Vec<String> = alerts.iter().map(|alert| alert.id.to_string()).collect();
        let observables = door.store.count_by::<Observable>(&visitor.scope, "alert", &ids).await?;
        let definitions = definitions_for(door, alerts.iter().map(|alert| alert.desk.fields.as_slice())).await?;
        let more = More::load(&alerts, &ids, door, visitor, extra).await?;
        let show = |alert: &Alert| {
            let fields = show_fields(&alert.id.wire(), &alert.desk.fields, &definitions);
            shape(alert)
                .with("observableCount", observables.get(&alert.id.to_string()).copied().unwrap_or(0))
                .with("customFields", fields)
                .with("extraData", more.of(alert, extra))
                .done()
        };
        Ok(alerts.iter().map(show).collect())
    }
}

/// Returns what clients see of an alert itself.
fn shape(alert: &Alert) -> Shape {
    let (word, times) = (alert_word(alert), alert_times(alert));
    let (kind, source, reference) = origin(alert);
    let description = if alert.description.is_empty() { &alert.rule.description } else { &alert.description };
    let summary = alert.desk.summary.clone().or_else(|| {
        alert.resolution.as_ref().map(|resolution| resolution.summary.clone()).filter(|summary| !summary.is_empty())
    });
    let span = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Shape::of(alert.id, "Alert", &stamp(alert))
        .with("type", kind)
        .with("source", source)
        .with("sourceRef", reference)
        .maybe("externalLink", alert.origin.as_ref().and_then(|origin| origin.link.clone()))
        .with("title", alert.title.as_str())
        .with("description", description.as_str())
        .severity(alert.severity)
        .with("date", millis(alert.first_seen))
        .with("tags", alert.tags.clone())
        .with("flag", alert.desk.flag)
        .tlp(alert.tlp)
        .pap(alert.pap)
        .with("follow", !alert.desk.unfollowed)
        .maybe("caseTemplate", alert.desk.template.clone())
        .maybe("caseId", alert.case.map(|case| case.wire()))
        .with("status", word.as_str())
        .with("stage", word.stage().as_str())
        .maybe("assignee", alert.assignee.clone())
        .maybe("summary", summary)
        .with("newDate", millis(alert.created))
        .maybe("inProgressDate", alert.acknowledged.map(millis))
        .maybe("importedDate", alert.desk.imported.map(millis))
        .maybe("closedDate", alert.closed.map(millis))
        .with("timeToDetect", span(times.detect))
        .maybe("timeToTriage", times.triage.map(span))
        .maybe("timeToAcknowledge", times.acknowledge.map(span))
        .maybe("timeToQualify", times.qualify.map(span))
}

/// Returns an alert's type, source and reference as clients see them.
pub(crate) fn origin(alert: &Alert) -> (&str, &str, String) {
    if let Some(origin) = &alert.origin {
        return (&origin.kind, &origin.source, origin.reference.clone());
    }
    let title = if alert.rule.title.is_empty() { alert.rule.id.as_str() } else { &alert.rule.title };
    (OWN_TYPE, title, alert.id.to_string())
}

/// Returns who made the alert and who changed it last. A finding that joined one of ours changed it too.
fn stamp(alert: &Alert) -> Stamp {
    let desk = &alert.desk;
    let by = desk.updated_by.clone().or_else(|| (alert.updated > alert.created).then(String::new));
    Stamp {
        created: alert.created,
        created_by: desk.created_by.clone(),
        updated: by.as_ref().map(|_| alert.updated),
        updated_by: by,
    }
}

/// What was asked for besides, loaded at once for all alerts.
#[derive(Default)]
struct More {
    cases: HashMap<vigie_model::CaseId, Case>,
    procedures: HashMap<String, u64>,
}

impl More {
    async fn load(
        alerts: &[Alert],
        ids: &[String],
        door: &Door,
        visitor: &Visitor,
        extra: &[String],
    ) -> Result<Self, Fault> {
        let asks = |names: &[&str]| extra.iter().any(|asked| names.contains(&asked.as_str()));
        let mut more = Self::default();
        if asks(&["caseNumber", "relatedCase"]) {
            let cases: Vec<_> = alerts.iter().filter_map(|alert| alert.case).collect();
            let values = cases.iter().map(|case| vigie_model::Value::Text(case.to_string())).collect();
            let filter = Filter::OneOf { name: "id".to_owned(), values };
            let found: Vec<Case> =
                door.store.select(&visitor.scope, &Selection::of(filter, cases.len() as u64)).await?;
            more.cases = found.into_iter().map(|case| (case.id, case)).collect();
        }
        if asks(&["procedureCount"]) {
            more.procedures = door.store.count_by::<Procedure>(&visitor.scope, "alert", ids).await?;
        }
        Ok(more)
    }

    fn of(&self, alert: &Alert, extra: &[String]) -> Value {
        let case = alert.case.and_then(|case| self.cases.get(&case));
        let mut data = Map::new();
        for asked in extra {
            let value = match asked.as_str() {
                "importDate" => json!(alert.desk.imported.map(millis)),
                "caseNumber" => json!(case.map(|case| case.number)),
                "relatedCase" => json!(case.map(|case| {
                    json!({"_id": case.id.wire(), "_type": "Case", "number": case.number, "title": case.title})
                })),
                "case" => json!(alert.case.map(|case| json!({"_id": case.wire()}))),
                "status" => {
                    let word = alert_word(alert);
                    json!({"value": word.as_str(), "stage": word.stage().as_str()})
                }
                "procedureCount" => json!(self.procedures.get(&alert.id.to_string()).unwrap_or(&0)),
                _ => continue,
            };
            data.insert(asked.clone(), value);
        }
        Value::Object(data)
    }
}

fn text(field: &str, value: &Value) -> Result<String, Fault> {
    value.as_str().map(str::to_owned).ok_or_else(|| Fault::bad(format!("the value of {field} is not a text")))
}

fn none(field: &str) -> Filter {
    not(Filter::Exists(field.to_owned()))
}

fn by_type(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let text = text("type", value)?;
    let is_own = match comparison {
        Comparison::Like => crate::query::matches(&text, OWN_TYPE),
        _ => text.eq_ignore_ascii_case(OWN_TYPE),
    };
    let theirs = is("origin_kind", comparison, vigie_model::Value::Text(text));
    Ok(if is_own { Filter::Or(vec![theirs, none("origin_kind")]) } else { theirs })
}

fn by_source(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let text = vigie_model::Value::Text(text("source", value)?);
    let own = both(none("source"), is("rule_title", comparison, text.clone()));
    Ok(Filter::Or(vec![is("source", comparison, text), own]))
}

fn by_reference(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let text = vigie_model::Value::Text(text("sourceRef", value)?);
    let own = both(none("reference"), is("id", comparison, text.clone()));
    Ok(Filter::Or(vec![is("reference", comparison, text), own]))
}

fn by_follow(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let follow = value.as_bool().filter(|_| comparison == Comparison::Equal);
    let follow = follow.ok_or_else(|| Fault::bad("follow is true or false: compare it with _eq or _ne"))?;
    Ok(is("unfollowed", Comparison::Equal, vigie_model::Value::Bool(!follow)))
}

fn by_status(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let asked = text("status", value)?;
    Ok(any_of(AlertWord::ALL, |word| match comparison {
        Comparison::Like => crate::query::matches(&asked, word.as_str()),
        _ => AlertWord::of(&asked) == Some(word),
    }))
}

fn by_stage(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let asked = text("stage", value)?;
    Ok(any_of(AlertWord::ALL, |word| match comparison {
        Comparison::Like => crate::query::matches(&asked, word.stage().as_str()),
        _ => word.stage().as_str().eq_ignore_ascii_case(&asked),
    }))
}

/// Returns the filter for alerts whose word is one of these.
fn any_of(words: impl IntoIterator<Item = AlertWord>, wanted: impl Fn(AlertWord) -> bool) -> Filter {
    Filter::Or(words.into_iter().filter(|word| wanted(*word)).map(in_words).collect())
}

/// Returns the filter for alerts that are called so: [`alert_word`], the other way round.
fn in_words(word: AlertWord) -> Filter {
    let said = equals("label", word.as_str());
    let status = |status: AlertStatus| both(none("case"), equals("status", status.as_str()));
    let plain = match word.stage() {
        AlertStage::Imported => Filter::Exists("case".to_owned()),
        AlertStage::New => status(AlertStatus::New),
        // What waits, and what is something else, is said by its label alone.
        AlertStage::InProgress if word == AlertWord::Pending => return said,
        AlertStage::InProgress => status(AlertStatus::InProgress),
        AlertStage::Closed if word == AlertWord::Other => both(status(AlertStatus::Closed), none("verdict")),
        AlertStage::Closed => {
            let verdict = word.verdict().map(|verdict| serde_json::to_value(verdict).unwrap_or_default());
            let verdict = verdict.as_ref().and_then(Value::as_str).unwrap_or_default();
            both(status(AlertStatus::Closed), equals("verdict", verdict))
        }
    };
    Filter::Or(vec![said, both(none("label"), plain)])
}
