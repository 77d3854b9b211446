//! The house behind TheHive's door: who is asking, and who is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use futures_util::future::BoxFuture;
use vigie_model::{Actor, ApiKeyId, ObjectKind, ObservableKind, Timestamp, User};
use vigie_store::{PasswordHash, StoreError, TokenHash, Tx};
use vigie_thehive::{Change, Door, Fault, House, Identity, NewSecret, Session};

use crate::api::Problem;
use crate::app::App;
use crate::auth::{self, NewKey, by_pair, identify_caller, pair, sign_in};
use crate::live::{LiveKind, LiveMessage};

/// The cookie that TheHive's pages and clients know.
const COOKIE: &str = "THEHIVE-SESSION";

/// Returns the door to mount beside our own routes.
pub(crate) fn door(app: &Arc<App>) -> Door {
    Door { store: app.store.clone(), files: app.files.clone(), house: Arc::new(Behind(Arc::clone(app))) }
}

struct Behind(Arc<App>);

impl House for Behind {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn id(&self) -> [u8; 16] {
        self.0.entropy.id()
    }

    fn file_bytes_max(&self) -> u64 {
        self.0.config.limits.attachment_bytes_max
    }

    fn warning(&self, kind: ObservableKind, value: &str) -> Option<String> {
        self.0.warning(kind, value)
    }

    fn identify<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Fault>> {
        Box::pin(async move { self.identity(request).await.map_err(|problem| fault(&problem)) })
    }

    fn sign_in<'a>(
        &'a self,
        request: &'a Parts,
        login: &'a str,
        password: String,
    ) -> BoxFuture<'a, Result<Session, Fault>> {
        Box::pin(async move {
            if request.headers.contains_key(header::ORIGIN) {
                auth::refuse_foreign_origin(&self.0, &request.headers).map_err(|problem| fault(&problem))?;
            }
            let signed_in = sign_in(&self.0, login, password, address(request)).await;
            let signed_in = signed_in.map_err(|problem| fault(&problem))?;
            let secure = if self.0.config.http.tls() { "; Secure" } else { "" };
            let (token, seconds) = (signed_in.token.expose(), signed_in.lifetime.as_secs());
            let cookie = format!("{COOKIE}={token}; Path=/api; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
            Ok(Session { user: signed_in.user, cookie })
        })
    }

    fn is_password<'a>(&'a self, user: &'a User, password: String) -> BoxFuture<'a, Result<bool, Fault>> {
        Box::pin(async move {
            // A stolen session or key must not be a place to guess the password at leisure.
            let (nowhere, now) = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), self.0.clock.now());
            if self.0.sign_ins.wait(&user.name, nowhere, now).is_some() {
                return Err(Fault::too_many("too many wrong passwords: try again later"));
            }
            self.0.sign_ins.failed(&user.name, nowhere, now);
            let hash = self.0.store.user_by_name(&user.name).await?.map(|(_, hash)| hash);
            let is_right = self.0.hashers.verify(password, hash).await;
            if is_right {
                self.0.sign_ins.succeeded(&user.name, nowhere);
            }
            Ok(is_right)
        })
    }

    fn hash_password(&self, password: String) -> BoxFuture<'_, Result<PasswordHash, Fault>> {
        Box::pin(async move {
            let hashed = self.0.hashers.hash(password, self.0.entropy.id()).await;
            hashed.map_err(|error| Fault::field("password", error))
        })
    }

    fn new_key(&self) -> NewSecret {
        let id = ApiKeyId::from_bytes(self.0.entropy.id());
        let key = NewKey::random(id, self.0.entropy.as_ref());
        NewSecret { id, key: key.expose().to_owned(), hash: TokenHash::of(key.expose()) }
    }

    fn before_commit<'a>(
        &'a self,
        tx: &'a mut Tx,
        actor: &'a Actor,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.0.notices.follow(tx, actor, changes, self.0.clock.now()))
    }

    fn after_commit(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        self.0.outbox_bell.notify_one();
        for change in changes {
            let kind = match change.object {
                ObjectKind::Alert => LiveKind::Alert,
                ObjectKind::Case => LiveKind::Case,
                _ => continue,
            };
            if let (Some(tenant), Some(payload)) = (change.tenant, change.after) {
                self.0.live.publish(LiveMessage { tenant, kind, payload });
            }
        }
    }
}

impl Behind {
    async fn identity(&self, request: &Parts) -> Result<Identity, Problem> {
        let authorization = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((name, password)) = authorization.and_then(pair) {
            let user = by_pair(&self.0, &name, password, address(request)).await?;
            return Ok(Identity::User(Box::new(user)));
        }
        let known = identify_caller(&self.0, &request.headers, COOKIE).await?.ok_or_else(Problem::unauthenticated)?;
        if known.by_cookie && !request.method.is_safe() {
            auth::refuse_foreign_origin(&self.0, &request.headers)?;
        }
        Ok(match known.user {
            Some(user) => Identity::User(Box::new(user)),
            None => Identity::Program {
                actor: known.principal.actor,
                role: known.principal.role,
                tenants: known.principal.tenants,
            },
        })
    }
}

fn address(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
}

/// Says in TheHive's words what we say in ours.
fn fault(problem: &Problem) -> Fault {
    match problem.status {
        StatusCode::UNAUTHORIZED => Fault::unauthenticated(),
        StatusCode::TOO_MANY_REQUESTS => Fault::too_many(problem.detail()),
        StatusCode::FORBIDDEN => Fault::forbidden(problem.detail()),
        _ => Fault::unavailable(problem.detail()),
    }
}
