//! Known data: a house filled with as many cases and alerts as a test wants, the same ones for the same seed. It is written
//! straight into the store, by no code that the import uses.

use vigie_model::{
    Access, Alert, AlertOrigin, AlertStatus, Attachment, AttachmentId, AttachmentOwner, Case, CaseId, CaseLink,
    CasePage, CaseStatus, CaseTemplate, Comment, CommentId, CustomField, DataType, Desk, EntityRole, FieldId,
    FieldType, FieldValue, Impact, LinkTarget, Membership, NamedValue, Observable, ObservableKind, PageId,
    PageTemplate, Pap, Parent, Procedure, ProcedureId, Profile, ProfileId, Resolution, Role, RuleId, RuleSummary,
    Severity, Share, Stamp, Task, TaskId, TaskLog, TaskLogId, TaskStatus, TemplateId, TemplateTask, Tenant, TenantId,
    TenantScope, TimelineEntry, TimelineId, TimelineKind, Timestamp, Tlp, User, UserId, Verdict,
};
use vigie_store::{Files, Store, Tx};

/// 2024-01-01, in milliseconds.
const BEGIN: i64 = 1_704_067_200_000;
const PEOPLE: [&str; 4] = ["ann@acme.example", "bob@acme.example", "zoë@acme.example", "key:feeder"];

/// How much of everything.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) cases: usize,
    pub(crate) alerts: usize,
    /// Every how-manieth case has a file.
    pub(crate) file_every: usize,
}

