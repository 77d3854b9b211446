//! The responder in AWS Lambda.
//!
//! One binary (`bootstrap`, for the runtime `provided.al2023`) takes three kinds of invocation:
//!
//! - **a finding or an alarm**, from EventBridge, bare or through a topic: it is decided and answered. What changes IP sets
//!   and network ACLs goes to a FIFO queue, everything else is done at once;
//! - **a batch from that queue**: there is one message group, so one invocation at a time writes, and a batch is one update
//!   of each set. Messages that failed are reported one by one and come back;
//! - **`{"vigie": "expire"}`**, from EventBridge Scheduler: what is over is taken back.
//!
//! An invocation that failed in part fails as a whole, so that Lambda repeats it; what was done is on record and is not
//! done again. It logs JSON lines and metrics in CloudWatch's embedded format, and nothing of the event's content but
//! ids, types, addresses and names.

mod handler;
mod invocation;
mod log;
mod metrics;

pub use handler::{Handler, HandlerError};
pub use invocation::{EdgeRecord, Invocation, InvocationError};
pub use log::{Level, Line};
pub use metrics::{Metrics, NAMESPACE};

/// The environment variable that holds the settings as JSON. Terraform writes it.
pub const VARIABLE: &str = "VIGIE_RESPONDER";
