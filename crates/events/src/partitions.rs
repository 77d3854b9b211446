//! All partitions of the index: which there are, which are written to, which are set aside.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use vigie_model::{TenantId, Timestamp};

use crate::columns::Columns;
use crate::damage::{Damage, guarded};
use crate::partition::{Partition, PartitionKey, lock};
use crate::writers::Failure;
use crate::{LogPosition, OpenError, PartitionError};

/// All partitions of the index.
pub(crate) struct Partitions {
    root: PathBuf,
    columns: Arc<Columns>,
    sound: RwLock<BTreeMap<TenantId, BTreeMap<String, Arc<Partition>>>>,
    damaged: Mutex<BTreeMap<PartitionKey, (Arc<Partition>, Damage)>>,
}

/// A partition to write to.
pub(crate) struct Writable {
    pub(crate) partition: Arc<Partition>,
    /// Where an event may be already that arrives again: the day before's, and others of the same day.
    pub(crate) others: Vec<Arc<Partition>>,
}

impl Partitions {
    /// Finds the partitions in a folder. Those that cannot be read are set aside.
    pub(crate) fn open(root: &Path, columns: Arc<Columns>) -> Result<Self, OpenError> {
        let partitions = Self { root: root.to_owned(), columns, sound: RwLock::default(), damaged: Mutex::default() };
        for key in scan(root)? {
            let partition = Arc::new(partitions.at(key));
            match guarded(|| partition.load()) {
                Ok(()) => partitions.add(partition),
                Err(error) => partitions.set_aside(&partition, &error),
            }
        }
        Ok(partitions)
    }

    fn at(&self, key: PartitionKey) -> Partition {
        let folder = self.root.join(key.tenant.as_str()).join(&key.day);
        Partition::new(key, folder, self.columns.clone())
    }

    fn add(&self, partition: Arc<Partition>) {
        let mut sound = self.sound.write().unwrap_or_else(PoisonError::into_inner);
        sound.entry(partition.key.tenant.clone()).or_default().insert(partition.key.day.clone(), partition);
    }

    /// Returns a tenant's partitions, oldest day of arrival first.
    pub(crate) fn of(&self, tenant: &TenantId) -> Vec<Arc<Partition>> {
        let sound = self.sound.read().unwrap_or_else(PoisonError::into_inner);
        sound.get(tenant).map(|days| days.values().cloned().collect()).unwrap_or_default()
    }

