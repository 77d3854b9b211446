//! What is on a case: observables, tasks, comments, the timeline.

use sqlx::QueryBuilder;
use vigie_model::{
    CaseId, Comment, ObjectKind, Observable, ObservableId, Parent, Task, TaskId, TenantId, TimelineEntry, Timestamp,
};

use crate::alerts::save_tags;
use crate::desk::stamp;

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::objects::{Cell, Object, get_owned, write_row};
use crate::row::{Connection, address_of, body, pap_rank, read_body, tlp_rank, to_json, word};
use crate::scope::Within;
use crate::{Listing, Rows, Store, StoreError, Tx};

impl Store {
    /// Returns a page of the observables of all cases.
    pub async fn observables(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Observable>, StoreError> {
        page(&mut *self.read().await?, List::Observables, read_body, scope, listing).await
    }

    /// Returns a page of the tasks of all cases.
    pub async fn tasks(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Task>, StoreError> {
        page(&mut *self.read().await?, List::Tasks, read_body, scope, listing).await
    }
}

impl Tx {
    /// Returns a task, or `None` where there is none within the scope.
    pub async fn task(&mut self, scope: &impl Within, id: TaskId) -> Result<Option<Task>, StoreError> {
        get_owned(&mut self.inner, scope, &id.to_string()).await
    }

    /// Puts observables on their cases. Where the case has the value already, the times are widened, tags and context
    /// are joined, and `ioc` stays once it was said; the rest is taken from the new one.
    pub async fn upsert_observables(&mut self, observables: &[Observable]) -> Result<(), StoreError> {
        for observable in observables {
            let stored = self.known_observable(observable).await?;
            let merged = stored.map_or_else(|| observable.clone(), |stored| joined(stored, observable));
            save_observable(&mut self.inner, &merged).await?;
        }
        Ok(())
    }

    /// Saves an observable as it is, over what its alert or case had of the same value.
    pub async fn save_observable(&mut self, observable: &Observable) -> Result<(), StoreError> {
        save_observable(&mut self.inner, observable).await
    }

    /// Returns the observable of this id, or that of the same type and value on the same alert or case: rows of before
    /// ids were derived from what they are on have ids of their own.
    async fn known_observable(&mut self, observable: &Observable) -> Result<Option<Observable>, StoreError> {
        let column = match observable.on {
            Parent::Alert(_) => "alert",
            Parent::Case(_) => "case_id",
        };
        let mut query = QueryBuilder::new("SELECT body FROM observables WHERE id = ");
        query.push_bind(observable.id.to_string()).push(" OR (").push(column).push(" = ");
        query.push_bind(observable.on.to_string()).push(" AND data_type = ").push_bind(data_type(observable));
        query.push(" AND value = ").push_bind(observable.value.clone()).push(" AND attachment IS NULL) LIMIT 1");
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("load an observable")?;
        body("observables", row)
    }

    /// Takes an observable off a case. Returns whether it was there.
    pub async fn delete_observable(&mut self, case: CaseId, id: ObservableId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM observables WHERE case_id = ? AND id = ?")
            .bind(case.to_string())
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("delete an observable")?;
        Ok(done.rows_affected() > 0)
    }

    /// Saves tasks, new ones and changed ones.
    pub async fn save_tasks(&mut self, tasks: &[Task]) -> Result<(), StoreError> {
        for task in tasks {
            let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM tasks WHERE id = ?)")
                .bind(task.id.to_string())
                .fetch_one(&mut *self.inner)
                .await
                .doing("look for a task")?;
            write_row(self, task, known).await?;
        }
        Ok(())
    }

    /// Saves a comment.
    pub async fn save_comment(&mut self, comment: &Comment) -> Result<(), StoreError> {
        write_row(self, comment, false).await
    }

    /// Puts entries on the timelines of their cases; one that is there already stays as it is.
    pub async fn add_timeline(&mut self, entries: &[TimelineEntry]) -> Result<(), StoreError> {
        for entry in entries {
            sqlx::query(
                "INSERT INTO timeline (case_id, id, tenant, time, body) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (case_id, id) DO NOTHING",
            )
            .bind(entry.case.to_string())
            .bind(entry.id.to_string())
            .bind(entry.tenant.as_str())
            .bind(entry.time.as_micros())
            .bind(to_json(entry))
            .execute(&mut *self.inner)
            .await
            .doing("add to a timeline")?;
        }
        Ok(())
    }
}

/// Returns what a case knows of a value after hearing of it again.
fn joined(stored: Observable, new: &Observable) -> Observable {
    let union = |mut old: Vec<String>, new: &[String]| {
        for item in new {
            if !old.contains(item) {
                old.push(item.clone());
            }
        }
        old
    };
    Observable {
        ioc: stored.ioc || new.ioc,
        warning: new.warning.clone().or(stored.warning),
        context: union(stored.context, &new.context),
        tags: union(stored.tags, &new.tags),
        first_seen: stored.first_seen.min(new.first_seen),
        last_seen: stored.last_seen.max(new.last_seen),
        role: stored.role,
        tlp: stored.tlp,
        pap: stored.pap,
        id: stored.id,
        message: stored.message.or_else(|| new.message.clone()),
        sighted: stored.sighted.or(new.sighted),
        stamp: stored.stamp.or_else(|| new.stamp.clone()),
        ..new.clone()
    }
}

/// Returns what people call the type of an observable: its own word, or that of its kind.
fn data_type(observable: &Observable) -> String {
    observable.data_type.clone().unwrap_or_else(|| observable.kind.as_str().to_owned())
}

pub(crate) async fn save_observable(connection: &mut Connection, observable: &Observable) -> Result<(), StoreError> {
    let stamp = observable.stamp.as_ref();
    sqlx::query(
        "INSERT INTO observables (id, tenant, alert, case_id, kind, data_type, value, address, attachment, role, ioc,
             unlike, sighted, warning, tlp, pap, message, first_seen, last_seen, created, created_by, updated, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, data_type = excluded.data_type, value = excluded.value,
             address = excluded.address, attachment = excluded.attachment, role = excluded.role, ioc = excluded.ioc,
             unlike = excluded.unlike, sighted = excluded.sighted, warning = excluded.warning, tlp = excluded.tlp,
             pap = excluded.pap, message = excluded.message, first_seen = excluded.first_seen,
             last_seen = excluded.last_seen, updated = excluded.updated, body = excluded.body",
    )
    .bind(observable.id.to_string())
    .bind(observable.tenant.as_str())
    .bind(observable.on.alert().map(|id| id.to_string()))
    .bind(observable.on.case().map(|id| id.to_string()))
    .bind(observable.kind.as_str())
    .bind(data_type(observable))
    .bind(&observable.value)
    .bind(address_of(observable.kind, &observable.value))
    .bind(observable.attachment.map(|id| id.to_string()))
    .bind(word(&observable.role))
    .bind(observable.ioc)
    .bind(observable.unlike)
    .bind(observable.sighted.map(Timestamp::as_micros))
    .bind(&observable.warning)
    .bind(tlp_rank(observable.tlp))
    .bind(pap_rank(observable.pap))
    .bind(&observable.message)
    .bind(observable.first_seen.as_micros())
    .bind(observable.last_seen.as_micros())
    .bind(stamp.map_or(observable.first_seen, |stamp| stamp.created).as_micros())
    .bind(stamp.map_or("", |stamp| stamp.created_by.as_str()))
    .bind(stamp.and_then(|stamp| stamp.updated).map(Timestamp::as_micros))
    .bind(to_json(observable))
    .execute(&mut *connection)
    .await
    .doing("save an observable")?;
    save_tags(connection, "observable_tags", "observable", &observable.id.to_string(), &observable.tags).await
}

impl Object for Observable {
    const LIST: List = List::Observables;
    const KIND: ObjectKind = ObjectKind::Observable;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<&TenantId> {
        Some(&self.tenant)
    }

