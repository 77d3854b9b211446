//! From where the log must be read again: one small file for the whole index.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::LogPosition;
use crate::sealed::{self, Durability};

/// The name of the file in the folder of events.
pub(crate) const NAME: &str = "position.json";
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    version: u32,
    position: LogPosition,
}

/// Returns from where the log must be read again: its beginning where the file is missing or damaged. That costs time and
/// nothing else, for each partition knows by itself what it has.
pub(crate) fn read(folder: &Path) -> LogPosition {
    let path = folder.join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(path = %path.display(), "the position in the log cannot be read, so all of the log is read again: {error}");
            }
            return LogPosition::default();
        }
    };
    match sealed::unseal::<Note>(&bytes) {
        Ok(Note { version: VERSION, position }) => position,
        Ok(Note { version, .. }) => {
            tracing::warn!(path = %path.display(), version, "the position in the log is of an unknown version, so all of the log is read again");
            LogPosition::default()
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), "the position in the log is damaged, so all of the log is read again: {error}");
            LogPosition::default()
        }
    }
}

/// Replaces the position in one step.
pub(crate) fn write(folder: &Path, position: LogPosition) -> io::Result<()> {
    sealed::replace(folder, NAME, &sealed::seal(&Note { version: VERSION, position })?, Durability::Synced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_on_disk_are_frozen() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), LogPosition::default());
        write(folder.path(), LogPosition::new(42)).unwrap();
        let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert_eq!(text, r#"{"crc32":1527339548,"content":{"version":1,"position":42}}"#);
        assert_eq!(read(folder.path()), LogPosition::new(42));
    }

    #[test]
    fn a_changed_byte_sends_back_to_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), LogPosition::new(42)).unwrap();
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 1;
            fs::write(&path, bent).unwrap();
            assert_eq!(read(folder.path()), LogPosition::default());
        }
    }
}
