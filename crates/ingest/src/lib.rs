//! Records to events: receivers, bodies and sources.
//!
//! Bytes arrive in three ways: a receiver listens ([`receive_syslog_udp`], [`receive_syslog_tcp`]) or follows a file
//! ([`tail`]), or somebody hands over a whole body, which [`decode_body`] decompresses and [`split`] cuts up. All three
//! make [`Record`](vigie_model::Record)s, each with its position, from which the ids of its events follow. [`normalise()`]
//! turns records into events; it is pure, and never fails: what cannot be read becomes a
//! [`DeadLetter`](vigie_model::DeadLetter) whose code is one of [`Fault::code`].
//!
//! A [`Source`] reads the records of one kind of sender. Each lives in a folder of its own under `sources/`: `schema.rs` says
//! what the native records look like, `normalise.rs` makes events of them, `mod.rs` joins the two. What rules see is
//! the event's document:
//!
//! | source | document | logsource |
//! |---|---|---|
//! | `linux_auth` | program, pid, hostname, message, action, user, target_user, src_ip, src_port, method, command, … | linux / – / sshd, sudo, cron, auth |
//! | `syslog` | the same without `action`; known payloads are read by their own source | linux / – / syslog |
//! | `web_access` | Sigma's webserver names: c-ip, cs-method, cs-uri, cs-uri-query, sc-status, … | – / webserver / – |
//! | `cloudtrail` | the record as delivered | aws / – / cloudtrail |
//! | `guardduty` | the *finding* (not its EventBridge envelope), its keys in camelCase | aws / – / guardduty |
//! | `vpc_flow` | the flow log's field names with `_` for `-`, numbers as numbers | aws / – / vpcflow |
//! | `suricata_eve` | the record as delivered | suricata / ids, dns, http→proxy / event_type |
//! | `windows_event` | flat: EventID, Channel, Computer, Provider_Name and the event's data | windows / by channel and event id |
//! | `json` | the record as delivered | as the sender says |
//!
//! Limits: a record has at most [`RECORD_BYTES_MAX`] bytes, a body [`BodyLimits::DECODED_BYTES_MAX`] once decompressed and
//! [`RECORDS_MAX`] records, JSON 127 levels.

mod body;
mod entities;
mod fault;
mod json;
mod normalise;
mod receive;
mod source;
mod sources;
mod syslog;
mod times;

pub use body::{BatchName, BodyLimits, DecodeError, FAULTS_MAX, RECORDS_MAX, Split, decode_body, split};
pub use fault::Fault;
pub use normalise::{Normalised, normalise, portions};
pub use receive::{
    Batch, BatchSender, Deframer, Frame, ReceiverCounters, Settled, SyslogSettings, TailSettings, TailStart, bind_tcp,
    bind_udp, receive_syslog_tcp, receive_syslog_udp, tail,
};
pub use source::{Framing, Source, Sources};

/// How many bytes a record may have: 1 MiB.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;
