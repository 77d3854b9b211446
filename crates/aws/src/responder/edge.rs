//! Changes at the edge, as they travel through the FIFO queue, and the one writer at its end.
//!
//! WAF takes one update a second for each account and Region, and refuses one that was not made from the newest state. So
//! every change of IP sets and network ACLs goes through one queue with one message group: one invocation at a time
//! writes, and a batch is one update of each set, however many findings it came from.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use vigie_model::Timestamp;
use vigie_respond::{NACL_BLOCK_IP, NeverTouch, WAF_BLOCK_IP};

use super::Responder;
use crate::actions::{EdgeChange, EdgeReport, change_ip_sets, change_network_acls};
use crate::decisions::{Decisions, End, Record, State};
use crate::services::sqs::{Message, send_message};
use crate::{AwsError, Client};

/// The kinds of action at the edge: all of them go through the one writer.
const KINDS: [&str; 2] = [WAF_BLOCK_IP.kind, NACL_BLOCK_IP.kind];

/// Returns whether a kind of action is one at the edge.
pub(super) fn is_edge(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// What is asked of the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeRequest {
    /// Block what the decision names, unless it ended meanwhile.
    Block,
    /// Unblock it, where its time is over.
    Expire,
    /// Unblock it, whatever its time.
    Undo,
}

/// A message of the queue. It names a decision and no address: the table says what is to be done, so a message that
/// comes twice, late or out of turn does no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeMessage {
    /// What is asked, under a name that tells our messages from others.
    pub vigie_edge: EdgeRequest,
    /// The id of the decision in the table.
    pub decision: String,
}

/// The one message group.
const GROUP: &str = "edge";

impl EdgeMessage {
    /// Puts the message into the queue. The same message within the same minute is taken once.
    pub(super) fn send(&self, client: &Client, queue: &str, now: Timestamp) -> Result<(), AwsError> {
        let body = serde_json::to_string(self).expect("two texts become JSON");
        let deduplication = format!("{}-{:?}-{}", self.decision, self.vigie_edge, now.as_seconds() / 60);
        let message = Message { body, group: GROUP.to_owned(), deduplication };
        send_message(client, queue, &message).map(drop)
    }
}

/// What came of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EdgeOutcome {
    /// What is blocked now, once for each guard.
    pub blocked: Vec<IpNet>,
    /// What is no longer blocked.
    pub unblocked: Vec<IpNet>,
    /// The ids of the messages that must come back.
    pub failed: Vec<String>,
    /// What people should know: what was refused, what gave room, what failed.
    pub notes: Vec<String>,
    /// How full the fullest IP set or network ACL is.
    pub fill_percent: Option<f64>,
    /// How many changes were sent to AWS.
    pub writes: usize,
}

impl EdgeOutcome {
    fn fail<'a>(&mut self, wishes: impl Iterator<Item = &'a Wish>, reason: &str) {
        let before = self.failed.len();
        self.failed.extend(wishes.map(|wish| wish.message.clone()));
        let count = self.failed.len() - before;
        self.notes.push(format!("{count} changes at the edge failed and come back: {reason}"));
    }
}

/// What one message asks for, with the decision that it names.
struct Wish {
    message: String,
    network: IpNet,
    record: Record,
    request: EdgeRequest,
}

impl Responder {
    /// Changes IP sets and network ACLs as a batch of messages asks: id and text of each. Each set is updated at most once,
    /// and an update a second at most is made, counted over invocations too: the call returns no sooner than a second
    /// after its last update.
    pub fn change_edge(&self, messages: &[(String, String)], now: Timestamp) -> EdgeOutcome {
        let mut outcome = EdgeOutcome::default();
        let Some(decisions) = self.decisions() else {
            outcome.failed = messages.iter().map(|(id, _)| id.clone()).collect();
            outcome.notes.push("the settings name no table of decisions (setting `table`)".to_owned());
            return outcome;
        };
        let wishes = read_wishes(messages, &decisions, now, &mut outcome);
        let wishes = self.admit(wishes, &decisions, now, &mut outcome);
        for kind in KINDS {
            let part: Vec<&Wish> = wishes.iter().filter(|wish| wish.record.kind == kind).collect();
            if !part.is_empty() {
                self.change_guard(kind, &part, &decisions, now, &mut outcome);
            }
        }
        self.pace.rest();
        outcome
    }

