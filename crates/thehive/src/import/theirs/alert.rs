//! Alerts.

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{AlertPast, AlertWord, NewAlert, restored_alert};
use vigie_model::{Alert, AlertId, AlertOrigin, Case, CaseId, Timestamp};
use vigie_store::{StoreError, Tx};

use super::field::values_of;
use super::{Millis, Reading, Unread, id_of, keeping_tag, listed, stamp_of, time, typed};
use crate::import::find::{by_field, texts};
use crate::import::kind::{Draft, Kind, Standing};
use crate::import::naming::Place;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn, USUAL_SEVERITY};

/// Alerts.
pub(in crate::import) struct Alerts;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputAlert {
    #[serde(rename = "type")]
    kind: String,
    source: String,
    source_ref: String,
    external_link: Option<String>,
    title: String,
    description: Option<String>,
    severity: Option<SeverityIn>,
    date: Option<Millis>,
    tags: Option<Vec<String>>,
    flag: Option<bool>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    follow: Option<bool>,
    custom_fields: Option<Value>,
    case_template: Option<String>,
    case_id: Option<String>,
    status: Option<String>,
    stage: Option<String>,
    assignee: Option<String>,
    summary: Option<String>,
    in_progress_date: Option<Millis>,
    closed_date: Option<Millis>,
    imported_date: Option<Millis>,
}

impl Kind for Alerts {
    type Object = Alert;
    const NAME: &'static str = "alerts";
    const LIST: &'static [&'static str] = &["listAlert"];

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Alert>, Unread> {
        let (theirs, stamp) = (id_of(row)?, stamp_of(row)?);
        let read: OutputAlert = typed(row)?;
        let fields = values_of(read.custom_fields.as_ref(), reading.fields);
        let mut tags = listed(read.tags);
        let (word, other) = word_of(read.status.as_deref(), read.stage.as_deref(), read.case_id.is_some());
        tags.extend(other.map(|other| keeping_tag("status", other)));
        let new = NewAlert {
            id: AlertId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            origin: AlertOrigin {
                kind: read.kind,
                source: read.source,
                reference: read.source_ref,
                link: read.external_link.filter(|link| !link.is_empty()),
            },
            title: read.title,
            description: read.description.unwrap_or_default(),
            severity: read.severity.map_or(USUAL_SEVERITY, |severity| severity.0),
            date: time(read.date).unwrap_or(stamp.created),
            tags,
            flag: read.flag.unwrap_or_default(),
            tlp: read.tlp.map(|tlp| tlp.0).unwrap_or_default(),
            pap: read.pap.map(|pap| pap.0).unwrap_or_default(),
            summary: read.summary,
            word,
            assignee: read.assignee.filter(|name| !name.is_empty()),
            template: read.case_template.filter(|name| !name.is_empty()),
            fields: fields.values,
            rule: None,
            key: Vec::new(),
            generation: 0,
            entities: Vec::new(),
            by: stamp.created_by,
            now: stamp.created,
        };
        let past = AlertPast {
            case: read.case_id.as_deref().map(|case| CaseId::derive(reading.naming.parts(case))),
            acknowledged: time(read.in_progress_date),
            imported: time(read.imported_date),
            closed: time(read.closed_date),
            unfollowed: read.follow == Some(false),
            updated: stamp.updated.map(|time| (time, stamp.updated_by.unwrap_or_default())),
        };
        Ok(Draft { left_out: fields.left_out, ..Draft::new(theirs, restored_alert(new, past)) })
    }

    fn updated(alert: &Alert) -> Option<Timestamp> {
        Some(alert.updated)
    }

    /// What the alert is about came with its observables.
    fn over(before: &Alert, alert: Alert) -> Alert {
        Alert {
            entities: before.entities.clone(),
            generation: before.generation,
            key: before.key.clone(),
            rule: before.rule.clone(),
            version: before.version + 1,
            ..alert
        }
    }

    /// A tenant has one alert of a kind, source and reference: a feeder that sends to both houses may have sent it here
    /// already. An alert whose case is not here comes without it.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<Alert>], _: Option<&Place>) -> Result<(), StoreError> {
        let references = drafts.iter().filter_map(|draft| draft.object.origin.as_ref()).map(|origin| &origin.reference);
        let known: Vec<Alert> = by_field(tx, "reference", texts(references)).await?;
        let cases = texts(drafts.iter().filter_map(|draft| draft.object.case));
        let cases: Vec<Case> = by_field(tx, "id", cases).await?;
        for draft in drafts {
            let own = &mut draft.object;
            let is_same = |known: &&Alert| known.tenant == own.tenant && is_named(known, own.origin.as_ref());
            if known.iter().find(is_same).is_some_and(|known| known.id != own.id) {
                draft.standing = Standing::Named;
            }
            let is_its_case = |case: &Case| Some(case.id) == own.case && case.tenant == own.tenant;
            if own.case.is_some() && !cases.iter().any(is_its_case) {
                own.case = None;
                draft.left_out.push(Unread::new("caseId", "its case is not here, so it comes without one"));
            }
        }
        Ok(())
    }
}

/// Returns whether an alert came from there.
pub(in crate::import) fn is_named(alert: &Alert, origin: Option<&AlertOrigin>) -> bool {
    let name = |origin: &AlertOrigin| (origin.kind.clone(), origin.source.clone(), origin.reference.clone());
    alert.origin.as_ref().map(name) == origin.map(name)
}

/// Returns the word for where an alert is, and the source's own where it is none that we have: then the stage says it.
fn word_of<'a>(status: Option<&'a str>, stage: Option<&str>, is_in_case: bool) -> (AlertWord, Option<&'a str>) {
    if let Some(word) = status.and_then(AlertWord::of) {
        return (word, None);
    }
    let word = match stage {
        Some("InProgress") => AlertWord::InProgress,
        Some("Imported") => AlertWord::Imported,
        Some("Closed") => AlertWord::Other,
        _ if is_in_case => AlertWord::Imported,
        _ => AlertWord::New,
    };
    (word, status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_site_s_own_are_read_by_their_stage() {
        let check = |status, stage, case, expected| assert_eq!(word_of(status, stage, case), expected);
        check(Some("Pending"), Some("InProgress"), false, (AlertWord::Pending, None));
        check(Some("Imported"), Some("Imported"), true, (AlertWord::Imported, None));
        check(Some("Waiting for CERT"), Some("InProgress"), false, (AlertWord::InProgress, Some("Waiting for CERT")));
        check(Some("Spam"), Some("Closed"), false, (AlertWord::Other, Some("Spam")));
        check(None, None, true, (AlertWord::Imported, None));
        check(None, None, false, (AlertWord::New, None));
    }
}
