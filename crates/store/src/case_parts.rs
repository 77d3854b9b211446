//! What is on a case: tasks, comments, the timeline.

use vigie_model::{Comment, ObjectKind, Task, TaskId, TenantId, TimelineEntry, Timestamp};

use crate::desk::stamp;

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::page;
use crate::objects::{Cell, Object, get_owned, write_row};
use crate::row::{read_body, to_json, word};
use crate::scope::Within;
use crate::{Listing, Rows, Store, StoreError, Tx};

impl Store {
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
