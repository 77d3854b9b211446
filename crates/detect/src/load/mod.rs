//! Loading: files become documents, documents rules, rules programs. One bad rule does not stop the others.

mod conditions;
mod correlations;
mod documents;
mod encode;
mod items;
mod literals;
mod regexes;
mod summary;
mod values;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rsigma_parser::{CorrelationRule, FilterRule, FilterRuleTarget, LogSource, SigmaRule};
use sha2::{Digest as _, Sha256};
use vigie_model::RuleId;

use self::documents::Document;
use self::items::{Items, Words};
use crate::failure::{CheckReport, FailureCode, LoadFailure, Refusal};
use crate::matcher::Field;
use crate::pipeline::Pipeline;
use crate::route::{LogsourceKey, Routes};
use crate::rules::{Core, Node, Rule, RuleSet, Rules};

/// The longest rule file taken, in bytes.
pub const RULE_FILE_BYTES_MAX: usize = 4 << 20;

/// How many documents one file may hold.
const DOCUMENTS_MAX: usize = 10_000;

/// The rules that were loaded, and those that were not.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The good ones.
    pub rules: RuleSet,
    /// The others, in the order of the files.
    pub failed: Vec<LoadFailure>,
}

impl Loaded {
    /// Returns what `vigie rules check` says.
    pub fn report(&self) -> CheckReport {
        CheckReport { loaded: self.rules.len(), failed: self.failed.clone() }
    }
}

impl RuleSet {
    /// Loads Sigma rules, correlations and filters from pairs of path and text. A file may hold several documents. The
    /// path is for messages, and the id of a rule that has none of its own.
    ///
    /// Every document is loaded or accounted for in [`Loaded::failed`]; there is no third way.
    pub fn load(files: impl IntoIterator<Item = (String, String)>, pipeline: &Pipeline) -> Loaded {
        let mut loader = Loader::new(pipeline);
        for (path, text) in files {
            loader.read(&path.into(), &text);
        }
        loader.finish()
    }
}

/// Where a document stands.
#[derive(Debug, Clone)]
struct Place {
    path: Arc<str>,
    /// Documents before it, over all files.
    number: usize,
    /// The line on which the text below begins.
    text_line: u32,
    /// The line on which the document begins to say something.
    line: u32,
    text: Arc<str>,
}

/// A rule not yet compiled.
#[derive(Debug)]
struct Pending<T> {
    place: Place,
    id: RuleId,
    rule: T,
}

struct Loader<'a> {
    pipeline: &'a Pipeline,
    failed: Vec<(usize, LoadFailure)>,
    documents: usize,
    /// Ids and names in use.
    taken: HashSet<String>,
    rules: Vec<Pending<Box<SigmaRule>>>,
    correlations: Vec<Pending<correlations::Written>>,
    filters: Vec<(Place, Box<FilterRule>)>,
}

impl<'a> Loader<'a> {
    fn new(pipeline: &'a Pipeline) -> Self {
        Self {
            pipeline,
            failed: Vec::new(),
            documents: 0,
            taken: HashSet::new(),
            rules: Vec::new(),
            correlations: Vec::new(),
            filters: Vec::new(),
        }
    }

    fn read(&mut self, path: &Arc<str>, text: &str) {
        let place = |number, line, text_line, text: &str| Place {
            path: Arc::clone(path),
            number,
            text_line,
            line,
            text: text.into(),
        };
        self.documents += 1;
        if text.len() > RULE_FILE_BYTES_MAX {
            let reason = format!("the file is longer than {RULE_FILE_BYTES_MAX} bytes");
            return self.fail(&place(self.documents, 1, 1, ""), Refusal::new(FailureCode::FileTooLarge, reason));
        }
        let chunks = documents::split(text);
        if chunks.is_empty() || chunks.len() > DOCUMENTS_MAX {
            let reason = format!("the file holds {} documents; expected 1 to {DOCUMENTS_MAX}", chunks.len());
            let code = if chunks.is_empty() { FailureCode::NotARule } else { FailureCode::TooComplex };
            return self.fail(&place(self.documents, 1, 1, ""), Refusal::new(code, reason));
        }
        let several = chunks.len() > 1;
        for (index, chunk) in chunks.into_iter().enumerate() {
            self.documents += 1;
            let place = place(self.documents, chunk.line, chunk.text_line, chunk.text);
            let fallback = if several { format!("{path}#{}", index + 1) } else { path.to_string() };
            if let Err(refusal) =
                documents::parse(chunk.text).and_then(|document| self.keep(&place, document, &fallback))
            {
                self.fail(&place, refusal);
            }
        }
    }

