//! Erasing a person: another name where theirs was, and their traces in the audit log gone, so that the log still holds.
//!
//! What other people wrote in words of their own is not looked into, nor is evidence: a name in an event, a finding or an
//! observable stays. See `docs/adr/0007-erasing-from-a-chain.md`.

mod audit;
mod mention;
mod rename;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::QueryBuilder;
use vigie_model::{
    Alert, Attachment, Case, CaseLink, CasePage, CaseTemplate, Comment, CustomField, DataType, Job, NoticeRule,
    ObjectKind, Observable, PageTemplate, Procedure, Profile, Role, Share, Task, TaskLog, Tenant, TenantScope, User,
    UserId,
};

use crate::error::Doing as _;
use crate::objects::{Author, Object};
use crate::row::{from_json, read_body};
use crate::{PasswordHash, StoreError, Tx};
use mention::{Mentions, push_mentions};

/// How long a pseudonym may be, in bytes.
pub const PSEUDONYM_BYTES_MAX: usize = 100;
/// How many rows are held at a time.
const ROWS: i64 = 200;

/// Whose name is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The user's name, without regard to ASCII case. They need not have an account any more.
    pub name: String,
    /// What stands in its place; nobody's name.
    pub pseudonym: String,
}

/// What an erasure changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Whose account it was, where there was one.
    pub user: Option<UserId>,
    /// How many rows of each table; of tables that had none there is no word. `audit actors` and `audit details` are the rows
    /// of the audit log that were theirs and those that told of them.
    pub rows: BTreeMap<&'static str, u64>,
}

/// A person as their traces name them.
#[derive(Debug)]
struct Person {
    name: String,
    pseudonym: String,
    email: Option<String>,
    /// Their name, and that they are called by and their address, where they have an account.
    mentions: Mentions,
}

impl Tx {
    /// Puts a pseudonym in the place of a user's name wherever it says who made, changed, wrote or has something, closes their
    /// account and empties it, takes back their keys, and erases from the audit log who they were and what it tells of them.
    /// The log gets a row that does not name them, unless there was nothing of
    /// them. Alerts and cases get a new version, so that nobody saves an older one over
    /// it.
    ///
    /// It looks through every row there is: on a large store it takes as long as reading all of it. Call [`Store::settle`]
    /// after the commit.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the pseudonym is a user's name.
    pub async fn erase_person(&mut self, erasure: &Erasure, author: Author<'_>) -> Result<Erased, StoreError> {
        let Erasure { name, pseudonym } = erasure;
        if name.eq_ignore_ascii_case(pseudonym) || self.user_called(pseudonym).await?.is_some() {
            return Err(StoreError::Exists { object: ObjectKind::User, id: pseudonym.clone() });
        }
        let user = self.user_called(name).await?;
        let person = Person::new(erasure, user.as_ref());
        // What is overwritten is overwritten with zeros: the file must not keep it in a page that nobody uses.
        self.overwrite_freed_pages(true).await?;
        let mut rows = BTreeMap::new();
        self.rename_in_objects(&person, &mut rows).await?;
        self.rename_in_texts(&person, &mut rows).await?;
        if let Some(user) = &user {
            self.empty_account(user, pseudonym, author, &mut rows).await?;
        }
        rows.retain(|_, rows| *rows > 0);
        let user = user.map(|user| user.id);
        self.erase_in_audit(&person, user, &mut rows, author).await?;
        self.overwrite_freed_pages(false).await?;
        Ok(Erased { user, rows })
    }

    async fn user_called(&mut self, name: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT body FROM users WHERE lower(name) = ?")
            .bind(name.to_ascii_lowercase())
            .fetch_optional(&mut *self.inner)
            .await
            .doing("load a user by name")?;
        row.as_ref().map(|row| read_body(row, "users")).transpose()
    }

