//! Alerts and cases that share values.

use sqlx::QueryBuilder;
use vigie_model::{Alert, AlertStatus, Case, CaseStatus, Observable, ObservableKind, TenantId, TenantScope, Timestamp};

use crate::error::Doing as _;
use crate::fields::List;
use crate::fulltext::Expression;
use crate::plan::{FACETS_MAX, tenant_facets};
use crate::row::{Connection, bodies, of_case, push_scope};
use crate::scope::{Scope, Within};
use crate::terms::{entity_field, facet};
use crate::{Store, StoreError, Tx};

/// Which alerts to look for by what they are about.
#[derive(Debug, Clone)]
pub struct Sharing {
    /// At least one of these is among the alert's entities. Of more than [`Sharing::VALUES_MAX`] the first are taken.
    pub values: Vec<(ObservableKind, String)>,
    /// Their last event is not older; [`Timestamp::MIN`] for any.
    pub since: Timestamp,
    /// Their status is one of these; empty for any.
    pub statuses: Vec<AlertStatus>,
    /// How many at most, the latest first.
    pub limit: u32,
}

impl Sharing {
    /// How many values are looked for at most.
    pub const VALUES_MAX: usize = 500;
    /// How many of the newest alerts that share a value are looked at: of what thousands share, the newest say enough.
    pub const ALERTS_MAX: u32 = 2_000;
    /// How many cases that share a value are looked at.
    pub const CASES_MAX: u32 = 5_000;
}

impl Store {
    /// Returns the alerts that share an entity with what is asked for, by their last event, the latest first. They are looked for among
    /// the newest [`Sharing::ALERTS_MAX`] that share one.
    pub async fn alerts_sharing(&self, scope: &TenantScope, sharing: &Sharing) -> Result<Vec<Alert>, StoreError> {
        alerts_sharing(&mut *self.read().await?, scope, sharing).await
    }

    /// Returns the cases that hold one of these values, the latest first, at most `limit`, each with its observables that
    /// have one of them. What is not to count when likeness is looked for does not. Of more than [`Sharing::VALUES_MAX`] values
    /// the first are taken, of more than [`Sharing::CASES_MAX`] cases any.
    pub async fn cases_sharing(
        &self,
        scope: &impl Within,
        values: &[(ObservableKind, String)],
        limit: u32,
    ) -> Result<Vec<(Case, Vec<Observable>)>, StoreError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let table = List::Cases.table();
        let mut connection = self.read().await?;
        let scope = Scope::of(&mut connection, table, scope).await?;
        let mut query = QueryBuilder::new("SELECT body FROM cases WHERE id IN (SELECT case_id FROM observables WHERE ");
        push_values(&mut query, values);
        query.push(" AND on_case = TRUE AND NOT unlike");
        // An observable is of the tenant of its case. Said of the case, it would make the database walk along the tenant's cases.
        if let Some(tenants) = scope.tenants_of(table) {
            query.push(" AND ");
            push_scope(&mut query, "tenant", &TenantScope::Only(tenants.to_vec()));
        }
        query.push(" LIMIT ").push_bind(i64::from(Sharing::CASES_MAX)).push(")");
        if scope.tenants_of(table).is_none() {
            query.push(" AND ");
            scope.push(&mut query, table);
        }
        // An expression, since an index in this order would be walked along to its end.
        query.push(" ORDER BY place + 0 DESC LIMIT ").push_bind(i64::from(limit));
        let rows =
            query.build_query_scalar().fetch_all(&mut *connection).await.doing("find cases that share a value")?;
        let cases: Vec<Case> = bodies("cases", rows)?;
        let mut shared = shared_by(&mut connection, &cases, values).await?;
        Ok(cases
            .into_iter()
            .map(|case| {
                let own = shared.extract_if(.., |observable| observable.on == case.id.into()).collect();
                (case, own)
            })
            .collect())
    }
}

impl Tx {
    /// Returns the alerts that share an entity with what is asked for, as [`Store::alerts_sharing`] does.
    pub async fn alerts_sharing(&mut self, scope: &TenantScope, sharing: &Sharing) -> Result<Vec<Alert>, StoreError> {
        self.index_now().await?;
        alerts_sharing(&mut self.inner, scope, sharing).await
    }

