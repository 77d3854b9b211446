//! Users, their sessions, and API keys. Of passwords and tokens only hashes are stored.

use std::collections::HashSet;
use std::fmt;

use sha2::{Digest as _, Sha256};
use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;
use vigie_model::{ApiKey, ApiKeyId, ObjectKind, Role, SessionId, TenantId, TenantScope, Timestamp, User, UserId};

use crate::error::{Doing as _, refused};
use crate::fields::List;
use crate::objects::{Cell, Object};
use crate::row::{get, json, parsed, read_body, time, time_or_none, to_json};
use crate::{Store, StoreError, Tx};

/// A password's hash in the PHC string format, as Argon2 writes it. It does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Returns the hash of this text, which must be a hash already.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// Returns what stands for no password: nothing verifies against it.
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// Returns its text, to verify a password against.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// The SHA-256 of a session's token or an API key's secret. Those are random and long, so a fast hash is enough. It does
/// not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// Returns the hash of a token.
    pub fn of(token: &str) -> Self {
        Self(hex::encode(Sha256::digest(token)))
    }

    /// Returns its 64 hex digits, to compare in constant time.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A user who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who.
    pub user: UserId,
    /// Since when.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

const USER: &str = "SELECT body, password FROM users";
const KEY: &str = "SELECT id, name, role, tenants, created, expires, revoked, user_id, secret_hash FROM api_keys";

impl Store {
    /// Returns every user, by name.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query(concat_sql(USER, " ORDER BY lower(name)"))
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list users")?;
        rows.iter().map(read_user).collect()
    }

    /// Returns a user.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query(concat_sql(USER, " WHERE id = ?"))
            .bind(id.to_string())
            .fetch_optional(&mut *self.read().await?)
            .await
            .doing("load a user")?;
        row.as_ref().map(read_user).transpose()
    }

    /// Returns the user of this name, without regard to ASCII case, and the hash of their password.
    pub async fn user_by_name(&self, name: &str) -> Result<Option<(User, PasswordHash)>, StoreError> {
        let row = sqlx::query(concat_sql(USER, " WHERE lower(name) = ?"))
            .bind(name.to_ascii_lowercase())
            .fetch_optional(&mut *self.read().await?)
            .await
            .doing("load a user by name")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((read_user(&row)?, PasswordHash(get(&row, "users", "password")?))))
    }

    /// Returns the session of a token and its user, or `None` where it ended, or the user may not sign in.
    pub async fn session(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Session, User)>, StoreError> {
        let mut connection = self.read().await?;
        let row =
            sqlx::query("SELECT id, user_id, created, expires FROM sessions WHERE token_hash = ? AND expires > ?")
                .bind(token.expose())
                .bind(now.as_micros())
                .fetch_optional(&mut *connection)
                .await
                .doing("load a session")?;
        let Some(row) = row else { return Ok(None) };
        let session = Session {
            id: parsed(&row, "sessions", "id")?,
            user: parsed(&row, "sessions", "user_id")?,
            created: time(&row, "sessions", "created")?,
            expires: time(&row, "sessions", "expires")?,
        };
        let row = sqlx::query(concat_sql(USER, " WHERE id = ?"))
            .bind(session.user.to_string())
            .fetch_optional(&mut *connection)
            .await
            .doing("load the user of a session")?;
        let user = row.as_ref().map(read_user).transpose()?;
        Ok(user.filter(|user| !user.disabled).map(|user| (session, user)))
    }

    /// Returns an API key and the hash of its secret, also where it ended or was taken back: look at it.
    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<(ApiKey, TokenHash)>, StoreError> {
        let row = sqlx::query(concat_sql(KEY, " WHERE id = ?"))
            .bind(id.to_string())
            .fetch_optional(&mut *self.read().await?)
            .await
            .doing("load an API key")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((read_key(&row)?, TokenHash(get(&row, "api_keys", "secret_hash")?))))
    }

    /// Returns whether a user has a password, and whether they have an API key of their own that is not taken back.
    pub async fn credentials_of(&self, user: UserId) -> Result<(bool, bool), StoreError> {
        sqlx::query_as(
            "SELECT password <> '', EXISTS (SELECT 1 FROM api_keys WHERE user_id = users.id AND NOT revoked)
             FROM users WHERE id = ?",
        )
        .bind(user.to_string())
        .fetch_optional(&mut *self.read().await?)
        .await
        .doing("look for a user's credentials")
        .map(|found| found.unwrap_or((false, false)))
    }

    /// Returns which of these users have a password, and which have an API key of their own that is not taken back.
    pub async fn credentials(&self, users: &[UserId]) -> Result<(HashSet<UserId>, HashSet<UserId>), StoreError> {
        let (mut passwords, mut keys) = (HashSet::new(), HashSet::new());
        let mut connection = self.read().await?;
        // A statement takes so many values and no more.
        for users in users.chunks(1_000) {
            let mut query = QueryBuilder::new(
                "SELECT id, password <> '' AS has_password,
                     EXISTS (SELECT 1 FROM api_keys WHERE user_id = users.id AND NOT revoked) AS has_key
                 FROM users WHERE id IN (",
            );
            let mut list = query.separated(", ");
            for user in users {
                list.push_bind(user.to_string());
            }
            query.push(")");
            for row in query.build().fetch_all(&mut *connection).await.doing("look for users' credentials")? {
                let id: UserId = parsed(&row, "users", "id")?;
                if get(&row, "users", "has_password")? {
                    passwords.insert(id);
                }
                if get(&row, "users", "has_key")? {
                    keys.insert(id);
                }
            }
        }
        Ok((passwords, keys))
    }

    /// Returns the API keys of a user that are not taken back, newest first.
    pub async fn api_keys_of(&self, user: UserId) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(concat_sql(KEY, " WHERE user_id = ? AND NOT revoked ORDER BY created DESC, id"))
            .bind(user.to_string())
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list a user's API keys")?;
        rows.iter().map(read_key).collect()
    }

    /// Returns every API key, newest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(concat_sql(KEY, " ORDER BY created DESC, id"))
            .fetch_all(&mut *self.read().await?)
            .await
            .doing("list API keys")?;
        rows.iter().map(read_key).collect()
    }
}

