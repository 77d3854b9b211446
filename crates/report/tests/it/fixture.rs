//! A realistic week, built in code.

mod parts;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use vigie_model::{
    Action, ActionId, ActionStatus, ActionStep, Alert, AlertStatus, Case, CaseId, CaseStatus, Comment, CommentId,
    Decision, DecisionId, DecisionState, Entity, EntityRole, EventId, EventRef, ObservableKind, Pap, PlaybookId,
    ReportLanguage, ReportPeriod, Resolution, RuleId, RuleSummary, Severity, SourceName, TaskStatus, TenantId,
    TimelineEntry, TimelineKind, Timestamp, Tlp, Trigger, Verdict, attack_tags,
};
use vigie_report::{CaseFile, IncidentInput, PeriodInput, PreviousPeriod, Style};

use self::parts::{case, entries, observable, tasks};

pub(crate) const ATTACKER: &str = "203.0.113.77";

/// Returns a time of the week of Monday, 16 November 2026.
pub(crate) fn at(day: u32, clock: &str) -> Timestamp {
    format!("2026-11-{day:02}T{clock}Z").parse().unwrap()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new("acme").unwrap()
}

pub(crate) fn ip(value: &str) -> Entity {
    Entity::new(ObservableKind::Ip, value, EntityRole::Source)
}

/// Returns a new alert of a rule, raised 40 seconds after its first event.
pub(crate) fn alert(rule: (&str, Severity, &[&str]), count: u64, created: Timestamp) -> Alert {
    let (title, level, tags) = rule;
    let id = RuleId::new(&title.to_lowercase().replace(|char: char| !char.is_alphanumeric(), "_")).unwrap();
    let key = vec![ip(ATTACKER)];
    let first_seen = created.minus(Duration::from_secs(40));
    Alert {
        id: Alert::id_of(&tenant(), &id, &key, 1, created),
        tenant: tenant(),
        rule: Arc::new(RuleSummary {
            id,
            title: title.to_owned(),
            description: String::new(),
            author: Some("Vigie".to_owned()),
            level,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            attack: attack_tags(tags.iter().copied()),
            references: Vec::new(),
            false_positives: Vec::new(),
        }),
        title: format!("{title}: {ATTACKER}"),
        key: key.clone(),
        generation: 1,
        severity: level,
        status: AlertStatus::New,
        assignee: None,
        tlp: Tlp::Amber,
        pap: Pap::Amber,
        tags: Vec::new(),
        count,
        first_seen,
        last_seen: created,
        created,
        updated: created,
        last_finding: created,
        acknowledged: None,
        closed: None,
        resolution: None,
        case: None,
        entities: key,
        samples: vec![EventRef {
            id: EventId::derive([title]),
            time: first_seen,
            source: SourceName::new("linux_auth").unwrap(),
            message: "Accepted password for deploy from 203.0.113.77".to_owned(),
        }],
        matches: Vec::new(),
        description: String::new(),
        origin: None,
        desk: vigie_model::Desk::default(),
        version: 1,
    }
}

fn taken_up(mut alert: Alert, after_s: u64) -> Alert {
    alert.acknowledged = Some(alert.created.plus(Duration::from_secs(after_s)));
    alert.status = AlertStatus::InProgress;
    alert
}

fn closed(alert: Alert, after_s: u64, verdict: Verdict) -> Alert {
    let mut alert = taken_up(alert, after_s / 3);
    alert.status = AlertStatus::Closed;
    alert.closed = Some(alert.created.plus(Duration::from_secs(after_s)));
    alert.resolution = Some(Resolution { verdict, summary: "Checked with the owner.".to_owned() });
    alert
}

pub(crate) fn action(
    kind: &str,
    summary: &str,
    trigger: Trigger,
    steps: &[(Timestamp, ActionStatus, &str, &str)],
) -> Action {
    let (created, ..) = steps[0];
    Action {
        id: ActionId::derive([kind, summary]),
        tenant: tenant(),
        trigger,
        kind: kind.to_owned(),
        target: Some(ip(ATTACKER)),
        parameters: Map::<String, Value>::new(),
        summary: summary.to_owned(),
        blast_radius: "one address".to_owned(),
        undo: "remove the address from the set".to_owned(),
        expires_after_s: Some(86_400),
        status: steps.last().unwrap().1,
        steps: steps
            .iter()
            .map(|(at, status, by, note)| ActionStep {
                at: *at,
                status: *status,
                by: (*by).to_owned(),
                note: (*note).to_owned(),
            })
            .collect(),
        created,
        updated: steps.last().unwrap().0,
    }
}

