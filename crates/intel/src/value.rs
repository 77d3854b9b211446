//! The canonical form of a value, so that lists and logs meet.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;
use vigie_model::ObservableKind as Kind;

/// The longest value that is taken, in bytes.
pub const VALUE_BYTES_MAX: usize = 4_096;

/// The widest IPv4 network that a list may name, as a prefix length: a wider one is a slip that would match half the
/// Internet.
const V4_PREFIX_MIN: u8 = 8;
/// The widest IPv6 network that a list may name, as a prefix length.
const V6_PREFIX_MIN: u8 = 16;

/// A value that is not of the kind that it is said to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing is left of it.
    #[error("the value is empty")]
    Empty,
    /// It is longer than [`VALUE_BYTES_MAX`].
    #[error("the value has {0} bytes, more than {VALUE_BYTES_MAX}")]
    TooLong(usize),
    /// It does not have the form of its kind.
    #[error("`{value}` is not {expected}")]
    Malformed {
        /// The value, its first 80 characters.
        value: String,
        /// What was expected, in words.
        expected: &'static str,
    },
    /// It is a network that holds too much of the Internet.
    #[error("`{0}` is too wide a network: at least /{V4_PREFIX_MIN} for IPv4 and /{V6_PREFIX_MIN} for IPv6")]
    TooWide(IpNet),
}

fn malformed(value: &str, expected: &'static str) -> ValueError {
    ValueError::Malformed { value: value.chars().take(80).collect(), expected }
}

/// Returns a value as it was before somebody made it harmless to click: `hxxp://c2[.]example` is `http://c2.example`.
/// Understands `hxxp`, `h**p`, `[.]`, `(.)`, `{.}`, `[dot]`, `(dot)`, `[:]`, `[://]`, `[@]`, `[at]`, `(at)`.
pub fn refang(text: &str) -> Cow<'_, str> {
    const REPLACED: [(&str, &str); 14] = [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("{dot}", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[:/]", ":/"),
        ("[/]", "/"),
        ("[@]", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
        ("(@)", "@"),
    ];
    let mut plain = Cow::Borrowed(text);
    if text.contains(['[', '(', '{']) {
        for (written, meant) in REPLACED {
            let lower = plain.to_ascii_lowercase();
            if lower.contains(written) {
                plain = Cow::Owned(replace_any_case(&plain, &lower, written, meant));
            }
        }
    }
    let lower: String = plain.chars().take(6).collect::<String>().to_ascii_lowercase();
    // A scheme only: `hxxp.example` is a domain that somebody may own.
    let scheme = ["hxxp:", "hxxps:", "h**p:", "h**ps:"];
    if scheme.iter().any(|scheme| lower.starts_with(scheme)) {
        // All four characters are one byte each.
        plain = Cow::Owned(format!("http{}", &plain[4..]));
    }
    plain
}

/// `lower` is `text` in ASCII lower case, so byte positions are the same in both.
fn replace_any_case(text: &str, lower: &str, written: &str, meant: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in lower.match_indices(written) {
        out.push_str(&text[from..at]);
        out.push_str(meant);
        from = at + written.len();
    }
    out.push_str(&text[from..]);
    out
}

/// Returns a value in the canonical form of its kind, defanged or not.
///
/// Addresses are written as RFC 5952 says, IPv4 in IPv6 as IPv4, networks with their host bits zero and a network of one
/// address as that address; a port is dropped. Domains are lower case, in Punycode, without a final dot or a leading
/// `*.`. URLs have a lower-case scheme and host, no default port and no fragment; one without a scheme gets `http`.
/// Hashes are lower-case hex. Other values are only trimmed.
pub fn canonical(kind: Kind, text: &str) -> Result<String, ValueError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    if text.len() > VALUE_BYTES_MAX {
        return Err(ValueError::TooLong(text.len()));
    }
    match kind {
        Kind::Ip => network(&whole(text)?).map(written),
        Kind::Domain => domain(&whole(text)?),
        Kind::Url => url(&whole(text)?),
        Kind::Mail => mail(&whole(text)?),
        Kind::Hash => hash(text),
        Kind::Host => plain(text).map(|text| text.trim_end_matches('.').to_lowercase()),
        Kind::AwsKey => aws_key(text),
        Kind::AwsAccount => {
            let twelve = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            twelve.then(|| text.to_owned()).ok_or_else(|| malformed(text, "an AWS account of twelve digits"))
        }
        Kind::AwsInstance => {
            let digits = text.strip_prefix("i-").unwrap_or_default();
            let valid = matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            valid.then(|| text.to_ascii_lowercase()).ok_or_else(|| malformed(text, "an EC2 instance id"))
        }
        Kind::AwsArn => {
            let valid = text.starts_with("arn:") && text.split(':').count() >= 6;
            valid.then(|| text.to_owned()).ok_or_else(|| malformed(text, "an Amazon Resource Name"))
        }
        Kind::AwsBucket | Kind::User | Kind::File | Kind::Process | Kind::UserAgent | Kind::Other => plain(text),
    }
}

