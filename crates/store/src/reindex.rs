//! Filling the indexes of terms from the rows: after the migration that made them, and when a later version takes other terms.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, SqlitePool};
use vigie_model::{Alert, Case};

use crate::StoreError;
use crate::error::Doing as _;
use crate::fulltext::{NewTerms, clear_terms};
use crate::place::Placing;
use crate::row::{Connection, from_json};
use crate::terms::{TERMS_VERSION, Terms, digest};

/// How many rows are indexed in one transaction.
const ROWS: i64 = 2_000;
const SETTING: &str = "store.terms";

/// How far the indexes are filled. It is saved with the rows that it speaks of, so that a fill goes on where it was killed.
#[derive(Debug, Default, Serialize, serde::Deserialize)]
struct Filled {
    version: i64,
    alerts: i64,
    cases: i64,
    is_done: bool,
}

/// Fills the indexes, unless this version did before.
pub(crate) async fn fill_terms(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut filled = stored(writer).await?;
    if filled.version != TERMS_VERSION {
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.doing("begin to index")?;
        clear_terms(&mut tx, Placing::ALERTS.index).await?;
        clear_terms(&mut tx, Placing::CASES.index).await?;
        filled = Filled { version: TERMS_VERSION, alerts: -1, cases: -1, is_done: false };
        save(&mut tx, &filled).await?;
        tx.commit().await.doing("commit a part of the index")?;
    }
    while !filled.is_done {
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await.doing("begin to index")?;
        let alerts = next(&mut tx, Placing::ALERTS, &mut filled.alerts, Terms::of_alert as fn(&Alert) -> Terms).await?;
        let cases = next(&mut tx, Placing::CASES, &mut filled.cases, Terms::of_case as fn(&Case) -> Terms).await?;
        filled.is_done = !alerts && !cases;
        save(&mut tx, &filled).await?;
        tx.commit().await.doing("commit a part of the index")?;
    }
    Ok(())
}

/// Indexes the rows after a place, and moves the place on. Returns whether there were any.
async fn next<T: DeserializeOwned>(
    connection: &mut Connection,
    placing: Placing,
    after: &mut i64,
    terms: fn(&T) -> Terms,
) -> Result<bool, StoreError> {
    let mut query = QueryBuilder::new("SELECT place, body FROM ");
    query.push(placing.table).push(" WHERE place > ").push_bind(*after);
    query.push(" ORDER BY place LIMIT ").push_bind(ROWS);
    let rows: Vec<(i64, String)> =
        query.build_query_as().fetch_all(&mut *connection).await.doing("load rows to index")?;
    let mut new = NewTerms::default();
    for (place, body) in &rows {
        let text = terms(&from_json(placing.table, &place.to_string(), body)?).text();
        let mut query = QueryBuilder::new("UPDATE ");
        query.push(placing.table).push(" SET terms = ").push_bind(digest(&text));
        query.push(" WHERE place = ").push_bind(*place);
        query.build().execute(&mut *connection).await.doing("index a row")?;
        new.add(placing.index, *place, text);
        *after = *place;
    }
    new.put(connection).await?;
    Ok(!rows.is_empty())
}

async fn stored(writer: &SqlitePool) -> Result<Filled, StoreError> {
    let text: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
        .bind(SETTING)
        .fetch_optional(writer)
        .await
        .doing("load how far the index is filled")?;
    text.map_or_else(|| Ok(Filled::default()), |text| from_json("settings", SETTING, &text))
}

async fn save(connection: &mut Connection, filled: &Filled) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO settings (key, value, updated) VALUES (?, ?, 0)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(SETTING)
    .bind(crate::row::to_json(filled))
    .execute(connection)
    .await
    .doing("save how far the index is filled")?;
    Ok(())
}
