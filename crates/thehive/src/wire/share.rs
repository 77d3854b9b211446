//! Shares: cases that another organisation sees.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vigie_model::Share;

use super::organisation::names;
use super::{Shape, Wire};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField};
use crate::{Fault, Visitor};

impl Wire for Share {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("caseId", "case", FieldKind::Id),
        QueryField::new("profileName", "profile", FieldKind::Text),
        QueryField::new("organisationName", "tenant", FieldKind::Tenant),
    ];

    async fn show(shares: Vec<Self>, door: &Door, _visitor: &Visitor, _extra: &[String]) -> Result<Vec<Value>, Fault> {
        let names = if shares.is_empty() { HashMap::new() } else { names(door).await? };
        let show = |share: &Self| {
            let name = names.get(&share.tenant).map_or(share.tenant.as_str(), String::as_str);
            Shape::of(share.id, "Share", &share.stamp)
                .with("caseId", share.case.wire())
                .with("profileName", share.profile.as_str())
                .with("organisationName", name)
                .with("owner", false)
                .with("taskRule", "all")
                .with("observableRule", "all")
                .done()
        };
        Ok(shares.iter().map(show).collect())
    }
}

/// With whom a case is to be shared.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShareIn {
    /// By name or id.
    pub(crate) organisation: String,
    /// False takes the share away, where shares are set.
    pub(crate) share: Option<bool>,
    pub(crate) profile: Option<String>,
    #[serde(rename = "taskRule")]
    _task_rule: Option<Rule>,
    #[serde(rename = "observableRule")]
    _observable_rule: Option<Rule>,
}

/// Which tasks or observables of a case another organisation sees: all of them, since they are shared with their case.
/// Somebody who asks for less must not get more, so every other rule is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule;

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "all" => Ok(Self),
            _ => Err(serde::de::Error::custom("only `all` is known: what is on a case is shared with it")),
        }
    }
}
