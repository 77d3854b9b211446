//! Saying that something is about to be done, before it is done.

use std::borrow::Cow;
use std::time::Duration;

use vigie_model::{Action, Timestamp};

use super::record::{FOREVER, digest, record_id, seconds, target};
use super::{Decisions, HELD_FOR, Record, State, key};
use crate::AwsError;
use crate::services::dynamodb::{self, Attribute, Expression, Item};

/// How many findings a row names.
pub(super) const FINDINGS_MAX: usize = 50;
/// How many bytes of an action are kept: DynamoDB takes rows of 400 KB, and the decision matters more than its wording.
const ACTION_BYTES_MAX: usize = 200 * 1024;
/// How long a finding's name may be; of a longer one its digest stands for it.
const FINDING_BYTES_MAX: usize = 512;
/// How often a claim begins anew, because somebody else changed the row in between.
const ROUNDS_MAX: u32 = 20;

/// What came of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It is ours: do it, then settle.
    New(Record),
    /// It failed before, or was claimed and never settled, by this finding or, a quarter of an hour ago, by another: whoever
    /// did so died. It is ours: do it again, then settle. What was remembered of how to take it back is kept, since a part
    /// may be done.
    Again(Record),
    /// Another finding's caller is doing it, or somebody is taking it back. Come again in a minute.
    Busy(Record),
    /// It is done already. There is nothing to do.
    InForce {
        /// The row, as it is now.
        record: Record,
        /// Whether it now lasts longer.
        extended: bool,
        /// Whether this very finding was counted before, so that nothing was changed.
        same_finding: bool,
    },
}

fn named(finding: &str) -> Cow<'_, str> {
    if finding.len() <= FINDING_BYTES_MAX {
        return Cow::Borrowed(finding);
    }
    Cow::Owned(digest(&[finding]))
}

/// A claim as it stands at one moment.
struct Claimant<'a> {
    decisions: &'a Decisions,
    id: String,
    action: &'a Action,
    finding: &'a str,
    expires: Option<Timestamp>,
    now: Timestamp,
}

impl Decisions {
    /// Writes down that an action is about to be done for a finding. `finding` names one telling of it: the finding's id and
    /// its count, so that a repeat extends and the same event again changes nothing.
    ///
    /// # Errors
    /// AWS said no; [`AwsError::Conflict`] where the row changed at every look.
    pub fn claim(&self, action: &Action, finding: &str, now: Timestamp) -> Result<Claim, AwsError> {
        let id = record_id(self.account_of(action), self.region_of(action), action);
        let expires = action.expires_after_s.map(|seconds| now.plus(Duration::from_secs(seconds)));
        let finding = named(finding);
        let claimant = Claimant { decisions: self, id, action, finding: &finding, expires, now };
        let mut round = 0;
        loop {
            match claimant.begin().or_else(|error| claimant.if_taken(error)) {
                Err(AwsError::Conflict { .. }) if round < ROUNDS_MAX => round += 1,
                result => return result,
            }
        }
    }
}

