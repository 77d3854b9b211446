//! Cases as clients send them, whole or in part.

use serde::Deserialize;
use serde_json::Value;
use vigie_cases::{CasePatch, CaseWord};
use vigie_model::{Impact, NamedValue};

use crate::Fault;
use crate::time::read_time;
use crate::wire::fields::FieldsIn;
use crate::wire::nullable;
use crate::wire::page::PageIn;
use crate::wire::rank::{PapIn, SeverityIn, TlpIn};
use crate::wire::share::{Rule, ShareIn};
use crate::wire::task::TaskIn;

/// A new case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseIn {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) severity: Option<SeverityIn>,
    pub(crate) start_date: Option<Value>,
    pub(crate) end_date: Option<Value>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) flag: Option<bool>,
    pub(crate) tlp: Option<TlpIn>,
    pub(crate) pap: Option<PapIn>,
    pub(crate) status: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) impact_status: Option<String>,
    #[serde(alias = "user", alias = "owner")]
    pub(crate) assignee: Option<String>,
    pub(crate) access: Option<AccessIn>,
    pub(crate) custom_fields: Option<FieldsIn>,
    #[serde(alias = "template")]
    pub(crate) case_template: Option<String>,
    pub(crate) tasks: Option<Vec<TaskIn>>,
    pub(crate) pages: Option<Vec<PageIn>>,
    pub(crate) sharing_parameters: Option<Vec<ShareIn>>,
}

/// Who may open a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "_kind")]
pub(crate) enum AccessIn {
    #[serde(rename = "OrganisationAccessKind")]
    Organisation {},
    #[serde(rename = "UserAccessKind")]
    Users {
        /// By login or id.
        #[serde(default)]
        users: Vec<String>,
    },
}

/// What to change of a case.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::option_option, reason = "kept, cleared and set are three things")]
pub(crate) struct CasePatchIn {
    title: Option<String>,
    description: Option<String>,
    severity: Option<SeverityIn>,
    start_date: Option<Value>,
    #[serde(deserialize_with = "nullable")]
    end_date: Option<Option<Value>>,
    tags: Option<Vec<String>>,
    add_tags: Option<Vec<String>>,
    remove_tags: Option<Vec<String>>,
    flag: Option<bool>,
    tlp: Option<TlpIn>,
    pap: Option<PapIn>,
    status: Option<String>,
    #[serde(deserialize_with = "nullable")]
    summary: Option<Option<String>>,
    #[serde(deserialize_with = "nullable")]
    impact_status: Option<Option<String>>,
    #[serde(deserialize_with = "nullable", alias = "owner")]
    assignee: Option<Option<String>>,
    pub(crate) custom_fields: Option<FieldsIn>,
    pub(crate) task_rule: Option<Rule>,
    pub(crate) observable_rule: Option<Rule>,
}

impl CasePatchIn {
    /// Returns the change; `fields` are the case's own after it.
    pub(crate) fn patch(&self, fields: Option<Vec<NamedValue>>) -> Result<CasePatch, Fault> {
        let ended = self.end_date.as_ref();
        let ended = ended.map(|at| at.as_ref().map(|at| read_time("endDate", at)).transpose()).transpose()?;
        let impact = self.impact_status.as_ref();
        Ok(CasePatch {
            title: self.title.clone(),
            description: self.description.clone(),
            severity: self.severity.map(|severity| severity.0),
            started: self.start_date.as_ref().map(|date| read_time("startDate", date)).transpose()?,
            ended,
            tags: self.tags.clone(),
            add_tags: self.add_tags.clone().unwrap_or_default(),
            remove_tags: self.remove_tags.clone().unwrap_or_default(),
            flag: self.flag,
            tlp: self.tlp.map(|tlp| tlp.0),
            pap: self.pap.map(|pap| pap.0),
            word: self.status.as_deref().map(read_word).transpose()?,
            summary: self.summary.clone(),
            impact: impact.map(|text| text.as_deref().map(read_impact).transpose()).transpose()?,
            assignee: self.assignee.clone(),
            fields,
        })
    }
}

/// Reads a word for where a case is.
pub(crate) fn read_word(text: &str) -> Result<CaseWord, Fault> {
    CaseWord::of(text).ok_or_else(|| {
        let known: Vec<&str> = CaseWord::ALL.into_iter().map(CaseWord::as_str).collect();
        let text: String = text.chars().take(80).collect();
        Fault::field("status", format!("there is no status `{text}`: expected one of {}", known.join(", ")))
    })
}

/// Reads whether something was harmed.
pub(crate) fn read_impact(text: &str) -> Result<Impact, Fault> {
    match text {
        "NotApplicable" => Ok(Impact::NotApplicable),
        "WithImpact" => Ok(Impact::WithImpact),
        "NoImpact" => Ok(Impact::NoImpact),
        _ => Err(Fault::field("impactStatus", "expected one of NotApplicable, WithImpact, NoImpact")),
    }
}
