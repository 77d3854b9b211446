//! Our own rules, pipelines and playbooks, embedded at build time (see `build.rs`).

include!(concat!(env!("OUT_DIR"), "/content.rs"));
