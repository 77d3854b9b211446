//! Bodies and files to records: decompressed within limits, then split.

mod decode;
mod scan;
mod split;

pub use decode::{BodyLimits, DecodeError, decode_body};
pub use split::{BatchName, FAULTS_MAX, RECORDS_MAX, Split, split};

pub(crate) use scan::{array_elements, member, value_end};
