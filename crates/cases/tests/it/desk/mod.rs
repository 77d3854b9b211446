//! What people do at the desk.

mod fields;
