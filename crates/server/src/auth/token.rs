//! Session tokens and API keys: random, shown once, stored as SHA-256. They hold 256 random bits, so a fast hash is enough.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use vigie_model::ApiKeyId;

use crate::clock::Entropy;

/// The name of the cookie without TLS. With TLS it is `__Host-vigie`, which browsers take only with `Secure`, `Path=/` and no
/// domain, so that no neighbour can plant one.
pub(crate) const COOKIE_PLAIN: &str = "vigie";
/// The name of the cookie with TLS.
pub(crate) const COOKIE_TLS: &str = "__Host-vigie";

/// How long a token as sent may be, in bytes.
const TOKEN_BYTES_MAX: usize = 200;

/// A session token: 256 random bits. It cannot print itself.
pub(crate) struct SessionToken(String);

impl SessionToken {
    pub(crate) fn random(entropy: &dyn Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(entropy.secret()))
    }

    /// Returns the token as the cookie holds it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// An API key as its owner gets it, once: `vigie_<id>_<secret>`. It prints itself by [`NewKey::expose`] only.
pub struct NewKey(String);

impl NewKey {
    pub(crate) fn random(id: ApiKeyId, entropy: &dyn Entropy) -> Self {
        Self(format!("vigie_{id}_{}", URL_SAFE_NO_PAD.encode(entropy.secret())))
    }

    /// Returns the key. Show it once and keep it nowhere.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewKey(…)")
    }
}

/// Returns the id in an API key as sent, or `None` where it does not look like one.
pub(crate) fn key_id(key: &str) -> Option<ApiKeyId> {
    if key.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (id, secret) = key.strip_prefix("vigie_")?.split_once('_')?;
    if secret.is_empty() { None } else { id.parse().ok() }
}

/// Returns whether two hashes are the same, in a time that does not tell where they differ.
pub(crate) fn same_hash(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// Returns the session token among the cookies of a request.
pub(crate) fn from_cookies<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    let value = cookies.split(';').find_map(|cookie| {
        let (found, value) = cookie.trim().split_once('=')?;
        (found == name).then_some(value)
    })?;
    (!value.is_empty() && value.len() <= TOKEN_BYTES_MAX).then_some(value)
}

/// Returns the `Set-Cookie` header that gives a client its session, or takes it away where `token` is `None`.
pub(crate) fn cookie(token: Option<&SessionToken>, seconds: u64, tls: bool) -> String {
    let (name, secure) = if tls { (COOKIE_TLS, "; Secure") } else { (COOKIE_PLAIN, "") };
    let (value, age) = token.map_or(("", 0), |token| (token.expose(), seconds));
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

/// Returns a random password for the first administrator: 120 bits in words of five characters.
pub(crate) fn random_password(entropy: &dyn Entropy) -> String {
    // No letters or digits that look alike. 32 characters: five bits each, no bias.
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes = entropy.secret();
    let letters: Vec<char> = bytes.iter().take(24).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    letters.chunks(6).map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededEntropy;

    #[test]
    fn keys_name_their_id() {
        let id = ApiKeyId::from_bytes([1; 16]);
        let key = NewKey::random(id, &SeededEntropy::new(1));
        assert_eq!(key_id(key.expose()), Some(id));
        for bad in ["", "vigie_", "vigie_zz_x", &format!("vigie_{id}_"), &format!("other_{id}_x"), &"v".repeat(300)] {
            assert_eq!(key_id(bad), None, "{bad}");
        }
        assert!(!format!("{key:?}").contains(&id.to_string()));
        assert!(same_hash("ab", "ab") && !same_hash("ab", "ac") && !same_hash("ab", "a"));
    }

    #[test]
    fn cookies() {
        assert_eq!(from_cookies("a=b; vigie=token; c=d", COOKIE_PLAIN), Some("token"));
        assert_eq!(from_cookies("vigie=token", COOKIE_TLS), None);
        assert_eq!(from_cookies("__Host-vigie=token", COOKIE_TLS), Some("token"));
        assert_eq!(from_cookies("vigie=", COOKIE_PLAIN), None);
        let token = SessionToken::random(&SeededEntropy::new(1));
        let set = cookie(Some(&token), 60, true);
        assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"), "{set}");
        assert_eq!(cookie(None, 60, false), "vigie=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    }

    #[test]
    fn random_passwords_differ_and_are_long() {
        let entropy = SeededEntropy::new(1);
        let (first, second) = (random_password(&entropy), random_password(&entropy));
        assert_ne!(first, second);
        assert_eq!(first.len(), 27);
    }
}
