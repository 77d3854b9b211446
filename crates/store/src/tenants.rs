//! Tenants and settings.

use serde_json::Value;
use vigie_model::{ObjectKind, Stamp, Tenant, TenantId, Timestamp};

use crate::desk::stamp;
use crate::error::Doing as _;
use crate::fields::List;
use crate::objects::{Cell, Object, write_row};
use crate::row::{bodies, body, from_json, to_json};
use crate::{Store, StoreError, Tx};

impl Store {
    /// Returns every tenant, by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM tenants ORDER BY id")
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list tenants")?;
        bodies("tenants", rows)
    }

    /// Returns the tenant of this id or, without regard to ASCII case, this name.
    pub async fn tenant(&self, id_or_name: &str) -> Result<Option<Tenant>, StoreError> {
        let row =
            sqlx::query_scalar("SELECT body FROM tenants WHERE id = ? OR lower(name) = ? ORDER BY id <> ? LIMIT 1")
                .bind(id_or_name)
                .bind(id_or_name.to_ascii_lowercase())
                .bind(id_or_name)
                .fetch_optional(&mut *self.read().await?)
                .await
                .doing("load a tenant")?;
        body("tenants", row)
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
    /// Returns whether an alert or case has a value of a custom field.
    pub async fn has_field_values(&mut self, field: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM field_values WHERE name = ?)")
            .bind(field)
            .fetch_one(&mut *self.inner)
            .await
            .doing("look for values of a custom field")
    }

    /// Makes the tenant known; every row belongs to a known one. Returns whether it is new; a known one keeps its name.
    pub async fn ensure_tenant(&mut self, id: &TenantId, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let tenant = Tenant {
            id: id.clone(),
            name: name.to_owned(),
            description: String::new(),
            links: Vec::new(),
            locked: false,
            stamp: Stamp::new("", now),
        };
        let done = sqlx::query(
            "INSERT INTO tenants (id, name, created, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.as_str())
        .bind(name)
        .bind(now.as_micros())
        .bind(to_json(&tenant))
        .execute(&mut *self.inner)
        .await
        .doing("make a tenant known")?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives a tenant another name. Returns whether it is known.
    pub async fn rename_tenant(&mut self, id: &TenantId, name: &str) -> Result<bool, StoreError> {
        let row = sqlx::query_scalar("SELECT body FROM tenants WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&mut *self.inner)
            .await
            .doing("load a tenant")?;
        let Some(tenant) = body::<Tenant>("tenants", row)? else { return Ok(false) };
        write_row(self, &Tenant { name: name.to_owned(), ..tenant }, true).await?;
        Ok(true)
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

impl Object for Tenant {
    const LIST: List = List::Tenants;
    const KIND: ObjectKind = ObjectKind::Tenant;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<&TenantId> {
        Some(&self.id)
    }

    fn columns(&self) -> Vec<(&'static str, Cell)> {
        let mut columns = vec![("name", Cell::Text(self.name.clone()))];
        columns.extend(stamp(&self.stamp));
        columns
    }
}
