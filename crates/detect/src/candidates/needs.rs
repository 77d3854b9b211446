//! What rules cannot do without.

use std::collections::HashMap;

use crate::matcher::{FieldId, Item, ItemId, Need};
use crate::rules::{Node, Program};

/// Of an event that a rule matches, one value at least of this field fits; `None` is any field.
pub(super) type FieldNeed = (Option<FieldId>, Need);

/// How many texts are looked for, at most, to do without judging one rule.
const NEEDS_MAX: usize = 4_096;

/// Finds for each rule what it needs.
pub(super) struct Needs<'r> {
    items: &'r [Item],
    /// What the lines of these rules need; one line may ask for several things at once.
    known: HashMap<ItemId, Vec<Vec<FieldNeed>>>,
    /// How many lines need the same.
    shared: HashMap<FieldNeed, u32>,
}

/// The lines, by what of them is needed, of which one at least is true where the rule is.
#[derive(Debug, Clone)]
struct Choice {
    likelihood: f64,
    lines: Vec<(ItemId, usize)>,
}

impl<'r> Needs<'r> {
    /// Looks through the lines of all rules that share an index.
    pub(super) fn new<'p>(items: &'r [Item], programs: impl Iterator<Item = &'p Program>) -> Self {
        let mut needs = Self { items, known: HashMap::new(), shared: HashMap::new() };
        for program in programs {
            program.detections.iter().chain([&program.condition]).for_each(|node| needs.learn(node));
        }
        needs
    }

    fn learn(&mut self, node: &Node) {
        match node {
            Node::All(nodes) | Node::Any(nodes) | Node::AtLeast(_, nodes) => {
                nodes.iter().for_each(|node| self.learn(node));
            }
            // What is under a `not` is never needed.
            Node::Not(_) | Node::Detection(_) => {}
            Node::Item(id) => {
                let items = self.items;
                let known = self.known.entry(*id).or_insert_with(|| of_item(&items[id.0 as usize]));
                for need in known.iter().flatten() {
                    *self.shared.entry(need.clone()).or_default() += 1;
                }
            }
        }
    }

    /// Returns what a rule needs, of which any will do, or `None` where it must be judged always.
    pub(super) fn of(&self, program: &Program) -> Option<Vec<FieldNeed>> {
        let choice = self.choose(program, &program.condition)?;
        let chosen = choice.lines.iter().flat_map(|(id, place)| &self.known[id][*place]);
        let needs: Vec<FieldNeed> = chosen.take(NEEDS_MAX + 1).cloned().collect();
        (needs.len() <= NEEDS_MAX).then_some(needs)
    }

    fn choose(&self, program: &Program, node: &Node) -> Option<Choice> {
        let all = |nodes: &[Node]| nodes.iter().map(|node| self.choose(program, node)).collect::<Vec<_>>();
        match node {
            Node::All(nodes) => all(nodes).into_iter().flatten().min_by(less_likely),
            Node::Any(nodes) => all(nodes).into_iter().collect::<Option<Vec<_>>>().map(together),
            Node::AtLeast(wanted, nodes) => {
                // So many may be true without our hearing of it; if that is too few, one of the others is.
                let (heard, all) = (all(nodes).into_iter().flatten().collect::<Vec<_>>(), nodes.len());
                ((all - heard.len()) < *wanted as usize).then(|| together(heard))
            }
            Node::Not(_) => None,
            Node::Detection(index) => self.choose(program, &program.detections[*index]),
            Node::Item(id) => {
                let choice = |(place, needs): (usize, &Vec<FieldNeed>)| Choice {
                    likelihood: needs.iter().map(|need| self.likelihood(need)).sum(),
                    lines: vec![(*id, place)],
                };
                self.known.get(id)?.iter().enumerate().map(choice).min_by(less_likely)
            }
        }
    }

    /// What many rules ask for is what many events have.
    fn likelihood(&self, need: &FieldNeed) -> f64 {
        let shared = self.shared.get(need).copied().unwrap_or_default();
        need.1.likelihood() * f64::from(shared).sqrt()
    }
}

fn of_item(item: &Item) -> Vec<Vec<FieldNeed>> {
    if item.negated {
        return Vec::new();
    }
    let named = |need: Vec<Need>| need.into_iter().map(|need| (item.field, need)).collect();
    item.wanted.iter().filter_map(|wanted| wanted.needs().map(named)).collect()
}

fn less_likely(one: &Choice, other: &Choice) -> std::cmp::Ordering {
    one.likelihood.total_cmp(&other.likelihood)
}

fn together(choices: Vec<Choice>) -> Choice {
    let mut joined = Choice { likelihood: 0.0, lines: Vec::new() };
    for choice in choices {
        joined.likelihood += choice.likelihood;
        joined.lines.extend(choice.lines);
    }
    joined
}
