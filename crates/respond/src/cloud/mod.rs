//! What is done about a GuardDuty finding or a CloudWatch alarm.
//!
//! [`read_cloud_event`] takes what EventBridge, a topic, a forwarder or a file hands over. [`answer_finding`] says what is done about a finding:
//!
//! - **who attacks** is told by `service.resourceRole` and the direction of the traffic, never by the finding's type. Where
//!   ours is the TARGET, the remote addresses are the attacker's and are blocked. Where ours is the ACTOR, the remote
//!   address is a victim's, or a server that the intruder reports to: the instance is isolated, and no address is blocked;
//! - **what is done** follows from what the finding names: addresses, an instance, a key, a role, a user;
//! - **what is only told**: an unknown type, what is below the limits, and whatever [`NeverTouch`] protects.
//!
//! An alarm carries a metric and its dimensions, nothing more. So [`answer_alarm`] says which log lines to read, and
//! [`block_log_sources`] says whom they name.
//!
//! [`NeverTouch`]: crate::NeverTouch

mod alarm;
mod alarm_rule;
mod credentials;
mod decide;
mod edge;
mod event;
mod examples;
mod finding;
mod page;
mod plan;
mod policy;
mod sequence;
mod sources;
mod types;

pub use alarm::{Alarm, AlarmAnswer, LogQuestion, answer_alarm, block_log_sources};
pub use alarm_rule::{AlarmResponse, AlarmRule};
pub use decide::answer_finding;
pub use event::{CloudEvent, EVENT_BYTES_MAX, ReadEventError, read_cloud_event};
pub use examples::{example_alarm, example_finding};
pub use finding::{AccessKey, CredentialOwner, Direction, Finding, Instance, ResourceRole};
pub use page::finding_responses_page;
pub use plan::{CloudPlan, CloudStep, CloudSubject, Spared, Verdict};
pub use policy::{CloudMode, CloudPolicy, CloudPolicyError, PortscanActorResponse};
pub use sources::{LogSource, log_sources};
pub use types::{FINDING_TYPES, FINDING_TYPES_AS_OF, FindingType, Shape};
