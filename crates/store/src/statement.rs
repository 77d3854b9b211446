//! The statements of lists: rows in an order, from somewhere on, and how many there are.

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Comparison, Filter, TenantId};

use crate::QueryError;
use crate::fields::Table;
use crate::lower::push_filter;
use crate::place::{SPILL, first_place};
use crate::plan::Plan;
use crate::scope::Scope;

/// How long a statement is at most that asks for each tenant by itself.
const MERGED_BYTES_MAX: usize = 200_000;
/// How many tenants are asked for by themselves at most.
pub(crate) const MERGED_MAX: usize = 64;

/// Which rows of which list, for whom.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) table: &'static Table,
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) filter: &'a Filter,
}

/// Which of the rows.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) after: Option<&'a After>,
    pub(crate) from: i64,
    pub(crate) limit: i64,
}

impl Part<'_> {
    fn push(self, query: &mut QueryBuilder<Sqlite>) {
        query.push(" LIMIT ").push_bind(self.limit);
        if self.from > 0 {
            query.push(" OFFSET ").push_bind(self.from);
        }
    }
}

/// The row that a page comes after: by what it was sorted by, and what breaks ties.
pub(crate) struct After {
    pub(crate) value: Place,
    pub(crate) tie: Place,
}

/// A value of a column that rows are sorted by.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Place {
    Integer(i64),
    Text(String),
}

impl Place {
    fn push(&self, query: &mut QueryBuilder<Sqlite>) {
        match self {
            Self::Integer(number) => query.push_bind(*number),
            Self::Text(text) => query.push_bind(text.clone()),
        };
    }
}

/// A column and which end comes first.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Key {
    pub(crate) column: &'static str,
    pub(crate) is_ascending: bool,
}

impl Key {
    const fn direction(self) -> &'static str {
        if self.is_ascending { " ASC" } else { " DESC" }
    }

    const fn after(self) -> &'static str {
        if self.is_ascending { " > " } else { " < " }
    }
}

/// What rows are sorted by, the first most, and what breaks ties.
pub(crate) struct Sorting {
    keys: Vec<Key>,
    tie: Option<Key>,
}

impl Sorting {
    /// Returns the order by these columns, where this one breaks ties. What is sorted by it has none.
    pub(crate) fn new(mut keys: Vec<Key>, tie: Key) -> Self {
        match keys.iter().position(|key| key.column == tie.column) {
            Some(place) => {
                keys.truncate(place + 1);
                Self { keys, tie: None }
            }
            None => Self { keys, tie: Some(tie) },
        }
    }

    /// Returns whether rows are in the order of their places, and if so, whether the lowest comes first.
    pub(crate) fn by_place(&self, table: &Table) -> Option<bool> {
        match (table.index, self.keys.as_slice()) {
            (Some(_), [key]) if key.column == table.tie.column() => Some(key.is_ascending),
            _ => None,
        }
    }

    /// Returns the column that rows are sorted by first.
    pub(crate) fn first_column(&self) -> Option<&'static str> {
        self.keys.first().map(|key| key.column)
    }

    fn all(&self) -> impl Iterator<Item = Key> + '_ {
        self.keys.iter().copied().chain(self.tie)
    }

    /// Returns whether an index has all that rows are sorted by beside their places.
    pub(crate) fn is_by_index(&self, table: &Table) -> bool {
        self.all().all(|key| table.beside_place.contains(&key.column) || key.column == table.tie.column())
    }

    /// Adds the columns as `sort_0`, `sort_1`…
    fn push_columns(&self, query: &mut QueryBuilder<Sqlite>) {
        for (index, key) in self.all().enumerate() {
            query.push(", ").push(key.column).push(" AS sort_").push(index);
        }
    }

    fn push_order(&self, query: &mut QueryBuilder<Sqlite>, by_column: bool) {
        query.push(" ORDER BY ");
        for (index, key) in self.all().enumerate() {
            query.push(if index > 0 { ", " } else { "" });
            if by_column {
                query.push(key.column);
            } else {
                query.push("sort_").push(index);
            }
            query.push(key.direction());
        }
    }

    fn push_after(&self, query: &mut QueryBuilder<Sqlite>, after: &After) {
        let Some(key) = self.keys.first() else { return };
        let Some(tie) = self.tie else {
            query.push(" AND ").push(key.column).push(key.after());
            return after.tie.push(query);
        };
        query.push(" AND (").push(key.column).push(", ").push(tie.column).push(")").push(key.after()).push("(");
        after.value.push(query);
        query.push(", ");
        after.tie.push(query);
        query.push(")");
    }
}

