//! Where the source is.

use axum::http::Uri;

use super::SourceError;

/// The address of a TheHive: scheme, host, port, and the folder that it is served under, if it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Without a slash at the end.
    pub(super) base: String,
    pub(super) host: String,
    /// What the source is called in ids and marks: the address without its scheme, so that a move to TLS changes nothing.
    pub(super) name: String,
    /// Whether whoever is on the way can read the key.
    pub(super) is_open: bool,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        let wrong = |reason: &str| SourceError::Address { url: shown(text), reason: reason.to_owned() };
        let uri: Uri =
            text.trim().parse().map_err(|_| wrong("expected https://host, https://host:port or with a path"))?;
        let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme));
        let scheme = scheme.ok_or_else(|| wrong("it begins with neither https:// nor http://"))?;
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong(
                "name and password do not belong into it: give a key, or --user and the password on standard input",
            ));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query: give only what comes before /api"));
        }
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v1").or_else(|| path.strip_suffix("/api")).unwrap_or(path);
        let authority = authority.as_str().to_ascii_lowercase();
        let host = uri.host().unwrap_or_default().to_owned();
        let is_open = scheme == "http" && !is_loopback(&host);
        Ok(Self { base: format!("{scheme}://{authority}{path}"), host, name: format!("{authority}{path}"), is_open })
    }
}

/// Returns the beginning of an address without what may be a password.
fn shown(text: &str) -> String {
    let bare = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    bare.chars().take(120).collect()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_in_all_their_forms() {
        let check = |text: &str, base: &str, name: &str, is_open: bool| {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (address.base.as_str(), address.name.as_str(), address.is_open),
                (base, name, is_open),
                "{text}"
            );
        };
        check("https://hive.example", "https://hive.example", "hive.example", false);
        check("https://Hive.example:9443/", "https://hive.example:9443", "hive.example:9443", false);
        check("http://10.0.0.5:9000/thehive/api/v1/", "http://10.0.0.5:9000/thehive", "10.0.0.5:9000/thehive", true);
        check("http://127.0.0.1:9000", "http://127.0.0.1:9000", "127.0.0.1:9000", false);
        check("http://[::1]:9000/api", "http://[::1]:9000", "[::1]:9000", false);
    }

    #[test]
    fn other_addresses_are_refused_and_no_password_is_repeated() {
        for bad in
            ["", "hive.example", "ftp://hive.example", "https://", "https://a/?x=1", "https://me:hidden@hive.example"]
        {
            let error = Address::parse(bad).unwrap_err().to_string();
            assert!(!error.contains("hidden"), "{error}");
        }
    }
}
