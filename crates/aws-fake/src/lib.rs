//! Stand-ins for AWS, for tests: [`Moto`] knows most of AWS but not its limits.

mod moto;

pub use moto::Moto;
