//! AWS: a small signed client, and the actions that answer an attack there.
//!
//! The whole of it is blocking and slim, since the Lambda links it: requests are signed by `aws-sigv4`, sent by `ureq`, and
//! only the few dozen operations that are used exist ([`Operation`]). The service crates of the SDK are left out for what
//! they cost to compile and start.
//!
//! - [`Client`] signs, sends, waits and tries again, and turns what AWS answers into an [`AwsError`];
//! - [`waf`], [`ec2`], [`iam`] and the other services are the operations, one function each, named as AWS names them;
//! - [`AwsAction`]s change the world: one file each, with `plan`, `execute`, `undo`, its permissions and limits;
//! - [`policy_template`] is the policy that allows just that;
//! - [`Responder`] plans and carries out what is done about a finding, with every decision on record ([`Decisions`]);
//! - [`Settings`] say what the account has for them to work with: IP sets, network ACLs, the quarantine group, the topic.

mod actions;
mod client;
mod decisions;
mod doctor;
mod executor;
mod operation;
mod pace;
mod permissions;
mod responder;
mod services;
mod settings;

pub use actions::{
    ADDRESSES_MAX, AwsAction, Context, EdgeChange, EdgeReport, Fill, all as every_action, change_ip_sets,
    change_network_acls, find as find_action, forget,
};
pub use client::{
    AwsError, Call, Client, ClientOptions, Credentials, Endpoints, Environment, Fault, Input, Mode, OptionsError,
    Profiles, ProfilesError, Region, Reply, Role,
};
pub use decisions::{Claim, Decisions, End, Record, State};
pub use doctor::{Check, Health, doctor};
pub use executor::{Account, executors};
pub use operation::{Effect, Operation, Protocol, Service};
pub use pace::Pace;
pub use permissions::{
    Condition, Duty, Resources, Statement, duties, iam_actions_of, operations_of, permissions_page, policy_template,
};
pub use responder::{
    AnswerReport, EdgeMessage, EdgeOutcome, EdgeRequest, EndError, Ended, Responder, StepReport, StepStatus, Undone,
    add_own_network,
};
pub use services::{dynamodb, ec2, guardduty, iam, logs, s3, sns, sqs, sts, waf};
pub use settings::{
    IpSet, NaclRange, SETTINGS_BYTES_MAX, Scope, Settings, SettingsError, SharedSubnet, WafSets, read_settings,
};
