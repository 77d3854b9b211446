//! Counts for the overview and for reports.

mod desk;
mod entities;
mod rules;

use std::time::Duration;

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{AttackTag, RuleId, Severity, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::place::{SPILL, TURNS, first_place};
use crate::row::{Connection, corrupt, push_scope, unsigned};
use crate::{Store, StoreError};

pub use desk::Waiting;
pub use entities::{EntityCount, EntityCounts, LATEST_MAX};

/// How many rules a count by rule names.
pub const RULES_MAX: u32 = 50;

const DAY: Duration = Duration::from_hours(24);

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
    /// How many of the rules with each set of ATT&CK tags, in no order; those without any are left out.
    pub by_attack: Vec<AttackCount>,
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

/// How many alerts the rules with the same ATT&CK tags raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackCount {
    /// The tactics and techniques.
    pub tags: Vec<AttackTag>,
    /// How many alerts.
    pub alerts: u64,
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
        let cells = span.cells(DAY, &mut connection).await?;
        let sums = Sums::of(&cells);
        let (by_rule, by_attack) = rules::counts(&span, &mut connection).await?;
        Ok(AlertStatistics {
            total: sums.total,
            open: sums.open,
            findings: sums.findings,
            by_severity: sums.by_severity(),
            by_rule,
            by_attack,
            by_day: over_time(&cells),
            mean_acknowledge_s: sums.acknowledge.mean(),
            mean_close_s: sums.close.mean(),
        })
    }

    /// Counts the alerts raised at `from` or later and before `until` in intervals that begin with 1970, in UTC: those in which
    /// there were any, oldest first, from the least severity.
    pub async fn alerts_over_time(
        &self,
        scope: &TenantScope,
        (from, until): (Timestamp, Timestamp),
        interval: Duration,
    ) -> Result<Vec<(Timestamp, [u64; 5])>, StoreError> {
        let span = Span { table: "alerts", scope, from, until };
        let cells = span.cells(interval, &mut *self.read().await?).await?;
        Ok(over_time(&cells))
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
        let sums = Sums::of(&span.cells(DAY, &mut connection).await?);
        let verdicts: Vec<(String, i64)> = span
            .select("SELECT verdict, count(*)", " AND verdict IS NOT NULL GROUP BY verdict ORDER BY verdict")
            .build_query_as()
            .fetch_all(&mut *connection)
            .await
            .doing("count cases by verdict")?;
        Ok(CaseStatistics {
            total: sums.total,
            open: sums.open,
            by_severity: sums.by_severity(),
            by_verdict: verdicts.into_iter().map(|(verdict, count)| (verdict, unsigned(count))).collect(),
            mean_acknowledge_s: sums.acknowledge.mean(),
            mean_close_s: sums.close.mean(),
        })
    }
}

/// What is counted of an interval and a severity, of one tenant.
struct Cell {
    start: i64,
    severity: i64,
    /// In this order: how many, how many of them open, findings, how many taken up, after how many microseconds together,
    /// how many closed, after how many microseconds together.
    counts: [Option<i64>; 7],
}

impl Cell {
    fn count(&self, index: usize) -> i64 {
        self.counts[index].unwrap_or(0)
    }
}

