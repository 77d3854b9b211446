//! Compiled rules.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use vigie_model::{Logsource, RuleSummary};

use crate::matcher::{Field, FieldTable, Item, ItemId, Scan};
use crate::route::{LogsourceKey, Routes};

/// Compiled rules, ready for an [`crate::Engine`]. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct RuleSet(pub(crate) Arc<Rules>);

/// What a [`RuleSet`] holds.
#[expect(clippy::struct_field_names, reason = "a rule set holds rules")]
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) fields: FieldTable,
    pub(crate) items: Vec<Item>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) correlations: Vec<Correlation>,
    pub(crate) routes: Routes,
    pub(crate) by_id: HashMap<String, Arc<RuleSummary>>,
}

impl RuleSet {
    /// Returns what is known of each rule and correlation, in the order of loading, correlations last.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<RuleSummary>> {
        let correlations = self.0.correlations.iter().map(|correlation| &correlation.core.summary);
        self.0.rules.iter().map(|rule| &rule.core.summary).chain(correlations)
    }

    /// Returns what is known of the rule with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<RuleSummary>> {
        self.0.by_id.get(id)
    }

    /// Returns of each rule and correlation where it is from and what it looks at, in the order of [`Self::rules`].
    pub fn origins(&self) -> Vec<RuleOrigin> {
        let rules = &*self.0;
        let mut logsources: Vec<Vec<Logsource>> = vec![Vec::new(); rules.correlations.len()];
        let mut origins = Vec::with_capacity(self.len());
        for rule in &rules.rules {
            let found = [rule.logsource.to_logsource()];
            pass_on(&mut logsources, &rule.core.feeds, &found);
            origins.push(rule.core.origin(false, found.into()));
        }
        // Each correlation stands after those that it rests on.
        for (index, correlation) in rules.correlations.iter().enumerate() {
            let found = std::mem::take(&mut logsources[index]);
            pass_on(&mut logsources, &correlation.core.feeds, &found);
            origins.push(correlation.core.origin(true, found));
        }
        origins
    }

    /// Returns how many rules and correlations there are.
    pub fn len(&self) -> usize {
        self.0.rules.len() + self.0.correlations.len()
    }

    /// Tells whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What rules and correlations share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) summary: Arc<RuleSummary>,
    /// The file that it was read from, as that was named.
    pub(crate) path: Arc<str>,
    /// What its findings are grouped by into alerts, where the rule says so.
    pub(crate) alert_key: Vec<Field>,
    /// Whether it makes no findings of its own, because a correlation rests on it.
    pub(crate) silent: bool,
    /// The correlations that rest on it.
    pub(crate) feeds: Vec<Feed>,
    /// Changes when the rule does.
    pub(crate) fingerprint: [u8; 16],
}

/// Adds logsources to what the correlations look at that rest on a rule.
fn pass_on(logsources: &mut [Vec<Logsource>], feeds: &[Feed], found: &[Logsource]) {
    for feed in feeds {
        let known = &mut logsources[feed.correlation];
        for logsource in found {
            if !known.contains(logsource) {
                known.push(logsource.clone());
            }
        }
    }
}

/// Where a rule or correlation is from and what it looks at.
#[derive(Debug, Clone)]
pub struct RuleOrigin {
    /// What is known of it.
    pub summary: Arc<RuleSummary>,
    /// The file that it was read from, as it was named to [`RuleSet::load`].
    pub path: Arc<str>,
    /// Whether it is a correlation.
    pub correlation: bool,
    /// Whether it makes no findings of its own, because a correlation rests on it.
    pub silent: bool,
    /// The logsources that it looks at, in lower case; of a correlation those of the rules that it rests on.
    pub logsources: Vec<Logsource>,
}

impl Core {
    fn origin(&self, correlation: bool, logsources: Vec<Logsource>) -> RuleOrigin {
        RuleOrigin {
            summary: Arc::clone(&self.summary),
            path: Arc::clone(&self.path),
            correlation,
            silent: self.silent,
            logsources,
        }
    }
}

/// A correlation that rests on a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) correlation: usize,
    /// The rule's place among the correlation's rules.
    pub(crate) position: u16,
}

/// A rule on single events.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) core: Core,
    pub(crate) logsource: LogsourceKey,
    pub(crate) program: Program,
}

/// A condition over detections.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) detections: Vec<Node>,
    pub(crate) condition: Node,
}

