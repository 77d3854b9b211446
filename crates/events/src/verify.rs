//! Whether what is on disk is what was written, and how to go on without what is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tantivy::Directory as _;
use tantivy::index::SegmentMeta;
use vigie_model::TenantId;

use crate::damage::{Damage, guarded};
use crate::directory::{META, SealedDirectory, copy_of};
use crate::manifest::{Manifest, Span};
use crate::partition::{Partition, has};
use crate::partitions::with_source;
use crate::{EventIndex, PartitionError, Rehearsal, sealed};

/// What repairing a partition did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Whose events.
    pub tenant: TenantId,
    /// The partition's name: the day of arrival, with `.2` and so on where that day has several.
    pub day: String,
    /// How many events can be searched afterwards.
    pub events_kept: u64,
    /// How many events were in the segments that are moved away.
    pub events_lost: u64,
    /// The files that are moved into the partition's folder `damaged`.
    pub moved: Vec<PathBuf>,
    /// Why it could not be repaired, where it could not: restore it from a backup, or move its folder away.
    pub problem: Option<String>,
}

impl EventIndex {
    /// Reads everything there is and returns what is not as it was written: every file of every partition against its
    /// checksum, and the manifests against what they speak of. A partition that cannot be searched without giving wrong
    /// answers is set aside from then on, see [`Self::damaged`]. What is committed meanwhile may be left out.
    pub fn verify(&self) -> Vec<Damage> {
        let mut found = self.damaged();
        for partition in self.partitions.all() {
            let (damage, unsound) = check(&partition);
            if let Some(first) = damage.iter().find(|_| unsound) {
                let error = PartitionError::Damaged(first.to_string());
                self.partitions.set_aside(&partition, &error);
            }
            found.extend(damage);
        }
        for (partition, _) in self.partitions.damaged() {
            found.extend(check(&partition).0);
        }
        found.sort();
        found.dedup();
        found
    }

    /// Brings back what is readable of the partitions that are set aside: the damaged segments' files are moved into the
    /// partition's folder `damaged`, with the list of segments as it was, and the rest is searched again. Call
    /// [`Self::verify`] before; nothing may be appended meanwhile.
    pub fn repair(&self, rehearsal: Rehearsal) -> Vec<Repaired> {
        let damaged = self.partitions.damaged();
        damaged.into_iter().map(|(partition, _)| self.repair_one(&partition, rehearsal)).collect()
    }

    fn repair_one(&self, partition: &Arc<Partition>, rehearsal: Rehearsal) -> Repaired {
        let mut repaired = Repaired {
            tenant: partition.key.tenant.clone(),
            day: partition.key.day.clone(),
            events_kept: 0,
            events_lost: 0,
            moved: Vec::new(),
            problem: None,
        };
        let dropped = guarded(|| drop_damaged(partition, rehearsal, &mut repaired)).and_then(|()| match rehearsal {
            Rehearsal::DryRun => Ok(()),
            Rehearsal::InEarnest => self.partitions.bring_back(&partition.key),
        });
        if let Err(error) = dropped {
            repaired.problem = Some(with_source(&error));
        }
        repaired
    }
}

/// Returns what is damaged in a partition, and whether it cannot be searched because of that.
fn check(partition: &Partition) -> (Vec<Damage>, bool) {
    let damage = |path: PathBuf, what: &str| Damage::of(partition, path, what);
    let folder = partition.index_folder();
    let mut found = Vec::new();
    for name in [Path::new(META).to_owned(), copy_of(Path::new(META)), PathBuf::from(".managed.json")] {
        let path = folder.join(name);
        if let Ok(bytes) = fs::read(&path)
            && let Err(broken) = sealed::unseal_text(&bytes)
        {
            found.push(damage(path, &broken.to_string()));
        }
    }
    let mut unsound = false;
    match guarded(|| damaged_files(partition)) {
        Ok(files) => {
            unsound |= !files.is_empty();
            let of_file = |file: &PathBuf| damage(folder.join(file), "its checksum does not fit, or it is missing");
            found.extend(files.iter().map(of_file));
        }
        Err(error) => {
            unsound = true;
            found.push(damage(folder.clone(), &with_source(&error)));
        }
    }
    if !unsound
        && let Some(what) = guarded(|| wrong_in_manifest(partition)).unwrap_or_else(|error| Some(with_source(&error)))
    {
        found.push(damage(partition.folder.join("manifest.json"), &what));
    }
    (found, unsound)
}

