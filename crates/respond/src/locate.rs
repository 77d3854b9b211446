//! The line on which a field of a YAML text stands.
//!
//! `yaml_serde` values do not say where they stood, but its errors do. So the line of a field is found by reading the
//! text once more, along the path to that field, and failing on purpose when it is reached.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an item of a list.
    Item(usize),
}

/// Returns the path as people write it: `actions[0].with.ip`.
pub(crate) fn spell(path: &[Step]) -> String {
    let mut spelt = String::new();
    for step in path {
        match step {
            Step::Key(key) if spelt.is_empty() => spelt.push_str(key),
            Step::Key(key) => spelt.extend([".", key]),
            Step::Item(index) => spelt.extend(["[", &index.to_string(), "]"]),
        }
    }
    spelt
}

/// Returns the line, from 1, of the field at a path: of its key where it has one, else of its value. A path that leads
/// nowhere gives the line of the last step that there is.
pub(crate) fn line_of(text: &str, path: &[Step]) -> Option<usize> {
    (0..=path.len()).rev().find_map(|length| {
        let found = Walk { path: &path[..length] }.deserialize(yaml_serde::Deserializer::from_str(text));
        found.err().and_then(|error| error.location()).map(|location| location.line())
    })
}

const FOUND: &str = "found";

struct Walk<'a> {
    path: &'a [Step],
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E: serde::de::Error>(self, _: $kind) -> Result<(), E> { self.scalar() })*
    };
}

impl Walk<'_> {
    fn scalar<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.path.is_empty() { Err(E::custom(FOUND)) } else { Ok(()) }
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.scalar()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.path.split_first() else {
            self.scalar::<A::Error>()?;
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut index = 0;
        while index < *wanted && items.next_element::<IgnoredAny>()?.is_some() {
            index += 1;
        }
        items.next_element_seed(Walk { path: rest })?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let Some((Step::Key(wanted), rest)) = self.path.split_first() else {
            self.scalar::<A::Error>()?;
            while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        while let Some(is_it) = fields.next_key_seed(Key { wanted, is_last: rest.is_empty() })? {
            if is_it {
                fields.next_value_seed(Walk { path: rest })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Key<'a> {
    wanted: &'a str,
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<bool, E> {
        if key == self.wanted && self.is_last { Err(E::custom(FOUND)) } else { Ok(key == self.wanted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "name: x\n\ntrigger:\n  # a comment\n  tags: [a, b]\nactions:\n  - do: y\n    with:\n      ip: 1\n  - do: z\n";

    #[track_caller]
    fn check(path: &[Step], expected: usize) {
        assert_eq!(line_of(TEXT, path), Some(expected), "{}", spell(path));
    }

    fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }

    #[test]
    fn lines() {
        check(&[key("name")], 1);
        check(&[key("trigger"), key("tags")], 5);
        check(&[key("actions"), Step::Item(0), key("with"), key("ip")], 9);
        check(&[key("actions"), Step::Item(1)], 10);
        check(&[key("actions"), Step::Item(1), key("with")], 10);
        check(&[key("nowhere")], 1);
    }
}
