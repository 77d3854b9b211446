//! What correlations remember, as bytes.
//!
//! The format, version 1; numbers are little-endian, texts and lists are led by their length as 32 bits:
//!
//! ```text
//! "VGDS" version:u16
//! correlations: [ id:text fingerprint:16 groups: [
//!     tenant:text key:[text] shown:[text] entities:[entity] touched:i64
//!     entries:[ time:i64 arrival:i64 id:16 position:u16 reported:u8 value seen:u32 ] ] ]
//! seen: [ events:[ id:16 time:i64 source:text message:text ] entities:[entity] ]     — what `seen` above counts in, from 1
//! checksum: the first 8 bytes of SHA-256 over all before
//! entity = kind:u8 role:u8 value:text        value = 0 | 1 text | 2 f64
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use vigie_model::{Entity, EntityRole, EventId, EventRef, ObservableKind, SourceName, TenantId, Timestamp};

use crate::rules::{Correlation, RuleSet, Rules};
use crate::state::{GroupKey, Groups, State};
use crate::window::{Entry, EntryValue, Group, Seen};

const MAGIC: &[u8; 4] = b"VGDS";
const VERSION: u16 = 1;
const CHECKSUM_BYTES: usize = 8;

/// The largest snapshot taken, in bytes.
pub const SNAPSHOT_BYTES_MAX: usize = 2 << 30;

const ROLES: [EntityRole; 4] = [EntityRole::Source, EntityRole::Actor, EntityRole::Target, EntityRole::Related];

/// Why remembered state cannot be taken up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The bytes do not begin as a snapshot does.
    #[error("these bytes are no detection state")]
    NotState,
    /// The bytes come from a later release.
    #[error(
        "the detection state has version {found}; this release reads up to {VERSION}: start without it, or upgrade"
    )]
    Version {
        /// The version found.
        found: u16,
    },
    /// The bytes are cut off or changed.
    #[error("the detection state is damaged at byte {position}: start without it")]
    Damaged {
        /// How far it could be read.
        position: usize,
    },
}

/// What the correlations of an [`crate::Engine`] remembered at one moment. Taking it is quick, whatever it holds: it shares
/// with the engine what the engine does not change meanwhile. Writing it down is slow, and can be done elsewhere.
#[derive(Debug)]
pub struct Remembered {
    pub(crate) rules: RuleSet,
    pub(crate) groups: Vec<Groups>,
}

impl Remembered {
    /// Returns it as bytes that [`crate::Engine::restore`] takes, also in later releases; the same state gives the same
    /// bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        write(&self.rules.0, &self.groups)
    }
}

/// Returns the state as bytes; the same state gives the same bytes.
fn write(rules: &Rules, state: &[Groups]) -> Vec<u8> {
    let mut writer = Writer { bytes: Vec::new(), seen: Vec::new(), known: HashMap::new() };
    writer.bytes.extend_from_slice(MAGIC);
    writer.bytes.extend_from_slice(&VERSION.to_le_bytes());
    writer.length(rules.correlations.len());
    for (correlation, groups) in rules.correlations.iter().zip(state) {
        writer.text(correlation.core.summary.id.as_str());
        writer.bytes.extend_from_slice(&correlation.core.fingerprint);
        let mut groups: Vec<(&Arc<GroupKey>, &Arc<Group>)> = groups.iter().collect();
        groups.sort_unstable_by_key(|(key, _)| *key);
        writer.length(groups.len());
        for (key, group) in groups {
            writer.group(key, group);
        }
    }
    let seen = std::mem::take(&mut writer.seen);
    writer.length(seen.len());
    for seen in seen {
        writer.seen(seen);
    }
    let checksum = Sha256::digest(&writer.bytes);
    writer.bytes.extend_from_slice(&checksum[..CHECKSUM_BYTES]);
    writer.bytes
}

