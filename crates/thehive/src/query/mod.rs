//! The query language, `POST /api/v1/query`: a pipeline of operations over lists.
//!
//! `{"query": [{"_name": "listAlert"}, {"_name": "filter", …}, {"_name": "sort", …}, {"_name": "page", …}]}` begins with a
//! list or one object, goes on to what hangs on it (`observables`, `tasks`, …), and ends in a page or a count. Nothing is
//! loaded on the way: each step only narrows the condition ([`vigie_model::Filter`]) under which the store selects in the
//! end, within what the visitor may see. The facts are those of TheHive 5.7's OpenAPI description.
//!
//! Without a page a query returns [`ROWS_MAX`] objects at most, and never more than [`ANSWER_BYTES_MAX`] bytes.

mod clock;
mod context;
mod custom;
mod field;
mod filter;
mod kinds;
mod pipeline;
pub(crate) mod value;

use serde_json::Value;
use vigie_model::{Selection, TenantId, Timestamp};

pub(crate) use field::{FieldKind, QueryField};
pub(crate) use filter::{both, not};
pub(crate) use kinds::by_origin;
pub(crate) use value::{equals, is, is_true, matches};

use self::context::{Context, Known};
use self::kinds::Ask;
use self::pipeline::{Asker, End, Pipeline};
use crate::door::Door;
use crate::wire::fields::definitions;
use crate::{Fault, Visitor};

/// How many objects one query returns at most.
pub(crate) const ROWS_MAX: u64 = 10_000;
/// How long an answer may be, in bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How many objects are loaded at a time.
const CHUNK: u64 = 1_000;

/// Returns what the store would select for a query, whoever is behind it: for tests and fuzzing.
///
/// # Errors
/// [`Fault::bad`] where the query makes no sense.
pub fn read_query(body: &Value, tenant: &TenantId, now: Timestamp) -> Result<Selection, Fault> {
    let asker = Asker { tenant, name: "somebody" };
    let pipeline = Pipeline::read(body, asker, &Context::full(now, Known { tenants: &[], fields: &[] }))?;
    Ok(pipeline.selection())
}

/// Reads a query. One that begins with an object looks whether there is one.
async fn read(door: &Door, visitor: &Visitor, body: &Value) -> Result<Pipeline, Fault> {
    let (now, name) = (door.house.now(), visitor.name());
    let asker = Asker { tenant: &visitor.tenant.id, name: &name };
    let bare = Context::bare(now);
    let mut pipeline = Pipeline::read(body, asker, &bare)?;
    // Few queries name an organisation or a custom field: those are read again with what there is.
    if bare.is_wanting() {
        let (tenants, fields) = (door.store.tenants().await?, definitions(door).await?);
        let known = Known { tenants: &tenants, fields: &fields };
        pipeline = Pipeline::read(body, asker, &Context::full(now, known))?;
    }
    if let Some((kind, asked, filter)) = &pipeline.asked
        && (kind.count)(door, &kind.scope(visitor), filter).await? == 0
    {
        return Err(Fault::not_found(kind.name, asked));
    }
    Ok(pipeline)
}

/// Returns the answer to a query, as JSON: a list, or of a count a number.
pub(crate) async fn answer(door: &Door, visitor: &Visitor, body: &Value) -> Result<Vec<u8>, Fault> {
    let pipeline = read(door, visitor, body).await?;
    let scope = pipeline.kind.scope(visitor);
    let (rows, extra) = match &pipeline.end {
        End::Count(max) => {
            let count = (pipeline.kind.count)(door, &scope, &pipeline.filter).await?;
            return Ok(count.min(*max).to_string().into_bytes());
        }
        End::Rows { from, to, extra } => (from..to, extra),
    };
    let mut answer = vec![b'['];
    let mut from = *rows.start;
    let mut selection = pipeline.selection();
    while from < *rows.end {
        selection.from = from;
        selection.limit = CHUNK.min(*rows.end - from);
        let ask = Ask { door, visitor, scope: &scope, selection: &selection, extra };
        let shown = (pipeline.kind.rows)(ask).await?;
        let count = shown.len() as u64;
        for mut object in shown {
            pipeline.exclude(&mut object);
            if answer.len() > 1 {
                answer.push(b',');
            }
            answer.extend(object.to_string().into_bytes());
        }
        if answer.len() > ANSWER_BYTES_MAX {
            return Err(Fault::too_large(format!("the answer has more than {ANSWER_BYTES_MAX} bytes: ask for a page")));
        }
        if count < selection.limit {
            break;
        }
        from += selection.limit;
    }
    answer.push(b']');
    Ok(answer)
}
