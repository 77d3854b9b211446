//! Lists in pages: filter, sort, and a cursor that holds its place while rows come and go.
//!
//! A cursor names the last row of the page by what it was sorted by and its id; the next page begins after that. So a
//! row is never shown twice, and none that was there all along is left out, whatever is inserted in between. (A row
//! whose own sort value changes between two pages may move to the other side.)

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Direction, Filter, Page, Selection, Sort, TenantId};

use crate::error::Doing as _;
use crate::fields::{Id, List, Table};
use crate::lower::{field_of, push_filter};
use crate::plan::{Plan, plan};
use crate::row::{self, Connection, unsigned};
use crate::scope::{Scope, Within};
use crate::statement::{After, Asked, Indexed, Key, MERGED_MAX, Part, Place, Sorting, count_query, rows_query};
use crate::{QueryError, StoreError};

/// How many rows are counted before the count says "at least".
pub const TOTAL_MAX: u64 = 10_000;
/// One more than that is counted, to know that there are more.
const COUNTED_MAX: i64 = 10_001;
/// How many rows of a filter are sorted at most where an index has what they are sorted by. Of more, so many that walking along the
/// order finds the first ones sooner.
const SORTED_BY_INDEX_MAX: u64 = 50_000;
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
    let scope = &Scope::of(connection, table, scope).await?.beside(table, &listing.filter);
    let asked = Asked { table, scope, filter: &listing.filter };
    let after = listing.page.cursor.as_deref().map(|cursor| order.after(table, cursor)).transpose()?;
    // One row more tells whether there is a next page.
    let part = Part { after: after.as_ref(), from: 0, limit: i64::from(limit) + 1 };
    let (found, total) = find(connection, asked, &order.sorting(table), part, Some(COUNTED_MAX)).await?;
    let mut rows = Vec::with_capacity(found.len().min(limit as usize));
    for row in found.iter().take(limit as usize) {
        rows.push(read(row, table.name)?);
    }
    let last = found.get(limit as usize - 1).filter(|_| found.len() > limit as usize);
    let next = last.map(|row| order.cursor(table, row)).transpose()?;
    let total = total.unwrap_or(0);
    Ok(Rows { rows, next, total: total.min(TOTAL_MAX), total_capped: total > TOTAL_MAX })
}

/// Returns the rows of a selection.
pub(crate) async fn selection(
    connection: &mut Connection,
    table: &'static Table,
    scope: &Scope<'_>,
    selection: &Selection,
) -> Result<Vec<SqliteRow>, StoreError> {
    if selection.sorts.len() > SORTS_MAX {
        return Err(QueryError::TooManySorts { sorts_max: SORTS_MAX }.into());
    }
    let mut keys = Vec::with_capacity(selection.sorts.len());
    for sort in &selection.sorts {
        keys.push(Order::of(table, Some(sort))?.key());
    }
    if keys.is_empty() {
        let made = field_of(table, "created").or_else(|_| field_of(table, table.default_sort))?;
        let column = made.sort.unwrap_or(table.id.column());
        keys.push(Key { column, is_ascending: true });
    }
    // Rows that were made in one transaction have one time; within it they are in the order in which they were written.
    let column = if table.index.is_some() { table.tie.column() } else { "rowid" };
    let sorting = Sorting::new(keys, Key { column, is_ascending: true });
    let part = Part { after: None, from: row::integer(selection.from), limit: row::integer(selection.limit) };
    let scope = &scope.beside(table, &selection.filter);
    let asked = Asked { table, scope, filter: &selection.filter };
    Ok(find(connection, asked, &sorting, part, None).await?.0)
}

/// Returns how many rows match, exactly.
pub(crate) async fn count_all(
    connection: &mut Connection,
    table: &'static Table,
    scope: &Scope<'_>,
    filter: &Filter,
) -> Result<u64, StoreError> {
    let scope = &scope.beside(table, filter);
    let asked = Asked { table, scope, filter };
    check(asked)?;
    let plan = if is_counted_by_index(filter) { None } else { plan(table, scope, filter, false)? };
    count(connection, asked, plan.as_ref(), None).await
}

/// Returns part of the rows in order and, where asked for, how many there are, counted up to a limit.
async fn find(
    connection: &mut Connection,
    asked: Asked<'_>,
    sorting: &Sorting,
    part: Part<'_>,
    count_max: Option<i64>,
) -> Result<(Vec<SqliteRow>, Option<u64>), StoreError> {
    check(asked)?;
    let table = asked.table;
    let plan = plan(table, asked.scope, asked.filter, sorting.by_place(table).is_some())?;
    if let (Some(plan), Some(index)) = (&plan, table.index) {
        let indexed = Indexed { asked, index, plan };
        if let Some(is_ascending) = sorting.by_place(table) {
            let with_count = if part.after.is_none() { count_max } else { None };
            let rows = fetch(connection, indexed.in_place_order(is_ascending, part, with_count)?).await?;
            let total = match (with_count, count_max) {
                (Some(_), _) => Some(rows.first().map_or(Ok(0), |row| row::get::<i64>(row, table.name, "total"))?),
                (None, Some(limit)) => {
                    return Ok((rows, Some(count(connection, asked, Some(plan), Some(limit)).await?)));
                }
                (None, None) => None,
            };
            return Ok((rows, total.map(unsigned)));
        }
        let sorted_max = if sorting.is_by_index(table) { SORTED_BY_INDEX_MAX } else { TOTAL_MAX };
        let total = count(connection, asked, Some(plan), Some(row::integer(sorted_max + 1))).await?;
        if total <= sorted_max {
            return Ok((fetch(connection, indexed.sorted(sorting, part)?).await?, Some(total)));
        }
        // So many match that the first ones are soon found by walking along the order.
        let rows = merged(connection, asked, sorting, part).await?;
        return Ok((rows, Some(total)));
    }
    let rows = merged(connection, asked, sorting, part).await?;
    let total = match count_max {
        Some(limit) => Some(count(connection, asked, None, Some(limit)).await?),
        None => None,
    };
    Ok((rows, total))
}

