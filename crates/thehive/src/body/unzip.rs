//! Archives, taken apart with care: they come from attackers.

use std::io::Read;

use tokio::runtime::Handle;
use vigie_store::{Files, Upload, Uploaded};
use zip::ZipReadOptions;
use zip::read::{Config, ZipFile};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::form::{FormFile, bare_name};
use crate::Fault;
use crate::door::Door;

/// How many times longer than the archive the files may be all together, where that is more than [`RATIO_FROM`].
pub(crate) const RATIO_MAX: u64 = 100;
/// From how many bytes on the ratio counts: 1 MiB. A short text may be packed to next to nothing.
const RATIO_FROM: u64 = 1024 * 1024;
/// How much is read at a time, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// How much an archive may hold, and what errors call it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The part of the form that the archive came in.
    pub(crate) field: &'static str,
    /// The field of the password.
    pub(crate) password: &'static str,
    /// How many files at most.
    pub(crate) entries_max: usize,
    /// How many bytes, all together.
    pub(crate) bytes_max: u64,
}

/// Returns the files in an archive. Their names are without folders.
pub(crate) async fn unzip(
    door: &Door,
    archive: FormFile,
    password: String,
    limits: Limits,
) -> Result<Vec<FormFile>, Fault> {
    let files = door.files.clone();
    let unpack = move || {
        let ratio_max = archive.uploaded.bytes.saturating_mul(RATIO_MAX).max(RATIO_FROM);
        let limits = Limits { bytes_max: limits.bytes_max.min(ratio_max), ..limits };
        let unpacking = Unpacking { files, runtime: Handle::current(), limits, bytes_left: limits.bytes_max };
        unpacking.all(&archive.uploaded, &password)
    };
    match tokio::task::spawn_blocking(unpack).await {
        Ok(files) => files,
        Err(error) => Err(Fault::internal("unpack an archive", &error)),
    }
}

struct Unpacking {
    files: Files,
    runtime: Handle,
    limits: Limits,
    bytes_left: u64,
}

impl Unpacking {
    fn all(mut self, archive: &Uploaded, password: &str) -> Result<Vec<FormFile>, Fault> {
        let limits = self.limits;
        // What is in it is counted before any of it is read.
        let mut entries =
            ZipIterable::try_new(archive.open()?, Config::default()).map_err(|error| limits.wrong(&error))?;
        let Limits { field, entries_max, .. } = limits;
        if entries.len() > entries_max {
            return Err(Fault::field(field, format!("the archive holds too many files: at most {entries_max}")));
        }
        let options = ZipReadOptions::new().password(Some(password.as_bytes()));
        let mut entries = entries.files_with_reader(archive.open()?, options).map_err(|error| limits.wrong(&error))?;
        let mut unpacked = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| limits.wrong(&error))?;
            if entry.is_symlink() {
                return Err(Fault::field(field, "the archive holds a link: pack the files themselves"));
            }
            if !entry.is_dir() {
                unpacked.push(self.one(entry)?);
            }
        }
        if unpacked.is_empty() {
            return Err(Fault::field(field, "the archive holds no file"));
        }
        Ok(unpacked)
    }

    fn one<R: Read + std::io::Seek>(&mut self, mut entry: ZipFile<'_, R>) -> Result<FormFile, Fault> {
        let (limits, name) = (self.limits, bare_name(&String::from_utf8_lossy(entry.name_raw())));
        if entry.size() > self.bytes_left {
            return Err(self.too_much());
        }
        let mut upload: Upload = self.runtime.block_on(self.files.begin(self.bytes_left))?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = entry.read(&mut piece).map_err(|error| limits.broken(&name, &error))?;
            if read == 0 {
                break;
            }
            // An archive may say one size and hold another.
            self.bytes_left = self.bytes_left.checked_sub(read as u64).ok_or_else(|| self.too_much())?;
            self.runtime.block_on(upload.write(&piece[..read]))?;
        }
        let uploaded = self.runtime.block_on(upload.finish())?;
        Ok(FormFile { field: String::new(), name, media_type: "application/octet-stream".to_owned(), uploaded })
    }

    fn too_much(&self) -> Fault {
        let Limits { field, bytes_max, .. } = self.limits;
        Fault::too_large(format!("{field}: what is in the archive is too long: at most {bytes_max} bytes"))
    }
}

impl Limits {
    fn wrong(&self, error: &ZipError) -> Fault {
        match error {
            ZipError::InvalidPassword => Fault::field(self.password, "it does not open the archive"),
            error => Fault::field(self.field, format!("the archive cannot be read: {error}")),
        }
    }

    fn broken(&self, name: &str, error: &std::io::Error) -> Fault {
        let name: String = name.chars().take(80).collect();
        Fault::field(self.field, format!("{name} in the archive cannot be read: is the password right? {error}"))
    }
}
