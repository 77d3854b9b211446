//! Where documents of unknown make usually keep what every event has: the names of the Elastic Common Schema, of OCSF, and
//! plain ones. The first that is there counts.

/// Where the time is.
pub(super) const TIME: &[&str] = &["@timestamp", "timestamp", "time", "eventTime", "event_time", "ts", "date"];
/// Where the line for a person is.
pub(super) const MESSAGE: &[&str] = &["message", "msg", "log", "event.original", "description", "title"];
/// Where the account is.
pub(super) const USER: &[&str] = &["user.name", "actor.user.name", "username", "user_name", "user"];
/// Where the source address is.
pub(super) const SOURCE_IP: &[&str] =
    &["source.ip", "src_endpoint.ip", "src_ip", "srcip", "client_ip", "remote_addr", "source_ip"];
/// Where the destination address is.
pub(super) const TARGET_IP: &[&str] =
    &["destination.ip", "dst_endpoint.ip", "dest_ip", "dst_ip", "dstip", "destination_ip"];
/// Where the machine's name is.
pub(super) const HOST: &[&str] = &["host.name", "device.hostname", "hostname", "host", "computer"];
/// Where the action is.
pub(super) const ACTIVITY: &[&str] = &["event.action", "activity_name", "action", "event_type", "event", "type"];
/// Where the command line is.
pub(super) const COMMAND: &[&str] = &["process.command_line", "process.cmd_line", "command_line", "cmdline"];
/// Where the process's path is.
pub(super) const IMAGE: &[&str] = &["process.executable", "process.file.path", "exe", "image"];
/// Where the domain is.
pub(super) const DOMAIN: &[&str] = &["dns.question.name", "query.hostname", "url.domain", "domain"];
/// Where the URL is.
pub(super) const URL: &[&str] = &["url.full", "url.original", "http_request.url.url_string", "url"];
