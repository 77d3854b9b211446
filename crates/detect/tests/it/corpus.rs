//! SigmaHQ's rules: each loads, or is refused for a reason that we know.

use std::collections::BTreeMap;

use vigie_detect::{FailureCode, Pipeline, RuleSet};

use crate::builder::{corpus, data, shipped_pipeline};

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
