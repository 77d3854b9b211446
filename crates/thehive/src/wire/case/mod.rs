//! Cases, as clients see them.

mod extra;
pub(crate) mod input;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::{Value, json};
use vigie_cases::{CaseWord, case_end, case_summary, case_times, case_word};
use vigie_model::{
    Access, Alert, Case, CaseId, Comparison, Filter, Impact, Permission, Profile, Selection, Share, Stamp, TenantScope,
};

use super::fields::{definitions_for, show_fields};
use super::{Shape, Wire};
use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{FieldKind, QueryField, both, equals, matches};
use crate::time::millis;
use crate::{Fault, Visitor};
use extra::More;

/// Their words for whether something was harmed, each with ours as the store has it.
const IMPACTS: &[(&str, &str)] =
    &[("NotApplicable", "not_applicable"), ("WithImpact", "with_impact"), ("NoImpact", "no_impact")];
/// How many profiles there may be; all are loaded where one is needed.
const PROFILES_MAX: u64 = 1_000;

impl Wire for Case {
    const FIELDS: &'static [QueryField] = &[
        QueryField::new("number", "number", FieldKind::Number),
        QueryField::new("caseId", "number", FieldKind::Number),
        QueryField::new("title", "title", FieldKind::Text),
        QueryField::new("severity", "severity", FieldKind::Severity),
        QueryField::new("startDate", "first_seen", FieldKind::Time),
        QueryField::new("endDate", "ended", FieldKind::Time),
        QueryField::new("tags", "tag", FieldKind::Text),
        QueryField::new("flag", "flag", FieldKind::Flag),
        QueryField::new("tlp", "tlp", FieldKind::Tlp),
        QueryField::new("pap", "pap", FieldKind::Pap),
        QueryField::new("status", "status", FieldKind::Special(by_status)),
        QueryField::new("stage", "status", FieldKind::Special(by_stage)),
        QueryField::new("impactStatus", "impact", FieldKind::Words(IMPACTS)),
        QueryField::new("assignee", "assignee", FieldKind::Text),
        QueryField::new("owner", "assignee", FieldKind::Text),
        QueryField::new("newDate", "created", FieldKind::Time),
        QueryField::new("inProgressDate", "acknowledged", FieldKind::Time),
        QueryField::new("closedDate", "closed", FieldKind::Time),
        QueryField::new("organisation", "tenant", FieldKind::Tenant),
        QueryField::new("owningOrganisation", "tenant", FieldKind::Tenant),
    ];

    async fn show(cases: Vec<Self>, door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Vec<Value>, Fault> {
        let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
        let first = door.store.first_alerts(&visitor.scope, &ids).await?;
        let definitions = definitions_for(door, cases.iter().map(|case| case.desk.fields.as_slice())).await?;
        let rights = Rights::load(&cases, door, visitor).await?;
        let more = More::load(&cases, door, visitor, extra).await?;
        let show = |case: &Case| {
            let fields = show_fields(&case.id.wire(), &case.desk.fields, &definitions);
            let permissions = rights.on(case, visitor);
            shape(case, first.get(&case.id))
                .with("customFields", fields)
                .with("userPermissions", permissions.clone())
                .with("extraData", more.of(case, &permissions, visitor, extra))
                .done()
        };
        Ok(cases.iter().map(show).collect())
    }
}

/// Returns what clients see of a case itself. `first` is that of its alerts that happened first.
fn shape(case: &Case, first: Option<&Alert>) -> Shape {
    let (word, times) = (case_word(case), case_times(case, first));
    let shape = Shape::of(case.id, "Case", &stamp(case))
        .with("number", case.number)
        .with("title", case.title.as_str())
        .with("description", case.description.as_str())
        .severity(case.severity)
        .with("startDate", millis(case.first_seen))
        .maybe("endDate", case_end(case).map(millis))
        .with("tags", case.tags.clone())
        .with("flag", case.desk.flag)
        .tlp(case.tlp)
        .pap(case.pap)
        .with("status", word.as_str())
        .with("stage", word.stage().as_str())
        .maybe("summary", case_summary(case))
        .maybe("impactStatus", case.desk.impact.map(impact_word))
        .maybe("assignee", case.assignee.as_deref())
        .with("access", access(&case.desk.access));
    shape
        .with("newDate", millis(case.created))
        .maybe("inProgressDate", case.acknowledged.map(millis))
        .maybe("closedDate", case.closed.map(millis))
        .maybe("alertDate", first.map(|alert| millis(alert.first_seen)))
        .maybe("alertNewDate", first.map(|alert| millis(alert.created)))
        .maybe("alertInProgressDate", first.and_then(|alert| alert.acknowledged).map(millis))
        .maybe("alertImportedDate", first.and_then(|alert| alert.desk.imported).map(millis))
        .with("timeToDetect", span(times.detect))
        .maybe("timeToTriage", times.triage.map(span))
        .maybe("timeToQualify", times.qualify.map(span))
        .maybe("timeToAcknowledge", times.acknowledge.map(span))
        .maybe("timeToResolve", times.resolve.map(span))
        .maybe("handlingDuration", times.handling.map(span))
}

