//! Values that must never be called malicious.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use vigie_model::ObservableKind as Kind;

use crate::kind::guess_kind;
use crate::networks::Networks;
use crate::parsed::{FAILED_MAX, LineError, one_line};
use crate::value::{canonical, network, url_host};
use crate::well_known::{ADDRESSES, HASHES, NETWORKS, RESERVED_SUFFIXES, SERVICE_NAMES, SERVICE_SUFFIXES};

const WELL_KNOWN: &str = "well-known service";

/// Values that must never be called malicious: indicators that name them are muted, observables that are on it say so.
/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct WarningList(Arc<Entries>);

#[derive(Debug, Clone, Default)]
struct Entries {
    reasons: Vec<String>,
    nets: Vec<(IpNet, usize)>,
    networks: Arc<Networks<usize>>,
    /// Names that match themselves.
    exact: HashMap<(Kind, String), usize>,
    /// Domain names that match themselves and everything below.
    suffixes: HashMap<String, usize>,
}

impl Entries {
    fn reason(&mut self, reason: &str) -> usize {
        if let Some(index) = self.reasons.iter().position(|known| known == reason) {
            return index;
        }
        self.reasons.push(reason.to_owned());
        self.reasons.len() - 1
    }
}

impl WarningList {
    /// Returns a list with nothing on it.
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns the built-in list: private, loopback, link-local, shared, multicast and reserved networks, public resolvers,
    /// reserved names, a few dozen well-known services and the empty file. The documentation networks (RFC 5737, RFC 3849)
    /// are not on it: training data uses them as attackers.
    pub fn builtin() -> Self {
        let mut entries = Entries::default();
        for (text, reason) in NETWORKS.into_iter().chain(ADDRESSES) {
            let reason = entries.reason(reason);
            let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            entries.nets.push((net.expect("a test reads every built-in network"), reason));
        }
        for (name, reason) in RESERVED_SUFFIXES.into_iter().chain(SERVICE_SUFFIXES.map(|name| (name, WELL_KNOWN))) {
            let reason = entries.reason(reason);
            entries.suffixes.insert(name.to_owned(), reason);
        }
        for name in SERVICE_NAMES {
            let reason = entries.reason(WELL_KNOWN);
            entries.exact.insert((Kind::Domain, name.to_owned()), reason);
            entries.exact.insert((Kind::Domain, format!("www.{name}")), reason);
        }
        for (hash, reason) in HASHES {
            let reason = entries.reason(reason);
            entries.exact.insert((Kind::Hash, hash.to_owned()), reason);
        }
        entries.networks = Arc::new(Networks::new(entries.nets.iter().copied()));
        Self(Arc::new(entries))
    }

    /// Adds the operator's own values and returns what is wrong with the lines that could not be read.
    ///
    /// One value on each line, of any kind that can be told from its form: `198.51.100.0/24 # our scanner`. What follows
    /// ` #` is the reason. A domain that begins with a dot, `.corp.example`, stands for everything below it too.
    pub fn add_text(&mut self, text: &str) -> Vec<LineError> {
        let mut failed = Vec::new();
        let entries = Arc::make_mut(&mut self.0);
        for (line, entry) in (1..).zip(text.lines()) {
            let (value, reason) = entry.split_once('#').unwrap_or((entry, ""));
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let reason = if reason.trim().is_empty() { "on the operator's list" } else { reason };
            let reason = entries.reason(&one_line(reason, 200));
            let added = add(entries, value, reason);
            if let Err(reason) = added
                && failed.len() < FAILED_MAX
            {
                failed.push(LineError { line, reason });
            }
        }
        entries.networks = Arc::new(Networks::new(entries.nets.iter().copied()));
        failed
    }

    /// Returns why a value in canonical form must not be called malicious, or `None` where nothing speaks against it.
    ///
    /// A network is on the list where one on the list holds all of it. A URL is where its host is an address on the list
    /// or a reserved name; a well-known service only for its bare front page, because files are shared through them. A mail
    /// address is where its domain is reserved.
    pub fn check(&self, kind: Kind, value: &str) -> Option<&str> {
        if let Some(reason) = self.0.exact.get(&(kind, value.to_owned())) {
            return self.reason(*reason);
        }
        match kind {
            Kind::Ip => self.check_network(value),
            Kind::Domain | Kind::Host => self.check_domain(value),
            Kind::Url => {
                let (host, path) = url_host(value)?;
                if host.parse::<IpAddr>().is_ok() {
                    return self.check_network(host);
                }
                let reason = self.check(Kind::Domain, host)?;
                (reason != WELL_KNOWN || matches!(path, "" | "/")).then_some(reason)
            }
            Kind::Mail => {
                let (_, host) = value.rsplit_once('@')?;
                self.check(Kind::Domain, host).filter(|reason| *reason != WELL_KNOWN)
            }
            _ => None,
        }
    }

