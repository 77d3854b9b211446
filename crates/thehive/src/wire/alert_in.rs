//! Alerts as clients send them, whole or in part.

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{AlertPatch, AlertWord};
use vigie_model::{NamedValue, Timestamp};

use super::fields::FieldsIn;
use super::nullable;
use super::observable_in::ObservableIn;
use super::procedure::ProcedureIn;
use super::rank::{PapIn, SeverityIn, TlpIn};
use crate::Fault;
use crate::time::read_time;

/// A new alert.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertIn {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) source: String,
    pub(crate) source_ref: String,
    pub(crate) external_link: Option<String>,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) severity: Option<SeverityIn>,
    pub(crate) date: Option<Value>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) flag: Option<bool>,
    pub(crate) tlp: Option<TlpIn>,
    pub(crate) pap: Option<PapIn>,
    pub(crate) custom_fields: Option<FieldsIn>,
    pub(crate) summary: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) assignee: Option<String>,
    pub(crate) case_template: Option<String>,
    pub(crate) observables: Option<Vec<ObservableIn>>,
    pub(crate) procedures: Option<Vec<ProcedureIn>>,
}

/// What to change of an alert.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct AlertPatchIn {
    #[serde(rename = "type")]
    kind: Option<String>,
    source: Option<String>,
    source_ref: Option<String>,
    #[serde(deserialize_with = "nullable")]
    external_link: Option<Option<String>>,
    title: Option<String>,
    description: Option<String>,
    severity: Option<SeverityIn>,
    date: Option<Value>,
    tags: Option<Vec<String>>,
    add_tags: Option<Vec<String>>,
    remove_tags: Option<Vec<String>>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    flag: Option<bool>,
    follow: Option<bool>,
    pub(crate) custom_fields: Option<FieldsIn>,
    status: Option<String>,
    #[serde(deserialize_with = "nullable")]
    summary: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) assignee: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    case_template: Option<Option<String>>,
}

impl AlertPatchIn {
    /// Returns the change that follows an alert, or no longer does.
    pub(crate) fn following(follow: bool) -> Self {
        Self { follow: Some(follow), ..Self::default() }
    }

    /// Returns the change; `fields` are the alert's own after it.
    pub(crate) fn patch(&self, fields: Option<Vec<NamedValue>>) -> Result<AlertPatch, Fault> {
        Ok(AlertPatch {
            kind: self.kind.clone(),
            source: self.source.clone(),
            reference: self.source_ref.clone(),
            link: self.external_link.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            severity: self.severity.map(|severity| severity.0),
            date: self.date.as_ref().map(|date| read_time("date", date)).transpose()?,
            tags: self.tags.clone(),
            add_tags: self.add_tags.clone().unwrap_or_default(),
            remove_tags: self.remove_tags.clone().unwrap_or_default(),
            tlp: self.tlp.map(|tlp| tlp.0),
            pap: self.pap.map(|pap| pap.0),
            flag: self.flag,
            follow: self.follow,
            fields,
            word: self.status.as_deref().map(read_word).transpose()?,
            summary: self.summary.clone(),
            assignee: self.assignee.clone(),
            template: self.case_template.clone(),
        })
    }
}

impl AlertIn {
    /// Returns when it happened.
    pub(crate) fn date(&self, now: Timestamp) -> Result<Timestamp, Fault> {
        self.date.as_ref().map_or(Ok(now), |date| read_time("date", date))
    }
}

/// Reads a word for where an alert is.
pub(crate) fn read_word(text: &str) -> Result<AlertWord, Fault> {
    AlertWord::of(text).ok_or_else(|| {
        let known: Vec<&str> = AlertWord::ALL.into_iter().map(AlertWord::as_str).collect();
        let text: String = text.chars().take(80).collect();
        Fault::field("status", format!("there is no status `{text}`: expected one of {}", known.join(", ")))
    })
}
