//! From a filter to a query of the index.

mod field;
mod pattern;
mod steady;
mod stoppable;

use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use vigie_model::{Comparison, Filter, TenantId};

use self::steady::Steady;
use self::stoppable::Stoppable;
use crate::columns::Columns;
use crate::{SearchBudget, SearchError, fields, words};

/// How deep filters may nest.
const FILTER_DEPTH_MAX: usize = 64;
/// How many conditions a filter may have, the empty ones included.
const FILTER_TERMS_MAX: usize = 4_096;

/// Returns the query for a filter over one tenant's partitions, or why there is none. What matches every row is an
/// [`AllQuery`].
pub(crate) fn lower(
    filter: &Filter,
    columns: &Columns,
    tenant: &TenantId,
    budget: &SearchBudget,
) -> Result<Box<dyn Query>, SearchError> {
    Lowering { place: Place { columns, tenant, budget }, terms: 0 }.lower(filter, 0)
}

/// Where a condition is looked up.
#[derive(Clone, Copy)]
struct Place<'a> {
    columns: &'a Columns,
    tenant: &'a TenantId,
    budget: &'a SearchBudget,
}

struct Lowering<'a> {
    place: Place<'a>,
    terms: usize,
}

impl Lowering<'_> {
    fn lower(&mut self, filter: &Filter, depth: usize) -> Result<Box<dyn Query>, SearchError> {
        self.terms += 1;
        if depth > FILTER_DEPTH_MAX {
            return Err(SearchError::TooBig { what: "levels", max: FILTER_DEPTH_MAX });
        }
        if self.terms > FILTER_TERMS_MAX {
            return Err(SearchError::TooBig { what: "conditions", max: FILTER_TERMS_MAX });
        }
        match filter {
            Filter::All => Ok(Box::new(AllQuery)),
            Filter::And(items) => self.and(items, depth),
            Filter::Or(items) => {
                let items = items.iter().map(|item| self.lower(item, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                Ok(any_of(items))
            }
            Filter::Not(inner) => Ok(not(self.lower(inner, depth + 1)?)),
            Filter::Field { name, comparison, value } => {
                let field = fields::find(name).ok_or_else(|| unknown(name))?;
                field::compare(self.place, field, *comparison, value)
            }
            Filter::OneOf { name, values } => {
                let field = fields::find(name).ok_or_else(|| unknown(name))?;
                self.terms += values.len();
                let equal = |value| field::compare(self.place, field, Comparison::Equal, value);
                Ok(any_of(values.iter().map(equal).collect::<Result<Vec<_>, _>>()?))
            }
            // Rows of other lists are the store's; events are in none.
            Filter::Of { name, .. } => Err(unknown(name)),
            Filter::Exists(name) => {
                let field = fields::find(name).ok_or_else(|| unknown(name))?;
                Ok(field::exists(self.place.columns, field))
            }
            Filter::Text(text) => Ok(phrase(self.place, text_column(self.place.columns), text)),
        }
    }

    fn and(&mut self, items: &[Filter], depth: usize) -> Result<Box<dyn Query>, SearchError> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for item in items {
            // A negation beside others is taken away from them, cheaper than cut with everything else.
            if let Filter::Not(inner) = item {
                clauses.push((Occur::MustNot, steady(self.lower(inner, depth + 2)?)));
                continue;
            }
            let query = self.lower(item, depth + 1)?;
            // What matches everything narrows nothing.
            if !query.is::<AllQuery>() {
                clauses.push((Occur::Must, query));
            }
        }
        if !clauses.iter().any(|(occur, _)| *occur == Occur::Must) {
            clauses.push((Occur::Must, Box::new(AllQuery)));
        }
        match (clauses.len(), clauses.pop()) {
            (1, Some((_, only))) => Ok(only),
            (_, last) => {
                clauses.extend(last);
                Ok(Box::new(BooleanQuery::new(clauses)))
            }
        }
    }
}

/// Returns the query for what satisfies every one of these.
pub(crate) fn all_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    queries.retain(|query| !query.is::<AllQuery>());
    match queries.len() {
        0 => Box::new(AllQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::intersection(queries)),
    }
}

/// Returns the query for what satisfies at least one of these.
pub(crate) fn any_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    queries.retain(|query| !query.is::<EmptyQuery>());
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ if queries.iter().any(|query| query.is::<AllQuery>()) => Box::new(AllQuery),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

fn not(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, steady(query))]))
}

fn steady(query: Box<dyn Query>) -> Box<dyn Query> {
    if query.is::<TermQuery>() { query } else { Box::new(Steady(query)) }
}

fn text_column(columns: &Columns) -> Field {
    columns.schema.get_field("text").expect("the table of fields has `text`")
}

/// Returns the query for these words, one after the other; every row for no words at all.
fn phrase(place: Place<'_>, column: Field, text: &str) -> Box<dyn Query> {
    let mut terms: Vec<Term> = words::words(text).iter().map(|word| Term::from_field_text(column, word)).collect();
    match terms.len() {
        0 => Box::new(AllQuery),
        1 => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
        _ => Stoppable::boxed(Box::new(PhraseQuery::new(terms)), place.budget),
    }
}

pub(crate) fn unknown(name: &str) -> SearchError {
    let suggestion = fields::suggest(name).map(str::to_owned);
    SearchError::UnknownField { field: name.chars().take(80).collect(), suggestion }
}
