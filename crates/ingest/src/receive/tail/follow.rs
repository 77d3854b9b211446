//! One file from where it stands to where it ends.

use std::io::{self, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use vigie_model::{BatchContext, Position, Record};

use super::checkpoint::{Checkpoint, HEAD_BYTES, Identity};
use super::{TailSettings, TailStart, pause};
use crate::receive::{Batch, BatchSender, Deframer, Frame, ReceiverCounters, add, arrival};
use crate::{RECORD_BYTES_MAX, Source};

/// How much is read, and acknowledged, at once.
const READ_BYTES: usize = 256 * 1024;
/// How far back the beginning of the last line is looked for.
const LINE_SEARCH_BYTES: u64 = 64 * 1024;
/// How long an acknowledgement is waited for after being told to stop.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How many files beside the followed one are looked at for its renamed self.
const SIBLINGS_MAX: usize = 1_000;

/// Why following a file ended.
pub(super) enum End {
    /// It was read to its end and has a successor, or was truncated.
    Finished,
    /// Something is to be tried again after a pause.
    Again,
    /// The pipeline is gone, or we were told to stop.
    Closed,
}

/// A file and where in it to go on.
pub(super) struct Located {
    file: File,
    identity: Identity,
    offset: u64,
}

/// Returns the file to read next: the one of the checkpoint, under its own or a rotated name, or else what stands at the
/// path; `None` where there is nothing yet.
pub(super) async fn locate(settings: &TailSettings, checkpoint: Option<&Checkpoint>) -> io::Result<Option<Located>> {
    let Some(checkpoint) = checkpoint else { return begin(settings, 0, settings.start).await };
    for path in candidates(&settings.path).await {
        let Ok(mut file) = File::open(&path).await else { continue };
        if is_same(&mut file, checkpoint).await? {
            let identity = checkpoint.identity.clone();
            return Ok(Some(Located { file, identity, offset: checkpoint.offset }));
        }
    }
    let located = begin(settings, checkpoint.identity.generation + 1, TailStart::Beginning).await?;
    if located.is_some() {
        info!(path = %settings.path.display(), "the file was replaced or truncated: reading it from its beginning");
    }
    Ok(located)
}

/// Returns the path itself and the files beside it whose names begin with its own, such as `auth.log.1`.
async fn candidates(path: &Path) -> Vec<PathBuf> {
    let mut paths = vec![path.to_owned()];
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return paths };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else { return paths };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let other = entry.file_name();
        if other != name && other.as_encoded_bytes().starts_with(name.as_encoded_bytes()) && paths.len() < SIBLINGS_MAX
        {
            paths.push(entry.path());
        }
    }
    paths
}

async fn is_same(file: &mut File, checkpoint: &Checkpoint) -> io::Result<bool> {
    let metadata = file.metadata().await?;
    let identity = &checkpoint.identity;
    let same_place = metadata.is_file() && metadata.dev() == identity.device && metadata.ino() == identity.inode;
    Ok(same_place && metadata.len() >= checkpoint.offset && has_head(file, identity).await?)
}

async fn has_head(file: &mut File, identity: &Identity) -> io::Result<bool> {
    let head = read_head(file, identity.head_bytes).await?;
    Ok(head.len() == identity.head_bytes && Identity::hash(&head) == identity.head_hash)
}

async fn read_head(file: &mut File, bytes: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(bytes.min(HEAD_BYTES));
    file.seek(SeekFrom::Start(0)).await?;
    file.take(bytes.min(HEAD_BYTES) as u64).read_to_end(&mut head).await?;
    Ok(head)
}

