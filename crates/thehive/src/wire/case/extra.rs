//! What clients may ask for besides a case: `extraData`, loaded at once for all cases of a page.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use vigie_cases::{case_times, case_word};
use vigie_model::{
    Alert, Attachment, Case, CaseLink, CasePage, Comment, Filter, LinkTarget, Observable, Permission, Procedure,
    Selection, Share, Task, Value as ModelValue,
};
use vigie_store::Object;

use crate::door::Door;
use crate::id::WireId as _;
use crate::query::{both, equals};
use crate::wire::author;
use crate::{Fault, Visitor};

/// How many links and tasks are loaded for the cases of one page.
const LOADED_MAX: u64 = 50_000;
/// The names of counts, each with where clients want it.
const COUNTS: [&str; 7] =
    ["alertCount", "observableStats", "procedureCount", "commentCount", "attachmentCount", "pageCount", "shareCount"];
/// Their words for where tasks are, each with ours as the store has it.
const TASK_STATUSES: [(&str, &str); 4] =
    [("waiting", "waiting"), ("inProgress", "in_progress"), ("completed", "completed"), ("cancel", "cancelled")];

/// What was asked for.
#[derive(Default)]
pub(super) struct More {
    /// By the name asked for, then by case.
    counts: HashMap<&'static str, HashMap<String, u64>>,
    iocs: HashMap<String, u64>,
    tasks: HashMap<&'static str, HashMap<String, u64>>,
    links: Vec<CaseLink>,
    contributors: HashMap<String, BTreeSet<String>>,
    asked_of_us: BTreeSet<String>,
    similar_cases: HashMap<String, u64>,
    similar_alerts: HashMap<String, u64>,
    owners: HashMap<vigie_model::TenantId, String>,
}

impl More {
    pub(super) async fn load(cases: &[Case], door: &Door, visitor: &Visitor, extra: &[String]) -> Result<Self, Fault> {
        let mut more = Self::default();
        if extra.is_empty() || cases.is_empty() {
            return Ok(more);
        }
        let asks = |name: &str| extra.iter().any(|asked| asked == name);
        let values = cases.iter().map(|case| ModelValue::Text(case.id.to_string())).collect();
        let of_these = Filter::OneOf { name: "case".to_owned(), values };
        let asker = Asker { door, visitor, of_these: &of_these };
        for name in COUNTS.into_iter().filter(|name| asks(name)) {
            more.counts.insert(name, asker.count(name).await?);
        }
        if asks("observableStats") {
            let filter = both(of_these.clone(), crate::query::is_true("ioc"));
            more.iocs = door.store.tally::<Observable>(&visitor.scope, "case", &filter).await?;
        }
        if asks("taskStats") {
            for (theirs, ours) in TASK_STATUSES {
                let filter = both(of_these.clone(), equals("status", ours));
                more.tasks.insert(theirs, door.store.tally::<Task>(&visitor.scope, "case", &filter).await?);
            }
        }
        if asks("links") {
            more.links = asker.select().await?;
        }
        if asks("actionRequired") {
            let tasks: Vec<Task> = asker.select().await?;
            let ours = tasks.iter().filter(|task| task.asked_of.contains(&visitor.tenant.id));
            more.asked_of_us = ours.map(|task| task.case.to_string()).collect();
        }
        let ids: Vec<vigie_model::CaseId> = cases.iter().map(|case| case.id).collect();
        if asks("contributors") {
            more.contributors = door.store.contributors(&ids).await?;
        }
        if asks("similarCasesCount") {
            more.similar_cases = door.store.similar_cases(&visitor.scope, &ids).await?;
        }
        if asks("similarAlertsCount") {
            more.similar_alerts = door.store.similar_alerts(&visitor.scope, &ids).await?;
        }
        if asks("owningOrganisation") {
            more.owners = door.store.tenants().await?.into_iter().map(|tenant| (tenant.id, tenant.name)).collect();
        }
        Ok(more)
    }

    pub(super) fn of(&self, case: &Case, permissions: &[Permission], visitor: &Visitor, extra: &[String]) -> Value {
        let mut data = Map::new();
        for asked in extra {
            if let Some(value) = self.one(case, permissions, visitor, asked) {
                data.insert(asked.clone(), value);
            }
        }
        Value::Object(data)
    }

