//! The outbox: messages that leave, each once.
//!
//! A message is put in with the change that causes it, so that both happen or neither. Its key says what it is, so a
//! change that is made again does not put it in twice. A sender claims what is due: for the time of the lease nobody
//! else gets it. It then says that it is sent, or when to try again.
//!
//! A sender that dies between sending and saying so leaves a message that is sent again after the lease. No store can
//! prevent that; the key goes with the message (`Message-ID`, `Idempotency-Key`), so that the receiver can.

use std::time::Duration;

use serde_json::Value;
use sqlx::QueryBuilder;
use sqlx::sqlite::SqliteRow;
use vigie_model::{ActionId, TenantId, Timestamp};

use crate::error::Doing as _;
use crate::row::{get, json, parsed, time, unsigned};
use crate::{Store, StoreError, Tx};

/// A message that is to leave.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxMessage {
    /// What it is: the same key is the same message.
    pub key: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who sends it: `notify.email`, `notify.webhook`.
    pub channel: String,
    /// The action that it carries out.
    pub action: Option<ActionId>,
    /// What to send, as its sender reads it.
    pub body: Value,
    /// When it was put in.
    pub created: Timestamp,
    /// Not to be sent before.
    pub due: Timestamp,
}

/// What a sender asks for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Of these channels; empty for all.
    pub channels: Vec<String>,
    /// How many at most.
    pub limit: u32,
    /// For how long nobody else gets them.
    pub lease: Duration,
    /// Names this claim: random, or the sender's name and a counter.
    pub name: String,
}

/// A message that is ours to send until the lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The message.
    pub message: OutboxMessage,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// The claim's name.
    pub lease: String,
}

/// What is in the outbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxState {
    /// How many wait.
    pub waiting: u64,
    /// How many were given up.
    pub failed: u64,
    /// Since when the oldest that waits is due.
    pub oldest_due: Option<Timestamp>,
}

const COLUMNS: &str = "key, tenant, channel, action, body, created, due, attempts";

impl Store {
    /// Returns how many messages wait and failed, and since when.
    pub async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        let row: (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT coalesce(sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0),
                    coalesce(sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0),
                    min(CASE WHEN state = 'waiting' THEN due END)
             FROM outbox WHERE state IN ('waiting', 'failed')",
        )
        .fetch_one(&mut *self.read().await?)
        .await
        .doing("look at the outbox")?;
        Ok(OutboxState {
            waiting: unsigned(row.0),
            failed: unsigned(row.1),
            oldest_due: row.2.map(Timestamp::from_micros),
        })
    }
}

