//! The operations of a query, read one after the other.

use serde_json::{Map, Value};
use vigie_model::{Direction, Filter, Selection, Sort, Tenant};
use vigie_store::SORTS_MAX;

use super::ROWS_MAX;
use super::context::Context;
use super::filter::{Reader, both};
use super::kinds::{KINDS, Kind};
use crate::door::Door;
use crate::{Fault, Visitor};

/// How many operations a query has at most.
pub(crate) const OPERATIONS_MAX: usize = 30;
/// How many fields `extraData` and `excludeFields` name at most.
pub(crate) const FIELDS_MAX: usize = 50;
/// How far `limitedCount` counts.
pub(crate) const LIMITED_COUNT_MAX: u64 = 10_000;

/// What a query comes to.
pub(super) struct Pipeline {
    pub(super) kind: &'static Kind,
    pub(super) filter: Filter,
    sorts: Vec<Sort>,
    pub(super) end: End,
    exclude: Vec<String>,
}

/// How a query ends.
pub(super) enum End {
    /// In how many there are, up to so many.
    Count(u64),
    /// In these of them.
    Rows { from: u64, to: u64, extra: Vec<String> },
}

impl Pipeline {
    /// Reads a query. One that begins with an object looks whether there is one.
    pub(super) async fn read(door: &Door, visitor: &Visitor, body: &Value) -> Result<Self, Fault> {
        let operations = body.get("query").and_then(Value::as_array);
        let operations = operations.ok_or_else(|| Fault::bad("query: expected a list of operations"))?;
        let (first, rest) = operations.split_first().ok_or_else(|| Fault::bad("query: expected an operation"))?;
        if rest.len() >= OPERATIONS_MAX {
            return Err(Fault::bad(format!("the query has too many operations: at most {OPERATIONS_MAX}")));
        }
        let names = |field: &str| names(body.get(field), field);
        let mut reading = Reading { door, visitor, tenants: None };
        let mut pipeline = reading.begin(operation(first)?).await?;
        pipeline.exclude = names("excludeFields")?;
        let mut is_paged = false;
        for next in rest {
            let (name, fields) = operation(next)?;
            if is_paged && name != "count" {
                return Err(Fault::bad(format!("{name} cannot follow a page or a count: put it before")));
            }
            is_paged |= matches!(name, "page" | "count" | "limitedCount");
            reading.step(&mut pipeline, name, fields).await?;
        }
        Ok(pipeline)
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

/// What operations are read with.
struct Reading<'a> {
    door: &'a Door,
    visitor: &'a Visitor,
    /// The organisations, once something has asked for them.
    tenants: Option<Vec<Tenant>>,
}

impl Reading<'_> {
    /// `listKind`, or `getKind` with what it is called by.
    async fn begin(&mut self, (name, fields): (&str, &Map<String, Value>)) -> Result<Pipeline, Fault> {
        let (is_list, kind) = match (name.strip_prefix("list"), name.strip_prefix("get")) {
            (Some(kind), _) => (true, Kind::named(kind)),
            (_, Some(kind)) => (false, Kind::named(kind)),
            _ => (true, None),
        };
        let kind = kind.ok_or_else(|| {
            let known: Vec<String> = KINDS.iter().map(|kind| format!("list{0}, get{0}", kind.name)).collect();
            Fault::bad(format!("unknown operation {}: a query begins with one of {}", short(name), known.join(", ")))
        })?;
        let end = End::Rows { from: 0, to: ROWS_MAX, extra: Vec::new() };
        let mut pipeline = Pipeline { kind, filter: Filter::All, sorts: Vec::new(), end, exclude: Vec::new() };
        if is_list {
            return Ok(pipeline);
        }
        let asked = fields.get("idOrName").or_else(|| fields.get("id")).or_else(|| fields.get("name"));
        let asked = match asked {
            Some(Value::String(asked)) => asked.clone(),
            Some(Value::Number(asked)) => asked.to_string(),
            _ => return Err(Fault::bad(format!("{name} takes idOrName"))),
        };
        pipeline.filter = kind.by(&asked, &self.context(kind).await?);
        if (kind.count)(self.door, &kind.scope(self.visitor), &pipeline.filter).await? == 0 {
            return Err(Fault::not_found(kind.name, &asked));
        }
        Ok(pipeline)
    }

    async fn step(&mut self, pipeline: &mut Pipeline, name: &str, fields: &Map<String, Value>) -> Result<(), Fault> {
        match name {
            "filter" => {
                let context = self.context(pipeline.kind).await?;
                let filter = Reader { kind: pipeline.kind, context: &context }.read(fields)?;
                pipeline.filter = both(std::mem::replace(&mut pipeline.filter, Filter::All), filter);
            }
            "sort" => pipeline.sorts = sorts(pipeline.kind, fields)?,
            "page" => pipeline.end = page(fields)?,
            // Of a page the objects on it are counted, which nobody asks; all of them are.
            "count" => pipeline.end = End::Count(u64::MAX),
            "limitedCount" => pipeline.end = End::Count(LIMITED_COUNT_MAX),
            name => {
                let (hop, kind) = pipeline.kind.hops().find(|(hop, _)| hop.name == name).ok_or_else(|| {
                    let hops = pipeline.kind.hops().map(|(hop, _)| hop.name);
                    let known: Vec<&str> =
                        ["filter", "sort", "page", "count", "limitedCount"].into_iter().chain(hops).collect();
                    let (name, kind) = (short(name), pipeline.kind.name);
                    Fault::bad(format!("unknown operation {name} on {kind}: known are {}", known.join(", ")))
                })?;
                pipeline.filter = (hop.leads)(self.visitor, std::mem::replace(&mut pipeline.filter, Filter::All));
                pipeline.kind = kind;
                pipeline.sorts.clear();
            }
        }
        Ok(())
    }

    async fn context(&mut self, kind: &Kind) -> Result<Context<'_>, Fault> {
        if kind.names_tenants() && self.tenants.is_none() {
            self.tenants = Some(self.door.store.tenants().await?);
        }
        Ok(Context { now: self.door.house.now(), tenants: self.tenants.as_deref().unwrap_or_default() })
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
