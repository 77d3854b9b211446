//! Which kind of value a word names or a value looks like.

use std::net::IpAddr;

use vigie_model::ObservableKind as Kind;

use crate::value::{canonical, refang};

/// Returns the kind that a list's word for it stands for: our own words, MISP's and those of common feeds.
pub(crate) fn kind_of_word(word: &str) -> Option<Kind> {
    let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    if let Ok(kind) = word.parse() {
        return Some(kind);
    }
    match word.as_str() {
        "ipv4" | "ipv6" | "ip_src" | "ip_dst" | "ipaddr" | "ip_address" | "address" | "cidr" | "network" | "subnet" => {
            Some(Kind::Ip)
        }
        "ipv4_addr" | "ipv6_addr" => Some(Kind::Ip),
        "hostname" | "fqdn" | "domain_name" | "dns" => Some(Kind::Domain),
        "uri" | "link" => Some(Kind::Url),
        "md5" | "sha1" | "sha256" | "filehash" | "file_hash" | "filehash_md5" | "filehash_sha1" | "filehash_sha256" => {
            Some(Kind::Hash)
        }
        "filename" | "file_name" | "path" | "filepath" => Some(Kind::File),
        "email" | "email_src" | "email_dst" | "email_addr" | "email_address" => Some(Kind::Mail),
        "useragent" | "http_user_agent" => Some(Kind::UserAgent),
        "username" | "account" => Some(Kind::User),
        "command" | "command_line" | "commandline" => Some(Kind::Process),
        "aws_access_key" | "access_key" => Some(Kind::AwsKey),
        _ => None,
    }
}

/// Returns the kind that a value looks like, defanged or not, or `None` where it could be anything. It guesses among
/// addresses and networks, hashes, URLs, mail addresses, AWS names and domains, in that order.
pub fn guess_kind(text: &str) -> Option<Kind> {
    let text = text.trim();
    let plain = refang(text);
    let looks_like = |kind| canonical(kind, text).is_ok();
    if text.starts_with("arn:") {
        return looks_like(Kind::AwsArn).then_some(Kind::AwsArn);
    }
    for kind in [Kind::Ip, Kind::Hash, Kind::AwsKey, Kind::AwsInstance, Kind::AwsAccount] {
        if looks_like(kind) {
            return Some(kind);
        }
    }
    if plain.contains("://") || (plain.contains('/') && !plain.starts_with('/') && host_before_path(&plain)) {
        return looks_like(Kind::Url).then_some(Kind::Url);
    }
    if plain.contains('@') {
        return looks_like(Kind::Mail).then_some(Kind::Mail);
    }
    looks_like(Kind::Domain).then_some(Kind::Domain)
}

fn host_before_path(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.parse::<IpAddr>().is_ok() || canonical(Kind::Domain, name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Kind>) {
        assert_eq!(guess_kind(text), expected, "{text}");
    }

    #[test]
    fn guesses() {
        check("203.0.113.7", Some(Kind::Ip));
        check("203[.]0[.]113[.]0/24", Some(Kind::Ip));
        check("2001:db8::/32", Some(Kind::Ip));
        check("203.0.113.7:4444", Some(Kind::Ip));
        check("d41d8cd98f00b204e9800998ecf8427e", Some(Kind::Hash));
        check("hxxps://c2[.]example/gate.php", Some(Kind::Url));
        check("c2.example/gate.php", Some(Kind::Url));
        check("203.0.113.7/gate.php", Some(Kind::Url));
        check("billing[@]c2[.]example", Some(Kind::Mail));
        check("C2.Example", Some(Kind::Domain));
        check("AKIAIOSFODNN7EXAMPLE", Some(Kind::AwsKey));
        check("111122223333", Some(Kind::AwsAccount));
        check("i-0123456789abcdef0", Some(Kind::AwsInstance));
        check("arn:aws:iam::111122223333:user/eve", Some(Kind::AwsArn));
        check("/usr/bin/evil", None);
        check("com", None);
        check("", None);
        check("two words", None);
    }

    #[test]
    fn words() {
        for (word, kind) in [
            ("IP-dst", Kind::Ip),
            ("FileHash-SHA256", Kind::Hash),
            ("hostname", Kind::Domain),
            ("user_agent", Kind::UserAgent),
        ] {
            assert_eq!(kind_of_word(word), Some(kind), "{word}");
        }
        assert_eq!(kind_of_word("kryptonite"), None);
    }
}
