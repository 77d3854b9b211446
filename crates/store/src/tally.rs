//! Counting the rows that belong to each of many, in one statement; and which share lets a tenant see an object.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Row as _};
use vigie_model::{Filter, Share, TenantId};

use crate::error::Doing as _;
use crate::fields::{Kind, ScopeOf};
use crate::lower::{field_of, push_filter};
use crate::objects::Object;
use crate::row::{body, unsigned};
use crate::scope::{Scope, Within};
use crate::{QueryError, Store, StoreError, Tx};

impl Store {
    /// Returns how many objects match for each value of a field that holds ids or words. What has none is left out, so name the
    /// values in the filter.
    ///
    /// # Errors
    /// [`QueryError`] where the field holds anything else.
    pub async fn tally<T: Object>(
        &self,
        scope: &impl Within,
        field: &str,
        filter: &Filter,
    ) -> Result<HashMap<String, u64>, StoreError> {
        let table = T::LIST.table();
        let mut connection = self.read().await?;
        let scope = Scope::of(&mut connection, table, scope).await?.beside(table, filter);
        let Kind::Word(column) = field_of(table, field)?.kind else {
            let (field, comparison) = (field.to_owned(), "a count by its values");
            return Err(QueryError::Unsupported { field, comparison, hint: "count by a field that holds ids" }.into());
        };
        let mut query = QueryBuilder::new("SELECT ");
        query.push(column).push(" AS word, count(*) AS number FROM ").push(table.name).push(" WHERE ");
        scope.push(&mut query, table);
        query.push(" AND ").push(column).push(" IS NOT NULL AND ");
        push_filter(&mut query, table, &scope, filter)?;
        query.push(" GROUP BY ").push(column);
        let rows = query.build().fetch_all(&mut *connection).await.doing("count rows for each")?;
        Ok(rows.iter().map(|row| (row.get("word"), unsigned(row.get("number")))).collect())
    }
}

impl Tx {
    /// Returns the share by which a tenant sees another tenant's object, or `None` where nothing of the kind is shared or
    /// that object is not.
    pub async fn share_of<T: Object>(&mut self, object: &T, with: &TenantId) -> Result<Option<Share>, StoreError> {
        let table = T::LIST.table();
        let ScopeOf::Shared(case) = table.scope else { return Ok(None) };
        let mut query = QueryBuilder::new("SELECT s.body FROM shares AS s WHERE s.tenant = ");
        query.push_bind(with.to_string()).push(" AND s.case_id = (SELECT ").push(case).push(" FROM ");
        query.push(table.name).push(" WHERE id = ").push_bind(object.key()).push(")");
        let row = query.build_query_scalar().fetch_optional(&mut *self.inner).await.doing("look for a share")?;
        body("shares", row)
    }
}
