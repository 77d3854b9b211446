//! What the command line tool does, seen from outside.

mod rules;