struct Dice(fastrand::Rng);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn bytes(&mut self) -> [u8; 16] {
        self.0.u128(..).to_be_bytes()
    }

    fn name(&mut self) -> String {
        self.one(&PEOPLE).to_owned()
    }

    fn words(&mut self) -> String {
        const WORDS: [&str; 9] =
            ["mail", "<b>bold</b>", "naïve", "日本", "'; DROP TABLE", "\u{1F4A3}", "line\nbreak", "long", "C:\\Windows"];
        (0..=self.below(5)).map(|_| self.one(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn tags(&mut self) -> Vec<String> {
        let mut tags: Vec<String> = (0..self.below(4)).map(|_| format!("tag-{}", self.below(20))).collect();
        tags.sort();
        tags.dedup();
        tags
    }

    fn stamp(&mut self, after: Timestamp) -> Stamp {
        let created = later(after, self.below(100_000));
        let stamp = Stamp::new(self.name(), created);
        if self.chance(30) { stamp.changed(self.name(), later(created, 1 + self.below(100_000))) } else { stamp }
    }

    fn maybe<T>(&mut self, percent: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| make(self))
    }

    fn fields(&mut self) -> Vec<NamedValue> {
        let values = [
            ("score", FieldValue::Integer(self.0.i64(-5..100))),
            ("when", FieldValue::Date(Timestamp::from_millis(BEGIN))),
            ("ratio", FieldValue::Float(0.5)),
            ("unit", FieldValue::String(self.words())),
            ("page", FieldValue::Url("https://x.example/?a=1".into())),
            ("sure", FieldValue::Boolean(self.chance(50))),
        ];
        let named = (0_u32..).zip(values).filter(|_| self.chance(40));
        named
            .map(|(position, (name, value))| NamedValue { name: name.into(), value: Some(value), position })
            .collect()
    }
}

fn later(time: Timestamp, millis: usize) -> Timestamp {
    Timestamp::from_millis(time.as_micros() / 1_000 + i64::try_from(millis).unwrap())
}

/// Fills a house. The organisations are `main-org` and one whose name no header can have.
pub(crate) async fn fill(store: &Store, files: &Files, plan: Plan) {
    let mut dice = Dice(fastrand::Rng::with_seed(7));
    let (main, other) = (tenant("main-org"), tenant("sued"));
    let mut tx = store.begin().await.unwrap();
    set_up(&mut tx, &mut dice, &main, &other).await;
    tx.commit().await.unwrap();
    let mut cases: Vec<CaseId> = Vec::new();
    for chunk in (0..plan.cases).collect::<Vec<_>>().chunks(500) {
        let stored = bytes(files, *chunk.first().unwrap()).await;
        let mut tx = store.begin().await.unwrap();
        for number in chunk {
            let tenant = if number % 5 == 4 { &other } else { &main };
            let case = case(&mut dice, tenant, *number);
            tx.put(&case).await.unwrap();
            on_case(&mut tx, &mut dice, &case).await;
            if number % plan.file_every == 0 {
                with_files(&mut tx, &mut dice, &case, &stored).await;
            }
            if let (true, Some(before)) = (dice.chance(10), cases.last()) {
                let target = LinkTarget::Linked(*before);
                let id = CaseLink::id_of(case.id, "twin", &target);
                let stamp = Stamp::new("", Timestamp::EPOCH);
                let link = CaseLink { id, tenant: tenant.clone(), case: case.id, kind: "twin".into(), target, stamp };
                tx.put(&link).await.unwrap();
            }
            if dice.chance(5) {
                let with = if *tenant == main { &other } else { &main };
                let id = Share::id_of(case.id, with);
                let (owner, profile) = (tenant.clone(), "analyst".to_owned());
                let stamp = Stamp::new(dice.name(), later(case.created, 5));
                tx.put(&Share { id, owner, case: case.id, tenant: with.clone(), profile, stamp }).await.unwrap();
            }
            if *tenant == main && case.desk.access == Access::Tenant {
                cases.push(case.id);
            }
        }
        tx.commit().await.unwrap();
    }
    for chunk in (0..plan.alerts).collect::<Vec<_>>().chunks(500) {
        let mut tx = store.begin().await.unwrap();
        for number in chunk {
            let tenant = if number % 5 == 4 { &other } else { &main };
            let case = if *tenant == main && dice.chance(30) && !cases.is_empty() { Some(dice.one(&cases)) } else { None };
            let alert = alert(&mut dice, tenant, *number, case);
            tx.put(&alert).await.unwrap();
            on_alert(&mut tx, &mut dice, &alert).await;
        }
        tx.commit().await.unwrap();
    }
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

async fn set_up(tx: &mut Tx, dice: &mut Dice, main: &TenantId, other: &TenantId) {
    let begin = Timestamp::from_millis(BEGIN);
    let stamp = || Stamp::new("root@acme.example", begin);
    let place = Tenant {
        id: other.clone(),
        name: "Süd & Söhne".into(),
        description: "a client".into(),
        links: Vec::new(),
        locked: false,
        stamp: stamp(),
    };
    tx.put(&place).await.unwrap();
    let permissions = ["manageTask", "manageCase/update", "manageAlert/update"].map(str::to_owned).into();
    let profile = Profile { id: ProfileId::from_bytes(dice.bytes()), name: "hunter".into(), permissions, stamp: stamp() };
    tx.put(&profile).await.unwrap();
    let member = |tenant: &TenantId, profile: &str, default| Membership { tenant: tenant.clone(), profile: profile.into(), default };
    for (name, memberships) in [
        ("ann@acme.example", vec![member(main, "hunter", true), member(other, "read-only", false)]),
        ("bob@acme.example", vec![member(other, "org-admin", true)]),
    ] {
        let places = memberships.iter().map(|membership| membership.tenant.clone()).collect();
        let user = User {
            id: UserId::from_bytes(dice.bytes()),
            name: name.into(),
            role: Role::Reader,
            tenants: TenantScope::Only(places),
            disabled: false,
            display: format!("Who is {name}"),
            email: Some("soc@acme.example".into()),
            memberships,
            stamp: stamp(),
        };
        tx.put(&user).await.unwrap();
    }
    for (name, kind) in [
        ("score", FieldType::Integer),
        ("when", FieldType::Date),
        ("ratio", FieldType::Float),
        ("unit", FieldType::String),
        ("page", FieldType::Url),
        ("sure", FieldType::Boolean),
    ] {
        let field = CustomField {
            id: FieldId::from_bytes(dice.bytes()),
            name: name.into(),
            display_name: format!("The {name}"),
            group: "all".into(),
            description: "what it is".into(),
            kind,
            mandatory: name == "score",
            options: Vec::new(),
            stamp: stamp(),
        };
        tx.put(&field).await.unwrap();
    }
    let badge = DataType { id: DataType::id_of("badge"), name: "badge".into(), is_attachment: false, stamp: stamp() };
    tx.put(&badge).await.unwrap();
    let page = PageTemplate {
        id: TemplateId::from_bytes(dice.bytes()),
        tenant: main.clone(),
        title: "Notes".into(),
        content: "# Notes".into(),
        category: "c".into(),
        position: 1,
        stamp: stamp(),
    };
    tx.put(&page).await.unwrap();
    let task = TemplateTask { title: "look".into(), group: "first".into(), mandatory: true, ..TemplateTask::default() };
    let template = CaseTemplate {
        id: TemplateId::from_bytes(dice.bytes()),
        tenant: main.clone(),
        name: "phishing".into(),
        display_name: "Phishing".into(),
        description: Some("mails".into()),
        title_prefix: Some("[P]".into()),
        severity: Some(Severity::High),
        tags: vec!["mail".into()],
        flag: true,
        tlp: Some(Tlp::Green),
        pap: None,
        summary: None,
        tasks: vec![task],
        fields: dice.fields(),
        pages: vec![page.id],
        stamp: stamp(),
    };
    tx.put(&template).await.unwrap();
}

fn case(dice: &mut Dice, tenant: &TenantId, number: usize) -> Case {
    // Three cases of each moment, so that pages end within one.
    let stamp = dice.stamp(Timestamp::from_millis(BEGIN));
    let created = Timestamp::from_millis(BEGIN + i64::try_from(number / 3).unwrap());
    let updated = stamp.updated.map_or(created, |_| later(created, 5_000));
    let verdict = dice.maybe(40, |dice| {
        dice.one(&[Verdict::TruePositive, Verdict::FalsePositive, Verdict::Duplicate, Verdict::Indeterminate, Verdict::Benign])
    });
    let status = match verdict {
        Some(_) => CaseStatus::Closed,
        None => dice.one(&[CaseStatus::Open, CaseStatus::InProgress]),
    };
    let summary = dice.maybe(50, Dice::words);
    let started = later(created, 0).minus(std::time::Duration::from_millis(dice.below(1_000_000) as u64));
    Case {
        id: CaseId::from_bytes(dice.bytes()),
        tenant: tenant.clone(),
        number: number as u64 + 1,
        title: format!("case {number} {}", dice.words()),
        description: dice.words(),
        severity: dice.one(&[Severity::Low, Severity::Medium, Severity::High, Severity::Critical]),
        status,
        assignee: dice.maybe(50, Dice::name),
        tlp: dice.one(&[Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red]),
        pap: dice.one(&[Pap::Clear, Pap::Green, Pap::Amber, Pap::Red]),
        tags: dice.tags(),
        first_seen: started,
        last_seen: started,
        created,
        updated,
        acknowledged: (status != CaseStatus::Open).then(|| later(created, 10)),
        closed: verdict.map(|_| later(created, 3_000)),
        resolution: verdict.map(|verdict| Resolution {
            verdict,
            summary: summary.clone().unwrap_or_else(|| "no summary".to_owned()),
        }),
        desk: Desk {
            created_by: stamp.created_by,
            updated_by: stamp.updated_by,
            flag: dice.chance(20),
            summary,
            impact: dice.maybe(30, |dice| dice.one(&[Impact::NotApplicable, Impact::WithImpact, Impact::NoImpact])),
            access: match dice.chance(5) {
                true => Access::Users(vec!["admin@thehive.local".into(), "ann@acme.example".into()]),
                false => Access::Tenant,
            },
            fields: dice.fields(),
            ..Desk::default()
        },
        version: 1,
    }
}

async fn on_case(tx: &mut Tx, dice: &mut Dice, case: &Case) {
    for position in 0..dice.below(3) {
        let stamp = dice.stamp(case.created);
        let status = dice.one(&[TaskStatus::Waiting, TaskStatus::InProgress, TaskStatus::Completed, TaskStatus::Cancelled]);
        let task = Task {
            id: TaskId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            title: dice.words(),
            description: dice.words(),
            status,
            assignee: dice.maybe(30, Dice::name),
            group: dice.one(&["default", "contain"]).into(),
            position: u32::try_from(position).unwrap(),
            mandatory: dice.chance(10),
            flag: dice.chance(10),
            due: dice.maybe(20, |_| later(case.created, 90_000)),
            started: (status != TaskStatus::Waiting).then(|| later(case.created, 1)),
            ended: matches!(status, TaskStatus::Completed | TaskStatus::Cancelled).then(|| later(case.created, 2)),
            asked_of: Vec::new(),
            stamp,
        };
        tx.put(&task).await.unwrap();
        if dice.chance(40) {
            let stamp = dice.stamp(task.stamp.created);
            let log = TaskLog {
                id: TaskLogId::from_bytes(dice.bytes()),
                tenant: case.tenant.clone(),
                case: case.id,
                task: task.id,
                text: dice.words(),
                date: later(task.stamp.created, 3),
                on_timeline: dice.maybe(30, |_| later(case.created, 4)),
                stamp,
            };
            tx.put(&log).await.unwrap();
        }
    }
    on_parent(tx, dice, case.id.into(), &case.tenant, case.created).await;
    if dice.chance(10) {
        let page = CasePage {
            id: PageId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            title: dice.words(),
            content: dice.words(),
            position: 1,
            category: "reports".into(),
            stamp: dice.stamp(case.created),
        };
        tx.put(&page).await.unwrap();
        let entry = TimelineEntry {
            id: TimelineId::from_bytes(dice.bytes()),
            tenant: case.tenant.clone(),
            case: case.id,
            time: case.first_seen,
            kind: TimelineKind::Note,
            text: dice.words(),
            until: dice.maybe(50, |_| case.created),
            description: dice.maybe(50, Dice::words),
            stamp: Some(dice.stamp(case.created)),
        };
        tx.put(&entry).await.unwrap();
        let target = LinkTarget::Url("https://tickets.example/1".into());
        let id = CaseLink::id_of(case.id, "ticket", &target);
        let stamp = Stamp::new("", Timestamp::EPOCH);
        let link = CaseLink { id, tenant: case.tenant.clone(), case: case.id, kind: "ticket".into(), target, stamp };
        tx.put(&link).await.unwrap();
    }
}

async fn on_parent(tx: &mut Tx, dice: &mut Dice, on: Parent, tenant: &TenantId, created: Timestamp) {
    for number in 0..dice.below(4) {
        let (kind, data_type, value) = match dice.below(4) {
            0 => (ObservableKind::Ip, None, format!("198.51.{}.{number}", dice.below(250))),
            1 => (ObservableKind::Domain, None, format!("d{}.n{number}.example", dice.below(300))),
            2 => (ObservableKind::Host, None, format!("web-{number}-{}", dice.below(30))),
            _ => (ObservableKind::Other, Some("badge".to_owned()), format!("{number} {}", dice.words())),
        };
        let word = data_type.clone().unwrap_or_else(|| kind.as_str().to_owned());
        let observable = Observable {
            id: Observable::id_of(on, &word, &value),
            tenant: tenant.clone(),
            on,
            kind,
            data_type,
            value,
            attachment: None,
            role: EntityRole::Related,
            ioc: dice.chance(20),
            warning: None,
            context: Vec::new(),
            tlp: dice.one(&[Tlp::Clear, Tlp::Red]),
            pap: Pap::Amber,
            tags: dice.tags(),
            message: dice.maybe(30, Dice::words),
            sighted: dice.maybe(20, |_| later(created, 7)),
            unlike: dice.chance(10),
            first_seen: created,
            last_seen: created,
            stamp: Some(dice.stamp(created)),
        };
        tx.put(&observable).await.unwrap();
    }
    if dice.chance(25) {
        let stamp = dice.stamp(created);
        let comment = Comment {
            id: CommentId::from_bytes(dice.bytes()),
            tenant: tenant.clone(),
            on,
            author: stamp.created_by,
            text: dice.words(),
            created: stamp.created,
            edited: stamp.updated,
            edited_by: stamp.updated_by,
        };
        tx.put(&comment).await.unwrap();
    }
    if dice.chance(20) {
        let procedure = Procedure {
            id: ProcedureId::from_bytes(dice.bytes()),
            tenant: tenant.clone(),
            on,
            technique: dice.one(&["T1059.006", "T1486"]).into(),
            tactic: dice.maybe(50, |_| "impact".into()),
            occurred: created,
            description: dice.maybe(50, Dice::words),
            stamp: dice.stamp(created),
        };
        tx.put(&procedure).await.unwrap();
    }
}

/// Bytes that are in the folder of files, and what they are.
struct Bytes {
    sha256: String,
    sha1: String,
    md5: String,
    bytes: u64,
}

async fn bytes(files: &Files, number: usize) -> Bytes {
    let mut upload = files.begin(1_000_000).await.unwrap();
    upload.write(format!("file {number}").as_bytes()).await.unwrap();
    let uploaded = upload.finish().await.unwrap();
    let bytes = Bytes {
        sha256: uploaded.sha256.clone(),
        sha1: uploaded.sha1.clone(),
        md5: uploaded.md5.clone(),
        bytes: uploaded.bytes,
    };
    files.keep(uploaded).await.unwrap();
    bytes
}

async fn with_files(tx: &mut Tx, dice: &mut Dice, case: &Case, stored: &Bytes) {
    let attachment = |dice: &mut Dice, owner, name: &str| Attachment {
        id: AttachmentId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        owner,
        name: name.into(),
        media_type: "text/plain".into(),
        bytes: stored.bytes,
        sha256: stored.sha256.clone(),
        sha1: stored.sha1.clone(),
        md5: stored.md5.clone(),
        stamp: Stamp::new("ann@acme.example", later(case.created, 1)),
    };
    tx.put(&attachment(dice, AttachmentOwner::Case(case.id), "notes.txt")).await.unwrap();
    let stamp = dice.stamp(case.created);
    let task = Task {
        id: TaskId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        case: case.id,
        title: "collect".into(),
        description: String::new(),
        status: TaskStatus::Waiting,
        assignee: None,
        group: "default".into(),
        position: 9,
        mandatory: false,
        flag: false,
        due: None,
        started: None,
        ended: None,
        asked_of: Vec::new(),
        stamp: stamp.clone(),
    };
    tx.put(&task).await.unwrap();
    let log = TaskLog {
        id: TaskLogId::from_bytes(dice.bytes()),
        tenant: case.tenant.clone(),
        case: case.id,
        task: task.id,
        text: "see the file".into(),
        date: case.created,
        on_timeline: None,
        stamp,
    };
    tx.put(&log).await.unwrap();
    tx.put(&attachment(dice, AttachmentOwner::Log(log.id), "log.txt")).await.unwrap();
    let on = Parent::Case(case.id);
    let id = Observable::id_of(on, "file", &format!("{} evil.bin", stored.sha256));
    let file = attachment(dice, AttachmentOwner::Observable(id), "evil.bin");
    let observable = Observable {
        id,
        tenant: case.tenant.clone(),
        on,
        kind: ObservableKind::File,
        data_type: None,
        value: "evil.bin".into(),
        attachment: Some(file.id),
        role: EntityRole::Related,
        ioc: true,
        warning: None,
        context: Vec::new(),
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        message: None,
        sighted: None,
        unlike: false,
        first_seen: case.created,
        last_seen: case.created,
        stamp: Some(dice.stamp(case.created)),
    };
    tx.put(&observable).await.unwrap();
    tx.put(&file).await.unwrap();
}

fn alert(dice: &mut Dice, tenant: &TenantId, number: usize, case: Option<CaseId>) -> Alert {
    let created = Timestamp::from_millis(BEGIN + i64::try_from(number / 2).unwrap());
    let origin = AlertOrigin {
        kind: dice.one(&["siem", "edr"]).into(),
        source: "feeder".into(),
        reference: format!("r{number}"),
        link: dice.maybe(20, |_| "https://siem.example/1".into()),
    };
    let verdict = if case.is_none() { dice.maybe(30, |dice| dice.one(&[Verdict::TruePositive, Verdict::Benign])) } else { None };
    let (status, label) = match (verdict, case) {
        (Some(_), _) => (AlertStatus::Closed, None),
        (None, Some(_)) => (AlertStatus::InProgress, None),
        (None, None) if dice.chance(20) => (AlertStatus::InProgress, Some("Pending".to_owned())),
        (None, None) => (AlertStatus::New, None),
    };
    let changed = dice.chance(30) || status != AlertStatus::New;
    let severity = dice.one(&[Severity::Low, Severity::High]);
    Alert {
        id: Alert::id_of_origin(tenant, &origin),
        tenant: tenant.clone(),
        rule: std::sync::Arc::new(RuleSummary {
            id: RuleId::new(&format!("feeder:{}", origin.kind)).unwrap(),
            title: origin.kind.clone(),
            description: String::new(),
            author: None,
            level: severity,
            tags: Vec::new(),
            attack: vigie_model::attack_tags(std::iter::empty()),
            references: origin.link.iter().cloned().collect(),
            false_positives: Vec::new(),
        }),
        key: Vec::new(),
        generation: 0,
        title: format!("alert {number} {}", dice.words()),
        severity,
        status,
        assignee: dice.maybe(20, Dice::name),
        tlp: dice.one(&[Tlp::Clear, Tlp::Red]),
        pap: Pap::Green,
        tags: dice.tags(),
        count: 1,
        first_seen: created.minus(std::time::Duration::from_secs(5)),
        last_seen: created.minus(std::time::Duration::from_secs(5)),
        created,
        updated: if changed { later(created, 900) } else { created },
        last_finding: created,
        acknowledged: (status != AlertStatus::New).then(|| later(created, 100)),
        closed: verdict.map(|_| later(created, 800)),
        resolution: verdict.map(|verdict| Resolution { verdict, summary: String::new() }),
        case,
        entities: Vec::new(),
        samples: Vec::new(),
        matches: Vec::new(),
        description: dice.words(),
        origin: Some(origin),
        desk: Desk {
            created_by: dice.name(),
            updated_by: changed.then(|| dice.name()),
            label,
            unfollowed: dice.chance(10),
            imported: case.map(|_| later(created, 200)),
            template: dice.maybe(10, |_| "phishing".into()),
            fields: dice.fields(),
            ..Desk::default()
        },
        version: 1,
    }
}

async fn on_alert(tx: &mut Tx, dice: &mut Dice, alert: &Alert) {
    on_parent(tx, dice, alert.id.into(), &alert.tenant, alert.created).await;
}
