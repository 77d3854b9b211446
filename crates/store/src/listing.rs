//! Lists in pages: filter, sort, and a cursor that holds its place while rows come and go.
//!
//! A cursor names the last row of the page by what it was sorted by and its id; the next page begins after that. So a
//! row is never shown twice, and none that was there all along is left out, whatever is inserted in between. (A row
//! whose own sort value changes between two pages may move to the other side.)

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Direction, Filter, Page, Selection, Sort};

use crate::error::Doing as _;
use crate::fields::{Id, List, Table};
use crate::lower::{field_of, push_filter};
use crate::row::{self, Connection, unsigned};
use crate::scope::{Scope, Within};
use crate::{QueryError, StoreError};

/// How many rows are counted before the count says "at least".
pub const TOTAL_MAX: u64 = 10_000;
/// How many fields a selection is sorted by at most.
pub const SORTS_MAX: usize = 8;
/// How long a cursor may be, in bytes.
pub const CURSOR_BYTES_MAX: usize = 8 * 1024;

/// What to list: which rows, in which order, which part.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Which rows.
    pub filter: Filter,
    /// In which order; `None` for the list's own, newest first.
    pub sort: Option<Sort>,
    /// Which part of them.
    pub page: Page,
}

impl Listing {
    /// Returns the first page of so many rows, newest first.
    pub fn first(limit: u32) -> Self {
        Self { filter: Filter::All, sort: None, page: Page::first(limit) }
    }

    /// Returns the listing with this filter.
    pub fn filtered(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// Returns the listing in this order.
    pub fn sorted(self, field: &str, direction: Direction) -> Self {
        Self { sort: Some(Sort { field: field.to_owned(), direction }), ..self }
    }

    /// Returns the listing from where a page before ended.
    pub fn after(self, cursor: Option<String>) -> Self {
        Self { page: Page { cursor, ..self.page }, ..self }
    }
}

impl Default for Listing {
    fn default() -> Self {
        Self::first(50)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The cursor of the next page, or `None` where this is the last.
    pub next: Option<String>,
    /// How many rows there are on all pages, at most [`TOTAL_MAX`].
    pub total: u64,
    /// Whether there are more than that.
    pub total_capped: bool,
}

/// Reads one row of a list.
pub(crate) type Read<T> = fn(&SqliteRow, &'static str) -> Result<T, StoreError>;

/// Returns one page of a list within the scope.
pub(crate) async fn page<T>(
    connection: &mut Connection,
    list: List,
    read: Read<T>,
    scope: &impl Within,
    listing: &Listing,
) -> Result<Rows<T>, StoreError> {
    let table = list.table();
    let order = Order::of(table, listing.sort.as_ref())?;
    let limit = listing.page.limit;
    if !(1..=Page::LIMIT_MAX).contains(&limit) {
        return Err(QueryError::BadLimit { asked: limit, max: Page::LIMIT_MAX }.into());
    }
    let scope = &Scope::of(connection, table, scope).await?;
    let mut query = page_query(table, &order, scope, listing)?;
    let found = query.build().fetch_all(&mut *connection).await.doing("list rows")?;
    let mut rows = Vec::with_capacity(found.len().min(limit as usize));
    for row in found.iter().take(limit as usize) {
        rows.push(read(row, table.name)?);
    }
    let last = found.get(limit as usize - 1).filter(|_| found.len() > limit as usize);
    let next = last.map(|row| order.cursor(table, row)).transpose()?;

    let mut count = count_query(table, scope, &listing.filter)?;
    let total: i64 = count.build_query_scalar().fetch_one(connection).await.doing("count rows")?;
    let total = unsigned(total);
    Ok(Rows { rows, next, total: total.min(TOTAL_MAX), total_capped: total > TOTAL_MAX })
}

/// Returns the statement for a page and one row more, which tells whether there is a next page.
pub(crate) fn page_query(
    table: &'static Table,
    order: &Order,
    scope: &Scope<'_>,
    listing: &Listing,
) -> Result<QueryBuilder<Sqlite>, QueryError> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(table.columns).push(", ").push(order.column).push(" AS sort_value, ");
    query.push(table.id.column()).push(" AS sort_id FROM ").push(table.name).push(" WHERE ");
    scope.push(&mut query, table);
    query.push(" AND ");
    push_filter(&mut query, table, scope, &listing.filter)?;
    if let Some(cursor) = &listing.page.cursor {
        order.push_after(&mut query, table, cursor)?;
    }
    let direction = if order.ascending() { "ASC" } else { "DESC" };
    query.push(" ORDER BY ").push(order.column).push(" ").push(direction);
    if order.has_ties(table) {
        query.push(", ").push(table.id.column()).push(" ").push(direction);
    }
    query.push(" LIMIT ").push_bind(i64::from(listing.page.limit) + 1);
    Ok(query)
}

/// Returns the statement for a selection: rows in the order asked for, from the how-manieth on.
pub(crate) fn selection_query(
    table: &'static Table,
    scope: &Scope<'_>,
    selection: &Selection,
) -> Result<QueryBuilder<Sqlite>, QueryError> {
    if selection.sorts.len() > SORTS_MAX {
        return Err(QueryError::TooManySorts { sorts_max: SORTS_MAX });
    }
    let mut query = QueryBuilder::new("SELECT ");
    query.push(table.columns).push(" FROM ").push(table.name).push(" WHERE ");
    scope.push(&mut query, table);
    query.push(" AND ");
    push_filter(&mut query, table, scope, &selection.filter)?;
    query.push(" ORDER BY ");
    for sort in &selection.sorts {
        let order = Order::of(table, Some(sort))?;
        query.push(order.column).push(if order.ascending() { " ASC, " } else { " DESC, " });
    }
    // Rows that were made in one transaction have one time; within it they are in the order in which they were written.
    if selection.sorts.is_empty() {
        query.push(field_of(table, table.default_sort)?.sort.unwrap_or(table.id.column())).push(", ");
    }
    query.push("rowid LIMIT ").push_bind(row::integer(selection.limit));
    query.push(" OFFSET ").push_bind(row::integer(selection.from));
    Ok(query)
}

/// Returns how many rows match, exactly.
pub(crate) async fn count_all(
    connection: &mut Connection,
    table: &'static Table,
    scope: &Scope<'_>,
    filter: &Filter,
) -> Result<u64, StoreError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM ");
    query.push(table.name).push(" WHERE ");
    scope.push(&mut query, table);
    query.push(" AND ");
    push_filter(&mut query, table, scope, filter)?;
    let count: i64 = query.build_query_scalar().fetch_one(connection).await.doing("count rows")?;
    Ok(unsigned(count))
}

fn count_query(table: &'static Table, scope: &Scope<'_>, filter: &Filter) -> Result<QueryBuilder<Sqlite>, QueryError> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM ");
    query.push(table.name).push(" WHERE ");
    scope.push(&mut query, table);
    query.push(" AND ");
    push_filter(&mut query, table, scope, filter)?;
    query.push(" LIMIT ").push_bind(row::integer(TOTAL_MAX) + 1).push(") AS counted");
    Ok(query)
}

