//! Stand-ins for AWS, for tests.
//!
//! [`Moto`] knows most of AWS but not its limits; [`Boto`] sets up and looks at what is in it, and an [`Estate`] is an
//! account there with all that Terraform makes for the responder. [`Fake`] knows the operations of WAF and EC2 that blocking
//! and isolating use, and enforces what moto does not: lock tokens, 10,000 addresses a set and one update a second, the quota of network
//! ACLs, groups of instances with several interfaces. It also throttles, refuses, and loses answers when it is told to
//! ([`Fault`]), and keeps every call with its time ([`Fake::calls`]).

mod account;
mod boto;
mod ec2;
mod estate;
mod fault;
mod http;
mod moto;
mod received;
mod waf;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use account::{Account, Acl, Entry, Group, Instance, Interface, IpSet};
pub use boto::Boto;
pub use estate::{Estate, EstateIds};
pub use fault::{Fault, Trouble};
pub use moto::Moto;

use received::{Failure, Received, Reply};

/// A call that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When.
    pub at: Instant,
    /// The service that it was signed for: `wafv2`.
    pub service: String,
    /// The Region that it was signed for.
    pub region: String,
    /// The operation: `UpdateIPSet`.
    pub operation: String,
    /// What was answered: `None` for success, else AWS's word.
    pub refused: Option<String>,
}

/// A stand-in for AWS over HTTP, which ends with its test.
#[derive(Debug)]
pub struct Fake {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    account: Account,
    faults: Vec<Fault>,
    calls: Vec<Call>,
}

impl Fake {
    /// Starts it, with an empty account.
    ///
    /// # Panics
    /// No port is free.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let state: Arc<Mutex<State>> = Arc::default();
        let stopped: Arc<AtomicBool> = Arc::default();
        let (for_all, until) = (Arc::clone(&state), Arc::clone(&stopped));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let state = Arc::clone(&for_all);
                std::thread::spawn(move || http::serve(&stream, |received| answer(&state, received)));
            }
        });
        Self { address, stopped, state }
    }

    /// Returns where it is found.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at the account, or changes it. No call is answered meanwhile.
    pub fn account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut lock(&self.state).account)
    }

    /// Makes calls go wrong.
    pub fn fail(&self, fault: Fault) {
        lock(&self.state).faults.push(fault);
    }

    /// Returns every call so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.state).calls.clone()
    }

    /// Returns how many calls of an operation were answered with success.
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.state).calls.iter().filter(|call| call.operation == operation && call.refused.is_none()).count()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for the next one.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(state: &Mutex<State>, received: &Received) -> Reply {
    let mut state = lock(state);
    let trouble = fault::strikes(&mut state.faults, &received.operation);
    let outcome = match trouble {
        None => carry_out(&mut state.account, received),
        Some(Trouble::LostAnswer) => match carry_out(&mut state.account, received) {
            Ok(_) => Err(Failure::new(500, "InternalFailure", "the answer is lost")),
            Err(failure) => Err(failure),
        },
        Some(trouble) => Err(trouble.failure(received)),
    };
    state.calls.push(Call {
        at: Instant::now(),
        service: received.service.clone(),
        region: received.region.clone(),
        operation: received.operation.clone(),
        refused: outcome.as_ref().err().map(|failure| failure.code.clone()),
    });
    received.reply(outcome)
}

fn carry_out(account: &mut Account, received: &Received) -> Result<String, Failure> {
    match received.service.as_str() {
        "wafv2" => waf::answer(account, received),
        "ec2" => ec2::answer(account, received),
        other => Err(Failure::new(400, "UnknownOperationException", &format!("this stand-in does not know {other}"))),
    }
}
