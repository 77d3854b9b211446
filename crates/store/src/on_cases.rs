//! What is asked of many cases at once: their first alerts, who worked on them, and what is like them.

use std::collections::{BTreeSet, HashMap};

use sqlx::{QueryBuilder, Row as _, Sqlite};
use vigie_model::{Alert, CaseId, Observable};

use crate::error::Doing as _;
use crate::fields::List;
use crate::row::{bodies, push_scope, unsigned};
use crate::scope::{Scope, Within};
use crate::{Store, StoreError};

/// How many cases or alerts that are like one are counted at most.
pub const ALIKE_MAX: u64 = 1_000;

/// Where people are named on what is on a case.
const AUTHORS: [(&str, &str); 7] = [
    ("comments", "author"),
    ("tasks", "created_by"),
    ("tasks", "assignee"),
    ("task_logs", "created_by"),
    ("observables", "created_by"),
    ("procedures", "created_by"),
    ("pages", "created_by"),
];

impl Store {
    /// Returns of each case that of its alerts that happened first, where it has one within the scope.
    pub async fn first_alerts(
        &self,
        scope: &impl Within,
        cases: &[CaseId],
    ) -> Result<HashMap<CaseId, Alert>, StoreError> {
        if cases.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT body FROM alerts WHERE id IN (SELECT id FROM (SELECT id, row_number()
                 OVER (PARTITION BY case_id ORDER BY first_seen, id) AS place FROM alerts WHERE ",
        );
        push_scope(&mut query, "tenant", scope.tenants());
        push_cases(&mut query, cases);
        query.push(") AS ranked WHERE place = 1)");
        let rows = query.build_query_scalar().fetch_all(&mut *self.read().await?).await.doing("load first alerts")?;
        let alerts: Vec<Alert> = bodies("alerts", rows)?;
        Ok(alerts.into_iter().filter_map(|alert| Some((alert.case?, alert))).collect())
    }

    /// Returns who made something on each case or was given it, by the case's id. The caller has seen that the cases are
    /// within the scope.
    pub async fn contributors(&self, cases: &[CaseId]) -> Result<HashMap<String, BTreeSet<String>>, StoreError> {
        let mut names: HashMap<String, BTreeSet<String>> = HashMap::new();
        if cases.is_empty() {
            return Ok(names);
        }
        let mut query = QueryBuilder::new("");
        for (index, (table, column)) in AUTHORS.into_iter().enumerate() {
            query.push(if index > 0 { " UNION SELECT case_id, " } else { "SELECT case_id, " });
            query.push(column).push(" AS name FROM ").push(table).push(" WHERE ").push(column).push(" IS NOT NULL");
            push_cases(&mut query, cases);
        }
        let rows = query.build().fetch_all(&mut *self.read().await?).await.doing("load who worked on cases")?;
        for row in rows {
            names.entry(row.get("case_id")).or_default().insert(row.get("name"));
        }
        Ok(names)
    }

    /// Returns how many other cases share an observable with each of these, by the case's id, at most [`ALIKE_MAX`].
    pub async fn similar_cases(
        &self,
        scope: &impl Within,
        cases: &[CaseId],
    ) -> Result<HashMap<String, u64>, StoreError> {
        self.alike(scope, cases, "case_id", "").await
    }

    /// Returns how many alerts of other cases or of none share an observable with each of these cases, by the case's id, at
    /// most [`ALIKE_MAX`].
    pub async fn similar_alerts(
        &self,
        scope: &impl Within,
        cases: &[CaseId],
    ) -> Result<HashMap<String, u64>, StoreError> {
        self.alike(scope, cases, "alert", " AND alert NOT IN (SELECT alert FROM case_alerts WHERE case_id = ").await
    }

    async fn alike(
        &self,
        scope: &impl Within,
        cases: &[CaseId],
        column: &'static str,
        not_in: &'static str,
    ) -> Result<HashMap<String, u64>, StoreError> {
        let table = List::Observables.table();
        let mut connection = self.read().await?;
        let scope = Scope::of(&mut connection, table, scope).await?;
        let mut counts = HashMap::new();
        for case in cases {
            let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT DISTINCT ");
            query.push(column).push(" FROM observables WHERE ");
            scope.push(&mut query, table);
            query.push(" AND ").push(column).push(" IS NOT NULL AND on_case = ");
            query.push(if column == "alert" { "FALSE" } else { "TRUE" });
            push_same(&mut query, *case);
            if !not_in.is_empty() {
                query.push(not_in).push_bind(case.to_string()).push(")");
            }
            query.push(" LIMIT ").push(ALIKE_MAX).push(") AS counted");
            let count: i64 =
                query.build_query_scalar().fetch_one(&mut *connection).await.doing("count what is like a case")?;
            counts.insert(case.to_string(), unsigned(count));
        }
        Ok(counts)
    }

    /// Returns the observables of other cases that this case has too, the newest first, so many at most.
    pub async fn shared_observables(
        &self,
        scope: &impl Within,
        case: CaseId,
        limit: u32,
    ) -> Result<Vec<Observable>, StoreError> {
        let table = List::Observables.table();
        let mut connection = self.read().await?;
        let scope = Scope::of(&mut connection, table, scope).await?;
        let mut query =
            QueryBuilder::new("SELECT body FROM observables WHERE id IN (SELECT id FROM observables WHERE ");
        scope.push(&mut query, table);
        query.push(" AND on_case = TRUE");
        push_same(&mut query, case);
        query.push(" ORDER BY created DESC, id LIMIT ").push_bind(i64::from(limit)).push(") ORDER BY created DESC, id");
        let rows =
            query.build_query_scalar().fetch_all(&mut *connection).await.doing("load what cases have in common")?;
        bodies("observables", rows)
    }
}

fn push_cases(query: &mut QueryBuilder<Sqlite>, cases: &[CaseId]) {
    query.push(" AND case_id IN (");
    let mut list = query.separated(", ");
    for case in cases {
        list.push_bind(case.to_string());
    }
    query.push(")");
}

/// Adds that an observable is on another case, or on none, and of the same type and value as one of this case. Neither is
/// left out when likeness is looked for.
fn push_same(query: &mut QueryBuilder<Sqlite>, case: CaseId) {
    let id = case.to_string();
    query.push(" AND (case_id IS NULL OR case_id <> ").push_bind(id.clone()).push(") AND NOT unlike");
    // The index has values in lower case.
    query.push(
        " AND lower(value) IN (SELECT lower(value) FROM observables
             WHERE attachment IS NULL AND NOT unlike AND case_id = ",
    );
    query.push_bind(id.clone()).push(")");
    query.push(
        " AND (tenant, kind, value, data_type) IN (SELECT tenant, kind, value, data_type FROM observables
             WHERE attachment IS NULL AND NOT unlike AND case_id = ",
    );
    query.push_bind(id).push(")");
}
