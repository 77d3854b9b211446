//! Chance, the same for the same seed.

use vigie_model::{FieldValue, NamedValue, Stamp, Timestamp};

/// 2024-01-01, in milliseconds.
pub(super) const BEGIN: i64 = 1_704_067_200_000;
const PEOPLE: [&str; 4] = ["ann@acme.example", "bob@acme.example", "zoë@acme.example", "key:feeder"];

pub(super) struct Dice(pub(super) fastrand::Rng);

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn bytes(&mut self) -> [u8; 16] {
        self.0.u128(..).to_be_bytes()
    }

    pub(super) fn name(&mut self) -> String {
        self.one(&PEOPLE).to_owned()
    }

    pub(super) fn words(&mut self) -> String {
        const WORDS: [&str; 9] = [
            "mail",
            "<b>bold</b>",
            "naïve",
            "日本",
            "'; DROP TABLE",
            "\u{1F4A3}",
            "line\nbreak",
            "long",
            "C:\\Windows",
        ];
        (0..=self.below(5)).map(|_| self.one(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn tags(&mut self) -> Vec<String> {
        let mut tags: Vec<String> = (0..self.below(4)).map(|_| format!("tag-{}", self.below(20))).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    pub(super) fn stamp(&mut self, after: Timestamp) -> Stamp {
        let created = later(after, self.below(100_000));
        let stamp = Stamp::new(self.name(), created);
        if self.chance(30) { stamp.changed(self.name(), later(created, 1 + self.below(100_000))) } else { stamp }
    }

    pub(super) fn maybe<T>(&mut self, percent: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }

    pub(super) fn fields(&mut self) -> Vec<NamedValue> {
        let values = [
            ("score", FieldValue::Integer(self.0.i64(-5..100))),
            ("when", FieldValue::Date(Timestamp::from_millis(BEGIN))),
            ("ratio", FieldValue::Float(0.5)),
            ("unit", FieldValue::String(self.words())),
            ("page", FieldValue::Url("https://x.example/?a=1".into())),
            ("sure", FieldValue::Boolean(self.chance(50))),
        ];
        let named = (0_u32..).zip(values).filter(|_| self.chance(40));
        named.map(|(position, (name, value))| NamedValue { name: name.into(), value: Some(value), position }).collect()
    }
}

pub(super) fn later(time: Timestamp, millis: usize) -> Timestamp {
    Timestamp::from_millis(time.as_micros() / 1_000 + i64::try_from(millis).unwrap())
}
