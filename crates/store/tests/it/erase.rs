//! A person is erased: their name is nowhere, and the audit log still holds.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use sqlx::Connection as _;
use vigie_model::{
    Access, ActionStatus, ActionStep, Actor, Alert, ApiKey, ApiKeyId, AuditEntry, AuditHash, Case, CaseTemplate, Desk,
    HoldId, LegalHold, Membership, NoticeChannel, NoticeRule, NoticeRuleId, NoticeTrigger, ObjectKind, ObservableKind,
    Role, SessionId, Severity, Share, Stamp, Task, TaskId, TaskLog, TaskLogId, TemplateId, TemplateTask, TenantScope,
    TimelineKind, User, UserId, Verb,
};
use vigie_store::{
    AuditNote, Author, Erased, Erasure, Listing, OutboxMessage, PasswordHash, Reach, Session, Store, StoreError,
    TokenHash, Tx,
};

use crate::samples::{action, alert, at, case, comment, decision, know, moment, observable, only, task, tenant};

const NAME: &str = "Annabel.Grey";
const MAIL: &str = "grey@acme.example";

fn erasure(pseudonym: &str) -> Erasure {
    Erasure { name: NAME.to_ascii_lowercase(), pseudonym: pseudonym.into() }
}

fn by(name: &str) -> Actor {
    Actor::User(name.into())
}

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
        stamp: Stamp::new("setup", at(0)),
    }
}

/// Makes an account with a session and a key.
async fn join(tx: &mut Tx) {
    let membership = Membership { tenant: tenant("acme"), profile: "analyst".into(), default: true };
    let annabel = User {
        display: "Annabel of acme".into(),
        email: Some(MAIL.into()),
        memberships: vec![membership],
        ..user(NAME)
    };
    tx.create_user(&annabel, &PasswordHash::new("$argon2id$secret-of-annabel.grey")).await.unwrap();
    let session = Session { id: SessionId::derive(["s"]), user: annabel.id, created: at(0), expires: at(1_000_000) };
    tx.create_session(&session, &TokenHash::of("token")).await.unwrap();
    let key = ApiKey {
        id: ApiKeyId::derive(["k"]),
        name: "Annabel.Grey's".into(),
        role: Role::Analyst,
        tenants: only("acme"),
        created: at(0),
        expires: None,
        revoked: false,
        user: Some(annabel.id),
    };
    tx.create_api_key(&key, &TokenHash::of("secret")).await.unwrap();
}

/// Somebody with an account, a session, a key, and a name on one of everything.
async fn live(tx: &mut Tx) {
    let by = by(NAME);
    let author = Author { actor: &by, now: at(5) };
    let stamp = Stamp::new(NAME, at(5));
    join(tx).await;
    tx.create(&User { stamp: stamp.clone(), ..user("bob") }, author).await.unwrap();

    let desk = Desk {
        created_by: NAME.into(),
        updated_by: Some(NAME.into()),
        access: Access::Users(vec!["bob".into(), NAME.into()]),
        ..Desk::default()
    };
    let on = Case { assignee: Some(NAME.into()), desk: desk.clone(), ..case("acme", 1) };
    tx.create(&on, author).await.unwrap();
    let raised = alert("acme", "r", 1);
    let raised =
        Alert { assignee: Some(NAME.to_ascii_lowercase()), desk: Desk { access: Access::Tenant, ..desk }, ..raised };
    tx.create(&raised, author).await.unwrap();
    tx.create(&case("globex", 1), author).await.unwrap();
    let todo = Task { assignee: Some(NAME.into()), stamp: stamp.clone(), ..task(&on, "Look", 0) };
    tx.create(&todo, author).await.unwrap();
    let log = TaskLog {
        id: TaskLogId::derive(["l"]),
        tenant: tenant("acme"),
        case: on.id,
        task: todo.id,
        text: "Looked".into(),
        date: at(5),
        on_timeline: None,
        stamp: stamp.clone(),
    };
    tx.create(&log, author).await.unwrap();
    let said = vigie_model::Comment { author: NAME.into(), edited_by: Some(NAME.into()), ..comment(&on, "hello", 5) };
    tx.create(&said, author).await.unwrap();
    let mut seen = observable(&on, ObservableKind::Ip, "203.0.113.7");
    seen.stamp = Some(stamp.clone());
    tx.create(&seen, author).await.unwrap();
    let given = vigie_model::TimelineEntry {
        kind: TimelineKind::Case,
        ..moment(&on, "case given to Annabel.Grey by Annabel.Grey", 5)
    };
    tx.add_timeline(&[given]).await.unwrap();
    let share = Share {
        id: Share::id_of(on.id, &tenant("globex")),
        owner: tenant("acme"),
        case: on.id,
        tenant: tenant("globex"),
        profile: "analyst".into(),
        stamp: stamp.clone(),
    };
    tx.create(&share, author).await.unwrap();
    settle_the_rest(tx, author, &stamp).await;
}

