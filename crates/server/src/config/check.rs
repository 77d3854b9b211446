//! What the types cannot say: combinations that are refused, and why.

use std::net::IpAddr;

use super::read::Lines;
use super::schema::SmtpSecurity;
use super::{Config, ConfigProblem, VERSION};

/// The least that the write-ahead log may be given: two bodies of the largest size and what they cost besides.
const LOG_BYTES_LEAST: usize = 64 << 20;
/// The least that one file of it may be given.
const SEGMENT_BYTES_LEAST: usize = 64 << 10;
/// How many files it must have room for.
const SEGMENTS_LEAST: usize = 8;
/// The most that the write-ahead log may be given: 1 TiB.
const LOG_BYTES_MOST: usize = 1 << 40;
/// The longest that events may be kept: a hundred years.
const RETENTION_DAYS_MAX: usize = 36_525;
/// The most memory that one key of `[limits]` in bytes may ask for: 1 GiB.
pub(super) const BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Returns everything that is wrong with the values.
pub(super) fn check(config: &Config, lines: &Lines) -> Vec<ConfigProblem> {
    let mut found = Problems { lines, problems: Vec::new() };
    if config.version != VERSION {
        found.add(
            "version",
            format!("version {} is not known to this Vigie: it reads version {VERSION}", config.version),
        );
    }
    http(config, &mut found);
    smtp(config, &mut found);
    webhooks(config, &mut found);
    feeds(config, &mut found);
    accounts(config, &mut found);
    events(config, &mut found);
    limits(config, &mut found);
    if config.respond.actions_per_hour_max == 0 {
        found.add(
            "respond.actions_per_hour_max",
            "0 would refuse every action: leave `respond.mode` at `dry_run` instead",
        );
    }
    found.problems
}

struct Problems<'a> {
    lines: &'a Lines,
    problems: Vec<ConfigProblem>,
}

impl Problems<'_> {
    fn add(&mut self, path: &str, message: impl Into<String>) {
        // A key that is missing is shown at the table that it should be in.
        let parent = path.rsplit_once('.').map_or(path, |(parent, _)| parent);
        let line = self.lines.get(path).or_else(|| self.lines.get(parent)).copied();
        self.problems.push(ConfigProblem { line, message: format!("`{path}`: {}", message.into()) });
    }

    fn within(&mut self, path: &str, value: usize, least: usize, most: usize) {
        if !(least..=most).contains(&value) {
            self.add(path, format!("{value} is not within {least} and {most}"));
        }
    }
}

fn http(config: &Config, found: &mut Problems<'_>) {
    let http = &config.http;
    match (&http.tls_certificate, &http.tls_key) {
        (Some(_), None) => found.add("http.tls_certificate", "a certificate needs its key: set `http.tls_key` too"),
        (None, Some(_)) => found.add("http.tls_key", "a key needs its certificate: set `http.tls_certificate` too"),
        _ => {}
    }
    if !http.listen.ip().is_loopback() && !http.tls() && !http.insecure_plaintext {
        found.add(
            "http.listen",
            format!(
                "{} can be reached from other machines and there is no TLS: set `http.tls_certificate` and `http.tls_key`, \
                 listen on 127.0.0.1, or set `http.insecure_plaintext = true` behind a proxy that adds TLS",
                http.listen
            ),
        );
    }
    if let Some(url) = &http.public_url
        && origin_of(url).is_none()
    {
        found.add("http.public_url", "expected a URL such as https://vigie.example.org");
    }
    found.within("http.session_hours", http.session_hours as usize, 1, 720);
    found.within("http.request_timeout_s", http.request_timeout_s as usize, 1, 600);
}

fn smtp(config: &Config, found: &mut Problems<'_>) {
    let Some(smtp) = &config.smtp else { return };
    let loopback =
        smtp.server == "localhost" || smtp.server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if smtp.security == SmtpSecurity::Plain && !loopback {
        found.add(
            "smtp.security",
            format!("mail to `{}` would cross the network in the clear: use `starttls` or `tls`", smtp.server),
        );
    }
    if smtp.username.is_some() != smtp.password.is_some() {
        found.add("smtp.username", "`smtp.username` and `smtp.password` go together");
    }
}

fn webhooks(config: &Config, found: &mut Problems<'_>) {
    for (index, webhook) in config.webhook.iter().enumerate() {
        let path = format!("webhook[{index}].url");
        let scheme = webhook.url.split_once("://").map(|(scheme, _)| scheme);
        let loopback = host_of(&webhook.url).is_some_and(|host| {
            host == "localhost"
                || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        });
        match scheme {
            // The executor checks what it reads from there.
            None if webhook.url.starts_with("env:") || webhook.url.starts_with("file:") => {}
            Some("https") => {}
            Some("http") if loopback => {}
            Some("http") => found.add(&path, "a webhook to another machine needs `https://`"),
            _ => found.add(&path, "expected a URL that begins with `https://`"),
        }
        if config.webhook[..index].iter().any(|earlier| earlier.name == webhook.name) {
            found.add(
                &format!("webhook[{index}].name"),
                format!("`{}` is the name of an earlier webhook", webhook.name),
            );
        }
    }
}

