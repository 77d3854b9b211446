//! What is in force, and who is at it: one row of a DynamoDB table for each thing done to a target.
//!
//! ```text
//!            ┌──────────── fail ──────► failed ──claim──► claimed (what was remembered stays)
//! claim ──► claimed ──settle──► in_force ──begin_end──► ending ──end──► ended ──claim──► claimed
//!            └──────────── done ────────────────────────────────────────►┘
//! ```
//!
//! A row is written before anything is done, so that an invocation which dies leaves a trace and the next one does it again.
//! Every write has a condition: of many callers at once one goes on and the others learn who does. A row is one target
//! ([`record_id`]), however many findings name it: a repeat extends it, and undoing it restores what was there first.

mod claim;
mod record;

use std::time::Duration;

use serde_json::Value;
use vigie_model::{Action, Timestamp};

pub use claim::Claim;
pub use record::{Record, State};

use crate::services::dynamodb::{self, Attribute, Expression, Index, Item, Page};
use crate::{AwsError, Client};
use record::{FOREVER, record_id, seconds};

/// The index by state and end.
const BY_STATE: &str = "by_state";
/// How long a claim, or an end that was begun, is left to who made it. Longer than a Lambda lives.
const HELD_FOR: Duration = Duration::from_mins(15);
/// How long a row is kept after its end.
const KEPT_FOR: Duration = Duration::from_hours(24 * 90);
/// How many rows one answer of the index holds.
const PAGE_ROWS: u32 = 100;
/// How many rows a list holds: far more than IP sets, network ACLs and instances take.
const ROWS_MAX: usize = 20_000;
/// How many letters of a reason are kept.
const REASON_MAX: usize = 1_000;

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its time was over.
    Expired,
    /// Somebody took it back.
    Undone,
}

impl End {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Undone => "undone",
        }
    }
}

/// The table of decisions.
#[derive(Debug, Clone)]
pub struct Decisions {
    client: Client,
    table: String,
    account: String,
}

