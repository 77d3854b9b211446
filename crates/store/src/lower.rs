//! Filters to SQL: the only place where a condition from outside becomes part of a statement.
//!
//! No byte of a filter is ever written into the statement. Field names choose a [`Field`] of [`crate::fields`], whose
//! SQL is ours; values are bound.
//!
//! SQL's unknown is no answer here: a row without an assignee is not assigned to ann, so `Not` of that holds. It is
//! enough to make unknown false below each `Not`, since AND and OR keep it from becoming true.

mod own;
mod value;

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Comparison, Filter, Value};

use crate::QueryError;
use crate::fields::{Access, Field, Kind, List, Table};
use crate::fulltext::Expression;
use crate::place::{SPILL, first_place};
use crate::plan::facets_of;
use crate::scope::Scope;

pub use own::OWN_FIELD;
pub(crate) use value::{flag_of, rank_of, text_of, time_of};
use value::{integer_of, network_of};

/// How many conditions a filter holds at most.
pub const TERMS_MAX: usize = 200;
/// How many values a field may be one of.
pub const VALUES_MAX: usize = 5_000;
/// How long a text is that is looked for, in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;
/// How deep a filter is nested at most.
pub const DEPTH_MAX: usize = 32;

/// Adds a filter to a statement, as one expression.
pub(crate) fn push_filter(
    query: &mut QueryBuilder<Sqlite>,
    table: &'static Table,
    scope: &Scope<'_>,
    filter: &Filter,
) -> Result<(), QueryError> {
    let mut terms = 0;
    Lowering { query, table, scope, terms: &mut terms }.filter(filter, 0)
}

/// Returns the field of this name, or an error that names those there are.
pub(crate) fn field_of(table: &'static Table, name: &str) -> Result<&'static Field, QueryError> {
    table.fields.iter().find(|field| field.name == name).ok_or_else(|| QueryError::UnknownField {
        list: table.list,
        field: shorten(name),
        known: table.fields.iter().map(|field| field.name).collect(),
    })
}

struct Lowering<'a> {
    query: &'a mut QueryBuilder<Sqlite>,
    table: &'static Table,
    scope: &'a Scope<'a>,
    terms: &'a mut usize,
}

