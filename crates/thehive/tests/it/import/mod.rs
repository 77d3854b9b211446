//! Moving here from a TheHive.

mod breaks;
mod content;
mod fill;
mod hive;
mod killed;
mod manners;
mod names;
mod twins;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use vigie_model::{
    Alert, Attachment, Case, CaseLink, CasePage, CaseTemplate, Comment, CustomField, DataType, Filter, Observable,
    PageTemplate, Procedure, Profile, Selection, Share, Task, TaskLog, Tenant, TenantScope, TimelineEntry, Timestamp,
    User,
};
use vigie_store::{Files, Object, Store};
use vigie_thehive::{
    Credentials, Import, ImportError, ImportOutcome, ImportRow, Patience, Source, SourceSettings, Target, TenantMap,
};

/// Where things go: a store and a folder of files.
pub(crate) struct Home {
    pub(crate) store: Store,
    pub(crate) files: Files,
    _folder: Option<TempDir>,
}

impl Home {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Self::open(folder.path()).await;
        Self { _folder: Some(folder), ..home }
    }

    pub(crate) async fn open(folder: &Path) -> Self {
        let store = Store::open(&folder.join("vigie.db")).await.unwrap();
        let files = Files::open(&folder.join("files"), 0).unwrap();
        Self { store, files, _folder: None }
    }

    /// Copies all that a source has.
    pub(crate) async fn copy(&self, url: &str) -> ImportOutcome {
        self.try_copy(url, &[], &TenantMap::new()).await.unwrap()
    }

    pub(crate) async fn try_copy(
        &self,
        url: &str,
        organisations: &[&str],
        tenants: &TenantMap,
    ) -> Result<ImportOutcome, ImportError> {
        let source = source(url);
        let organisations: Vec<String> = organisations.iter().map(|name| (*name).to_owned()).collect();
        let import = Import {
            source: &source,
            organisations: &organisations,
            tenants,
            tell: &|_| {},
            now: &|| Timestamp::from(jiff::Timestamp::now()),
        };
        import.run(Target { store: &self.store, files: &self.files, file_bytes_max: 1024 }).await
    }

    pub(crate) async fn all<T: Object>(&self) -> Vec<T> {
        self.store.select(&TenantScope::All, &Selection::of(Filter::All, 1_000_000)).await.unwrap()
    }

    /// Returns everything that is here, by kind and id.
    pub(crate) async fn everything(&self) -> BTreeMap<String, Value> {
        let mut all = BTreeMap::new();
        self.add::<Alert>(&mut all).await;
        self.add::<Attachment>(&mut all).await;
        self.add::<Case>(&mut all).await;
        self.add::<CaseLink>(&mut all).await;
        self.add::<CasePage>(&mut all).await;
        self.add::<CaseTemplate>(&mut all).await;
        self.add::<Comment>(&mut all).await;
        self.add::<CustomField>(&mut all).await;
        self.add::<DataType>(&mut all).await;
        self.add::<Observable>(&mut all).await;
        self.add::<PageTemplate>(&mut all).await;
        self.add::<Procedure>(&mut all).await;
        self.add::<Profile>(&mut all).await;
        self.add::<Share>(&mut all).await;
        self.add::<Task>(&mut all).await;
        self.add::<TaskLog>(&mut all).await;
        self.add::<Tenant>(&mut all).await;
        self.add::<TimelineEntry>(&mut all).await;
        self.add::<User>(&mut all).await;
        all
    }

    async fn add<T: Object>(&self, all: &mut BTreeMap<String, Value>) {
        for object in self.all::<T>().await {
            let mut json = json!(object);
            // What the clock of the machine says.
            if matches!(T::KIND, vigie_model::ObjectKind::ObservableType | vigie_model::ObjectKind::Tenant)
                && json["created_by"] == "system@thehive.local"
                || json["name"] == "admin"
            {
                json["created"] = Value::Null;
            }
            assert!(all.insert(format!("{:?} {}", T::KIND, object.key()), json).is_none());
        }
    }

    /// Returns how many rows the audit log has.
    pub(crate) async fn audit_rows(&self) -> u64 {
        let chain = self.store.verify_chain().await.unwrap();
        assert_eq!(chain.broken, None);
        chain.rows
    }
}

pub(crate) fn source(url: &str) -> Source {
    Source::new(&SourceSettings {
        url: url.to_owned(),
        credentials: Credentials::Key("key".into()),
        certificates: None,
        // Ports differ from test to test; ids do not depend on them.
        name: Some("hive.example".into()),
        patience: Patience { attempts_max: 6, first_wait: Duration::from_millis(2) },
    })
    .unwrap()
}

/// Returns the row of a list.
#[track_caller]
pub(crate) fn row<'a>(outcome: &'a ImportOutcome, organisation: &str, list: &str) -> &'a ImportRow {
    let is = |row: &&ImportRow| row.organisation == organisation && row.list == list;
    outcome.rows.iter().find(is).unwrap_or_else(|| panic!("no row {organisation} {list}"))
}

/// Returns the figures of a row: at the source, imported, already there, changed, failed.
#[track_caller]
pub(crate) fn figures(outcome: &ImportOutcome, organisation: &str, list: &str) -> (Option<u64>, u64, u64, u64, u64) {
    let row = row(outcome, organisation, list);
    (row.source, row.imported, row.already_there, row.changed, row.failed)
}

#[track_caller]
pub(crate) fn check_equal(outcome: &ImportOutcome) {
    let differ: Vec<&ImportRow> = outcome.rows.iter().filter(|row| !row.is_equal()).collect();
    assert!(outcome.is_equal(), "{differ:#?} {:#?}", outcome.failures);
}
