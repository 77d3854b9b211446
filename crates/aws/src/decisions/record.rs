//! A row of the table.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use vigie_model::{Action, Timestamp};

use crate::services::dynamodb::{Attribute, Item};

/// The end of what ends only when it is taken back: the index leaves out a row without one.
pub(super) const FOREVER: i64 = 253_402_207_200;

/// Where a decision is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Somebody is about to do it, or died doing it.
    Claimed,
    /// It holds.
    InForce,
    /// Somebody is taking it back, or died doing so.
    Ending,
    /// It ended; the reason says how.
    Ended,
    /// It was not done; the reason says why.
    Failed,
}

impl State {
    /// Every state.
    const ALL: [Self; 5] = [Self::Claimed, Self::InForce, Self::Ending, Self::Ended, Self::Failed];

    /// Returns whether nothing is done for it any more.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Claimed | Self::InForce | Self::Ending => false,
            Self::Ended | Self::Failed => true,
        }
    }

    /// Returns the word that the table uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::InForce => "in_force",
            Self::Ending => "ending",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }

    pub(super) fn attribute(self) -> Attribute {
        Attribute::text(self.as_str())
    }
}

/// A row of the table: something done to a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Derived from account, Region, kind and target.
    pub id: String,
    /// Whose target it is; empty where it was not known.
    pub account: String,
    /// Where the target is.
    pub region: String,
    /// What is done: `waf.block_ip`.
    pub kind: String,
    /// What it is done to; the action's id for a message.
    pub target: String,
    /// Where it is in its life.
    pub state: State,
    /// Since when: claimed, or in force.
    pub since: Option<Timestamp>,
    /// Until when; `None` until it is taken back.
    pub expires: Option<Timestamp>,
    /// What the action needs to take it back.
    pub undo: Value,
    /// What it answers: at most 50 findings.
    pub findings: BTreeSet<String>,
    /// How many findings asked for it.
    pub count: u64,
    /// How it ended, or why it was not done or not taken back.
    pub reason: String,
    /// The action that was claimed first.
    pub action: Option<Action>,
    /// The finding for which it is being done.
    pub held_by: String,
    /// When that was begun.
    pub held_at: Option<Timestamp>,
}

impl Record {
    /// Reads a row; `None` where it is none of ours.
    pub(super) fn read(item: &Item) -> Option<Self> {
        let text = |name: &str| item.text(name).unwrap_or_default().to_owned();
        let time = |name: &str| item.number(name).map(Timestamp::from_seconds);
        let state = item.text("state")?;
        Some(Self {
            id: item.text("id")?.to_owned(),
            account: text("account"),
            region: text("region"),
            kind: text("kind"),
            target: text("target"),
            state: State::ALL.into_iter().find(|known| known.as_str() == state)?,
            since: time("since"),
            expires: item.number("expires").filter(|end| *end < FOREVER).map(Timestamp::from_seconds),
            undo: item.text("undo").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
            findings: item.texts("findings"),
            count: item.number("count").and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
            reason: text("reason"),
            action: item.text("action").and_then(|text| serde_json::from_str(text).ok()),
            held_by: text("held_by"),
            held_at: time("held_at"),
        })
    }

    /// Returns whether it ends later than a time.
    pub(super) fn outlasts(&self, end: Option<Timestamp>) -> bool {
        match (self.expires, end) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => mine >= theirs,
        }
    }
}

/// Returns the id of an action's row: the same for one target, however often and by whatever finding it is named. A message
/// has no target and is told once, so its action's id stands for it.
pub(super) fn record_id(account: &str, region: &str, action: &Action) -> String {
    digest(&[account, region, &action.kind, &target(action)])
}

/// Returns 64 bits of SHA-256 in hex.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Returns what an action is done to, an address in one way of writing it.
pub(super) fn target(action: &Action) -> String {
    let Some(target) = &action.target else { return action.id.to_string() };
    if let Ok(address) = target.value.parse::<IpAddr>() {
        return address.to_string();
    }
    match target.value.parse::<IpNet>() {
        Ok(network) if network.prefix_len() == network.max_prefix_len() => network.addr().to_string(),
        Ok(network) => network.trunc().to_string(),
        Err(_) => target.value.clone(),
    }
}

pub(super) fn seconds(time: Timestamp) -> i64 {
    time.as_seconds()
}