/// Returns the statement for rows as the database finds them. Where tenants are named, each is asked for by itself and their
/// rows, which an index has in order, are merged.
pub(crate) fn rows_query(
    asked: Asked<'_>,
    sorting: &Sorting,
    part: Part<'_>,
    tenants: &[TenantId],
) -> Result<QueryBuilder<Sqlite>, QueryError> {
    if tenants.len() > 1 && tenants.len() <= MERGED_MAX {
        let mut query = QueryBuilder::new("");
        for (index, tenant) in tenants.iter().enumerate() {
            query.push(if index > 0 { " UNION ALL " } else { "" });
            push_rows(&mut query, asked, sorting, part, Some(tenant))?;
            if query.sql().as_str().len() / (index + 1) * tenants.len() > MERGED_BYTES_MAX {
                return rows_query(asked, sorting, part, &[]);
            }
        }
        sorting.push_order(&mut query, false);
        part.push(&mut query);
        return Ok(query);
    }
    let mut query = QueryBuilder::new("");
    push_rows(&mut query, asked, sorting, part, None)?;
    sorting.push_order(&mut query, true);
    part.push(&mut query);
    Ok(query)
}

fn push_rows(
    query: &mut QueryBuilder<Sqlite>,
    asked: Asked<'_>,
    sorting: &Sorting,
    part: Part<'_>,
    tenant: Option<&TenantId>,
) -> Result<(), QueryError> {
    query.push("SELECT ").push(asked.table.columns);
    sorting.push_columns(query);
    query.push(" FROM ").push(asked.table.name).push(" WHERE ");
    match tenant {
        Some(tenant) => {
            query.push("tenant = ").push_bind(tenant.to_string());
        }
        None => asked.scope.push(query, asked.table),
    }
    query.push(" AND ");
    push_filter(query, asked.table, asked.scope, asked.filter)?;
    if let Some(after) = part.after {
        sorting.push_after(query, after);
    }
    Ok(())
}

/// Returns the statement for how many rows match, up to a limit.
pub(crate) fn count_query(asked: Asked<'_>, limit: Option<i64>) -> Result<QueryBuilder<Sqlite>, QueryError> {
    let mut query =
        QueryBuilder::new(if limit.is_some() { "SELECT count(*) FROM (SELECT 1" } else { "SELECT count(*)" });
    query.push(" FROM ").push(asked.table.name).push(" WHERE ");
    asked.scope.push(&mut query, asked.table);
    query.push(" AND ");
    push_filter(&mut query, asked.table, asked.scope, asked.filter)?;
    if let Some(limit) = limit {
        query.push(" LIMIT ").push_bind(limit).push(") AS counted");
    }
    Ok(query)
}

/// A question that the index of terms answers.
pub(crate) struct Indexed<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) index: &'static str,
    pub(crate) plan: &'a Plan<'a>,
}

