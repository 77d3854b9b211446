//! What is on a case: observables, tasks, comments, the timeline.

use vigie_model::{CaseId, Comment, Observable, ObservableId, Task, TaskId, TenantScope, TimelineEntry, Timestamp};

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::row::{Connection, address_of, body, one, read_body, to_json, word};
use crate::{Listing, Rows, Store, StoreError, Tx};

impl Store {
    /// Returns a page of the observables of all cases.
    pub async fn observables(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<Observable>, StoreError> {
        page(&mut *self.read().await?, List::Observables, read_body, scope, listing).await
    }

    /// Returns a page of the tasks of all cases.
    pub async fn tasks(&self, scope: &TenantScope, listing: &Listing) -> Result<Rows<Task>, StoreError> {
        page(&mut *self.read().await?, List::Tasks, read_body, scope, listing).await
    }
}

impl Tx {
    /// Returns a task, or `None` where there is none within the scope.
    pub async fn task(&mut self, scope: &TenantScope, id: TaskId) -> Result<Option<Task>, StoreError> {
        one(&mut self.inner, "tasks", scope, &id).await
    }

    /// Puts observables on their cases. Where the case has the value already, the times are widened, tags and context
    /// are joined, and `ioc` stays once it was said; the rest is taken from the new one.
    pub async fn upsert_observables(&mut self, observables: &[Observable]) -> Result<(), StoreError> {
        for observable in observables {
            let stored = self.observable(observable.case, observable.id).await?;
            let merged = stored.map_or_else(|| observable.clone(), |stored| joined(stored, observable));
            save_observable(&mut self.inner, &merged).await?;
        }
        Ok(())
    }

    /// Saves an observable as it is, over what the case had of the same value.
    pub async fn save_observable(&mut self, observable: &Observable) -> Result<(), StoreError> {
        save_observable(&mut self.inner, observable).await
    }

    async fn observable(&mut self, case: CaseId, id: ObservableId) -> Result<Option<Observable>, StoreError> {
        let row = sqlx::query_scalar("SELECT body FROM observables WHERE case_id = ? AND id = ?")
            .bind(case.to_string())
            .bind(id.to_string())
            .fetch_optional(&mut *self.inner)
            .await
            .doing("load an observable")?;
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
            sqlx::query(
                "INSERT INTO tasks (id, tenant, case_id, title, status, assignee, position, created, ended, body)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET title = excluded.title, status = excluded.status,
                     assignee = excluded.assignee, position = excluded.position, ended = excluded.ended,
                     body = excluded.body",
            )
            .bind(task.id.to_string())
            .bind(task.tenant.as_str())
            .bind(task.case.to_string())
            .bind(&task.title)
            .bind(word(&task.status))
            .bind(&task.assignee)
            .bind(i64::from(task.position))
            .bind(task.created.as_micros())
            .bind(task.ended.map(Timestamp::as_micros))
            .bind(to_json(task))
            .execute(&mut *self.inner)
            .await
            .doing("save a task")?;
        }
        Ok(())
    }

    /// Saves a comment.
    pub async fn save_comment(&mut self, comment: &Comment) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO comments (id, tenant, case_id, created, body) VALUES (?, ?, ?, ?, ?)")
            .bind(comment.id.to_string())
            .bind(comment.tenant.as_str())
            .bind(comment.case.to_string())
            .bind(comment.created.as_micros())
            .bind(to_json(comment))
            .execute(&mut *self.inner)
            .await
            .doing("save a comment")?;
        Ok(())
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
        ..new.clone()
    }
}

async fn save_observable(connection: &mut Connection, observable: &Observable) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO observables (case_id, id, tenant, kind, value, address, role, ioc, warning, first_seen, last_seen,
             body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (case_id, id) DO UPDATE SET role = excluded.role, ioc = excluded.ioc, warning = excluded.warning,
             first_seen = excluded.first_seen, last_seen = excluded.last_seen, body = excluded.body",
    )
    .bind(observable.case.to_string())
    .bind(observable.id.to_string())
    .bind(observable.tenant.as_str())
    .bind(observable.kind.as_str())
    .bind(&observable.value)
    .bind(address_of(observable.kind, &observable.value))
    .bind(word(&observable.role))
    .bind(observable.ioc)
    .bind(&observable.warning)
    .bind(observable.first_seen.as_micros())
    .bind(observable.last_seen.as_micros())
    .bind(to_json(observable))
    .execute(connection)
    .await
    .doing("save an observable")?;
    Ok(())
}