/// Returns the alerts of the large incident.
fn intrusion_alerts() -> Vec<Alert> {
    use Severity::{Critical, High, Medium};
    let mut alerts = vec![
        alert(
            ("SSH password guessing", Medium, &["attack.credential_access", "attack.t1110.001"]),
            214,
            at(18, "02:14:33"),
        ),
        alert(
            (
                "SSH sign-in after many failures",
                Critical,
                &["attack.initial_access", "attack.credential_access", "attack.t1110", "attack.t1078"],
            ),
            1,
            at(18, "02:19:02"),
        ),
        alert(
            ("Sudo to a shell by a service account", High, &["attack.privilege_escalation", "attack.t1548.003"]),
            2,
            at(18, "02:21:47"),
        ),
        alert(
            ("SSH key added for another account", High, &["attack.persistence", "attack.t1098.004"]),
            1,
            at(18, "02:23:10"),
        ),
        alert(
            ("AWS access key used from a new network", High, &["attack.initial_access", "attack.t1078.004"]),
            12,
            at(18, "02:41:55"),
        ),
        alert(
            ("CloudTrail logging stopped", Critical, &["attack.defense_evasion", "attack.t1562.008"]),
            1,
            at(18, "02:44:09"),
        ),
        alert(
            ("GuardDuty: unusual reads from S3", High, &["attack.exfiltration", "attack.t1530"]),
            3,
            at(18, "03:02:40"),
        ),
    ];
    for (index, alert) in alerts.iter_mut().enumerate() {
        *alert = taken_up(alert.clone(), 240 + 60 * index as u64);
        alert.case = Some(CaseId::derive(["Intrusion on web-1 with stolen AWS credentials"]));
    }
    alerts
}

const WHAT_HAPPENED: &str = "Passwords were guessed over SSH from 203.0.113.77 until the account deploy let the attacker in. \
        From there root rights and an AWS access key were taken and objects were read from an S3 bucket.";

fn intrusion_actions(case: &Case, alerts: &[Alert]) -> Vec<Action> {
    let trigger = |alert: &Alert| Trigger {
        alert: Some(alert.id),
        case: Some(case.id),
        playbook: PlaybookId::new("brute_force").ok(),
    };
    use ActionStatus::{Approved, AwaitingApproval, Done, Planned, Refused};
    vec![
        action(
            "host.block_ip",
            "block 203.0.113.77 on web-1 for 24 h",
            trigger(&alerts[1]),
            &[
                (at(18, "02:19:03"), Planned, "playbook:brute_force", ""),
                (at(18, "02:19:03"), Approved, "vigie", "approval: none"),
                (at(18, "02:19:04"), Done, "vigie", "added to set vigie_block, the kernel removes it in 24 h"),
            ],
        ),
        action(
            "aws.disable_key",
            "deactivate access key AKIAIOSFODNN7EXAMPLE",
            trigger(&alerts[4]),
            &[
                (at(18, "02:41:57"), Planned, "playbook:stolen_key", ""),
                (at(18, "02:41:57"), AwaitingApproval, "vigie", "an analyst must approve"),
                (at(18, "02:48:20"), Approved, "claire", "confirmed with the owner"),
                (at(18, "02:48:22"), Done, "vigie", "the key is inactive"),
            ],
        ),
        action(
            "host.block_ip",
            "block 192.0.2.10 on web-1 for 24 h",
            trigger(&alerts[4]),
            &[
                (at(18, "02:41:57"), Planned, "playbook:stolen_key", ""),
                (at(18, "02:41:57"), Refused, "vigie", "never touch: 192.0.2.10 is this host's gateway"),
            ],
        ),
        action(
            "notify.email",
            "tell the on-call analyst",
            trigger(&alerts[1]),
            &[
                (at(18, "02:19:03"), Planned, "playbook:brute_force", ""),
                (at(18, "02:19:06"), Done, "vigie", "250 accepted"),
            ],
        ),
    ]
}

fn intrusion_timeline(case: &Case) -> Vec<TimelineEntry> {
    use TimelineKind::{Action as Act, Alert as Raised, Attack, Case as Opened, Note};
    entries(
        case,
        &[
            (at(18, "02:13:53"), Attack, "First of 214 failed SSH sign-ins from 203.0.113.77"),
            (at(18, "02:14:33"), Raised, "Alert: SSH password guessing"),
            (at(18, "02:18:22"), Attack, "Accepted password for deploy from 203.0.113.77"),
            (at(18, "02:19:02"), Raised, "Alert: SSH sign-in after many failures"),
            (at(18, "02:19:04"), Act, "Done: block 203.0.113.77 on web-1 for 24 h"),
            (at(18, "02:19:05"), Opened, "Case opened from 2 alerts"),
            (at(18, "02:21:07"), Attack, "deploy ran /bin/bash as root through sudo"),
            (at(18, "02:22:30"), Attack, "Key added to root's authorized_keys"),
            (at(18, "02:23:05"), Opened, "Taken up by claire"),
            (at(18, "02:41:15"), Attack, "AKIAIOSFODNN7EXAMPLE called GetCallerIdentity from 203.0.113.77"),
            (at(18, "02:43:29"), Attack, "StopLogging on trail main"),
            (at(18, "02:48:22"), Act, "Done: deactivate access key AKIAIOSFODNN7EXAMPLE"),
            (at(18, "03:02:00"), Attack, "GuardDuty: 312 objects read from acme-backups"),
            (at(18, "09:12:44"), Note, "The bucket held nightly database dumps. Legal has been told."),
        ],
    )
}