impl Indexed<'_> {
    /// Returns the statement for a part of the rows in the order of their places. With a limit to count up to, each row has
    /// in `total` how many match.
    pub(crate) fn in_place_order(
        &self,
        is_ascending: bool,
        part: Part<'_>,
        count: Option<i64>,
    ) -> Result<QueryBuilder<Sqlite>, QueryError> {
        let table = self.asked.table;
        let key = Key { column: "page.place", is_ascending };
        let mut query = QueryBuilder::new("");
        if let Some(count) = count {
            // One walk along the terms gives the page and the count.
            query.push("WITH hit AS MATERIALIZED (");
            self.push_places(&mut query, Some(is_ascending), Part { limit: count.max(part.limit), ..part })?;
            query.push(") ");
        }
        query.push("SELECT ").push(table.columns).push(", page.place AS sort_0");
        query.push(if count.is_some() { ", (SELECT count(*) FROM hit) AS total FROM (" } else { " FROM (" });
        if count.is_some() {
            query.push("SELECT place FROM hit ORDER BY place").push(key.direction());
            part.push(&mut query);
        } else {
            self.push_places(&mut query, Some(is_ascending), part)?;
        }
        query.push(") AS page");
        self.push_join(&mut query);
        query.push("page.place ORDER BY page.place").push(key.direction());
        Ok(query)
    }

    /// Returns the statement for a part of the rows in another order: all are looked at and sorted.
    pub(crate) fn sorted(&self, sorting: &Sorting, part: Part<'_>) -> Result<QueryBuilder<Sqlite>, QueryError> {
        let table = self.asked.table;
        if sorting.is_by_index(table) {
            return self.sorted_by_index(sorting, part);
        }
        let mut query = QueryBuilder::new("SELECT ");
        query.push(table.columns);
        sorting.push_columns(&mut query);
        query.push(" FROM (");
        self.push_places(&mut query, None, Part { after: None, from: 0, limit: -1 })?;
        query.push(") AS hit");
        self.push_join(&mut query);
        query.push("hit.hit_place WHERE 1 = 1");
        if let Some(after) = part.after {
            sorting.push_after(&mut query, after);
        }
        sorting.push_order(&mut query, true);
        part.push(&mut query);
        Ok(query)
    }

    /// Does what [`Self::sorted`] does with an index that has what the rows are sorted by: rows are wide, and only those of the
    /// part are read.
    fn sorted_by_index(&self, sorting: &Sorting, part: Part<'_>) -> Result<QueryBuilder<Sqlite>, QueryError> {
        let table = self.asked.table;
        let mut query = QueryBuilder::new("SELECT ");
        query.push(table.columns);
        for index in 0..sorting.all().count() {
            query.push(", page.sort_").push(index);
        }
        query.push(" FROM (SELECT place AS page_place");
        sorting.push_columns(&mut query);
        query.push(" FROM (");
        self.push_places(&mut query, None, Part { after: None, from: 0, limit: -1 })?;
        query.push(") AS hit CROSS JOIN ").push(table.name).push(" INDEXED BY ").push(table.name);
        query.push("_by_order ON place = hit.hit_place WHERE 1 = 1");
        if let Some(after) = part.after {
            sorting.push_after(&mut query, after);
        }
        sorting.push_order(&mut query, true);
        part.push(&mut query);
        query.push(") AS page");
        self.push_join(&mut query);
        query.push("page.page_place");
        sorting.push_order(&mut query, false);
        Ok(query)
    }

    /// Returns the statement for how many rows match, up to a limit.
    pub(crate) fn count(&self, limit: Option<i64>) -> Result<QueryBuilder<Sqlite>, QueryError> {
        let mut query = QueryBuilder::new("SELECT count(*) FROM (");
        self.push_places(&mut query, None, Part { after: None, from: 0, limit: limit.unwrap_or(-1) })?;
        query.push(") AS counted");
        Ok(query)
    }

    /// Adds the statement for the places of the newest rows, at most so many.
    pub(crate) fn push_newest(&self, query: &mut QueryBuilder<Sqlite>, limit: i64) -> Result<(), QueryError> {
        self.push_places(query, Some(false), Part { after: None, from: 0, limit })
    }

    /// Adds the rows that have a place, which follows. Without a word the database might prefer an index that has more of the
    /// other conditions and walk along it for each place.
    fn push_join(&self, query: &mut QueryBuilder<Sqlite>) {
        let table = self.asked.table.name;
        query.push(" CROSS JOIN ").push(table).push(" INDEXED BY ").push(table).push("_by_place ON ");
        query.push(table).push(".place = ");
    }

    /// Adds the statement for the places of the rows, in their order where one is given.
    fn push_places(
        &self,
        query: &mut QueryBuilder<Sqlite>,
        is_ascending: Option<bool>,
        part: Part<'_>,
    ) -> Result<(), QueryError> {
        let Asked { table, scope, .. } = self.asked;
        query.push("SELECT ").push(self.index).push(".rowid AS ");
        query.push(if is_ascending.is_some() { "place" } else { "hit_place" }).push(" FROM ").push(self.index);
        if !self.plan.rest.is_empty() || !self.plan.is_scoped {
            self.push_join(query);
            query.push(self.index).push(".rowid");
        }
        query.push(" WHERE ").push(self.index).push(" MATCH ").push_bind(self.plan.terms.to_match());
        for (comparison, time) in &self.plan.created {
            self.push_created(query, *comparison, *time);
        }
        if !self.plan.is_scoped {
            query.push(" AND ");
            scope.push(query, table);
        }
        for filter in &self.plan.rest {
            query.push(" AND ");
            push_filter(query, table, scope, filter)?;
        }
        if let Some(is_ascending) = is_ascending {
            let key = Key { column: "", is_ascending };
            if let Some(after) = part.after {
                query.push(" AND ").push(self.index).push(".rowid").push(key.after());
                after.tie.push(query);
            }
            query.push(" ORDER BY ").push(self.index).push(".rowid").push(key.direction());
        }
        if part.limit >= 0 {
            part.push(query);
        }
        Ok(())
    }

    /// Adds a bound on the time of making as one on places. Rows that had to move on from a full microsecond may lie beyond
    /// it, so near the bound the row itself is asked.
    fn push_created(&self, query: &mut QueryBuilder<Sqlite>, comparison: Comparison, time: i64) {
        let is_lower = matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
        let first = first_place(time);
        let operator = match comparison {
            Comparison::Greater => " > ",
            Comparison::GreaterOrEqual => " >= ",
            Comparison::LessOrEqual => " <= ",
            Comparison::Less | Comparison::Equal | Comparison::Like | Comparison::Within => " < ",
        };
        query.push(" AND ").push(self.index).push(".rowid").push(if is_lower { " >= " } else { " < " });
        query.push_bind(if is_lower { first } else { first + SPILL });
        query.push(" AND (").push(self.index).push(".rowid").push(if is_lower { " >= " } else { " < " });
        query.push_bind(if is_lower { first + SPILL } else { first });
        query.push(" OR EXISTS (SELECT 1 FROM ").push(self.asked.table.name).push(" AS near WHERE near.place = ");
        query.push(self.index).push(".rowid AND near.created").push(operator).push_bind(time).push("))");
    }
}
