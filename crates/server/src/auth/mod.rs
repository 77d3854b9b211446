//! Who is asking, and whether they may.

mod admin;
mod basic;
mod erase;
mod guard;
mod limiter;
mod link;
mod password;
mod sign_in;
mod token;

pub use admin::{
    AdminError, FirstAdmin, NewUser, create_key, create_tenant, create_user, ensure_first_admin, reset_password,
};
pub(crate) use admin::{Desk, insert_user, replace_password};
pub(crate) use basic::{VerifiedPairs, by_pair, pair};
pub use erase::{PersonToErase, Trial, erase_person};
pub(crate) use guard::{Access, Caller, Credential, Gate, guard, identify_caller, refuse_foreign_origin};
pub(crate) use limiter::SignInLimiter;
pub use limiter::{SIGN_IN_FREE_FAILURES, SIGN_IN_FREE_FAILURES_PER_ADDRESS, SIGN_IN_MEMORY_MAX, SIGN_IN_WAIT_MAX};
pub use link::LINKS_MAX;
pub(crate) use link::{SignInLinks, sign_in_by_link};
pub use password::{
    ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES, PASSWORD_BYTES_MAX, PASSWORD_CHARACTERS_MIN, PasswordError,
    PasswordRule,
};
pub(crate) use sign_in::{Hashers, SignedIn, sign_in, sign_out};
pub use token::NewKey;
pub(crate) use token::{COOKIE_PLAIN, cookie};
