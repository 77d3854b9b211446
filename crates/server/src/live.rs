//! The live bus: what changes is told to whoever watches, and kept for a while for whoever was cut off.
//!
//! Each message has an id, `RUN-SEQUENCE`. A client that comes back names the last id that it saw and gets what it missed,
//! as long as the ring still holds it. Where it does not (too long ago, or the server was started anew) the client is told
//! to read everything again, so that it never shows half a truth.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::sync::broadcast;
use vigie_model::{TenantId, Timestamp};

/// How many messages are kept for clients that come back.
pub const LIVE_RING_MAX: usize = 2_048;
/// How many messages a client may be behind before it is dropped; it comes back and reads them from the ring.
pub const LIVE_BEHIND_MAX: usize = 512;

/// What a live message tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveKind {
    /// An alert was raised or changed; the payload is the alert.
    Alert,
    /// A case was opened or changed; the payload is the case.
    Case,
    /// An action was planned or took a step; the payload is the action.
    Action,
    /// A decision came into force or ended; the payload is the decision.
    Decision,
    /// Records were taken in; the payload counts them.
    Ingest,
}

impl LiveKind {
    /// Returns the name of the server-sent event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Case => "case",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::Ingest => "ingest",
        }
    }
}

/// Something changed.
#[derive(Debug, Clone)]
pub struct LiveMessage {
    /// Whose it is: only those who may see this tenant are told.
    pub tenant: TenantId,
    /// What it tells of.
    pub kind: LiveKind,
    /// The object as the API shows it.
    pub payload: serde_json::Value,
}

/// A message with its place in the stream.
#[derive(Debug)]
pub struct Sequenced {
    /// 1, 2, 3… within a run of the server.
    pub sequence: u64,
    /// The message.
    pub message: LiveMessage,
}

/// What a client that comes back has to do first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Nothing: it gets all that it missed.
    Complete,
    /// Read everything again: what it missed is no longer known.
    Reload,
}

/// The stream of one client: first what it missed, then what comes.
pub struct Subscription {
    /// Whether the replay is complete.
    pub resume: Resume,
    /// What it missed, oldest first, of all tenants.
    pub missed: Vec<Arc<Sequenced>>,
    /// What comes.
    pub coming: broadcast::Receiver<Arc<Sequenced>>,
}

/// Tells what changes to whoever watches.
pub struct LiveBus {
    run: String,
    ring: Mutex<Ring>,
    sender: broadcast::Sender<Arc<Sequenced>>,
}

#[derive(Default)]
struct Ring {
    last: u64,
    kept: VecDeque<Arc<Sequenced>>,
}

impl LiveBus {
    /// Returns a bus for the run of the server that began at this time.
    pub fn new(started: Timestamp) -> Self {
        let (sender, _) = broadcast::channel(LIVE_BEHIND_MAX);
        Self { run: format!("{:x}", started.as_micros()), ring: Mutex::default(), sender }
    }

    /// Tells everybody who watches, and keeps the message for those who come back.
    pub fn publish(&self, message: LiveMessage) {
        let mut ring = self.ring.lock().expect("no one panics while holding this lock");
        ring.last += 1;
        let sequenced = Arc::new(Sequenced { sequence: ring.last, message });
        if ring.kept.len() == LIVE_RING_MAX {
            ring.kept.pop_front();
        }
        ring.kept.push_back(Arc::clone(&sequenced));
        // Sent under the lock so that a subscriber sees each message once. Nobody watching is no error.
        let _ = self.sender.send(sequenced);
    }

    /// Returns the id of a message as clients see it.
    pub fn id_of(&self, sequence: u64) -> String {
        format!("{}-{sequence}", self.run)
    }

    /// Begins to watch, after the message of this id where one is given.
    pub fn subscribe(&self, last_seen: Option<&str>) -> Subscription {
        let ring = self.ring.lock().expect("no one panics while holding this lock");
        let coming = self.sender.subscribe();
        let Some(last_seen) = last_seen else {
            return Subscription { resume: Resume::Complete, missed: Vec::new(), coming };
        };
        let Some(after) = self.sequence_of(last_seen).filter(|after| *after <= ring.last) else {
            return Subscription { resume: Resume::Reload, missed: Vec::new(), coming };
        };
        let oldest = ring.kept.front().map_or(ring.last + 1, |kept| kept.sequence);
        if after + 1 < oldest {
            return Subscription { resume: Resume::Reload, missed: Vec::new(), coming };
        }
        let missed = ring.kept.iter().filter(|kept| kept.sequence > after).cloned().collect();
        Subscription { resume: Resume::Complete, missed, coming }
    }

    fn sequence_of(&self, id: &str) -> Option<u64> {
        let (run, sequence) = id.rsplit_once('-')?;
        if run != self.run {
            return None;
        }
        sequence.parse().ok()
    }

    /// Returns how many clients watch.
    pub fn watchers(&self) -> usize {
        self.sender.receiver_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus_with(messages: u64) -> LiveBus {
        let bus = LiveBus::new(Timestamp::from_micros(0xabc));
        for number in 0..messages {
            let tenant = TenantId::new("acme").unwrap();
            bus.publish(LiveMessage { tenant, kind: LiveKind::Alert, payload: number.into() });
        }
        bus
    }

    #[track_caller]
    fn check(messages: u64, last_seen: Option<&str>, resume: Resume, missed: &[u64]) {
        let subscription = bus_with(messages).subscribe(last_seen);
        assert_eq!(subscription.resume, resume);
        let sequences: Vec<u64> = subscription.missed.iter().map(|kept| kept.sequence).collect();
        assert_eq!(sequences, missed);
    }

    #[test]
    fn who_comes_back_gets_what_was_missed_or_is_told_to_reload() {
        check(3, None, Resume::Complete, &[]);
        check(3, Some("abc-1"), Resume::Complete, &[2, 3]);
        check(3, Some("abc-3"), Resume::Complete, &[]);
        check(0, Some("abc-0"), Resume::Complete, &[]);
        check(3, Some("abc-4"), Resume::Reload, &[]);
        check(3, Some("abd-2"), Resume::Reload, &[]);
        check(3, Some("nonsense"), Resume::Reload, &[]);
        let many = LIVE_RING_MAX as u64 + 2;
        check(many, Some("abc-1"), Resume::Reload, &[]);
        let rest: Vec<u64> = (3..=many).collect();
        check(many, Some("abc-2"), Resume::Complete, &rest);
    }

    #[test]
    fn what_comes_after_the_subscription_arrives_once() {
        let bus = bus_with(1);
        let mut subscription = bus.subscribe(Some("abc-0"));
        assert_eq!(subscription.missed.len(), 1);
        let tenant = TenantId::new("acme").unwrap();
        bus.publish(LiveMessage { tenant, kind: LiveKind::Case, payload: 2.into() });
        assert_eq!(subscription.coming.try_recv().map(|kept| kept.sequence).ok(), Some(2));
        assert!(subscription.coming.try_recv().is_err());
    }
}
