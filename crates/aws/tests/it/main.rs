//! Every action against stand-ins for AWS: moto for what AWS does, our own for the limits that it enforces.

mod doctor;
mod on_moto;
mod permissions;
mod sample;