/// Returns the file at the path as one never seen before; `None` where there is none or it is empty, for an empty file
/// cannot be told from others.
async fn begin(settings: &TailSettings, generation: u64, start: TailStart) -> io::Result<Option<Located>> {
    let mut file = match File::open(&settings.path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata().await?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let head = read_head(&mut file, HEAD_BYTES).await?;
    if head.is_empty() {
        return Ok(None);
    }
    let identity = Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
        head_bytes: head.len(),
        head_hash: Identity::hash(&head),
        generation,
    };
    let offset = match start {
        TailStart::Beginning => 0,
        TailStart::End => last_line(&mut file, metadata.len()).await?,
    };
    Ok(Some(Located { file, identity, offset }))
}

/// Returns the offset after the last line break, so that a line half written is read whole later.
async fn last_line(file: &mut File, length: u64) -> io::Result<u64> {
    let from = length.saturating_sub(LINE_SEARCH_BYTES);
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(from)).await?;
    file.take(length - from).read_to_end(&mut last).await?;
    Ok(memchr::memrchr(b'\n', &last).map_or(length, |newline| from + newline as u64 + 1))
}

/// Reads one file and hands its lines on.
pub(super) struct Follower<'a> {
    pub(super) settings: &'a TailSettings,
    pub(super) source: &'a dyn Source,
    pub(super) sink: &'a BatchSender,
    pub(super) counters: &'a ReceiverCounters,
    pub(super) stop: &'a CancellationToken,
}