fn span(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Returns who made the case and who changed it last. Vigie itself changes a case without a name: it learnt of an alert.
fn stamp(case: &Case) -> Stamp {
    let desk = &case.desk;
    let by = desk.updated_by.clone().or_else(|| (case.updated > case.created).then(String::new));
    Stamp {
        created: case.created,
        created_by: desk.created_by.clone(),
        updated: by.as_ref().map(|_| case.updated),
        updated_by: by,
    }
}

fn access(access: &Access) -> Value {
    match access {
        Access::Tenant => json!({"_kind": "OrganisationAccessKind"}),
        Access::Users(users) => json!({"_kind": "UserAccessKind", "users": users}),
    }
}

fn impact_word(impact: Impact) -> &'static str {
    match impact {
        Impact::NotApplicable => "NotApplicable",
        Impact::WithImpact => "WithImpact",
        Impact::NoImpact => "NoImpact",
    }
}

/// What a visitor may do with cases of others: what they may do at home and the share allows.
struct Rights {
    shares: HashMap<CaseId, String>,
    profiles: HashMap<String, HashSet<Permission>>,
}

impl Rights {
    async fn load(cases: &[Case], door: &Door, visitor: &Visitor) -> Result<Self, Fault> {
        let mut rights = Self { shares: HashMap::new(), profiles: HashMap::new() };
        let foreign: Vec<vigie_model::Value> = cases
            .iter()
            .filter(|case| case.tenant != visitor.tenant.id)
            .map(|case| vigie_model::Value::Text(case.id.to_string()))
            .collect();
        if foreign.is_empty() {
            return Ok(rights);
        }
        let limit = foreign.len() as u64;
        let with_us = equals("tenant", visitor.tenant.id.as_str());
        let filter = both(with_us, Filter::OneOf { name: "case".to_owned(), values: foreign });
        let shares: Vec<Share> = door.store.select(&visitor.scope, &Selection::of(filter, limit)).await?;
        rights.shares = shares.into_iter().map(|share| (share.case, share.profile)).collect();
        let all = Selection::of(Filter::All, PROFILES_MAX);
        let profiles: Vec<Profile> = door.store.select(&TenantScope::All, &all).await?;
        rights.profiles = profiles
            .into_iter()
            .map(|profile| (profile.name.to_ascii_lowercase(), profile.permissions.into_iter().collect()))
            .collect();
        Ok(rights)
    }

    fn on(&self, case: &Case, visitor: &Visitor) -> Vec<Permission> {
        if case.tenant == visitor.tenant.id {
            return visitor.permissions.iter().cloned().collect();
        }
        let profile = self.shares.get(&case.id).and_then(|name| self.profiles.get(&name.to_ascii_lowercase()));
        let Some(profile) = profile else { return Vec::new() };
        visitor.permissions.iter().filter(|permission| profile.contains(*permission)).cloned().collect()
    }
}

fn by_status(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let asked = value.as_str().ok_or_else(|| Fault::bad("the value of status is not a text"))?;
    Ok(in_words(|word| match comparison {
        Comparison::Like => matches(asked, word.as_str()),
        _ => CaseWord::of(asked) == Some(word),
    }))
}

fn by_stage(comparison: Comparison, value: &Value) -> Result<Filter, Fault> {
    let asked = value.as_str().ok_or_else(|| Fault::bad("the value of stage is not a text"))?;
    Ok(in_words(|word| match comparison {
        Comparison::Like => matches(asked, word.stage().as_str()),
        _ => word.stage().as_str().eq_ignore_ascii_case(asked),
    }))
}

/// Returns the filter for cases whose word is one of these: [`case_word`], the other way round.
fn in_words(is_wanted: impl Fn(CaseWord) -> bool) -> Filter {
    let filter = |word: CaseWord| {
        let status = equals("status", word.stage().status().as_str());
        let Some(verdict) = word.verdict() else { return status };
        let verdict = serde_json::to_value(verdict).unwrap_or_default();
        let is_so = equals("verdict", verdict.as_str().unwrap_or_default());
        // One that was closed without a verdict is something else too.
        let none = Filter::Not(Box::new(Filter::Exists("verdict".to_owned())));
        both(status, if word == CaseWord::Other { Filter::Or(vec![is_so, none]) } else { is_so })
    };
    Filter::Or(CaseWord::ALL.into_iter().filter(|word| is_wanted(*word)).map(filter).collect())
}
