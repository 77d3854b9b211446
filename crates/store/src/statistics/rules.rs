//! Alerts by rule and by what the rules say of ATT&CK.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;
use vigie_model::{AttackTag, RuleId};

use super::{AttackCount, RULES_MAX, RuleCount, Span};
use crate::StoreError;
use crate::error::Doing as _;
use crate::row::{Connection, corrupt, unsigned};

/// How many rules are looked at for what they say of ATT&CK, those with the most alerts first.
const LOOKED_AT_MAX: usize = 2_000;

struct Row {
    rule: String,
    latest: i64,
    alerts: i64,
    findings: i64,
}

/// Returns what each rule raised, the most first, at most [`LOOKED_AT_MAX`]. The rules of each tenant are found by leaping
/// through an index, and each one's alerts are a range of it.
async fn rows(span: &Span<'_>, connection: &mut Connection) -> Result<Vec<Row>, StoreError> {
    let mut query = QueryBuilder::new("WITH RECURSIVE whose (id) AS (");
    span.push_tenants(&mut query);
    query.push(
        "), pairs (tenant, rule) AS (
            SELECT whose.id, (SELECT min(a.rule) FROM alerts AS a INDEXED BY alerts_by_tenant_rule WHERE a.tenant = whose.id)
            FROM whose
            UNION ALL
            SELECT pairs.tenant, (SELECT min(a.rule) FROM alerts AS a INDEXED BY alerts_by_tenant_rule
                WHERE a.tenant = pairs.tenant AND a.rule > pairs.rule)
            FROM pairs WHERE pairs.rule IS NOT NULL)
        SELECT pairs.rule, (SELECT json_array(max(place), count(*), sum(count)) FROM alerts AS r
            INDEXED BY alerts_by_tenant_rule WHERE r.tenant = pairs.tenant AND r.rule = pairs.rule AND ",
    );
    span.push_span(&mut query);
    query.push(") FROM pairs WHERE pairs.rule IS NOT NULL");
    let found: Vec<(String, String)> = query.build_query_as().fetch_all(connection).await.doing("count by rule")?;
    let mut by_rule: BTreeMap<String, Row> = BTreeMap::new();
    for (rule, counts) in found {
        let counts: (Option<i64>, i64, Option<i64>) =
            serde_json::from_str(&counts).map_err(|error| corrupt("alerts", &rule, &error))?;
        let (Some(latest), alerts, Some(findings)) = counts else { continue };
        let row = by_rule.entry(rule.clone()).or_insert(Row { rule, latest, alerts: 0, findings: 0 });
        row.latest = row.latest.max(latest);
        row.alerts += alerts;
        row.findings += findings;
    }
    let mut rows: Vec<Row> = by_rule.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.alerts));
    rows.truncate(LOOKED_AT_MAX);
    Ok(rows)
}

/// Returns the counts of the rules with the most alerts, and those of all rules by ATT&CK tag. Title and tags are those of the
/// rule's latest alert.
pub(super) async fn counts(
    span: &Span<'_>,
    connection: &mut Connection,
) -> Result<(Vec<RuleCount>, Vec<AttackCount>), StoreError> {
    let rows = rows(span, connection).await?;
    let told = told(&rows, connection).await?;
    let mut by_rule = Vec::new();
    let mut by_attack: BTreeMap<Vec<AttackTag>, u64> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let Some((title, tags)) = told.get(&row.latest) else { continue };
        if index < RULES_MAX as usize {
            by_rule.push(RuleCount {
                rule: RuleId::new(&row.rule).map_err(|error| corrupt("alerts", &row.rule, &error))?,
                title: title.clone(),
                alerts: unsigned(row.alerts),
                findings: unsigned(row.findings),
            });
        }
        if !tags.is_empty() {
            *by_attack.entry(tags.clone()).or_default() += unsigned(row.alerts);
        }
    }
    let by_attack = by_attack.into_iter().map(|(tags, alerts)| AttackCount { tags, alerts }).collect();
    Ok((by_rule, by_attack))
}

/// Returns title and ATT&CK tags of the alerts in these places.
async fn told(
    rows: &[Row],
    connection: &mut Connection,
) -> Result<BTreeMap<i64, (String, Vec<AttackTag>)>, StoreError> {
    let places: Vec<i64> = rows.iter().map(|row| row.latest).collect();
    let places = serde_json::to_string(&places).expect("numbers can be written");
    let found: Vec<(i64, String, Option<String>)> = sqlx::query_as(
        "SELECT place, rule_title, json_extract(body, '$.rule.attack') FROM alerts
         WHERE place IN (SELECT value FROM json_each(?))",
    )
    .bind(places)
    .fetch_all(connection)
    .await
    .doing("look up what rules say of themselves")?;
    let read = |(place, title, tags): (i64, String, Option<String>)| {
        let tags = tags.and_then(|tags| serde_json::from_str(&tags).ok()).unwrap_or_default();
        (place, (title, tags))
    };
    Ok(found.into_iter().map(read).collect())
}