impl Follower<'_> {
    /// Reads the file until it ends for good, saving the checkpoint after every acknowledgement.
    pub(super) async fn follow(
        &self,
        mut located: Located,
        checkpoint_path: &Path,
        checkpoint: &mut Option<Checkpoint>,
    ) -> io::Result<End> {
        let mut mark = Checkpoint { identity: located.identity.clone(), offset: located.offset };
        if checkpoint.as_ref() != Some(&mark) {
            // Saved before the first line is handed on: a restart must find the same identity, or lines would double.
            mark.save(checkpoint_path).await?;
            *checkpoint = Some(mark.clone());
        }
        add(&self.counters.opened, 1);
        add(&self.counters.open, 1);
        let end = self.read_all(&mut located, checkpoint_path, &mut mark, checkpoint).await;
        self.counters.open.fetch_sub(1, Ordering::Relaxed);
        end
    }

    async fn read_all(
        &self,
        located: &mut Located,
        checkpoint_path: &Path,
        mark: &mut Checkpoint,
        checkpoint: &mut Option<Checkpoint>,
    ) -> io::Result<End> {
        let mut context = self.header(&mut located.file).await?;
        let mut deframer = Deframer::of_lines(RECORD_BYTES_MAX, located.offset);
        let mut at = located.file.seek(SeekFrom::Start(located.offset)).await?;
        let mut buffer = vec![0; READ_BYTES];
        let mut frames = Vec::new();
        let mut last_growth = Instant::now();
        loop {
            let length = located.file.read(&mut buffer).await?;
            let left =
                length == 0 && last_growth.elapsed() >= self.settings.rotate_wait && self.is_renamed(located).await;
            if length > 0 {
                add(&self.counters.bytes, length as u64);
                at += length as u64;
                last_growth = Instant::now();
                deframer.push(&buffer[..length], &mut frames);
            } else if left {
                deframer.finish(&mut frames);
            }
            match self.hand_on(&mut frames, &located.identity, &mut context).await {
                Handed::Safe => {}
                Handed::Unsafe => return Ok(End::Again),
                Handed::Closed => return Ok(End::Closed),
            }
            if mark.offset != deframer.resume_offset() {
                mark.offset = deframer.resume_offset();
                mark.save(checkpoint_path).await?;
                *checkpoint = Some(mark.clone());
            }
            if left {
                return self.leave(checkpoint_path, mark, checkpoint).await;
            }
            if self.stop.is_cancelled() {
                return Ok(End::Closed);
            }
            if length == 0 {
                pause(self.settings.poll, self.stop).await;
                if self.is_truncated(located, at).await? {
                    return Ok(End::Finished);
                }
                located.file.seek(SeekFrom::Start(at)).await?;
            }
        }
    }

    /// Moves the checkpoint from a file that is through to its successor.
    async fn leave(
        &self,
        checkpoint_path: &Path,
        mark: &Checkpoint,
        checkpoint: &mut Option<Checkpoint>,
    ) -> io::Result<End> {
        let generation = mark.identity.generation + 1;
        let Some(next) = begin(self.settings, generation, TailStart::Beginning).await? else {
            return Ok(End::Again);
        };
        let next = Checkpoint { identity: next.identity, offset: 0 };
        next.save(checkpoint_path).await?;
        info!(path = %self.settings.path.display(), "the file was rotated: following the new one");
        *checkpoint = Some(next);
        Ok(End::Finished)
    }

    /// Returns whether another file, one with something in it, stands at the path.
    async fn is_renamed(&self, located: &Located) -> bool {
        let Ok(metadata) = tokio::fs::metadata(&self.settings.path).await else { return false };
        let same = metadata.dev() == located.identity.device && metadata.ino() == located.identity.inode;
        !same && metadata.len() > 0
    }

    /// Returns whether the file is shorter than what was read, or begins otherwise than it did.
    async fn is_truncated(&self, located: &mut Located, at: u64) -> io::Result<bool> {
        let length = located.file.metadata().await?.len();
        Ok(length < at || (length > at && !has_head(&mut located.file, &located.identity).await?))
    }

    /// Returns the context that the file's first line gives, where it is a header.
    async fn header(&self, file: &mut File) -> io::Result<Option<Arc<BatchContext>>> {
        let mut first = Vec::new();
        file.seek(SeekFrom::Start(0)).await?;
        file.take(LINE_SEARCH_BYTES).read_to_end(&mut first).await?;
        let line = first.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
        Ok(self.source.is_header(line).then(|| context_of(Bytes::copy_from_slice(line))))
    }

    async fn hand_on(
        &self,
        frames: &mut Vec<Frame>,
        identity: &Identity,
        context: &mut Option<Arc<BatchContext>>,
    ) -> Handed {
        if frames.is_empty() {
            return Handed::Safe;
        }
        let mut batch = Batch::default();
        for frame in frames.drain(..) {
            match frame {
                Frame::Message(bytes, _) if self.source.is_header(&bytes) => *context = Some(context_of(bytes)),
                Frame::Message(bytes, offset) => {
                    batch.records.push(self.record(bytes, offset, identity, context.as_ref()));
                }
                Frame::Bad(bytes, offset, fault) => {
                    batch.dead.push(fault.letter(&self.record(bytes, offset, identity, context.as_ref())));
                }
            }
        }
        self.counters.count(&batch);
        let (done, acknowledged) = oneshot::channel();
        batch.done = Some(done);
        if self.sink.send(batch).await.is_err() {
            return Handed::Closed;
        }
        let safe = tokio::select! {
            safe = acknowledged => safe.is_ok(),
            () = self.patience() => return Handed::Closed,
        };
        if safe {
            return Handed::Safe;
        }
        warn!(path = %self.settings.path.display(), "lines were not acknowledged: they are offered again");
        Handed::Unsafe
    }

    /// Waits until told to stop, and then for as long as an acknowledgement may still take. Lines left behind are read
    /// again at the next start.
    async fn patience(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(STOP_GRACE).await;
    }

    fn record(&self, bytes: Bytes, offset: u64, identity: &Identity, context: Option<&Arc<BatchContext>>) -> Record {
        Record {
            tenant: self.settings.tenant.clone(),
            source: self.settings.source.clone(),
            position: Position::File { identity: identity.text(), offset },
            arrival: arrival(),
            bytes,
            context: context.cloned(),
        }
    }
}

/// What became of a batch.
enum Handed {
    Safe,
    Unsafe,
    Closed,
}

fn context_of(header: Bytes) -> Arc<BatchContext> {
    Arc::new(BatchContext { logsource: None, header: Some(header) })
}