fn intrusion() -> CaseFile {
    let mut case = case(7, "Intrusion on web-1 with stolen AWS credentials", Severity::Critical, at(18, "02:19:05"));
    WHAT_HAPPENED.clone_into(&mut case.description);
    let alerts = intrusion_alerts();
    let actions = intrusion_actions(&case, &alerts);
    let timeline = intrusion_timeline(&case);
    use EntityRole::{Actor, Source, Target};
    let observables = vec![
        observable(&case, ObservableKind::Host, "web-1", Target, (false, &[])),
        observable(&case, ObservableKind::Ip, ATTACKER, Source, (true, &["Netherlands", "AS64500 Example Hosting"])),
        observable(&case, ObservableKind::User, "deploy", Actor, (false, &[])),
        observable(&case, ObservableKind::AwsKey, "AKIAIOSFODNN7EXAMPLE", Actor, (true, &["of user ci-deploy"])),
        observable(&case, ObservableKind::AwsAccount, "111122223333", Target, (false, &[])),
        observable(&case, ObservableKind::AwsBucket, "acme-backups", Target, (false, &[])),
    ];
    let tasks = tasks(
        &case,
        &[
            ("Block the attacker's address", TaskStatus::Completed),
            ("Deactivate the AWS key", TaskStatus::Completed),
            ("Reinstall web-1 from a clean image", TaskStatus::InProgress),
            ("Decide on the notification under GDPR article 33", TaskStatus::Waiting),
        ],
    );
    let comments = vec![Comment {
        id: CommentId::derive(["one"]),
        tenant: tenant(),
        on: case.id.into(),
        author: "claire".to_owned(),
        text: "Root cause: password sign-in was open to the Internet.".to_owned(),
        created: at(18, "09:30:00"),
        edited: None,
        edited_by: None,
    }];
    CaseFile { case, alerts, observables, timeline, tasks, comments, actions }
}

fn scan() -> (CaseFile, Alert) {
    let mut case = case(6, "Web scan of shop.acme.example", Severity::Medium, at(17, "11:05:20"));
    case.status = CaseStatus::Closed;
    case.closed = Some(at(17, "12:40:00"));
    case.resolution = Some(Resolution {
        verdict: Verdict::TruePositive,
        summary: "A scanner tried 1,900 paths. None answered with anything but 404. Blocked for a day; no follow-up."
            .to_owned(),
    });
    let mut alert = closed(
        alert(
            ("Web scan for known files", Severity::Medium, &["attack.reconnaissance", "attack.t1595.003"]),
            38,
            at(17, "11:05:12"),
        ),
        5_600,
        Verdict::TruePositive,
    );
    alert.case = Some(case.id);
    let trigger = Trigger { alert: Some(alert.id), case: Some(case.id), playbook: PlaybookId::new("web_scan").ok() };
    let block = action(
        "host.block_ip",
        "block 198.51.100.23 on web-1 for 24 h",
        trigger,
        &[
            (at(17, "11:05:13"), ActionStatus::Planned, "playbook:web_scan", ""),
            (at(17, "11:05:15"), ActionStatus::Done, "vigie", "added to set vigie_block"),
            (at(17, "11:31:00"), ActionStatus::Undone, "marc", "the address is shared by a customer"),
        ],
    );
    let timeline = entries(
        &case,
        &[
            (at(17, "11:04:32"), TimelineKind::Attack, "First of 1,900 requests for files that do not exist"),
            (at(17, "11:05:12"), TimelineKind::Alert, "Alert: Web scan for known files"),
            (at(17, "11:31:00"), TimelineKind::Action, "Undone by marc: block 198.51.100.23 on web-1"),
            (at(17, "12:40:00"), TimelineKind::Case, "Closed as a confirmed attack"),
        ],
    );
    let observables = vec![observable(
        &case,
        ObservableKind::Ip,
        "198.51.100.23",
        EntityRole::Source,
        (false, &["France", "AS64501 Example Telecom"]),
    )];
    let file = CaseFile {
        case,
        alerts: vec![alert.clone()],
        observables,
        timeline,
        tasks: Vec::new(),
        comments: Vec::new(),
        actions: vec![block],
    };
    (file, alert)
}

