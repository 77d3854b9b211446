//! Name and password with each request (RFC 7617), as TheHive's clients send them.
//!
//! Argon2 is slow on purpose, so a pair that was right is remembered for a while: as a digest with a key of this process,
//! over the stored hash too, so that a new password is asked for at once. The account is read each time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use vigie_model::{Timestamp, User};
use vigie_store::PasswordHash;

use super::sign_in::verify;
use crate::api::Problem;
use crate::app::App;
use crate::clock::Entropy;

/// How long a pair is remembered.
const REMEMBERED: Duration = Duration::from_mins(5);
/// How many pairs are.
const PAIRS_MAX: usize = 10_000;
/// How long the header's value may be, in bytes.
const HEADER_BYTES_MAX: usize = 4 * 1024;

/// The pairs of name and password that were right a short while ago.
pub(crate) struct VerifiedPairs {
    key: [u8; 32],
    until: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl VerifiedPairs {
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        Self { key: entropy.secret(), until: Mutex::default() }
    }

    fn digest(&self, user: &User, password: &str, hash: &PasswordHash) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.key);
        for part in [user.id.as_bytes().as_slice(), password.as_bytes(), hash.expose().as_bytes()] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    fn knows(&self, digest: &[u8; 32], now: Timestamp) -> bool {
        self.until.lock().expect("no one panics while holding this lock").get(digest).is_some_and(|until| now < *until)
    }

    fn remember(&self, digest: [u8; 32], now: Timestamp) {
        let mut until = self.until.lock().expect("no one panics while holding this lock");
        if until.len() >= PAIRS_MAX {
            until.retain(|_, until| now < *until);
        }
        if until.len() < PAIRS_MAX {
            until.insert(digest, now.plus(REMEMBERED));
        }
    }
}

/// Returns name and password of an `Authorization: Basic` header's value, or `None` where it holds none.
pub(crate) fn pair(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > HEADER_BYTES_MAX {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// Returns the user whose name and password these are. Failures are counted and slowed down like those of signing in.
pub(crate) async fn by_pair(app: &App, name: &str, password: String, address: IpAddr) -> Result<User, Problem> {
    let now = app.clock.now();
    let found = app.store.user_by_name(name).await?;
    let digest = found.as_ref().map(|(user, hash)| app.pairs.digest(user, &password, hash));
    if let (Some((user, _)), Some(digest)) = (&found, &digest)
        && !user.disabled
        && app.pairs.knows(digest, now)
    {
        return Ok(user.clone());
    }
    let user = verify(app, name, password, address).await?;
    if let Some(digest) = digest {
        app.pairs.remember(digest, now);
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use vigie_model::{Role, Stamp, TenantScope, UserId};

    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn headers() {
        let some = |name: &str, password: &str| Some((name.to_owned(), password.to_owned()));
        assert_eq!(pair("Basic YW5uOnNlY3JldDp4"), some("ann", "secret:x"));
        assert_eq!(pair("basic YTo="), some("a", ""));
        for bad in ["", "Basic", "Basic !", "Bearer YTo=", "Basic YQ==", &format!("Basic {}", "a".repeat(5_000))] {
            assert_eq!(pair(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_pair_is_forgotten_with_time_and_with_a_new_password() {
        let pairs = VerifiedPairs::new(&SeededEntropy::new(1));
        let user = User {
            id: UserId::derive(["ann"]),
            name: "ann".into(),
            role: Role::Reader,
            tenants: TenantScope::All,
            disabled: false,
            display: String::new(),
            email: None,
            memberships: Vec::new(),
            stamp: Stamp::new("", Timestamp::EPOCH),
        };
        let digest = |password: &str, hash: &str| pairs.digest(&user, password, &PasswordHash::new(hash));
        let now = Timestamp::EPOCH;
        pairs.remember(digest("a", "x"), now);
        assert!(pairs.knows(&digest("a", "x"), now));
        assert!(!pairs.knows(&digest("a", "y"), now) && !pairs.knows(&digest("b", "x"), now));
        assert!(!pairs.knows(&digest("a", "x"), now.plus(REMEMBERED)));
    }
}
