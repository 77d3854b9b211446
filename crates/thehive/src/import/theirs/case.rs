//! Cases.

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_cases::{CasePast, CaseWord, NewDeskCase, restored_case};
use vigie_model::{Access, Case, CaseId, Impact, Timestamp, Value as ModelValue};
use vigie_store::{StoreError, Tx};

use super::field::values_of;
use super::{Millis, Reading, Unread, id_of, keeping_tag, listed, stamp_of, time, typed};
use crate::import::find::by_field;
use crate::import::kind::{Draft, Kind, Standing};
use crate::import::naming::Place;
use crate::import::source::SourceError;
use crate::import::walk::Listed;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn, USUAL_SEVERITY};

/// Cases.
pub(in crate::import) struct Cases;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputCase {
    number: u64,
    title: String,
    description: Option<String>,
    severity: Option<SeverityIn>,
    start_date: Option<Millis>,
    end_date: Option<Millis>,
    tags: Option<Vec<String>>,
    flag: Option<bool>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    status: Option<String>,
    stage: Option<String>,
    summary: Option<String>,
    impact_status: Option<TheirImpact>,
    assignee: Option<String>,
    access: Option<TheirAccess>,
    custom_fields: Option<Value>,
    case_template: Option<String>,
    in_progress_date: Option<Millis>,
    closed_date: Option<Millis>,
}

#[derive(Clone, Copy, Deserialize)]
enum TheirImpact {
    NotApplicable,
    WithImpact,
    NoImpact,
}

impl TheirImpact {
    const fn ours(self) -> Impact {
        match self {
            Self::NotApplicable => Impact::NotApplicable,
            Self::WithImpact => Impact::WithImpact,
            Self::NoImpact => Impact::NoImpact,
        }
    }
}

#[derive(Deserialize)]
struct TheirAccess {
    #[serde(rename = "_kind")]
    kind: Option<String>,
    users: Option<Vec<String>>,
}

impl Kind for Cases {
    type Object = Case;
    const NAME: &'static str = "cases";
    const LIST: &'static [&'static str] = &["listCase"];
    const EXTRA: &'static [&'static str] = &["isOwner"];

    /// Whose a case is, older versions say only among its shares.
    async fn complete(listed: &Listed, rows: &mut [Value]) -> Result<(), SourceError> {
        for row in rows {
            let is_said = row.get("extraData").is_some_and(|extra| extra.get("isOwner").is_some_and(Value::is_boolean));
            let Ok(id) = id_of(row).map(str::to_owned) else { continue };
            if is_said {
                continue;
            }
            let shares = match listed.get(&format!("/api/v1/case/{id}/shares")).await {
                Ok(shares) => shares,
                Err(error) if error.is_final() => return Err(error),
                Err(_) => continue,
            };
            let owner = shares.as_array().into_iter().flatten().find(|share| share.get("owner") == Some(&json!(true)));
            let Some(owner) = owner.and_then(|owner| owner.get("organisationName")?.as_str()) else { continue };
            let is_owner = listed.name.eq_ignore_ascii_case(owner);
            if let Some(fields) = row.as_object_mut() {
                fields.insert("extraData".to_owned(), json!({"isOwner": is_owner}));
            }
        }
        Ok(())
    }

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Case>, Unread> {
        let (theirs, stamp) = (id_of(row)?, stamp_of(row)?);
        let read: OutputCase = typed(row)?;
        let fields = values_of(read.custom_fields.as_ref(), reading.fields);
        let (word, other) = word_of(read.status.as_deref(), read.stage.as_deref());
        let mut tags = listed(read.tags);
        tags.extend(other.map(|other| keeping_tag("status", other)));
        let new = NewDeskCase {
            id: CaseId::derive(reading.naming.parts(theirs)),
            tenant: reading.found.tenant.clone(),
            number: read.number,
            title: read.title,
            description: read.description.unwrap_or_default(),
            severity: read.severity.map_or(USUAL_SEVERITY, |severity| severity.0),
            started: time(read.start_date).unwrap_or(stamp.created),
            ended: time(read.end_date),
            tags,
            flag: read.flag.unwrap_or_default(),
            tlp: read.tlp.map(|tlp| tlp.0).unwrap_or_default(),
            pap: read.pap.map(|pap| pap.0).unwrap_or_default(),
            word,
            summary: read.summary,
            impact: read.impact_status.map(TheirImpact::ours),
            assignee: read.assignee.filter(|name| !name.is_empty()),
            access: access_of(read.access),
            fields: fields.values,
            by: stamp.created_by,
            now: stamp.created,
        };
        let past = CasePast {
            acknowledged: time(read.in_progress_date),
            closed: time(read.closed_date),
            template: read.case_template.filter(|name| !name.is_empty()),
            updated: stamp.updated.map(|time| (time, stamp.updated_by.unwrap_or_default())),
        };
        let is_owner = row.get("extraData").and_then(|extra| extra.get("isOwner")).and_then(Value::as_bool);
        let standing = if is_owner == Some(false) { Standing::Elsewhere } else { Standing::Ours };
        Ok(Draft { left_out: fields.left_out, standing, ..Draft::new(theirs, restored_case(new, past)) })
    }

    fn updated(case: &Case) -> Option<Timestamp> {
        Some(case.updated)
    }

    fn over(before: &Case, case: Case) -> Case {
        Case { number: before.number, version: before.version + 1, ..case }
    }

    /// A tenant has one case of a number. One whose number is taken gets the next, and its own as a tag.
    async fn fit(tx: &mut Tx, drafts: &mut [Draft<Case>], place: Option<&Place>) -> Result<(), StoreError> {
        let numbers = drafts.iter().map(|draft| integer(draft.object.number)).collect();
        let mut taken: Vec<Case> = by_field(tx, "number", numbers).await?;
        let numbers_to = place.map_or(0, |place| place.numbers_to);
        for draft in drafts.iter_mut().filter(|draft| draft.standing == Standing::Ours) {
            let own = &mut draft.object;
            let has_number = |known: &&Case| known.tenant == own.tenant && known.number == own.number;
            let is_taken = taken.iter().find(has_number).is_some_and(|known| known.id != own.id);
            if is_taken || own.number == 0 {
                let tag = keeping_tag("number", &own.number.to_string());
                // Beyond all that are here and all that are still to come.
                let free = tx.next_case_number(&own.tenant).await?.max(numbers_to + 1);
                let ours = taken.iter().filter(|known| known.tenant == own.tenant).map(|known| known.number).max();
                own.number = free.max(ours.map_or(0, |highest| highest.saturating_add(1)));
                own.tags.push(tag);
            }
            taken.push(own.clone());
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_wrap, reason = "the database keeps no number that is longer")]
fn integer(number: u64) -> ModelValue {
    ModelValue::Integer(number as i64)
}

/// Returns the word for where a case is, and the source's own where it is none that we have: then the stage says it.
fn word_of<'a>(status: Option<&'a str>, stage: Option<&str>) -> (CaseWord, Option<&'a str>) {
    if let Some(word) = status.and_then(CaseWord::of) {
        return (word, None);
    }
    let word = match stage {
        Some("InProgress") => CaseWord::InProgress,
        Some("Closed") => CaseWord::Other,
        _ => CaseWord::New,
    };
    (word, status)
}

fn access_of(access: Option<TheirAccess>) -> Access {
    match access {
        Some(TheirAccess { kind: Some(kind), users: Some(users) }) if kind == "UserAccessKind" => Access::Users(users),
        _ => Access::Tenant,
    }
}
