//! Every action against stand-ins for AWS: moto for what AWS does, our own for the limits that it enforces.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod doctor;
mod edge;
mod isolate;
mod on_moto;
mod permissions;
mod sample;
mod services;