/// A part of a condition.
#[derive(Debug)]
pub(crate) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    AtLeast(u64, Box<[Node]>),
    Not(Box<Node>),
    Detection(usize),
    Item(ItemId),
}

impl Program {
    /// Tells whether the event that a scan is turned to matches.
    pub(crate) fn matches(&self, scan: &mut Scan<'_, '_>) -> bool {
        self.holds(&self.condition, scan)
    }

    fn holds(&self, node: &Node, scan: &mut Scan<'_, '_>) -> bool {
        match node {
            Node::All(nodes) => nodes.iter().all(|node| self.holds(node, scan)),
            Node::Any(nodes) => nodes.iter().any(|node| self.holds(node, scan)),
            Node::AtLeast(wanted, nodes) => {
                nodes.iter().filter(|node| self.holds(node, scan)).take(*wanted as usize).count() as u64 == *wanted
            }
            Node::Not(node) => !self.holds(node, scan),
            Node::Detection(index) => self.holds(&self.detections[*index], scan),
            Node::Item(item) => scan.judge(*item),
        }
    }

    /// Returns the items that made the condition true, those under a `not` left out.
    pub(crate) fn reasons(&self, scan: &mut Scan<'_, '_>) -> Vec<ItemId> {
        let mut items = Vec::new();
        self.collect(&self.condition, scan, &mut items);
        items
    }

    fn collect(&self, node: &Node, scan: &mut Scan<'_, '_>, items: &mut Vec<ItemId>) {
        if !self.holds(node, scan) {
            return;
        }
        match node {
            Node::All(nodes) | Node::Any(nodes) | Node::AtLeast(_, nodes) => {
                nodes.iter().for_each(|node| self.collect(node, scan, items));
            }
            Node::Not(_) => {}
            Node::Detection(index) => self.collect(&self.detections[*index], scan, items),
            Node::Item(item) => items.push(*item),
        }
    }
}

/// A name as written, and for each rule of a correlation the field to read.
pub(crate) type NamedFields = (String, Box<[Field]>);

/// A rule on what other rules found.
#[derive(Debug)]
pub(crate) struct Correlation {
    pub(crate) core: Core,
    pub(crate) kind: CorrelationKind,
    /// The names of the group-by fields as written, and for each rule of the correlation the field to read.
    pub(crate) group_by: Vec<NamedFields>,
    /// The fields whose values are counted or added, for each rule of the correlation.
    pub(crate) fields: Vec<NamedFields>,
    pub(crate) window: Duration,
    pub(crate) condition: WindowCondition,
    /// How many rules it rests on.
    pub(crate) rules: u16,
}

/// What a correlation looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CorrelationKind {
    EventCount,
    ValueCount,
    Temporal,
    TemporalOrdered,
    ValueSum,
    ValueAverage,
    /// Nearest rank, 0 to 100.
    ValuePercentile(u8),
}

/// What must hold of a window.
#[derive(Debug, Clone)]
pub(crate) enum WindowCondition {
    /// All of these comparisons.
    Compare(Vec<(Comparison, f64)>),
    /// Which rules fired, by their place among the correlation's rules.
    Fired(Fired),
}

/// How a figure of a window stands to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// A condition over which rules fired.
#[derive(Debug, Clone)]
pub(crate) enum Fired {
    All(Vec<Fired>),
    Any(Vec<Fired>),
    Not(Box<Fired>),
    Rule(u16),
}

impl WindowCondition {
    /// Tells whether a figure fits.
    pub(crate) fn fits(&self, figure: f64) -> bool {
        match self {
            Self::Compare(comparisons) => {
                comparisons.iter().all(|(comparison, number)| comparison.holds(figure, *number))
            }
            Self::Fired(_) => false,
        }
    }
}

impl Comparison {
    pub(crate) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            // Thresholds are whole numbers and counts are too; sums of floats are compared as they come.
            Self::Equal => (left - right).abs() < f64::EPSILON,
            Self::NotEqual => (left - right).abs() >= f64::EPSILON,
        }
    }
}

impl Fired {
    /// Tells whether the condition holds when these rules fired.
    pub(crate) fn holds(&self, fired: &dyn Fn(u16) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(fired)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(fired)),
            Self::Not(part) => !part.holds(fired),
            Self::Rule(position) => fired(*position),
        }
    }
}
