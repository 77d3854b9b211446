//! Cases and what is on them.

use vigie_model::{
    Access, Action, Alert, Case, CaseId, Comment, ObjectKind, Observable, Task, TenantId, TimelineEntry, Timestamp,
};

use crate::alerts::save_fields;
use crate::error::{Doing as _, refused};
use crate::fields::List;
use crate::listing::page;
use crate::objects::{Cell, Object, get_owned};
use crate::place::{Known, Placed, Placing};
use crate::row::{
    Connection, bodies, body, integer, of_case, pap_rank, read_body, severity_rank, tlp_rank, to_json, unsigned, word,
};
use crate::scope::Within;
use crate::tags::Tags;
use crate::terms::Terms;
use crate::{Listing, Rows, Store, StoreError, Tx};

/// A case with all that is on it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its alerts, by their first event.
    pub alerts: Vec<Alert>,
    /// Its observables, by kind and value.
    pub observables: Vec<Observable>,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// What is to do, in order.
    pub tasks: Vec<Task>,
    /// What was written, oldest first.
    pub comments: Vec<Comment>,
    /// What was done or planned because of the case or its alerts, oldest first.
    pub actions: Vec<Action>,
}

impl Store {
    /// Returns a page of cases.
    pub async fn cases(&self, scope: &impl Within, listing: &Listing) -> Result<Rows<Case>, StoreError> {
        page(&mut *self.read().await?, List::Cases, read_body, scope, listing).await
    }

    /// Returns a case, or `None` where there is none within the scope.
    pub async fn case(&self, scope: &impl Within, id: CaseId) -> Result<Option<Case>, StoreError> {
        get_owned(&mut *self.read().await?, scope, &id.to_string()).await
    }

    /// Returns a tenant's case by the number that people call it by.
    pub async fn case_by_number(&self, tenant: &TenantId, number: u64) -> Result<Option<Case>, StoreError> {
        let row = sqlx::query_scalar("SELECT body FROM cases WHERE tenant = ? AND number = ?")
            .bind(tenant.as_str())
            .bind(integer(number))
            .fetch_optional(&mut *self.read().await?)
            .await
            .doing("load a case by its number")?;
        body("cases", row)
    }

    /// Returns a case with all that is on it, as of one moment.
    pub async fn case_file(&self, scope: &impl Within, id: CaseId) -> Result<Option<CaseFile>, StoreError> {
        let mut connection = self.read().await?;
        // One transaction, so that the parts are of the same moment.
        let mut tx = sqlx::Connection::begin(&mut *connection).await.doing("begin to read a case")?;
        let Some(case) = get_owned::<Case>(&mut tx, scope, &id.to_string()).await? else { return Ok(None) };
        let file = CaseFile {
            alerts: alerts_of(&mut tx, &id).await?,
            observables: of_case(&mut tx, "observables", "kind, value", &id).await?,
            timeline: of_case(&mut tx, "timeline", "time, id", &id).await?,
            tasks: of_case(&mut tx, "tasks", "position, created, id", &id).await?,
            comments: of_case(&mut tx, "comments", "created, id", &id).await?,
            actions: actions_of(&mut tx, &id).await?,
            case,
        };
        tx.rollback().await.doing("end reading a case")?;
        Ok(Some(file))
    }
}

impl Tx {
    /// Returns a case, or `None` where there is none within the scope.
    pub async fn case(&mut self, scope: &impl Within, id: CaseId) -> Result<Option<Case>, StoreError> {
        get_owned(&mut self.inner, scope, &id.to_string()).await
    }

    /// Returns the alerts of a case, by their first event; none where the case is not within the scope.
    pub async fn case_alerts(&mut self, scope: &impl Within, id: CaseId) -> Result<Vec<Alert>, StoreError> {
        match self.case(scope, id).await? {
            Some(_) => alerts_of(&mut self.inner, &id).await,
            None => Ok(Vec::new()),
        }
    }

    /// Returns the observables of a case; none where the case is not within the scope.
    pub async fn case_observables(&mut self, scope: &impl Within, id: CaseId) -> Result<Vec<Observable>, StoreError> {
        match self.case(scope, id).await? {
            Some(_) => of_case(&mut self.inner, "observables", "kind, value", &id).await,
            None => Ok(Vec::new()),
        }
    }

    /// Returns the tasks of a case in order; none where the case is not within the scope.
    pub async fn case_tasks(&mut self, scope: &impl Within, id: CaseId) -> Result<Vec<Task>, StoreError> {
        match self.case(scope, id).await? {
            Some(_) => of_case(&mut self.inner, "tasks", "position, created, id", &id).await,
            None => Ok(Vec::new()),
        }
    }

    /// Returns the number for a tenant's next case. It stays free until a case with it is saved in this transaction.
    pub async fn next_case_number(&mut self, tenant: &TenantId) -> Result<u64, StoreError> {
        let highest: Option<i64> = sqlx::query_scalar("SELECT max(number) FROM cases WHERE tenant = ?")
            .bind(tenant.as_str())
            .fetch_one(&mut *self.inner)
            .await
            .doing("find the next case number")?;
        Ok(unsigned(highest.unwrap_or(0)) + 1)
    }