/// Returns the files of an index that are not as they were written.
fn damaged_files(partition: &Partition) -> Result<BTreeSet<PathBuf>, PartitionError> {
    let index = partition.index()?;
    has(&index)?;
    let mut damaged = BTreeSet::new();
    for segment in &index.load_metas()?.segments {
        for file in files_of(partition, segment) {
            // A footer may be so damaged that its reader fails, or panics.
            let sound = guarded(|| Ok(index.directory().validate_checksum(&file).unwrap_or(false)));
            if !sound.unwrap_or(false) {
                damaged.insert(file);
            }
        }
    }
    Ok(damaged)
}

/// Returns the files that a segment must have, and those that it has besides.
fn files_of(partition: &Partition, segment: &SegmentMeta) -> BTreeSet<PathBuf> {
    let own = segment.id().uuid_string();
    let needed = FILES_NEEDED.iter().map(|extension| PathBuf::from(format!("{own}.{extension}")));
    let entries = fs::read_dir(partition.index_folder()).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| PathBuf::from(entry.file_name()));
    needed.chain(names.filter(|name| name.to_string_lossy().starts_with(&own))).collect()
}

/// What tantivy writes of each segment: postings, positions, columns, field norms, terms, stored events.
const FILES_NEEDED: [&str; 6] = ["idx", "pos", "fast", "fieldnorm", "term", "store"];

fn wrong_in_manifest(partition: &Partition) -> Result<Option<String>, PartitionError> {
    let Some(manifest) = Manifest::read(&partition.folder) else {
        return Ok(Some("it is missing, damaged or unfinished, and is made again at the next start".to_owned()));
    };
    let (events, span) = counted(partition)?;
    if manifest.events != events {
        return Ok(Some(format!("it speaks of {} events, there are {events}", manifest.events)));
    }
    let within = |all: Span, some: Span| all.min <= some.min && some.max <= all.max;
    let covered = span.is_none_or(|span| manifest.span.is_some_and(|all| within(all, span)));
    Ok((!covered).then(|| "there are events outside of its range of times".to_owned()))
}

fn counted(partition: &Partition) -> Result<(u64, Option<Span>), PartitionError> {
    let view = partition.searcher()?;
    let mut span = None::<Span>;
    for segment in view.segment_readers() {
        let times = segment.fast_fields().i64("time")?;
        let here = Span { min: times.min_value(), max: times.max_value() };
        span = Some(span.map_or(here, |span| span.with(here)));
    }
    Ok((view.num_docs(), span))
}

/// Takes the damaged segments off the list and moves their files away.
fn drop_damaged(partition: &Partition, rehearsal: Rehearsal, repaired: &mut Repaired) -> Result<(), PartitionError> {
    let folder = partition.index_folder();
    let damaged = damaged_files(partition)?;
    let index = partition.index()?;
    let mut metas = index.load_metas()?;
    let is_damaged = |segment: &SegmentMeta| {
        let own = segment.id().uuid_string();
        damaged.iter().any(|file| file.to_string_lossy().starts_with(&own))
    };
    let (lost, kept): (Vec<_>, Vec<_>) = metas.segments.drain(..).partition(is_damaged);
    repaired.events_kept = kept.iter().map(|segment| u64::from(segment.num_docs())).sum();
    repaired.events_lost = lost.iter().map(|segment| u64::from(segment.num_docs())).sum();
    let files = lost.iter().flat_map(|segment| files_of(partition, segment)).filter(|file| folder.join(file).is_file());
    repaired.moved = files.collect();
    if rehearsal == Rehearsal::DryRun {
        return Ok(());
    }
    let away = partition.folder.join("damaged");
    fs::create_dir_all(&away)?;
    fs::copy(folder.join(META), away.join(META))?;
    metas.segments = kept;
    let list = serde_json::to_vec(&metas).map_err(|error| PartitionError::Damaged(error.to_string()))?;
    let directory = SealedDirectory::open(&folder).map_err(|error| PartitionError::Damaged(error.to_string()))?;
    directory.atomic_write(Path::new(META), &list)?;
    for file in &repaired.moved {
        fs::rename(folder.join(file), away.join(file))?;
    }
    partition.rebuild().map(drop)
}
