//! How far a file has been read, kept across restarts.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use vigie_model::{SourceName, TenantId};

/// How much of a file's beginning tells it from others.
pub(super) const HEAD_BYTES: usize = 256;
/// How large a checkpoint may be; ours have a tenth of this.
const CHECKPOINT_BYTES_MAX: u64 = 4_096;

/// What tells one file from others, under any name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    /// How many bytes at the beginning are hashed: at most [`HEAD_BYTES`], fewer where the file had fewer at first.
    pub(super) head_bytes: usize,
    pub(super) head_hash: String,
    /// One more for every file that was begun under this checkpoint: inodes come back, and a truncated file keeps its own.
    pub(super) generation: u64,
}

impl Identity {
    /// Returns the hash of a beginning, as identities keep it.
    pub(super) fn hash(head: &[u8]) -> String {
        hex::encode(&Sha256::digest(head)[..8])
    }

    /// Returns the text that positions carry.
    pub(super) fn text(&self) -> String {
        let Self { device, inode, head_bytes, head_hash, generation } = self;
        format!("{device:x}-{inode:x}-{head_bytes}-{head_hash}-{generation}")
    }
}

/// How far a file has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) identity: Identity,
    /// Bytes whose lines were all acknowledged.
    pub(super) offset: u64,
}

impl Checkpoint {
    /// Returns the checkpoint at this path, or `None` where there is none yet.
    pub(super) async fn load(path: &Path) -> io::Result<Option<Self>> {
        let length = match tokio::fs::metadata(path).await {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if length > CHECKPOINT_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than any checkpoint"));
        }
        Ok(Some(serde_json::from_slice(&tokio::fs::read(path).await?)?))
    }

    /// Writes the checkpoint so that a crash leaves the old one or the new one, never half of either.
    pub(super) async fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        let path = path.to_owned();
        let write = move || {
            let new = path.with_extension("new");
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::File::create(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&new, &path)
        };
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
    }
}

/// Returns where the checkpoint of a tenant's file is kept: a readable name and a hash that makes it unique.
pub(super) fn path_of(folder: &Path, tenant: &TenantId, source: &SourceName, path: &Path) -> PathBuf {
    let mut hasher = Sha256::new();
    for part in
        [tenant.as_str().as_bytes(), b"\0", source.as_str().as_bytes(), b"\0", path.as_os_str().as_encoded_bytes()]
    {
        hasher.update(part);
    }
    let readable: String = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
        .chars()
        .filter(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_'))
        .take(60)
        .collect();
    folder.join(format!("{readable}-{}.json", hex::encode(&hasher.finalize()[..8])))
}
