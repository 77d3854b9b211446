//! The columns of an export: their names, kinds, and what of an event stands in them.

use std::borrow::Cow;

use vigie_model::{Class, Outcome, Severity};

use crate::StoredEvent;

/// What a column holds. Every column but `time`, `logged_time` and `metadata_uid` may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Microseconds since 1970 UTC; in NDJSON RFC 3339.
    Time,
    /// 32 bits with sign.
    Integer,
    /// 64 bits with sign.
    Long,
    /// UTF-8.
    Text,
    /// A list of texts.
    Texts,
    /// Bytes; in NDJSON base64.
    Bytes,
}

/// A column of an export.
#[derive(Debug)]
pub struct ExportColumn {
    /// Its name: 1 to 63 of a-z, 0-9 and _, beginning with a letter, so that no engine needs quotes.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// The OCSF attribute that it is, or what it is where OCSF has none.
    pub means: &'static str,
    pub(super) value: for<'a> fn(&'a StoredEvent) -> Option<Cell<'a>>,
}

/// What stands in a column.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    Number(i64),
    Text(Cow<'a, str>),
    Texts(&'a [String]),
    Bytes(Vec<u8>),
}

/// Returns the columns of an export, in order.
pub fn export_columns() -> &'static [ExportColumn] {
    COLUMNS
}

fn text(value: Option<&String>) -> Option<Cell<'_>> {
    value.filter(|value| !value.is_empty()).map(|value| Cell::Text(value.into()))
}

fn word(value: Option<&str>) -> Option<Cell<'_>> {
    value.map(|value| Cell::Text(value.into()))
}

fn number(value: Option<impl Into<i64>>) -> Option<Cell<'static>> {
    value.map(|value| Cell::Number(value.into()))
}

const fn class_uid(class: Class) -> i64 {
    match class {
        Class::Base => 0,
        Class::FileActivity => 1001,
        Class::ProcessActivity => 1007,
        Class::RegistryActivity => 201_001,
        Class::DetectionFinding => 2004,
        Class::AccountChange => 3001,
        Class::Authentication => 3002,
        Class::NetworkActivity => 4001,
        Class::HttpActivity => 4002,
        Class::DnsActivity => 4003,
        Class::ApiActivity => 6003,
    }
}

const fn status_id(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Unknown => 0,
        Outcome::Success => 1,
        Outcome::Failure => 2,
    }
}

const fn severity_id(severity: Severity) -> i64 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

macro_rules! columns {
    ($($name:ident $kind:ident $means:literal $value:expr;)*) => {
        &[$(ExportColumn {
            name: stringify!($name),
            kind: ColumnKind::$kind,
            means: $means,
            value: $value,
        }),*]
    };
}