async fn settle_the_rest(tx: &mut Tx, author: Author<'_>, stamp: &Stamp) {
    let template = CaseTemplate {
        id: TemplateId::derive(["t"]),
        tenant: tenant("acme"),
        name: "phishing".into(),
        display_name: "Phishing".into(),
        description: None,
        title_prefix: None,
        severity: None,
        tags: Vec::new(),
        flag: false,
        tlp: None,
        pap: None,
        summary: None,
        tasks: vec![TemplateTask { title: "Ask".into(), assignee: Some(NAME.into()), ..TemplateTask::default() }],
        fields: Vec::new(),
        pages: Vec::new(),
        stamp: stamp.clone(),
    };
    tx.create(&template, author).await.unwrap();
    let rule = NoticeRule {
        id: NoticeRuleId::derive(["n"]),
        tenant: tenant("acme"),
        name: "tell".into(),
        enabled: true,
        trigger: NoticeTrigger::CaseCreated,
        severity_min: Severity::Low,
        channel: NoticeChannel::Email { to: vec![MAIL.into()] },
        subject: String::new(),
        body: String::new(),
        stamp: stamp.clone(),
    };
    tx.create(&rule, author).await.unwrap();
    let step = ActionStep { at: at(5), status: ActionStatus::Approved, by: NAME.into(), note: String::new() };
    let done = vigie_model::Action { steps: vec![step], ..action("acme", "a", None, None) };
    tx.save_action(&done).await.unwrap();
    tx.save_decision(&decision(&done, None)).await.unwrap();
    let hold = LegalHold {
        id: HoldId::derive(["h"]),
        tenant: tenant("acme"),
        from: None,
        until: None,
        reason: "a case".into(),
        placed_by: by(NAME),
        created: at(5),
    };
    tx.place_hold(&hold).await.unwrap();
    let letter = OutboxMessage {
        key: "m".into(),
        tenant: tenant("acme"),
        channel: "notify.email".into(),
        action: None,
        body: json!({"to": [MAIL], "text": "for annabel.grey"}),
        created: at(5),
        due: at(5),
    };
    tx.enqueue(&letter).await.unwrap();
}

/// Rows of the audit log as Vigie 0.1 wrote them, at its beginning.
async fn old_rows(path: &Path) {
    let mut connection = raw(path).await;
    let mut previous = AuditHash::genesis();
    for sequence in 1..=4_u64 {
        let mut entry = AuditEntry {
            sequence,
            at: at(0),
            tenant: None,
            actor: by(if sequence == 2 { NAME } else { "bob" }),
            verb: Verb::SignIn,
            object: ObjectKind::Session,
            object_id: format!("s{sequence}"),
            details: if sequence == 3 { json!({"to": MAIL}) } else { json!({"address": "192.0.2.1"}) },
            previous,
            hash: AuditHash::genesis(),
            erased: false,
            digests: None,
        };
        entry.hash = entry.expected_hash();
        sqlx::query("INSERT INTO audit (sequence, at, actor, verb, object, object_id, details, previous, hash) VALUES (?, ?, ?, 'sign_in', 'session', ?, ?, ?, ?)")
            .bind(i64::try_from(sequence).unwrap())
            .bind(entry.at.as_micros())
            .bind(serde_json::to_string(&entry.actor).unwrap())
            .bind(&entry.object_id)
            .bind(entry.details.to_string())
            .bind(&entry.previous.0)
            .bind(&entry.hash.0)
            .execute(&mut connection)
            .await
            .unwrap();
        previous = entry.hash;
    }
    connection.close().await.unwrap();
}

async fn raw(path: &Path) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    sqlx::SqliteConnection::connect_with(&options).await.unwrap()
}

/// A store in which somebody lived, and its folder.
async fn lived() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.db");
    Store::open(&path).await.unwrap().close().await;
    old_rows(&path).await;
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    know(&mut tx).await;
    live(&mut tx).await;
    tx.commit().await.unwrap();
    assert_eq!(store.verify_chain().await.unwrap().broken, None);
    (folder, store)
}

