//! A search of stored events made into a rule with its tests.

use std::collections::BTreeSet;

use vigie_detect::{DRAFT_EVENTS_MAX, Draft, DraftRefusal, draft};
use vigie_events::{EventStore, SearchBudget, SearchError, SearchRequest};
use vigie_ingest::Sources;
use vigie_model::{Comparison, Event, EventId, Filter, TenantId, Value};

use super::reread::reread;
use super::{RuleTest, RuleTests};

/// How many documents that match are taken along as tests.
const TESTS: usize = 5;
/// How long a document may be that becomes a test, in bytes.
const TEST_BYTES_MAX: usize = 256 * 1024;

/// What a rule is to be made of.
pub(crate) struct DraftQuestion<'a> {
    pub(crate) filter: &'a Filter,
    pub(crate) written: &'a str,
    pub(crate) title: &'a str,
    pub(crate) id: &'a str,
    pub(crate) author: &'a str,
    pub(crate) date: &'a str,
    pub(crate) tenants: &'a [TenantId],
    /// The events that the tests are made of; the newest that match where there is none.
    pub(crate) chosen: &'a [EventId],
}

/// A rule made of a search.
pub(crate) struct DraftedRule {
    pub(crate) yaml: String,
    pub(crate) tests: RuleTests,
    /// From how many events that the search finds it was learnt.
    pub(crate) found: usize,
    /// On how many others it was tried.
    pub(crate) others: usize,
}

/// Makes a rule of a search.
pub(crate) fn draft_rule(
    events: &dyn EventStore,
    sources: &Sources,
    asked: &DraftQuestion<'_>,
    budget: &SearchBudget,
) -> Result<Result<DraftedRule, DraftRefusal>, SearchError> {
    let limit = u32::try_from(DRAFT_EVENTS_MAX).expect("a small number");
    let find = |filter: Filter| -> Result<Vec<Event>, SearchError> {
        let request =
            SearchRequest { tenants: asked.tenants.to_vec(), filter, from: None, until: None, limit, cursor: None };
        let page = events.search(&request, budget)?;
        Ok(page.events.into_iter().filter_map(|event| reread(event, sources)).collect())
    };
    let mut found = Vec::new();
    if !asked.chosen.is_empty() {
        let values = asked.chosen.iter().map(|id| Value::Text(id.to_string())).collect();
        found = find(Filter::And(vec![asked.filter.clone(), Filter::OneOf { name: "id".to_owned(), values }]))?;
    }
    let chosen = found.len();
    for event in find(asked.filter.clone())? {
        if found.len() < DRAFT_EVENTS_MAX && found.iter().all(|known| known.id != event.id) {
            found.push(event);
        }
    }
    let not = Filter::Not(Box::new(asked.filter.clone()));
    let others = find(Filter::And(vec![same_logsource(&found), not]))?;
    let drafted = draft(&Draft {
        filter: asked.filter,
        written: asked.written,
        title: asked.title,
        id: asked.id,
        author: asked.author,
        date: asked.date,
        found: &found,
        others: &others,
    });
    Ok(drafted.map(|yaml| DraftedRule {
        yaml,
        tests: tests(&found, if chosen > 0 { chosen } else { 2 }, &others),
        found: found.len(),
        others: others.len(),
    }))
}

/// Returns the condition for events that the same rules are shown.
fn same_logsource(found: &[Event]) -> Filter {
    let mut parts: Vec<Filter> = Vec::new();
    if let Some(first) = found.first() {
        let logsource = &first.envelope.logsource;
        for (name, part) in
            [("product", &logsource.product), ("category", &logsource.category), ("service", &logsource.service)]
        {
            if let Some(part) = part {
                let value = Value::Text(part.to_string());
                parts.push(Filter::Field { name: name.to_owned(), comparison: Comparison::Equal, value });
            }
        }
    }
    if parts.is_empty() { Filter::All } else { Filter::And(parts) }
}

/// Returns documents that match, and of those that do not the one that is most like the first of them.
fn tests(found: &[Event], count: usize, others: &[Event]) -> RuleTests {
    let test = |event: &Event| {
        let text = String::from_utf8(event.native.to_vec()).ok().filter(|text| text.len() <= TEST_BYTES_MAX)?;
        Some(RuleTest { source: Some(event.source.to_string()), text })
    };
    let lines = |event: &Event| -> BTreeSet<String> {
        event.document.fields().iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    let wanted = found.first().map(lines).unwrap_or_default();
    let nearest = others
        .iter()
        .filter(|event| event.source == found[0].source && test(event).is_some())
        .max_by_key(|event| lines(event).intersection(&wanted).count());
    RuleTests {
        matches: found.iter().take(count.min(TESTS)).filter_map(test).collect(),
        ignores: nearest.and_then(test).into_iter().collect(),
    }
}
