//! Signing, sending, waiting, trying again.

mod clock;
mod credentials;
mod endpoint;
mod environment;
mod error;
mod fault;
mod options;
mod reply;
mod request;
mod retry;
mod sign;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

pub(crate) use credentials::Found;
pub use credentials::{Credentials, Profiles, ProfilesError, Role};
pub use endpoint::{Endpoints, Region};
pub use environment::Environment;
pub use error::AwsError;
pub use fault::Fault;
pub use options::{ClientOptions, Mode, OptionsError};
pub use reply::Reply;
pub use request::{Call, Input};

use crate::operation::{Effect, Operation};
use clock::Clock;
use credentials::Identity;
use reply::Failure;
use retry::{Quota, RETRY_AFTER_MAX, pause};

/// The way to AWS. A clone is cheap and shares connections, credentials and the record of calls.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    identity: Arc<Identity>,
    region: Region,
    /// When the caller's own time is over.
    until: Option<Instant>,
}

struct Shared {
    agent: ureq::Agent,
    options: ClientOptions,
    quota: Quota,
    clock: Clock,
    calls: Mutex<Vec<(&'static Operation, Value)>>,
}

/// How many calls the record keeps: an invocation makes a few dozen.
const CALLS_MAX: usize = 20_000;
/// How long a connection may take to open, TLS included. A Region that is dead is known to be so after this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

impl Client {
    /// Returns a client. Nothing is sent yet.
    pub fn new(options: ClientOptions) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(options.timeout)))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("vigie/", env!("CARGO_PKG_VERSION")))
            .build();
        let region = options.region.clone();
        let identity = match &options.credentials {
            Some(credentials) => Identity::fixed(credentials.clone()),
            None => Identity::chain(options.environment.clone()),
        };
        let shared = Shared {
            agent: config.into(),
            options,
            quota: Quota::default(),
            clock: Clock::default(),
            calls: Mutex::default(),
        };
        Self { shared: Arc::new(shared), identity: Arc::new(identity), region, until: None }
    }

    /// Returns a live client as the process's environment wants it: see [`ClientOptions::from_environment`].
    ///
    /// # Errors
    /// No Region is named, or what is named makes no sense.
    pub fn from_environment() -> Result<Self, OptionsError> {
        ClientOptions::from_environment(&Environment::of_process()).map(Self::new)
    }

    /// Returns where it works.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Returns the same client in another Region.
    pub fn in_region(&self, region: Region) -> Self {
        Self { region, ..self.clone() }
    }

    /// Returns the same client in a role, here or in another account. The role is taken on at the first call, and again
    /// before it ends.
    pub fn assuming(&self, role: Role) -> Self {
        Self { identity: Arc::new(Identity::role(Arc::clone(&self.identity), role)), ..self.clone() }
    }

    /// Returns the same client, which gives up at a time: that of an invocation's end, less what is needed to say so.
    pub fn until(&self, until: Instant) -> Self {
        Self { until: Some(until), ..self.clone() }
    }

    /// Returns whether what changes something is only written down.
    pub fn is_dry_run(&self) -> bool {
        self.shared.options.mode == Mode::DryRun
    }

    /// Returns every call so far, oldest first: those sent and, in a dry run, those that would have been.
    pub fn calls(&self) -> Vec<(&'static Operation, Value)> {
        self.shared.calls.lock().map(|calls| calls.clone()).unwrap_or_default()
    }

    /// Sends a call, and again where that may help: jittered, exponential, at most [`ClientOptions::attempts_max`] times
    /// within [`ClientOptions::call_timeout`].
    ///
    /// # Errors
    /// AWS said no, or could not be reached.
    pub fn send(&self, call: &Call) -> Result<Reply, AwsError> {
        self.write_down(call);
        let operation = call.operation;
        if self.is_dry_run() && operation.effect == Effect::Write {
            return Ok(Reply::nothing(operation));
        }
        let options = &self.shared.options;
        let end = Instant::now() + options.call_timeout;
        let end = self.until.map_or(end, |until| until.min(end));
        let (mut attempt, mut paid, mut amended) = (1, None, false);
        loop {
            let failure = match self.try_once(call, end) {
                Ok(reply) => {
                    self.shared.quota.give_back(operation.service, &self.region, paid);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            // A wrong clock and credentials that ended early are put right once; that costs no try.
            if !amended && self.amend(&failure) {
                amended = true;
                continue;
            }
            let wait = pause(attempt, fastrand::f64()).max(failure.retry_after.unwrap_or_default());
            let in_time = wait <= RETRY_AFTER_MAX && Instant::now() + wait < end;
            if attempt >= options.attempts_max || !in_time || !failure.error.is_worth_another_try(operation) {
                return Err(failure.error);
            }
            let silence = matches!(failure.error, AwsError::Unavailable { .. });
            paid = self.shared.quota.take(operation.service, &self.region, silence);
            if paid.is_none() {
                return Err(failure.error);
            }
            std::thread::sleep(wait);
            attempt += 1;
        }
    }

    fn try_once(&self, call: &Call, end: Instant) -> Result<Reply, Box<Failure>> {
        let shared = &self.shared;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let reason = "no time is left to call".to_owned();
            return Err(
                AwsError::Unavailable { operation: call.operation.to_string(), reason, may_be_done: false }.into()
            );
        }
        let request = request::build(call, &shared.options.endpoints, &self.region)?;
        let (request, credentials) = if call.operation.signed {
            let credentials = self.identity.credentials(self)?;
            let service = call.operation.service;
            (sign::sign(request, service, &self.region, &credentials, shared.clock.now())?, Some(credentials))
        } else {
            (request, None)
        };
        let timeout = shared.options.timeout.min(left);
        let outcome = request::run(&shared.agent, request, timeout);
        reply::read(call.operation, &self.region, outcome).map_err(|mut failure| {
            failure.credentials = credentials;
            failure
        })
    }

    /// Puts right what made a call fail. Returns whether it is worth repeating for that.
    fn amend(&self, failure: &Failure) -> bool {
        if let Some(theirs) = failure.date
            && failure.may_be_the_clock()
            && self.shared.clock.correct(theirs, SystemTime::now())
        {
            return true;
        }
        let ended = matches!(failure.error.code(), Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired"));
        ended && failure.credentials.as_ref().is_some_and(|credentials| self.identity.forget(credentials))
    }

    /// Returns the same client, which signs as somebody else.
    fn signing_as(&self, identity: &Arc<Identity>) -> Self {
        Self { identity: Arc::clone(identity), ..self.clone() }
    }

    fn write_down(&self, call: &Call) {
        if let Ok(mut calls) = self.shared.calls.lock()
            && calls.len() < CALLS_MAX
        {
            calls.push((call.operation, call.input.to_json()));
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod server;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::client_at as client_of_tests;
