//! Signing, sending, waiting, trying again.

mod credentials;
mod endpoint;
mod error;
mod reply;
mod request;
mod sign;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::Value;

pub use credentials::Credentials;
pub use endpoint::{Endpoints, Region};
pub use error::AwsError;
pub use reply::Reply;
pub use request::{Call, Input};

use crate::operation::{Effect, Operation};
use credentials::Source;

/// Whether what changes something is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Everything is sent.
    #[default]
    Live,
    /// What only looks is sent; what changes something is written down ([`Client::calls`]) and answered with nothing.
    DryRun,
}

/// How a client is made.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Where it works.
    pub region: Region,
    /// Where each service is found.
    pub endpoints: Endpoints,
    /// What it signs with; `None` to look along the chain.
    pub credentials: Option<Credentials>,
    /// Whether what changes something is sent.
    pub mode: Mode,
    /// How often a call is tried at most.
    pub attempts_max: u32,
    /// How long one try may take.
    pub timeout: Duration,
}

impl ClientOptions {
    /// Returns the options of a live client in a Region: AWS's own endpoints, the credential chain, 5 tries of 10 s.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            endpoints: Endpoints::default(),
            credentials: None,
            mode: Mode::Live,
            attempts_max: 5,
            timeout: Duration::from_secs(10),
        }
    }
}

/// The way to AWS. A clone is cheap and shares connections, credentials and the record of calls.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    region: Region,
}

struct Shared {
    agent: ureq::Agent,
    options: ClientOptions,
    source: Source,
    calls: Mutex<Vec<(&'static Operation, Value)>>,
}

/// How many calls the record keeps: an invocation makes a few dozen.
const CALLS_MAX: usize = 20_000;

impl Client {
    /// Returns a client. Nothing is sent yet.
    pub fn new(options: ClientOptions) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("vigie/", env!("CARGO_PKG_VERSION")))
            .build();
        let region = options.region.clone();
        let source = Source::new(options.credentials.clone());
        let shared = Shared { agent: config.into(), options, source, calls: Mutex::default() };
        Self { shared: Arc::new(shared), region }
    }

    /// Returns where it works.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Returns the same client in another Region.
    pub fn in_region(&self, region: Region) -> Self {
        Self { shared: Arc::clone(&self.shared), region }
    }

    /// Returns whether what changes something is only written down.
    pub fn is_dry_run(&self) -> bool {
        self.shared.options.mode == Mode::DryRun
    }

    /// Returns every call so far, oldest first: those sent and, in a dry run, those that would have been.
    pub fn calls(&self) -> Vec<(&'static Operation, Value)> {
        self.shared.calls.lock().map(|calls| calls.clone()).unwrap_or_default()
    }

    /// Sends a call, and again where that may help: jittered, exponential, at most [`ClientOptions::attempts_max`] times.
    ///
    /// # Errors
    /// AWS said no, or could not be reached.
    pub fn send(&self, call: &Call) -> Result<Reply, AwsError> {
        self.write_down(call);
        if self.is_dry_run() && call.operation.effect == Effect::Write {
            return Ok(Reply::nothing(call.operation));
        }
        let mut attempt = 1;
        loop {
            match self.try_once(call) {
                Err(error)
                    if attempt < self.shared.options.attempts_max && error.is_worth_another_try(call.operation) =>
                {
                    std::thread::sleep(pause(attempt, fastrand::f64()));
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    fn try_once(&self, call: &Call) -> Result<Reply, AwsError> {
        let credentials = self.shared.source.get(&self.shared.agent)?;
        let request = request::build(call, &self.shared.options.endpoints, &self.region)?;
        let signed = sign::sign(request, call.operation.service, &self.region, &credentials, SystemTime::now())?;
        reply::read(call.operation, self.shared.agent.run(signed))
    }

    fn write_down(&self, call: &Call) {
        if let Ok(mut calls) = self.shared.calls.lock()
            && calls.len() < CALLS_MAX
        {
            calls.push((call.operation, call.input.to_json()));
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("region", &self.region).finish_non_exhaustive()
    }
}

/// Returns how long to wait before the next try: "full jitter" up to 100 ms · 2ⁿ, at most 5 s. `random` is within 0..1.
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
fn pause(attempt: u32, random: f64) -> Duration {
    let longest = Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(attempt.min(16)));
    longest.min(Duration::from_secs(5)).mul_f64(random)
}
