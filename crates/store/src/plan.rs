//! Which part of a question the index of terms answers, and what is left for SQL.
//!
//! A list is filtered by a few of its facets, each of which many rows have: a status, a tag, a rule, a tenant, a word. A
//! database index answers one of them and looks at each row for the others; the index of terms walks along all of them at the
//! same time, from the newest place to the oldest, and stops when there are enough.

use vigie_model::{Comparison, Filter, ObservableKind, TenantId, Value};

use crate::QueryError;
use crate::fields::{Access, Field, Kind, Table};
use crate::fulltext::Expression;
use crate::lower::{OWN_FIELD, field_of, flag_of, rank_of, text_of, time_of};
use crate::scope::Scope;
use crate::terms::{PRESENT, entity_field, facet, presence};

/// How many tenants of a scope, or values of a field, become facets. Of more, SQL looks at each row.
pub(crate) const FACETS_MAX: usize = 64;
/// How deep the part of a filter is that becomes an expression of terms.
const DEPTH_MAX: usize = 8;

/// How a question is answered by the index of terms.
pub(crate) struct Plan<'a> {
    /// What the rows' terms are to have.
    pub(crate) terms: Expression,
    /// What their time of making is compared with, in microseconds.
    pub(crate) created: Vec<(Comparison, i64)>,
    /// What must be looked for in the rows themselves.
    pub(crate) rest: Vec<&'a Filter>,
    /// Whether rows of other scopes are left out by the terms already.
    pub(crate) is_scoped: bool,
}

/// Returns the plan for the rows that match, or `None` where the index of terms is of no use. It merges the rows of several
/// tenants only where they are wanted in the order of their places.
pub(crate) fn plan<'a>(
    table: &'static Table,
    scope: &Scope<'_>,
    filter: &'a Filter,
    by_place: bool,
) -> Result<Option<Plan<'a>>, QueryError> {
    if table.index.is_none() {
        return Ok(None);
    }
    let mut parts = Vec::new();
    flatten(filter, &mut parts);
    let (mut is, mut is_not, mut created, mut rest) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        if let Some(bound) = time_bound(table, part)? {
            created.push(bound);
            continue;
        }
        match terms_of(table, part, 0)? {
            Some(Signed::Is(expression)) => is.push(expression),
            Some(Signed::Not(expression)) => is_not.push(expression),
            None if finds_few(table, part)? => return Ok(None),
            None => rest.push(part),
        }
    }
    let tenants = scope.tenants_of(table).filter(|tenants| (1..=FACETS_MAX).contains(&tenants.len()));
    let several = tenants.is_some_and(|tenants| tenants.len() > 1);
    let is_useful =
        !is.is_empty() || (!is_not.is_empty() && tenants.is_some()) || (several && by_place && rest.is_empty());
    if !is_useful {
        return Ok(None);
    }
    let is_scoped = tenants.is_some() || scope.is_everything(table);
    is.extend(tenants.and_then(tenant_facets));
    let terms = Expression::all(is).map(|is| match Expression::any(is_not) {
        Some(not) => Expression::But(Box::new(is), Box::new(not)),
        None => is,
    });
    Ok(terms.map(|terms| Plan { terms, created, rest, is_scoped }))
}

/// Returns that a row is of one of these tenants.
pub(crate) fn tenant_facets(tenants: &[TenantId]) -> Option<Expression> {
    Expression::any(tenants.iter().map(|tenant| Expression::Facet(facet("tenant", tenant.as_str()))).collect())
}

/// Takes nested conjunctions apart.
fn flatten<'a>(filter: &'a Filter, parts: &mut Vec<&'a Filter>) {
    match filter {
        Filter::All => {}
        Filter::And(all) => all.iter().for_each(|part| flatten(part, parts)),
        other => parts.push(other),
    }
}

/// Returns what the time of making is compared with, where the filter does that.
fn time_bound(table: &'static Table, filter: &Filter) -> Result<Option<(Comparison, i64)>, QueryError> {
    let Filter::Field { name, comparison, value } = filter else { return Ok(None) };
    let Some(field) = planned(table, name)? else { return Ok(None) };
    let is_bound = matches!(field.kind, Kind::Placed(_))
        && !matches!(comparison, Comparison::Equal | Comparison::Like | Comparison::Within);
    Ok(if is_bound { Some((*comparison, time_of(field, value)?)) } else { None })
}

