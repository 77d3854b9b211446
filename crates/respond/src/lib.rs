//! What is done about an alert: who the attacker is, which playbooks answer, what is planned, and what may never be.
//!
//! A [`Playbook`] is YAML: *when this alert, then these actions, under these conditions and approvals*. It is read with
//! the [`Catalogue`] of the kinds of action there are, so that a misspelt word is an error with a line and a suggestion
//! and never a surprise at three in the morning. [`plan`] turns an alert and the playbooks into [`Action`]s. It decides
//! everything that can be decided before the world is touched:
//!
//! - **who**: [`attackers`] goes by the part that an entity played ([`EntityRole`]), never by the kind of finding. Where
//!   our own resource acted, the other end is a victim and is left alone;
//! - **whether**: [`NeverTouch`] holds what may not be blocked. Whatever passes is a [`BlockTarget`], and nothing else
//!   can be handed to a firewall;
//! - **how often**: [`RateLimits`] for each tenant and kind of action, one action for each target however many playbooks
//!   ask for it, and an extension where the target is blocked already;
//! - **whether at all**: in a dry run every action ends as [`ActionStatus::Simulated`].
//!
//! Ids are derived, so planning the same alert again gives the same actions. [`transition`] is the only way an action
//! changes its state. What was done and lasts is a [`Decision`]; [`take_effect`], [`due`], [`expire`] and [`undo`] are its life.
//! [`answer_finding`] and [`answer_alarm`] decide about GuardDuty findings and CloudWatch alarms without a server: the Lambda asks it.
//! The code that touches the world implements [`Executor`]; this crate does no I/O and is told the time.
//!
//! [`Action`]: vigie_model::Action
//! [`ActionStatus::Simulated`]: vigie_model::ActionStatus::Simulated
//! [`Decision`]: vigie_model::Decision
//! [`EntityRole`]: vigie_model::EntityRole

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod address;
mod attacker;
mod briefing;
mod catalogue;
mod cloud;
mod conditions;
mod decision;
mod draft;
mod duration;
mod executor;
mod locate;
mod never_touch;
mod order;
mod parameter;
mod parse;
mod plan;
mod playbook;
mod rate;
mod suggest;
mod template;
mod transition;

pub use address::{BlockTarget, Refusal};
pub use attacker::{Attackers, attacker, attackers};
pub use briefing::{Briefing, CaseBrief};
pub use catalogue::{
    AWS_ACTIONS, ActionSpec, Catalogue, EC2_ISOLATE_INSTANCE, EC2_SNAPSHOT, Expiry, HOST_BLOCK_IP,
    IAM_DISABLE_ACCESS_KEY, IAM_QUARANTINE_USER, IAM_REVOKE_ROLE_SESSIONS, NACL_BLOCK_IP, NOTIFY_EMAIL, NOTIFY_WEBHOOK,
    ParameterKind, ParameterSpec, S3_BLOCK_PUBLIC_ACCESS, SNS_NOTIFY, Undo, WAF_BLOCK_IP,
};
pub use cloud::{
    AccessKey, Alarm, AlarmAnswer, AlarmResponse, AlarmRule, CloudEvent, CloudMode, CloudPlan, CloudPolicy,
    CloudPolicyError, CloudStep, CloudSubject, CredentialOwner, Direction, EVENT_BYTES_MAX, FINDING_TYPES,
    FINDING_TYPES_AS_OF, Finding, FindingType, Instance, LogQuestion, LogSource, PortscanActorResponse, ReadEventError,
    ResourceRole, Shape, Spared, Verdict, answer_alarm, answer_finding, block_log_sources, example_alarm,
    example_finding, finding_responses_page, log_sources, read_cloud_event,
};
pub use conditions::{Conditions, EntityCondition};
pub use decision::{
    DecisionError, Reconciliation, due, ends_with, expire, held_by_another, reconcile, still_to_run, take_effect, undo,
};
pub use duration::{parse_duration, spell_duration};
pub use executor::{BoxFuture, ExecuteError, Executor, Executors, InForce, Outcome};
pub use never_touch::{NeverTouch, NeverTouchEntry, NeverTouchFacts};
pub use order::{Order, OrderError, order};
pub use plan::{PlanContext, plan, recheck};
pub use playbook::{Approval, PLAYBOOK_BYTES_MAX, Playbook, PlaybookAction, PlaybookError, is_playbook_file};
pub use rate::{RateLimits, RateUse};
pub use template::{Placeholder, Template};
pub use transition::{ActionEvent, STEPS_MAX, TransitionError, next_status, transition};
