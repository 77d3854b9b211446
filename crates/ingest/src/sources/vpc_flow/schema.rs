//! Flow log records: <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>, versions 2 to 8.

use std::borrow::Cow;

use serde_json::{Map, Value};
use vigie_model::Document;

use crate::Fault;

/// The default format, version 2, which files without a header have.
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";
/// How many columns a line may have; version 8 knows 40 fields.
const COLUMNS_MAX: usize = 128;

/// The fields of versions 2 to 8 as documents name them.
const FIELDS: [&str; 40] = [
    "version",
    "account_id",
    "interface_id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log_status",
    "vpc_id",
    "subnet_id",
    "instance_id",
    "tcp_flags",
    "type",
    "pkt_srcaddr",
    "pkt_dstaddr",
    "region",
    "az_id",
    "sublocation_type",
    "sublocation_id",
    "pkt_src_aws_service",
    "pkt_dst_aws_service",
    "flow_direction",
    "traffic_path",
    "ecs_cluster_arn",
    "ecs_cluster_name",
    "ecs_container_instance_arn",
    "ecs_container_instance_id",
    "ecs_container_id",
    "ecs_second_container_id",
    "ecs_service_name",
    "ecs_task_definition_arn",
    "ecs_task_arn",
    "ecs_task_id",
    "reject_reason",
];

/// The fields that are numbers.
const NUMBERS: [&str; 10] =
    ["version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp_flags", "traffic_path"];

/// Returns whether a line names columns instead of holding values.
pub(super) fn is_header(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let mut names = line.split_ascii_whitespace();
    let first_two = [names.next(), names.next()];
    first_two.into_iter().all(|name| name.is_some_and(|name| FIELDS.contains(&&*canonical(name))))
}

/// Returns the record in a line, its columns named by the header or else the default format.
///
/// # Errors
/// Fails where the line has more or fewer columns than the header, or text where a number belongs.
pub(super) fn document_of_line(line: &str, header: Option<&[u8]>) -> Result<Document, Fault> {
    let header = header.map_or(Cow::Borrowed(DEFAULT), String::from_utf8_lossy);
    let names: Vec<&str> = header.split_ascii_whitespace().take(COLUMNS_MAX).collect();
    let found = line.split_ascii_whitespace().count();
    if found == 0 {
        return Err(Fault::Empty);
    }
    if found != names.len() {
        return Err(Fault::BadColumns { found, expected: names.len() });
    }
    let mut fields = Map::new();
    for (name, value) in names.into_iter().zip(line.split_ascii_whitespace()) {
        let name = canonical(name);
        // A dash stands for a field that does not apply, as with NODATA and SKIPDATA.
        if value != "-" {
            fields.insert(name.clone().into_owned(), typed(&name, value)?);
        }
    }
    Ok(Document::new(fields))
}

/// Returns the record in a JSON object, as lakes and forwarders write it: names with `-`, `_` or in camelCase.
///
/// # Errors
/// Fails where no field of a flow log is in it, or one is of the wrong type.
pub(super) fn document_of_json(fields: Map<String, Value>) -> Result<Document, Fault> {
    let mut known = 0;
    let mut out = Map::new();
    for (name, value) in fields {
        let canonical = canonical(&name).into_owned();
        let flow_field = FIELDS.contains(&canonical.as_str());
        known += usize::from(flow_field);
        let value = match value {
            Value::String(text) if flow_field && text == "-" => continue,
            Value::String(text) if flow_field => typed(&canonical, &text)?,
            other => other,
        };
        out.insert(if flow_field { canonical } else { name }, value);
    }
    if known == 0 {
        return Err(Fault::MissingField { field: "srcaddr" });
    }
    Ok(Document::new(out))
}

fn typed(name: &str, value: &str) -> Result<Value, Fault> {
    if !NUMBERS.contains(&name) {
        return Ok(value.into());
    }
    let number = value.parse::<u64>().map_err(|_| Fault::bad_field(name, value, "a whole number"))?;
    Ok(number.into())
}

/// Returns a field's name as documents have it: `srcAddr` is `srcaddr`, `log-status` and `logStatus` are `log_status`.
fn canonical(name: &str) -> Cow<'_, str> {
    if FIELDS.contains(&name) {
        return Cow::Borrowed(name);
    }
    let bare =
        |text: &str| text.chars().filter(|char| !matches!(char, '-' | '_')).collect::<String>().to_ascii_lowercase();
    let wanted = bare(name);
    match FIELDS.iter().find(|field| bare(field) == wanted) {
        Some(field) => Cow::Borrowed(field),
        None => Cow::Owned(name.replace('-', "_")),
    }
}
