//! Objects: read, listed, counted, made, changed and deleted in one way, each change with its row in the audit log.
//!
//! [`Tx::create`], [`Tx::change`] and [`Tx::remove`] write the object and who did it with what was before and after, so
//! that neither is there without the other.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::QueryBuilder;
use vigie_model::{Actor, Filter, ObjectKind, Selection, TenantId, Timestamp, Verb};

use crate::error::{Doing as _, refused};
use crate::fields::{List, Table};
use crate::insert::bind;
use crate::listing::count_all;
use crate::row::{Connection, body, read_body, to_json};
use crate::scope::{Scope, Within};
use crate::{AuditNote, Store, StoreError, Tx, VALUES_MAX};

/// How long a text may be that the audit log keeps whole, in bytes. Of a longer one it keeps the beginning and the digest.
pub const AUDIT_TEXT_BYTES_MAX: usize = 16 * 1024;

/// Who changes something, and when.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A text that may be missing.
    Maybe(Option<String>),
    /// A whole number or a time in microseconds.
    Integer(i64),
    /// One that may be missing.
    MaybeInteger(Option<i64>),
    /// True or false.
    Flag(bool),
}

/// What is kept in one row: the object as JSON, and columns that lists filter and sort by.
pub trait Object: Serialize + DeserializeOwned + Send + Sync + Sized {
    /// Its list.
    const LIST: List;
    /// What the audit log calls it.
    const KIND: ObjectKind;

    /// Returns its id.
    fn key(&self) -> String;

    /// Returns whose it is; `None` for what is everybody's.
    fn owner(&self) -> Option<&TenantId>;

    /// Returns its columns but for `id`, `tenant` and `body`.
    fn columns(&self) -> Vec<(&'static str, Cell)>;

    /// Writes it, over what was there. The default is one row; what has more, or a version, does more.
    fn write(&self, tx: &mut Tx, before: Option<&Self>) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move { write_row(tx, self, before.is_some()).await }
    }

    /// Writes new ones. The default is one after the other; what comes in numbers does it in few statements.
    fn write_new(objects: &[Self], tx: &mut Tx) -> impl Future<Output = Result<(), StoreError>> + Send {
        async move {
            for object in objects {
                object.write(tx, None).await?;
            }
            Ok(())
        }
    }
}

impl Store {
    /// Returns an object, or `None` where there is none within the scope.
    pub async fn get<T: Object>(&self, scope: &impl Within, id: &str) -> Result<Option<T>, StoreError> {
        get(&mut *self.read().await?, scope, id).await
    }

    /// Returns the objects that are asked for, as of one moment.
    pub async fn select<T: Object>(&self, scope: &impl Within, selection: &Selection) -> Result<Vec<T>, StoreError> {
        select(&mut *self.read().await?, scope, selection).await
    }

    /// Returns how many objects match, exactly.
    pub async fn count<T: Object>(&self, scope: &impl Within, filter: &Filter) -> Result<u64, StoreError> {
        let mut connection = self.read().await?;
        let scope = Scope::of(&mut connection, T::LIST.table(), scope).await?;
        count_all(&mut connection, T::LIST.table(), &scope, filter).await
    }

    /// Returns how many objects have each of these ids in a field that holds ids; an id that none has is left out. Of more
    /// than [`crate::VALUES_MAX`] ids the first are taken.
    pub async fn count_by<T: Object>(
        &self,
        scope: &impl Within,
        field: &str,
        ids: &[String],
    ) -> Result<HashMap<String, u64>, StoreError> {
        let values = ids.iter().take(VALUES_MAX).map(|id| vigie_model::Value::Text(id.clone())).collect();
        self.tally::<T>(scope, field, &Filter::OneOf { name: field.to_owned(), values }).await
    }
}

impl Tx {
    /// Returns an object, or `None` where there is none within the scope.
    pub async fn get<T: Object>(&mut self, scope: &impl Within, id: &str) -> Result<Option<T>, StoreError> {
        get(&mut self.inner, scope, id).await
    }