    fn keep(&mut self, place: &Place, document: Document, fallback: &str) -> Result<(), Refusal> {
        match document {
            Document::Rule(rule) => {
                let id = self.take_id(rule.id.as_deref(), rule.name.as_deref(), fallback)?;
                self.rules.push(Pending { place: place.clone(), id, rule });
            }
            Document::Correlation { rule, has_condition } => {
                let id = self.take_id(rule.id.as_deref(), rule.name.as_deref(), fallback)?;
                let rule = correlations::Written { rule, has_condition };
                self.correlations.push(Pending { place: place.clone(), id, rule });
            }
            Document::Filter(filter) => self.filters.push((place.clone(), filter)),
        }
        Ok(())
    }

    /// Returns the id of a rule: its own, or its name, or its file's; and reserves the id and the name.
    fn take_id(&mut self, id: Option<&str>, name: Option<&str>, fallback: &str) -> Result<RuleId, Refusal> {
        let text = id.or(name).unwrap_or(fallback);
        let rule_id = RuleId::new(text)
            .map_err(|error| Refusal::new(FailureCode::InvalidMetadata, error.to_string()).at("id:"))?;
        let words = [Some(text), name.filter(|name| *name != text)];
        if let Some(twice) = words.into_iter().flatten().find(|word| self.taken.contains(*word)) {
            let reason = format!("an earlier rule has the id or name `{twice}`");
            return Err(Refusal::new(FailureCode::DuplicateId, reason).at(twice));
        }
        self.taken.extend(words.into_iter().flatten().map(str::to_owned));
        Ok(rule_id)
    }

    fn fail(&mut self, place: &Place, refusal: Refusal) {
        let failure = place.failure(refusal);
        self.failed.push((place.number, failure));
    }

    fn finish(mut self) -> Loaded {
        let mut items = Items::default();
        let filters = self.usable_filters(&mut items);
        let mut rules = Vec::with_capacity(self.rules.len());
        let mut references = HashMap::new();
        let mut logsources = Vec::new();
        for pending in std::mem::take(&mut self.rules) {
            match self.compile(&pending, &filters, &mut items) {
                Ok(rule) => {
                    let names = [Some(pending.id.as_str()), pending.rule.name.as_deref()];
                    references.extend(names.into_iter().flatten().map(|name| (name.to_owned(), rules.len())));
                    logsources.push(pending.rule.logsource);
                    rules.push(rule);
                }
                Err(refusal) => self.fail(&pending.place, refusal),
            }
        }
        let written = std::mem::take(&mut self.correlations);
        let base = correlations::Base { rules: &mut rules, references: &references, logsources: &logsources };
        let (correlations, failed) = correlations::compile(written, base, self.pipeline);
        for (place, refusal) in failed {
            self.fail(&place, refusal);
        }
        let routes = Routes::new(rules.iter().map(|rule| &rule.logsource));
        let mut set =
            Rules { fields: items.fields, items: items.items, rules, correlations, routes, ..Rules::default() };
        let summaries = set.rules.iter().map(|rule| &rule.core).chain(set.correlations.iter().map(|rule| &rule.core));
        set.by_id = summaries.map(|core| (core.summary.id.as_str().to_owned(), Arc::clone(&core.summary))).collect();
        self.failed.sort_by_key(|(number, _)| *number);
        Loaded { rules: RuleSet(Arc::new(set)), failed: self.failed.into_iter().map(|(_, failure)| failure).collect() }
    }

    /// Returns the filters that can be read and name rules that are there.
    fn usable_filters(&mut self, items: &mut Items) -> Vec<(Place, Box<FilterRule>)> {
        let correlations: HashSet<&str> = self
            .correlations
            .iter()
            .flat_map(|pending| [Some(pending.id.as_str()), pending.rule.rule.name.as_deref()])
            .flatten()
            .collect();
        let filters = std::mem::take(&mut self.filters);
        let mut usable = Vec::with_capacity(filters.len());
        let mut refused = Vec::new();
        for (place, filter) in filters {
            let everywhere = LogSource::default();
            let words = Words { pipeline: self.pipeline, logsource: filter.logsource.as_ref().unwrap_or(&everywhere) };
            let named: &[String] = match &filter.rules {
                FilterRuleTarget::Any => &[],
                FilterRuleTarget::Specific(names) => names,
            };
            let refusal = if let Some(name) = named.iter().find(|name| correlations.contains(name.as_str())) {
                Some(
                    Refusal::new(FailureCode::InvalidFilter, format!("`{name}` is a correlation: filter its rules"))
                        .at(name),
                )
            } else if let Some(name) = named.iter().find(|name| !self.taken.contains(*name)) {
                Some(
                    Refusal::new(FailureCode::UnknownRule, format!("the filter names `{name}`, which is not loaded"))
                        .at(name),
                )
            } else {
                conditions::compile(&mut Vec::new(), &filter.detection, items, words).err()
            };
            match refusal {
                Some(refusal) => refused.push((place, refusal)),
                None => usable.push((place, filter)),
            }
        }
        for (place, refusal) in refused {
            self.fail(&place, refusal);
        }
        usable
    }

