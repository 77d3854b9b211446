//! Segment files: their names, their headers, and which of them a folder has.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{LogError, LogPosition, disk};

/// What each segment begins with: magic, version, key, first position, continued position, zeros, CRC-32.
pub(super) const HEADER_BYTES: usize = 64;
/// The format that this version writes.
pub(super) const VERSION: u32 = 1;
const MAGIC: &[u8; 8] = b"VIGIELOG";

/// A segment file, as far as its name and header say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// The position of its first frame.
    pub(super) first: LogPosition,
    /// Where the log stood when it was begun: what older segments hold at or after this position does not count.
    pub(super) continues: LogPosition,
    /// What its frames are known by; `None` where the header is damaged.
    pub(super) key: Option<u32>,
    /// How long the file is, header included.
    pub(super) bytes: u64,
}

impl Segment {
    /// Returns a segment to be made, with a key that nobody outside can know.
    pub(super) fn new(folder: &Path, first: LogPosition, continues: LogPosition) -> Self {
        // The standard library's maps are keyed from the system's randomness; that is all that is asked for here.
        let key = RandomState::new().build_hasher().finish() as u32;
        Self { path: path_of(folder, first), first, continues, key: Some(key), bytes: HEADER_BYTES as u64 }
    }

    pub(super) fn header(&self) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        header[12..16].copy_from_slice(&self.key.unwrap_or_default().to_le_bytes());
        header[16..24].copy_from_slice(&self.first.get().to_le_bytes());
        header[24..32].copy_from_slice(&self.continues.get().to_le_bytes());
        let crc = crc32fast::hash(&header[..60]);
        header[60..].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// Returns where its frames end, by the length of the file.
    pub(super) fn end(&self) -> LogPosition {
        self.first.plus(self.bytes.saturating_sub(HEADER_BYTES as u64))
    }

    /// Returns the segment that a file's name and header tell of.
    fn read(path: PathBuf, first: LogPosition) -> Result<Self, LogError> {
        let read = || -> io::Result<(u64, Vec<u8>)> {
            let file = File::open(&path)?;
            let bytes = file.metadata()?.len();
            let mut header = Vec::with_capacity(HEADER_BYTES);
            file.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
            Ok((bytes, header))
        };
        let (bytes, header) = read().map_err(|error| LogError::io("read the log segment", &path, error))?;
        let mut segment = Self { path, first, continues: first, key: None, bytes };
        let Ok(header) = <[u8; HEADER_BYTES]>::try_from(header) else { return Ok(segment) };
        let four = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let eight = |at: usize| u64::from(four(at)) | u64::from(four(at + 4)) << 32;
        if header[..8] != *MAGIC || crc32fast::hash(&header[..60]) != four(60) {
            return Ok(segment);
        }
        if four(8) > VERSION {
            return Err(LogError::Version { path: segment.path, version: four(8), known: VERSION });
        }
        if eight(16) == first.get() {
            segment.key = Some(four(12));
            segment.continues = LogPosition::new(eight(24)).min(first);
        }
        Ok(segment)
    }
}

/// Makes a segment file with its header. Neither is on the disk before file and folder are synced.
pub(super) fn begin(folder: &Path, first: LogPosition, continues: LogPosition) -> Result<(Segment, File), LogError> {
    let segment = Segment::new(folder, first, continues);
    let failed = |error| LogError::io("make the log segment", &segment.path, error);
    let mut file = disk::create(&segment.path).map_err(failed)?;
    if let Err(error) = disk::write(&mut file, &segment.header()) {
        // A file of that name would not be in the way: positions only grow.
        let _ = disk::remove(&segment.path);
        return Err(failed(error));
    }
    Ok((segment, file))
}

fn path_of(folder: &Path, first: LogPosition) -> PathBuf {
    folder.join(format!("{:016x}.log", first.get()))
}

/// Returns the segments of a folder, in order. What else lies there is somebody else's and left alone.
pub(super) fn list(folder: &Path) -> Result<Vec<Segment>, LogError> {
    let names = || -> io::Result<Vec<(LogPosition, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if let Some(first) = first_of(&path).filter(|_| path.is_file()) {
                found.push((first, path));
            }
        }
        Ok(found)
    };
    let mut found = names().map_err(|error| LogError::io("read the log folder", folder, error))?;
    found.sort();
    found.into_iter().map(|(first, path)| Segment::read(path, first)).collect()
}

/// Returns the position that a segment file's name tells, or `None` where it is not the name of one.
fn first_of(path: &Path) -> Option<LogPosition> {
    let digits = path.file_name()?.to_str()?.strip_suffix(".log")?;
    let plain = digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    u64::from_str_radix(digits, 16).ok().filter(|_| plain).map(LogPosition::new)
}