impl Tx {
    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the id or the name, without regard to ASCII case, is taken.
    pub async fn create_user(&mut self, user: &User, password: &PasswordHash) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO users (id, name, role, tenants, disabled, created, password, body) VALUES (?, ?, '', '', ?, 0, ?, '')",
        )
        .bind(user.id.to_string())
        .bind(&user.name)
        .bind(user.disabled)
        .bind(password.expose())
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "make a user", ObjectKind::User, &user.name))?;
        self.save_user(user).await.map(|_| ())
    }

    /// Saves what may change of a user, and where they are a member. Returns whether there is such a user.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the name, without regard to ASCII case, is taken.
    pub async fn save_user(&mut self, user: &User) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE users SET name = ?, role = ?, tenants = ?, disabled = ?, display = ?, email = ?, created = ?,
                 created_by = ?, updated = ?, body = ? WHERE id = ?",
        )
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(to_json(&user.tenants))
        .bind(user.disabled)
        .bind(&user.display)
        .bind(&user.email)
        .bind(user.stamp.created.as_micros())
        .bind(&user.stamp.created_by)
        .bind(user.stamp.updated.map(Timestamp::as_micros))
        .bind(to_json(user))
        .bind(user.id.to_string())
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "save a user", ObjectKind::User, &user.name))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.save_memberships(user).await?;
        Ok(true)
    }

    /// Makes the rows that say where a user is a member those of the user.
    async fn save_memberships(&mut self, user: &User) -> Result<(), StoreError> {
        let doing = "save memberships";
        sqlx::query("DELETE FROM memberships WHERE user_id = ?")
            .bind(user.id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing(doing)?;
        for membership in &user.memberships {
            sqlx::query("INSERT INTO memberships (user_id, tenant, profile, is_default) VALUES (?, ?, ?, ?)")
                .bind(user.id.to_string())
                .bind(membership.tenant.as_str())
                .bind(&membership.profile)
                .bind(membership.default)
                .execute(&mut *self.inner)
                .await
                .map_err(|source| refused(source, doing, ObjectKind::User, &user.name))?;
        }
        let TenantScope::Only(tenants) = &user.tenants else { return Ok(()) };
        let Some(profile) = implied_profile(user) else { return Ok(()) };
        for tenant in tenants {
            sqlx::query(
                "INSERT INTO memberships (user_id, tenant, profile, is_default)
                 SELECT ?, id, ?, FALSE FROM tenants WHERE id = ? ON CONFLICT (user_id, tenant) DO NOTHING",
            )
            .bind(user.id.to_string())
            .bind(profile)
            .bind(tenant.as_str())
            .execute(&mut *self.inner)
            .await
            .doing(doing)?;
        }
        Ok(())
    }

    /// Gives a user another password. Returns whether there is such a user. Their sessions stay; see
    /// [`Tx::end_sessions_of`].
    pub async fn set_password(&mut self, id: UserId, password: &PasswordHash) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE users SET password = ? WHERE id = ?")
            .bind(password.expose())
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("set a password")?;
        Ok(done.rows_affected() > 0)
    }

    /// Deletes a user and their sessions. Returns whether there was one.
    pub async fn delete_user(&mut self, id: UserId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM users WHERE id = ?")
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("delete a user")?;
        Ok(done.rows_affected() > 0)
    }

    /// Begins a session.
    pub async fn create_session(&mut self, session: &Session, token: &TokenHash) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO sessions (token_hash, id, user_id, created, expires) VALUES (?, ?, ?, ?, ?)")
            .bind(token.expose())
            .bind(session.id.to_string())
            .bind(session.user.to_string())
            .bind(session.created.as_micros())
            .bind(session.expires.as_micros())
            .execute(&mut *self.inner)
            .await
            .map_err(|source| refused(source, "begin a session", ObjectKind::Session, &session.id))?;
        Ok(())
    }

    /// Ends a session. Returns whether there was one.
    pub async fn end_session(&mut self, token: &TokenHash) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE token_hash = ?")
            .bind(token.expose())
            .execute(&mut *self.inner)
            .await
            .doing("end a session")?;
        Ok(done.rows_affected() > 0)
    }

    /// Ends every session of a user. Returns how many.
    pub async fn end_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE user_id = ?")
            .bind(user.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("end the sessions of a user")?;
        Ok(done.rows_affected())
    }

    /// Forgets the sessions that ended. Returns how many.
    pub async fn expire_sessions(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE expires <= ?")
            .bind(now.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("forget sessions that ended")?;
        Ok(done.rows_affected())
    }

    /// Makes an API key.
    pub async fn create_api_key(&mut self, key: &ApiKey, secret: &TokenHash) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO api_keys (id, name, role, tenants, created, expires, revoked, user_id, secret_hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(key.id.to_string())
        .bind(&key.name)
        .bind(key.role.as_str())
        .bind(to_json(&key.tenants))
        .bind(key.created.as_micros())
        .bind(key.expires.map(Timestamp::as_micros))
        .bind(key.revoked)
        .bind(key.user.map(|user| user.to_string()))
        .bind(secret.expose())
        .execute(&mut *self.inner)
        .await
        .map_err(|source| refused(source, "make an API key", ObjectKind::ApiKey, &key.id))?;
        Ok(())
    }

    /// Takes back every API key of a user. Returns which held until now.
    pub async fn revoke_api_keys_of(&mut self, user: UserId) -> Result<Vec<ApiKeyId>, StoreError> {
        let rows = sqlx::query("UPDATE api_keys SET revoked = ? WHERE user_id = ? AND NOT revoked RETURNING id")
            .bind(true)
            .bind(user.to_string())
            .fetch_all(&mut *self.inner)
            .await
            .doing("take back the API keys of a user")?;
        rows.iter().map(|row| parsed(row, "api_keys", "id")).collect()
    }

    /// Takes an API key back. Returns false where there is none, or it was taken back before.
    pub async fn revoke_api_key(&mut self, id: ApiKeyId) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE api_keys SET revoked = ? WHERE id = ? AND NOT revoked")
            .bind(true)
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await
            .doing("take an API key back")?;
        Ok(done.rows_affected() > 0)
    }
}

