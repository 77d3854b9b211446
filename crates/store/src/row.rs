//! How values are written to columns and read back.

use std::net::{IpAddr, Ipv6Addr};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};
use vigie_model::{CaseId, Entity, ObservableKind, Pap, Severity, TenantScope, Timestamp, Tlp};

use crate::StoreError;
use crate::error::Doing as _;

/// The connection that reads and changes are made on.
pub(crate) type Connection = SqliteConnection;

/// Returns an object as the JSON of its `body` column.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("model types have text keys and serialise without failing")
}

/// Returns the word of a unit variant, as JSON writes it.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("a unit variant is a JSON string, not {other:?}"),
    }
}

/// Reads an object back from JSON; `id` names the row in the error.
pub(crate) fn from_json<T: DeserializeOwned>(table: &'static str, id: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(table, id, &error))
}

/// Reads the objects of a `body` column.
pub(crate) fn bodies<T: DeserializeOwned>(table: &'static str, rows: Vec<String>) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|text| from_json(table, "", text)).collect()
}

/// Reads the object of a `body` column, where there is one.
pub(crate) fn body<T: DeserializeOwned>(table: &'static str, row: Option<String>) -> Result<Option<T>, StoreError> {
    row.map(|text| from_json(table, "", &text)).transpose()
}

/// Reads the object of a row's `body` column.
pub(crate) fn read_body<T: DeserializeOwned>(row: &SqliteRow, table: &'static str) -> Result<T, StoreError> {
    from_json(table, "", &get::<String>(row, table, "body")?)
}

pub(crate) fn corrupt(table: &'static str, id: &str, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt { table, id: id.to_owned(), reason: reason.to_string() }
}

/// Reads a text column and parses it.
pub(crate) fn parsed<T: std::str::FromStr>(row: &SqliteRow, table: &'static str, column: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    let text: String = get(row, table, column)?;
    text.parse().map_err(|error: T::Err| corrupt(table, &text, &error))
}

/// Reads a column as it is.
pub(crate) fn get<'r, T>(row: &'r SqliteRow, table: &'static str, column: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(column).map_err(|error| corrupt(table, column, &error))
}

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(row: &SqliteRow, table: &'static str, column: &str) -> Result<T, StoreError> {
    let text: String = get(row, table, column)?;
    from_json(table, column, &text)
}

/// Reads a time column.
pub(crate) fn time(row: &SqliteRow, table: &'static str, column: &str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_micros(get(row, table, column)?))
}

/// Reads a time column that may be empty.
pub(crate) fn time_or_none(
    row: &SqliteRow,
    table: &'static str,
    column: &str,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(get::<Option<i64>>(row, table, column)?.map(Timestamp::from_micros))
}

/// Returns a count or version as the database's whole number, which ends at 2⁶³ − 1.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns a stored count or version; those are never negative.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) const SEVERITIES: &[&str] = &["informational", "low", "medium", "high", "critical"];
pub(crate) const TLPS: &[&str] = &["clear", "green", "amber", "amber-strict", "red"];
pub(crate) const PAPS: &[&str] = &["clear", "green", "amber", "red"];

pub(crate) fn severity_rank(severity: Severity) -> i64 {
    severity as i64
}

pub(crate) fn tlp_rank(tlp: Tlp) -> i64 {
    tlp as i64
}

pub(crate) fn pap_rank(pap: Pap) -> i64 {
    pap as i64
}

/// Returns an address as 32 hex digits of its IPv6 form, so that a network is a range of texts.
pub(crate) fn address_text(address: IpAddr) -> String {
    let six: Ipv6Addr = match address {
        IpAddr::V4(four) => four.to_ipv6_mapped(),
        IpAddr::V6(six) => six,
    };
    hex::encode(six.octets())
}

/// Returns the `address` column of a value: that of an ip, `None` for the rest.
pub(crate) fn address_of(kind: ObservableKind, value: &str) -> Option<String> {
    (kind == ObservableKind::Ip).then(|| value.parse().ok().map(address_text)).flatten()
}

/// Returns an action's or decision's target as its column holds it: `ip:203.0.113.7`.
pub(crate) fn target_text(target: Option<&Entity>) -> Option<String> {
    target.map(ToString::to_string)
}

/// Adds the condition that holds a statement to a scope; an empty scope sees nothing.
pub(crate) fn push_scope(query: &mut QueryBuilder<Sqlite>, column: &'static str, scope: &TenantScope) {
    match scope {
        TenantScope::All => query.push("1 = 1"),
        TenantScope::Only(tenants) if tenants.is_empty() => query.push("1 = 0"),
        TenantScope::Only(tenants) => {
            query.push(column).push(" IN (");
            let mut list = query.separated(", ");
            for tenant in tenants {
                list.push_bind(tenant.to_string());
            }
            query.push(")")
        }
    };
}

/// Returns the objects of a case, in the order given. The table is one with `case_id` and `body`; the caller has checked
/// that the case is within the scope.
pub(crate) async fn of_case<T: DeserializeOwned>(
    connection: &mut Connection,
    table: &'static str,
    order: &'static str,
    case: &CaseId,
) -> Result<Vec<T>, StoreError> {
    let mut query = QueryBuilder::new("SELECT body FROM ");
    query.push(table).push(" WHERE case_id = ").push_bind(case.to_string()).push(" ORDER BY ").push(order);
    bodies(table, query.build_query_scalar().fetch_all(connection).await.doing("load what is on a case")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_words_agree() {
        for severity in Severity::ALL {
            assert_eq!(SEVERITIES[severity_rank(severity) as usize], severity.as_str());
        }
        for tlp in [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red] {
            assert_eq!(TLPS[tlp_rank(tlp) as usize], word(&tlp));
        }
        for pap in [Pap::Clear, Pap::Green, Pap::Amber, Pap::Red] {
            assert_eq!(PAPS[pap_rank(pap) as usize], word(&pap));
        }
    }
}