impl Lowering<'_> {
    fn filter(&mut self, filter: &Filter, depth: usize) -> Result<(), QueryError> {
        *self.terms += 1;
        if depth > DEPTH_MAX || *self.terms > TERMS_MAX {
            return Err(QueryError::TooComplex { terms_max: TERMS_MAX, depth_max: DEPTH_MAX });
        }
        match filter {
            Filter::All => self.push("1 = 1"),
            Filter::And(parts) => return self.joined(parts, " AND ", "1 = 1", depth),
            Filter::Or(parts) => return self.joined(parts, " OR ", "1 = 0", depth),
            Filter::Not(part) => {
                self.push("NOT coalesce(");
                self.filter(part, depth + 1)?;
                self.push(", 1 = 0)");
            }
            Filter::Field { name, comparison, value } => {
                if let Some(name) = self.own_name(name) {
                    return self.own(name, *comparison, value);
                }
                let field = field_of(self.table, name)?;
                return self.field(field, *comparison, value);
            }
            Filter::OneOf { name, values } => return self.one_of(field_of(self.table, name)?, values),
            Filter::Of { name, list, filter } => return self.of(field_of(self.table, name)?, list, filter, depth),
            Filter::Exists(name) => match self.own_name(name) {
                Some(name) => self.own_exists(name),
                None => self.exists(field_of(self.table, name)?),
            },
            Filter::Text(text) => return self.text(text),
        }
        Ok(())
    }

    fn joined(
        &mut self,
        parts: &[Filter],
        word: &'static str,
        empty: &'static str,
        depth: usize,
    ) -> Result<(), QueryError> {
        if parts.is_empty() {
            self.push(empty);
            return Ok(());
        }
        self.push("(");
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(word);
            }
            self.filter(part, depth + 1)?;
        }
        self.push(")");
        Ok(())
    }

    /// The field is one of the values; of none it is none.
    fn one_of(&mut self, field: &Field, values: &[Value]) -> Result<(), QueryError> {
        if values.len() > VALUES_MAX {
            return Err(QueryError::TooManyValues { field: field.name.to_owned(), values_max: VALUES_MAX });
        }
        if let Some(index) = self.table.index
            && is_term(field)
        {
            self.matching(index, facets_of(field, values)?);
            return Ok(());
        }
        self.push_sign(field);
        // One list in SQL too: the database takes expressions only so deep, and a chain of OR is as deep as it is long.
        match &field.kind {
            Kind::Word(column)
            | Kind::Rank(column, _)
            | Kind::Integer(column)
            | Kind::Time(column)
            | Kind::Placed(column)
            | Kind::Flag(column) => self.push(column),
            Kind::Text(column) | Kind::Value { text: column, .. } => {
                self.push("lower(");
                self.push(column);
                self.push(")");
            }
            Kind::Members { select, text, .. } => {
                self.push(self.table.id.column());
                self.push(" IN (");
                self.push(select);
                self.push(" AND lower(");
                self.push(text);
                self.push(")");
            }
        }
        self.push(" IN (");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            match &field.kind {
                Kind::Rank(_, words) => self.query.push_bind(rank_of(field, words, value)?),
                Kind::Integer(_) => self.query.push_bind(integer_of(field, value)?),
                Kind::Time(_) | Kind::Placed(_) => self.query.push_bind(time_of(field, value)?),
                Kind::Flag(_) => self.query.push_bind(flag_of(field, value)?),
                Kind::Text(_) | Kind::Word(_) | Kind::Value { .. } | Kind::Members { .. } => {
                    self.query.push_bind(text_of(field, value)?.to_ascii_lowercase())
                }
            };
        }
        self.push(if matches!(field.kind, Kind::Members { .. }) { "))" } else { ")" });
        Ok(())
    }

    /// The field is the id of a row of another list that is within the scope too: a filter tells nothing of what cannot be
    /// seen.
    fn of(&mut self, field: &Field, list: &str, filter: &Filter, depth: usize) -> Result<(), QueryError> {
        let other = List::of_name(list).ok_or_else(|| QueryError::UnknownList { list: shorten(list) })?.table();
        let (column, end) = match field.kind {
            Kind::Word(column) => (column, ")"),
            Kind::Members { select, text, .. } => {
                self.push(self.table.id.column());
                self.push(" IN (");
                self.push(select);
                self.push(" AND ");
                (text, "))")
            }
            _ => return Err(unsupported(field, Comparison::Equal, "it holds no ids")),
        };
        self.push(column);
        self.push(" IN (SELECT ");
        self.push(other.id.column());
        self.push(" FROM ");
        self.push(other.name);
        self.push(" WHERE ");
        let scope = &self.scope.beside(other, filter);
        scope.push(self.query, other);
        self.push(" AND ");
        Lowering { query: self.query, table: other, scope, terms: self.terms }.filter(filter, depth + 1)?;
        self.push(end);
        Ok(())
    }

    /// Keeps the index of a column out of it where few rows are looked up by another: see [`Scope::beside`].
    fn push_sign(&mut self, field: &Field) {
        let is_plain =
            matches!(field.kind, Kind::Word(_) | Kind::Rank(..) | Kind::Integer(_) | Kind::Time(_) | Kind::Flag(_));
        if is_plain && self.scope.is_narrowed() && field.access != Access::Few {
            self.push("+");
        }
    }

    fn field(&mut self, field: &Field, comparison: Comparison, value: &Value) -> Result<(), QueryError> {
        let is_ordered = matches!(field.kind, Kind::Rank(..) | Kind::Integer(_) | Kind::Time(_) | Kind::Placed(_));
        if is_ordered && matches!(comparison, Comparison::Like | Comparison::Within) {
            return Err(unsupported(field, comparison, "compare it with =, <, <=, > or >="));
        }
        self.push_sign(field);
        match &field.kind {
            Kind::Text(column) => self.text_column(field, column, comparison, value)?,
            Kind::Word(column) => {
                let text = text_of(field, value)?.to_ascii_lowercase();
                match comparison {
                    Comparison::Like => self.like(column, &text),
                    Comparison::Within => return Err(not_an_address(field)),
                    _ => self.compare(column, comparison, text),
                }
            }
            Kind::Rank(column, words) => {
                let rank = rank_of(field, words, value)?;
                self.compare(column, comparison, rank);
            }
            Kind::Integer(column) => {
                let number = integer_of(field, value)?;
                self.compare(column, comparison, number);
            }
            Kind::Time(column) => {
                let time = time_of(field, value)?;
                self.compare(column, comparison, time);
            }
            Kind::Placed(column) => {
                let time = time_of(field, value)?;
                self.placed(column, comparison, time);
            }
            Kind::Flag(column) => {
                let flag = flag_of(field, value)?;
                if comparison != Comparison::Equal {
                    return Err(unsupported(field, comparison, "a flag is equal to true or false"));
                }
                self.compare(column, comparison, flag);
            }
            Kind::Value { text, address } => self.value(field, text, *address, comparison, value)?,
            Kind::Members { select, text, address } => {
                if let Some(index) = self.table.index
                    && is_term(field)
                    && comparison == Comparison::Equal
                {
                    self.matching(index, facets_of(field, std::slice::from_ref(value))?);
                    return Ok(());
                }
                self.push(self.table.id.column());
                self.push(" IN (");
                self.push(select);
                self.push(" AND ");
                self.value(field, text, *address, comparison, value)?;
                self.push(")");
            }
        }
        Ok(())
    }

    /// A value that may be an address: a network is a range of its sortable form.
    fn value(
        &mut self,
        field: &Field,
        text: &'static str,
        address: Option<&'static str>,
        comparison: Comparison,
        value: &Value,
    ) -> Result<(), QueryError> {
        if comparison != Comparison::Within {
            return self.text_column(field, text, comparison, value);
        }
        let Some(address) = address else { return Err(not_an_address(field)) };
        let (low, high) = network_of(field, value)?;
        self.push(address);
        self.push(" BETWEEN ");
        self.bind(low);
        self.push(" AND ");
        self.bind(high);
        Ok(())
    }

    fn text_column(
        &mut self,
        field: &Field,
        column: &'static str,
        comparison: Comparison,
        value: &Value,
    ) -> Result<(), QueryError> {
        let text = text_of(field, value)?.to_ascii_lowercase();
        self.push("lower(");
        self.push(column);
        self.push(")");
        match comparison {
            Comparison::Like => self.like("", &text),
            Comparison::Within => return Err(not_an_address(field)),
            _ => self.compare("", comparison, text),
        }
        Ok(())
    }

    fn compare<T>(&mut self, column: &'static str, comparison: Comparison, value: T)
    where
        T: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'static,
    {
        self.push(column);
        self.push(match comparison {
            Comparison::Less => " < ",
            Comparison::LessOrEqual => " <= ",
            Comparison::Greater => " > ",
            Comparison::GreaterOrEqual => " >= ",
            Comparison::Equal | Comparison::Like | Comparison::Within => " = ",
        });
        self.query.push_bind(value);
    }

    fn like(&mut self, column: &'static str, pattern: &str) {
        self.push(column);
        self.push(" LIKE ");
        self.bind(like_pattern(pattern));
        self.push(" ESCAPE '\\'");
    }

    fn exists(&mut self, field: &Field) {
        match &field.kind {
            Kind::Text(column)
            | Kind::Word(column)
            | Kind::Rank(column, _)
            | Kind::Integer(column)
            | Kind::Time(column)
            | Kind::Placed(column)
            | Kind::Flag(column)
            | Kind::Value { text: column, .. } => {
                self.push(column);
                self.push(" IS NOT NULL");
            }
            Kind::Members { select, .. } => {
                self.push(self.table.id.column());
                self.push(" IN (");
                self.push(select);
                self.push(")");
            }
        }
    }

    /// A time that rows are placed by. It is a bound on places too, of which there is an index; the row itself is asked near
    /// the bound only, where some may have had to move on from a full microsecond.
    fn placed(&mut self, column: &'static str, comparison: Comparison, time: i64) {
        let first = first_place(time);
        let (has_lower, has_upper) = match comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => (true, false),
            Comparison::Less | Comparison::LessOrEqual => (false, true),
            Comparison::Equal | Comparison::Like | Comparison::Within => (true, true),
        };
        self.push("(");
        if has_lower {
            self.push("place >= ");
            self.query.push_bind(first);
            self.push(" AND ");
        }
        if has_upper {
            self.push("place < ");
            self.query.push_bind(first + SPILL);
            self.push(" AND ");
        }
        match (has_lower, has_upper) {
            (true, false) => {
                self.push("(place >= ");
                self.query.push_bind(first + SPILL);
                self.push(" OR ");
            }
            (false, true) => {
                self.push("(place < ");
                self.query.push_bind(first);
                self.push(" OR ");
            }
            _ => self.push("("),
        }
        self.compare(column, comparison, time);
        self.push("))");
    }

    /// Every word occurs somewhere in the text of the row.
    fn text(&mut self, text: &str) -> Result<(), QueryError> {
        let too_complex = QueryError::TooComplex { terms_max: TERMS_MAX, depth_max: DEPTH_MAX };
        let words = text.split_whitespace().count();
        *self.terms += words;
        if *self.terms > TERMS_MAX || text.len() > TEXT_BYTES_MAX {
            return Err(too_complex);
        }
        if words == 0 {
            self.push("1 = 1");
            return Ok(());
        }
        if let Some(index) = self.table.index {
            self.matching(index, Expression::words(text));
            return Ok(());
        }
        self.push("(1 = 1");
        for word in text.split_whitespace() {
            self.push(" AND ");
            self.push(self.table.words);
            self.push(" LIKE ");
            self.bind(format!("%{}%", escape(&word.to_ascii_lowercase())));
            self.push(" ESCAPE '\\'");
        }
        self.push(")");
        Ok(())
    }

    /// The row's terms match the expression; nothing does where there is none.
    fn matching(&mut self, index: &'static str, expression: Option<Expression>) {
        let Some(expression) = expression else { return self.push("1 = 0") };
        self.push("place IN (SELECT rowid FROM ");
        self.push(index);
        self.push(" WHERE ");
        self.push(index);
        self.push(" MATCH ");
        self.bind(expression.to_match());
        self.push(")");
    }

    fn push(&mut self, sql: &'static str) {
        self.query.push(sql);
    }

    fn bind(&mut self, value: String) {
        self.query.push_bind(value);
    }
}