    /// Checks once more that nobody is blocked who must not be: time has passed since it was decided.
    fn admit(&self, wishes: Vec<Wish>, decisions: &Decisions, now: Timestamp, outcome: &mut EdgeOutcome) -> Vec<Wish> {
        if !wishes.iter().any(|wish| wish.request == EdgeRequest::Block) {
            return wishes;
        }
        let list = match self.never_touch() {
            Ok(list) => list,
            Err(error) => {
                // What unblocks goes on.
                let (blocks, rest): (Vec<Wish>, Vec<Wish>) =
                    wishes.into_iter().partition(|wish| wish.request == EdgeRequest::Block);
                outcome.fail(blocks.iter(), &format!("what is ours cannot be looked up: {error}"));
                return rest;
            }
        };
        wishes.into_iter().filter(|wish| admits(&list, wish, decisions, now, outcome)).collect()
    }

    fn change_guard(
        &self,
        kind: &str,
        wishes: &[&Wish],
        decisions: &Decisions,
        now: Timestamp,
        outcome: &mut EdgeOutcome,
    ) {
        let networks = |block: bool| -> Vec<IpNet> {
            wishes
                .iter()
                .filter(|wish| (wish.request == EdgeRequest::Block) == block)
                .map(|wish| wish.network)
                .collect()
        };
        let (add, remove) = (networks(true), networks(false));
        let records: Vec<&Record> = wishes.iter().map(|wish| &wish.record).collect();
        let result = known_ends(decisions, kind, &records)
            .map_err(|error| error.into_execute_error("read the decisions in force"))
            .and_then(|ends| {
                let change = EdgeChange { add: &add, remove: &remove, in_force: &ends };
                if kind == WAF_BLOCK_IP.kind {
                    change_ip_sets(&self.client, &self.settings, &self.pace, &change)
                } else {
                    change_network_acls(&self.client, &self.settings, &change)
                }
            });
        match result {
            Ok(report) => write_down(&report, kind, wishes, decisions, now, outcome),
            // What will fail again whatever happens comes back a few times, and then waits in the dead-letter queue, where
            // an alarm tells of it.
            Err(error) => {
                for wish in wishes.iter().filter(|wish| wish.request != EdgeRequest::Block) {
                    // Otherwise nobody may try again for a quarter of an hour.
                    let _ = decisions.hold_on(&wish.record.id, &error.to_string());
                }
                outcome.fail(wishes.iter().copied(), &error.to_string());
            }
        }
    }
}

fn admits(list: &NeverTouch, wish: &Wish, decisions: &Decisions, now: Timestamp, outcome: &mut EdgeOutcome) -> bool {
    if wish.request != EdgeRequest::Block {
        return true;
    }
    let Err(refusal) = list.admit(wish.network) else { return true };
    outcome.notes.push(format!("not blocked: {refusal}"));
    if let Err(error) = decisions.fail(&wish.record.id, &refusal.to_string(), now) {
        outcome.notes.push(format!("decision {}: {error}", wish.record.id));
    }
    false
}

fn read_wishes(
    messages: &[(String, String)],
    decisions: &Decisions,
    now: Timestamp,
    outcome: &mut EdgeOutcome,
) -> Vec<Wish> {
    let mut wishes: Vec<Wish> = Vec::new();
    for (id, body) in messages {
        let message: EdgeMessage = match serde_json::from_str(body) {
            Ok(message) => message,
            Err(error) => {
                outcome.failed.push(id.clone());
                outcome.notes.push(format!("message {id} of the edge queue cannot be read: {error}"));
                continue;
            }
        };
        let record = match decisions.get(&message.decision) {
            Ok(Some(record)) => record,
            Ok(None) => {
                outcome.notes.push(format!("decision {} is not in the table any more", message.decision));
                continue;
            }
            Err(error) => {
                outcome.failed.push(id.clone());
                outcome.notes.push(format!("decision {}: {error}", message.decision));
                continue;
            }
        };
        let Some(network) = network_of(&record) else {
            outcome.notes.push(format!("decision {} names no network: `{}`", record.id, record.target));
            continue;
        };
        if !is_wanted(message.vigie_edge, &record, now) {
            continue;
        }
        match begin(message.vigie_edge, &record, decisions, now) {
            Ok(true) => wishes.push(Wish { message: id.clone(), network, record, request: message.vigie_edge }),
            // Its block is still under way, and comes first.
            Ok(false) if record.state == State::Claimed => outcome.failed.push(id.clone()),
            Ok(false) => outcome.notes.push(format!("decision {} was made longer, or ended, meanwhile", record.id)),
            Err(error) => {
                outcome.failed.push(id.clone());
                outcome.notes.push(format!("decision {}: {error}", record.id));
            }
        }
    }
    wishes
}

