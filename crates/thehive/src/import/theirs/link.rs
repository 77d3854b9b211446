//! What ties cases together: links to other cases and to pages elsewhere, and shares with other organisations.

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_model::{Case, CaseId, CaseLink, LinkTarget, Share, Stamp, Timestamp};
use vigie_store::{StoreError, Tx};

use super::{Reading, Unread, id_of, person, stamp_of, typed};
use crate::import::find::{by_field, named, texts};
use crate::import::kind::{Draft, Kind, On, Standing};
use crate::import::naming::Place;
use crate::import::source::SourceError;
use crate::import::walk::Listed;

/// Links of cases.
pub(in crate::import) struct Links;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputLink {
    #[serde(rename = "type")]
    kind: Option<String>,
    case_id: Option<String>,
    url: Option<String>,
}

impl Kind for Links {
    type Object = CaseLink;
    const NAME: &'static str = "case links";
    const LIST: &'static [&'static str] = &["listCase"];
    const ON: On = On::Case;
    const IS_BY_ONE: bool = true;
    const IS_CHANGED: bool = false;
    const EXTRA_ON: &'static [&'static str] = &["links"];

    /// A case says its links itself, without ids or who made them.
    async fn of_one(_: &Listed, one: &Value) -> Result<Vec<Value>, SourceError> {
        let id = one.get("_id").and_then(Value::as_str).unwrap_or_default();
        let links = one.get("extraData").and_then(|extra| extra.get("links")).cloned().unwrap_or_default();
        let mut rows = Vec::new();
        for list in ["caseLinks", "externalLinks"] {
            for link in links.get(list).and_then(Value::as_array).into_iter().flatten() {
                let mut row = link.clone();
                if let Some(fields) = row.as_object_mut() {
                    fields.insert("_id".to_owned(), json!(format!("{id}:{}", rows.len())));
                    let made = one.get("_updatedAt").or_else(|| one.get("_createdAt")).cloned();
                    fields.entry("_createdAt").or_insert(made.unwrap_or_default());
                    let by = one.get("_updatedBy").or_else(|| one.get("_createdBy")).cloned();
                    fields.entry("_createdBy").or_insert(by.unwrap_or_default());
                }
                Self::ON.say(&mut row, id);
                rows.push(row);
            }
        }
        Ok(rows)
    }

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<CaseLink>, Unread> {
        let read: OutputLink = typed(row)?;
        let (case, kind) = (reading.found.case()?, read.kind.unwrap_or_default());
        let target = match (read.case_id, read.url) {
            (Some(other), _) => LinkTarget::Linked(CaseId::derive(reading.naming.parts(&other))),
            (None, Some(url)) => LinkTarget::Url(url),
            (None, None) => return Err(Unread::new("url", "a link that leads nowhere")),
        };
        let link = CaseLink {
            id: CaseLink::id_of(case, &kind, &target),
            tenant: reading.found.tenant.clone(),
            case,
            kind,
            target,
            stamp: stamp_of(row)?,
        };
        Ok(Draft::new(id_of(row)?, link))
    }

    fn updated(_: &CaseLink) -> Option<Timestamp> {
        None
    }

    async fn fit(tx: &mut Tx, drafts: &mut [Draft<CaseLink>], _: Option<&Place>) -> Result<(), StoreError> {
        let linked = |draft: &Draft<CaseLink>| match &draft.object.target {
            LinkTarget::Linked(case) => Some(*case),
            LinkTarget::Url(_) => None,
        };
        let known: Vec<Case> = by_field(tx, "id", texts(drafts.iter().filter_map(linked))).await?;
        for draft in drafts {
            if let Some(case) = linked(draft)
                && known.iter().all(|known| known.id != case)
            {
                draft.standing = Standing::Refused(Unread::new("caseId", "the case that it leads to is not here"));
            }
        }
        Ok(())
    }
}

/// Shares of cases with other organisations.
pub(in crate::import) struct Shares;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputShare {
    organisation_name: String,
    profile_name: Option<String>,
    #[serde(rename = "_createdBy")]
    created_by: Option<String>,
    #[serde(rename = "_createdAt")]
    created: Option<i64>,
}

impl Kind for Shares {
    type Object = Share;
    const NAME: &'static str = "shares";
    const LIST: &'static [&'static str] = &["listCase"];
    const ON: On = On::Case;
    const IS_BY_ONE: bool = true;
    const IS_CHANGED: bool = false;
    const EXTRA_ON: &'static [&'static str] = &["isOwner", "shareCount"];

    async fn of_one(listed: &Listed, one: &Value) -> Result<Vec<Value>, SourceError> {
        let extra = |name: &str| one.get("extraData").and_then(|extra| extra.get(name));
        let is_alone = extra("shareCount").and_then(Value::as_u64) == Some(0);
        // The owner's list has all shares; of a case of others they come with the owner.
        if is_alone || extra("isOwner").and_then(Value::as_bool) == Some(false) {
            return Ok(Vec::new());
        }
        let id = one.get("_id").and_then(Value::as_str).unwrap_or_default();
        let answer = listed.get(&format!("/api/v1/case/{id}/shares")).await?;
        let shares = answer.as_array().cloned().unwrap_or_default();
        let of_others = shares.into_iter().filter(|share| share.get("owner").and_then(Value::as_bool) != Some(true));
        Ok(of_others
            .map(|mut share| {
                Self::ON.say(&mut share, id);
                share
            })
            .collect())
    }

    fn read(row: &Value, reading: &Reading<'_>) -> Result<Draft<Share>, Unread> {
        let read: OutputShare = typed(row)?;
        let case = reading.found.case()?;
        let name = &read.organisation_name;
        let place = reading.places.iter().find(|place| named(&place.organisation, name)).ok_or_else(|| {
            let reason = format!("the organisation `{name}` is not copied: add it with --organisation");
            Unread::new("organisationName", reason)
        })?;
        let share = Share {
            id: Share::id_of(case, &place.tenant),
            owner: reading.found.tenant.clone(),
            case,
            tenant: place.tenant.clone(),
            profile: read.profile_name.unwrap_or_else(|| "analyst".to_owned()),
            stamp: Stamp::new(
                read.created_by.as_deref().map(person).unwrap_or_default(),
                read.created.map_or(Timestamp::EPOCH, Timestamp::from_millis),
            ),
        };
        Ok(Draft::new(id_of(row)?, share))
    }

    fn updated(_: &Share) -> Option<Timestamp> {
        None
    }
}
