//! Signing in and out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use vigie_model::{Actor, ObjectKind, SessionId, User, Verb};
use vigie_store::{AuditNote, PasswordHash, Session, TokenHash};

use super::password::{self, PasswordError};
use super::token::SessionToken;
use crate::api::Problem;
use crate::app::App;

/// How many passwords are hashed at once: each takes 19 MiB and a core.
const HASHERS_MAX: usize = 2;

/// Hashes passwords where blocking is allowed, a few at a time.
#[derive(Clone)]
pub(crate) struct Hashers(Arc<Semaphore>);

impl Default for Hashers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(HASHERS_MAX)))
    }
}

impl Hashers {
    pub(crate) async fn hash(&self, password: String, salt: [u8; 16]) -> Result<PasswordHash, PasswordError> {
        self.run(move || password::hash(&password, salt)).await.map(PasswordHash::new)
    }

    pub(crate) async fn verify(&self, password: String, hash: Option<PasswordHash>) -> bool {
        self.run(move || password::verify(&password, hash.as_ref().map(PasswordHash::expose))).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _permit = self.0.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }
}

/// Somebody who has just signed in.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) token: SessionToken,
    pub(crate) lifetime: Duration,
}

/// Signs somebody in. The same is said of a wrong name and a wrong password, after the same time.
pub(crate) async fn sign_in(app: &App, name: &str, password: String, address: IpAddr) -> Result<SignedIn, Problem> {
    let user = verify(app, name, password, address).await?;
    begin_session(app, user, address).await
}

/// Returns the user whose name and password these are.
pub(super) async fn verify(app: &App, name: &str, password: String, address: IpAddr) -> Result<User, Problem> {
    let now = app.clock.now();
    if let Some(wait) = app.sign_ins.wait(name, address, now) {
        let seconds = wait.as_secs().max(1);
        return Err(Problem::too_many(format!("too many failed sign-ins: try again in {seconds} s"), seconds));
    }
    // Counted before the password is looked at, so that guesses sent at the same time do not slip through together.
    app.sign_ins.failed(name, address, now);
    let found = app.store.user_by_name(name).await?;
    let (user, hash) = found.unzip();
    let fits = app.hashers.verify(password, hash).await;
    let Some(user) = user.filter(|user| fits && !user.disabled) else {
        app.metrics.sign_in_failed();
        record_failure(app, name, address).await?;
        return Err(Problem::new(
            axum::http::StatusCode::UNAUTHORIZED,
            "sign_in_failed",
            "the name or the password is wrong, or the account is disabled",
        ));
    };
    app.sign_ins.succeeded(name, address);
    Ok(user)
}

async fn record_failure(app: &App, name: &str, address: IpAddr) -> Result<(), Problem> {
    // What is typed as a name may be a password; only as much is kept as tells whose account was tried.
    let known = app.store.user_by_name(name).await?.map(|(user, _)| user);
    let actor = Actor::User(known.as_ref().map_or_else(|| "unknown".to_owned(), |user| user.name.clone()));
    let mut tx = app.store.begin().await?;
    tx.audit(&AuditNote {
        at: app.clock.now(),
        tenant: None,
        actor,
        verb: Verb::SignInFailed,
        object: ObjectKind::User,
        object_id: known.map_or_else(|| "unknown".to_owned(), |user| user.id.to_string()),
        details: json!({ "address": address }),
    })
    .await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn begin_session(app: &App, user: User, address: IpAddr) -> Result<SignedIn, Problem> {
    let now = app.clock.now();
    let lifetime = Duration::from_secs(u64::from(app.config.http.session_hours) * 3_600);
    let token = SessionToken::random(app.entropy.as_ref());
    let id = SessionId::from_bytes(app.entropy.id());
    let session = Session { id, user: user.id, created: now, expires: now.plus(lifetime) };
    let mut tx = app.store.begin().await?;
    tx.create_session(&session, &TokenHash::of(token.expose())).await?;
    tx.audit(&AuditNote {
        at: now,
        tenant: None,
        actor: Actor::User(user.name.clone()),
        verb: Verb::SignIn,
        object: ObjectKind::Session,
        object_id: id.to_string(),
        details: json!({ "address": address }),
    })
    .await?;
    tx.commit().await?;
    if user.role == vigie_model::Role::Admin {
        app.admin_seen(address, now.plus(lifetime));
    }
    Ok(SignedIn { user, token, lifetime })
}

/// Ends a session.
pub(crate) async fn sign_out(app: &App, actor: Actor, token: &TokenHash) -> Result<(), Problem> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if tx.end_session(token).await? {
        tx.audit(&AuditNote {
            at: now,
            tenant: None,
            actor,
            verb: Verb::SignOut,
            object: ObjectKind::Session,
            object_id: "own".to_owned(),
            details: json!({}),
        })
        .await?;
    }
    tx.commit().await?;
    Ok(())
}
