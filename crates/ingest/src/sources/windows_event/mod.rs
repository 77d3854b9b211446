//! Windows events as JSON: Winlogbeat's shape, the nesting of the event's XML, and flat.

mod flatten;
mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

/// Reads Windows events.
pub(crate) struct WindowsEvent;

impl Source for WindowsEvent {
    fn name(&self) -> &'static str {
        "windows_event"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        json::read(record, None, out, |fields| normalise::draft(flatten::flatten(fields)));
    }
}
