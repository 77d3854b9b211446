//! Filters to SQL: the only place where a condition from outside becomes part of a statement.
//!
//! No byte of a filter is ever written into the statement. Field names choose a [`Field`] of [`crate::fields`], whose
//! SQL is ours; values are bound.
//!
//! SQL's unknown is no answer here: a row without an assignee is not assigned to ann, so `Not` of that holds. It is
//! enough to make unknown false below each `Not`, since AND and OR keep it from becoming true.

mod own;

use std::net::IpAddr;

use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Comparison, Filter, Timestamp, Value};

use crate::QueryError;
use crate::fields::{Field, Kind, List, Table};
pub use own::OWN_FIELD;

use crate::row::address_text;
use crate::scope::Scope;

/// How many conditions a filter holds at most.
pub const TERMS_MAX: usize = 200;
/// How many values a field may be one of.
pub const VALUES_MAX: usize = 5_000;
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
        // One list in SQL too: the database takes expressions only so deep, and a chain of OR is as deep as it is long.
        match &field.kind {
            Kind::Word(column)
            | Kind::Rank(column, _)
            | Kind::Integer(column)
            | Kind::Time(column)
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
                Kind::Time(_) => self.query.push_bind(time_of(field, value)?),
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
        self.scope.push(self.query, other);
        self.push(" AND ");
        Lowering { query: self.query, table: other, scope: self.scope, terms: self.terms }.filter(filter, depth + 1)?;
        self.push(end);
        Ok(())
    }

    fn field(&mut self, field: &Field, comparison: Comparison, value: &Value) -> Result<(), QueryError> {
        let is_ordered = matches!(field.kind, Kind::Rank(..) | Kind::Integer(_) | Kind::Time(_));
        if is_ordered && matches!(comparison, Comparison::Like | Comparison::Within) {
            return Err(unsupported(field, comparison, "compare it with =, <, <=, > or >="));
        }
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
            Kind::Flag(column) => {
                let flag = flag_of(field, value)?;
                if comparison != Comparison::Equal {
                    return Err(unsupported(field, comparison, "a flag is equal to true or false"));
                }
                self.compare(column, comparison, flag);
            }
            Kind::Value { text, address } => self.value(field, text, *address, comparison, value)?,
            Kind::Members { select, text, address } => {
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

    /// Every word occurs somewhere in the text of the row.
    fn text(&mut self, text: &str) -> Result<(), QueryError> {
        self.push("(1 = 1");
        for word in text.split_whitespace() {
            *self.terms += 1;
            if *self.terms > TERMS_MAX {
                return Err(QueryError::TooComplex { terms_max: TERMS_MAX, depth_max: DEPTH_MAX });
            }
            self.push(" AND ");
            self.push(self.table.words);
            self.push(" LIKE ");
            self.bind(format!("%{}%", escape(&word.to_ascii_lowercase())));
            self.push(" ESCAPE '\\'");
        }
        self.push(")");
        Ok(())
    }

    fn push(&mut self, sql: &'static str) {
        self.query.push(sql);
    }

    fn bind(&mut self, value: String) {
        self.query.push_bind(value);
    }
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

fn text_of(field: &Field, value: &Value) -> Result<String, QueryError> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Bool(_) | Value::Float(_) => Err(bad(field, value, "a text")),
    }
}

fn rank_of(field: &Field, words: &'static [&'static str], value: &Value) -> Result<i64, QueryError> {
    let rank = match value {
        Value::Text(text) => words.iter().position(|word| word.eq_ignore_ascii_case(text)),
        Value::Integer(number) => usize::try_from(*number).ok().filter(|rank| *rank < words.len()),
        Value::Bool(_) | Value::Float(_) => None,
    };
    rank.and_then(|rank| i64::try_from(rank).ok())
        .ok_or_else(|| bad(field, value, &format!("one of {}", words.join(", "))))
}

fn integer_of(field: &Field, value: &Value) -> Result<i64, QueryError> {
    let number = match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.parse().ok(),
        Value::Bool(_) | Value::Float(_) => None,
    };
    number.ok_or_else(|| bad(field, value, "a whole number"))
}

fn time_of(field: &Field, value: &Value) -> Result<i64, QueryError> {
    let time = match value {
        Value::Text(text) => text.parse::<Timestamp>().ok(),
        Value::Integer(micros) => Some(Timestamp::from_micros(*micros)),
        Value::Bool(_) | Value::Float(_) => None,
    };
    time.map(Timestamp::as_micros)
        .ok_or_else(|| bad(field, value, "a time such as 2026-03-01T12:00:00Z, or microseconds since 1970"))
}

fn flag_of(field: &Field, value: &Value) -> Result<bool, QueryError> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) => Err(bad(field, value, "true or false")),
    }
}

/// Returns the first and last address of a network, or of one address, in sortable form.
fn network_of(field: &Field, value: &Value) -> Result<(String, String), QueryError> {
    let wrong = || bad(field, value, "a network such as 203.0.113.0/24 or an address");
    let Value::Text(text) = value else { return Err(wrong()) };
    if let Ok(network) = text.parse::<ipnet::IpNet>() {
        return Ok((address_text(network.network()), address_text(network.broadcast())));
    }
    let address = address_text(text.parse::<IpAddr>().map_err(|_| wrong())?);
    Ok((address.clone(), address))
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
