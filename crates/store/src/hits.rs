//! What each rule brought: hits and noise.

use sqlx::QueryBuilder;
use vigie_model::{RuleId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::row::{get, parsed, push_scope, time, unsigned};
use crate::{Store, StoreError};

/// How many rules are counted at most, those with the most alerts.
pub const HIT_RULES_MAX: u32 = 20_000;

/// What a rule brought in a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHits {
    /// The rule; also one that is gone.
    pub rule: RuleId,
    /// How many alerts were raised.
    pub alerts: u64,
    /// How many findings are in them.
    pub findings: u64,
    /// How many of the alerts were closed as false positives.
    pub false_positive: u64,
    /// How many of them were closed as true but harmless.
    pub benign: u64,
    /// How many of them are not closed.
    pub open: u64,
    /// When the last of their events happened.
    pub last_seen: Timestamp,
}

/// What a rule brought on one day in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayHits {
    /// The begin of the day.
    pub day: Timestamp,
    /// How many alerts were raised.
    pub alerts: u64,
    /// How many findings are in them.
    pub findings: u64,
}

impl Store {
    /// Counts by rule the alerts raised at `from` or later, the rules with the most first.
    pub async fn rule_hits(&self, scope: &TenantScope, from: Timestamp) -> Result<Vec<RuleHits>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT rule, count(*) AS alerts, sum(count) AS findings,
                 sum(CASE WHEN verdict = 'false_positive' THEN 1 ELSE 0 END) AS false_positive,
                 sum(CASE WHEN verdict = 'benign' THEN 1 ELSE 0 END) AS benign,
                 sum(CASE WHEN status <> 'closed' THEN 1 ELSE 0 END) AS open, max(last_seen) AS last_seen
             FROM alerts WHERE created >= ",
        );
        query.push_bind(from.as_micros()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" GROUP BY rule ORDER BY alerts DESC, rule LIMIT ").push_bind(i64::from(HIT_RULES_MAX));
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("count the hits of rules")?;
        let read = |row| {
            let count = |column| Ok::<u64, StoreError>(unsigned(get(row, "alerts", column)?));
            Ok(RuleHits {
                rule: parsed(row, "alerts", "rule")?,
                alerts: count("alerts")?,
                findings: count("findings")?,
                false_positive: count("false_positive")?,
                benign: count("benign")?,
                open: count("open")?,
                last_seen: time(row, "alerts", "last_seen")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Counts by day in UTC the alerts of a rule raised at `from` or later, oldest first; days without any are left out.
    pub async fn rule_days(
        &self,
        scope: &TenantScope,
        rule: &RuleId,
        from: Timestamp,
    ) -> Result<Vec<DayHits>, StoreError> {
        const DAY_US: i64 = 86_400_000_000;
        let mut query = QueryBuilder::new("SELECT created / ");
        query
            .push_bind(DAY_US)
            .push(" AS day, count(*) AS alerts, sum(count) AS findings FROM alerts WHERE created >= ");
        query.push_bind(from.as_micros()).push(" AND rule = ").push_bind(rule.as_str().to_owned()).push(" AND ");
        push_scope(&mut query, "tenant", scope);
        query.push(" GROUP BY day ORDER BY day");
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("count the hits of a rule by day")?;
        let read = |row| {
            Ok(DayHits {
                day: Timestamp::from_micros(get::<i64>(row, "alerts", "day")?.saturating_mul(DAY_US)),
                alerts: unsigned(get(row, "alerts", "alerts")?),
                findings: unsigned(get(row, "alerts", "findings")?),
            })
        };
        rows.iter().map(read).collect()
    }
}
