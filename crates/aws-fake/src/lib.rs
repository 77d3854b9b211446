//! Stand-ins for AWS, for tests: [`Moto`] knows most of AWS but not its limits; [`Boto`] sets up and looks at what is in it.

mod boto;
mod moto;

pub use boto::Boto;
pub use moto::Moto;
