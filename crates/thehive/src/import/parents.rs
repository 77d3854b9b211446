//! What the parts of a page hang on, as it is called here.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;
use vigie_model::{Alert, AlertId, AlertOrigin, Case, CaseId, Task, TaskId, TenantId};
use vigie_store::Object as _;

use super::find::{stored_by_field, texts};
use super::kind::On;
use super::naming::Place;
use super::run::{ImportError, Run};
use super::theirs::{Found, FoundOn, Unread, is_named, typed};
use crate::permission::ADMIN_TENANT;

/// What the parts of a page hang on.
pub(super) struct Parents {
    by_theirs: HashMap<String, Found>,
    /// What hangs on nothing.
    tenant: Found,
}

impl Parents {
    /// Returns what a part hangs on.
    pub(super) fn of(&self, on: On, row: &Value) -> Result<&Found, Unread> {
        if on == On::Organisation {
            return Ok(&self.tenant);
        }
        let word = on.words().first().copied().unwrap_or_default();
        let theirs = on.of(row).ok_or_else(|| Unread::new("extraData", format!("it does not say its {word}")))?;
        self.by_theirs.get(theirs).ok_or_else(|| {
            let shown: String = theirs.chars().take(80).collect();
            Unread::new(
                word,
                format!("its {word} {shown} is not here: it could not be copied, or is not visible to the key"),
            )
        })
    }
}

impl Run<'_> {
    /// Finds what the parts of a page hang on.
    pub(super) async fn find_parents(
        &self,
        on: On,
        place: Option<&Place>,
        rows: &[Value],
    ) -> Result<Parents, ImportError> {
        let admin = || TenantId::new(ADMIN_TENANT).expect("the name is a tenant's");
        let tenant = place.map_or_else(admin, |place| place.tenant.clone());
        let asked: BTreeSet<&str> = rows.iter().filter_map(|row| on.of(row)).collect();
        let by_theirs = match on {
            On::Organisation => HashMap::new(),
            On::Case => self.cases(&asked).await?,
            On::Task => self.tasks(&asked).await?,
            On::Alert => self.alerts(place, &asked).await?,
        };
        Ok(Parents { by_theirs, tenant: Found { on: FoundOn::Tenant, tenant } })
    }

    async fn cases(&self, asked: &BTreeSet<&str>) -> Result<HashMap<String, Found>, ImportError> {
        let ids: HashMap<String, &str> =
            asked.iter().map(|theirs| (CaseId::derive(self.naming.parts(theirs)).to_string(), *theirs)).collect();
        let cases: Vec<Case> = stored_by_field(self.store, "id", texts(ids.keys())).await?;
        let found = cases.into_iter().filter_map(|case| {
            let theirs = ids.get(&case.key())?;
            Some(((*theirs).to_owned(), Found { on: FoundOn::Case(case.id), tenant: case.tenant }))
        });
        Ok(found.collect())
    }

    async fn tasks(&self, asked: &BTreeSet<&str>) -> Result<HashMap<String, Found>, ImportError> {
        let ids: HashMap<String, &str> =
            asked.iter().map(|theirs| (TaskId::derive(self.naming.parts(theirs)).to_string(), *theirs)).collect();
        let tasks: Vec<Task> = stored_by_field(self.store, "id", texts(ids.keys())).await?;
        let found = tasks.into_iter().filter_map(|task| {
            let theirs = ids.get(&task.key())?;
            Some(((*theirs).to_owned(), Found { on: FoundOn::Task(task.id, task.case), tenant: task.tenant }))
        });
        Ok(found.collect())
    }

    /// An alert that was here before the import, from the same feeder, has an id of its own: it is found by its name.
    async fn alerts(
        &self,
        place: Option<&Place>,
        asked: &BTreeSet<&str>,
    ) -> Result<HashMap<String, Found>, ImportError> {
        let ids: HashMap<String, &str> =
            asked.iter().map(|theirs| (AlertId::derive(self.naming.parts(theirs)).to_string(), *theirs)).collect();
        let alerts: Vec<Alert> = stored_by_field(self.store, "id", texts(ids.keys())).await?;
        let mut found = HashMap::new();
        for alert in alerts {
            if let Some(theirs) = ids.get(&alert.key()) {
                found.insert((*theirs).to_owned(), Found { on: FoundOn::Alert(alert.id), tenant: alert.tenant });
            }
        }
        for theirs in asked {
            if let (false, Some(place)) = (found.contains_key(*theirs), place)
                && let Some(alert) = self.alert_by_name(place, theirs).await?
            {
                found.insert((*theirs).to_owned(), Found { on: FoundOn::Alert(alert.id), tenant: alert.tenant });
            }
        }
        Ok(found)
    }

    async fn alert_by_name(&self, place: &Place, theirs: &str) -> Result<Option<Alert>, ImportError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Named {
            #[serde(rename = "type")]
            kind: String,
            source: String,
            source_ref: String,
        }
        let path = format!("/api/v1/alert/{theirs}");
        let row = match self.source.get(Some(&place.asked), "alert", &path).await {
            Ok(row) => row,
            Err(error) if error.is_final() => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let Ok(Named { kind, source, source_ref }) = typed(&row) else { return Ok(None) };
        let origin = AlertOrigin { kind, source, reference: source_ref, link: None };
        let alerts: Vec<Alert> = stored_by_field(self.store, "reference", texts([&origin.reference])).await?;
        Ok(alerts.into_iter().find(|alert| alert.tenant == place.tenant && is_named(alert, Some(&origin))))
    }
}
