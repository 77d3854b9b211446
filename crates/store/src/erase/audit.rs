//! Erasing from the audit log, so that its chain still holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{QueryBuilder, Sqlite};
use vigie_model::{Actor, ObjectKind, UserId, Verb};

use super::mention::push_mentions;
use super::{Person, ROWS};
use crate::audit::{AuditRow, COLUMNS, read_row, salts};
use crate::chain::{Seal, erased_details};
use crate::error::Doing as _;
use crate::objects::Author;
use crate::row::{integer, to_json, word};
use crate::{AuditNote, StoreError, Tx, VALUES_MAX};

/// What one erasure takes from the log.
#[derive(Default)]
struct Taken {
    actors: u64,
    details: u64,
    seal: Seal,
}

/// What is to be taken from a row.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Take {
    actor: bool,
    details: bool,
}

impl Tx {
    /// Erases who a person was and what tells of them, and says so; where there was nothing of them, nothing is said.
    pub(super) async fn erase_in_audit(
        &mut self,
        person: &Person,
        user: Option<UserId>,
        rows: &mut BTreeMap<&'static str, u64>,
        author: Author<'_>,
    ) -> Result<(), StoreError> {
        let condition =
            |query: &mut QueryBuilder<Sqlite>| push_mentions(query, &["actor", "details"], &person.mentions);
        let take = |row: &AuditRow| Take {
            actor: matches!(&row.entry.actor, Actor::User(name) if person.is(name)),
            details: row.entry.verb != Verb::Erase && person.mentions.are_in(&row.entry.details),
        };
        let pseudonym = Actor::User(person.pseudonym.clone());
        let taken = self.take_from_audit(condition, take, &pseudonym).await?;
        rows.extend([("audit actors", taken.actors), ("audit details", taken.details)]);
        rows.retain(|_, rows| *rows > 0);
        if rows.is_empty() {
            return Ok(());
        }
        let object_id = user.map_or_else(|| person.pseudonym.clone(), |user| user.to_string());
        let mut details = json!({"pseudonym": person.pseudonym, "rows": rows});
        taken.sign(&mut details);
        // Whoever erases themselves is not named by the row that says so.
        let actor = match author.actor {
            Actor::User(name) if person.is(name) => &pseudonym,
            other => other,
        };
        self.audit(&note(Author { actor, ..author }, ObjectKind::User, object_id, details)).await.map(|_| ())
    }

    /// Erases what the audit log tells of these objects of a kind: of their rows everything stays but the details. Returns of how many
    /// rows; the log gets a row for it. Of more than [`VALUES_MAX`] ids the first are taken.
    pub async fn erase_details(
        &mut self,
        kind: ObjectKind,
        ids: &[String],
        author: Author<'_>,
    ) -> Result<u64, StoreError> {
        let ids = &ids[..ids.len().min(VALUES_MAX)];
        let Some(first) = ids.first() else { return Ok(0) };
        let condition = |query: &mut QueryBuilder<Sqlite>| {
            query.push("object = ").push_bind(word(&kind)).push(" AND object_id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(id.clone());
            }
            query.push(")");
        };
        let take = |row: &AuditRow| Take { actor: false, details: row.entry.verb != Verb::Erase };
        let taken = self.take_from_audit(condition, take, author.actor).await?;
        let erased = taken.details;
        if erased == 0 {
            return Ok(0);
        }
        let mut details = json!({"rows": {"audit details": erased}, "objects": ids});
        taken.sign(&mut details);
        self.audit(&note(author, kind, first.clone(), details)).await?;
        Ok(erased)
    }

    /// Takes from the rows of a condition what is to be taken. The row that tells of it is to be written next, with the seal.
    async fn take_from_audit(
        &mut self,
        condition: impl Fn(&mut QueryBuilder<Sqlite>),
        take: impl Fn(&AuditRow) -> Take,
        pseudonym: &Actor,
    ) -> Result<Taken, StoreError> {
        self.audit_now().await?;
        let by = self.audit_next().await?;
        let (mut taken, mut after) = (Taken::default(), 0);
        loop {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM audit WHERE sequence > ").push_bind(integer(after)).push(" AND ");
            condition(&mut query);
            query.push(" ORDER BY sequence LIMIT ").push_bind(ROWS);
            let found = query.build().fetch_all(&mut *self.inner).await.doing("look for a name in the audit log")?;
            if found.is_empty() {
                return Ok(taken);
            }
            for row in &found {
                let mut row = read_row(row)?;
                after = row.entry.sequence;
                let asked = take(&row);
                let take = Take {
                    actor: asked.actor && row.actor_erased.is_none(),
                    details: asked.details && row.details_erased.is_none(),
                };
                if take.actor || take.details {
                    take_from(&mut row, take, pseudonym, by);
                    taken.actors += u64::from(take.actor);
                    taken.details += u64::from(take.details);
                    taken.seal.cover(&row, by);
                    self.overwrite(&row).await?;
                }
            }
        }
    }

    async fn overwrite(&mut self, row: &AuditRow) -> Result<(), StoreError> {
        let digests = row.entry.digests.as_ref();
        sqlx::query(
            "UPDATE audit SET actor = ?, details = ?, actor_hash = ?, actor_salt = ?, actor_erased = ?, details_hash = ?,
                 salt = ?, erased = ?, resealed = ? WHERE sequence = ?",
        )
        .bind(to_json(&row.entry.actor))
        .bind(row.entry.details.to_string())
        .bind(digests.map(|digests| digests.actor.0.clone()))
        .bind(row.actor_salt.clone())
        .bind(row.actor_erased.map(integer))
        .bind(digests.map(|digests| digests.details.0.clone()))
        .bind(row.details_salt.clone())
        .bind(row.details_erased.map(integer))
        .bind(row.resealed.map(integer))
        .bind(integer(row.entry.sequence))
        .execute(&mut *self.inner)
        .await
        .doing("erase from the audit log")?;
        Ok(())
    }
}

impl Taken {
    /// Puts the seal into what is told of the erasure; there is none where nothing was taken.
    fn sign(self, details: &mut Value) {
        if self.actors + self.details > 0 {
            details["seal"] = self.seal.finish().into();
        }
    }
}

fn take_from(row: &mut AuditRow, take: Take, pseudonym: &Actor, by: u64) {
    if row.entry.digests.is_none() {
        for salts in salts(1) {
            row.digest(salts);
        }
        row.resealed = Some(by);
    }
    if take.actor {
        row.entry.actor = pseudonym.clone();
        row.actor_salt = None;
        row.actor_erased = Some(by);
    }
    if take.details {
        row.entry.details = erased_details();
        row.details_salt = None;
        row.details_erased = Some(by);
    }
}

fn note(author: Author<'_>, object: ObjectKind, object_id: String, details: Value) -> AuditNote {
    AuditNote {
        at: author.now,
        tenant: None,
        actor: author.actor.clone(),
        verb: Verb::Erase,
        object,
        object_id,
        details,
    }
}
