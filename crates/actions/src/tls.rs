//! Certificates that the operator trusts besides the public ones, and what counts as this host.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

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

/// Returns a client for one receiver: no redirects, no proxy, the public certificates or those of a file.
pub(crate) fn agent(ca_file: Option<&Path>, timeout_s: u64) -> Result<ureq::Agent, ConfigError> {
    let mut tls = TlsConfig::builder();
    if let Some(path) = ca_file {
        let failed = |reason: String| ConfigError::CaFile { path: path.to_owned(), reason };
        let mut trusted: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&read_ca_file(path)?) {
            if let PemItem::Certificate(certificate) = item.map_err(|error| failed(error.to_string()))? {
                trusted.push(certificate);
            }
        }
        if trusted.is_empty() {
            return Err(failed("no certificate in it".to_owned()));
        }
        tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
    }
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A proxy in the environment must not see what is sent; one that is needed belongs in the configuration.
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(timeout_s.clamp(1, 300))))
        .user_agent(concat!("vigie/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build())
        .build();
    Ok(config.new_agent())
}

/// Returns whether a server's name or address is this host: `localhost`, `127.0.0.0/8` or `::1`. No name is looked up.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
