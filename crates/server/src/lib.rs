//! The beam that joins the pillars: the pipeline, the HTTP API and who may use it, the live stream, and the workers.
//!
//! Read `pipeline.rs` first: it is the one file that joins the stages. [`serve`] starts everything from a [`Config`] and
//! returns a [`Running`] server. `api` is one table of routes; each passes through the guard in `auth`, which is the one
//! place where roles and tenants are checked. `workers` carry out actions from the outbox, end decisions whose time is
//! over, keep the never-touch list true and throw away what is old. Time and randomness come in through [`Clock`] and
//! [`Entropy`] alone.

#[expect(unused_qualifications, reason = "what utoipa writes for `params(T)` is `<T as utoipa::IntoParams>`")]
mod api;
mod app;
mod archive;
mod auth;
mod causes;
mod clock;
mod config;
mod content;
mod doctor;
mod forwards;
mod live;
mod log;
mod metrics;
mod notices;
mod pipeline;
mod reports;
mod rules;
mod samples;
mod searches;
mod serve;
mod swap;
mod thehive;
mod workers;

pub use api::{FieldError, ProblemBody, openapi, route_table};
pub use app::App;
pub use archive::{
    ExportError, ExportFormat, ExportRequest, Exported, SearchSyntaxError, count_events, export_events,
    parse_event_search,
};
pub use auth::{
    ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES, AdminError, FirstAdmin, LINKS_MAX, NewKey, NewUser,
    PASSWORD_BYTES_MAX, PASSWORD_CHARACTERS_MIN, PasswordError, PasswordRule, PersonToErase, SIGN_IN_FREE_FAILURES,
    SIGN_IN_FREE_FAILURES_PER_ADDRESS, SIGN_IN_MEMORY_MAX, SIGN_IN_WAIT_MAX, Trial, create_key, create_tenant,
    create_user, ensure_first_admin, erase_person, reset_password,
};
pub use clock::{Clock, Entropy, FixedClock, SeededEntropy, SystemClock, SystemEntropy};
pub use config::{
    Aws, CONFIG_BYTES_MAX, Cases, Config, ConfigError, ConfigProblem, Events, Forward, Http, Inbound, Intel, IntelList,
    Limits, ListFormat, Loaded, Log, LogFormat, Origin, Playbooks, Report, Respond, RespondMode, Rules,
    SECRET_BYTES_MAX, Secret, SecretError, SecretRef, Setting, Smtp, SmtpSecurity, Syslog, SyslogProtocol, Tail,
    TenantRetention, TheHive, VERSION, Webhook, WebhookFormat, config_reference,
};
pub use content::{PIPELINES, PLAYBOOKS, RULES};
pub use doctor::{Level, Symptom};
pub use live::{LIVE_BEHIND_MAX, LIVE_RING_MAX, LiveBus, LiveKind, LiveMessage, Resume, Sequenced, Subscription};
pub use log::start_log;
pub use metrics::Metrics;
pub use pipeline::{OpenedLog, PipelineHandle, PipelineParts, PipelineSettings, start as start_pipeline};
pub use rules::{SampleSource, SampleSourceError, findings_of};
pub use samples::{SampleBatch, SampleRecords};
pub use serve::{LoadReport, Options, Running, ServeError, open_store, open_store_and_files, serve};
pub use swap::Swap;
pub use vigie_events::{Compacted, Damage, EventIndex, FAIL_POINTS, IndexSettings, Rehearsal, Repaired};
pub use vigie_thehive::{
    Credentials, Import, ImportError, ImportFailure, ImportOutcome, ImportProgress, ImportRow, Now, Patience, Source,
    SourceError, SourceSettings, Target, TenantMap, Told, routes_page as thehive_routes_page,
};
