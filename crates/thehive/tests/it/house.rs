//! A house for tests: passwords are stored as they are, the clock is the machine's, nobody is told.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::header;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use vigie_model::{
    Actor, ApiKeyId, Membership, ObservableKind, Role, Stamp, TenantId, TenantScope, Timestamp, User, UserId,
};
use vigie_store::{Files, PasswordHash, Store, StoreError, TokenHash, Tx};
use vigie_thehive::{ADMIN_TENANT, Change, Door, Fault, House, Identity, NewSecret, Session};

/// The house; `changes` is what it was told of.
pub(crate) struct TestHouse {
    store: Store,
    pub(crate) changes: Mutex<Vec<Change>>,
    pub(crate) file_bytes_max: AtomicU64,
}

impl House for TestHouse {
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }

    fn id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).unwrap();
        bytes
    }

    fn file_bytes_max(&self) -> u64 {
        self.file_bytes_max.load(Ordering::Relaxed)
    }

    fn warning(&self, _kind: ObservableKind, _value: &str) -> Option<String> {
        None
    }

    fn identify<'a>(&'a self, request: &'a Parts) -> BoxFuture<'a, Result<Identity, Fault>> {
        Box::pin(async move {
            let text = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            let (scheme, token) = text.and_then(|text| text.split_once(' ')).ok_or_else(Fault::unauthenticated)?;
            let user = if scheme.eq_ignore_ascii_case("basic") {
                let text = String::from_utf8(STANDARD.decode(token).unwrap()).unwrap();
                let (name, password) = text.split_once(':').ok_or_else(Fault::unauthenticated)?;
                let found = self.store.user_by_name(name).await?;
                found.filter(|(_, hash)| !password.is_empty() && hash.expose() == password).map(|(user, _)| user)
            } else {
                let id = token.strip_prefix("key_").and_then(|id| id.parse::<ApiKeyId>().ok());
                let id = id.ok_or_else(Fault::unauthenticated)?;
                let key = self.store.api_key(id).await?.filter(|(key, _)| !key.revoked);
                match key.and_then(|(key, _)| key.user) {
                    Some(user) => self.store.user(user).await?,
                    None => None,
                }
            };
            let user = user.filter(|user| !user.disabled).ok_or_else(Fault::unauthenticated)?;
            Ok(Identity::User(Box::new(user)))
        })
    }

    fn sign_in<'a>(
        &'a self,
        _request: &'a Parts,
        login: &'a str,
        password: String,
    ) -> BoxFuture<'a, Result<Session, Fault>> {
        Box::pin(async move {
            let found = self.store.user_by_name(login).await?;
            let found = found.filter(|(_, hash)| hash.expose() == password);
            let (user, _) = found.ok_or_else(Fault::unauthenticated)?;
            Ok(Session { user, cookie: "THEHIVE-SESSION=x".into() })
        })
    }

    fn is_password<'a>(&'a self, user: &'a User, password: String) -> BoxFuture<'a, Result<bool, Fault>> {
        Box::pin(async move {
            let found = self.store.user_by_name(&user.name).await?;
            Ok(found.is_some_and(|(_, hash)| hash.expose() == password))
        })
    }

    fn hash_password(&self, password: String) -> BoxFuture<'_, Result<PasswordHash, Fault>> {
        Box::pin(async move { Ok(PasswordHash::new(password)) })
    }

    fn new_key(&self) -> NewSecret {
        let id = ApiKeyId::from_bytes(self.id());
        NewSecret { id, key: format!("key_{id}"), hash: TokenHash::of(&id.to_string()) }
    }

    fn before_commit<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _actor: &'a Actor,
        _changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn after_commit(&self, changes: Vec<Change>) {
        self.changes.lock().unwrap().extend(changes);
    }
}

/// Returns a door on a store in this folder, with the administrator that thehive4py's suite expects.
pub(crate) async fn stand(folder: &Path) -> (Door, Arc<TestHouse>) {
    let (door, house) = open(folder).await;
    let now = house.now();
    vigie_thehive::seed(&door.store, now).await.unwrap();
    let places = [("main-org", "org-admin"), (ADMIN_TENANT, "admin")];
    add_user(&door.store, now, "admin@thehive.local", "secret", &places).await;
    (door, house)
}

/// Returns a door on what is in this folder.
pub(crate) async fn open(folder: &Path) -> (Door, Arc<TestHouse>) {
    let store = Store::open(&folder.join("vigie.db")).await.unwrap();
    let house = Arc::new(TestHouse {
        store: store.clone(),
        changes: Mutex::new(Vec::new()),
        file_bytes_max: AtomicU64::new(1024 * 1024),
    });
    let files = Files::open(&folder.join("files"), 0).unwrap();
    (Door { store, files, house: house.clone() }, house)
}

/// Makes a user who is a member of these organisations with these profiles, the first of which is the default.
pub(crate) async fn add_user(store: &Store, now: Timestamp, name: &str, password: &str, places: &[(&str, &str)]) {
    let mut tx = store.begin().await.unwrap();
    let mut memberships: Vec<Membership> = Vec::new();
    for (tenant, profile) in places {
        let tenant_id = TenantId::new(tenant).unwrap();
        tx.ensure_tenant(&tenant_id, tenant, now).await.unwrap();
        let default = memberships.is_empty();
        memberships.push(Membership { tenant: tenant_id, profile: (*profile).into(), default });
    }
    let user = User {
        id: UserId::derive([name]),
        name: name.into(),
        role: Role::Reader,
        tenants: TenantScope::Only(memberships.iter().map(|membership| membership.tenant.clone()).collect()),
        disabled: false,
        display: name.into(),
        email: None,
        memberships,
        stamp: Stamp::new("system@thehive.local", now),
    };
    tx.create_user(&user, &PasswordHash::new(password)).await.unwrap();
    tx.commit().await.unwrap();
}
