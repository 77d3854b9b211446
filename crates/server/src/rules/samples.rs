//! Whether a rule says what it should of the documents beside it.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vigie_detect::{Engine, RuleSet};
use vigie_ingest::{BatchName, Sources, normalise, split};
use vigie_model::{BatchContext, Finding, TenantId, Timestamp};

use super::SampleSource;
use super::check::Checked;

/// When samples are taken to arrive: 2096-12-31T23:59:59Z. It is fixed so that a test says the same on every day, late so
/// that no sample lies in its future, and in a leap year so that a syslog line of 29 February has one.
const ARRIVAL_SECONDS: i64 = 4_007_836_799;
/// How many documents of each kind a rule of one's own may have.
pub(crate) const TESTS_MAX: usize = 20;

/// The documents that a rule must match, and those that it must not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleTests {
    /// Documents that the rule must match.
    #[serde(rename = "match", default)]
    pub(crate) matches: Vec<RuleTest>,
    /// Documents that it must not.
    #[serde(rename = "ignore", default)]
    pub(crate) ignores: Vec<RuleTest>,
}

/// A document as its source delivers it; several lines or documents where a correlation needs several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleTest {
    /// Which source reads it, such as `linux_auth`; the one that the rule's logsource asks for where it is not said.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// The document.
    pub(crate) text: String,
}

impl RuleTest {
    /// Returns the name of the file that holds it.
    pub(super) fn file_name(&self, kind: &str, number: usize) -> String {
        match &self.source {
            Some(source) => format!("{kind}-{number:02}.{source}.log"),
            None => format!("{kind}-{number:02}.log"),
        }
    }
}

/// Returns what is wrong: which test (`match 1`), and why. Each meets an engine that has seen nothing.
pub(crate) fn run_tests(text: &str, checked: &Checked, tests: &RuleTests, sources: &Sources) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for (kind, tests, must_match) in [("match", &tests.matches, true), ("ignore", &tests.ignores, false)] {
        for (number, test) in (1..).zip(tests) {
            let source = SampleSource::of(Path::new(&test.file_name(kind, number)), text, sources);
            let found = source
                .map_err(|error| error.to_string())
                .and_then(|source| findings_of(&source, test.text.clone().into_bytes(), &checked.rules, sources));
            let found = found.map(|found| found.iter().filter(|finding| checked.has(&finding.rule.id)).count());
            let reason = match found {
                Err(reason) => reason,
                Ok(0) if must_match => "must match, and did not".to_owned(),
                Ok(count) if count > 0 && !must_match => format!("must not match, and did: {count} finding(s)"),
                Ok(_) => continue,
            };
            wrong.push((format!("{kind} {number}"), reason));
        }
    }
    wrong
}

/// Returns the findings that rules make of bytes as a source delivers them, seen by an engine that has seen nothing before.
///
/// # Errors
/// The first part of the bytes that cannot be read, or that there is no event in them.
pub fn findings_of(
    source: &SampleSource,
    bytes: Vec<u8>,
    rules: &RuleSet,
    sources: &Sources,
) -> Result<Vec<Finding>, String> {
    let reader = sources.get(&source.name).ok_or_else(|| format!("there is no source `{}`", source.name))?;
    let tenant = TenantId::new("test").expect("`test` is a valid name");
    let arrival = Timestamp::from_seconds(ARRIVAL_SECONDS);
    let context = source
        .logsource
        .clone()
        .map(|logsource| Arc::new(BatchContext { logsource: Some(logsource), ..BatchContext::default() }));
    let records = split(reader, &tenant, BatchName::new("sample"), bytes.into(), context, arrival);
    let read = normalise(sources, &records.records);
    if let Some(dead) = records.dead.iter().chain(&read.dead).next() {
        return Err(format!("cannot be read by the source `{}` at {}: {}", source.name, dead.position, dead.reason));
    }
    if read.events.is_empty() {
        return Err(format!("the source `{}` finds no event in it", source.name));
    }
    Ok(Engine::new(rules.clone()).observe(&read.events, arrival))
}
