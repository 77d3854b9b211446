//! Observables in free text: addresses, domains, URLs, hashes, mail addresses and AWS keys, also where somebody has made
//! them harmless (`hxxps://`, `203[.]0[.]113[.]7`, `user[at]example[.]com`).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;
use vigie_model::{Case, EntityRole, Observable, ObservableKind, Stamp, Timestamp};

use crate::ChangeError;
use crate::change::said;
use crate::links::Warnings;

/// How much of a text is read, in bytes: 256 KiB.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;
/// How many observables are taken from one text.
pub const OBSERVABLES_MAX: usize = 1_000;
/// How long a value may be, in characters.
pub(crate) const VALUE_CHARS_MAX: usize = 4_096;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is ours and a test uses it")
}

static URL: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?i)\b(?:https?|ftp)://[^\s<>"'`|\\^{}\[\]]+"#));
static MAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}\b"));
static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:[a-f0-9]{64}|[a-f0-9]{40}|[a-f0-9]{32})\b"));
static AWS_KEY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"));
static IPV4: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b\d{1,3}(?:\.\d{1,3})+\b"));
static IPV6: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*"));
static DOMAIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\b"));
static DOT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\s?(?:[\[({](?:\.|dot)[\])}]|\\\.)\s?"));
static AT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\s?[\[({](?:@|at)[\])}]\s?"));
static COLON: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\[({](:|://)[\])}]"));
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:h(?:xx|\*\*|tt)p(s?)|(fxp|ftp))(?:://|:\\\\)"));

/// Endings of file names that are no top-level domains, or hardly ever meant as such.
const FILE_ENDINGS: [&str; 76] = [
    "7z", "asp", "aspx", "bak", "bash", "bat", "bin", "bmp", "c", "cfg", "class", "cmd", "conf", "cpp", "crt", "csv",
    "db", "dll", "doc", "docx", "elf", "eml", "evtx", "exe", "gif", "go", "gz", "h", "hta", "htm", "html", "ini",
    "iso", "jar", "java", "jpeg", "jpg", "js", "json", "jsp", "key", "lnk", "lock", "log", "md", "msi", "ndjson",
    "pcap", "pdf", "pem", "php", "png", "ppt", "pptx", "ps1", "py", "rar", "rs", "service", "sh", "so", "socket",
    "sql", "svg", "sys", "tar", "tgz", "tmp", "toml", "txt", "vbs", "xls", "xlsx", "xml", "yaml", "yml",
];

/// Returns what is worth looking at in a text, each value once in its canonical form, sorted. Of a text longer than
/// [`TEXT_BYTES_MAX`] the beginning is read.
pub fn extract(text: &str) -> Vec<(ObservableKind, String)> {
    let mut text = refang(&text[..text.floor_char_boundary(TEXT_BYTES_MAX)]);
    let mut found = BTreeSet::new();
    take(&mut text, &URL, &mut found, url);
    take(&mut text, &MAIL, &mut found, |mail, found| {
        found.insert((ObservableKind::Mail, mail.to_ascii_lowercase()));
        mail.len()
    });
    take(&mut text, &HASH, &mut found, |hash, found| {
        found.insert((ObservableKind::Hash, hash.to_ascii_lowercase()));
        hash.len()
    });
    take(&mut text, &AWS_KEY, &mut found, |key, found| {
        found.insert((ObservableKind::AwsKey, key.to_owned()));
        key.len()
    });
    for candidate in IPV6.find_iter(&text) {
        let stands_alone = !text[..candidate.start()]
            .ends_with(|before: char| before.is_alphanumeric() || before == '_')
            && !text[candidate.end()..].starts_with(|after: char| after.is_alphanumeric() || after == '_');
        found.extend(stands_alone.then(|| ipv6(candidate.as_str())).flatten());
    }
    for candidate in IPV4.find_iter(&text) {
        // Four numbers, not the middle of five: those are versions and object ids.
        if let Ok(address) = candidate.as_str().parse::<Ipv4Addr>() {
            found.insert((ObservableKind::Ip, address.to_string()));
        }
    }
    for candidate in DOMAIN.find_iter(&text) {
        found.extend(domain(candidate.as_str()));
    }
    found.into_iter().take(OBSERVABLES_MAX).collect()
}

/// Returns the text with what was made harmless made whole again.
pub fn refang(text: &str) -> String {
    let text = DOT.replace_all(text, ".");
    let text = AT.replace_all(&text, "@");
    let text = COLON.replace_all(&text, "$1");
    let whole = |found: &regex::Captures<'_>| {
        let secure = found.get(1).map_or("", |letter| letter.as_str());
        if found.get(2).is_some() { "ftp://".to_owned() } else { format!("http{}://", secure.to_ascii_lowercase()) }
    };
    SCHEME.replace_all(&text, whole).into_owned()
}

/// Returns an observable that an analyst puts on a case by hand. The value is taken in its canonical form.
pub fn observable_of(
    case: &Case,
    kind: ObservableKind,
    value: &str,
    warnings: Warnings<'_>,
    now: Timestamp,
) -> Result<Observable, ChangeError> {
    let value = canonical(kind, &said("value", value, VALUE_CHARS_MAX)?);
    Ok(Observable {
        id: Observable::id_of(case.id.into(), kind.as_str(), &value),
        tenant: case.tenant.clone(),
        on: case.id.into(),
        kind,
        data_type: None,
        attachment: None,
        role: EntityRole::Related,
        ioc: false,
        warning: warnings(kind, &value),
        value,
        context: Vec::new(),
        tlp: case.tlp,
        pap: case.pap,
        tags: Vec::new(),
        message: None,
        sighted: None,
        unlike: false,
        first_seen: now,
        last_seen: now,
        stamp: Some(Stamp::new("", now)),
    })
}

pub(crate) fn canonical(kind: ObservableKind, value: &str) -> String {
    match kind {
        ObservableKind::Ip => {
            let value = refang(value);
            value.parse::<IpAddr>().map_or(value, |address| address.to_canonical().to_string())
        }
        ObservableKind::Domain | ObservableKind::Mail => refang(value).trim_end_matches('.').to_ascii_lowercase(),
        ObservableKind::Hash => value.to_ascii_lowercase(),
        ObservableKind::Url => refang(value),
        _ => value.to_owned(),
    }
}

type Found = BTreeSet<(ObservableKind, String)>;

/// Takes every match out of the text, so that a later pattern does not see parts of it. `read` returns how many bytes of
/// the match it took.
fn take(text: &mut String, pattern: &Regex, found: &mut Found, read: impl Fn(&str, &mut Found) -> usize) {
    let mut rest = String::with_capacity(text.len());
    let mut end = 0;
    for candidate in pattern.find_iter(text) {
        rest.push_str(&text[end..candidate.start()]);
        rest.push(' ');
        end = candidate.start() + read(candidate.as_str(), found);
    }
    rest.push_str(&text[end..]);
    *text = rest;
}

fn url(text: &str, found: &mut Found) -> usize {
    // Punctuation and brackets at the end are the sentence's, but for a bracket that the URL itself opened.
    let mut url = text.trim_end_matches(['.', ',', ';', ':', '!', '?']);
    while url.ends_with(')') && url.matches('(').count() < url.matches(')').count() {
        url = url[..url.len() - 1].trim_end_matches(['.', ',', ';', ':', '!', '?']);
    }
    let Some((scheme, rest)) = url.split_once("://") else { return text.len() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default().trim_matches('.');
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        found.insert((ObservableKind::Ip, address.to_string()));
    } else if name.contains('.') {
        found.insert((ObservableKind::Domain, name.to_ascii_lowercase()));
    } else if name.is_empty() {
        return url.len().max(1);
    }
    found.insert((ObservableKind::Url, format!("{}://{rest}", scheme.to_ascii_lowercase())));
    url.len()
}

fn ipv6(text: &str) -> Option<(ObservableKind, String)> {
    let text = text.trim_end_matches(['.', ',']);
    let address = text.parse::<Ipv6Addr>().or_else(|_| text.trim_end_matches(':').parse()).ok()?;
    // `std::` and `face::bad` are addresses by the letter only.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || address.is_unspecified() {
        return None;
    }
    Some((ObservableKind::Ip, IpAddr::V6(address).to_canonical().to_string()))
}

fn domain(text: &str) -> Option<(ObservableKind, String)> {
    let domain = text.to_ascii_lowercase();
    let (_, ending) = domain.rsplit_once('.')?;
    let is_ending = ending.starts_with("xn--") || ending.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_name = is_ending && !FILE_ENDINGS.contains(&ending) && domain.len() <= 253;
    is_name.then_some((ObservableKind::Domain, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = extract(text).iter().map(|(kind, value)| format!("{kind}:{value}")).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn plain_forms() {
        check("from 203.0.113.7, port 22.", &["ip:203.0.113.7"]);
        check("[2001:db8::1]:443 and 2001:DB8:0:0::2.", &["ip:2001:db8::1", "ip:2001:db8::2"]);
        check("::ffff:203.0.113.7", &["ip:203.0.113.7"]);
        check("Ann@Example.COM wrote", &["mail:ann@example.com"]);
        check("key AKIAIOSFODNN7EXAMPLE leaked", &["aws_key:AKIAIOSFODNN7EXAMPLE"]);
        check("MD5 D41D8CD98F00B204E9800998ECF8427E", &["hash:d41d8cd98f00b204e9800998ecf8427e"]);
        check(
            "asked evil.example.net. and _dmarc.example.org",
            &["domain:_dmarc.example.org", "domain:evil.example.net"],
        );
        check(
            "see (https://Evil.example/a(b)?q=1#x), http://203.0.113.7:8080/x.exe.",
            &[
                "ip:203.0.113.7",
                "domain:evil.example",
                "url:http://203.0.113.7:8080/x.exe",
                "url:https://Evil.example/a(b)?q=1#x",
            ],
        );
        check("http://user:pw@evil.example:80", &["domain:evil.example", "url:http://user:pw@evil.example:80"]);
    }

    #[test]
    fn harmless_forms() {
        check("hxxps://evil[.]example/x", &["domain:evil.example", "url:https://evil.example/x"]);
        check("hXXp[://]203[.]0[.]113[.]7/a", &["ip:203.0.113.7", "url:http://203.0.113.7/a"]);
        check("203(.)0{.}113[dot]7", &["ip:203.0.113.7"]);
        check("bob[at]evil[dot]example", &["mail:bob@evil.example"]);
        check(r"203\.0\.113\.7", &["ip:203.0.113.7"]);
        check("2001[:]db8[:]:1", &["ip:2001:db8::1"]);
    }

    #[test]
    fn what_is_none() {
        check("version 1.2.3.4.5, 1.2.3, 999.1.1.1", &[]);
        check("std::vec face::bad ab::cd 12:30:45 ::", &[]);
        check("rule.yml index.html setup.exe a.b", &[]);
        check("00000000-0000-0000-0000-000000000000 ASIAshort", &[]);
        check("http:// https://) hxxp://", &[]);
        // Found by fuzzing: a host of dots alone was a domain without a name.
        check("fxp://./ http://.../", &[]);
        check("", &[]);
    }

    #[test]
    fn a_long_text_is_read_to_its_limit() {
        let text = format!("{}203.0.113.7", "é ".repeat(TEXT_BYTES_MAX));
        check(&text, &[]);
        let many: Vec<String> = (0..2_000).map(|number| format!("h{number}.example.net")).collect();
        assert_eq!(extract(&many.join(" ")).len(), OBSERVABLES_MAX);
    }

    proptest::proptest! {
        /// Whatever the text, and however it is twisted, the values are of their kind and found again in themselves.
        #[test]
        fn no_text_is_too_strange(text in "\\PC*|[a-f0-9:.\\[\\]hxtp/@ ]{0,60}") {
            for (kind, value) in extract(&text) {
                let address = value.parse::<IpAddr>().is_ok();
                proptest::prop_assert_eq!(kind == ObservableKind::Ip, address, "{} {}", kind, value);
                proptest::prop_assert!(!value.is_empty() && !value.contains(char::is_whitespace));
                if kind != ObservableKind::Url {
                    proptest::prop_assert!(extract(&value).contains(&(kind, value.clone())), "{} {}", kind, value);
                }
            }
        }
    }
}
