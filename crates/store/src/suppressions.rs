//! Suppressions, and the findings that they kept from becoming alerts.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::QueryBuilder;
use vigie_model::{Finding, FindingId, Suppression, SuppressionId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::row::{bodies, body, from_json, get, push_scope, time_or_none, to_json, unsigned};
use crate::{Store, StoreError, Tx};

/// How many suppressions may be in force at once.
pub const SUPPRESSIONS_MAX: usize = 1_000;
/// How many suppressed findings of one suppression are kept, but for those of the last day.
pub const SUPPRESSED_KEPT_MAX: u32 = 10_000;
/// How long suppressed findings are kept at least: longer than any replay reaches back.
const REPLAY: Duration = Duration::from_hours(24);

/// A suppression and what it has held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedSuppression {
    /// The suppression.
    pub suppression: Suppression,
    /// How many findings of the tenants that were asked about.
    pub count: u64,
    /// When it last held one of them back.
    pub last: Option<Timestamp>,
}

impl Store {
    /// Returns the suppressions that hold for tenants of the scope, those in force and those that are over, newest first.
    pub async fn suppressions(&self, scope: &TenantScope) -> Result<Vec<CountedSuppression>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT s.body AS body, coalesce(sum(c.count), 0) AS count, max(c.last) AS last
             FROM suppressions AS s LEFT JOIN suppression_counts AS c ON c.suppression = s.id AND ",
        );
        push_scope(&mut query, "c.tenant", scope);
        query.push(" WHERE s.tenant IS NULL OR ");
        push_scope(&mut query, "s.tenant", scope);
        query.push(" GROUP BY s.id ORDER BY s.created DESC, s.id");
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("list suppressions")?;
        let read = |row| {
            Ok(CountedSuppression {
                suppression: from_json("suppressions", "", &get::<String>(row, "suppressions", "body")?)?,
                count: unsigned(get(row, "suppressions", "count")?),
                last: time_or_none(row, "suppressions", "last")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Returns what a suppression has held back of the tenants of the scope, the last first.
    pub async fn suppressed_findings(
        &self,
        scope: &TenantScope,
        id: SuppressionId,
        limit: u32,
    ) -> Result<Vec<Finding>, StoreError> {
        let mut query = QueryBuilder::new("SELECT body FROM suppressed_findings WHERE suppression = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" ORDER BY taken DESC, id LIMIT ").push_bind(i64::from(limit));
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await;
        bodies("suppressed_findings", rows.doing("list suppressed findings")?)
    }
}

impl Tx {
    /// Puts a suppression up. Returns false, and changes nothing, where [`SUPPRESSIONS_MAX`] are in force.
    pub async fn place_suppression(&mut self, suppression: &Suppression) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO suppressions (id, tenant, created, expires, body)
             SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM suppressions WHERE expires > ?) < ?",
        )
        .bind(suppression.id.to_string())
        .bind(suppression.tenant.as_ref().map(ToString::to_string))
        .bind(suppression.created.as_micros())
        .bind(suppression.expires.as_micros())
        .bind(to_json(suppression))
        .bind(suppression.created.as_micros())
        .bind(SUPPRESSIONS_MAX as i64)
        .execute(&mut *self.inner)
        .await
        .doing("put a suppression up")?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a suppression away and returns it, or `None` where the scope has none of that id. One that holds for all
    /// tenants is only within the scope of all.
    pub async fn lift_suppression(
        &mut self,
        scope: &TenantScope,
        id: SuppressionId,
    ) -> Result<Option<Suppression>, StoreError> {
        let mut query = QueryBuilder::new("DELETE FROM suppressions WHERE id = ");
        query.push_bind(id.to_string()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" RETURNING body");
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("take a suppression away")?;
        body("suppressions", row)
    }

    /// Returns the suppressions in force, oldest first.
    pub async fn suppressions_in_force(&mut self, now: Timestamp) -> Result<Vec<Suppression>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM suppressions WHERE expires > ? ORDER BY created, id")
            .bind(now.as_micros())
            .fetch_all(&mut *self.inner)
            .await
            .doing("load the suppressions in force")?;
        bodies("suppressions", rows)
    }

    /// Returns those of the findings that were suppressed when they were first taken in.
    pub async fn suppressed_before(&mut self, findings: &[Finding]) -> Result<HashSet<FindingId>, StoreError> {
        let ids: Vec<String> = findings.iter().map(|finding| finding.id.to_string()).collect();
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT s.id FROM json_each(?) AS asked JOIN suppressed_findings AS s ON s.id = asked.value",
        )
        .bind(to_json(&ids))
        .fetch_all(&mut *self.inner)
        .await
        .doing("look suppressed findings up")?;
        let known: HashSet<String> = rows.into_iter().collect();
        Ok(findings.iter().map(|finding| finding.id).filter(|id| known.contains(&id.to_string())).collect())
    }

    /// Records a finding as suppressed, and counts it. Returns false, and changes nothing, where the finding is known: in an
    /// alert, or as suppressed.
    pub async fn suppress_finding(
        &mut self,
        finding: &Finding,
        by: SuppressionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO suppressed_findings (id, suppression, tenant, rule, time, taken, body)
             SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM findings WHERE id = ?)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(finding.id.to_string())
        .bind(by.to_string())
        .bind(finding.tenant.as_str())
        .bind(finding.rule.id.as_str())
        .bind(finding.time.as_micros())
        .bind(now.as_micros())
        .bind(to_json(finding))
        .bind(finding.id.to_string())
        .execute(&mut *self.inner)
        .await
        .doing("record a suppressed finding")?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO suppression_counts (suppression, tenant, count, last) VALUES (?, ?, 1, ?)
             ON CONFLICT (suppression, tenant) DO UPDATE SET count = count + 1, last = excluded.last",
        )
        .bind(by.to_string())
        .bind(finding.tenant.as_str())
        .bind(now.as_micros())
        .execute(&mut *self.inner)
        .await
        .doing("count a suppressed finding")?;
        Ok(true)
    }

    /// Forgets suppressions that ended before this time, suppressed findings from before it, and of each suppression all but
    /// the last [`SUPPRESSED_KEPT_MAX`] older than a day. Returns how many findings.
    pub async fn prune_suppressed(&mut self, before: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        sqlx::query("DELETE FROM suppressions WHERE expires < ?")
            .bind(before.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("forget suppressions")?;
        let done = sqlx::query(
            "DELETE FROM suppressed_findings WHERE taken < ? OR (taken < ? AND id IN (
                 SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY suppression ORDER BY taken DESC, id) AS place
                                 FROM suppressed_findings) AS placed WHERE place > ?))",
        )
        .bind(before.as_micros())
        .bind(now.minus(REPLAY).as_micros())
        .bind(i64::from(SUPPRESSED_KEPT_MAX))
        .execute(&mut *self.inner)
        .await
        .doing("forget suppressed findings")?;
        Ok(done.rows_affected())
    }
}
