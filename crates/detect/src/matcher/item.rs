//! One line of a detection: a field, what is looked for in it, and how.

use std::net::IpAddr;

use ipnet::IpNet;

use super::fields::FieldId;
use super::leaf::{Leaf, Scalar};
use super::moment::DatePart;
use super::need::Need;
use super::number::{Number, Order};
use super::pattern::Pattern;
use super::texts::Texts;

/// An item by its number in a rule set. Equal items of different rules are one, and judged once for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ItemId(pub(crate) u32);

/// One line of a detection.
#[derive(Debug)]
pub(crate) struct Item {
    /// The field; `None` looks at every value of the event.
    pub(crate) field: Option<FieldId>,
    /// Every one of these must be met; most items have one.
    pub(crate) wanted: Box<[Wanted]>,
    /// `neq`: the opposite is asked for.
    pub(crate) negated: bool,
}

/// Values of which any will do.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// `exists`.
    Present(bool),
    /// Plain values.
    Values(Box<Values>),
    /// `re`.
    Regex(Box<[Pattern]>),
    /// `cidr`.
    Networks(Box<[IpNet]>),
    /// `lt`, `lte`, `gt`, `gte`, or a part of a date.
    Numbers { part: Option<DatePart>, order: Order, numbers: Box<[Number]> },
    /// `fieldref`: any value of any of these fields.
    Fields { fields: Box<[FieldId]>, relation: Relation, cased: bool },
}

/// Plain values of which any will do.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) cased: bool,
    pub(crate) texts: Texts,
    /// Sorted.
    pub(crate) whole: Box<[i128]>,
    pub(crate) floats: Box<[f64]>,
    pub(crate) truths: Box<[bool]>,
    pub(crate) null: bool,
}

/// How a field's text stands to another field's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    Equal,
    Contains,
    StartsWith,
    EndsWith,
}

impl Wanted {
    /// Tells whether any of the values does; not for [`Wanted::Fields`] and [`Wanted::Present`], which need the event.
    pub(crate) fn any(&self, leaves: &[Leaf<'_>]) -> bool {
        leaves.iter().any(|leaf| self.takes(leaf))
    }

    /// Tells whether this value does.
    pub(crate) fn takes(&self, leaf: &Leaf<'_>) -> bool {
        if matches!(leaf.scalar, Scalar::Null) {
            return matches!(self, Self::Values(values) if values.null);
        }
        match self {
            Self::Values(values) => values.take(leaf),
            Self::Regex(patterns) => patterns.iter().any(|pattern| pattern.fits(leaf.as_text())),
            Self::Networks(networks) => {
                address(leaf.as_text()).is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
            }
            Self::Numbers { part, order, numbers } => {
                number(leaf, *part).is_some_and(|found| numbers.iter().any(|number| order.holds(found, *number)))
            }
            Self::Present(_) | Self::Fields { .. } => false,
        }
    }

    /// Tells whether an absent field does.
    pub(crate) fn takes_absent(&self) -> bool {
        matches!(self, Self::Values(values) if values.null)
    }

    /// Returns what the field must have for this to be met, any of it, or `None` where nothing can be said.
    pub(crate) fn needs(&self) -> Option<Vec<Need>> {
        match self {
            Self::Values(values) => values.needs(),
            Self::Regex(patterns) => {
                let each: Option<Vec<&[Need]>> = patterns.iter().map(Pattern::needs).collect();
                each.map(|needs| needs.concat())
            }
            Self::Present(_) | Self::Networks(_) | Self::Numbers { .. } | Self::Fields { .. } => None,
        }
    }

    /// Returns roughly what a look costs.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::Present(_) => 1,
            Self::Values(values) => values.texts.cost(),
            Self::Numbers { .. } => 5,
            Self::Networks(networks) => 20 + networks.len(),
            Self::Fields { .. } => 50,
            Self::Regex(patterns) => 500 * patterns.len(),
        }
    }
}

impl Item {
    /// Returns roughly what judging the item costs, to try the cheap ones of a rule first.
    pub(crate) fn cost(&self) -> usize {
        let looks: usize = self.wanted.iter().map(Wanted::cost).sum();
        // Keywords look at every value of the event.
        if self.field.is_none() { 1_000 + looks * 20 } else { looks }
    }
}

impl Values {
    fn take(&self, leaf: &Leaf<'_>) -> bool {
        let other = match leaf.scalar {
            Scalar::Null => return self.null,
            Scalar::Bool(truth) => self.truths.contains(&truth),
            Scalar::Number(number) => {
                self.has_numbers() && Number::of_json(number).is_some_and(|number| self.has(number))
            }
            Scalar::Text(text) => self.reads_as(text),
            Scalar::Json(_) => false,
        };
        if other || self.texts.is_empty() {
            return other;
        }
        self.texts.matches(if self.cased { leaf.as_text() } else { leaf.as_folded() })
    }

    fn needs(&self) -> Option<Vec<Need>> {
        // An absent field has no value, and a float is equal to whole numbers and texts in more than one way.
        if self.null || !self.floats.is_empty() {
            return None;
        }
        let mut needs = self.texts.needs()?;
        needs.extend(self.whole.iter().map(|whole| Need::Whole(*whole)));
        needs.extend(self.truths.iter().map(|truth| Need::Equal(truth.to_string().into())));
        Some(needs)
    }

    fn has_numbers(&self) -> bool {
        !self.whole.is_empty() || !self.floats.is_empty()
    }

    fn has(&self, number: Number) -> bool {
        match number {
            Number::Whole(whole) => self.whole.binary_search(&whole).is_ok() || self.floats.contains(&(whole as f64)),
            Number::Float(float) => {
                let same = |whole: &i128| {
                    Number::Whole(*whole).partial_cmp(&Number::Float(float)).is_some_and(std::cmp::Ordering::is_eq)
                };
                self.floats.contains(&float) || self.whole.iter().any(same)
            }
        }
    }

    /// Tells whether a text reads as one of the rule's numbers or truth values: `"4688"` and 4688, `"True"` and true.
    fn reads_as(&self, text: &str) -> bool {
        let truth = |truth: &bool| text.eq_ignore_ascii_case(if *truth { "true" } else { "false" });
        (self.has_numbers() && Number::of_text(text).is_some_and(|number| self.has(number)))
            || self.truths.iter().any(truth)
    }
}

impl Relation {
    pub(crate) fn holds(self, left: &str, right: &str) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Contains => left.contains(right),
            Self::StartsWith => left.starts_with(right),
            Self::EndsWith => left.ends_with(right),
        }
    }
}

fn number(leaf: &Leaf<'_>, part: Option<DatePart>) -> Option<Number> {
    let found = match leaf.scalar {
        Scalar::Number(number) => Number::of_json(number),
        Scalar::Text(text) if part.is_none() => Number::of_text(text),
        _ => None,
    };
    match (part, leaf.scalar) {
        (None, _) => found,
        (Some(part), Scalar::Text(text)) => part.of_text(text),
        (Some(part), _) => part.of_number(found?),
    }
}

/// Returns the address that a text is: without a zone (`fe80::1%eth0`), and IPv4 where it is IPv4 in IPv6.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.split_once('%').map_or(text, |(address, _)| address);
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}
