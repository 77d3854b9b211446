//! Tenants and settings.

use serde_json::Value;
use vigie_model::{TenantId, Timestamp};

use crate::error::Doing as _;
use crate::row::{from_json, get, parsed, time};
use crate::{Store, StoreError, Tx};

/// A client of the SOC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// Since when it is known.
    pub created: Timestamp,
}

impl Store {
    /// Returns every tenant, by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows = sqlx::query("SELECT id, name, created FROM tenants ORDER BY id")
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list tenants")?;
        let read = |row| {
            Ok(Tenant {
                id: parsed(row, "tenants", "id")?,
                name: get(row, "tenants", "name")?,
                created: time(row, "tenants", "created")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Returns a setting, or `None` where it was never set.
    pub async fn setting(&self, key: &str) -> Result<Option<Value>, StoreError> {
        let text: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(key)
            .fetch_optional(&mut *self.read().await?)
            .await
            .doing("load a setting")?;
        text.map(|text| from_json("settings", key, &text)).transpose()
    }
}

impl Tx {
    /// Makes the tenant known; every row belongs to a known one. Returns whether it is new; a known one keeps its name.
    pub async fn ensure_tenant(&mut self, id: &TenantId, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("INSERT INTO tenants (id, name, created) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING")
            .bind(id.as_str())
            .bind(name)
            .bind(now.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("make a tenant known")?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a tenant another name. Returns whether it is known.
    pub async fn rename_tenant(&mut self, id: &TenantId, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE tenants SET name = ? WHERE id = ?")
            .bind(name)
            .bind(id.as_str())
            .execute(&mut *self.inner)
            .await
            .doing("rename a tenant")?;
        Ok(done.rows_affected() > 0)
    }

    /// Sets a setting.
    pub async fn set_setting(&mut self, key: &str, value: &Value, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO settings (key, value, updated) VALUES (?, ?, ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated = excluded.updated",
        )
        .bind(key)
        .bind(value.to_string())
        .bind(now.as_micros())
        .execute(&mut *self.inner)
        .await
        .doing("set a setting")?;
        Ok(())
    }
}