/// Returns the profile that a role comes to in each tenant of a user without memberships; those have rows too, so that lists
/// of members show everybody.
fn implied_profile(user: &User) -> Option<&'static str> {
    match user.role {
        _ if !user.memberships.is_empty() => None,
        Role::Admin => Some("org-admin"),
        Role::Analyst => Some("analyst"),
        Role::Reader => Some("read-only"),
        Role::Ingest => None,
    }
}

/// Joins two parts of a statement, both of them ours.
fn concat_sql(select: &'static str, rest: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{select}{rest}"))
}

fn read_user(row: &SqliteRow) -> Result<User, StoreError> {
    read_body(row, "users")
}

fn read_key(row: &SqliteRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: parsed(row, "api_keys", "id")?,
        name: get(row, "api_keys", "name")?,
        role: parsed(row, "api_keys", "role")?,
        tenants: json(row, "api_keys", "tenants")?,
        created: time(row, "api_keys", "created")?,
        expires: time_or_none(row, "api_keys", "expires")?,
        revoked: get(row, "api_keys", "revoked")?,
        user: match get::<Option<String>>(row, "api_keys", "user_id")? {
            Some(_) => Some(parsed(row, "api_keys", "user_id")?),
            None => None,
        },
    })
}

impl Object for User {
    const LIST: List = List::Users;
    const KIND: ObjectKind = ObjectKind::User;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn owner(&self) -> Option<&TenantId> {
        None
    }

    fn columns(&self) -> Vec<(&'static str, Cell)> {
        Vec::new()
    }

    /// A new user has no password yet, so nobody can sign in as them.
    async fn write(&self, tx: &mut Tx, before: Option<&Self>) -> Result<(), StoreError> {
        match before {
            None => tx.create_user(self, &PasswordHash::none()).await,
            Some(_) => tx.save_user(self).await.map(|_| ()),
        }
    }
}
