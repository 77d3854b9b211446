//! {{Name}} record to event.

use serde_json::{Map, Value};
use vigie_model::{Endpoint, EntityRole, Envelope, Logsource, ObservableKind as Kind};

use super::schema;
use crate::Fault;
use crate::entities::EntityList;
use crate::json::{ip, text};
use crate::normalise::Draft;
use crate::times;

/// Returns the event in a record.
pub(super) fn draft(fields: Map<String, Value>) -> Result<Draft, Fault> {
    let document = schema::record(fields)?;
    let time = match document.get("time") {
        None | Some(Value::Null) => None,
        Some(value) => Some(times::json(value).ok_or_else(|| Fault::bad_time("time", value))?),
    };
    let activity = text(&document, "event").unwrap_or("event").to_owned();
    let envelope = Envelope {
        // The logsource decides which rules look at the event: `product`, `category`, `service`.
        logsource: Logsource::new("{{name}}", "", ""),
        user: text(&document, "user").map(str::to_owned),
        src: Endpoint { ip: ip(&document, "src_ip"), ..Endpoint::default() },
        message: activity.clone(),
        activity,
        ..Envelope::default()
    };
    let mut entities = EntityList::default();
    entities.add_ip(envelope.src.ip, EntityRole::Source);
    entities.add_some(Kind::User, envelope.user.as_deref(), EntityRole::Actor);
    Ok(Draft { time, envelope, entities, document })
}
