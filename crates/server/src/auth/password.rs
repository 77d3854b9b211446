//! Passwords: Argon2id with stated parameters, and what a password must be.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// Memory of one hash, in KiB: 19 MiB, the first choice of the OWASP Password Storage Cheat Sheet (2024) for Argon2id.
pub const ARGON2_MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
pub const ARGON2_PASSES: u32 = 2;
/// Lanes.
pub const ARGON2_LANES: u32 = 1;

/// How long a password must be, in characters (NIST SP 800-63B asks for at least 8; 15 where it stands alone).
pub const PASSWORD_CHARACTERS_MIN: usize = 12;
/// How long a password may be, in bytes: enough for any phrase, too little to tire the server.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// A password that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Shorter than [`PASSWORD_CHARACTERS_MIN`].
    #[error("the password is too short: use at least 12 characters")]
    TooShort,
    /// Longer than [`PASSWORD_BYTES_MAX`].
    #[error("the password is too long: use at most 1,024 bytes")]
    TooLong,
}

/// Which passwords are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRule {
    /// Those that are long enough.
    Usual,
    /// Any that is not empty: for a server that only this machine reaches.
    Any,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, None)
        .expect("the parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Returns the hash of a password as a PHC string. Takes tens of milliseconds: call it where blocking is allowed.
pub(crate) fn hash(password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
    hash_by(PasswordRule::Usual, password, salt)
}

/// Returns the hash of a password that this rule takes.
pub(crate) fn hash_by(rule: PasswordRule, password: &str, salt: [u8; 16]) -> Result<String, PasswordError> {
    let characters_min = if rule == PasswordRule::Usual { PASSWORD_CHARACTERS_MIN } else { 1 };
    if password.chars().count() < characters_min {
        return Err(PasswordError::TooShort);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordError::TooLong);
    }
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a valid salt");
    let hash = argon2().hash_password(password.as_bytes(), &salt).expect("length and parameters were checked");
    Ok(hash.to_string())
}

/// Returns whether a password has this hash. Takes as long where the hash is `None`, so that nobody learns from the time
/// taken whether an account exists.
pub(crate) fn verify(password: &str, hash: Option<&str>) -> bool {
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    let Some(hash) = hash.and_then(|hash| PasswordHash::new(hash).ok()) else {
        let mut sink = [0; 32];
        // The outcome is not looked at: only the time matters.
        let _ = argon2().hash_password_into(password.as_bytes(), b"no such account.", &mut sink);
        return false;
    };
    argon2().verify_password(password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_states_its_parameters_and_fits_its_password_only() {
        let hashed = hash("correct horse battery", [7; 16]).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("correct horse battery", Some(&hashed)));
        assert!(!verify("correct horse batterz", Some(&hashed)));
        assert!(!verify("correct horse battery", None));
        assert!(!verify("correct horse battery", Some("not a hash")));
    }

    #[test]
    fn limits() {
        assert_eq!(hash("elevenchars", [0; 16]), Err(PasswordError::TooShort));
        assert!(hash("twelve chars", [0; 16]).is_ok());
        assert!(hash(&"x".repeat(PASSWORD_BYTES_MAX), [0; 16]).is_ok());
        assert_eq!(hash(&"x".repeat(PASSWORD_BYTES_MAX + 1), [0; 16]), Err(PasswordError::TooLong));
    }
}