    fn compile(
        &self,
        pending: &Pending<Box<SigmaRule>>,
        filters: &[(Place, Box<FilterRule>)],
        items: &mut Items,
    ) -> Result<Rule, Refusal> {
        let rule = &pending.rule;
        let words = Words { pipeline: self.pipeline, logsource: &rule.logsource };
        let mut detections = Vec::new();
        let mut condition = conditions::compile(&mut detections, &rule.detection, items, words)?;
        let mut hash = Sha256::new();
        hash.update(pending.place.text.trim());
        for (place, filter) in filters.iter().filter(|(_, filter)| concerns(filter, pending)) {
            // As pySigma does: `(rule condition) and (filter condition)`; what is to be left out is written `not …`.
            let only = conditions::compile(&mut detections, &filter.detection, items, words)?;
            condition = Node::All([condition, only].into());
            hash.update(place.text.trim());
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        let logsource = &rule.logsource;
        Ok(Rule {
            core: Core {
                alert_key: summary::alert_key(&rule.custom_attributes)?,
                summary: Arc::new(summary::of_rule(pending.id.clone(), rule)),
                path: Arc::clone(&pending.place.path),
                silent: false,
                feeds: Vec::new(),
                fingerprint,
            },
            logsource: LogsourceKey::new(
                logsource.product.as_deref(),
                logsource.category.as_deref(),
                logsource.service.as_deref(),
            ),
            program: conditions::order(detections, condition, &items.items),
        })
    }
}

/// Tells whether a filter is for this rule: it names it, or any, and each part of its logsource is the rule's.
fn concerns(filter: &FilterRule, pending: &Pending<Box<SigmaRule>>) -> bool {
    let named = match &filter.rules {
        FilterRuleTarget::Any => true,
        FilterRuleTarget::Specific(names) => {
            names.iter().any(|name| name == pending.id.as_str() || pending.rule.name.as_deref() == Some(name))
        }
    };
    let fits = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    let found = &pending.rule.logsource;
    named
        && filter.logsource.as_ref().is_none_or(|wanted| {
            fits(&wanted.product, &found.product)
                && fits(&wanted.category, &found.category)
                && fits(&wanted.service, &found.service)
        })
}

impl Place {
    fn failure(&self, refusal: Refusal) -> LoadFailure {
        let mut reason = refusal.reason;
        let mut line = self.line;
        let mut column = None;
        if let Some(offset) = refusal.mark.filter(|mark| !mark.is_empty()).and_then(|mark| self.text.find(&mark)) {
            line = self.text_line + u32::try_from(self.text[..offset].matches('\n').count()).unwrap_or(0);
            let begin = self.text[..offset].rfind('\n').map_or(0, |end| end + 1);
            column = u32::try_from(self.text[begin..offset].chars().count() + 1).ok();
        } else if let Some((before, place)) = reason.split_once(" at line ") {
            // YAML's own words count from the start of the document.
            let digits: String = place.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(number) = digits.parse::<u32>() {
                line = self.text_line + number.saturating_sub(1);
                let digits = place.split_once(" column ").map(|(_, place)| place);
                let digits = digits.map(|place| place.chars().take_while(char::is_ascii_digit).collect::<String>());
                column = digits.and_then(|digits| digits.parse().ok());
                reason = before.to_owned();
            }
        }
        LoadFailure { path: self.path.to_string(), code: refusal.code, reason, line: Some(line), column }
    }
}

/// Names that a correlation may use for its rules.
type References = HashMap<String, usize>;

/// Returns the custom attributes' alert key of a correlation.
fn alert_key_of(rule: &CorrelationRule) -> Result<Vec<Field>, Refusal> {
    summary::alert_key(&rule.custom_attributes)
}