    fn columns(&self) -> Vec<(&'static str, Cell)> {
        Vec::new()
    }

    async fn write(&self, tx: &mut Tx, before: Option<&Self>) -> Result<(), StoreError> {
        if before.is_none() && tx.known_observable(self).await?.is_some() {
            return Err(StoreError::Exists { object: Self::KIND, id: self.value.clone() });
        }
        save_observable(&mut tx.inner, self).await
    }
}

impl Object for Task {
    const LIST: List = List::Tasks;
    const KIND: ObjectKind = ObjectKind::Task;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<&TenantId> {
        Some(&self.tenant)
    }

    fn columns(&self) -> Vec<(&'static str, Cell)> {
        let mut columns = vec![
            ("case_id", Cell::Text(self.case.to_string())),
            ("title", Cell::Text(self.title.clone())),
            ("status", Cell::Text(word(&self.status))),
            ("assignee", Cell::Maybe(self.assignee.clone())),
            ("task_group", Cell::Text(self.group.clone())),
            ("position", Cell::Integer(i64::from(self.position))),
            ("mandatory", Cell::Flag(self.mandatory)),
            ("flag", Cell::Flag(self.flag)),
            ("due", Cell::MaybeInteger(self.due.map(Timestamp::as_micros))),
            ("started", Cell::MaybeInteger(self.started.map(Timestamp::as_micros))),
            ("ended", Cell::MaybeInteger(self.ended.map(Timestamp::as_micros))),
        ];
        columns.extend(stamp(&self.stamp));
        columns
    }
}