    /// Returns the objects that are asked for, those of this transaction included.
    pub async fn select<T: Object>(
        &mut self,
        scope: &impl Within,
        selection: &Selection,
    ) -> Result<Vec<T>, StoreError> {
        self.index_now().await?;
        select(&mut self.inner, scope, selection).await
    }

    /// Saves a new object without a word in the audit log: for what Vigie sets up itself.
    pub async fn put<T: Object>(&mut self, object: &T) -> Result<(), StoreError> {
        object.write(self, None).await
    }

    /// Saves new objects like [`Tx::put`], in fewer statements.
    pub async fn put_all<T: Object>(&mut self, objects: &[T]) -> Result<(), StoreError> {
        T::write_new(objects, self).await
    }

    /// Saves a new object and says so in the audit log.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where its id or name is taken.
    pub async fn create<T: Object>(&mut self, object: &T, author: Author<'_>) -> Result<(), StoreError> {
        object.write(self, None).await?;
        let details = json!({"after": shortened(&json!(object))});
        self.audit(&note(object, Verb::Create, details, author)).await.map(|_| ())
    }

    /// Saves new objects and says so in the audit log, a row for each: in fewer statements than one after the other.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the id or name of one of them is taken; then none of them may be kept.
    pub async fn create_all<T: Object>(&mut self, objects: &[T], author: Author<'_>) -> Result<(), StoreError> {
        T::write_new(objects, self).await?;
        let created = |object| note(object, Verb::Create, json!({"after": shortened(&json!(object))}), author);
        self.audit_all(&objects.iter().map(created).collect::<Vec<_>>()).await.map(|_| ())
    }

    /// Saves a changed object and says in the audit log what was before and after. Where nothing changed, nothing is
    /// written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the object has a version and another than that of `before` is stored.
    pub async fn change<T: Object>(
        &mut self,
        before: &T,
        after: &T,
        verb: Verb,
        author: Author<'_>,
    ) -> Result<(), StoreError> {
        let Some(details) = difference(&json!(before), &json!(after)) else { return Ok(()) };
        after.write(self, Some(before)).await?;
        self.audit(&note(after, verb, details, author)).await.map(|_| ())
    }

    /// Deletes an object and what hangs on it, and says in the audit log what it was. Returns whether it was there.
    pub async fn remove<T: Object>(&mut self, object: &T, author: Author<'_>) -> Result<bool, StoreError> {
        // What is deleted is taken out of the index, so it must be in it.
        self.index_now().await?;
        let mut query = QueryBuilder::new("DELETE FROM ");
        query.push(T::LIST.table().name).push(" WHERE id = ").push_bind(object.key());
        let done = query.build().execute(&mut *self.inner).await.doing("delete an object")?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let details = json!({"before": shortened(&json!(object))});
        self.audit(&note(object, Verb::Delete, details, author)).await?;
        Ok(true)
    }
}

fn note<T: Object>(object: &T, verb: Verb, details: Value, author: Author<'_>) -> AuditNote {
    AuditNote {
        at: author.now,
        tenant: object.owner().cloned(),
        actor: author.actor.clone(),
        verb,
        object: T::KIND,
        object_id: object.key(),
        details,
    }
}

async fn get<T: Object>(connection: &mut Connection, scope: &impl Within, id: &str) -> Result<Option<T>, StoreError> {
    let scope = Scope::of(connection, T::LIST.table(), scope).await?;
    get_in(connection, &scope, id).await
}

/// Returns an object of a tenant of the scope itself; what others share with it is not found.
pub(crate) async fn get_owned<T: Object>(
    connection: &mut Connection,
    scope: &impl Within,
    id: &str,
) -> Result<Option<T>, StoreError> {
    let scope = Scope::owned(connection, scope).await?;
    get_in(connection, &scope, id).await
}

async fn get_in<T: Object>(connection: &mut Connection, scope: &Scope<'_>, id: &str) -> Result<Option<T>, StoreError> {
    get_row(connection, scope, T::LIST.table(), id).await
}