impl Claimant<'_> {
    /// Writes a new row, in place of one that is over.
    fn begin(&self) -> Result<Claim, AwsError> {
        let Self { decisions, action, now, .. } = self;
        let mut item = key(&self.id)
            .with("region", Attribute::text(decisions.region_of(action)))
            .with("kind", Attribute::text(&action.kind))
            .with("target", Attribute::text(target(action)))
            .with("state", State::Claimed.attribute())
            .with("since", Attribute::Number(seconds(*now)))
            .with("expires", Attribute::Number(self.expires.map_or(FOREVER, seconds)))
            .with("findings", Attribute::Texts([self.finding.to_owned()].into()))
            .with("count", Attribute::Number(1))
            .with("held_by", Attribute::text(self.finding))
            .with("held_at", Attribute::Number(seconds(*now)));
        let account = decisions.account_of(action);
        if !account.is_empty() {
            item = item.with("account", Attribute::text(account));
        }
        if let Ok(text) = serde_json::to_string(action)
            && text.len() <= ACTION_BYTES_MAX
        {
            item = item.with("action", Attribute::text(text));
        }
        // What has a target begins a new round; a message that was told is told.
        let condition = if action.target.is_some() {
            Expression {
                text: "attribute_not_exists(#id) OR #state = :ended",
                values: &[(":ended", State::Ended.attribute())],
            }
        } else {
            Expression { text: "attribute_not_exists(#id)", values: &[] }
        };
        dynamodb::put_item(&decisions.client, &decisions.table, &item, &condition)?;
        let record = Record::read(&item);
        record.map(Claim::New).ok_or_else(|| self.unreadable())
    }

    /// Looks at the row that is there already. A conflict means that it changed meanwhile.
    fn if_taken(&self, error: AwsError) -> Result<Claim, AwsError> {
        if !matches!(error, AwsError::Conflict { .. }) {
            return Err(error);
        }
        let Some(record) = self.decisions.get(&self.id)? else { return Err(error) };
        let held = record.held_at.is_some_and(|at| at > self.now.minus(HELD_FOR));
        match record.state {
            State::Claimed if record.held_by == self.finding || !held => self.take_over(&record).map(Claim::Again),
            State::Failed => self.take_over(&record).map(Claim::Again),
            State::Claimed | State::Ending => Ok(Claim::Busy(record)),
            State::InForce => self.repeat(record),
            State::Ended if self.action.target.is_none() => {
                Ok(Claim::InForce { record, extended: false, same_finding: true })
            }
            State::Ended => Err(error),
        }
    }

    /// Goes on where somebody died or failed.
    fn take_over(&self, before: &Record) -> Result<Record, AwsError> {
        let lasts = before.state == State::Claimed && before.outlasts(self.expires);
        let expires = if lasts { before.expires } else { self.expires };
        let mut text = "SET #state = :claimed, #held_by = :finding, #held_at = :now, #expires = :expires, \
                        #count = #count + :more REMOVE #purge, #reason"
            .to_owned();
        let mut news = vec![
            (":claimed", State::Claimed.attribute()),
            (":finding", Attribute::text(self.finding)),
            (":now", Attribute::Number(seconds(self.now))),
            (":expires", Attribute::Number(expires.map_or(FOREVER, seconds))),
            (":more", Attribute::Number(i64::from(!before.findings.contains(self.finding)))),
        ];
        if before.findings.len() < FINDINGS_MAX {
            text.push_str(" ADD #findings :findings");
            news.push((":findings", self.one_finding()));
        }
        let condition = Expression {
            text: "#state = :before AND #held_by = :holder AND #held_at = :since",
            values: &[
                (":before", before.state.attribute()),
                (":holder", Attribute::text(&before.held_by)),
                (":since", Attribute::Number(before.held_at.map_or(0, seconds))),
            ],
        };
        self.update(before, &Expression { text: &text, values: &news }, &condition)
    }

    /// Counts a finding that asks for what holds already, and lets it last longer.
    fn repeat(&self, record: Record) -> Result<Claim, AwsError> {
        if record.findings.contains(self.finding) {
            return Ok(Claim::InForce { record, extended: false, same_finding: true });
        }
        let extended = !record.outlasts(self.expires);
        let listed = record.findings.len() < FINDINGS_MAX;
        // An end only ever moves on, and the list only ever grows: whoever is overtaken looks again, and finds less to do.
        let mut update = "SET #count = #count + :one".to_owned();
        let mut condition = "#state = :in_force".to_owned();
        let mut news = vec![(":one", Attribute::Number(1))];
        let mut values = vec![(":in_force", State::InForce.attribute())];
        if extended {
            update.push_str(", #expires = :expires");
            condition.push_str(" AND #expires < :expires");
            news.push((":expires", Attribute::Number(self.expires.map_or(FOREVER, seconds))));
        }
        if listed {
            update.push_str(" ADD #findings :findings");
            condition.push_str(" AND NOT contains(#findings, :finding) AND size(#findings) < :most");
            news.push((":findings", self.one_finding()));
            values.push((":finding", Attribute::text(self.finding)));
            values.push((":most", Attribute::Number(FINDINGS_MAX as i64)));
        }
        let update = Expression { text: &update, values: &news };
        let condition = Expression { text: &condition, values: &values };
        let record = self.update(&record, &update, &condition)?;
        Ok(Claim::InForce { record, extended, same_finding: false })
    }

    fn one_finding(&self) -> Attribute {
        Attribute::Texts([self.finding.to_owned()].into())
    }

    fn update(&self, before: &Record, update: &Expression<'_>, condition: &Expression<'_>) -> Result<Record, AwsError> {
        let Decisions { client, table, .. } = self.decisions;
        if client.is_dry_run() {
            return Ok(before.clone());
        }
        let item: Item = dynamodb::update_item(client, table, &key(&self.id), update, condition)?;
        Record::read(&item).ok_or_else(|| self.unreadable())
    }

    fn unreadable(&self) -> AwsError {
        let reason = format!("the row {} of {} is none of ours", self.id, self.decisions.table);
        AwsError::Unreadable { operation: "read a decision".to_owned(), reason }
    }
}