/// Returns a value refanged. One that is defanged inside its own brackets is refused: what came of it would be read as
/// something else the next time.
fn whole(text: &str) -> Result<Cow<'_, str>, ValueError> {
    let plain = refang(text);
    if refang(&plain) != plain {
        return Err(malformed(text, "defanged in a way that can be taken back"));
    }
    Ok(plain)
}

/// Returns the network or address that a value names, host bits zero.
pub(crate) fn network(text: &str) -> Result<IpNet, ValueError> {
    let expected = "an IP address or a network such as 203.0.113.0/24";
    let net = match text.split_once('/') {
        Some(_) => text.parse::<IpNet>().map_err(|_| malformed(text, expected))?.trunc(),
        None => IpNet::from(address(text).ok_or_else(|| malformed(text, expected))?),
    };
    let prefix_min = if net.addr().is_ipv4() { V4_PREFIX_MIN } else { V6_PREFIX_MIN };
    if net.prefix_len() < prefix_min {
        return Err(ValueError::TooWide(net));
    }
    Ok(net)
}

fn address(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<std::net::SocketAddr>().ok()?.ip()))?;
    Some(ip.to_canonical())
}

fn written(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        return net.addr().to_string();
    }
    net.to_string()
}

fn domain(text: &str) -> Result<String, ValueError> {
    let expected = "a domain name of at least two labels";
    let name = text.trim_end_matches('.');
    let name = name.strip_prefix("*.").unwrap_or(name).trim_start_matches('.');
    let ascii = idna::domain_to_ascii(name).map_err(|_| malformed(text, expected))?;
    let labels: Vec<&str> = ascii.split('.').collect();
    let label_ok = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let numeric_end = labels.last().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if ascii.len() > 253 || labels.len() < 2 || numeric_end || !labels.iter().all(label_ok) {
        return Err(malformed(text, expected));
    }
    Ok(ascii)
}

fn url(text: &str) -> Result<String, ValueError> {
    let fail = || malformed(text, "a URL with a host");
    if text.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(fail());
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), text),
    };
    let scheme_ok = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !scheme_ok {
        return Err(fail());
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
    let (login, place) = authority.rsplit_once('@').map_or(("", authority), |(login, place)| (login, place));
    let (host, port) = host_and_port(place).ok_or_else(fail)?;
    let port = match (scheme.as_str(), port) {
        (_, None) | ("http", Some(80)) | ("https", Some(443)) | ("ftp", Some(21)) => String::new(),
        (_, Some(port)) => format!(":{port}"),
    };
    let at = if login.is_empty() { "" } else { "@" };
    let slash = if tail.starts_with('/') { "" } else { "/" };
    Ok(format!("{scheme}://{login}{at}{host}{port}{slash}{tail}"))
}

/// Returns the canonical host, in brackets for IPv6, and the port.
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (inside, after) = rest.split_once(']')?;
        let ip: std::net::Ipv6Addr = inside.parse().ok()?;
        return Some((format!("[{ip}]"), port_of(after).ok()?));
    }
    let (host, port) = place.split_at(place.rfind(':').unwrap_or(place.len()));
    let port = port_of(port).ok()?;
    // IPv6 outside brackets cannot be told from its port (RFC 3986, section 3.2.2).
    let host = match host.parse::<std::net::Ipv4Addr>() {
        Ok(ip) => ip.to_string(),
        // A host of one label is refused as an indicator's domain but is common in URLs of one's own network.
        Err(_) => domain(host).ok().or_else(|| single_label(host))?,
    };
    Some((host, port))
}

fn single_label(host: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let host = host.trim_end_matches('.');
    (!host.is_empty() && host.len() <= 63 && host.bytes().all(plain)).then(|| host.to_ascii_lowercase())
}

/// A port that is not a number up to 65,535.
struct BadPort;

/// Reads `:443`, or nothing.
fn port_of(text: &str) -> Result<Option<u16>, BadPort> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(None),
        None => Err(BadPort),
        Some("") => Ok(None),
        Some(digits) => digits.parse().map(Some).map_err(|_| BadPort),
    }
}

fn mail(text: &str) -> Result<String, ValueError> {
    let fail = || malformed(text, "a mail address");
    let (name, host) = text.rsplit_once('@').ok_or_else(fail)?;
    if name.is_empty() || name.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(fail());
    }
    Ok(format!("{}@{}", name.to_lowercase(), domain(host).map_err(|_| fail())?))
}

fn hash(text: &str) -> Result<String, ValueError> {
    let valid = matches!(text.len(), 32 | 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| text.to_ascii_lowercase()).ok_or_else(|| malformed(text, "an MD5, SHA-1 or SHA-256 in hex"))
}

fn aws_key(text: &str) -> Result<String, ValueError> {
    let upper = text.to_ascii_uppercase();
    let valid = upper.len() == 20
        && (upper.starts_with("AKIA") || upper.starts_with("ASIA"))
        && upper.bytes().all(|byte| byte.is_ascii_alphanumeric());
    valid.then_some(upper).ok_or_else(|| malformed(text, "an AWS access key id"))
}