async fn erase(store: &Store, pseudonym: &str) -> Erased {
    let actor = Actor::System("command line".into());
    let mut tx = store.begin().await.unwrap();
    let erased = tx.erase_person(&erasure(pseudonym), Author { actor: &actor, now: at(9) }).await.unwrap();
    tx.commit().await.unwrap();
    store.settle().await.unwrap();
    erased
}

/// Returns how often the file says who it was, whatever is a page of it.
fn traces(folder: &Path) -> usize {
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap().to_ascii_lowercase();
        for word in [NAME.to_ascii_lowercase().as_str(), MAIL, "annabel"] {
            found += bytes.windows(word.len()).filter(|window| *window == word.as_bytes()).count();
        }
    }
    found
}

#[tokio::test]
async fn nothing_names_who_was_erased() {
    let (folder, store) = lived().await;
    assert!(traces(folder.path()) > 30);
    let erased = erase(&store, "erased-1").await;
    assert_eq!(erased.user, Some(UserId::derive([NAME])));
    let expected = BTreeMap::from([
        ("API keys", 1),
        ("actions", 1),
        ("alerts", 1),
        ("audit actors", 12),
        ("audit details", 11),
        ("case templates", 1),
        ("cases", 1),
        ("comments", 1),
        ("legal holds", 1),
        ("memberships", 1),
        ("notice rules", 1),
        ("observables", 1),
        ("outbox", 1),
        ("sessions", 1),
        ("shares", 1),
        ("task logs", 1),
        ("tasks", 1),
        ("timeline", 1),
        ("users", 2),
    ]);
    assert_eq!(erased.rows, expected);

    let chain = store.verify_chain().await.unwrap();
    assert_eq!((chain.broken, chain.erased), (None, 13));
    let scope = TenantScope::All;
    let Some(found) = store.case(&scope, case("acme", 1).id).await.unwrap() else { panic!() };
    assert_eq!((found.assignee.as_deref(), found.version), (Some("erased-1"), 2));
    // Closed to the same others as before.
    for (name, is_open) in [("bob", true), ("erased-1", true), ("carol", false)] {
        let reach = Reach { tenants: only("acme"), name: name.into() };
        assert_eq!(store.cases(&reach, &Listing::default()).await.unwrap().total, u64::from(is_open), "{name}");
    }
    let (gone, hash) = store.user_by_name("erased-1").await.unwrap().unwrap();
    assert_eq!((gone.id, gone.disabled, hash.expose()), (UserId::derive([NAME]), true, ""));
    assert!(store.session(&TokenHash::of("token"), at(6)).await.unwrap().is_none());
    let log = store.audit(&scope, &Listing::first(100)).await.unwrap().rows;
    assert_eq!((log[0].verb, log[0].object_id.clone()), (Verb::Erase, UserId::derive([NAME]).to_string()));
    assert_eq!(log[0].details["rows"]["cases"], 1);
    assert!(log.iter().any(|row| row.erased && row.actor == by("erased-1")));
    assert_eq!(traces(folder.path()), 0);
    store.compact().await.unwrap();
    assert_eq!(store.verify_chain().await.unwrap(), chain);
    store.close().await;
    assert_eq!(traces(folder.path()), 0);
}

#[tokio::test]
async fn what_is_erased_stays_erased() {
    let (_folder, store) = lived().await;
    erase(&store, "erased-1").await;
    let again = erase(&store, "erased-2").await;
    assert_eq!(again, Erased { user: None, rows: BTreeMap::new() });
    assert_eq!(store.verify_chain().await.unwrap().broken, None);

    let mut tx = store.begin().await.unwrap();
    let actor = by("bob");
    let author = Author { actor: &actor, now: at(9) };
    for taken in ["bob", "BOB", "erased-1", "annabel.grey"] {
        let refused = tx.erase_person(&erasure(taken), author).await;
        assert!(matches!(refused, Err(StoreError::Exists { .. })), "{taken}: {refused:?}");
    }
    drop(tx);

    // The pseudonym can be erased in turn: the log of what was erased stays as it is.
    let mut tx = store.begin().await.unwrap();
    let next = Erasure { name: "erased-1".into(), pseudonym: "erased-3".into() };
    let rows = tx.erase_person(&next, author).await.unwrap().rows;
    assert_eq!((rows["cases"], rows.get("audit actors")), (1, None));
    tx.commit().await.unwrap();
    assert_eq!(store.verify_chain().await.unwrap().broken, None);
}

