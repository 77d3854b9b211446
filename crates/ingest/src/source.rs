//! What a source is, and which there are.

use std::collections::BTreeMap;

use vigie_model::{Record, SourceName};

use crate::{Normalised, sources};

/// How a body or file of this source falls into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Each line that is not blank is a record.
    Lines,
    /// A sequence of JSON values, one to a line or spread over several; arrays fall into their elements.
    Json,
    /// [`Framing::Json`] where the body begins with `{` or `[`, else [`Framing::Lines`].
    LinesOrJson,
}

/// Reads the records of one kind of sender.
pub trait Source: Send + Sync {
    /// Returns the name that configuration, routes and events use.
    fn name(&self) -> &'static str;

    /// Returns how a body of this source falls into records.
    fn framing(&self) -> Framing;

    /// Returns the member whose array holds the events where a document is a container, such as CloudTrail's `Records`.
    fn container(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether this line names the columns of the lines after it. Such a line is context, not a record.
    fn is_header(&self, _line: &[u8]) -> bool {
        false
    }

    /// Adds the record's events to `out`, and a dead letter for each that cannot be read. Never panics, whatever the
    /// bytes are.
    fn read(&self, record: &Record, out: &mut Normalised);
}

/// The sources by name.
pub struct Sources {
    by_name: BTreeMap<&'static str, Box<dyn Source>>,
}

impl Sources {
    /// Returns the sources that this crate brings.
    pub fn builtin() -> Self {
        let mut sources = Self { by_name: BTreeMap::new() };
        for source in sources::all() {
            sources.add(source);
        }
        sources
    }

    /// Adds a source, in the place of any of the same name.
    pub fn add(&mut self, source: Box<dyn Source>) {
        self.by_name.insert(source.name(), source);
    }

    /// Returns the names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().copied()
    }

    /// Returns the source of this name.
    pub fn get(&self, name: &SourceName) -> Option<&dyn Source> {
        self.by_name.get(name.as_str()).map(AsRef::as_ref)
    }
}

impl Default for Sources {
    fn default() -> Self {
        Self::builtin()
    }
}