    /// Saves a case and its tags. `expected_version` is the version that the change was made from, or `None` for a new case.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another version is stored, [`StoreError::Exists`] where the id or number is taken.
    pub async fn save_case(&mut self, case: &Case, expected_version: Option<u64>) -> Result<(), StoreError> {
        let (is_new, id) = (expected_version.is_none(), case.id.to_string());
        let (created, terms) = (case.created.as_micros(), Terms::of_case(case));
        let placed = match expected_version {
            None => {
                let placed = Placing::CASES.new_row(&mut self.inner, created, terms).await?;
                self.insert_case(case, &placed).await?;
                placed
            }
            Some(expected) => {
                let known = Known { id: &id, tenant: &case.tenant, expected, created, terms };
                let placed = Placing::CASES.known_row(&mut self.inner, known).await?;
                self.update_case(case, &placed).await?;
                placed
            }
        };
        self.index_later(placed);
        self.save_access(case, is_new).await?;
        save_fields(&mut self.inner, "case_id", &id, &case.desk.fields, is_new).await?;
        if is_new {
            return Tags::CASES.insert(&mut self.inner, [(id, case.tags.as_slice())]).await;
        }
        Tags::CASES.save(&mut self.inner, &id, &case.tags).await
    }

    /// Makes the rows that say who may open a case those of the case.
    async fn save_access(&mut self, case: &Case, is_new: bool) -> Result<(), StoreError> {
        let doing = "save who may open a case";
        let id = case.id.to_string();
        if !is_new {
            let delete = sqlx::query("DELETE FROM case_users WHERE case_id = ?").bind(&id);
            delete.execute(&mut *self.inner).await.doing(doing)?;
        }
        let Access::Users(names) = &case.desk.access else { return Ok(()) };
        for name in names {
            sqlx::query("INSERT INTO case_users (case_id, name) VALUES (?, ?) ON CONFLICT (case_id, name) DO NOTHING")
                .bind(&id)
                .bind(name.to_ascii_lowercase())
                .execute(&mut *self.inner)
                .await
                .doing(doing)?;
        }
        Ok(())
    }

    async fn insert_case(&mut self, case: &Case, placed: &Placed) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO cases (title, severity, status, assignee, verdict, tlp, pap, first_seen, last_seen, created,
                 updated, acknowledged, closed, version, place, terms, body, flag, label, impact, restricted, created_by,
                 updated_by, ended, id, tenant, number)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind_changing(case, placed)
        .bind(case.id.to_string())
        .bind(case.tenant.as_str())
        .bind(integer(case.number))
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "save a new case", ObjectKind::Case, &case.id))?;
        Ok(())
    }

    async fn update_case(&mut self, case: &Case, placed: &Placed) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE cases SET title = ?, severity = ?, status = ?, assignee = ?, verdict = ?, tlp = ?, pap = ?,
                 first_seen = ?, last_seen = ?, created = ?, updated = ?, acknowledged = ?, closed = ?, version = ?,
                 place = ?, terms = ?, body = ?, flag = ?, label = ?, impact = ?, restricted = ?, created_by = ?,
                 updated_by = ?, ended = ?
             WHERE id = ?",
        )
        .bind_changing(case, placed)
        .bind(case.id.to_string())
        .execute(&mut *self.inner)
        .await
        .doing("save a case")?;
        Ok(())
    }
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds the columns of a case that a change may touch, in the order of both statements above.
trait BindChanging {
    fn bind_changing(self, case: &Case, placed: &Placed) -> Self;
}

impl BindChanging for Statement<'_> {
    fn bind_changing(self, case: &Case, placed: &Placed) -> Self {
        self.bind(case.title.clone())
            .bind(severity_rank(case.severity))
            .bind(case.status.as_str())
            .bind(case.assignee.clone())
            .bind(case.resolution.as_ref().map(|resolution| word(&resolution.verdict)))
            .bind(tlp_rank(case.tlp))
            .bind(pap_rank(case.pap))
            .bind(case.first_seen.as_micros())
            .bind(case.last_seen.as_micros())
            .bind(case.created.as_micros())
            .bind(case.updated.as_micros())
            .bind(case.acknowledged.map(Timestamp::as_micros))
            .bind(case.closed.map(Timestamp::as_micros))
            .bind(integer(case.version))
            .bind(placed.place)
            .bind(placed.digest.clone())
            .bind(to_json(case))
            .bind(case.desk.flag)
            .bind(case.desk.label.clone())
            .bind(case.desk.impact.as_ref().map(word))
            .bind(case.desk.access != Access::Tenant)
            .bind(case.desk.created_by.clone())
            .bind(case.desk.updated_by.clone())
            .bind(case.desk.ended.or(case.closed).map(Timestamp::as_micros))
    }
}

async fn alerts_of(connection: &mut Connection, case: &CaseId) -> Result<Vec<Alert>, StoreError> {
    of_case(connection, "alerts", "first_seen, id", case).await
}

async fn actions_of(connection: &mut Connection, case: &CaseId) -> Result<Vec<Action>, StoreError> {
    let rows = sqlx::query_scalar(
        "SELECT body FROM actions WHERE case_id = ?
         UNION SELECT body FROM actions WHERE alert IN (SELECT alert FROM case_alerts WHERE case_id = ?)",
    )
    .bind(case.to_string())
    .bind(case.to_string())
    .fetch_all(connection)
    .await
    .doing("load the actions of a case")?;
    let mut actions: Vec<Action> = bodies("actions", rows)?;
    actions.sort_by_key(|action| (action.created, action.id));
    Ok(actions)
}

impl Object for Case {
    const LIST: List = List::Cases;
    const KIND: ObjectKind = ObjectKind::Case;

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
        tx.save_case(self, before.map(|before| before.version)).await
    }
}