/// A sort that the list has.
pub(crate) struct Order {
    sort: Sort,
    column: &'static str,
}

/// Where a page ended.
#[derive(Serialize, Deserialize)]
struct Cursor {
    sort: Sort,
    value: Place,
    id: Place,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Place {
    Integer(i64),
    Text(String),
}

impl Order {
    pub(crate) fn of(table: &'static Table, sort: Option<&Sort>) -> Result<Self, QueryError> {
        let sort = sort
            .cloned()
            .unwrap_or_else(|| Sort { field: table.default_sort.to_owned(), direction: Direction::Descending });
        let field = field_of(table, &sort.field)?;
        let column = field.sort.ok_or_else(|| QueryError::NotSortable {
            list: table.list,
            field: sort.field.clone(),
            sortable: table.fields.iter().filter(|field| field.sort.is_some()).map(|field| field.name).collect(),
        })?;
        Ok(Self { sort, column })
    }

    fn ascending(&self) -> bool {
        self.sort.direction == Direction::Ascending
    }

    /// Returns whether two rows may be sorted by the same value, so that the id must decide.
    fn has_ties(&self, table: &'static Table) -> bool {
        self.column != table.id.column()
    }

    fn cursor(&self, table: &'static Table, row: &SqliteRow) -> Result<String, StoreError> {
        let place = |column: &str| {
            row::get::<i64>(row, table.name, column)
                .map(Place::Integer)
                .or_else(|_| row::get::<String>(row, table.name, column).map(Place::Text))
        };
        let cursor = Cursor { sort: self.sort.clone(), value: place("sort_value")?, id: place("sort_id")? };
        Ok(hex::encode(row::to_json(&cursor)))
    }

