//! Archives of what may be malware, taken apart with care: they come from attackers.

use std::io::Read;

use tokio::runtime::Handle;
use vigie_store::{Files, Upload, Uploaded};
use zip::ZipReadOptions;
use zip::read::{Config, ZipFile};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use crate::Fault;
use crate::body::{FormFile, bare_name};
use crate::door::Door;

/// How many files an archive holds at most.
pub(crate) const ENTRIES_MAX: usize = 100;
/// How many times longer than the archive the files may be all together, where that is more than [`RATIO_FROM`].
pub(crate) const RATIO_MAX: u64 = 100;
/// From how many bytes on the ratio counts: 1 MiB. A short text may be packed to next to nothing.
const RATIO_FROM: u64 = 1024 * 1024;
/// The password of archives of what may be malware, by custom.
const USUAL_PASSWORD: &str = "malware";
/// How much is read at a time, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Returns the files in an archive. Together they are no longer than one file may be.
pub(super) async fn unzip(door: &Door, archive: FormFile, password: Option<String>) -> Result<Vec<FormFile>, Fault> {
    let (files, bytes_max) = (door.files.clone(), door.house.file_bytes_max());
    let unpack = move || {
        let bytes_max = bytes_max.min(archive.uploaded.bytes.saturating_mul(RATIO_MAX).max(RATIO_FROM));
        let unpacking = Unpacking { files, runtime: Handle::current(), bytes_max, bytes_left: bytes_max };
        unpacking.all(&archive.uploaded, password.as_deref().unwrap_or(USUAL_PASSWORD))
    };
    match tokio::task::spawn_blocking(unpack).await {
        Ok(files) => files,
        Err(error) => Err(Fault::internal("unpack an archive", &error)),
    }
}

struct Unpacking {
    files: Files,
    runtime: Handle,
    bytes_max: u64,
    bytes_left: u64,
}

impl Unpacking {
    fn all(mut self, archive: &Uploaded, password: &str) -> Result<Vec<FormFile>, Fault> {
        // What is in it is counted before any of it is read.
        let mut entries = ZipIterable::try_new(archive.open()?, Config::default()).map_err(|error| wrong(&error))?;
        if entries.len() > ENTRIES_MAX {
            return Err(Fault::field("attachment", format!("the archive holds too many files: at most {ENTRIES_MAX}")));
        }
        let options = ZipReadOptions::new().password(Some(password.as_bytes()));
        let mut entries = entries.files_with_reader(archive.open()?, options).map_err(|error| wrong(&error))?;
        let mut unpacked = Vec::new();
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| wrong(&error))?;
            if entry.is_symlink() {
                return Err(Fault::field("attachment", "the archive holds a link: pack the files themselves"));
            }
            if !entry.is_dir() {
                unpacked.push(self.one(entry)?);
            }
        }
        if unpacked.is_empty() {
            return Err(Fault::field("attachment", "the archive holds no file"));
        }
        Ok(unpacked)
    }

    fn one<R: Read + std::io::Seek>(&mut self, mut entry: ZipFile<'_, R>) -> Result<FormFile, Fault> {
        let name = bare_name(&String::from_utf8_lossy(entry.name_raw()));
        if entry.size() > self.bytes_left {
            return Err(self.too_much());
        }
        let mut upload: Upload = self.runtime.block_on(self.files.begin(self.bytes_left))?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = entry.read(&mut piece).map_err(|error| broken(&name, &error))?;
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
        let bytes_max = self.bytes_max;
        Fault::too_large(format!("attachment: what is in the archive is too long: at most {bytes_max} bytes"))
    }
}

fn wrong(error: &ZipError) -> Fault {
    match error {
        ZipError::InvalidPassword => Fault::field("zipPassword", "it does not open the archive"),
        error => Fault::field("attachment", format!("the archive cannot be read: {error}")),
    }
}

fn broken(name: &str, error: &std::io::Error) -> Fault {
    let name: String = name.chars().take(80).collect();
    Fault::field("attachment", format!("{name} in the archive cannot be read: is the password right? {error}"))
}
