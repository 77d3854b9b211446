//! Links that sign somebody in once: shown in the terminal of whoever started the server, kept in its memory, never on disk.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::http::StatusCode;
use vigie_model::{Timestamp, UserId};
use vigie_store::TokenHash;

use super::sign_in::{SignedIn, begin_session};
use super::token::{SessionToken, same_hash};
use crate::api::Problem;
use crate::app::App;

/// How long a link works.
const LINK_LIFETIME: Duration = Duration::from_hours(1);
/// How many links wait to be used at most; with one more the oldest goes.
pub const LINKS_MAX: usize = 16;

/// The links that were shown and not used.
#[derive(Default)]
pub(crate) struct SignInLinks(Mutex<Vec<Link>>);

struct Link {
    hash: TokenHash,
    user: UserId,
    expires: Timestamp,
}

impl SignInLinks {
    fn keep(&self, link: Link) {
        let mut links = self.0.lock().expect("no one panics while holding this lock");
        if links.len() >= LINKS_MAX {
            links.remove(0);
        }
        links.push(link);
    }

    /// Returns whose link this is and forgets it.
    fn take(&self, hash: &TokenHash, now: Timestamp) -> Option<UserId> {
        let mut links = self.0.lock().expect("no one panics while holding this lock");
        links.retain(|link| link.expires > now);
        let place = links.iter().position(|link| same_hash(link.hash.expose(), hash.expose()))?;
        Some(links.remove(place).user)
    }
}

impl App {
    /// Returns the path of a link that signs this user in once, within an hour: `/enter#TOKEN`. What follows the `#` is not sent
    /// to any server by a browser, so it is in no log. `None` where there is no such user.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn sign_in_link(&self, user: &str) -> Result<Option<String>, vigie_store::StoreError> {
        let Some((user, _)) = self.store.user_by_name(user).await? else { return Ok(None) };
        let token = SessionToken::random(self.entropy.as_ref());
        let expires = self.clock.now().plus(LINK_LIFETIME);
        self.links.keep(Link { hash: TokenHash::of(token.expose()), user: user.id, expires });
        Ok(Some(format!("/enter#{}", token.expose())))
    }
}

/// Signs in whoever holds a link's token. Wrong ones count as failed tries of the address.
pub(crate) async fn sign_in_by_link(app: &App, token: &str, address: IpAddr) -> Result<SignedIn, Problem> {
    const NOBODY: &str = "a link";
    let now = app.clock.now();
    if let Some(wait) = app.sign_ins.wait(NOBODY, address, now) {
        let seconds = wait.as_secs().max(1);
        return Err(Problem::too_many(format!("too many failed sign-ins: try again in {seconds} s"), seconds));
    }
    let refused = || {
        let detail = "this link was used already, or it is too old: sign in with a password, or start the server again";
        Problem::new(StatusCode::UNAUTHORIZED, "sign_in_failed", detail)
    };
    let Some(id) = app.links.take(&TokenHash::of(token), now) else {
        app.sign_ins.failed(NOBODY, address, now);
        app.metrics.sign_in_failed();
        return Err(refused());
    };
    app.sign_ins.succeeded(NOBODY, address);
    let users = app.store.users().await?;
    let user = users.into_iter().find(|user| user.id == id && !user.disabled).ok_or_else(refused)?;
    begin_session(app, user, address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once_and_not_for_ever() {
        let links = SignInLinks::default();
        let (user, now) = (UserId::from_bytes([7; 16]), Timestamp::from_micros(1_000_000));
        let hash = |text: &str| TokenHash::of(text);
        links.keep(Link { hash: hash("a"), user, expires: now.plus(LINK_LIFETIME) });
        assert_eq!(links.take(&hash("b"), now), None);
        assert_eq!(links.take(&hash("a"), now), Some(user));
        assert_eq!(links.take(&hash("a"), now), None, "once");
        links.keep(Link { hash: hash("c"), user, expires: now.plus(LINK_LIFETIME) });
        assert_eq!(links.take(&hash("c"), now.plus(LINK_LIFETIME)), None, "too late");
        for number in 0..=LINKS_MAX {
            links.keep(Link { hash: hash(&number.to_string()), user, expires: now.plus(LINK_LIFETIME) });
        }
        assert_eq!(links.take(&hash("0"), now), None, "the oldest made room");
        assert_eq!(links.take(&hash("1"), now), Some(user));
    }
}