    fn push_after(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        table: &'static Table,
        cursor: &str,
    ) -> Result<(), QueryError> {
        let cursor = Cursor::parse(cursor).filter(|cursor| cursor.sort == self.sort).ok_or(QueryError::BadCursor)?;
        let id_is_text = matches!(table.id, Id::Text(_));
        if id_is_text != matches!(cursor.id, Place::Text(_)) {
            return Err(QueryError::BadCursor);
        }
        let after = if self.ascending() { " > " } else { " < " };
        if !self.has_ties(table) {
            query.push(" AND ").push(self.column).push(after);
            cursor.id.push(query);
            return Ok(());
        }
        query.push(" AND (").push(self.column).push(", ").push(table.id.column()).push(")").push(after).push("(");
        cursor.value.push(query);
        query.push(", ");
        cursor.id.push(query);
        query.push(")");
        Ok(())
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > CURSOR_BYTES_MAX {
            return None;
        }
        serde_json::from_slice(&hex::decode(text).ok()?).ok()
    }
}

impl Place {
    fn push(self, query: &mut QueryBuilder<Sqlite>) {
        match self {
            Self::Integer(number) => query.push_bind(number),
            Self::Text(text) => query.push_bind(text),
        };
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row as _;
    use vigie_model::{Comparison, TenantId, TenantScope, Value};

    use super::*;
    use crate::Store;

    fn is(name: &str, value: &str) -> Filter {
        let value = Value::Text(value.to_owned());
        Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value }
    }

    /// Returns how the database would find the first page.
    async fn plan(store: &Store, list: List, scope: &TenantScope, listing: &Listing) -> String {
        let table = list.table();
        let order = Order::of(table, listing.sort.as_ref()).unwrap();
        let query = page_query(table, &order, &Scope::unshared(scope), listing).unwrap();
        let mut explain = QueryBuilder::<Sqlite>::new("EXPLAIN QUERY PLAN ");
        explain.push(query.sql().as_str());
        // The values do not matter to the plan; unbound ones are null.
        let rows = explain.build().fetch_all(&mut *store.read().await.unwrap()).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
    }

    /// A page must cost what it shows, not what there is: it is read off an index in order, and nothing is sorted.
    #[tokio::test]
    async fn the_first_pages_of_the_queues_are_read_off_an_index() {
        let store = Store::open_temporary().await.unwrap();
        let one = TenantScope::Only(vec![TenantId::new("acme").unwrap()]);
        let newest = Listing::first(50);
        let by = |field: &str| Listing::first(50).sorted(field, Direction::Descending);
        for (list, scope, listing, index) in [
            (List::Alerts, &TenantScope::All, newest.clone(), "alerts_by_created"),
            (List::Alerts, &TenantScope::All, by("last_seen"), "alerts_by_last_seen"),
            (List::Alerts, &TenantScope::All, by("severity"), "alerts_by_severity"),
            (List::Alerts, &TenantScope::All, newest.clone().filtered(is("status", "new")), "alerts_by_status_created"),
            (List::Alerts, &one, newest.clone(), "alerts_by_tenant_created"),
            (List::Alerts, &one, by("last_seen"), "alerts_by_tenant_last_seen"),
            (List::Alerts, &one, by("severity"), "alerts_by_tenant_severity"),
            (List::Alerts, &one, newest.clone().filtered(is("status", "new")), "alerts_by_tenant_status_created"),
            (List::Alerts, &TenantScope::All, newest.clone().filtered(is("assignee", "ann")), "alerts_by_assignee"),
            (List::Alerts, &TenantScope::All, newest.clone().filtered(is("rule", "r1")), "alerts_by_rule"),
            (List::Cases, &TenantScope::All, newest.clone(), "cases_by_created"),
            (List::Cases, &one, newest.clone(), "cases_by_tenant_created"),
            (List::Cases, &one, newest.clone().filtered(is("status", "open")), "cases_by_tenant_status_created"),
            (List::Actions, &one, newest.clone(), "actions_by_tenant_created"),
            (List::DeadLetters, &one, newest.clone(), "dead_letters_by_tenant"),
            (List::Indicators, &one, newest.clone(), "indicators_by_tenant"),
        ] {
            let plan = plan(&store, list, scope, &listing).await;
            assert!(
                plan.contains(&format!("USING INDEX {index} ")) || plan.ends_with(&format!("USING INDEX {index}")),
                "{list:?} {listing:?}: {plan}"
            );
            assert!(!plan.contains("TEMP B-TREE"), "{list:?} {listing:?}: {plan}");
        }
    }
}
