//! Users, sessions, API keys, tenants and settings.

use vigie_model::{ApiKey, ApiKeyId, Role, SessionId, Stamp, TenantScope, User, UserId};
use vigie_store::{PasswordHash, Session, Store, StoreError, TokenHash};

use crate::samples::{at, only, store, tenant};

fn user(name: &str) -> User {
    User {
        id: UserId::derive([name]),
        name: name.into(),
        role: Role::Analyst,
        tenants: only("acme"),
        disabled: false,
        display: String::new(),
        email: None,
        memberships: Vec::new(),
        stamp: Stamp::new("", at(0)),
    }
}

#[tokio::test]
async fn users_sign_in_under_a_name_that_is_theirs_alone() {
    let store = store().await;
    let hash = PasswordHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
    let mut tx = store.begin().await.unwrap();
    tx.create_user(&user("Ann"), &hash).await.unwrap();
    let error = tx.create_user(&user("ANN"), &hash).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    tx.create_user(&user("bob"), &hash).await.unwrap();
    let mut bob = user("bob");
    bob.name = "ann".into();
    assert!(matches!(tx.save_user(&bob).await, Err(StoreError::Exists { .. })));
    tx.commit().await.unwrap();
    assert_eq!(store.user_by_name("aNN").await.unwrap(), Some((user("Ann"), hash.clone())));
    assert_eq!(store.user_by_name("' OR 1=1 --").await.unwrap(), None);
    assert_eq!(store.users().await.unwrap(), [user("Ann"), user("bob")]);
    assert_eq!(format!("{hash:?} {:?}", TokenHash::of("x")), "PasswordHash(…) TokenHash(…)");
    let mut tx = store.begin().await.unwrap();
    let other = PasswordHash::new("$argon2id$other");
    assert!(tx.set_password(user("bob").id, &other).await.unwrap());
    assert!(!tx.set_password(user("nobody").id, &other).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.user_by_name("bob").await.unwrap().unwrap().1, other);
    assert_eq!(store.user(user("bob").id).await.unwrap(), Some(user("bob")));
}

async fn signed_in(store: &Store) -> TokenHash {
    let token = TokenHash::of("secret");
    let mut tx = store.begin().await.unwrap();
    tx.create_user(&user("ann"), &PasswordHash::new("x")).await.unwrap();
    let session = Session { id: SessionId::from_bytes([1; 16]), user: user("ann").id, created: at(0), expires: at(60) };
    tx.create_session(&session, &token).await.unwrap();
    tx.commit().await.unwrap();
    token
}

#[tokio::test]
async fn a_session_ends() {
    let store = store().await;
    let token = signed_in(&store).await;
    assert_eq!(store.session(&token, at(59)).await.unwrap().unwrap().1, user("ann"));
    assert_eq!(store.session(&token, at(60)).await.unwrap(), None, "its time is over");
    assert_eq!(store.session(&TokenHash::of("Secret"), at(0)).await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.save_user(&User { disabled: true, ..user("ann") }).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.session(&token, at(0)).await.unwrap(), None, "its user may not sign in");
    let mut tx = store.begin().await.unwrap();
    tx.save_user(&user("ann")).await.unwrap();
    assert_eq!(tx.expire_sessions(at(59)).await.unwrap(), 0);
    assert!(tx.end_session(&token).await.unwrap());
    assert!(!tx.end_session(&token).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.session(&token, at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn sessions_go_with_their_user() {
    let store = store().await;
    let token = signed_in(&store).await;
    let mut tx = store.begin().await.unwrap();
    assert!(tx.delete_user(user("ann").id).await.unwrap());
    assert_eq!(tx.end_sessions_of(user("ann").id).await.unwrap(), 0, "gone already");
    tx.commit().await.unwrap();
    assert_eq!(store.session(&token, at(0)).await.unwrap(), None);
    assert_eq!(store.user(user("ann").id).await.unwrap(), None);
}

#[tokio::test]
async fn api_keys_are_taken_back() {
    let store = store().await;
    let key = ApiKey {
        id: ApiKeyId::from_bytes([7; 16]),
        name: "collector".into(),
        role: Role::Ingest,
        tenants: TenantScope::All,
        created: at(0),
        expires: Some(at(60)),
        revoked: false,
        user: None,
    };
    let mut tx = store.begin().await.unwrap();
    tx.create_api_key(&key, &TokenHash::of("secret")).await.unwrap();
    assert!(tx.create_api_key(&key, &TokenHash::of("secret")).await.is_err());
    tx.commit().await.unwrap();
    assert_eq!(store.api_key(key.id).await.unwrap(), Some((key.clone(), TokenHash::of("secret"))));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.revoke_api_key(key.id).await.unwrap());
    assert!(!tx.revoke_api_key(key.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.api_keys().await.unwrap(), [ApiKey { revoked: true, ..key }]);
}

#[tokio::test]
async fn tenants_and_settings() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    assert!(!tx.ensure_tenant(&tenant("acme"), "Other", at(9)).await.unwrap());
    assert!(tx.rename_tenant(&tenant("acme"), "Acme Ltd").await.unwrap());
    assert!(!tx.rename_tenant(&tenant("nobody"), "x").await.unwrap());
    tx.set_setting("demo", &serde_json::json!({"seed": 1}), at(0)).await.unwrap();
    tx.set_setting("demo", &serde_json::json!({"seed": 2}), at(1)).await.unwrap();
    tx.commit().await.unwrap();
    let names: Vec<String> = store.tenants().await.unwrap().into_iter().map(|tenant| tenant.name).collect();
    assert_eq!(names, ["Acme Ltd", "globex"]);
    assert_eq!(store.setting("demo").await.unwrap(), Some(serde_json::json!({"seed": 2})));
    assert_eq!(store.setting("other").await.unwrap(), None);
    store.ping().await.unwrap();
}
