//! Counts for the overview and for reports.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{RuleId, Severity, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::row::{Connection, corrupt, push_scope, unsigned};
use crate::{Store, StoreError};

/// How many rules a count by rule names.
pub const RULES_MAX: u32 = 50;

const DAY_MICROS: i64 = 86_400_000_000;

/// Alerts raised in a span of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertStatistics {
    /// How many.
    pub total: u64,
    /// How many of them are not closed.
    pub open: u64,
    /// How many findings are in them.
    pub findings: u64,
    /// How many of each severity, from the least; every severity is there.
    pub by_severity: Vec<(Severity, u64)>,
    /// How many of each rule, the most first, at most [`RULES_MAX`] rules.
    pub by_rule: Vec<RuleCount>,
    /// How many on each day in UTC on which there were any, oldest first, from the least severity.
    pub by_day: Vec<(Timestamp, [u64; 5])>,
    /// From raised to first taken up, over those that were, in seconds.
    pub mean_acknowledge_s: Option<f64>,
    /// From raised to closed, over those that were, in seconds.
    pub mean_close_s: Option<f64>,
}

/// How many alerts a rule raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleId,
    /// Its title.
    pub title: String,
    /// How many alerts.
    pub alerts: u64,
    /// How many findings are in them.
    pub findings: u64,
}

/// Cases opened in a span of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseStatistics {
    /// How many.
    pub total: u64,
    /// How many of them are not closed.
    pub open: u64,
    /// How many of each severity, from the least; every severity is there.
    pub by_severity: Vec<(Severity, u64)>,
    /// How many were closed with each verdict, by its word.
    pub by_verdict: Vec<(String, u64)>,
    /// From opened to first taken up, over those that were, in seconds.
    pub mean_acknowledge_s: Option<f64>,
    /// From opened to closed, over those that were, in seconds.
    pub mean_close_s: Option<f64>,
}

/// A scope and a span of time: `from` is in it, `until` is not.
#[derive(Debug, Clone, Copy)]
struct Span<'a> {
    table: &'static str,
    scope: &'a TenantScope,
    from: Timestamp,
    until: Timestamp,
}

impl Store {
    /// Counts the alerts raised at `from` or later and before `until`.
    pub async fn alert_statistics(
        &self,
        scope: &TenantScope,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<AlertStatistics, StoreError> {
        let span = Span { table: "alerts", scope, from, until };
        let mut connection = self.read().await?;
        let (total, open, mean_acknowledge_s, mean_close_s) = span.totals(&mut connection).await?;
        let findings: i64 = span
            .select("SELECT coalesce(sum(count), 0)", "")
            .build_query_scalar()
            .fetch_one(&mut *connection)
            .await
            .doing("count findings")?;
        Ok(AlertStatistics {
            total,
            open,
            findings: unsigned(findings),
            by_severity: span.by_severity(&mut connection).await?,
            by_rule: by_rule(&span, &mut connection).await?,
            by_day: by_day(&span, &mut connection).await?,
            mean_acknowledge_s,
            mean_close_s,
        })
    }

    /// Counts the cases opened at `from` or later and before `until`.
    pub async fn case_statistics(
        &self,
        scope: &TenantScope,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<CaseStatistics, StoreError> {
        let span = Span { table: "cases", scope, from, until };
        let mut connection = self.read().await?;
        let (total, open, mean_acknowledge_s, mean_close_s) = span.totals(&mut connection).await?;
        let verdicts: Vec<(String, i64)> = span
            .select("SELECT verdict, count(*)", " AND verdict IS NOT NULL GROUP BY verdict ORDER BY verdict")
            .build_query_as()
            .fetch_all(&mut *connection)
            .await
            .doing("count cases by verdict")?;
        Ok(CaseStatistics {
            total,
            open,
            by_severity: span.by_severity(&mut connection).await?,
            by_verdict: verdicts.into_iter().map(|(verdict, count)| (verdict, unsigned(count))).collect(),
            mean_acknowledge_s,
            mean_close_s,
        })
    }
}

impl Span<'_> {
    fn select(&self, select: &'static str, rest: &'static str) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(select);
        query.push(" FROM ").push(self.table).push(" WHERE created >= ").push_bind(self.from.as_micros());
        query.push(" AND created < ").push_bind(self.until.as_micros()).push(" AND ");
        push_scope(&mut query, "tenant", self.scope);
        query.push(rest);
        query
    }

    /// Returns how many, how many not closed, and the mean seconds to taken up and to closed.
    async fn totals(&self, connection: &mut Connection) -> Result<(u64, u64, Option<f64>, Option<f64>), StoreError> {
        let row: (i64, i64, Option<f64>, Option<f64>) = self
            .select(
                "SELECT count(*), coalesce(sum(CASE WHEN status <> 'closed' THEN 1 ELSE 0 END), 0),
                        avg((acknowledged - created) / 1000000.0), avg((closed - created) / 1000000.0)",
                "",
            )
            .build_query_as()
            .fetch_one(connection)
            .await
            .doing("count rows for statistics")?;
        Ok((unsigned(row.0), unsigned(row.1), row.2, row.3))
    }

    async fn by_severity(&self, connection: &mut Connection) -> Result<Vec<(Severity, u64)>, StoreError> {
        let counts: Vec<(i64, i64)> = self
            .select("SELECT severity, count(*)", " GROUP BY severity")
            .build_query_as()
            .fetch_all(connection)
            .await
            .doing("count by severity")?;
        let count_of = |severity: Severity| {
            counts.iter().find(|(rank, _)| *rank == severity as i64).map_or(0, |(_, count)| unsigned(*count))
        };
        Ok(Severity::ALL.map(|severity| (severity, count_of(severity))).into())
    }
}

async fn by_rule(span: &Span<'_>, connection: &mut Connection) -> Result<Vec<RuleCount>, StoreError> {
    let mut query = span.select(
        "SELECT rule, max(rule_title), count(*), sum(count)",
        " GROUP BY rule ORDER BY count(*) DESC, rule LIMIT ",
    );
    query.push_bind(i64::from(RULES_MAX));
    let rows: Vec<(String, String, i64, i64)> =
        query.build_query_as().fetch_all(connection).await.doing("count by rule")?;
    let read = |(rule, title, alerts, findings): (String, String, i64, i64)| {
        Ok(RuleCount {
            rule: RuleId::new(&rule).map_err(|error| corrupt("alerts", &rule, &error))?,
            title,
            alerts: unsigned(alerts),
            findings: unsigned(findings),
        })
    };
    rows.into_iter().map(read).collect()
}

async fn by_day(span: &Span<'_>, connection: &mut Connection) -> Result<Vec<(Timestamp, [u64; 5])>, StoreError> {
    // Whole-number division rounds towards zero; alerts are raised after 1970.
    let rows: Vec<(i64, i64, i64)> = span
        .select("SELECT created / 86400000000 AS day, severity, count(*)", " GROUP BY 1, 2 ORDER BY 1, 2")
        .build_query_as()
        .fetch_all(connection)
        .await
        .doing("count by day")?;
    let mut days: Vec<(Timestamp, [u64; 5])> = Vec::new();
    for (day, severity, count) in rows {
        let start = Timestamp::from_micros(day.saturating_mul(DAY_MICROS));
        if days.last().is_none_or(|(last, _)| *last != start) {
            days.push((start, [0; 5]));
        }
        let slot = days.last_mut().and_then(|(_, counts)| counts.get_mut(usize::try_from(severity).ok()?));
        if let Some(slot) = slot {
            *slot = unsigned(count);
        }
    }
    Ok(days)
}
