//! From a finding or an alarm to what is done about it: the same for the Lambda, the command line and the server.
//!
//! Each step is written into the table of decisions before it is done, so that a repeat of the event does it once, and an
//! invocation that died in between is completed by the next. What changes IP sets and network ACLs travels through a FIFO
//! queue to the one writer ([`Responder::change_edge`]); without a queue it is done at once. What is over is taken back by
//! [`Responder::expire`], what somebody takes back by [`Responder::undo`].

mod answer;
mod carry_out;
mod edge;
mod end;
mod message;
mod own_network;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use vigie_model::{TenantId, Timestamp};
use vigie_respond::{CloudMode, CloudPolicy, NeverTouch};

use crate::actions::Context;
use crate::decisions::Decisions;
use crate::{AwsError, Client, Pace, Region, Settings};

pub use edge::{EdgeMessage, EdgeOutcome, EdgeRequest};
pub use end::{EndError, Ended, Undone};
pub use own_network::add_own_network;
pub use report::{AnswerReport, StepReport, StepStatus};

/// What answers findings and alarms in an account. A clone is cheap and keeps the same pace.
#[derive(Debug, Clone)]
pub struct Responder {
    client: Client,
    settings: Arc<Settings>,
    policy: Arc<CloudPolicy>,
    pace: Arc<Pace>,
}

impl Responder {
    /// Returns a responder. Nothing is asked yet.
    pub fn new(client: Client, settings: Settings, policy: CloudPolicy) -> Self {
        Self { client, settings: Arc::new(settings), policy: Arc::new(policy), pace: Arc::default() }
    }

    /// Returns the same responder, which gives up at a time: an invocation that is cut off cannot say what failed.
    #[must_use]
    pub fn until(&self, end: Instant) -> Self {
        Self { client: self.client.until(end), ..self.clone() }
    }

    /// Returns what an operator chose.
    pub fn policy(&self) -> &CloudPolicy {
        &self.policy
    }

    /// Returns the way to AWS.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the table of decisions, where the settings name one.
    pub fn decisions(&self) -> Option<Decisions> {
        self.settings.table.as_ref().map(|table| Decisions::new(self.client.clone(), table))
    }

    /// Returns what is never touched: what the operator lists, and what is ours in the Region now.
    ///
    /// # Errors
    /// AWS could not be asked. Then nobody is blocked.
    pub fn never_touch(&self) -> Result<NeverTouch, AwsError> {
        self.never_touch_from(&self.client)
    }

    fn never_touch_from(&self, client: &Client) -> Result<NeverTouch, AwsError> {
        let mut list = NeverTouch::new(self.policy.never_touch.iter().cloned());
        add_own_network(&mut list, client)?;
        Ok(list)
    }

    /// Whether what is decided is done.
    fn enforces(&self) -> bool {
        self.policy.mode == CloudMode::Enforce
    }

    fn client_in(&self, region: &str) -> Client {
        match Region::new(region) {
            Ok(region) if &region != self.client.region() => self.client.in_region(region),
            Ok(_) | Err(_) => self.client.clone(),
        }
    }

    fn context<'a>(
        &'a self,
        client: &'a Client,
        in_force: &'a BTreeMap<ipnet::IpNet, Timestamp>,
        remember: &'a dyn Fn(&serde_json::Value) -> Result<(), vigie_respond::ExecuteError>,
        now: Timestamp,
    ) -> Context<'a> {
        Context { client, settings: &self.settings, pace: &self.pace, in_force, remember, now }
    }
}

/// The tenant that an account is.
fn tenant_of(account: &str) -> TenantId {
    TenantId::new(account).unwrap_or_else(|_| TenantId::new("aws").expect("`aws` is a name that tenants may have"))
}