impl Span<'_> {
    fn select(&self, select: &str, rest: &'static str) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(select);
        query.push(" FROM ").push(self.table).push(" WHERE ");
        self.push_condition(&mut query);
        query.push(rest);
        query
    }

    /// Adds which rows these are. Their places are a range of an index that begins with the tenant, also for all tenants.
    fn push_condition(&self, query: &mut QueryBuilder<Sqlite>) {
        match self.scope {
            TenantScope::All => _ = query.push("tenant IN (SELECT id FROM tenants)"),
            only @ TenantScope::Only(_) => push_scope(query, "tenant", only),
        }
        query.push(" AND ");
        self.push_span(query);
    }

    fn push_span(&self, query: &mut QueryBuilder<Sqlite>) {
        let (from, until) = (self.from.as_micros(), self.until.as_micros());
        query.push("place >= ").push_bind(first_place(from));
        query.push(" AND place < ").push_bind(first_place(until) + SPILL);
        query.push(" AND created >= ").push_bind(from).push(" AND created < ").push_bind(until);
    }

    /// Counts by tenant, interval and severity. Each is one range of an index, so that nothing is sorted: over a million
    /// alerts that is four times as fast as one statement that groups them.
    async fn cells(&self, interval: Duration, connection: &mut Connection) -> Result<Vec<Cell>, StoreError> {
        let findings = if self.table == "alerts" { "sum(count)" } else { "0" };
        let (from, until, step) = (self.from.as_micros(), self.until.as_micros(), micros(interval));
        let mut query = QueryBuilder::new("WITH RECURSIVE spans (start, until) AS (SELECT ");
        query.push_bind(from).push(", min(").push_bind(until).push(", ");
        query.push_bind(from.div_euclid(step).saturating_add(1).saturating_mul(step));
        query.push(") UNION ALL SELECT until, min(").push_bind(until).push(", until + ").push_bind(step);
        query.push(") FROM spans WHERE until < ").push_bind(until).push("), ");
        query.push("severities (severity) AS (VALUES (0), (1), (2), (3), (4)), whose (id) AS (");
        self.push_tenants(&mut query);
        query.push(") SELECT start, severities.severity, (SELECT json_array(count(*), sum(status <> 'closed'), ");
        query.push(findings).push(", count(acknowledged), sum(acknowledged - created), count(closed), ");
        query.push("sum(closed - created)) FROM ").push(self.table).push(" AS r INDEXED BY ").push(self.table);
        query.push("_by_tenant_severity WHERE r.tenant = whose.id AND r.severity = severities.severity AND r.place >= max(start, 0) * ");
        query.push(TURNS).push(" AND r.place < max(until, 0) * ").push(TURNS).push(" + ").push(SPILL);
        query.push(" AND r.created >= start AND r.created < until) FROM whose, severities, spans ORDER BY start");
        let rows: Vec<(i64, i64, String)> =
            query.build_query_as().fetch_all(connection).await.doing("count over time")?;
        let read = |(start, severity, counts): (i64, i64, String)| {
            let counts = serde_json::from_str(&counts).map_err(|error| corrupt(self.table, "counts", &error))?;
            Ok(Cell { start: start.div_euclid(step).saturating_mul(step), severity, counts })
        };
        rows.into_iter().map(read).collect()
    }

    /// Adds a statement that lists the tenants by id.
    fn push_tenants(&self, query: &mut QueryBuilder<Sqlite>) {
        query.push("SELECT id FROM tenants WHERE ");
        push_scope(query, "id", self.scope);
    }
}

fn micros(interval: Duration) -> i64 {
    i64::try_from(interval.as_micros()).unwrap_or(i64::MAX).max(1)
}

/// A sum of spans of time.
#[derive(Default)]
struct Spans {
    count: i64,
    micros: i64,
}

impl Spans {
    fn add(&mut self, count: i64, micros: i64) {
        self.count += count;
        self.micros = self.micros.saturating_add(micros);
    }

    /// Returns the mean in seconds.
    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.micros as f64 / 1_000_000.0 / self.count as f64)
    }
}

/// What cells come to together.
#[derive(Default)]
struct Sums {
    total: u64,
    open: u64,
    findings: u64,
    severities: [u64; 5],
    acknowledge: Spans,
    close: Spans,
}

impl Sums {
    fn of(cells: &[Cell]) -> Self {
        let mut sums = Self::default();
        for cell in cells {
            let total = unsigned(cell.count(0));
            sums.total += total;
            sums.open += unsigned(cell.count(1));
            sums.findings += unsigned(cell.count(2));
            if let Some(slot) = slot(&mut sums.severities, cell.severity) {
                *slot += total;
            }
            sums.acknowledge.add(cell.count(3), cell.count(4));
            sums.close.add(cell.count(5), cell.count(6));
        }
        sums
    }

    fn by_severity(&self) -> Vec<(Severity, u64)> {
        Severity::ALL.into_iter().zip(self.severities).collect()
    }
}

fn slot(counts: &mut [u64; 5], severity: i64) -> Option<&mut u64> {
    counts.get_mut(usize::try_from(severity).ok()?)
}

/// Returns the counts of all tenants together, without intervals in which there is nothing.
fn over_time(cells: &[Cell]) -> Vec<(Timestamp, [u64; 5])> {
    let mut times: Vec<(Timestamp, [u64; 5])> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.count(0) > 0) {
        let start = Timestamp::from_micros(cell.start);
        if times.last().is_none_or(|(last, _)| *last != start) {
            times.push((start, [0; 5]));
        }
        if let Some(slot) = times.last_mut().and_then(|(_, counts)| slot(counts, cell.severity)) {
            *slot += unsigned(cell.count(0));
        }
    }
    times
}