    /// Returns a tenant's cases that are not closed and hold one of these values, oldest first, each with all its
    /// observables. Of more than [`Sharing::CASES_MAX`] cases, closed ones included, any are looked at.
    pub async fn open_cases_sharing(
        &mut self,
        tenant: &TenantId,
        values: &[(ObservableKind, String)],
    ) -> Result<Vec<(Case, Vec<Observable>)>, StoreError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT body FROM cases WHERE status <> ");
        query.push_bind(CaseStatus::Closed.as_str());
        query.push(" AND id IN (SELECT case_id FROM observables WHERE ");
        push_values(&mut query, values);
        query.push(" AND on_case = TRUE AND tenant = ").push_bind(tenant.to_string());
        query.push(" LIMIT ").push_bind(i64::from(Sharing::CASES_MAX)).push(") ORDER BY place + 0");
        let rows =
            query.build_query_scalar().fetch_all(&mut *self.inner).await.doing("find cases that share a value")?;
        let mut found = Vec::new();
        for case in bodies::<Case>("cases", rows)? {
            let observables = of_case(&mut self.inner, "observables", "kind, value", &case.id).await?;
            found.push((case, observables));
        }
        Ok(found)
    }
}

/// Returns the observables of these cases that have one of the values.
async fn shared_by(
    connection: &mut Connection,
    cases: &[Case],
    values: &[(ObservableKind, String)],
) -> Result<Vec<Observable>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT body FROM observables WHERE ");
    push_values(&mut query, values);
    query.push(" AND on_case = TRUE AND NOT unlike AND case_id IN (");
    let mut ids = query.separated(", ");
    for case in cases {
        ids.push_bind(case.id.to_string());
    }
    query.push(") ORDER BY kind, value");
    bodies("observables", query.build_query_scalar().fetch_all(connection).await.doing("load what cases share")?)
}

async fn alerts_sharing(
    connection: &mut Connection,
    scope: &TenantScope,
    sharing: &Sharing,
) -> Result<Vec<Alert>, StoreError> {
    let values = &sharing.values[..sharing.values.len().min(Sharing::VALUES_MAX)];
    let entity = |(kind, value): &(ObservableKind, String)| {
        Expression::Facet(facet(entity_field(*kind), &value.to_ascii_lowercase()))
    };
    let Some(entities) = Expression::any(values.iter().map(entity).collect()) else { return Ok(Vec::new()) };
    let mut terms = vec![entities];
    let status = |status: &AlertStatus| Expression::Facet(facet("status", status.as_str()));
    terms.extend(Expression::any(sharing.statuses.iter().map(status).collect()));
    if let TenantScope::Only(tenants) = scope
        && tenants.len() <= FACETS_MAX
    {
        terms.extend(tenant_facets(tenants));
    }
    let Some(terms) = Expression::all(terms) else { return Ok(Vec::new()) };
    let mut query =
        QueryBuilder::new("SELECT body FROM (SELECT rowid AS hit_place FROM alert_terms WHERE alert_terms MATCH ");
    query.push_bind(terms.to_match()).push(" ORDER BY rowid DESC LIMIT ").push_bind(i64::from(Sharing::ALERTS_MAX));
    query.push(
        ") AS hit CROSS JOIN alerts INDEXED BY alerts_by_place ON alerts.place = hit.hit_place WHERE last_seen >= ",
    );
    query.push_bind(sharing.since.as_micros()).push(" AND ");
    push_scope(&mut query, "tenant", scope);
    query.push(" ORDER BY last_seen DESC, place DESC LIMIT ").push_bind(i64::from(sharing.limit));
    let rows = query.build_query_scalar().fetch_all(connection).await.doing("find alerts that share an entity")?;
    let mut alerts: Vec<Alert> = bodies("alerts", rows)?;
    // Terms know no capitals.
    alerts.retain(|alert| {
        alert.entities.iter().any(|own| values.iter().any(|(kind, value)| own.kind == *kind && own.value == *value))
    });
    Ok(alerts)
}

/// Adds that `kind` and `value` are one of these pairs.
fn push_values(query: &mut QueryBuilder<sqlx::Sqlite>, values: &[(ObservableKind, String)]) {
    let values = &values[..values.len().min(Sharing::VALUES_MAX)];
    // The index has them in lower case.
    query.push("lower(value) IN (");
    let mut list = query.separated(", ");
    for (_, value) in values {
        list.push_bind(value.to_ascii_lowercase());
    }
    query.push(") AND (kind, value) IN (VALUES ");
    let mut list = query.separated(", ");
    for (kind, value) in values {
        list.push("(").push_bind_unseparated(kind.as_str());
        list.push_unseparated(", ").push_bind_unseparated(value.clone()).push_unseparated(")");
    }
    query.push(")");
}