#[tokio::test]
async fn an_erasure_that_is_not_committed_is_none() {
    let (_folder, store) = lived().await;
    let before = store.verify_chain().await.unwrap();
    let actor = by("bob");
    let mut tx = store.begin().await.unwrap();
    tx.erase_person(&erasure("erased-1"), Author { actor: &actor, now: at(9) }).await.unwrap();
    drop(tx);
    assert_eq!(store.verify_chain().await.unwrap(), before);
    assert!(store.user_by_name(NAME).await.unwrap().is_some());
}

/// A person is erased and details are, then somebody gets at the file. Returns where the chain is broken.
async fn check(tamper: &'static str) -> Option<u64> {
    let (folder, store) = lived().await;
    erase(&store, "erased-1").await;
    let actor = by("bob");
    let author = Author { actor: &actor, now: at(9) };
    let mut tx = store.begin().await.unwrap();
    let note = AuditNote {
        at: at(9),
        tenant: None,
        actor: actor.clone(),
        verb: Verb::Create,
        object: ObjectKind::Task,
        object_id: TaskId::derive(["x"]).to_string(),
        details: json!({"secret": 1}),
    };
    tx.audit(&note).await.unwrap();
    let ids = [note.object_id.clone(), "s1".to_owned()];
    assert_eq!(tx.erase_details(ObjectKind::Task, &ids, author).await.unwrap(), 1);
    assert_eq!(tx.erase_details(ObjectKind::Session, &ids, author).await.unwrap(), 1);
    assert_eq!(tx.erase_details(ObjectKind::Session, &ids, author).await.unwrap(), 0);
    tx.commit().await.unwrap();
    store.close().await;
    let path = folder.path().join("vigie.db");
    let mut connection = raw(&path).await;
    sqlx::raw_sql(tamper).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = Store::open(&path).await.unwrap();
    store.verify_chain().await.unwrap().broken
}

/// The rows: 1 to 4 by version 0.1 (of which 2 and 3 are erased, and 1 by its object), 5 to 15 by the person, 16 tells of the
/// erasure, 17 is a row whose details are erased, 18 and 19 tell of those.
#[tokio::test]
async fn nobody_can_erase_or_change_under_an_erasure() {
    assert_eq!(check("SELECT 1").await, None);
    let broken = [
        // Another pseudonym, other details, another salt.
        ("UPDATE audit SET actor = replace(actor, 'erased-1', 'bob') WHERE sequence = 6", 16),
        ("UPDATE audit SET details = '{\"erased\":true,\"a\":1}' WHERE sequence = 6", 6),
        ("UPDATE audit SET actor_salt = '00' WHERE sequence = 6", 6),
        ("UPDATE audit SET details_hash = actor_hash WHERE sequence = 6", 6),
        // A row of version 0.1, whose hash covers what is gone.
        ("UPDATE audit SET at = at + 1 WHERE sequence = 2", 16),
        ("UPDATE audit SET object_id = 's9' WHERE sequence = 1", 19),
        ("UPDATE audit SET actor_hash = details_hash WHERE sequence = 2", 16),
        ("UPDATE audit SET details = '{}' WHERE sequence = 2", 2),
        ("UPDATE audit SET actor = replace(actor, 'bob', 'eve') WHERE sequence = 3", 3),
        // Erased by nobody, or by who did not say so.
        (
            "UPDATE audit SET actor_salt = NULL, actor_erased = 99, actor = replace(actor, 'bob', 'x') WHERE sequence = 16",
            16,
        ),
        ("UPDATE audit SET salt = NULL, erased = 16, details = '{\"erased\":true}' WHERE sequence = 4", 4),
        ("UPDATE audit SET salt = NULL, erased = 19, details = '{\"erased\":true}' WHERE sequence = 16", 16),
        ("UPDATE audit SET actor_salt = NULL, actor_erased = 18 WHERE sequence = 17", 18),
        ("UPDATE audit SET actor_salt = NULL, actor_erased = 19 WHERE sequence = 17", 19),
        ("UPDATE audit SET actor_salt = NULL, actor_erased = 99 WHERE sequence = 17", 17),
        ("UPDATE audit SET resealed = 16 WHERE sequence = 15", 16),
        // The row that tells of it.
        ("UPDATE audit SET details = replace(details, 'seal', 'deal') WHERE sequence = 16", 16),
        ("DELETE FROM audit WHERE sequence >= 18", 1),
        ("DELETE FROM audit WHERE sequence = 2", 2),
    ];
    for (tamper, at) in broken {
        assert_eq!(check(tamper).await, Some(at), "{tamper}");
    }
}
