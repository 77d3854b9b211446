//! Rules, pipelines and remembered state.

use std::sync::{Arc, LazyLock};

use sha2::{Digest as _, Sha256};
use vigie_detect::{Engine, Pipeline, RuleSet};
use vigie_ingest::Sources;
use vigie_model::{BatchContext, Event, Logsource, Position, Record, SourceName};

use crate::{now, tenant};

static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::builtin);

/// Parts a rule from the event that it is shown.
const EVENT_LINE: &str = "\n=== event\n";
/// The logsource of every event here.
const PRODUCT: &str = "fuzz";
/// How deep the checksum of a snapshot goes.
const CHECKSUM_BYTES: usize = 8;

/// A rule with a placeholder, and correlations of every kind.
const RULES: &str = "\
title: Named
id: 10000000-0000-4000-8000-000000000001
name: named
logsource: {product: fuzz}
detection:
    selection: {user|expand: '%admins%'}
    condition: selection
";
const CORRELATIONS: &str = "\
title: Any
id: 10000000-0000-4000-8000-000000000002
name: any
logsource: {product: fuzz}
detection:
    selection: {user|exists: true}
    condition: selection
---
title: Other
id: 10000000-0000-4000-8000-000000000003
name: other
logsource: {product: fuzz}
detection:
    selection: {action: b}
    condition: selection
---
title: Many
id: 10000000-0000-4000-8000-000000000004
correlation: {type: event_count, rules: [any], group-by: [user], timespan: 1h, condition: {gte: 3}}
---
title: Several
id: 10000000-0000-4000-8000-000000000005
correlation: {type: value_count, rules: [any], group-by: [user], timespan: 1h, condition: {field: action, gte: 2}}
---
title: Ordered
id: 10000000-0000-4000-8000-000000000006
correlation: {type: temporal_ordered, rules: [any, other], group-by: [user], timespan: 1h}
---
title: Sum
id: 10000000-0000-4000-8000-000000000007
correlation: {type: value_sum, rules: [any], group-by: [user], timespan: 1h, condition: {field: bytes, gte: 100}}
";

/// Loads a rule file and shows it an event: what stands behind a line `=== event` is the event's JSON.
pub fn sigma_rule(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (rule, event) = text.split_once(EVENT_LINE).unwrap_or((text, r#"{"user": "ann", "action": "a", "bytes": 7}"#));
    let loaded = load(rule, &Pipeline::none());
    assert!(loaded.failed.iter().all(|failure| !failure.reason.is_empty()));
    let events = events(event);
    let mut engine = Engine::new(loaded.rules);
    let found = engine.observe(&events, now());
    let state = engine.snapshot();
    engine.restore(&state).expect("a snapshot of these rules can be restored");
    let mut again = Engine::new(load(rule, &Pipeline::none()).rules);
    assert_eq!(again.observe(&events, now()), found, "the same rule finds something else");
}

/// Reads a pipeline and loads a rule with a placeholder through it.
pub fn pipeline(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(pipeline) = Pipeline::parse("fuzz", text) else { return };
    let mut engine = Engine::new(load(RULES, &pipeline).rules);
    engine.observe(&events(r#"{"user": "root", "action": "a"}"#), now());
}

/// Restores remembered state and goes on from it. The first byte picks where the state comes from: the bytes as they are;
/// the bytes under a right head and checksum; a real snapshot with bytes of it changed, three of ours for each change.
pub fn detection_state(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let state = match choice % 3 {
        0 => rest.to_vec(),
        1 => sealed([b"VGDS\x01\x00", rest].concat()),
        _ => {
            let mut state = snapshot();
            state.truncate(state.len() - CHECKSUM_BYTES);
            for change in rest.chunks_exact(3) {
                let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % state.len();
                state[at] = change[2];
            }
            sealed(state)
        }
    };
    let mut engine = Engine::new(load(CORRELATIONS, &Pipeline::none()).rules);
    if engine.restore(&state).is_err() {
        return;
    }
    engine.observe(&traffic(), now());
    let kept = engine.snapshot();
    engine.restore(&kept).expect("what we wrote can be read");
    assert_eq!(engine.snapshot(), kept, "a snapshot that was restored is another");
}

fn load(text: &str, pipeline: &Pipeline) -> vigie_detect::Loaded {
    RuleSet::load([("fuzz.yml".to_owned(), text.to_owned())], pipeline)
}

fn sealed(mut state: Vec<u8>) -> Vec<u8> {
    let checksum = Sha256::digest(&state);
    state.extend_from_slice(&checksum[..CHECKSUM_BYTES]);
    state
}

fn snapshot() -> Vec<u8> {
    static SNAPSHOT: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let loaded = load(CORRELATIONS, &Pipeline::none());
        assert!(loaded.failed.is_empty(), "{:?}", loaded.failed);
        let mut engine = Engine::new(loaded.rules);
        engine.observe(&traffic(), now());
        engine.snapshot()
    });
    SNAPSHOT.clone()
}

fn traffic() -> Vec<Event> {
    events(
        r#"[{"time": "2026-02-28T23:50:00Z", "user": "ann", "action": "a", "bytes": 40, "src_ip": "203.0.113.7"},
            {"time": "2026-02-28T23:51:00Z", "user": "ann", "action": "b", "bytes": 80},
            {"time": "2026-02-28T23:40:00Z", "user": "bob", "action": "b", "bytes": "x"}]"#,
    )
}

/// Returns the events in a JSON text, as a sender of `product: fuzz` would deliver them.
fn events(text: &str) -> Vec<Event> {
    let json = SourceName::new("json").expect("`json` is a source name");
    let context = BatchContext { logsource: Some(Logsource::new(PRODUCT, "", "")), header: None };
    let parts: Vec<&str> = match serde_json::from_str::<Vec<&serde_json::value::RawValue>>(text) {
        Ok(elements) => elements.into_iter().map(|element| element.get()).collect(),
        Err(_) => vec![text],
    };
    let context = Arc::new(context);
    let record = |(index, part): (usize, &str)| Record {
        tenant: tenant(),
        source: json.clone(),
        position: Position::Batch { id: "fuzz".to_owned(), index: index as u64 },
        arrival: now(),
        bytes: part.to_owned().into(),
        context: Some(Arc::clone(&context)),
    };
    let records: Vec<Record> = parts.into_iter().enumerate().map(record).collect();
    vigie_ingest::normalise(&SOURCES, &records).events
}
