//! Files that no attachment names are taken away.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use sqlx::QueryBuilder;

use super::{FileError, Files, Inner, TEMPORARY, blocking, failed, is_sha256};
use crate::error::Doing as _;
use crate::{Store, StoreError};

/// How many files are asked for in one statement.
const ASKED_MAX: usize = 500;

/// Where files are named.
const NAMES: [(&str, &str); 3] = [("attachments", "sha256"), ("reports", "html_sha256"), ("reports", "pdf_sha256")];

/// What a sweep took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many files.
    pub files: u64,
    /// How many bytes they had.
    pub bytes: u64,
}

impl Files {
    /// Takes away the files that no attachment names, and what broken uploads have left, where they are older than `age_min`.
    ///
    /// A file is in its place a moment before the row that names it is committed. `age_min` is far longer than a request
    /// may take, an hour say, and a file is looked at again, while nothing is put in its place, before it goes.
    ///
    /// # Errors
    /// [`FileError::Store`], [`FileError::Io`]; what was taken away until then was not needed.
    pub async fn sweep(&self, store: &Store, age_min: Duration) -> Result<Swept, FileError> {
        // The clock of the file system, which dates the files.
        let until = SystemTime::now().checked_sub(age_min).unwrap_or(SystemTime::UNIX_EPOCH);
        let inner = self.inner.clone();
        let (shelves, mut swept) = blocking(move || inner.sweep_temporary(until)).await?;
        for shelf in shelves {
            let (inner, name) = (self.inner.clone(), shelf.clone());
            let old = blocking(move || inner.old_files(&name, until)).await?;
            for asked in old.chunks(ASKED_MAX) {
                let used = store.files_in_use(asked).await?;
                let unused: Vec<String> = asked.iter().filter(|name| !used.contains(*name)).cloned().collect();
                let inner = self.inner.clone();
                let gone = blocking(move || inner.remove(&unused, until)).await?;
                swept = Swept { files: swept.files + gone.files, bytes: swept.bytes + gone.bytes };
            }
        }
        Ok(swept)
    }
}

impl Inner {
    /// Takes away what broken uploads have left. Returns the names of the folders that hold files.
    fn sweep_temporary(&self, until: SystemTime) -> Result<(Vec<String>, Swept), FileError> {
        let (mut shelves, mut swept) = (Vec::new(), Swept::default());
        for name in names(&self.folder)? {
            let path = self.folder.join(&name);
            if name.starts_with(TEMPORARY) && is_older(&path, until.min(self.opened)) {
                swept.add(&path);
            } else if name.len() == 2 && path.is_dir() {
                shelves.push(name);
            }
        }
        shelves.sort();
        Ok((shelves, swept))
    }

    /// Returns the SHA-256 of the files of one folder that are older.
    fn old_files(&self, shelf: &str, until: SystemTime) -> Result<Vec<String>, FileError> {
        let folder = self.folder.join(shelf);
        let old = names(&folder)?.into_iter().filter(|name| is_older(&folder.join(name), until));
        Ok(old.map(|name| format!("{shelf}{name}")).filter(|sha256| is_sha256(sha256)).collect())
    }

    /// Takes these files away, but for those that were put in their place again meanwhile.
    fn remove(&self, unused: &[String], until: SystemTime) -> Result<Swept, FileError> {
        let mut swept = Swept::default();
        for sha256 in unused {
            let path = self.path(sha256)?;
            let _placing = self.placing.lock().unwrap_or_else(PoisonError::into_inner);
            if is_older(&path, until) {
                swept.add(&path);
            }
        }
        Ok(swept)
    }
}

impl Swept {
    /// Takes a file away. One that cannot go is left for the next sweep.
    fn add(&mut self, path: &Path) {
        let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
        if fs::remove_file(path).is_ok() {
            self.files += 1;
            self.bytes += bytes;
        }
    }
}

impl Store {
    /// Returns those of these SHA-256 that an attachment names.
    async fn files_in_use(&self, asked: &[String]) -> Result<BTreeSet<String>, StoreError> {
        let mut query = QueryBuilder::new("");
        for (index, (table, column)) in NAMES.into_iter().enumerate() {
            query.push(if index > 0 { " UNION SELECT " } else { "SELECT " });
            query.push(column).push(" FROM ").push(table).push(" WHERE ").push(column).push(" IN (");
            let mut list = query.separated(", ");
            for sha256 in asked {
                list.push_bind(sha256.clone());
            }
            query.push(")");
        }
        let mut connection = self.read().await?;
        let used: Vec<String> =
            query.build_query_scalar().fetch_all(&mut *connection).await.doing("look which files are in use")?;
        Ok(used.into_iter().collect())
    }
}

fn names(folder: &Path) -> Result<Vec<String>, FileError> {
    let entries = fs::read_dir(folder).map_err(failed("list the folder of files"))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed("list the folder of files"))?;
        // What is not text was not put there by us.
        names.extend(entry.file_name().into_string().ok());
    }
    Ok(names)
}

/// Returns whether a file is there and was put there before that time.
fn is_older(path: &Path, until: SystemTime) -> bool {
    fs::metadata(path).and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified < until)
}