fn plain(text: &str) -> Result<String, ValueError> {
    if text.chars().any(char::is_control) {
        return Err(malformed(&text.replace(char::is_control, " "), "one line of printable text"));
    }
    Ok(text.to_owned())
}

/// Returns the host of a canonical URL, without brackets, and what comes after it.
pub(crate) fn url_host(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '\\']).unwrap_or(rest.len()));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if let Some(inside) = place.strip_prefix('[') {
        return Some((inside.split(']').next()?, tail));
    }
    Some((place.split(':').next()?, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, text: &str, expected: Option<&str>) {
        assert_eq!(canonical(kind, text).ok().as_deref(), expected, "{kind} {text}");
    }

    #[test]
    fn addresses() {
        check(Kind::Ip, " 203.0.113.7 ", Some("203.0.113.7"));
        check(Kind::Ip, "203[.]0(.)113[dot]7", Some("203.0.113.7"));
        check(Kind::Ip, "203.0.113.77/24", Some("203.0.113.0/24"));
        check(Kind::Ip, "203.0.113.7/32", Some("203.0.113.7"));
        check(Kind::Ip, "203.0.113.7:8080", Some("203.0.113.7"));
        check(Kind::Ip, "2001:0DB8:0:0::1", Some("2001:db8::1"));
        check(Kind::Ip, "[2001:db8::1]:443", Some("2001:db8::1"));
        check(Kind::Ip, "::ffff:203.0.113.7", Some("203.0.113.7"));
        check(Kind::Ip, "2001:db8::/32", Some("2001:db8::/32"));
        check(Kind::Ip, "0.0.0.0/0", None);
        check(Kind::Ip, "::/0", None);
        check(Kind::Ip, "999.1.1.1", None);
        check(Kind::Ip, "010.1.1.1", None);
    }

    #[test]
    fn names() {
        // Found by fuzzing: it came out as `http.example`.
        check(Kind::Domain, ".hxxp.example", Some("hxxp.example"));
        check(Kind::Domain, "C2[.]Evil[DOT]Example.", Some("c2.evil.example"));
        check(Kind::Domain, "*.evil.example", Some("evil.example"));
        check(Kind::Domain, "bücher.example", Some("xn--bcher-kva.example"));
        check(Kind::Domain, "_dmarc.evil.example", Some("_dmarc.evil.example"));
        check(Kind::Domain, "com", None);
        check(Kind::Domain, "203.0.113.7", None);
        check(Kind::Domain, "a..example", None);
        check(Kind::Domain, "evil.example/x", None);
        check(Kind::Mail, "Bill[at]Evil[.]Example", Some("bill@evil.example"));
        check(Kind::Mail, "nobody", None);
    }

    #[test]
    fn urls() {
        check(Kind::Url, "hXXps://C2[.]Example:443/Gate.php?x=1#top", Some("https://c2.example/Gate.php?x=1"));
        check(Kind::Url, "hxxp[://]c2[.]example", Some("http://c2.example/"));
        check(Kind::Url, "c2.example/a", Some("http://c2.example/a"));
        check(Kind::Url, "http://c2.example?x=/", Some("http://c2.example/?x=/"));
        check(Kind::Url, "http://[2001:DB8::1]:8080/a", Some("http://[2001:db8::1]:8080/a"));
        check(Kind::Url, "http://user:pass@c2.example/", Some("http://user:pass@c2.example/"));
        check(Kind::Url, "http://intranet/wiki", Some("http://intranet/wiki"));
        check(Kind::Url, "http:///etc/passwd", None);
        check(Kind::Url, "/etc/passwd", None);
        check(Kind::Url, "http://c2.example:99999/", None);
        // Found by fuzzing: brackets in brackets came out as what is defanged still.
        check(Kind::Mail, "[[:]]@c2.example", None);
        // Found by fuzzing: an IPv6 address outside brackets came out as what could not be read again.
        check(Kind::Url, "http://2001:db8:::/32", None);
        check(Kind::Url, ":::/", None);
    }

    #[test]
    fn hosts_of_urls() {
        assert_eq!(url_host("http://u:p@c2.example:81/a"), Some(("c2.example", "/a")));
        assert_eq!(url_host("http://[2001:db8::1]:81/"), Some(("2001:db8::1", "/")));
    }

    #[test]
    fn others() {
        check(Kind::Hash, "D41D8CD98F00B204E9800998ECF8427E", Some("d41d8cd98f00b204e9800998ecf8427e"));
        check(Kind::Hash, "d41d8", None);
        check(Kind::AwsKey, "akiaiosfodnn7example", Some("AKIAIOSFODNN7EXAMPLE"));
        check(Kind::AwsAccount, "1234", None);
        check(Kind::UserAgent, " sqlmap/1.7 ", Some("sqlmap/1.7"));
        check(Kind::User, "a\u{7}b", None);
        check(Kind::Other, "", None);
        check(Kind::Other, &"x".repeat(VALUE_BYTES_MAX), Some(&"x".repeat(VALUE_BYTES_MAX)));
        check(Kind::Other, &"x".repeat(VALUE_BYTES_MAX + 1), None);
    }
}
