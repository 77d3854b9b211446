//! The operations of a query, read one after the other.

use serde_json::{Map, Value};
use vigie_model::{Direction, Filter, Selection, Sort, TenantId};
use vigie_store::SORTS_MAX;

use super::ROWS_MAX;
use super::context::Context;
use super::filter::{Reader, both};
use super::kinds::{KINDS, Kind};
use super::value::equals;
use crate::Fault;

/// How many operations a query has at most.
pub(crate) const OPERATIONS_MAX: usize = 30;
/// How many fields `extraData` and `excludeFields` name at most.
pub(crate) const FIELDS_MAX: usize = 50;
/// How far `limitedCount` counts.
pub(crate) const LIMITED_COUNT_MAX: u64 = 10_000;

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    /// Whom they work for.
    pub(super) tenant: &'a TenantId,
    /// What they are called.
    pub(super) name: &'a str,
}

/// What a query comes to.
pub(super) struct Pipeline {
    pub(super) kind: &'static Kind,
    pub(super) filter: Filter,
    sorts: Vec<Sort>,
    pub(super) end: End,
    exclude: Vec<String>,
    /// The object that the query begins with: what is asked for, and the condition on it.
    pub(super) asked: Option<(&'static Kind, String, Filter)>,
}

/// How a query ends.
pub(super) enum End {
    /// In how many there are, up to so many.
    Count(u64),
    /// In these of them.
    Rows { from: u64, to: u64, extra: Vec<String> },
}

impl Pipeline {
    /// Reads a query of somebody.
    pub(super) fn read(body: &Value, asker: Asker<'_>, context: &Context<'_>) -> Result<Self, Fault> {
        let operations = body.get("query").and_then(Value::as_array);
        let operations = operations.ok_or_else(|| Fault::bad("query: expected a list of operations"))?;
        let (first, rest) = operations.split_first().ok_or_else(|| Fault::bad("query: expected an operation"))?;
        if rest.len() >= OPERATIONS_MAX {
            return Err(Fault::bad(format!("the query has too many operations: at most {OPERATIONS_MAX}")));
        }
        let mut pipeline = Self::begin(operation(first)?, asker, context)?;
        pipeline.exclude = names(body.get("excludeFields"), "excludeFields")?;
        let mut is_paged = false;
        for next in rest {
            let (name, fields) = operation(next)?;
            if is_paged && name != "count" {
                return Err(Fault::bad(format!("{} cannot follow a page or a count: put it before", short(name))));
            }
            is_paged |= matches!(name, "page" | "count" | "limitedCount");
            pipeline.step(name, fields, asker.tenant, context)?;
        }
        Ok(pipeline)
    }

