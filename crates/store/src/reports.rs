//! Reports that were made, and when the next ones are.

use sqlx::QueryBuilder;
use vigie_model::{ArchivedReport, ReportId, ReportSchedule, ReportScheduleId, TenantId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::row::{bodies, body, push_scope, to_json};
use crate::{Store, StoreError, Tx};

impl Store {
    /// Returns the schedules of reports, by tenant.
    pub async fn report_schedules(&self, scope: &TenantScope) -> Result<Vec<ReportSchedule>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM report_schedules WHERE ");
        push_scope(&mut query, "tenant", scope);
        query.push(" ORDER BY tenant, id");
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await;
        bodies("report_schedules", rows.doing("list schedules of reports")?)
    }

    /// Returns the schedules that are due, the most overdue first, at most `limit`.
    pub async fn report_schedules_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ReportSchedule>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM report_schedules WHERE next <= ? ORDER BY next, id LIMIT ?")
            .bind(now.as_micros())
            .bind(limit)
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("look for reports that are due")?;
        bodies("report_schedules", rows)
    }

    /// Returns the reports that were made, the latest first, at most `limit`, and only those before this place.
    pub async fn reports(
        &self,
        scope: &TenantScope,
        before: Option<(Timestamp, ReportId)>,
        limit: u32,
    ) -> Result<Vec<ArchivedReport>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM reports WHERE ");
        push_scope(&mut query, "tenant", scope);
        if let Some((created, id)) = before {
            query.push(" AND (created < ").push_bind(created.as_micros());
            query.push(" OR (created = ").push_bind(created.as_micros());
            query.push(" AND id < ").push_bind(id.to_string()).push("))");
        }
        query.push(" ORDER BY created DESC, id DESC LIMIT ").push_bind(limit);
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await;
        bodies("reports", rows.doing("list reports")?)
    }

    /// Returns a report that was made, or `None` where the scope has none of this id.
    pub async fn report(&self, scope: &TenantScope, id: ReportId) -> Result<Option<ArchivedReport>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM reports WHERE id = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        let row = query.build_query_scalar().fetch_optional(&mut *self.read().await?).await;
        body("reports", row.doing("load a report")?)
    }
}

impl Tx {
    /// Returns a schedule, or `None` where the scope has none of this id.
    pub async fn report_schedule(
        &mut self,
        scope: &TenantScope,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM report_schedules WHERE id = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("load a schedule")?;
        body("report_schedules", row)
    }

    /// Returns how many schedules a tenant has.
    pub async fn count_report_schedules(&mut self, tenant: &TenantId) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM report_schedules WHERE tenant = ?")
            .bind(tenant.as_str())
            .fetch_one(&mut *self.inner)
            .await
            .doing("count schedules of reports")?;
        Ok(count.unsigned_abs())
    }

    /// Writes a schedule, a new one or over the one of its id. It is looked at again at `look`: when it is due, or later
    /// where its report could not be made.
    pub async fn put_report_schedule(&mut self, schedule: &ReportSchedule, look: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO report_schedules (id, tenant, next, body) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET next = excluded.next, body = excluded.body",
        )
        .bind(schedule.id.to_string())
        .bind(schedule.tenant.as_str())
        .bind(look.as_micros())
        .bind(to_json(schedule))
        .execute(&mut *self.inner)
        .await
        .doing("write a schedule of reports")?;
        Ok(())
    }

    /// Deletes a schedule and returns it, or `None` where the scope has none of this id. Its reports stay.
    pub async fn delete_report_schedule(
        &mut self,
        scope: &TenantScope,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError> {
        let mut query = QueryBuilder::new("DELETE FROM report_schedules WHERE id = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" RETURNING body");
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("delete a schedule")?;
        body("report_schedules", row)
    }

    /// Notes a report that was made. Returns whether it is new: a report of this id is never written over.
    pub async fn archive_report(&mut self, report: &ArchivedReport) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO reports (id, tenant, created, html_sha256, pdf_sha256, body) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(report.id.to_string())
        .bind(report.tenant.as_str())
        .bind(report.created.as_micros())
        .bind(&report.html_sha256)
        .bind(&report.pdf_sha256)
        .bind(to_json(report))
        .execute(&mut *self.inner)
        .await
        .doing("archive a report")?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets the reports that were made before. Their files go with the next sweep. Returns how many there were.
    pub async fn prune_reports(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM reports WHERE created < ?")
            .bind(before.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("forget old reports")?;
        Ok(done.rows_affected())
    }
}