/// Returns part of the rows, of each tenant by itself where several are asked for and an index has each tenant's in order.
async fn merged(
    connection: &mut Connection,
    asked: Asked<'_>,
    sorting: &Sorting,
    part: Part<'_>,
) -> Result<Vec<SqliteRow>, StoreError> {
    let has_own_index = sorting.first_column().is_some_and(|column| asked.table.everywhere.contains(&column));
    let all: Vec<TenantId>;
    let tenants = match asked.scope.tenants_of(asked.table) {
        Some(tenants) => tenants,
        None if asked.scope.is_everything(asked.table) && !has_own_index => {
            all = every_tenant(connection).await?;
            &all
        }
        None => &[],
    };
    fetch(connection, rows_query(asked, sorting, part, tenants)?).await
}

/// Returns every tenant, or as many as are too many to ask for one by one.
async fn every_tenant(connection: &mut Connection) -> Result<Vec<TenantId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM tenants ORDER BY id LIMIT ?")
        .bind(row::integer(MERGED_MAX as u64 + 1))
        .fetch_all(connection)
        .await
        .doing("list tenants")?;
    rows.iter().map(|row| row::parsed(row, "tenants", "id")).collect()
}

async fn fetch(connection: &mut Connection, mut query: QueryBuilder<Sqlite>) -> Result<Vec<SqliteRow>, StoreError> {
    query.build().fetch_all(connection).await.doing("list rows")
}

async fn count(
    connection: &mut Connection,
    asked: Asked<'_>,
    plan: Option<&Plan<'_>>,
    limit: Option<i64>,
) -> Result<u64, StoreError> {
    let mut query = match (plan, asked.table.index) {
        (Some(plan), Some(index)) => Indexed { asked, index, plan }.count(limit)?,
        _ => count_query(asked, limit)?,
    };
    let count: i64 = query.build_query_scalar().fetch_one(connection).await.doing("count rows")?;
    Ok(unsigned(count))
}

/// Refuses a filter that makes no sense, whichever way it would be answered.
pub(crate) fn check(asked: Asked<'_>) -> Result<(), QueryError> {
    push_filter(&mut QueryBuilder::new(""), asked.table, asked.scope, asked.filter)
}

/// Returns whether rows of this filter are counted by an index of the database, which has each in fewer bytes than the index of
/// terms.
fn is_counted_by_index(filter: &Filter) -> bool {
    let is_indexed = |name: &str| matches!(name, "status" | "severity");
    match filter {
        Filter::Field { name, comparison, .. } => is_indexed(name) && *comparison == vigie_model::Comparison::Equal,
        Filter::OneOf { name, .. } => is_indexed(name),
        Filter::And(parts) => matches!(parts.as_slice(), [part] if is_counted_by_index(part)),
        _ => false,
    }
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

    fn key(&self) -> Key {
        Key { column: self.column, is_ascending: self.sort.direction == Direction::Ascending }
    }

    pub(crate) fn sorting(&self, table: &'static Table) -> Sorting {
        let key = self.key();
        Sorting::new(vec![key], Key { column: table.tie.column(), ..key })
    }

    fn cursor(&self, table: &'static Table, row: &SqliteRow) -> Result<String, StoreError> {
        let place = |column: &str| {
            row::get::<i64>(row, table.name, column)
                .map(Place::Integer)
                .or_else(|_| row::get::<String>(row, table.name, column).map(Place::Text))
        };
        let tie = if self.column == table.tie.column() { "sort_0" } else { "sort_1" };
        let cursor = Cursor { sort: self.sort.clone(), value: place("sort_0")?, id: place(tie)? };
        Ok(hex::encode(row::to_json(&cursor)))
    }

    /// Returns the row that a cursor names.
    fn after(&self, table: &'static Table, cursor: &str) -> Result<After, QueryError> {
        let cursor = Cursor::parse(cursor).filter(|cursor| cursor.sort == self.sort).ok_or(QueryError::BadCursor)?;
        if matches!(table.tie, Id::Text(_)) != matches!(cursor.id, Place::Text(_)) {
            return Err(QueryError::BadCursor);
        }
        Ok(After { value: cursor.value, tie: cursor.id })
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

#[cfg(test)]
mod tests;