/// Returns whether what belongs to a row is found by the index of terms alone, and not by rows of its own.
fn is_term(field: &Field) -> bool {
    field.access == Access::Facet && matches!(field.kind, Kind::Members { .. })
}

/// Returns the text with LIKE's own signs escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Returns LIKE's form of a pattern of `*` and `?`.
fn like_pattern(pattern: &str) -> String {
    escape(pattern)
        .chars()
        .map(|character| match character {
            '*' => '%',
            '?' => '_',
            other => other,
        })
        .collect()
}

fn bad(field: &Field, value: &Value, expected: &str) -> QueryError {
    let value = match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => shorten(text),
    };
    QueryError::BadValue { field: field.name.to_owned(), value, expected: expected.to_owned() }
}

fn not_an_address(field: &Field) -> QueryError {
    unsupported(field, Comparison::Within, "it holds no addresses")
}

fn unsupported(field: &Field, comparison: Comparison, hint: &'static str) -> QueryError {
    let comparison = match comparison {
        Comparison::Equal => "equal",
        Comparison::Less | Comparison::LessOrEqual => "less",
        Comparison::Greater | Comparison::GreaterOrEqual => "greater",
        Comparison::Like => "a pattern",
        Comparison::Within => "a network",
    };
    QueryError::Unsupported { field: field.name.to_owned(), comparison, hint }
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}
