//! The tables are frozen, and the queries that matter use an index.

use sqlx::Connection as _;
use vigie_store::Store;

/// Every table and index after all migrations. A released migration is never edited: when this differs, a new migration
/// made it so. `UPDATE_GOLDEN=1` writes it.
#[tokio::test]
async fn the_schema_is_the_frozen_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    Store::open(&path).await.unwrap().close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' ORDER BY type, name",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let schema = rows.join(";\n\n") + ";\n";
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.golden.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &schema).unwrap();
    }
    assert_eq!(schema, std::fs::read_to_string(&golden).unwrap());
}

#[tokio::test]
async fn a_store_can_be_opened_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    for _ in 0..3 {
        Store::open(&path).await.unwrap().close().await;
    }
    std::fs::write(folder.path().join("text"), "this is no database, and long enough to be read as a page".repeat(100))
        .unwrap();
    assert!(Store::open(&folder.path().join("text")).await.is_err());
    assert!(Store::open(&folder.path().join("no/such/folder/vigie.db")).await.is_err());
}
