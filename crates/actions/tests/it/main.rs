//! The tests of the executors against their real counterparts: the kernel, a mail server, an HTTP receiver.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod email;
mod nftables;
mod sample;
mod webhook;