/// Returns a week with an intrusion, a scan and the usual noise.
pub(crate) fn week() -> PeriodInput {
    use Severity::{High, Informational, Low, Medium};
    let intrusion = intrusion();
    let (scan, scan_alert) = scan();
    let mut alerts = intrusion.alerts.clone();
    alerts.push(scan_alert);
    let noise: [(&str, Severity, &[&str], u64, Timestamp); 7] = [
        ("New local user", Low, &["attack.persistence", "attack.t1136.001"], 1, at(16, "08:30:11")),
        ("Port scan from one address", Low, &["attack.discovery", "attack.t1046"], 40, at(16, "14:02:00")),
        ("Port scan from one address", Low, &["attack.discovery", "attack.t1046"], 22, at(19, "04:48:00")),
        ("Console sign-in without MFA", Medium, &["attack.initial_access", "attack.t1078.004"], 1, at(19, "09:15:31")),
        ("Sudo denied", Informational, &["attack.privilege_escalation"], 2, at(20, "16:20:00")),
        (
            "Security group opened to the world",
            High,
            &["attack.defense_evasion", "attack.t1562.007"],
            1,
            at(20, "17:05:49"),
        ),
        ("Port scan from one address", Low, &["attack.discovery", "attack.t1046"], 18, at(22, "03:11:00")),
    ];
    for (index, (title, severity, tags, count, created)) in noise.into_iter().enumerate() {
        let alert = alert((title, severity, tags), count, created);
        alerts.push(match index {
            0 => closed(alert, 1_900, Verdict::Benign),
            1 | 2 => closed(alert, 3_600 + 977 * index as u64, Verdict::FalsePositive),
            _ => alert,
        });
    }
    let trigger = Trigger { alert: Some(alerts[11].id), case: None, playbook: PlaybookId::new("open_group").ok() };
    let dry = action(
        "aws.close_group",
        "close security group sg-0a1b2c3d to the world",
        trigger,
        &[
            (at(20, "17:05:50"), ActionStatus::Planned, "playbook:open_group", ""),
            (at(20, "17:05:50"), ActionStatus::Simulated, "vigie", "dry run: nothing was changed"),
        ],
    );
    let events = [1_840, 2_012, 3_377, 1_905, 1_760, 811, 725];
    let source = |name: &str, events| (SourceName::new(name).unwrap(), events);
    PeriodInput {
        tenant: tenant(),
        tenant_name: "Acme Commerce SA".to_owned(),
        title: Some("Security week 47, 2026".to_owned()),
        kind: ReportPeriod::Weekly,
        language: ReportLanguage::English,
        style: Style::default(),
        from: at(16, "00:00:00"),
        to: at(23, "00:00:00"),
        generated: at(23, "06:00:00"),
        events_per_day: (16..).zip(events).map(|(day, events)| (at(day, "12:00:00"), events)).collect(),
        events_per_source: vec![
            source("web_access", 5_208),
            source("linux_auth", 3_114),
            source("cloudtrail", 2_140),
            source("suricata_eve", 1_022),
            source("vpc_flow", 940),
            source("guardduty", 6),
        ],
        alerts,
        cases: vec![scan, intrusion],
        actions: vec![dry],
        previous: Some(PreviousPeriod { events: 11_020, alerts: 12, critical_and_high: 1, cases: 1, actions_done: 0 }),
    }
}

/// Returns a week in which nothing happened.
pub(crate) fn quiet() -> PeriodInput {
    PeriodInput {
        events_per_day: Vec::new(),
        events_per_source: Vec::new(),
        alerts: Vec::new(),
        cases: Vec::new(),
        actions: Vec::new(),
        previous: None,
        ..week()
    }
}

/// Returns a month in French: that of the week, with nothing else in it.
pub(crate) fn month() -> PeriodInput {
    PeriodInput {
        title: None,
        kind: ReportPeriod::Monthly,
        language: ReportLanguage::French,
        from: "2026-11-01T00:00:00Z".parse().unwrap(),
        to: "2026-12-01T00:00:00Z".parse().unwrap(),
        generated: "2026-12-01T06:00:00Z".parse().unwrap(),
        ..week()
    }
}

/// Returns the report of the intrusion.
pub(crate) fn incident(language: ReportLanguage) -> IncidentInput {
    let file = intrusion();
    let block = file.actions.iter().find(|action| !action.kind.starts_with("notify.")).unwrap();
    let decision = Decision {
        id: DecisionId::from_bytes([7; 16]),
        tenant: tenant(),
        action: block.id,
        kind: block.kind.clone(),
        target: Some(ip(ATTACKER)),
        since: block.created,
        expires: None,
        state: DecisionState::InForce,
        undo: Value::Null,
    };
    IncidentInput {
        tenant_name: "Acme Commerce SA".to_owned(),
        generated: at(23, "06:00:00"),
        language,
        style: Style::default(),
        file,
        decisions: vec![decision],
    }
}
