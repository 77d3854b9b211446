//! Lists: what they are asked with and how they are answered, the same for all.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vigie_model::{Comparison, Direction, Filter, Page, Sort, TenantId, Value};
use vigie_store::{Listing, QueryError, Reach, Rows, StoreError};

use super::condition::parse_condition;
use super::problem::Problem;
use crate::auth::Caller;

/// How a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// A condition, such as `status:new AND severity:>=high`. An unknown field is refused with those that there are.
    pub(crate) q: Option<String>,
    /// The field to sort by; a `-` before it means greatest first, such as `-created`.
    pub(crate) sort: Option<String>,
    /// How many rows, 1 to 1,000; 50 where it is not said.
    pub(crate) limit: Option<u32>,
    /// `next` of the page before.
    pub(crate) cursor: Option<String>,
    /// One tenant only; all that you may see where it is not said.
    #[param(value_type = Option<String>)]
    pub(crate) tenant: Option<TenantId>,
}

/// How many rows a page has where nobody says.
const LIMIT_DEFAULT: u32 = 50;

impl ListQuery {
    /// Returns how far the caller sees with this, and which rows to look at.
    pub(crate) fn read(self, caller: &Caller) -> Result<(Reach, Listing), Problem> {
        let reach = Reach { tenants: caller.narrowed(self.tenant.as_ref())?, ..caller.reach() };
        let filter = match self.q.as_deref() {
            None => Filter::All,
            Some(text) => parse_condition(text).map_err(|error| Problem::field("q", error))?,
        };
        let sort = self.sort.as_deref().map(|sort| match sort.strip_prefix('-') {
            Some(field) => Sort { field: field.to_owned(), direction: Direction::Descending },
            None => Sort { field: sort.to_owned(), direction: Direction::Ascending },
        });
        let page = Page { limit: page_limit(self.limit)?, cursor: self.cursor };
        Ok((reach, Listing { filter, sort, page }))
    }
}

/// Returns the number of rows asked for.
pub(crate) fn page_limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(LIMIT_DEFAULT),
        Some(limit) if (1..=Page::LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(limit) => Err(Problem::field("limit", format!("{limit} is not within 1 and {}", Page::LIMIT_MAX))),
    }
}

/// Returns the condition that a field is equal to a text.
pub(crate) fn equal(field: &str, value: impl Into<String>) -> Filter {
    Filter::Field { name: field.to_owned(), comparison: Comparison::Equal, value: Value::Text(value.into()) }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The rows.
    rows: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// How many rows match, counted up to 10,000.
    total: u64,
    /// Whether there are more than were counted.
    total_capped: bool,
}

impl<T> From<Rows<T>> for Listed<T> {
    fn from(rows: Rows<T>) -> Self {
        Self { rows: rows.rows, next: rows.next, total: rows.total, total_capped: rows.total_capped }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::conflict(format!("{error}: read it again and repeat the change")),
            StoreError::Full { .. } | StoreError::NotOnDisk { .. } => {
                let code = if matches!(error, StoreError::Full { .. }) { "disk_full" } else { "not_on_disk" };
                let said = error.to_string();
                tracing::error!(error = said, "the database cannot be written");
                Self::new(axum::http::StatusCode::INSUFFICIENT_STORAGE, code, said)
            }
            StoreError::Exists { .. } => Self::conflict(error.to_string()),
            StoreError::Query(query) => of_query(&query),
            other => Self::internal("use the database", &other),
        }
    }
}

fn of_query(error: &QueryError) -> Problem {
    let field = match error {
        QueryError::BadCursor => "cursor",
        QueryError::BadLimit { .. } => "limit",
        QueryError::NotSortable { .. } => "sort",
        _ => "q",
    };
    Problem::field(field, error.to_string())
}
