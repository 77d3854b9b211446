//! The same events under the same rules in another engine, `rsigma-eval`. It is no judge where the specification says
//! otherwise: differences that are explained are listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};

use rsigma_eval::JsonEvent;
use rsigma_parser::{LogSource, parse_sigma_yaml};
use serde_json::Value;
use vigie_detect::{Engine, RuleSet};
use vigie_model::Event;

use crate::builder::{corpus, data, event, shipped_pipeline};

/// Every so many events of the sample are compared.
const STEP: usize = 4;

/// Rules on which the two may differ, and why.
const EXPLAINED: [(&str, &str); 1] = [(
    "93ff0ceb-e0ef-4586-8cd8-a6c277d738e3",
    "its category is registry_event: here it is shown registry_set, registry_add and the like too",
)];

/// Returns events of the Windows sample with their routing hints, which are taken out of the documents.
pub(crate) fn windows(data: &std::path::Path, step: usize) -> Vec<Event> {
    let file = std::fs::File::open(data.join("otrf-windows/windows-1.jsonl.gz")).unwrap();
    let lines = BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines();
    let numbered = (0..).zip(lines).step_by(step);
    numbered
        .map(|(number, line)| {
            let mut document: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let fields = document.as_object_mut().unwrap();
            let mut hint = |name: &str| match fields.remove(name) {
                Some(Value::String(text)) => text,
                _ => String::new(),
            };
            let (product, category, service) = (hint("ls_product"), hint("ls_category"), hint("ls_service"));
            event(number, document).logsource(&product, &category, &service).build()
        })
        .collect()
}

#[test]
fn agrees_with_rsigma() {
    let Some(data) = data() else { return };
    let files = corpus(&data);
    let mut theirs = rsigma_eval::Engine::new();
    // The two rules with placeholders are read by it as plain texts. It builds its index anew at each addition.
    let parsed =
        files.iter().filter(|(_, text)| !text.contains("|expand")).map(|(_, text)| parse_sigma_yaml(text).unwrap());
    let rules: Vec<_> = parsed.flat_map(|collection| collection.rules).collect();
    assert!(theirs.add_rules(&rules).is_empty());
    let mut ours = Engine::new(RuleSet::load(files, &shipped_pipeline()).rules);
    let mut different: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut events, mut matches) = (0, 0);
    for event in windows(&data, STEP) {
        events += 1;
        let part = |part: &Option<std::sync::Arc<str>>| part.as_deref().map(str::to_owned);
        let logsource = &event.envelope.logsource;
        let logsource = LogSource {
            product: part(&logsource.product),
            category: part(&logsource.category),
            service: part(&logsource.service),
            ..LogSource::default()
        };
        let document = Value::Object(event.document.fields().clone());
        let theirs: BTreeSet<String> = theirs
            .evaluate_with_logsource(&JsonEvent::borrow(&document), &logsource)
            .iter()
            .filter_map(|result| result.header.rule_id.clone())
            .collect();
        let arrival = event.arrival;
        let findings = ours.observe(&[event], arrival);
        let ours: BTreeSet<String> = findings.iter().map(|finding| finding.rule.id.to_string()).collect();
        matches += ours.len();
        ours.difference(&theirs).for_each(|rule| different.entry(rule.clone()).or_default().0 += 1);
        theirs.difference(&ours).for_each(|rule| different.entry(rule.clone()).or_default().1 += 1);
    }
    println!("{events} events, {matches} matches; only ours, only theirs: {different:?}");
    different.retain(|rule, _| EXPLAINED.iter().all(|(known, _)| known != rule));
    assert_eq!(different, BTreeMap::new());
    assert!(matches > 50, "the comparison is empty: {matches} matches");
}
