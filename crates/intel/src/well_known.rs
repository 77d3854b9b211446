//! What is on the built-in warning list. A small list, written by hand; operators add their own.

/// Networks that no indicator may name, with the reason. The sources are the IANA special-purpose address registries
/// (RFC 6890 and its updates). The documentation networks are left out on purpose: training and demonstration data uses
/// them as attackers.
pub(crate) const NETWORKS: [(&str, &str); 22] = [
    ("0.0.0.0/8", "this network (RFC 791)"),
    ("10.0.0.0/8", "private address (RFC 1918)"),
    ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local address (RFC 3927)"),
    ("172.16.0.0/12", "private address (RFC 1918)"),
    ("192.0.0.0/24", "IETF protocol assignments (RFC 6890)"),
    ("192.168.0.0/16", "private address (RFC 1918)"),
    ("198.18.0.0/15", "benchmarking (RFC 2544)"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved (RFC 1112)"),
    ("::/128", "unspecified address"),
    ("::1/128", "loopback"),
    ("100::/64", "discard prefix (RFC 6666)"),
    ("fc00::/7", "private address (RFC 4193)"),
    ("fe80::/10", "link-local address (RFC 4291)"),
    ("ff00::/8", "multicast"),
    ("168.63.129.16/32", "Azure platform address"),
    ("1.1.1.0/24", "public resolver (Cloudflare)"),
    ("1.0.0.0/24", "public resolver (Cloudflare)"),
    ("2606:4700:4700::/48", "public resolver (Cloudflare)"),
    ("2001:4860:4860::/48", "public resolver (Google)"),
];

/// Addresses that no indicator may name.
pub(crate) const ADDRESSES: [(&str, &str); 27] = [
    ("8.8.8.8", "public resolver (Google)"),
    ("8.8.4.4", "public resolver (Google)"),
    ("9.9.9.9", "public resolver (Quad9)"),
    ("9.9.9.10", "public resolver (Quad9)"),
    ("9.9.9.11", "public resolver (Quad9)"),
    ("149.112.112.112", "public resolver (Quad9)"),
    ("149.112.112.10", "public resolver (Quad9)"),
    ("149.112.112.11", "public resolver (Quad9)"),
    ("2620:fe::fe", "public resolver (Quad9)"),
    ("2620:fe::9", "public resolver (Quad9)"),
    ("208.67.222.222", "public resolver (OpenDNS)"),
    ("208.67.220.220", "public resolver (OpenDNS)"),
    ("2620:119:35::35", "public resolver (OpenDNS)"),
    ("2620:119:53::53", "public resolver (OpenDNS)"),
    ("94.140.14.14", "public resolver (AdGuard)"),
    ("94.140.15.15", "public resolver (AdGuard)"),
    ("185.228.168.9", "public resolver (CleanBrowsing)"),
    ("185.228.169.9", "public resolver (CleanBrowsing)"),
    ("76.76.2.0", "public resolver (Control D)"),
    ("76.76.10.0", "public resolver (Control D)"),
    ("193.110.81.0", "public resolver (dns0.eu)"),
    ("185.253.5.0", "public resolver (dns0.eu)"),
    ("80.67.169.12", "public resolver (FDN)"),
    ("80.67.169.40", "public resolver (FDN)"),
    ("4.2.2.1", "public resolver (Level 3)"),
    ("4.2.2.2", "public resolver (Level 3)"),
    ("64.6.64.6", "public resolver (UltraDNS)"),
];

/// Names that stand for no public service, with everything below them.
pub(crate) const RESERVED_SUFFIXES: [(&str, &str); 17] = [
    ("example", "reserved for documentation (RFC 2606)"),
    ("example.com", "reserved for documentation (RFC 2606)"),
    ("example.net", "reserved for documentation (RFC 2606)"),
    ("example.org", "reserved for documentation (RFC 2606)"),
    ("test", "reserved for tests (RFC 2606)"),
    ("invalid", "reserved (RFC 2606)"),
    ("localhost", "loopback (RFC 2606)"),
    ("local", "local network (RFC 6762)"),
    ("localdomain", "local network"),
    ("internal", "private use (ICANN)"),
    ("home.arpa", "home network (RFC 8375)"),
    ("in-addr.arpa", "reverse look-ups"),
    ("ip6.arpa", "reverse look-ups"),
    ("lan", "local network"),
    ("home", "local network"),
    ("corp", "local network"),
    ("intranet", "local network"),
];

/// Services whose every name is run by the service itself, with everything below them.
pub(crate) const SERVICE_SUFFIXES: [&str; 40] = [
    "apple.com", "icloud.com", "mzstatic.com", "microsoft.com", "microsoftonline.com", "windowsupdate.com", "windows.com",
    "office.com", "live.com", "bing.com", "msftncsi.com", "msftconnecttest.com", "google.com", "gstatic.com",
    "googleapis.com", "gvt1.com", "youtube.com", "ytimg.com", "mozilla.org", "mozilla.com", "mozilla.net", "firefox.com",
    "debian.org", "ubuntu.com", "fedoraproject.org", "kernel.org", "python.org", "pypi.org", "npmjs.org", "crates.io",
    "rust-lang.org", "wikipedia.org", "wikimedia.org", "letsencrypt.org", "digicert.com", "lencr.org", "pki.goog",
    "cloudflare.com", "ntp.org", "gouv.fr",
];

/// Services that host what their users bring: the name itself is well known, but the names below it are anybody's. The
/// registries' second levels are here for the same reason: an indicator `co.uk` would match a country.
pub(crate) const SERVICE_NAMES: [&str; 62] = [
    "amazon.com", "amazonaws.com", "s3.amazonaws.com", "aws.amazon.com", "cloudfront.net", "elasticbeanstalk.com",
    "awsapps.com", "azure.com", "azurewebsites.net", "azureedge.net", "windows.net", "blob.core.windows.net",
    "cloudapp.azure.com", "sharepoint.com", "outlook.com", "hotmail.com", "gmail.com", "googleusercontent.com",
    "appspot.com", "web.app", "firebaseapp.com", "run.app", "blogspot.com", "github.com", "github.io",
    "githubusercontent.com", "raw.githubusercontent.com", "gitlab.com", "gitlab.io", "bitbucket.org", "dropbox.com",
    "dropboxusercontent.com", "box.com", "wetransfer.com", "slack.com", "discord.com", "discordapp.com", "telegram.org",
    "t.me", "whatsapp.com", "facebook.com", "fbcdn.net", "instagram.com", "twitter.com", "x.com", "linkedin.com",
    "netflix.com", "akamai.net", "akamaihd.net", "akamaiedge.net", "fastly.net", "herokuapp.com", "netlify.app",
    "vercel.app", "pages.dev", "workers.dev", "wordpress.com", "yahoo.com", "co.uk", "com.au", "co.jp", "com.br",
];

/// Hashes of files that are everywhere.
pub(crate) const HASHES: [(&str, &str); 6] = [
    ("d41d8cd98f00b204e9800998ecf8427e", "the empty file"),
    ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "the empty file"),
    ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "the empty file"),
    ("68b329da9893e34099c7d8ad5cb9c940", "a file of one line break"),
    ("adc83b19e793491b1c6ea0fd8b46cd9f32e592fc", "a file of one line break"),
    ("01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b", "a file of one line break"),
];
