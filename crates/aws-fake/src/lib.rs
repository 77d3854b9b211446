//! A stand-in for AWS that enforces the limits which other stand-ins do not.
