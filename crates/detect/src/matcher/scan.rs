//! One event under the rules: what was found out about it is kept until the next.

use std::ops::Range;

use serde_json::{Map, Value};
use vigie_model::FieldMatch;

use super::fields::{FieldId, FieldTable, Fields, everything, push, words};
use super::item::{Item, ItemId, Wanted};
use super::leaf::{Leaf, Scalar};

/// How long the text of an explanation may be, in characters.
const MATCH_CHARACTERS_MAX: usize = 1_024;

/// The state of looking at one event after another. Fields are looked up once an event, items judged once an event.
#[derive(Debug)]
pub(crate) struct Scan<'r, 'e> {
    table: &'r FieldTable,
    items: &'r [Item],
    fields: Option<Fields<'e>>,
    leaves: Vec<Leaf<'e>>,
    /// Which event a slot below belongs to; slots of earlier events count as empty.
    epoch: u64,
    found: Vec<(u64, Found)>,
    /// What the event has by a field's own name.
    own: Vec<(u64, &'e Value)>,
    /// The fields of which that is so.
    present: Vec<FieldId>,
    words: (u64, String),
    judged: Vec<(u64, bool)>,
    keywords: (u64, Found),
}

#[derive(Debug, Clone, Default)]
struct Found {
    present: bool,
    leaves: Range<usize>,
}

impl<'r, 'e> Scan<'r, 'e> {
    pub(crate) fn new(table: &'r FieldTable, items: &'r [Item]) -> Self {
        Self {
            table,
            items,
            fields: None,
            leaves: Vec::new(),
            epoch: 0,
            found: vec![(0, Found::default()); table.len()],
            own: vec![(0, &Value::Null); table.len()],
            present: Vec::new(),
            words: (0, String::new()),
            judged: vec![(0, false); items.len()],
            keywords: (0, Found::default()),
        }
    }

    /// Turns to the next event.
    pub(crate) fn turn_to(&mut self, document: &'e Map<String, Value>) {
        self.leaves.clear();
        self.present.clear();
        self.epoch += 1;
        let Self { table, own, present, epoch, .. } = self;
        self.fields = Some(Fields::read(document, |name, value| {
            for id in table.named(name) {
                own[id.0 as usize] = (*epoch, value);
                present.push(*id);
            }
        }));
    }

    /// Returns the fields that the event has by their own names.
    pub(crate) fn present(&self) -> &[FieldId] {
        &self.present
    }

    /// Tells whether some of the event's own names hold spaces.
    pub(crate) fn has_spaced(&self) -> bool {
        self.fields.as_ref().is_some_and(Fields::has_spaced)
    }

    /// Returns all texts of the event, folded, a NUL after each.
    pub(crate) fn words(&mut self) -> &str {
        if let (Some(event), true) = (&self.fields, self.words.0 != self.epoch) {
            self.words.0 = self.epoch;
            self.words.1.clear();
            words(event.map, &mut self.words.1);
        }
        &self.words.1
    }

    /// Tells whether the event has what an item asks for.
    pub(crate) fn judge(&mut self, id: ItemId) -> bool {
        let (epoch, verdict) = self.judged[id.0 as usize];
        if epoch == self.epoch {
            return verdict;
        }
        let items = self.items;
        let item = &items[id.0 as usize];
        let verdict = item.wanted.iter().all(|wanted| self.meets(item.field, wanted)) != item.negated;
        self.judged[id.0 as usize] = (self.epoch, verdict);
        verdict
    }

    fn meets(&mut self, field: Option<FieldId>, wanted: &Wanted) -> bool {
        let found = self.look_up(field);
        match wanted {
            Wanted::Present(present) => found.present == *present,
            Wanted::Fields { fields, .. } => fields.iter().any(|other| self.refers(&found, *other, wanted)),
            wanted if !found.present => wanted.takes_absent(),
            wanted => wanted.any(&self.leaves[found.leaves]),
        }
    }

    fn refers(&mut self, found: &Found, other: FieldId, wanted: &Wanted) -> bool {
        let others = self.look_up(Some(other)).leaves;
        let Wanted::Fields { relation, cased, .. } = wanted else { return false };
        let usable = |leaf: &&Leaf<'_>| !matches!(leaf.scalar, Scalar::Null);
        let text = |leaf: &'_ Leaf<'_>| if *cased { leaf.as_text().to_owned() } else { leaf.as_folded().to_owned() };
        let right: Vec<String> = self.leaves[others].iter().filter(usable).map(text).collect();
        self.leaves[found.leaves.clone()].iter().filter(usable).any(|leaf| {
            let left = if *cased { leaf.as_text() } else { leaf.as_folded() };
            right.iter().any(|right| relation.holds(left, right))
        })
    }

    /// Returns the values of a field.
    pub(crate) fn values(&mut self, field: FieldId) -> &[Leaf<'e>] {
        let found = self.look_up(Some(field));
        &self.leaves[found.leaves]
    }

    fn look_up(&mut self, field: Option<FieldId>) -> Found {
        let Some(event) = &self.fields else { return Found::default() };
        let start = self.leaves.len();
        let slot = match field {
            Some(field) => &mut self.found[field.0 as usize],
            None => &mut self.keywords,
        };
        if slot.0 == self.epoch {
            return slot.1.clone();
        }
        let present = if let Some(field) = field {
            let (epoch, value) = self.own[field.0 as usize];
            if epoch == self.epoch {
                push(value, &mut self.leaves, 0);
                true
            } else {
                self.table.get(field).find_elsewhere(event, &mut self.leaves)
            }
        } else {
            everything(event.map, &mut self.leaves);
            true
        };
        *slot = (self.epoch, Found { present, leaves: start..self.leaves.len() });
        slot.1.clone()
    }

    /// Adds to an explanation the field and the values that made this item true, for an item that is.
    pub(crate) fn explain(&mut self, id: ItemId, matches: &mut Vec<FieldMatch>, matches_max: usize) {
        let items = self.items;
        let item = &items[id.0 as usize];
        if item.negated {
            return;
        }
        let found = self.look_up(item.field);
        let name = item.field.map_or("", |field| self.table.get(field).name());
        for wanted in &item.wanted {
            let whole = matches!(wanted, Wanted::Present(true) | Wanted::Fields { .. });
            let leaf = self.leaves[found.leaves.clone()].iter().find(|leaf| whole || wanted.takes(leaf));
            let Some(leaf) = leaf.filter(|_| matches.len() < matches_max) else { continue };
            let value = leaf.as_text().chars().take(MATCH_CHARACTERS_MAX).collect();
            let found = FieldMatch { field: name.to_owned(), value };
            if !matches.contains(&found) {
                matches.push(found);
            }
        }
    }
}
