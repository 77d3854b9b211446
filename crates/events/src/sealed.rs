//! Small files of our own that say by themselves whether they are whole.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Returns a JSON text with its CRC-32 around it: `{"crc32":…,"content":…}`. One byte changed anywhere is noticed.
pub(crate) fn seal(content: &impl Serialize) -> io::Result<Vec<u8>> {
    seal_text(&serde_json::value::to_raw_value(content).map_err(io::Error::other)?)
}

/// Returns a text that is JSON already with its CRC-32 around it.
pub(crate) fn seal_text(content: &RawValue) -> io::Result<Vec<u8>> {
    let sealed = Sealed { crc32: crc32fast::hash(content.get().as_bytes()), content };
    serde_json::to_vec(&sealed).map_err(io::Error::other)
}

/// Returns what was sealed, or why it cannot be trusted.
pub(crate) fn unseal<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Broken> {
    Ok(serde_json::from_str(unseal_text(bytes)?)?)
}

/// Returns the text that was sealed, or why it cannot be trusted.
pub(crate) fn unseal_text(bytes: &[u8]) -> Result<&str, Broken> {
    let sealed: Sealed<'_> = serde_json::from_slice(bytes)?;
    if crc32fast::hash(sealed.content.get().as_bytes()) == sealed.crc32 {
        Ok(sealed.content.get())
    } else {
        Err(Broken::Checksum)
    }
}

/// Why a sealed file cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("its checksum does not fit")]
    Checksum,
    #[error("it is not in its form: {0}")]
    Form(#[from] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    crc32: u32,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// Whether a file must have reached the disk before a step counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It is on disk on return, and so is its name.
    Synced,
    /// A crash may leave the old one, or one that does not unseal.
    Lazy,
}

/// Replaces a file in one step: a reader finds the old one or the new one, whole.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8], durability: Durability) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    fs::rename(&new, folder.join(name))?;
    if durability == Durability::Synced {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = seal(&(7_u64, "text")).unwrap();
        assert_eq!(String::from_utf8_lossy(&sealed), r#"{"crc32":2427417346,"content":[7,"text"]}"#);
        assert_eq!(unseal::<(u64, String)>(&sealed).unwrap(), (7, "text".to_owned()));
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut bent = sealed.clone();
                bent[at] ^= 1 << bit;
                assert!(unseal::<(u64, String)>(&bent).is_err(), "{}", String::from_utf8_lossy(&bent));
            }
            assert!(unseal::<(u64, String)>(&sealed[..at]).is_err());
        }
    }
}
