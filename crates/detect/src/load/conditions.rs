//! Detections and conditions compiled.

use rsigma_parser::DetectionItem;
use rsigma_parser::{ConditionExpr, Detection, Detections, FieldSpec, Modifier, Quantifier, SelectorPattern};

use super::items::{Items, Words};
use crate::failure::{FailureCode, Refusal};
use crate::matcher::Item;
use crate::rules::{Node, Program};

/// How many parts a compiled rule may have.
const NODES_MAX: usize = 100_000;

/// Compiles one scope (a rule's or a filter's detections and condition) into a program, and returns its condition.
pub(crate) fn compile(
    program: &mut Vec<Node>,
    detections: &Detections,
    items: &mut Items,
    words: Words<'_>,
) -> Result<Node, Refusal> {
    let mut named: Vec<(&String, &Detection)> = detections.named.iter().collect();
    // The parser keeps them in a hash map; the order must not change from run to run.
    named.sort_by_key(|(name, _)| *name);
    let mut scope = Scope { names: Vec::with_capacity(named.len()), nodes: 0 };
    for (name, detection) in named {
        let node = scope.detection(detection, items, words)?;
        scope.names.push((name.clone(), program.len()));
        program.push(node);
    }
    let conditions =
        detections.conditions.iter().map(|condition| scope.condition(condition)).collect::<Result<Vec<_>, _>>()?;
    Ok(one_or(conditions, Node::Any))
}

/// Returns a program in which the cheap parts of each `and` and `or` come first, and negated ones last.
pub(crate) fn order(detections: Vec<Node>, condition: Node, items: &[Item]) -> Program {
    let mut program = Program { detections, condition };
    let mut costs = Vec::with_capacity(program.detections.len());
    for detection in &mut program.detections {
        costs.push(sort(detection, &[], items));
    }
    sort(&mut program.condition, &costs, items);
    program
}

fn sort(node: &mut Node, detections: &[usize], items: &[Item]) -> usize {
    match node {
        Node::All(nodes) | Node::Any(nodes) | Node::AtLeast(_, nodes) => {
            let mut costed: Vec<(usize, Node)> = Vec::with_capacity(nodes.len());
            for mut node in std::mem::take(nodes) {
                costed.push((sort(&mut node, detections, items), node));
            }
            costed.sort_by_key(|(cost, node)| (matches!(node, Node::Not(_)), *cost));
            let total = costed.iter().map(|(cost, _)| cost).sum();
            *nodes = costed.into_iter().map(|(_, node)| node).collect();
            total
        }
        Node::Not(node) => sort(node, detections, items),
        Node::Detection(index) => detections.get(*index).copied().unwrap_or(0),
        Node::Item(item) => items[item.0 as usize].cost(),
    }
}

struct Scope {
    /// Detections by name, sorted, with their place in the program.
    names: Vec<(String, usize)>,
    nodes: usize,
}

impl Scope {
    fn detection(&mut self, detection: &Detection, items: &mut Items, words: Words<'_>) -> Result<Node, Refusal> {
        self.count(1)?;
        match detection {
            Detection::AllOf(lines) => {
                let nodes = lines.iter().map(|line| self.line(line, items, words)).collect::<Result<Vec<_>, _>>()?;
                Ok(one_or(nodes, Node::All))
            }
            Detection::AnyOf(parts) => {
                let nodes =
                    parts.iter().map(|part| self.detection(part, items, words)).collect::<Result<Vec<_>, _>>()?;
                Ok(one_or(nodes, Node::Any))
            }
            Detection::Keywords(values) => {
                let field = FieldSpec::new(None, Vec::<Modifier>::new());
                self.line(&DetectionItem { field, values: values.clone() }, items, words)
            }
            Detection::ArrayMatch { .. } | Detection::And(_) | Detection::Conditional { .. } => {
                let reason = "matching members of arrays is a later version of Sigma";
                Err(Refusal::new(FailureCode::UnsupportedSigmaVersion, reason))
            }
        }
    }

    fn line(&mut self, line: &DetectionItem, items: &mut Items, words: Words<'_>) -> Result<Node, Refusal> {
        let nodes: Vec<Node> = items.compile(line, words)?.into_iter().map(Node::Item).collect();
        self.count(nodes.len())?;
        Ok(one_or(nodes, Node::Any))
    }

    fn condition(&mut self, condition: &ConditionExpr) -> Result<Node, Refusal> {
        self.count(1)?;
        match condition {
            ConditionExpr::And(parts) => Ok(Node::All(self.parts(parts)?)),
            ConditionExpr::Or(parts) => Ok(Node::Any(self.parts(parts)?)),
            ConditionExpr::Not(part) => Ok(Node::Not(Box::new(self.condition(part)?))),
            ConditionExpr::Identifier(name) => {
                let found = self.names.iter().find(|(known, _)| known == name);
                found.map(|(_, index)| Node::Detection(*index)).ok_or_else(|| {
                    let reason = format!("`condition` names `{name}`, which is not among the detections");
                    Refusal::new(FailureCode::UnknownIdentifier, reason).at("condition")
                })
            }
            ConditionExpr::Selector { quantifier, pattern } => self.selector(quantifier, pattern),
        }
    }

    fn parts(&mut self, parts: &[ConditionExpr]) -> Result<Box<[Node]>, Refusal> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    fn selector(&mut self, quantifier: &Quantifier, pattern: &SelectorPattern) -> Result<Node, Refusal> {
        let takes = |name: &str| match pattern {
            SelectorPattern::Them => !name.starts_with('_'),
            SelectorPattern::Pattern(pattern) => fits(pattern.as_bytes(), name.as_bytes()),
        };
        let names = self.names.iter().filter(|(name, _)| takes(name));
        let nodes: Box<[Node]> = names.map(|(_, index)| Node::Detection(*index)).collect();
        self.count(nodes.len())?;
        if nodes.is_empty() {
            let reason = format!("`condition` has `{quantifier} of {pattern}`, which fits none of the detections");
            return Err(Refusal::new(FailureCode::UnknownIdentifier, reason).at("condition"));
        }
        match quantifier {
            Quantifier::Any => Ok(Node::Any(nodes)),
            Quantifier::All => Ok(Node::All(nodes)),
            Quantifier::Count(wanted) if (1..=nodes.len() as u64).contains(wanted) => Ok(Node::AtLeast(*wanted, nodes)),
            Quantifier::Count(wanted) => {
                let reason =
                    format!("`condition` wants {wanted} of the {} detections that fit `{pattern}`", nodes.len());
                Err(Refusal::new(FailureCode::ConditionSyntax, reason).at("condition"))
            }
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), Refusal> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err(Refusal::new(FailureCode::TooComplex, format!("the rule has more than {NODES_MAX} parts")));
        }
        Ok(())
    }
}

fn one_or(mut nodes: Vec<Node>, several: fn(Box<[Node]>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.pop().expect("there is one"),
        _ => several(nodes.into()),
    }
}

/// Tells whether a name fits a pattern in which each `*` is any run of letters.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut letter) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while letter < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, letter));
                at += 1;
            }
            Some(wanted) if *wanted == name[letter] => (at, letter) = (at + 1, letter + 1),
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    (at, letter) = (place + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|wanted| *wanted == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("selection_*", "selection_a", true),
            ("selection_*", "selection", false),
            ("*_main_*", "filter_main_x", true),
            ("sel*main", "selection_main", true),
            ("*", "a", true),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxa", false),
            ("a", "a", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
