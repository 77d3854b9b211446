//! Cases that go from one tenant to another, and what follows a case into another.

use serde_json::{Value, json};
use sqlx::QueryBuilder;
use vigie_model::{Action, Case, CaseId, ObjectKind, Verb};

use crate::error::Doing as _;
use crate::objects::{Object as _, difference};
use crate::row::{bodies, from_json, integer};
use crate::{AuditNote, Author, StoreError, Tx};

/// The tables with what is on a case, each with the condition that a row is on it, but for the id.
const PARTS: [(&str, &str); 12] = [
    ("observables", "case_id = "),
    ("comments", "case_id = "),
    ("tasks", "case_id = "),
    ("task_logs", "case_id = "),
    ("procedures", "case_id = "),
    ("pages", "case_id = "),
    ("case_links", "case_id = "),
    ("timeline", "case_id = "),
    ("attachments", "case_id = "),
    ("attachments", "task_log IN (SELECT id FROM task_logs WHERE case_id = "),
    ("attachments", "observable IN (SELECT id FROM observables WHERE case_id = "),
    ("jobs", "observable IN (SELECT id FROM observables WHERE case_id = "),
];

impl Tx {
    /// Makes a case and all that is on it another tenant's, and says so in the audit log of the one that it was. Its alerts
    /// and shares must be gone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another version is stored, [`StoreError::Exists`] where the number is taken.
    pub async fn give_case(&mut self, before: &Case, after: &Case, author: Author<'_>) -> Result<(), StoreError> {
        let doing = "give a case to another tenant";
        let id = before.id.to_string();
        sqlx::query("UPDATE cases SET tenant = ?, number = ? WHERE id = ? AND tenant = ? AND version = ?")
            .bind(after.tenant.as_str())
            .bind(integer(after.number))
            .bind(&id)
            .bind(before.tenant.as_str())
            .bind(integer(before.version))
            .execute(&mut *self.inner)
            .await
            .doing(doing)?;
        self.save_case(after, Some(before.version)).await?;
        for (table, on) in PARTS {
            let end = if on.contains('(') { ")" } else { "" };
            let mut query = QueryBuilder::new("SELECT id, body FROM ");
            query.push(table).push(" WHERE ").push(on).push_bind(id.clone()).push(end);
            let rows: Vec<(String, String)> = query.build_query_as().fetch_all(&mut *self.inner).await.doing(doing)?;
            for (part, text) in rows {
                let mut body: Value = from_json(table, &part, &text)?;
                body["tenant"] = json!(after.tenant);
                let mut query = QueryBuilder::new("UPDATE ");
                query.push(table).push(" SET tenant = ").push_bind(after.tenant.to_string());
                query.push(", body = ").push_bind(body.to_string()).push(" WHERE id = ").push_bind(part);
                query.build().execute(&mut *self.inner).await.doing(doing)?;
            }
        }
        let details = difference(&json!(before), &json!(after)).unwrap_or_default();
        for tenant in [&before.tenant, &after.tenant] {
            let note = AuditNote {
                at: author.now,
                tenant: Some(tenant.clone()),
                actor: author.actor.clone(),
                verb: Verb::Update,
                object: ObjectKind::Case,
                object_id: before.key(),
                details: details.clone(),
            };
            self.audit(&note).await?;
        }
        Ok(())
    }

    /// Makes the actions that answer a case answer another one.
    pub async fn move_actions(&mut self, from: CaseId, to: CaseId) -> Result<(), StoreError> {
        let rows = sqlx::query_scalar("SELECT body FROM actions WHERE case_id = ?")
            .bind(from.to_string())
            .fetch_all(&mut *self.inner)
            .await
            .doing("load the actions of a case")?;
        for mut action in bodies::<Action>("actions", rows)? {
            action.trigger.case = Some(to);
            self.save_action(&action).await?;
        }
        Ok(())
    }
}