    fn check_network(&self, value: &str) -> Option<&str> {
        let net = network(value).ok()?;
        let first = self.0.networks.holding(net.network()).find(|index| {
            let mut holders = self.0.nets.iter().filter(|(holder, reason)| reason == index && holder.contains(&net));
            holders.next().is_some()
        });
        self.reason(first?)
    }

    fn check_domain(&self, name: &str) -> Option<&str> {
        let mut rest = name;
        loop {
            if let Some(reason) = self.0.suffixes.get(rest) {
                return self.reason(*reason);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    fn reason(&self, index: usize) -> Option<&str> {
        self.0.reasons.get(index).map(String::as_str)
    }
}

fn add(entries: &mut Entries, value: &str, reason: usize) -> Result<(), String> {
    if let Some(name) = value.strip_prefix('.') {
        let name = canonical(Kind::Domain, name).or_else(|_| canonical(Kind::Host, name));
        entries.suffixes.insert(name.map_err(|error| error.to_string())?, reason);
        return Ok(());
    }
    let kind = guess_kind(value).ok_or_else(|| format!("cannot tell what `{}` is", one_line(value, 80)))?;
    if kind == Kind::Ip {
        entries.nets.push((network(value).map_err(|error| error.to_string())?, reason));
        return Ok(());
    }
    let value = canonical(kind, value).map_err(|error| error.to_string())?;
    entries.exact.insert((kind, value), reason);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, value: &str, expected: Option<&str>) {
        let mut list = WarningList::builtin();
        let failed = list.add_text("# ours\n198.51.100.10 # our scanner\n.vigie.fr\nexact.fr\n%%%\n");
        assert_eq!(failed.iter().map(|error| error.line).collect::<Vec<_>>(), [5]);
        assert_eq!(list.check(kind, value), expected, "{kind} {value}");
    }

    #[test]
    fn addresses() {
        check(Kind::Ip, "10.1.2.3", Some("private address (RFC 1918)"));
        check(Kind::Ip, "172.31.255.255", Some("private address (RFC 1918)"));
        check(Kind::Ip, "172.32.0.0", None);
        check(Kind::Ip, "100.64.0.1", Some("carrier-grade NAT (RFC 6598)"));
        check(Kind::Ip, "169.254.169.254", Some("link-local address (RFC 3927)"));
        check(Kind::Ip, "127.0.0.1", Some("loopback"));
        check(Kind::Ip, "::1", Some("loopback"));
        check(Kind::Ip, "fd00::1", Some("private address (RFC 4193)"));
        check(Kind::Ip, "239.255.255.250", Some("multicast"));
        check(Kind::Ip, "8.8.8.8", Some("public resolver (Google)"));
        check(Kind::Ip, "1.1.1.1", Some("public resolver (Cloudflare)"));
        check(Kind::Ip, "9.9.9.9", Some("public resolver (Quad9)"));
        check(Kind::Ip, "10.1.0.0/16", Some("private address (RFC 1918)"));
        check(Kind::Ip, "8.8.8.0/24", None);
        check(Kind::Ip, "198.51.100.10", Some("our scanner"));
    }

    #[test]
    fn documentation_networks_are_free() {
        for value in ["192.0.2.1", "198.51.100.1", "203.0.113.1", "203.0.113.0/24", "2001:db8::1"] {
            check(Kind::Ip, value, None);
        }
    }

    #[test]
    fn names() {
        check(Kind::Domain, "update.microsoft.com", Some(WELL_KNOWN));
        check(Kind::Domain, "notmicrosoft.com", None);
        check(Kind::Domain, "github.io", Some(WELL_KNOWN));
        check(Kind::Domain, "www.github.com", Some(WELL_KNOWN));
        check(Kind::Domain, "somebody.github.io", None);
        check(Kind::Domain, "c2.evil.example", Some("reserved for documentation (RFC 2606)"));
        check(Kind::Domain, "mail.vigie.fr", Some("on the operator's list"));
        check(Kind::Domain, "exact.fr", Some("on the operator's list"));
        check(Kind::Domain, "below.exact.fr", None);
        check(Kind::Host, "localhost", Some("loopback (RFC 2606)"));
    }

    #[test]
    fn others() {
        check(Kind::Url, "http://192.168.1.1/setup", Some("private address (RFC 1918)"));
        check(Kind::Url, "https://github.com/", Some(WELL_KNOWN));
        check(Kind::Url, "https://github.com/evil/loader.zip", None);
        check(Kind::Url, "https://[::1]:8080/", Some("loopback"));
        check(Kind::Mail, "a@example.org", Some("reserved for documentation (RFC 2606)"));
        check(Kind::Mail, "a@gmail.com", None);
        check(Kind::Hash, "d41d8cd98f00b204e9800998ecf8427e", Some("the empty file"));
        check(Kind::User, "root", None);
    }
}