/// Writes down that a block is about to be taken out, so that no finding makes it longer from here on: it would be told that
/// the address is blocked. Returns whether to go on.
fn begin(request: EdgeRequest, record: &Record, decisions: &Decisions, now: Timestamp) -> Result<bool, AwsError> {
    let how = match request {
        EdgeRequest::Block => return Ok(true),
        EdgeRequest::Expire => End::Expired,
        EdgeRequest::Undo => End::Undone,
    };
    Ok(decisions.begin_end(&record.id, how, now)?.is_some())
}

/// The table is right and a message may be old: a block whose time is over or that was taken back is not put up again, and
/// one that was made longer is not taken down.
fn is_wanted(request: EdgeRequest, record: &Record, now: Timestamp) -> bool {
    let over = record.expires.is_some_and(|until| until <= now);
    match request {
        EdgeRequest::Block => !record.state.is_over() && !over,
        EdgeRequest::Expire => !record.state.is_over() && over,
        EdgeRequest::Undo => !record.state.is_over(),
    }
}

fn network_of(record: &Record) -> Option<IpNet> {
    let text = &record.target;
    text.parse::<std::net::IpAddr>().map(IpNet::from).or_else(|_| text.parse::<IpNet>()).ok()
}

/// When each block of this kind ends, those of `more` included.
pub(super) fn known_ends(
    decisions: &Decisions,
    kind: &str,
    more: &[&Record],
) -> Result<BTreeMap<IpNet, Timestamp>, AwsError> {
    let mut ends = BTreeMap::new();
    let in_force = decisions.in_force()?;
    let records = in_force.iter().filter(|record| record.kind == kind).chain(more.iter().copied());
    for record in records {
        if let Some(network) = network_of(record) {
            ends.insert(network, record.expires.unwrap_or(Timestamp::MAX));
        }
    }
    Ok(ends)
}

fn write_down(
    report: &EdgeReport,
    kind: &str,
    wishes: &[&Wish],
    decisions: &Decisions,
    now: Timestamp,
    outcome: &mut EdgeOutcome,
) {
    outcome.writes += report.writes;
    let fullest = report.fill.iter().map(crate::actions::Fill::percent).fold(0.0, f64::max);
    outcome.fill_percent = Some(outcome.fill_percent.unwrap_or(0.0).max(fullest));
    for wish in wishes {
        let id = &wish.record.id;
        let written = match (wish.request, report.refused.get(&wish.network)) {
            (EdgeRequest::Block, Some(reason)) => {
                outcome.notes.push(format!("{} is not blocked: {reason}", wish.network));
                decisions.fail(id, reason, now)
            }
            (EdgeRequest::Block, None) => {
                outcome.blocked.push(wish.network);
                let undo = serde_json::json!({"network": wish.network});
                decisions.settle(id, &undo, wish.record.expires, now)
            }
            (EdgeRequest::Expire, _) => {
                outcome.unblocked.push(wish.network);
                decisions.end(id, End::Expired, now)
            }
            (EdgeRequest::Undo, _) => {
                outcome.unblocked.push(wish.network);
                decisions.end(id, End::Undone, now)
            }
        };
        if let Err(error) = written {
            outcome.failed.push(wish.message.clone());
            outcome.notes.push(format!("decision {id}: {error}"));
        }
    }
    for network in &report.evicted {
        outcome.notes.push(format!("{network} gave room to newer blocks and is no longer blocked"));
        let evicted = decisions.in_force().map(|records| {
            records.into_iter().find(|record| record.kind == kind && network_of(record) == Some(*network))
        });
        if let Ok(Some(record)) = evicted {
            let _ = decisions.end(&record.id, End::Expired, now);
        }
    }
}