/// Returns the object of this row, or `None` where there is none within the scope. The table is one with `body`.
pub(crate) async fn get_row<T: DeserializeOwned>(
    connection: &mut Connection,
    scope: &Scope<'_>,
    table: &'static Table,
    id: &str,
) -> Result<Option<T>, StoreError> {
    let mut query = QueryBuilder::new("SELECT body FROM ");
    query.push(table.name).push(" WHERE id = ").push_bind(id.to_owned()).push(" AND ");
    scope.push(&mut query, table);
    body(table.name, query.build_query_scalar().fetch_optional(connection).await.doing("load an object by its id")?)
}

async fn select<T: Object>(
    connection: &mut Connection,
    scope: &impl Within,
    selection: &Selection,
) -> Result<Vec<T>, StoreError> {
    let table = T::LIST.table();
    let scope = Scope::of(connection, table, scope).await?;
    let rows = crate::listing::selection(connection, table, &scope, selection).await?;
    rows.iter().map(|row| read_body(row, table.name)).collect()
}

/// Writes the row of an object, a new one or over the one that is there.
pub(crate) async fn write_row<T: Object>(tx: &mut Tx, object: &T, is_there: bool) -> Result<(), StoreError> {
    let table = T::LIST.table().name;
    let mut columns = object.columns();
    if let Some(tenant) = object.owner()
        && T::KIND != ObjectKind::Tenant
        && T::KIND != ObjectKind::User
    {
        columns.push(("tenant", Cell::Text(tenant.to_string())));
    }
    columns.push(("body", Cell::Text(to_json(object))));
    let mut query = QueryBuilder::new("");
    if is_there {
        query.push("UPDATE ").push(table).push(" SET ");
        for (index, (name, cell)) in columns.into_iter().enumerate() {
            query.push(if index > 0 { ", " } else { "" }).push(name).push(" = ");
            bind(&mut query, cell);
        }
        query.push(" WHERE id = ").push_bind(object.key());
    } else {
        query.push("INSERT INTO ").push(table).push(" (id");
        for (name, _) in &columns {
            query.push(", ").push(*name);
        }
        query.push(") VALUES (").push_bind(object.key());
        for (_, cell) in columns {
            query.push(", ");
            bind(&mut query, cell);
        }
        query.push(")");
    }
    query
        .build()
        .execute(&mut *tx.inner)
        .await
        .map_err(|source| refused(source, "save an object", T::KIND, &object.key()))?;
    Ok(())
}

/// Returns the fields that differ, `{"before": {…}, "after": {…}}`, or `None` where none does. `updated`, `updated_by` and
/// `version` follow from the change and are left out.
pub fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return (before != after).then(|| json!({"before": shortened(before), "after": shortened(after)}));
    };
    let (mut was, mut is) = (Map::new(), Map::new());
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names.filter(|name| !matches!(name.as_str(), "updated" | "updated_by" | "version")) {
        let (old, new) = (before.get(name).unwrap_or(&Value::Null), after.get(name).unwrap_or(&Value::Null));
        if old == new {
            continue;
        }
        if name == "desk"
            && let Some(inner) = difference(old, new)
        {
            was.insert(name.clone(), inner["before"].clone());
            is.insert(name.clone(), inner["after"].clone());
        } else if name != "desk" {
            was.insert(name.clone(), shortened(old));
            is.insert(name.clone(), shortened(new));
        }
    }
    (!was.is_empty()).then(|| json!({"before": was, "after": is}))
}

/// Returns the value with long texts cut to their beginning and their digest.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > AUDIT_TEXT_BYTES_MAX => {
            let beginning: String = text.chars().take(1_000).collect();
            json!({"beginning": beginning, "bytes": text.len(), "sha256": hex::encode(Sha256::digest(text))})
        }
        Value::Array(items) => Value::Array(items.iter().map(shortened).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), shortened(value))).collect())
        }
        other => other.clone(),
    }
}
