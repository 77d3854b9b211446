//! Finding a field's values in an event.

use std::collections::HashMap;

use rsigma_parser::fieldpath::unescape_brackets;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::fold::fold_into;
use super::leaf::Leaf;

/// How deep an event is looked into.
pub(crate) const DEPTH_MAX: usize = 128;

/// A field by its number in a [`FieldTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(pub(crate) u32);

/// The fields that the rules name.
#[derive(Debug, Default)]
pub(crate) struct FieldTable {
    fields: Vec<Field>,
    index: HashMap<Box<str>, FieldId>,
    /// By the name that events have it by; two ways to write one name are two fields. The names are those of rules, so nobody
    /// who sends events can choose what stands here.
    named: FxHashMap<Box<str>, Vec<FieldId>>,
}

/// A field as rules name it.
#[derive(Debug)]
pub(crate) struct Field {
    name: Box<str>,
    /// The name without its spaces, where it has some.
    squeezed: Option<Box<str>>,
    dotted: bool,
    /// The part of Sysmon's `Hashes` that this field may stand for.
    hash: Option<&'static str>,
}

/// Parts of Sysmon's `Hashes` field, `SHA1=…,MD5=…`, that rules and other sources have as fields.
const HASH_FIELDS: [&str; 4] = ["md5", "sha1", "sha256", "imphash"];

impl Field {
    pub(crate) fn new(written: &str) -> Self {
        let name = unescape_brackets(written);
        let squeezed = name.contains(' ').then(|| name.replace(' ', "").into());
        let hash = HASH_FIELDS.into_iter().find(|hash| hash.eq_ignore_ascii_case(&name));
        Self { squeezed, dotted: name.contains('.'), hash, name: name.into() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether it is found by its own name alone, in events whose names hold no spaces.
    pub(crate) fn is_plain(&self) -> bool {
        !self.dotted && self.squeezed.is_none() && self.hash.is_none()
    }

    /// Adds the field's values to `leaves`, arrays taken apart, and tells whether the event has the field.
    pub(crate) fn find<'e>(&self, event: &Fields<'e>, leaves: &mut Vec<Leaf<'e>>) -> bool {
        if let Some(value) = event.map.get(self.name.as_ref()) {
            push(value, leaves, 0);
            return true;
        }
        self.find_elsewhere(event, leaves)
    }

    /// Does what [`Self::find`] does for an event that has nothing by the field's own name.
    pub(crate) fn find_elsewhere<'e>(&self, event: &Fields<'e>, leaves: &mut Vec<Leaf<'e>>) -> bool {
        if self.dotted && descend(event.map, &self.name, leaves, 0) {
            return true;
        }
        let squeezed = self.squeezed.as_deref().and_then(|name| event.map.get(name));
        if let Some(value) = squeezed.or_else(|| event.spaced(&self.name)) {
            push(value, leaves, 0);
            return true;
        }
        let Some(part) = self.hash.and_then(|hash| hash_part(event.map, hash)) else { return false };
        leaves.push(Leaf::text(part));
        true
    }
}

/// The fields of one event.
#[derive(Debug)]
pub(crate) struct Fields<'e> {
    pub(crate) map: &'e Map<String, Value>,
    /// Fields whose own names hold spaces, by the name without them. Defender writes `Threat Name`; rules say
    /// `ThreatName`, as the specification has it for fields without a mapping.
    spaced: Vec<(String, &'e Value)>,
}

impl<'e> Fields<'e> {
    pub(crate) fn new(map: &'e Map<String, Value>) -> Self {
        Self::read(map, |_, _| {})
    }

    /// Returns the fields, having shown each to `see`.
    pub(crate) fn read(map: &'e Map<String, Value>, mut see: impl FnMut(&'e str, &'e Value)) -> Self {
        let mut spaced = Vec::new();
        for (name, value) in map {
            if memchr::memchr(b' ', name.as_bytes()).is_some() {
                spaced.push((name.replace(' ', ""), value));
            }
            see(name, value);
        }
        Self { map, spaced }
    }