    /// `listKind`, or `getKind` with what it is called by; and the tasks that are one's own, and those that nobody has begun.
    fn begin(
        (name, fields): (&str, &Map<String, Value>),
        asker: Asker<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Fault> {
        let tasks = match name {
            "myTasks" => Some(equals("assignee", asker.name)),
            "waitingTasks" => Some(equals("status", "waiting")),
            _ => None,
        };
        if let Some(filter) = tasks
            && let Some(kind) = Kind::named("Task")
        {
            return Ok(Self { filter, ..Self::of(kind) });
        }
        let (is_list, kind) = match (name.strip_prefix("list"), name.strip_prefix("get")) {
            (Some(kind), _) => (true, Kind::named(kind)),
            (_, Some(kind)) => (false, Kind::named(kind)),
            _ => (true, None),
        };
        let kind = kind.ok_or_else(|| {
            let known: Vec<String> = KINDS.iter().map(|kind| format!("list{0}, get{0}", kind.name)).collect();
            Fault::bad(format!(
                "unknown operation {}: a query begins with one of {}, myTasks, waitingTasks",
                short(name),
                known.join(", ")
            ))
        })?;
        let mut pipeline = Self::of(kind);
        if is_list {
            return Ok(pipeline);
        }
        let asked = match ["idOrName", "id", "name"].iter().find_map(|name| fields.get(*name)) {
            Some(Value::String(asked)) => asked.clone(),
            Some(Value::Number(asked)) => asked.to_string(),
            _ => return Err(Fault::bad(format!("{name} takes idOrName"))),
        };
        pipeline.filter = kind.by(&asked, asker.tenant, context);
        pipeline.asked = Some((kind, asked, pipeline.filter.clone()));
        Ok(pipeline)
    }

    /// All objects of a kind.
    fn of(kind: &'static Kind) -> Self {
        Self {
            kind,
            filter: Filter::All,
            sorts: Vec::new(),
            end: End::Rows { from: 0, to: ROWS_MAX, extra: Vec::new() },
            exclude: Vec::new(),
            asked: None,
        }
    }

    fn step(
        &mut self,
        name: &str,
        fields: &Map<String, Value>,
        tenant: &TenantId,
        context: &Context<'_>,
    ) -> Result<(), Fault> {
        match name {
            "filter" => {
                let filter = Reader { kind: self.kind, context }.read(fields)?;
                self.filter = both(std::mem::replace(&mut self.filter, Filter::All), filter);
            }
            "sort" => self.sorts = sorts(self.kind, fields)?,
            "page" => self.end = page(fields)?,
            // Of a page the objects on it are counted, which nobody asks; all of them are.
            "count" => self.end = End::Count(u64::MAX),
            "limitedCount" => self.end = End::Count(LIMITED_COUNT_MAX),
            name => {
                let (hop, kind) = self.kind.hops().find(|(hop, _)| hop.name == name).ok_or_else(|| {
                    let hops = self.kind.hops().map(|(hop, _)| hop.name);
                    let steps = ["filter", "sort", "page", "count", "limitedCount"];
                    let known: Vec<&str> = steps.into_iter().chain(hops).collect();
                    let (name, kind) = (short(name), self.kind.name);
                    Fault::bad(format!("unknown operation {name} on {kind}: known are {}", known.join(", ")))
                })?;
                self.filter = (hop.leads)(tenant, std::mem::replace(&mut self.filter, Filter::All));
                self.kind = kind;
                self.sorts.clear();
            }
        }
        Ok(())
    }

    /// Returns what the store is to select.
    pub(super) fn selection(&self) -> Selection {
        Selection { filter: self.filter.clone(), sorts: self.sorts.clone(), from: 0, limit: 0 }
    }

    /// Takes out of an object what the client does not want.
    pub(super) fn exclude(&self, object: &mut Value) {
        for name in &self.exclude {
            let (name, inner) = name.split_once('.').map_or((name.as_str(), None), |(name, inner)| (name, Some(inner)));
            let Some(fields) = object.as_object_mut() else { return };
            match inner {
                None => {
                    fields.remove(name);
                }
                Some(inner) => {
                    if let Some(Value::Object(fields)) = fields.get_mut(name) {
                        fields.remove(inner);
                    }
                }
            }
        }
    }
}

fn operation(json: &Value) -> Result<(&str, &Map<String, Value>), Fault> {
    let wrong = || Fault::bad("an operation is an object with a _name");
    let fields = json.as_object().ok_or_else(wrong)?;
    let name = fields.get("_name").and_then(Value::as_str).ok_or_else(wrong)?;
    Ok((name, fields))
}

/// `{"_fields": [{"date": "desc"}]}`, or `["-date"]` as old clients write it.
fn sorts(kind: &Kind, fields: &Map<String, Value>) -> Result<Vec<Sort>, Fault> {
    let wrong = || Fault::bad("sort takes {\"_fields\": [{field: \"asc\"}, …]}");
    let mut sorts = Vec::new();
    for item in fields.get("_fields").and_then(Value::as_array).ok_or_else(wrong)? {
        let asked: Vec<(&str, &str)> = match item {
            Value::String(text) => match text.strip_prefix('-') {
                Some(field) => vec![(field, "desc")],
                None => vec![(text.strip_prefix('+').unwrap_or(text), "asc")],
            },
            Value::Object(fields) => {
                let pairs = fields.iter().map(|(field, direction)| Some((field.as_str(), direction.as_str()?)));
                pairs.collect::<Option<_>>().ok_or_else(wrong)?
            }
            _ => return Err(wrong()),
        };
        for (field, direction) in asked {
            let direction = match direction {
                "asc" => Direction::Ascending,
                "desc" => Direction::Descending,
                other => return Err(Fault::bad(format!("a sort is asc or desc, not {}", short(other)))),
            };
            sorts.push(Sort { field: kind.sort(field)?.to_owned(), direction });
        }
    }
    if sorts.len() > SORTS_MAX {
        return Err(Fault::bad(format!("too many fields to sort by: at most {SORTS_MAX}")));
    }
    Ok(sorts)
}

/// From `from` on, up to and without `to`.
fn page(fields: &Map<String, Value>) -> Result<End, Fault> {
    let number = |name: &str, otherwise: u64| match fields.get(name) {
        None | Some(Value::Null) => Ok(otherwise),
        Some(value) => value.as_u64().ok_or_else(|| Fault::bad(format!("page: {name} is not a number from 0 on"))),
    };
    let from = number("from", 0)?;
    let to = number("to", from.saturating_add(ROWS_MAX))?;
    if to.saturating_sub(from) > ROWS_MAX {
        return Err(Fault::bad(format!("the page is too long: at most {ROWS_MAX} objects")));
    }
    Ok(End::Rows { from, to, extra: names(fields.get("extraData"), "extraData")? })
}

fn names(list: Option<&Value>, field: &str) -> Result<Vec<String>, Fault> {
    let wrong = || Fault::bad(format!("{field}: expected a list of at most {FIELDS_MAX} names"));
    match list {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(names)) if names.len() <= FIELDS_MAX => {
            names.iter().map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