/// Returns the state that these bytes hold, for these rules.
pub(crate) fn read(bytes: &[u8], rules: &Rules, bytes_max: usize) -> Result<State, RestoreError> {
    if bytes.len() > SNAPSHOT_BYTES_MAX || bytes.get(..4) != Some(MAGIC) {
        return Err(RestoreError::NotState);
    }
    let version = bytes.get(4..6).ok_or(RestoreError::Damaged { position: 4 })?;
    let found = u16::from_le_bytes([version[0], version[1]]);
    if found != VERSION {
        return Err(RestoreError::Version { found });
    }
    let body_end = bytes.len() - CHECKSUM_BYTES.min(bytes.len());
    let (body, checksum) = bytes.split_at(body_end);
    if Sha256::digest(body)[..CHECKSUM_BYTES] != *checksum {
        return Err(RestoreError::Damaged { position: body_end });
    }
    let mut reader = Reader { bytes: body, at: 6 };
    let restored = reader.state(rules, bytes_max).filter(|_| reader.at == body.len());
    restored.ok_or(RestoreError::Damaged { position: reader.at })
}

struct Writer<'a> {
    bytes: Vec<u8>,
    seen: Vec<&'a Arc<Seen>>,
    /// What is in `seen`, by address: one is shared by all the groups that an event is in.
    known: HashMap<*const Seen, u32>,
}