    /// Tells whether some of the event's own names hold spaces.
    pub(crate) fn has_spaced(&self) -> bool {
        !self.spaced.is_empty()
    }

    fn spaced(&self, name: &str) -> Option<&'e Value> {
        self.spaced.iter().find(|(squeezed, _)| squeezed == name).map(|(_, value)| *value)
    }
}

impl FieldTable {
    pub(crate) fn intern(&mut self, name: &str) -> FieldId {
        if let Some(id) = self.index.get(name) {
            return *id;
        }
        let id = FieldId(u32::try_from(self.fields.len()).expect("fewer fields than bytes of rules"));
        let field = Field::new(name);
        self.named.entry(field.name.clone()).or_default().push(id);
        self.fields.push(field);
        self.index.insert(name.into(), id);
        id
    }

    /// Returns the fields of this name.
    pub(crate) fn named(&self, name: &str) -> &[FieldId] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn get(&self, id: FieldId) -> &Field {
        &self.fields[id.0 as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }
}

/// Adds a field's values, arrays taken apart.
pub(crate) fn push<'e>(value: &'e Value, leaves: &mut Vec<Leaf<'e>>, depth: usize) {
    match value {
        Value::Array(items) if depth < DEPTH_MAX => {
            for item in items {
                push(item, leaves, depth + 1);
            }
        }
        value => leaves.push(Leaf::of(value)),
    }
}

/// Follows a dotted path, every element of arrays on the way, and tells whether anything was found.
fn descend<'e>(map: &'e Map<String, Value>, path: &str, leaves: &mut Vec<Leaf<'e>>, depth: usize) -> bool {
    if depth > DEPTH_MAX {
        return false;
    }
    if let Some(value) = map.get(path) {
        push(value, leaves, depth);
        return true;
    }
    // A field's own name may hold dots, so every dot is tried as the border, nearest first.
    path.match_indices('.').any(|(dot, _)| match map.get(&path[..dot]) {
        Some(value) => enter(value, &path[dot + 1..], leaves, depth + 1),
        None => false,
    })
}

fn enter<'e>(value: &'e Value, rest: &str, leaves: &mut Vec<Leaf<'e>>, depth: usize) -> bool {
    match value {
        Value::Object(map) => descend(map, rest, leaves, depth),
        Value::Array(items) if depth <= DEPTH_MAX => {
            // Every element is entered, also after one that had it.
            items.iter().filter(|item| enter(item, rest, leaves, depth + 1)).count() > 0
        }
        _ => false,
    }
}

/// Returns one hash out of `Hashes` or `Hash`: `SHA1=…,MD5=…,SHA256=…,IMPHASH=…`.
fn hash_part<'e>(map: &'e Map<String, Value>, hash: &str) -> Option<&'e str> {
    let parts = ["Hashes", "Hash"].into_iter().find_map(|name| map.get(name)?.as_str())?;
    parts.split(',').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(hash).then(|| value.trim())
    })
}

/// Adds every text, number and truth value of an event to `leaves`, at any depth: what keywords look at.
pub(crate) fn everything<'e>(map: &'e Map<String, Value>, leaves: &mut Vec<Leaf<'e>>) {
    map.values().for_each(|value| each(value, 0, &mut |leaf| leaves.push(leaf)));
}

/// Adds the folded texts of [`everything`] to `words`, a NUL after each.
pub(crate) fn words(map: &Map<String, Value>, words: &mut String) {
    let mut add = |leaf: Leaf<'_>| {
        fold_into(leaf.as_text(), words);
        words.push('\0');
    };
    map.values().for_each(|value| each(value, 0, &mut add));
}

fn each<'e>(value: &'e Value, depth: usize, see: &mut impl FnMut(Leaf<'e>)) {
    match value {
        Value::Null => {}
        Value::Array(items) if depth < DEPTH_MAX => items.iter().for_each(|item| each(item, depth + 1, see)),
        Value::Object(map) if depth < DEPTH_MAX => map.values().for_each(|item| each(item, depth + 1, see)),
        value => see(Leaf::of(value)),
    }
}