    /// Returns every tenant's partitions.
    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        let sound = self.sound.read().unwrap_or_else(PoisonError::into_inner);
        sound.values().flat_map(BTreeMap::values).cloned().collect()
    }

    pub(crate) fn get(&self, key: &PartitionKey) -> Option<Arc<Partition>> {
        let sound = self.sound.read().unwrap_or_else(PoisonError::into_inner);
        sound.get(&key.tenant)?.get(&key.day).cloned()
    }

    /// Returns the partitions that are set aside, and what is wrong with each.
    pub(crate) fn damaged(&self) -> Vec<(Arc<Partition>, Damage)> {
        lock(&self.damaged).values().cloned().collect()
    }

    /// Leaves a partition out of searches and writes from now on, and says so.
    pub(crate) fn set_aside(&self, partition: &Arc<Partition>, error: &PartitionError) {
        let damage = Damage::of(partition, partition.folder.clone(), with_source(error));
        if partition.spoil() {
            tracing::warn!(
                tenant = %damage.tenant, day = damage.day, path = %damage.path.display(), cure = Damage::CURE,
                "a partition of events is damaged and set aside: {}", damage.what
            );
        }
        self.take(&partition.key);
        lock(&self.damaged).insert(partition.key.clone(), (partition.clone(), damage));
    }

    /// Forgets a partition that is gone.
    pub(crate) fn forget(&self, key: &PartitionKey) {
        self.take(key);
        lock(&self.damaged).remove(key);
    }

    /// Takes a partition off the list of sound ones.
    fn take(&self, key: &PartitionKey) {
        let mut sound = self.sound.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(days) = sound.get_mut(&key.tenant) {
            days.remove(&key.day);
        }
    }

    /// Looks at a partition again that was set aside and mended.
    pub(crate) fn bring_back(&self, key: &PartitionKey) -> Result<(), PartitionError> {
        let partition = self.at(key.clone());
        guarded(|| partition.load())?;
        lock(&self.damaged).remove(key);
        self.add(Arc::new(partition));
        Ok(())
    }

    /// Returns a position at or after all that any partition has of the log.
    pub(crate) fn end(&self) -> LogPosition {
        let damaged = self.damaged().into_iter().map(|(partition, _)| partition);
        let ends = self.all().into_iter().chain(damaged).map(|partition| partition.manifest().until);
        ends.fold(LogPosition::default(), LogPosition::max)
    }

    /// Returns the partition of a day to write to, made where there is none: where the day's is damaged or being compacted,
    /// one beside it.
    pub(crate) fn writable(&self, key: &PartitionKey) -> Result<Writable, Failure> {
        let of_tenant = self.of(&key.tenant);
        let yesterday = day_before(&key.day);
        let (mut today, mut others) = (Vec::new(), Vec::new());
        for partition in of_tenant {
            let (day, _) = split(&partition.key.day);
            if day == key.day {
                today.push(partition);
            } else if Some(day) == yesterday.as_deref() {
                others.push(partition);
            }
        }
        let free = today.iter().rposition(|partition| !partition.is_busy());
        let partition = match free {
            Some(at) => today.remove(at),
            None => self.make(key)?,
        };
        others.extend(today);
        Ok(Writable { partition, others })
    }

    fn make(&self, key: &PartitionKey) -> Result<Arc<Partition>, Failure> {
        let of_tenant = self.root.join(key.tenant.as_str());
        let names = std::iter::once(key.day.clone()).chain((2..).map(|number| format!("{}.{number}", key.day)));
        let free = names.into_iter().find(|name| !of_tenant.join(name).is_dir());
        let partition = self.at(PartitionKey { tenant: key.tenant.clone(), day: free.unwrap_or_default() });
        guarded(|| partition.load()).map_err(|error| (partition.folder.clone(), error))?;
        let partition = Arc::new(partition);
        self.add(partition.clone());
        Ok(partition)
    }
}

/// Says what went wrong, and why.
pub(crate) fn with_source(error: &PartitionError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Returns the partitions that lie in a folder. What else lies there is somebody else's and left alone.
fn scan(root: &Path) -> Result<Vec<PartitionKey>, OpenError> {
    let mut keys = Vec::new();
    for (name, path) in folders(root)? {
        let Ok(tenant) = TenantId::new(&name) else { continue };
        for (day, _) in folders(&path)? {
            if is_partition(&day) {
                keys.push(PartitionKey { tenant: tenant.clone(), day });
            }
        }
    }
    Ok(keys)
}

fn folders(path: &Path) -> Result<Vec<(String, PathBuf)>, OpenError> {
    let read = || -> io::Result<Vec<(String, PathBuf)>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if let (true, Ok(name)) = (entry.file_type()?.is_dir(), entry.file_name().into_string()) {
                folders.push((name, entry.path()));
            }
        }
        Ok(folders)
    };
    read().map_err(|source| OpenError::Io { path: path.to_owned(), source })
}

/// Returns the day of a partition's name and the number after it; the first has none.
pub(crate) fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once('.').map_or((name, None), |(day, number)| (day, Some(number)))
}

/// Returns whether a name is that of a partition's folder.
pub(crate) fn is_partition(name: &str) -> bool {
    let (day, number) = split(name);
    let numbered = |number: &str| number.parse::<u32>().is_ok_and(|value| value > 1 && value.to_string() == number);
    number.is_none_or(numbered) && format!("{day}T00:00:00Z").parse::<Timestamp>().is_ok_and(|time| time.day() == day)
}

fn day_before(day: &str) -> Option<String> {
    let midnight: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(Timestamp::from_micros(midnight.as_micros() - 1).day()).filter(|before| before != day)
}
