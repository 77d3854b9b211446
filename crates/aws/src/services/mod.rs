//! The operations that are used, one function each, named as AWS names them.

pub mod dynamodb;
pub mod guardduty;
pub mod logs;
pub mod sqs;
pub mod sts;
