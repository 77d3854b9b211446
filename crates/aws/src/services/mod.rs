//! The operations that are used, one function each, named as AWS names them.

pub mod sts;
