//! Many rows in one statement.

use sqlx::{QueryBuilder, Sqlite};

use crate::objects::Cell;
use crate::row::Connection;

/// How many rows one statement inserts. Only these numbers occur, so that a table has few statements and they stay prepared.
const STEPS: [usize; 11] = [64, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1];

/// Which rows go where.
pub(crate) struct Insert {
    /// `INSERT INTO table (column, …)`.
    pub(crate) into: &'static str,
    /// What follows the rows: empty, or what to do in a conflict.
    pub(crate) then: &'static str,
    /// The values of the columns, in their order.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Insert {
    pub(crate) const fn new(into: &'static str, rows: Vec<Vec<Cell>>) -> Self {
        Self { into, then: "", rows }
    }

    /// Inserts the rows, in their order.
    pub(crate) async fn execute(self, connection: &mut Connection) -> Result<(), sqlx::Error> {
        let mut left = self.rows.len();
        let mut rows = self.rows.into_iter();
        while let Some(step) = STEPS.into_iter().find(|step| *step <= left) {
            left -= step;
            let mut query = QueryBuilder::new(self.into);
            query.push(" VALUES ");
            for (index, row) in rows.by_ref().take(step).enumerate() {
                query.push(if index > 0 { ", (" } else { "(" });
                for (index, cell) in row.into_iter().enumerate() {
                    if index > 0 {
                        query.push(", ");
                    }
                    bind(&mut query, cell);
                }
                query.push(")");
            }
            query.push(self.then);
            query.build().execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Adds a value to a statement.
pub(crate) fn bind(query: &mut QueryBuilder<Sqlite>, cell: Cell) {
    match cell {
        Cell::Text(text) => query.push_bind(text),
        Cell::Maybe(text) => query.push_bind(text),
        Cell::Integer(number) => query.push_bind(number),
        Cell::MaybeInteger(number) => query.push_bind(number),
        Cell::Flag(flag) => query.push_bind(flag),
    };
}