fn feeds(config: &Config, found: &mut Problems<'_>) {
    for (index, forward) in config.forward.iter().enumerate() {
        if config.forward[..index].iter().any(|earlier| earlier.name == forward.name) {
            found.add(&format!("forward[{index}].name"), format!("`{}` is the name of an earlier one", forward.name));
        }
    }
    for (index, inbound) in config.inbound.iter().enumerate() {
        if config.inbound[..index].iter().any(|earlier| earlier.name == inbound.name) {
            found.add(&format!("inbound[{index}].name"), format!("`{}` is the name of an earlier one", inbound.name));
        }
        if inbound.mapping.items.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
            found.add(&format!("inbound[{index}].mapping.items"), "a JSON Pointer begins with `/`, such as `/alerts`");
        }
    }
}

fn accounts(config: &Config, found: &mut Problems<'_>) {
    for (index, account) in config.aws.iter().enumerate() {
        if let Err(error) = vigie_aws::Region::new(&account.region) {
            found.add(&format!("aws[{index}].region"), error.to_string());
        }
        if account.external_id.is_some() && account.assume_role.is_none() {
            found.add(&format!("aws[{index}].external_id"), "an external id goes with `assume_role`");
        }
        if config.aws[..index].iter().any(|earlier| earlier.tenant == account.tenant) {
            found.add(&format!("aws[{index}].tenant"), format!("`{}` has an account already", account.tenant));
        }
    }
}

fn events(config: &Config, found: &mut Problems<'_>) {
    let events = &config.events;
    let log_bytes_max = usize::try_from(events.log_bytes_max).unwrap_or(usize::MAX);
    found.within("events.log_bytes_max", log_bytes_max, LOG_BYTES_LEAST, LOG_BYTES_MOST);
    let segment_bytes = usize::try_from(events.log_segment_bytes).unwrap_or(usize::MAX);
    found.within("events.log_segment_bytes", segment_bytes, SEGMENT_BYTES_LEAST, log_bytes_max / SEGMENTS_LEAST);
    found.within("events.retention_days", events.retention_days as usize, 1, RETENTION_DAYS_MAX);
    for (index, own) in events.tenant.iter().enumerate() {
        if let Some(days) = own.retention_days {
            found.within(&format!("events.tenant[{index}].retention_days"), days as usize, 1, RETENTION_DAYS_MAX);
        }
        if events.tenant[..index].iter().any(|earlier| earlier.id == own.id) {
            found.add(&format!("events.tenant[{index}].id"), format!("`{}` is there already: join the two", own.id));
        }
    }
}

fn limits(config: &Config, found: &mut Problems<'_>) {
    let limits = &config.limits;
    found.within("limits.ingest_body_bytes_max", limits.ingest_body_bytes_max, 1_024, BYTES_MAX);
    found.within("limits.ingest_decoded_bytes_max", limits.ingest_decoded_bytes_max, 1_024, BYTES_MAX);
    found.within("limits.request_body_bytes_max", limits.request_body_bytes_max, 1_024, BYTES_MAX);
    let attachment = usize::try_from(limits.attachment_bytes_max).unwrap_or(usize::MAX);
    found.within("limits.attachment_bytes_max", attachment, 1_024, 16 * BYTES_MAX);
    found.within("limits.ingest_requests_max", limits.ingest_requests_max, 1, 1_024);
    found.within("limits.queue_batches_max", limits.queue_batches_max, 1, 65_536);
    found.within("limits.live_clients_max", limits.live_clients_max, 1, 65_536);
    found.within("limits.searches_max", limits.searches_max, 1, 1_024);
    found.within("limits.searches_per_tenant_max", limits.searches_per_tenant_max, 1, 1_024);
    found.within("limits.search_s_max", limits.search_s_max as usize, 1, 600);
    found.within("limits.batch_memory_days", limits.batch_memory_days as usize, 1, 365);
    found.within("report.kept_days", config.report.kept_days as usize, 1, 36_500);
    found.within("limits.dead_letter_days", limits.dead_letter_days as usize, 1, 3_650);
}

/// Returns the origin of a URL, as browsers write it in `Origin`: scheme, host and port, lower case, without the path.
pub(crate) fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let valid = matches!(scheme, "http" | "https") && !authority.is_empty() && !authority.contains('@');
    valid.then(|| format!("{scheme}://{}", authority.to_ascii_lowercase()))
}

fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.starts_with('[') {
        return authority.find(']').map(|end| &authority[..=end]);
    }
    authority.split(':').next()
}
