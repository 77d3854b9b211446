//! What detection remembers, on disk with the position in the log that it belongs to.
//!
//! The file `detection.state`, version 1; numbers are little-endian:
//!
//! ```text
//! "VGCP" version:u16 position:u64 checksum:8 state
//! ```
//!
//! `state` is what [`vigie_detect::Engine::snapshot`] returns; the checksum is the first 8 bytes of SHA-256 over version,
//! position and state. It is written beside and moved into place, so that there is always a whole one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use vigie_events::{LogPosition, fail_point};

const MAGIC: &[u8; 4] = b"VGCP";
const VERSION: u16 = 1;
const NAME: &str = "detection.state";
const HEAD_BYTES: usize = 22;

/// What detection remembers of everything before a position in the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) position: LogPosition,
    pub(crate) state: Vec<u8>,
}

/// Why a checkpoint cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckpointError {
    #[error("read `{path}`")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{path}` is damaged: what detection remembered is made anew of the log, as far back as that reaches")]
    Damaged { path: PathBuf },
}

impl Checkpoint {
    /// Reads the checkpoint in a folder; `None` where there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, CheckpointError> {
        let path = folder.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CheckpointError::Io { path, source }),
        };
        Self::parse(&bytes).map(Some).ok_or(CheckpointError::Damaged { path })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, state) = bytes.split_at_checked(HEAD_BYTES)?;
        let version = u16::from_le_bytes(head.get(4..6)?.try_into().ok()?);
        let position = u64::from_le_bytes(head.get(6..14)?.try_into().ok()?);
        let whole = head.starts_with(MAGIC) && version == VERSION && head.get(14..)? == checksum(position, state);
        whole.then(|| Self { position: LogPosition::new(position), state: state.to_vec() })
    }

    /// Writes the checkpoint; it is on disk when this returns, and the one before is there until then.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("detection.state.new");
        let position = self.position.get();
        let mut file = File::create(&new)?;
        file.write_all(MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        file.write_all(&position.to_le_bytes())?;
        file.write_all(&checksum(position, &self.state))?;
        fail_point("snapshot.half_written");
        file.write_all(&self.state)?;
        file.sync_all()?;
        fail_point("snapshot.before_rename");
        fs::rename(&new, folder.join(NAME))?;
        File::open(folder)?.sync_all()?;
        fail_point("snapshot.after_rename");
        Ok(())
    }
}

fn checksum(position: u64, state: &[u8]) -> [u8; 8] {
    let digest = Sha256::new()
        .chain_update(VERSION.to_le_bytes())
        .chain_update(position.to_le_bytes())
        .chain_update(state)
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_and_any_changed_byte_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), None);
        let checkpoint = Checkpoint { position: LogPosition::new(77), state: b"what is remembered".to_vec() };
        checkpoint.write(folder.path()).unwrap();
        assert_eq!(Checkpoint::read(folder.path()).unwrap(), Some(checkpoint));
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            assert!(matches!(Checkpoint::read(folder.path()), Err(CheckpointError::Damaged { .. })), "byte {place}");
            fs::write(&path, &whole[..place]).unwrap();
            assert!(matches!(Checkpoint::read(folder.path()), Err(CheckpointError::Damaged { .. })), "cut at {place}");
        }
    }

    #[test]
    fn the_form_on_disk_of_version_1_is_still_read() {
        let bytes = [
            b"VGCP\x01\x00\x4d\0\0\0\0\0\0\0".as_slice(),
            &hex::decode(FROZEN_CHECKSUM).unwrap(),
            b"what is remembered",
        ]
        .concat();
        let expected = Checkpoint { position: LogPosition::new(77), state: b"what is remembered".to_vec() };
        assert_eq!(Checkpoint::parse(&bytes), Some(expected));
    }

    const FROZEN_CHECKSUM: &str = "a121be6b191ee7bf";
}
