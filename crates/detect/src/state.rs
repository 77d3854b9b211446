//! The groups of all correlations, held within a limit.

use std::collections::HashMap;
use std::sync::Arc;

use vigie_model::{Entity, TenantId, Timestamp};

use crate::matcher::fold;
use crate::rules::Rules;
use crate::window::{Entry, Group, Held, LATENESS_MAX, Told};

/// How many entries come in at least between two sweeps over the groups.
const SWEEP_ENTRIES_MIN: usize = 4_096;

/// To what part of the limit state is cut back when it is passed, in percent: so that it is not cut at each entry.
const KEEP_PERCENT: usize = 75;

/// Which group of a correlation: a tenant and the group-by values with their letters folded. Two tenants never meet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupKey {
    pub(crate) tenant: TenantId,
    pub(crate) values: Box<[Box<str>]>,
}

impl GroupKey {
    pub(crate) fn new(tenant: &TenantId, shown: &[String]) -> Self {
        Self { tenant: tenant.clone(), values: shown.iter().map(|value| fold(value).into()).collect() }
    }
}

/// The groups of one correlation. A copy shares them, and is made in some nanoseconds a group: what changes afterwards is
/// copied then, group by group.
pub(crate) type Groups = HashMap<Arc<GroupKey>, Arc<Group>>;

/// The groups of all correlations; the first index is the correlation's.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) groups: Vec<Groups>,
    bytes: usize,
    bytes_max: usize,
    since_sweep: usize,
    pub(crate) groups_evicted: u64,
    pub(crate) entries_evicted: u64,
}

impl State {
    pub(crate) fn new(correlations: usize, bytes_max: usize) -> Self {
        let groups = std::iter::repeat_with(HashMap::new).take(correlations).collect();
        Self { groups, bytes_max, ..Self::default() }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(crate) fn count(&self) -> usize {
        self.groups.iter().map(HashMap::len).sum()
    }

    /// Takes an entry into its group, and returns what to tell where a window came to hold. `key` makes the group's
    /// entities when it is new.
    pub(crate) fn take(
        &mut self,
        rules: &Rules,
        correlation: usize,
        key: GroupKey,
        shown: Vec<String>,
        entities: impl FnOnce(&[String]) -> Vec<Entity>,
        entry: Entry,
    ) -> Option<(Told, Vec<String>, Vec<Entity>)> {
        self.since_sweep += 1;
        let mut before = 0;
        let group = match self.groups[correlation].entry(Arc::new(key)) {
            std::collections::hash_map::Entry::Occupied(group) => {
                let group = group.into_mut();
                before = group.bytes;
                group
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                let entities = entities(&shown);
                place.insert(Arc::new(Group::new(shown, entities)))
            }
        };
        let group = Arc::make_mut(group);
        let taken = group.take(entry, &rules.correlations[correlation]);
        let told = taken.held.map(|held: Held| (group.tell(held), group.shown.clone(), group.key.clone()));
        self.bytes = self.bytes + group.bytes - before;
        self.entries_evicted += taken.dropped;
        told
    }

    /// Puts a group back that a snapshot or an earlier rule set held.
    pub(crate) fn put(&mut self, correlation: usize, key: Arc<GroupKey>, group: Arc<Group>) {
        self.bytes += group.bytes;
        if let Some(old) = self.groups[correlation].insert(key, group) {
            self.bytes -= old.bytes;
        }
    }

    /// Drops groups that nothing can join any more, now and then, and the longest untouched where there are too many.
    pub(crate) fn tidy(&mut self, rules: &Rules, now: Timestamp) {
        if self.since_sweep >= SWEEP_ENTRIES_MIN.max(self.count()) {
            self.since_sweep = 0;
            for (groups, correlation) in self.groups.iter_mut().zip(&rules.correlations) {
                let oldest = now.minus(correlation.window).minus(LATENESS_MAX);
                groups.retain(|_, group| {
                    let keep = group.touched >= oldest;
                    self.bytes -= if keep { 0 } else { group.bytes };
                    keep
                });
            }
        }
        if self.bytes > self.bytes_max {
            self.evict();
        }
    }

    fn evict(&mut self) {
        let mut all: Vec<(Timestamp, usize, Arc<GroupKey>, usize)> = Vec::with_capacity(self.count());
        for (index, groups) in self.groups.iter().enumerate() {
            all.extend(groups.iter().map(|(key, group)| (group.touched, index, Arc::clone(key), group.bytes)));
        }
        all.sort_unstable();
        let goal = self.bytes_max / 100 * KEEP_PERCENT;
        for (_, index, key, bytes) in all {
            if self.bytes <= goal {
                break;
            }
            self.groups[index].remove(&key);
            self.bytes -= bytes;
            self.groups_evicted += 1;
        }
    }
}