impl Tx {
    /// Puts a message in. Returns false, and changes nothing, where its key is known: it left, or will.
    pub async fn enqueue(&mut self, message: &OutboxMessage) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO outbox (key, tenant, channel, action, body, state, attempts, due, created)
             VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (key) DO NOTHING",
        )
        .bind(&message.key)
        .bind(message.tenant.as_str())
        .bind(&message.channel)
        .bind(message.action.map(|id| id.to_string()))
        .bind(message.body.to_string())
        .bind(message.due.as_micros())
        .bind(message.created.as_micros())
        .execute(&mut *self.inner)
        .await
        .doing("put a message in the outbox")?;
        Ok(done.rows_affected() > 0)
    }

    /// Claims messages that are due and that nobody holds, the longest due first. Commit before sending them.
    pub async fn claim(&mut self, claim: &Claim, now: Timestamp) -> Result<Vec<Claimed>, StoreError> {
        let mut query = QueryBuilder::new("UPDATE outbox SET attempts = attempts + 1, lease = ");
        query.push_bind(claim.name.clone()).push(", lease_ends = ").push_bind(now.plus(claim.lease).as_micros());
        query.push(" WHERE key IN (SELECT key FROM outbox WHERE state = 'waiting' AND due <= ");
        query.push_bind(now.as_micros()).push(" AND (lease_ends IS NULL OR lease_ends <= ");
        query.push_bind(now.as_micros()).push(")");
        if !claim.channels.is_empty() {
            query.push(" AND channel IN (");
            let mut list = query.separated(", ");
            for channel in &claim.channels {
                list.push_bind(channel.clone());
            }
            query.push(")");
        }
        query.push(" ORDER BY due, key LIMIT ").push_bind(i64::from(claim.limit)).push(") RETURNING ").push(COLUMNS);
        let rows = query.build().fetch_all(&mut *self.inner).await.doing("claim messages")?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            claimed.push(Claimed {
                message: read_message(row)?,
                attempts: u32::try_from(get::<i64>(row, "outbox", "attempts")?).unwrap_or(u32::MAX),
                lease: claim.name.clone(),
            });
        }
        claimed
            .sort_by(|left, right| (left.message.due, &left.message.key).cmp(&(right.message.due, &right.message.key)));
        Ok(claimed)
    }

    /// Says that a claimed message was sent. Returns false where the claim is not ours any more.
    pub async fn complete(&mut self, claimed: &Claimed, now: Timestamp) -> Result<bool, StoreError> {
        self.end_claim(claimed, "sent", None, claimed.message.due, Some(now)).await
    }

    /// Says that a claimed message could not be sent, and when to try again. Returns false where the claim is not ours
    /// any more.
    pub async fn retry(&mut self, claimed: &Claimed, error: &str, due: Timestamp) -> Result<bool, StoreError> {
        self.end_claim(claimed, "waiting", Some(error), due, None).await
    }

    /// Says that a claimed message will never be sent. Returns false where the claim is not ours any more.
    pub async fn give_up(&mut self, claimed: &Claimed, error: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.end_claim(claimed, "failed", Some(error), claimed.message.due, Some(now)).await
    }

    async fn end_claim(
        &mut self,
        claimed: &Claimed,
        state: &str,
        error: Option<&str>,
        due: Timestamp,
        ended: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE outbox SET state = ?, last_error = ?, due = ?, ended = ?, lease = NULL, lease_ends = NULL
             WHERE key = ? AND lease = ? AND attempts = ? AND state = 'waiting'",
        )
        .bind(state)
        .bind(error.map(|error| error.chars().take(1_000).collect::<String>()))
        .bind(due.as_micros())
        .bind(ended.map(Timestamp::as_micros))
        .bind(&claimed.message.key)
        .bind(&claimed.lease)
        .bind(i64::from(claimed.attempts))
        .execute(&mut *self.inner)
        .await
        .doing("end a claim")?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets messages that ended before this time, and their keys with them. Returns how many.
    pub async fn prune_outbox(&mut self, ended_before: Timestamp) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM outbox WHERE state IN ('sent', 'failed') AND ended < ?")
            .bind(ended_before.as_micros())
            .execute(&mut *self.inner)
            .await
            .doing("prune the outbox")?;
        Ok(done.rows_affected())
    }
}

/// Returns how long to wait after so many attempts: 10 s, doubled each time, at most an hour.
pub fn back_off(attempts: u32) -> Duration {
    const FIRST_S: u64 = 10;
    const LONGEST_S: u64 = 3_600;
    let doublings = attempts.saturating_sub(1).min(16);
    Duration::from_secs((FIRST_S << doublings).min(LONGEST_S))
}

fn read_message(row: &SqliteRow) -> Result<OutboxMessage, StoreError> {
    let action: Option<String> = get(row, "outbox", "action")?;
    Ok(OutboxMessage {
        key: get(row, "outbox", "key")?,
        tenant: parsed(row, "outbox", "tenant")?,
        channel: get(row, "outbox", "channel")?,
        action: match action {
            Some(_) => Some(parsed(row, "outbox", "action")?),
            None => None,
        },
        body: json(row, "outbox", "body")?,
        created: time(row, "outbox", "created")?,
        due: time(row, "outbox", "due")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_an_hour() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 9, 10, u32::MAX].map(|attempts| back_off(attempts).as_secs()).into();
        assert_eq!(seconds, [10, 10, 20, 40, 2_560, 3_600, 3_600]);
    }
}