impl<'a> Writer<'a> {
    fn length(&mut self, length: usize) {
        let length = u32::try_from(length).expect("limits keep lists far below four thousand million");
        self.bytes.extend_from_slice(&length.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn time(&mut self, time: Timestamp) {
        self.bytes.extend_from_slice(&time.as_micros().to_le_bytes());
    }

    fn group(&mut self, key: &GroupKey, group: &'a Group) {
        self.text(key.tenant.as_str());
        self.length(key.values.len());
        for value in &key.values {
            self.text(value);
        }
        self.length(group.shown.len());
        for value in &group.shown {
            self.text(value);
        }
        self.entities(&group.key);
        self.time(group.touched);
        self.length(group.entries.len());
        for entry in &group.entries {
            self.entry(entry);
        }
    }

    fn entities(&mut self, entities: &[Entity]) {
        self.length(entities.len());
        for entity in entities {
            let kind = ObservableKind::ALL.iter().position(|kind| *kind == entity.kind);
            let role = ROLES.iter().position(|role| *role == entity.role);
            let code = |place: Option<usize>| {
                u8::try_from(place.expect("the tables are whole")).expect("the tables are short")
            };
            self.bytes.extend([code(kind), code(role)]);
            self.text(&entity.value);
        }
    }

    fn entry(&mut self, entry: &'a Entry) {
        self.time(entry.time);
        self.time(entry.arrival);
        self.bytes.extend_from_slice(entry.id.as_bytes());
        self.bytes.extend_from_slice(&entry.position.to_le_bytes());
        self.bytes.push(u8::from(entry.reported));
        match &entry.value {
            EntryValue::None => self.bytes.push(0),
            EntryValue::Text(text) => {
                self.bytes.push(1);
                self.text(text);
            }
            EntryValue::Number(number) => {
                self.bytes.push(2);
                self.bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        let number = entry.seen.as_ref().map_or(0, |seen| {
            *self.known.entry(Arc::as_ptr(seen)).or_insert_with(|| {
                self.seen.push(seen);
                u32::try_from(self.seen.len()).expect("limits keep lists far below four thousand million")
            })
        });
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn seen(&mut self, seen: &Seen) {
        self.length(seen.events.len());
        for event in &seen.events {
            self.bytes.extend_from_slice(event.id.as_bytes());
            self.time(event.time);
            self.text(event.source.as_str());
            self.text(&event.message);
        }
        self.entities(&seen.entities);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A group on its way back, with the number of what each entry tells.
struct Restored {
    correlation: usize,
    key: GroupKey,
    group: Group,
    entries: Vec<(Entry, u32)>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn time(&mut self) -> Option<Timestamp> {
        Some(Timestamp::from_micros(i64::from_le_bytes(self.array()?)))
    }

    /// Reads a list; room is made as it comes, so that a forged length costs nothing.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length()?;
        let mut list = Vec::new();
        for _ in 0..length {
            list.push(one(self)?);
        }
        Some(list)
    }

    fn state(&mut self, rules: &Rules, bytes_max: usize) -> Option<State> {
        let mut restored = Vec::new();
        for _ in 0..self.length()? {
            let id = self.text()?;
            let fingerprint: [u8; 16] = self.array()?;
            let same = |correlation: &Correlation| {
                correlation.core.summary.id.as_str() == id && correlation.core.fingerprint == fingerprint
            };
            let correlation = rules.correlations.iter().position(same);
            for _ in 0..self.length()? {
                let group = self.group(correlation.unwrap_or(usize::MAX))?;
                let known = correlation.map(|index| &rules.correlations[index]);
                let fits = |known: &Correlation| {
                    known.group_by.len() == group.key.values.len()
                        && known.group_by.len() == group.group.shown.len()
                        && group.entries.iter().all(|(entry, _)| entry.position < known.rules)
                };
                match known {
                    Some(known) if !fits(known) => return None,
                    Some(_) => restored.push(group),
                    None => {}
                }
            }
        }
        let seen: Vec<Arc<Seen>> = self.list(|reader| reader.seen().map(Arc::new))?;
        let mut state = State::new(rules.correlations.len(), bytes_max);
        for Restored { correlation, key, mut group, entries } in restored {
            for (mut entry, number) in entries {
                if let Some(place) = number.checked_sub(1) {
                    entry.seen = Some(Arc::clone(seen.get(place as usize)?));
                }
                // The windows are searched by halves: entries out of order would never be found.
                if group.entries.back().is_some_and(|last| last.time > entry.time) {
                    return None;
                }
                group.restore(entry);
            }
            state.put(correlation, Arc::new(key), Arc::new(group));
        }
        Some(state)
    }

    fn group(&mut self, correlation: usize) -> Option<Restored> {
        let tenant = TenantId::new(self.text()?).ok()?;
        let values = self.list(|reader| reader.text().map(Box::from))?.into();
        let shown = self.list(|reader| reader.text().map(str::to_owned))?;
        let entities = self.entities()?;
        let touched = self.time()?;
        let entries = self.list(Self::entry)?;
        let mut group = Group::new(shown, entities);
        group.touched = touched;
        Some(Restored { correlation, key: GroupKey { tenant, values }, group, entries })
    }

    fn entities(&mut self) -> Option<Vec<Entity>> {
        self.list(|reader| {
            let [kind, role] = reader.array()?;
            let kind = *ObservableKind::ALL.get(usize::from(kind))?;
            let role = *ROLES.get(usize::from(role))?;
            Some(Entity::new(kind, reader.text()?, role))
        })
    }

    fn entry(&mut self) -> Option<(Entry, u32)> {
        let (time, arrival) = (self.time()?, self.time()?);
        let id = EventId::from_bytes(self.array()?);
        let position = u16::from_le_bytes(self.array()?);
        let reported = match self.array()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let value = match self.array()? {
            [0] => EntryValue::None,
            [1] => EntryValue::Text(self.text()?.into()),
            [2] => EntryValue::Number(Some(f64::from_le_bytes(self.array()?)).filter(|number| number.is_finite())?),
            _ => return None,
        };
        let seen = u32::from_le_bytes(self.array()?);
        Some((Entry { time, arrival, id, position, value, reported, seen: None }, seen))
    }

    fn seen(&mut self) -> Option<Seen> {
        let events = self.list(|reader| {
            let id = EventId::from_bytes(reader.array()?);
            let time = reader.time()?;
            let source = SourceName::new(reader.text()?).ok()?;
            Some(EventRef { id, time, source, message: reader.text()?.to_owned() })
        })?;
        Some(Seen { events, entities: self.entities()? })
    }
}
