//! Certificates that the operator trusts besides the public ones, and what counts as this host.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::Path;

use crate::ConfigError;

/// How long a file of certificates may be.
const CA_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Returns the PEM text of a file of certificates.
pub(crate) fn read_ca_file(path: &Path) -> Result<Vec<u8>, ConfigError> {
    let failed = |reason: String| ConfigError::CaFile { path: path.to_owned(), reason };
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut pem = Vec::new();
    file.take(CA_BYTES_MAX + 1).read_to_end(&mut pem).map_err(|error| failed(error.to_string()))?;
    if pem.len() as u64 > CA_BYTES_MAX {
        return Err(failed("longer than 4 MiB".to_owned()));
    }
    Ok(pem)
}

/// Returns whether a server's name or address is this host: `localhost`, `127.0.0.0/8` or `::1`. No name is looked up.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
