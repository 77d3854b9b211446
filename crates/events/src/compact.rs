//! Few segments in place of many, once a day is over.

use serde::Serialize;
use tantivy::IndexWriter;
use tantivy::index::SegmentId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::NoMergePolicy;
use vigie_model::{TenantId, Timestamp};

use crate::damage::guarded;
use crate::partition::{Partition, lock};
use crate::partitions::split;
use crate::retention::folder_bytes;
use crate::{EventIndex, PartitionError};

/// What compacting a partition did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// Whose events.
    pub tenant: TenantId,
    /// The partition's name: the day of arrival, with `.2` and so on where that day has several.
    pub day: String,
    /// How many segments it had.
    pub segments_before: usize,
    /// How many it has now; with a dry run, how many it would have.
    pub segments_after: usize,
    /// How many bytes of disk it took.
    pub bytes_before: u64,
    /// How many it takes now; with a dry run, as before.
    pub bytes_after: u64,
    /// Why it was not compacted, where it was not.
    pub problem: Option<String>,
}

/// Whether to do it or only to say what would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehearsal {
    /// Say what would be done.
    DryRun,
    /// Do it.
    InEarnest,
}

/// How many events one segment gets: the dictionaries of the segments being merged are held in memory.
const SEGMENT_EVENTS_MAX: u32 = 5_000_000;

impl EventIndex {
    /// Makes few segments of the many of each partition whose day is over at `now`, for which searches are the faster; one
    /// after the other. Events that arrive late for such a day meanwhile go into a partition beside it.
    pub fn compact(&self, now: Timestamp, rehearsal: Rehearsal) -> Vec<Compacted> {
        let today = now.day();
        let closed = self.partitions.all().into_iter().filter(|partition| split(&partition.key.day).0 < today.as_str());
        closed.filter_map(|partition| self.compact_one(&partition, rehearsal)).collect()
    }

    fn compact_one(&self, partition: &std::sync::Arc<Partition>, rehearsal: Rehearsal) -> Option<Compacted> {
        let bytes = folder_bytes(&partition.folder);
        let mut done = Compacted {
            tenant: partition.key.tenant.clone(),
            day: partition.key.day.clone(),
            segments_before: 0,
            segments_after: 0,
            bytes_before: bytes,
            bytes_after: bytes,
            problem: None,
        };
        {
            let writers = lock(&self.writers);
            if writers.has_open(&partition.key) || partition.set_busy(true) {
                return None;
            }
        }
        let merged = guarded(|| merge(partition, rehearsal, &mut done));
        partition.set_busy(false);
        match merged {
            Ok(()) if done.segments_before == done.segments_after => return None,
            Ok(()) => {}
            Err(error) => {
                done.segments_after = done.segments_before;
                done.problem = Some(crate::partitions::with_source(&error));
                self.failed(partition, &error);
            }
        }
        done.bytes_after = folder_bytes(&partition.folder);
        Some(done)
    }
}

fn merge(partition: &Partition, rehearsal: Rehearsal, done: &mut Compacted) -> Result<(), PartitionError> {
    let index = partition.index()?;
    // The list is let go of at once: files of a segment that anybody holds are not tidied up.
    let sizes: Vec<_> = index.load_metas()?.segments.iter().map(|segment| (segment.id(), segment.num_docs())).collect();
    done.segments_before = sizes.len();
    let groups = groups(sizes);
    done.segments_after = groups.len();
    if rehearsal == Rehearsal::DryRun || done.segments_after == done.segments_before {
        return Ok(());
    }
    let options = IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1).build();
    let mut writer: IndexWriter = index.writer_with_options(options)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for group in groups.iter().filter(|group| group.len() > 1) {
        writer.merge(group).wait()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    partition.reload()
}

/// Returns which segments become one: as they come, as long as there is room.
fn groups(segments: Vec<(SegmentId, u32)>) -> Vec<Vec<SegmentId>> {
    let (mut groups, mut room) = (Vec::<Vec<SegmentId>>::new(), 0);
    for (id, events) in segments {
        if let Some(group) = groups.last_mut().filter(|_| events <= room) {
            group.push(id);
            room -= events;
        } else {
            groups.push(vec![id]);
            room = SEGMENT_EVENTS_MAX.saturating_sub(events);
        }
    }
    groups
}
