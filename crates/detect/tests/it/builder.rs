//! Events, rules and shared data for the tests: the one place that makes them.

use std::path::PathBuf;

use bytes::Bytes;
use serde_json::Value;
use vigie_detect::{Engine, Loaded, Pipeline, RuleSet};
use vigie_model::{
    Document, Entity, EntityRole, Envelope, Event, EventId, Finding, Logsource, ObservableKind, SourceName, TenantId,
    Timestamp,
};

/// An event in the making.
pub(crate) struct EventBuilder(Event);

/// Returns an event of these fields, of the tenant `acme`, at second 0, with an id of its own for each `number`.
pub(crate) fn event(number: u64, document: Value) -> EventBuilder {
    let Value::Object(fields) = document else { panic!("an event is an object") };
    let time = Timestamp::from_seconds(1_700_000_000);
    EventBuilder(Event {
        id: EventId::derive([number.to_le_bytes()]),
        tenant: TenantId::new("acme").unwrap(),
        source: SourceName::new("json").unwrap(),
        time,
        arrival: time,
        envelope: Envelope { message: format!("event {number}"), ..Envelope::default() },
        entities: Vec::new(),
        document: Document::new(fields),
        native: Bytes::new(),
    })
}

impl EventBuilder {
    /// Sets when it happened and arrived, in seconds after the tests' beginning.
    pub(crate) fn at(mut self, seconds: f64) -> Self {
        self.0.time = self.0.time.plus(std::time::Duration::from_millis((seconds * 1000.0) as u64));
        self.0.arrival = self.0.time;
        self
    }

    /// Sets when it arrived, in seconds after the tests' beginning.
    pub(crate) fn arriving(mut self, seconds: u64) -> Self {
        self.0.arrival = Timestamp::from_seconds(1_700_000_000).plus(std::time::Duration::from_secs(seconds));
        self
    }

    /// Sets when it happened, whenever it arrived.
    pub(crate) fn dated(mut self, time: Timestamp) -> Self {
        self.0.time = time;
        self
    }

    pub(crate) fn tenant(mut self, tenant: &str) -> Self {
        self.0.tenant = TenantId::new(tenant).unwrap();
        self
    }

    pub(crate) fn logsource(mut self, product: &str, category: &str, service: &str) -> Self {
        self.0.envelope.logsource = Logsource::new(product, category, service);
        self
    }

    pub(crate) fn envelope(mut self, change: impl FnOnce(&mut Envelope)) -> Self {
        change(&mut self.0.envelope);
        self
    }

    pub(crate) fn entity(mut self, kind: ObservableKind, value: &str, role: EntityRole) -> Self {
        self.0.entities.push(Entity::new(kind, value, role));
        self
    }

    pub(crate) fn build(self) -> Event {
        self.0
    }
}

/// Loads rules of one text, without a pipeline.
pub(crate) fn load(text: &str) -> Loaded {
    RuleSet::load([("rule.yml".to_owned(), text.to_owned())], &Pipeline::none())
}

/// Returns an engine with the rules of one text, all of which must load.
#[track_caller]
pub(crate) fn engine(text: &str) -> Engine {
    let loaded = load(text);
    assert_eq!(loaded.failed, [], "in\n{text}");
    Engine::new(loaded.rules)
}

/// Shows events to an engine one by one, each at its arrival.
pub(crate) fn observe(engine: &mut Engine, events: &[Event]) -> Vec<Finding> {
    events.iter().flat_map(|event| engine.observe(std::slice::from_ref(event), event.arrival)).collect()
}

/// Returns the folder of the shared data, or `None` (after saying so) where there is none.
pub(crate) fn data() -> Option<PathBuf> {
    match std::env::var_os("VIGIE_TEST_DATA") {
        Some(folder) => Some(folder.into()),
        None if std::env::var_os("VIGIE_REQUIRE_DATA").is_some() => {
            panic!("VIGIE_TEST_DATA is not set, and is required")
        }
        None => {
            println!("skipped: VIGIE_TEST_DATA is not set");
            None
        }
    }
}

/// Returns SigmaHQ's rules as path and text, sorted by path.
pub(crate) fn corpus(data: &std::path::Path) -> Vec<(String, String)> {
    let root = data.join("sigma/rules");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Returns the pipeline that Vigie ships.
pub(crate) fn shipped_pipeline() -> Pipeline {
    let text = include_str!("../../../../rules/pipelines/placeholders.yml");
    Pipeline::parse("placeholders.yml", text).unwrap()
}
