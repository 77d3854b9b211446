//! Why events could not be exported.

use std::io;
use std::path::PathBuf;

use vigie_model::TenantId;

use crate::{PartitionError, SearchError};

/// Why events could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The filter makes no sense.
    #[error("the search cannot be carried out")]
    Search(#[from] SearchError),
    /// There is no such tenant here.
    #[error("there are no events of the tenant `{tenant}` in `{folder}`: check the tenant's name, and `data_folder`")]
    NoEvents {
        /// The tenant.
        tenant: TenantId,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A partition cannot be read.
    #[error("read the events in `{path}`")]
    Partition {
        /// The partition's folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: PartitionError,
    },
    /// The output is there already.
    #[error("`{path}` exists already: remove it, or name another file")]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// The output cannot be written.
    #[error("write `{path}`")]
    Write {
        /// The output.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
