//! The few calls that the log makes to write, in one place so that tests can let each of them fail.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a file that must not be there yet.
pub(super) fn create(path: &Path) -> io::Result<File> {
    fault::meet("create", || ())?;
    File::options().write(true).create_new(true).open(path)
}

/// Writes all bytes where the file stands.
pub(super) fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    #[cfg(debug_assertions)]
    if crate::failpoint::is_hit("log.torn_write") {
        let _ = file.write_all(&bytes[..bytes.len() / 2]);
        std::process::abort();
    }
    fault::meet("write", || {
        let _ = file.write_all(&bytes[..bytes.len() / 2]);
    })?;
    file.write_all(bytes)
}

/// Returns when what was written to the file is on the disk.
pub(super) fn sync(file: &File) -> io::Result<()> {
    fault::meet("sync", || ())?;
    file.sync_data()
}

/// Returns when the names in a folder are on the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fault::meet("sync_folder", || ())?;
    File::open(folder)?.sync_all()
}

/// Cuts a file off.
pub(super) fn cut(file: &File, bytes: u64) -> io::Result<()> {
    fault::meet("cut", || ())?;
    file.set_len(bytes)?;
    file.sync_all()
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fault::meet("remove", || ())?;
    fs::remove_file(path)
}

#[cfg(not(test))]
mod fault {
    /// Outside of tests nothing fails by itself.
    #[expect(clippy::unnecessary_wraps, reason = "in tests it does fail")]
    pub(super) fn meet(_call: &str, _half: impl FnOnce()) -> std::io::Result<()> {
        Ok(())
    }
}

/// Lets calls fail, in this thread only.
#[cfg(test)]
pub(super) mod fault {
    use std::cell::RefCell;
    use std::io;

    thread_local! {
        static FAULTS: RefCell<Vec<(&'static str, io::ErrorKind)>> = const { RefCell::new(Vec::new()) };
    }

    /// From now on these calls fail, each with its error, until this is called again.
    pub(in crate::log) fn set(faults: &[(&'static str, io::ErrorKind)]) {
        FAULTS.set(faults.to_vec());
    }

    pub(super) fn meet(call: &str, half: impl FnOnce()) -> io::Result<()> {
        let found = FAULTS.with_borrow(|faults| faults.iter().find(|(name, _)| *name == call).map(|(_, kind)| *kind));
        found.map_or(Ok(()), |kind| {
            half();
            Err(kind.into())
        })
    }
}
