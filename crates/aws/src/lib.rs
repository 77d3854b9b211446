//! AWS: a small signed client, and the actions that answer an attack there.
//!
//! The whole of it is blocking and slim, since the Lambda links it: requests are signed by `aws-sigv4`, sent by `ureq`, and
//! only the few dozen operations that are used exist ([`Operation`]). The service crates of the SDK are left out for what
//! they cost to compile and start.
//!
//! - [`Client`] signs, sends, waits and tries again, and turns what AWS answers into an [`AwsError`];
//! - [`services`] are the operations, one function each, named as AWS names them;
//! - [`actions`] change the world: one file each, with `plan`, `execute`, `undo`, its permissions and limits;
//! - [`Responder`] plans and carries out what is done about a finding, with every decision on record ([`Decisions`]);
//! - [`Settings`] say what the account has for them to work with: IP sets, network ACLs, the quarantine group, the topic.

pub mod actions;
mod client;
mod decisions;
mod doctor;
mod executor;
mod operation;
mod pace;
pub mod permissions;
mod responder;
pub mod services;
mod settings;

pub use client::{
    AwsError, Call, Client, ClientOptions, Credentials, Endpoints, Environment, Fault, Input, Mode, OptionsError,
    Profiles, ProfilesError, Region, Reply, Role,
};
pub use decisions::{Claim, Decisions, End, Record, State};
pub use doctor::{Check, Health, doctor};
pub use executor::{Account, executors};
pub use operation::{Effect, Operation, Protocol, Service};
pub use pace::Pace;
pub use responder::{
    AnswerReport, EdgeMessage, EdgeOutcome, EdgeRequest, EndError, Ended, Responder, StepReport, StepStatus, Undone,
    add_own_network,
};
pub use settings::{
    IpSet, NaclRange, SETTINGS_BYTES_MAX, Scope, Settings, SettingsError, SharedSubnet, WafSets, read_settings,
};
