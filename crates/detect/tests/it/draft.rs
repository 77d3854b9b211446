//! Searches made into rules: whatever values hold, the rule matches just the events that the search finds.

use proptest::prelude::*;
use serde_json::json;
use vigie_detect::{Draft, Engine, Pipeline, RuleSet, draft};
use vigie_model::{Comparison, Event, Filter, Logsource, Timestamp, Value};

use crate::builder::event;

fn user(number: u64, name: &str) -> Event {
    let mut event = event(number, json!({"userName": name, "n": number})).build();
    event.envelope.user = Some(name.to_owned());
    event.envelope.logsource = Logsource::new("okta", "", "system");
    event
}

fn is(name: &str) -> Filter {
    Filter::Field { name: "user".to_owned(), comparison: Comparison::Equal, value: Value::Text(name.to_owned()) }
}

fn drafted(filter: &Filter, found: &[Event], others: &[Event]) -> String {
    let asked = Draft {
        filter,
        written: "user:x \"y\"\nz",
        title: "It's: a #title",
        id: "1f0e",
        author: "ann",
        date: "2026-03-01",
        found,
        others,
    };
    draft(&asked).unwrap_or_else(|refusal| panic!("{refusal}: {filter:?}"))
}

fn matched(yaml: &str, events: &[Event]) -> usize {
    let loaded = RuleSet::load([("rule.yml".to_owned(), yaml.to_owned())], &Pipeline::none());
    assert!(loaded.failed.is_empty(), "{:?}\n{yaml}", loaded.failed);
    Engine::new(loaded.rules).observe(events, Timestamp::from_micros(0)).len()
}

#[test]
fn the_whole_rule() {
    let filter = Filter::And(vec![is("ann"), Filter::Not(Box::new(Filter::Or(vec![is("bob"), is("eve")])))]);
    let yaml = drafted(&filter, &[user(1, "ann")], &[user(2, "bob")]);
    let expected = "title: 'It''s: a #title'
id: '1f0e'
status: experimental
description: \"Made from the search: user:x \\\"y\\\"\\nz\"
author: ann
date: '2026-03-01'
logsource:
    product: okta
    service: system
detection:
    selection:
        userName: ann
    selection_2:
        userName:
            - bob
            - eve
    condition: selection and not selection_2
falsepositives:
    - Unknown
level: medium
";
    assert_eq!(yaml, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Quotes, backslashes, wildcards, YAML's own signs and control characters are values like others.
    #[test]
    fn any_value_is_itself(name in r#"([a-c*?\\'":#\[\]{}&!|>%@`,\- \n\t\u{1}é\u{2028}]|true|null|~|0x1f|1e3|\.){1,12}"#, other in "[a-c*?\\\\]{1,6}") {
        prop_assume!(!name.eq_ignore_ascii_case(&other) && !name.trim().is_empty());
        let (found, others) = ([user(1, &name)], [user(2, &other), user(3, &format!("{name}x")), user(4, &format!("x{name}"))]);
        let yaml = drafted(&is(&name), &found, &others);
        prop_assert_eq!(matched(&yaml, &found), 1, "{}", yaml);
        prop_assert_eq!(matched(&yaml, &others), 0, "{}", yaml);
    }
}
