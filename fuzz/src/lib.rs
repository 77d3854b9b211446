//! What each fuzz target does with its bytes.
//!
//! A target is a function here and three lines in `targets/`. That way a crash can be replayed, and the seeds are run by
//! `cargo test`, without libFuzzer. A function returns nothing and panics where a promise of the parser does not hold:
//! never a panic of its own, limits kept, the same bytes give the same answer.

#[cfg(feature = "aws")]
mod aws;
mod cloud;
mod desk;
mod detect;
mod ingest;
mod lists;
#[cfg(feature = "events")]
mod log;
#[cfg(feature = "thehive")]
mod thehive;

#[cfg(feature = "aws")]
pub use aws::{aws_answer, aws_profiles};
pub use cloud::{cloud_event, log_lines};
pub use desk::{case_archive, inbound_alert, observables_csv, wazuh_alert};
pub use detect::{detection_state, pipeline, sigma_rule};
pub use ingest::{decode_body, normalise, split, syslog_framing};
#[cfg(feature = "server")]
pub use lists::configuration;
#[cfg(feature = "events")]
pub use lists::{aggregations, search_language};
pub use lists::{geo, indicator_csv, misp_event, observables, playbook};
#[cfg(feature = "events")]
pub use log::log;
#[cfg(feature = "thehive")]
pub use thehive::{misp_case, thehive_query};

/// A target: its name, and what it does with its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Returns every target that this build has.
pub fn targets() -> Vec<Target> {
    vec![
        ("syslog_framing", syslog_framing),
        ("normalise", normalise),
        ("decode_body", decode_body),
        ("split", split),
        ("sigma_rule", sigma_rule),
        ("pipeline", pipeline),
        ("detection_state", detection_state),
        ("indicator_csv", indicator_csv),
        ("misp_event", misp_event),
        ("geo", geo),
        ("playbook", playbook),
        ("observables", observables),
        ("cloud_event", cloud_event),
        ("log_lines", log_lines),
        ("observables_csv", observables_csv),
        ("wazuh_alert", wazuh_alert),
        ("case_archive", case_archive),
        ("inbound_alert", inbound_alert),
        #[cfg(feature = "aws")]
        ("aws_answer", aws_answer),
        #[cfg(feature = "aws")]
        ("aws_profiles", aws_profiles),
        #[cfg(feature = "events")]
        ("search_language", search_language),
        #[cfg(feature = "events")]
        ("aggregations", aggregations),
        #[cfg(feature = "events")]
        ("log", log),
        #[cfg(feature = "thehive")]
        ("thehive_query", thehive_query),
        #[cfg(feature = "thehive")]
        ("misp_case", misp_case),
        #[cfg(feature = "server")]
        ("configuration", configuration),
    ]
}

/// The time at which everything happens: 2026-03-01T00:00:00Z.
pub(crate) fn now() -> vigie_model::Timestamp {
    vigie_model::Timestamp::from_seconds(1_772_323_200)
}

/// Whose everything is.
pub(crate) fn tenant() -> vigie_model::TenantId {
    vigie_model::TenantId::new("acme").expect("`acme` is a tenant's name")
}
