//! SigmaHQ's rules: each loads, or is refused for a reason that we know.

use std::collections::BTreeMap;

use vigie_detect::{FailureCode, Pipeline, RuleSet};

use crate::builder::{corpus, data, shipped_pipeline};
use crate::differential::windows;

#[test]
fn every_rule_loads_with_the_shipped_pipeline() {
    let Some(data) = data() else { return };
    let files = corpus(&data);
    assert_eq!(files.len(), 3_754);
    let started = std::time::Instant::now();
    let loaded = RuleSet::load(files, &shipped_pipeline());
    println!("loaded {} rules in {:?}", loaded.rules.len(), started.elapsed());
    assert_eq!(loaded.failed, []);
    assert_eq!(loaded.report().loaded, 3_754);
}

#[test]
fn only_rules_with_placeholders_are_refused_without_a_pipeline() {
    let Some(data) = data() else { return };
    let loaded = RuleSet::load(corpus(&data), &Pipeline::none());
    let mut codes: BTreeMap<FailureCode, usize> = BTreeMap::new();
    for failure in &loaded.failed {
        *codes.entry(failure.code).or_default() += 1;
        assert!(failure.reason.contains("%known_cdcs%") && failure.line.is_some(), "{failure:?}");
    }
    assert_eq!(codes, BTreeMap::from([(FailureCode::UnfilledPlaceholder, 2)]));
    assert_eq!(loaded.rules.len(), 3_752);
}

/// A rough figure, not a bench: `cargo bench -p vigie-detect` is.
#[test]
#[ignore = "measures"]
fn how_fast() {
    let Some(data) = data() else { return };
    let started = std::time::Instant::now();
    let mut engine = vigie_detect::Engine::new(RuleSet::load(corpus(&data), &shipped_pipeline()).rules);
    let load = started.elapsed();
    let events = windows(&data, 1);
    let started = std::time::Instant::now();
    let found: usize = events.chunks(500).map(|batch| engine.observe(batch, batch[0].arrival).len()).sum();
    let spent = started.elapsed();
    let rate = events.len() as f64 / spent.as_secs_f64();
    println!("loaded in {load:?}; {} events, {found} findings in {spent:?}: {rate:.0} events/s", events.len());
}