/// Returns the field of this name, where it is one of the list's; a tenant's own have rows of their own, and no plan.
fn planned(table: &'static Table, name: &str) -> Result<Option<&'static Field>, QueryError> {
    if name.starts_with(OWN_FIELD) { Ok(None) } else { field_of(table, name).map(Some) }
}

/// Returns whether a database index finds few rows by the filter, so that it is better to begin with these.
fn finds_few(table: &'static Table, filter: &Filter) -> Result<bool, QueryError> {
    let (name, is_network) = match filter {
        Filter::Field { name, comparison, .. } => (name, *comparison == Comparison::Within),
        Filter::OneOf { name, .. } | Filter::Of { name, .. } => (name, false),
        _ => return Ok(false),
    };
    Ok(is_network || planned(table, name)?.is_some_and(|field| field.access == Access::Few))
}

/// What terms a row has, or has not.
enum Signed {
    Is(Expression),
    Not(Expression),
}

/// Returns the expression that holds of the same rows as the filter, or `None` where there is none.
fn terms_of(table: &'static Table, filter: &Filter, depth: usize) -> Result<Option<Signed>, QueryError> {
    if depth > DEPTH_MAX {
        return Ok(None);
    }
    Ok(match filter {
        Filter::Field { name, comparison, value } => match planned(table, name)? {
            Some(field) if field.access == Access::Facet => compared(field, *comparison, value)?,
            _ => None,
        },
        Filter::OneOf { name, values } => {
            let field = field_of(table, name)?;
            let is_facet = field.access == Access::Facet && !matches!(field.kind, Kind::Flag(_));
            let few = if is_facet && values.len() <= FACETS_MAX { facets_of(field, values)? } else { None };
            few.map(Signed::Is)
        }
        Filter::Exists(name) => {
            let name = planned(table, name)?.map(|field| field.name).filter(|name| PRESENT.contains(name));
            name.map(|name| Signed::Is(Expression::Facet(presence(name))))
        }
        Filter::Text(text) => Expression::words(text).map(Signed::Is),
        Filter::Not(part) => terms_of(table, part, depth + 1)?.map(|signed| match signed {
            Signed::Is(expression) => Signed::Not(expression),
            Signed::Not(expression) => Signed::Is(expression),
        }),
        Filter::And(parts) | Filter::Or(parts) => {
            let is_and = matches!(filter, Filter::And(_));
            let (mut is, mut is_not) = (Vec::new(), Vec::new());
            for part in parts {
                match terms_of(table, part, depth + 1)? {
                    Some(Signed::Is(expression)) => is.push(expression),
                    Some(Signed::Not(expression)) => is_not.push(expression),
                    None => return Ok(None),
                }
            }
            joined(is_and, is, is_not)
        }
        Filter::All | Filter::Of { .. } => None,
    })
}

/// Returns what holds where all of these do, or one of them.
fn joined(is_and: bool, is: Vec<Expression>, is_not: Vec<Expression>) -> Option<Signed> {
    let (all, any) = (Expression::all, Expression::any);
    match (is.is_empty(), is_not.is_empty()) {
        (false, true) => if is_and { all(is) } else { any(is) }.map(Signed::Is),
        // None of them, or not all of them.
        (true, false) => if is_and { any(is_not) } else { all(is_not) }.map(Signed::Not),
        (false, false) if is_and => {
            let (is, not) = (all(is)?, any(is_not)?);
            Some(Signed::Is(Expression::But(Box::new(is), Box::new(not))))
        }
        _ => None,
    }
}

/// Returns the expression for a facet that is compared with a value.
fn compared(field: &Field, comparison: Comparison, value: &Value) -> Result<Option<Signed>, QueryError> {
    if let Kind::Rank(_, words) = field.kind {
        let rank = rank_of(field, words, value)?;
        let is_in = |other: &i64| match comparison {
            Comparison::Less => *other < rank,
            Comparison::LessOrEqual => *other <= rank,
            Comparison::Greater => *other > rank,
            Comparison::GreaterOrEqual => *other >= rank,
            Comparison::Equal | Comparison::Like | Comparison::Within => *other == rank,
        };
        let ranks = (0_i64..).take(words.len()).filter(is_in);
        let facets = ranks.map(|rank| Expression::Facet(facet(field.name, &rank.to_string()))).collect();
        return Ok(Expression::any(facets).map(Signed::Is));
    }
    if comparison != Comparison::Equal {
        return Ok(None);
    }
    if matches!(field.kind, Kind::Flag(_)) {
        let raised = Expression::Facet(facet(field.name, "true"));
        return Ok(Some(if flag_of(field, value)? { Signed::Is(raised) } else { Signed::Not(raised) }));
    }
    Ok(facets_of(field, std::slice::from_ref(value))?.map(Signed::Is))
}

/// Returns that a field has one of these values; `None` of none.
pub(crate) fn facets_of(field: &Field, values: &[Value]) -> Result<Option<Expression>, QueryError> {
    let mut facets = Vec::with_capacity(values.len());
    for value in values {
        let value = match field.kind {
            Kind::Rank(_, words) => rank_of(field, words, value)?.to_string(),
            _ => text_of(field, value)?.to_ascii_lowercase(),
        };
        if field.name == "entity" {
            facets.extend(ObservableKind::ALL.map(|kind| Expression::Facet(facet(entity_field(kind), &value))));
        } else {
            facets.push(Expression::Facet(facet(field.name, &value)));
        }
    }
    Ok(Expression::any(facets))
}