#[rustfmt::skip]
const COLUMNS: &[ExportColumn] = columns! {
    time Time "`time`: when it happened, by its own account" |e| number(Some(e.time.as_micros()));
    logged_time Time "`metadata.logged_time`: when it reached Vigie" |e| number(Some(e.arrival.as_micros()));
    metadata_uid Text "`metadata.uid`: the event's id, the same however often it was delivered" |e| Some(Cell::Text(e.id.to_string().into()));
    metadata_tenant_uid Text "`metadata.tenant_uid`: the tenant" |e| word(Some(e.tenant.as_str()));
    metadata_log_name Text "`metadata.log_name`: Vigie's name of the source" |e| word(Some(e.source.as_str()));
    class_uid Integer "`class_uid`: the event class, 0 for none of the others" |e| number(Some(class_uid(e.envelope.class)));
    class_name Text "`class_name`, as Vigie's searches write it" |e| word(Some(e.envelope.class.as_str()));
    activity_name Text "`activity_name`: what was done, in the source's words" |e| text(Some(&e.envelope.activity));
    status_id Integer "`status_id`: 0 unknown, 1 success, 2 failure" |e| number(Some(status_id(e.envelope.outcome)));
    status Text "`status`, as Vigie's searches write it" |e| word(Some(e.envelope.outcome.as_str()));
    severity_id Integer "`severity_id`: 1 informational to 5 critical" |e| number(Some(severity_id(e.envelope.severity)));
    severity Text "`severity`, as Vigie's searches write it" |e| word(Some(e.envelope.severity.as_str()));
    message Text "`message`: one line for a person" |e| text(Some(&e.envelope.message));
    actor_user_name Text "`actor.user.name`: the account that acted" |e| text(e.envelope.user.as_ref());
    src_endpoint_ip Text "`src_endpoint.ip`" |e| e.envelope.src.ip.map(|ip| Cell::Text(ip.to_string().into()));
    src_endpoint_port Integer "`src_endpoint.port`" |e| number(e.envelope.src.port);
    src_endpoint_hostname Text "`src_endpoint.hostname`" |e| text(e.envelope.src.host.as_ref());
    dst_endpoint_ip Text "`dst_endpoint.ip`" |e| e.envelope.dst.ip.map(|ip| Cell::Text(ip.to_string().into()));
    dst_endpoint_port Integer "`dst_endpoint.port`" |e| number(e.envelope.dst.port);
    dst_endpoint_hostname Text "`dst_endpoint.hostname`" |e| text(e.envelope.dst.host.as_ref());
    device_hostname Text "`device.hostname`: the machine that told of it" |e| text(e.envelope.device.as_ref());
    process_name Text "`process.name`" |e| text(e.envelope.process.name.as_ref());
    process_pid Long "`process.pid`" |e| number(e.envelope.process.pid);
    process_file_path Text "`process.file.path`: its image" |e| text(e.envelope.process.path.as_ref());
    process_cmd_line Text "`process.cmd_line`" |e| text(e.envelope.process.command_line.as_ref());
    process_parent_process_file_path Text "`process.parent_process.file.path`" |e| text(e.envelope.process.parent.as_ref());
    file_path Text "`file.path`" |e| text(e.envelope.file.path.as_ref());
    file_hashes Texts "the values of `file.hashes`, lower-case hex" |e| Some(Cell::Texts(&e.envelope.file.hashes)).filter(|_| !e.envelope.file.hashes.is_empty());
    url_string Text "`http_request.url.url_string`: the URL or request path" |e| text(e.envelope.url.as_ref());
    query_hostname Text "`query.hostname`: the domain asked for or spoken to" |e| text(e.envelope.domain.as_ref());
    cloud_provider Text "`cloud.provider`" |e| text(e.envelope.cloud.provider.as_ref());
    cloud_account_uid Text "`cloud.account.uid`" |e| text(e.envelope.cloud.account.as_ref());
    cloud_region Text "`cloud.region`" |e| text(e.envelope.cloud.region.as_ref());
    logsource_product Text "Sigma's logsource: product" |e| word(e.envelope.logsource.product.as_deref());
    logsource_category Text "Sigma's logsource: category" |e| word(e.envelope.logsource.category.as_deref());
    logsource_service Text "Sigma's logsource: service" |e| word(e.envelope.logsource.service.as_deref());
    raw_data Text "`raw_data`: the native document; U+FFFD where it is not UTF-8" |e| Some(Cell::Text(e.native.as_str().into()));
    raw_data_bytes Bytes "the native document byte for byte, only where `raw_data` is not" |e| e.native_base64.as_ref().map(|_| Cell::Bytes(e.native_bytes()));
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_need_no_quotes_and_are_in_the_guide() {
        let guide = include_str!("../../../../docs/guides/archive.md");
        for column in export_columns() {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(column.name.bytes().all(plain) && column.name.len() < 64, "{}", column.name);
            let row = format!("| `{}` | {} | {} |", column.name, kind(column.kind), column.means);
            assert!(guide.contains(&row), "docs/guides/archive.md lacks the row\n{row}");
        }
    }

    fn kind(kind: ColumnKind) -> &'static str {
        match kind {
            ColumnKind::Time => "timestamp",
            ColumnKind::Integer => "32-bit integer",
            ColumnKind::Long => "64-bit integer",
            ColumnKind::Text => "text",
            ColumnKind::Texts => "list of texts",
            ColumnKind::Bytes => "bytes",
        }
    }
}