    async fn overwrite_freed_pages(&mut self, is_on: bool) -> Result<(), StoreError> {
        let statement = if is_on { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = FAST" };
        sqlx::query(statement).execute(&mut *self.inner).await.doing("say what becomes of what is overwritten")?;
        Ok(())
    }

    async fn rename_in_objects(
        &mut self,
        person: &Person,
        rows: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        let alerts = self.rename_in::<Alert>(person, |alert| alert.version += 1).await?;
        let cases = self.rename_in::<Case>(person, |case| case.version += 1).await?;
        rows.extend([("alerts", alerts), ("cases", cases)]);
        rows.insert("attachments", self.rename_in::<Attachment>(person, |_| ()).await?);
        rows.insert("case links", self.rename_in::<CaseLink>(person, |_| ()).await?);
        rows.insert("case templates", self.rename_in::<CaseTemplate>(person, |_| ()).await?);
        rows.insert("comments", self.rename_in::<Comment>(person, |_| ()).await?);
        rows.insert("custom fields", self.rename_in::<CustomField>(person, |_| ()).await?);
        rows.insert("jobs", self.rename_in::<Job>(person, |_| ()).await?);
        rows.insert("notice rules", self.rename_in::<NoticeRule>(person, |_| ()).await?);
        rows.insert("observable types", self.rename_in::<DataType>(person, |_| ()).await?);
        rows.insert("observables", self.rename_in::<Observable>(person, |_| ()).await?);
        rows.insert("page templates", self.rename_in::<PageTemplate>(person, |_| ()).await?);
        rows.insert("pages", self.rename_in::<CasePage>(person, |_| ()).await?);
        rows.insert("procedures", self.rename_in::<Procedure>(person, |_| ()).await?);
        rows.insert("profiles", self.rename_in::<Profile>(person, |_| ()).await?);
        rows.insert("shares", self.rename_in::<Share>(person, |_| ()).await?);
        rows.insert("task logs", self.rename_in::<TaskLog>(person, |_| ()).await?);
        rows.insert("tasks", self.rename_in::<Task>(person, |_| ()).await?);
        rows.insert("tenants", self.rename_in::<Tenant>(person, |_| ()).await?);
        rows.insert("users", self.rename_in::<User>(person, |_| ()).await?);
        Ok(())
    }

    /// Changes the name in the objects of a kind. Returns in how many it was.
    async fn rename_in<T: Object>(&mut self, person: &Person, raise: fn(&mut T)) -> Result<u64, StoreError> {
        let table = T::LIST.table().name;
        let (mut after, mut changed) = (i64::MIN, 0);
        loop {
            let found = self.mentioning(table, after, &person.mentions).await?;
            let Some((last, _)) = found.last() else { return Ok(changed) };
            after = *last;
            for (place, text) in &found {
                let mut value: Value = from_json(table, "", text)?;
                if !rename::in_object(&mut value, person) {
                    continue;
                }
                let before: T = read(table, text)?;
                let mut object: T =
                    serde_json::from_value(value).map_err(|error| crate::row::corrupt(table, &before.key(), &error))?;
                raise(&mut object);
                object.write(self, Some(&before)).await?;
                if matches!(table, "alerts" | "observables") {
                    self.rename_maker(table, *place, person).await?;
                }
                changed += 1;
            }
        }
    }

    /// Who made an alert or an observable is written once and by no change.
    async fn rename_maker(&mut self, table: &'static str, place: i64, person: &Person) -> Result<(), StoreError> {
        let mut query = QueryBuilder::new("UPDATE ");
        query.push(table).push(" SET created_by = ").push_bind(person.pseudonym.clone());
        query.push(" WHERE rowid = ").push_bind(place);
        query.push(" AND lower(created_by) = ").push_bind(person.name.to_ascii_lowercase());
        query.build().execute(&mut *self.inner).await.doing("rename who made an object")?;
        Ok(())
    }

    /// Returns rows after a place whose text mentions the person, and their places.
    async fn mentioning(
        &mut self,
        table: &'static str,
        after: i64,
        mentions: &Mentions,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let mut query = QueryBuilder::new("SELECT rowid, body FROM ");
        query.push(table).push(" WHERE rowid > ").push_bind(after).push(" AND ");
        push_mentions(&mut query, &["body"], mentions);
        query.push(" ORDER BY rowid LIMIT ").push_bind(ROWS);
        query.build_query_as().fetch_all(&mut *self.inner).await.doing("look for a name")
    }

    /// Changes the name in what is no object of a list that people change.
    async fn rename_in_texts(
        &mut self,
        person: &Person,
        rows: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        rows.insert("actions", self.rename_bodies("actions", person, rename::in_object).await?);
        rows.insert("legal holds", self.rename_bodies("legal_holds", person, rename::in_object).await?);
        rows.insert("suppressions", self.rename_bodies("suppressions", person, rename::in_object).await?);
        // The id of a timeline's entry is the same on each case that it is on, so that its place says which is meant.
        rows.insert("timeline", self.rename_bodies("timeline", person, rename::in_timeline).await?);
        rows.insert("outbox", self.rename_bodies("outbox", person, rename::everywhere).await?);
        let mut query = QueryBuilder::new("UPDATE outbox SET last_error = NULL WHERE ");
        push_mentions(&mut query, &["last_error"], &person.mentions);
        query.build().execute(&mut *self.inner).await.doing("erase a name from the outbox")?;
        Ok(())
    }

    async fn rename_bodies(
        &mut self,
        table: &'static str,
        person: &Person,
        rename: fn(&mut Value, &Person) -> bool,
    ) -> Result<u64, StoreError> {
        let (mut after, mut changed) = (i64::MIN, 0);
        loop {
            let found = self.mentioning(table, after, &person.mentions).await?;
            let Some((last, _)) = found.last() else { return Ok(changed) };
            after = *last;
            for (place, text) in found {
                let mut value: Value = from_json(table, "", &text)?;
                if !rename(&mut value, person) {
                    continue;
                }
                let mut query = QueryBuilder::new("UPDATE ");
                query.push(table).push(" SET body = ").push_bind(value.to_string());
                query.push(" WHERE rowid = ").push_bind(place);
                query.build().execute(&mut *self.inner).await.doing("rename a person")?;
                changed += 1;
            }
        }
    }

    /// Closes an account and leaves nothing in it that says whose it was.
    async fn empty_account(
        &mut self,
        user: &User,
        pseudonym: &str,
        author: Author<'_>,
        rows: &mut BTreeMap<&'static str, u64>,
    ) -> Result<(), StoreError> {
        // Renaming went before: the account may have been made by its own user.
        let row = sqlx::query("SELECT body FROM users WHERE id = ?").bind(user.id.to_string());
        let row = row.fetch_one(&mut *self.inner).await.doing("load a user")?;
        let user: User = read_body(&row, "users")?;
        let emptied = User {
            name: pseudonym.to_owned(),
            role: Role::Reader,
            tenants: TenantScope::Only(Vec::new()),
            disabled: true,
            display: String::new(),
            email: None,
            memberships: Vec::new(),
            stamp: user.stamp.changed(author.actor.to_string(), author.now),
            ..user
        };
        self.save_user(&emptied).await?;
        self.set_password(user.id, &PasswordHash::none()).await?;
        *rows.entry("users").or_default() += 1;
        rows.insert("memberships", user.memberships.len() as u64);
        rows.insert("sessions", self.end_sessions_of(user.id).await?);
        let keys = sqlx::query("DELETE FROM api_keys WHERE user_id = ?").bind(user.id.to_string());
        let keys = keys.execute(&mut *self.inner).await.doing("delete the API keys of a user")?;
        rows.insert("API keys", keys.rows_affected());
        Ok(())
    }
}

fn read<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    from_json(table, "", text)
}

impl Person {
    fn new(erasure: &Erasure, user: Option<&User>) -> Self {
        let email = user.and_then(|user| user.email.clone()).filter(|email| !email.is_empty());
        let display = user.map(|user| user.display.clone());
        let names = [Some(erasure.name.clone()), email.clone(), display];
        Self {
            name: erasure.name.clone(),
            pseudonym: erasure.pseudonym.clone(),
            email,
            mentions: Mentions::new(names.into_iter().flatten()),
        }
    }

    /// Returns whether this is the person's name.
    fn is(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.name)
    }
}