impl Decisions {
    /// Returns the decisions that a table holds, in the client's Region.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), account: String::new() }
    }

    /// Returns the same for an account's actions. An action may name another with its parameter `account`, as it names its
    /// Region with `region`.
    #[must_use]
    pub fn of_account(self, account: impl Into<String>) -> Self {
        Self { account: account.into(), ..self }
    }

    /// Returns the id of the row that an action has, done already or not.
    pub fn id(&self, action: &Action) -> String {
        record_id(self.account_of(action), self.region_of(action), action)
    }

    fn account_of<'a>(&'a self, action: &'a Action) -> &'a str {
        action.parameters.get("account").and_then(Value::as_str).unwrap_or(&self.account)
    }

    fn region_of<'a>(&'a self, action: &'a Action) -> &'a str {
        action.parameters.get("region").and_then(Value::as_str).unwrap_or(self.client.region().as_str())
    }

    /// Writes down how to take a claimed action back before it is done, where that is known: whoever takes over from somebody
    /// who died in between finds the world changed already. What was remembered first stays.
    ///
    /// # Errors
    /// As [`Decisions::settle`].
    pub fn remember(&self, id: &str, undo: &Value) -> Result<(), AwsError> {
        let update = Expression {
            text: "SET #undo = if_not_exists(#undo, :undo)",
            values: &[(":undo", Attribute::text(undo.to_string()))],
        };
        self.step(id, &update, &[State::Claimed], &[])
    }

    /// Writes down that a claimed action was done, how to take it back, and until when it holds; `None`: until it is taken
    /// back. What was remembered before stays, and where somebody else was faster theirs stays: only the first knows what was
    /// there before.
    ///
    /// # Errors
    /// AWS said no; [`AwsError::Conflict`] where the row is neither claimed nor in force.
    pub fn settle(&self, id: &str, undo: &Value, expires: Option<Timestamp>, now: Timestamp) -> Result<(), AwsError> {
        let update = Expression {
            text: "SET #state = :in_force, #undo = if_not_exists(#undo, :undo), #expires = :expires, #since = :now REMOVE #reason",
            values: &[
                (":in_force", State::InForce.attribute()),
                (":undo", Attribute::text(undo.to_string())),
                (":expires", Attribute::Number(expires.map_or(FOREVER, seconds))),
                (":now", Attribute::Number(seconds(now))),
            ],
        };
        self.step(id, &update, &[State::Claimed], &[State::InForce])
    }

    /// Writes down that a claimed action was done and leaves nothing behind: a message. A repeat finds it done.
    ///
    /// # Errors
    /// As [`Decisions::settle`].
    pub fn done(&self, id: &str, now: Timestamp) -> Result<(), AwsError> {
        self.finish(id, State::Ended, "done", now, &[State::Claimed], &[State::InForce, State::Ended])
    }

    /// Writes down that a claimed action was not done. The next claim begins anew.
    ///
    /// # Errors
    /// As [`Decisions::settle`].
    pub fn fail(&self, id: &str, reason: &str, now: Timestamp) -> Result<(), AwsError> {
        let settled = [State::InForce, State::Ending, State::Ended, State::Failed];
        self.finish(id, State::Failed, reason, now, &[State::Claimed], &settled)
    }

    /// Begins to take a decision back and returns it, one that failed half-way included, or `None` where it does not hold any more, was extended meanwhile
    /// (where it would have expired), or somebody else is at it.
    ///
    /// # Errors
    /// AWS said no.
    pub fn begin_end(&self, id: &str, how: End, now: Timestamp) -> Result<Option<Record>, AwsError> {
        let over = match how {
            End::Expired => " AND #expires <= :now",
            End::Undone => " OR (#state = :failed AND attribute_exists(#undo))",
        };
        let text = format!("(#state = :ending AND #held_at < :stale) OR #state = :in_force{over}");
        let mut values = vec![
            (":in_force", State::InForce.attribute()),
            (":stale", Attribute::Number(seconds(now.minus(HELD_FOR)))),
        ];
        if how == End::Undone {
            values.push((":failed", State::Failed.attribute()));
        }
        let condition = Expression { text: &text, values: &values };
        let update = Expression {
            text: "SET #state = :ending, #held_at = :now",
            values: &[(":ending", State::Ending.attribute()), (":now", Attribute::Number(seconds(now)))],
        };
        match dynamodb::update_item(&self.client, &self.table, &key(id), &update, &condition) {
            Ok(item) => Ok(Record::read(&item)),
            Err(AwsError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes down that a decision was taken back. The row is kept for 90 days.
    ///
    /// # Errors
    /// As [`Decisions::settle`].
    pub fn end(&self, id: &str, how: End, now: Timestamp) -> Result<(), AwsError> {
        self.finish(id, State::Ended, how.as_str(), now, &[State::Ending, State::InForce], &[State::Ended])
    }

    /// Writes down that taking a decision back failed, so that it holds still and is tried again.
    ///
    /// # Errors
    /// As [`Decisions::settle`].
    pub fn hold_on(&self, id: &str, reason: &str) -> Result<(), AwsError> {
        let update = Expression {
            text: "SET #state = :in_force, #reason = :reason",
            values: &[(":in_force", State::InForce.attribute()), (":reason", Attribute::text(cut(reason)))],
        };
        self.step(id, &update, &[State::Ending], &[State::InForce, State::Ended])
    }

    /// Returns what should have ended by now and what somebody began to end and left, the oldest first, at most `limit`.
    ///
    /// # Errors
    /// AWS said no.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, AwsError> {
        let mut due = self.list(State::InForce, Some(now), limit)?;
        let stale = now.minus(HELD_FOR);
        let left = self.list(State::Ending, None, ROWS_MAX)?;
        due.extend(left.into_iter().filter(|record| record.held_at.is_none_or(|at| at < stale)));
        due.truncate(limit);
        Ok(due)
    }

    /// Returns what is in force, what ends first first.
    ///
    /// # Errors
    /// AWS said no.
    pub fn in_force(&self) -> Result<Vec<Record>, AwsError> {
        self.list(State::InForce, None, ROWS_MAX)
    }

    /// Returns what was claimed more than a quarter of an hour ago and never settled: whoever did so died, and a part may be
    /// done.
    ///
    /// # Errors
    /// AWS said no.
    pub fn unsettled(&self, now: Timestamp) -> Result<Vec<Record>, AwsError> {
        let mut claimed = self.list(State::Claimed, None, ROWS_MAX)?;
        let stale = now.minus(HELD_FOR);
        claimed.retain(|record| record.held_at.is_none_or(|at| at < stale));
        Ok(claimed)
    }

    /// Returns the row of an id as it is at this moment.
    ///
    /// # Errors
    /// AWS said no.
    pub fn get(&self, id: &str) -> Result<Option<Record>, AwsError> {
        let item = dynamodb::get_item(&self.client, &self.table, &key(id))?;
        Ok(item.as_ref().and_then(Record::read))
    }

    /// Reads the index, which is some moments behind the table.
    fn list(&self, state: State, until: Option<Timestamp>, limit: usize) -> Result<Vec<Record>, AwsError> {
        let values = [(":state", state.attribute()), (":until", Attribute::Number(until.map_or(FOREVER, seconds)))];
        let condition = Expression { text: "#state = :state AND #expires <= :until", values: &values };
        let index = Index { table: &self.table, name: BY_STATE };
        let (mut records, mut from) = (Vec::new(), None);
        while records.len() < limit {
            let Page { items, next } = dynamodb::query(&self.client, index, &condition, PAGE_ROWS, from.as_ref())?;
            records.extend(items.iter().filter_map(Record::read));
            if next.is_none() {
                break;
            }
            from = next;
        }
        records.truncate(limit);
        Ok(records)
    }

    fn finish(
        &self,
        id: &str,
        state: State,
        reason: &str,
        now: Timestamp,
        from: &[State],
        already: &[State],
    ) -> Result<(), AwsError> {
        let update = Expression {
            text: "SET #state = :next, #reason = :reason, #purge = :purge",
            values: &[
                (":next", state.attribute()),
                (":reason", Attribute::text(cut(reason))),
                (":purge", Attribute::Number(seconds(now.plus(KEPT_FOR)))),
            ],
        };
        self.step(id, &update, from, already)
    }

    /// Changes a row that is in one of the states `from`. One that is in a state `already` is left as it is.
    fn step(&self, id: &str, update: &Expression<'_>, from: &[State], already: &[State]) -> Result<(), AwsError> {
        let names: Vec<String> = (0..from.len()).map(|number| format!(":from{number}")).collect();
        let text = format!("#state IN ({})", names.join(", "));
        let values: Vec<(&str, Attribute)> =
            names.iter().map(String::as_str).zip(from.iter().map(|state| state.attribute())).collect();
        let condition = Expression { text: &text, values: &values };
        match dynamodb::update_item(&self.client, &self.table, &key(id), update, &condition) {
            Ok(_) => Ok(()),
            // Somebody else was faster, or this call's own answer was lost.
            Err(conflict @ AwsError::Conflict { .. }) => match self.get(id)? {
                Some(record) if already.contains(&record.state) => Ok(()),
                Some(_) | None => Err(conflict),
            },
            Err(error) => Err(error),
        }
    }
}

fn key(id: &str) -> Item {
    Item::default().with("id", Attribute::text(id))
}

fn cut(reason: &str) -> String {
    if reason.is_empty() { "-".to_owned() } else { reason.chars().take(REASON_MAX).collect() }
}

#[cfg(test)]
mod tests;
