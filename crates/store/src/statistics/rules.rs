//! Alerts by rule and by what the rules say of ATT&CK.

use std::collections::BTreeMap;

use vigie_model::{AttackTag, RuleId};

use super::{AttackCount, RULES_MAX, RuleCount, Span};
use crate::StoreError;
use crate::error::Doing as _;
use crate::row::{Connection, corrupt, unsigned};

/// How many rules are looked at for what they say of ATT&CK, those with the most alerts first.
const LOOKED_AT_MAX: u32 = 2_000;

#[derive(sqlx::FromRow)]
struct Row {
    rule: String,
    latest: i64,
    alerts: i64,
    findings: i64,
}

/// Returns the counts of the rules with the most alerts, and those of all rules by ATT&CK tag. Title and tags are those of the
/// rule's latest alert.
pub(super) async fn counts(
    span: &Span<'_>,
    connection: &mut Connection,
) -> Result<(Vec<RuleCount>, Vec<AttackCount>), StoreError> {
    let mut query = span.select(
        "SELECT rule, max(place) AS latest, count(*) AS alerts, sum(count) AS findings",
        " GROUP BY rule ORDER BY count(*) DESC, rule LIMIT ",
    );
    query.push_bind(i64::from(LOOKED_AT_MAX));
    let rows: Vec<Row> = query.build_query_as().fetch_all(&mut *connection).await.doing("count by rule")?;
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
