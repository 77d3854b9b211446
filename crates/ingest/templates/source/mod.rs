//! {{Name}}: say here which product it is and which shapes its records come in.

mod normalise;
mod schema;

use vigie_model::Record;

use crate::{Framing, Normalised, Source, json};

/// Reads {{Name}} records.
pub(crate) struct {{Name}};

impl Source for {{Name}} {
    fn name(&self) -> &'static str {
        "{{name}}"
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        json::read(record, self.container(), out, normalise::draft);
    }
}
