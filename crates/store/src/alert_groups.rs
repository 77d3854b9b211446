//! Alerts counted by what they have in common: a queue of thousands at a glance.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Filter, Severity, Timestamp};

use crate::error::Doing as _;
use crate::fields::List;
use crate::listing::{TOTAL_MAX, check};
use crate::lower::push_filter;
use crate::plan::plan;
use crate::row::{corrupt, get, time, unsigned};
use crate::scope::{Scope, Within};
use crate::statement::{Asked, Indexed};
use crate::{Store, StoreError};

/// How many groups are told of, the largest first.
pub const GROUPS_MAX: u32 = 200;

/// What alerts are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertGrouping {
    /// The rule that raised them.
    Rule,
    /// How bad they are.
    Severity,
    /// Where they are in their lives.
    Status,
    /// Who works on them; the empty name is nobody.
    Assignee,
    /// The program that sent them; empty for our own rules.
    Source,
    /// Whose they are.
    Tenant,
    /// Each of their tags.
    Tag,
    /// Each machine that they are about.
    Host,
    /// Each account that they are about.
    User,
    /// Each address that they are about.
    Ip,
}

impl AlertGrouping {
    /// Returns the expression whose values are the groups, the one for their names, and what must be joined for them.
    const fn sql(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Rule => ("alerts.rule", "max(alerts.rule_title)", ""),
            Self::Severity => ("CAST(alerts.severity AS TEXT)", "''", ""),
            Self::Status => ("alerts.status", "''", ""),
            Self::Assignee => ("coalesce(alerts.assignee, '')", "''", ""),
            Self::Source => ("coalesce(alerts.origin_source, '')", "''", ""),
            Self::Tenant => ("alerts.tenant", "''", ""),
            Self::Tag => ("alert_tags.tag", "''", " JOIN alert_tags ON alert_tags.alert = alerts.id"),
            Self::Host => (
                "observables.value",
                "''",
                " JOIN observables ON observables.alert = alerts.id AND observables.kind = 'host'",
            ),
            Self::User => (
                "observables.value",
                "''",
                " JOIN observables ON observables.alert = alerts.id AND observables.kind = 'user'",
            ),
            Self::Ip => (
                "observables.value",
                "''",
                " JOIN observables ON observables.alert = alerts.id AND observables.kind = 'ip'",
            ),
        }
    }
}

/// Alerts that have one value in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertGroup {
    /// The value: a rule's id, a severity's word, a tag, a machine…
    pub value: String,
    /// What people call it, where that is something else.
    pub name: String,
    /// How many alerts.
    pub count: u64,
    /// How bad the worst of them is.
    pub worst: Severity,
    /// When the last of them was raised.
    pub latest: Timestamp,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertGroups {
    /// The groups, the largest first, at most [`GROUPS_MAX`].
    pub groups: Vec<AlertGroup>,
    /// Whether more than [`TOTAL_MAX`] alerts match, of which only the newest were counted.
    pub capped: bool,
}

impl Store {
    /// Counts the newest [`TOTAL_MAX`] alerts that match, by what they have in common. An alert with several tags or machines
    /// is in several groups.
    ///
    /// # Errors
    /// [`crate::QueryError`] where the filter makes no sense.
    pub async fn alert_groups(
        &self,
        scope: &impl Within,
        filter: &Filter,
        by: AlertGrouping,
    ) -> Result<AlertGroups, StoreError> {
        let table = List::Alerts.table();
        let mut connection = self.read().await?;
        let scope = &Scope::of(&mut connection, table, scope).await?;
        let asked = Asked { table, scope, filter };
        check(asked)?;
        let (value, name, join) = by.sql();
        let mut query = QueryBuilder::new("WITH hit AS MATERIALIZED (");
        push_newest(&mut query, asked)?;
        query.push(") SELECT ").push(value).push(" AS value, ").push(name);
        query.push(" AS name, count(*) AS number, max(alerts.severity) AS worst, max(alerts.created) AS latest,");
        query.push(" (SELECT count(*) FROM hit) AS total FROM hit");
        query.push(" CROSS JOIN alerts INDEXED BY alerts_by_place ON alerts.place = hit.place").push(join);
        query.push(" GROUP BY 1 ORDER BY number DESC, latest DESC, 1 LIMIT ").push_bind(i64::from(GROUPS_MAX));
        let rows = query.build().fetch_all(&mut *connection).await.doing("count alerts by what they have in common")?;
        let total: i64 = rows.first().map_or(Ok(0), |row| get(row, table.name, "total"))?;
        let groups = rows.iter().map(|row| read(row, by)).collect::<Result<_, _>>()?;
        Ok(AlertGroups { groups, capped: unsigned(total) > TOTAL_MAX })
    }
}

/// Adds the statement for the places of the newest alerts that match, one more than are counted.
fn push_newest(query: &mut QueryBuilder<Sqlite>, asked: Asked<'_>) -> Result<(), StoreError> {
    let limit = TOTAL_MAX as i64 + 1;
    let plan = plan(asked.table, asked.scope, asked.filter, true)?;
    if let (Some(plan), Some(index)) = (&plan, asked.table.index) {
        Indexed { asked, index, plan }.push_newest(query, limit)?;
        return Ok(());
    }
    query.push("SELECT place FROM alerts WHERE ");
    asked.scope.push(query, asked.table);
    query.push(" AND ");
    push_filter(query, asked.table, asked.scope, asked.filter)?;
    query.push(" ORDER BY place DESC LIMIT ").push_bind(limit);
    Ok(())
}

fn read(row: &SqliteRow, by: AlertGrouping) -> Result<AlertGroup, StoreError> {
    let table = "alerts";
    let severity = |rank: i64| {
        let place = usize::try_from(rank).ok();
        let known = place.and_then(|place| Severity::ALL.get(place).copied());
        known.ok_or_else(|| corrupt(table, "severity", &rank))
    };
    let mut value: String = get(row, table, "value")?;
    if by == AlertGrouping::Severity {
        let rank = value.parse().map_err(|error| corrupt(table, &value, &error as &dyn std::fmt::Display))?;
        severity(rank)?.as_str().clone_into(&mut value);
    }
    Ok(AlertGroup {
        value,
        name: get(row, table, "name")?,
        count: unsigned(get(row, table, "number")?),
        worst: severity(get(row, table, "worst")?)?,
        latest: time(row, table, "latest")?,
    })
}