    fn one(&self, case: &Case, permissions: &[Permission], visitor: &Visitor, asked: &str) -> Option<Value> {
        let id = case.id.to_string();
        let count = |name: &str| self.counts.get(name).and_then(|counts| counts.get(&id)).copied().unwrap_or(0);
        Some(match asked {
            "observableStats" => json!({"total": count(asked), "ioc": self.iocs.get(&id).unwrap_or(&0)}),
            "taskStats" => self.task_stats(&id),
            "alertCount" | "procedureCount" | "commentCount" | "attachmentCount" | "pageCount" | "shareCount" => {
                json!(count(asked))
            }
            "similarCasesCount" => json!(self.similar_cases.get(&id).unwrap_or(&0)),
            "similarAlertsCount" => json!(self.similar_alerts.get(&id).unwrap_or(&0)),
            "links" => self.shown_links(case),
            "contributors" => self.shown_contributors(case, &id),
            "actionRequired" => json!(self.asked_of_us.contains(&id)),
            "isOwner" => json!(case.tenant == visitor.tenant.id),
            "permissions" => json!(permissions),
            "owningOrganisation" => json!(self.owners.get(&case.tenant)),
            "caseTemplate" => json!(case.desk.template),
            "status" => {
                let word = case_word(case);
                json!({"value": word.as_str(), "stage": word.stage().as_str()})
            }
            "computed" => computed(case),
            _ => return None,
        })
    }

    fn task_stats(&self, id: &str) -> Value {
        let mut stats = Map::new();
        let mut total = 0;
        for (name, _) in TASK_STATUSES {
            let count = self.tasks.get(name).and_then(|counts| counts.get(id)).copied().unwrap_or(0);
            total += count;
            stats.insert(name.to_owned(), json!(count));
        }
        stats.insert("total".to_owned(), json!(total));
        Value::Object(stats)
    }

    fn shown_links(&self, case: &Case) -> Value {
        let (mut cases, mut pages) = (Vec::new(), Vec::new());
        for link in self.links.iter().filter(|link| link.case == case.id) {
            match &link.target {
                LinkTarget::Linked(other) => cases.push(json!({"caseId": other.wire(), "type": link.kind})),
                LinkTarget::Url(url) => pages.push(json!({"url": url, "type": link.kind})),
            }
        }
        json!({"caseLinks": cases, "externalLinks": pages})
    }

    fn shown_contributors(&self, case: &Case, id: &str) -> Value {
        let mut names = self.contributors.get(id).cloned().unwrap_or_default();
        names.extend([case.desk.created_by.clone()]);
        names.extend(case.desk.updated_by.clone());
        names.extend(case.assignee.clone());
        let names: BTreeSet<String> = names.iter().map(|name| author(name)).collect();
        json!(names)
    }
}

/// The times of a case in several units, as version 4 has them.
fn computed(case: &Case) -> Value {
    let Some(time) = case_times(case, None).handling else { return json!({}) };
    let seconds = time.as_secs();
    json!({
        "handlingDuration": u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        "handlingDurationInSeconds": seconds,
        "handlingDurationInHours": seconds / 3_600,
        "handlingDurationInDays": seconds / 86_400,
    })
}

/// Who asks for what is on which cases.
struct Asker<'a> {
    door: &'a Door,
    visitor: &'a Visitor,
    of_these: &'a Filter,
}

impl Asker<'_> {
    async fn count(&self, name: &'static str) -> Result<HashMap<String, u64>, Fault> {
        match name {
            "alertCount" => self.tally::<Alert>().await,
            "observableStats" => self.tally::<Observable>().await,
            "procedureCount" => self.tally::<Procedure>().await,
            "commentCount" => self.tally::<Comment>().await,
            "attachmentCount" => self.tally::<Attachment>().await,
            "pageCount" => self.tally::<CasePage>().await,
            _ => self.tally::<Share>().await,
        }
    }

    async fn tally<T: Object>(&self) -> Result<HashMap<String, u64>, Fault> {
        Ok(self.door.store.tally::<T>(&self.visitor.scope, "case", self.of_these).await?)
    }

    async fn select<T: Object>(&self) -> Result<Vec<T>, Fault> {
        let selection = Selection::of(self.of_these.clone(), LOADED_MAX);
        Ok(self.door.store.select(&self.visitor.scope, &selection).await?)
    }
}
