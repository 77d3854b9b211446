//! A handful of events of every shape, and an index in a folder that goes away.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tempfile::TempDir;
use vigie_events::{
    EventIndex, EventStore as _, IndexSettings, LogPosition, SearchBudget, SearchRequest, parse_search,
};
use vigie_model::{
    Class, Document, Entity, EntityRole, Envelope, Event, EventId, Logsource, ObservableKind, Outcome, Severity,
    SourceName, TenantId, Timestamp,
};

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns an event of the tenant `acme` that arrived on 1 March 2026 at noon, named `name`, with a line as its native
/// document.
pub(crate) fn event(name: &str, at: &str, native: &str) -> Event {
    let tenant = tenant("acme");
    Event {
        id: EventId::derive([tenant.as_str(), name]),
        tenant,
        source: SourceName::new("syslog").unwrap(),
        time: time(at),
        arrival: time("2026-03-01T12:00:00Z"),
        envelope: Envelope { message: native.to_owned(), device: Some(name.to_owned()), ..Envelope::default() },
        entities: Vec::new(),
        document: Document::default(),
        native: Bytes::copy_from_slice(native.as_bytes()),
    }
}

/// Returns events of every shape, each named by its device.
pub(crate) fn events() -> Vec<Event> {
    let mut ssh = event(
        "ssh",
        "2026-03-01T10:00:00Z",
        "Mar  1 10:00:00 web-1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2",
    );
    ssh.envelope.class = Class::Authentication;
    ssh.envelope.activity = String::from("Failed password");
    ssh.envelope.outcome = Outcome::Failure;
    ssh.envelope.severity = Severity::Low;
    ssh.envelope.logsource = Logsource::new("linux", "", "sshd");
    ssh.envelope.user = Some("root".to_owned());
    ssh.envelope.src.ip = Some("203.0.113.9".parse().unwrap());
    ssh.envelope.src.port = Some(4711);
    ssh.envelope.dst.port = Some(22);
    ssh.envelope.process.name = Some("sshd".to_owned());
    ssh.envelope.process.pid = Some(7);
    ssh.envelope.message = String::from("Failed password for root from 203.0.113.9 port 4711 ssh2");
    ssh.entities = vec![Entity::new(ObservableKind::Ip, "203.0.113.9", EntityRole::Source)];

    let mut sixth = event("sixth", "2026-03-01T10:00:01Z", "connection from [2001:DB8:0::1]:443 to 198.51.100.7");
    sixth.envelope.class = Class::NetworkActivity;
    sixth.envelope.src.ip = Some("2001:db8::1".parse().unwrap());
    sixth.envelope.dst.ip = Some("198.51.100.7".parse().unwrap());
    sixth.envelope.dst.port = Some(443);
    sixth.envelope.severity = Severity::Medium;
    sixth.envelope.user = Some("Jane Doe".to_owned());

    let native = r#"{"eventName":"StopLogging","sourceIPAddress":"198.51.100.7","errorCode":null,"n":[1,{"k":"\u00e9tat d'urgence"}],"ok":true}"#;
    let mut trail = event("trail", "2026-03-01T10:00:02.000001Z", native);
    trail.source = SourceName::new("cloudtrail").unwrap();
    trail.document = serde_json::from_str(native).unwrap();
    trail.envelope.class = Class::ApiActivity;
    trail.envelope.activity = String::from("StopLogging");
    trail.envelope.outcome = Outcome::Success;
    trail.envelope.severity = Severity::High;
    trail.envelope.logsource = Logsource::new("aws", "", "cloudtrail");
    trail.envelope.user = Some("arn:aws:iam::111122223333:user/ann".to_owned());
    trail.envelope.src.ip = Some("198.51.100.7".parse().unwrap());
    trail.envelope.cloud.provider = Some("aws".to_owned());
    trail.envelope.cloud.account = Some("111122223333".to_owned());
    trail.envelope.cloud.region = Some("eu-west-3".to_owned());
    trail.envelope.message = String::from("StopLogging by ann");

    let mut windows =
        event("windows", "2026-02-28T23:59:59.999999Z", r"mimikatz.exe ran: C:\Temp\MimiKatz.exe privilege::debug");
    windows.envelope.class = Class::ProcessActivity;
    windows.envelope.severity = Severity::Critical;
    windows.envelope.logsource = Logsource::new("windows", "process_creation", "sysmon");
    windows.envelope.user = Some("ROOT".to_owned());
    windows.envelope.process.path = Some(r"C:\Temp\MimiKatz.exe".to_owned());
    windows.envelope.process.command_line = Some(r#"MimiKatz.exe "privilege::debug" *"#.to_owned());
    windows.envelope.file.hashes = vec!["d41d8cd98f00b204e9800998ecf8427e".to_owned(), "ab".repeat(32)];

    let mut web = event("web", "2026-03-02T00:00:00Z", "203.0.113.10 - - GET /index.php?id=1%27 404");
    web.envelope.class = Class::HttpActivity;
    web.envelope.url = Some("/index.php?id=1%27".to_owned());
    web.envelope.domain = Some("www.example.com".to_owned());
    web.envelope.src.ip = Some("::ffff:203.0.113.10".parse().unwrap());
    web.envelope.src.host = Some("scanner.example.net".to_owned());
    web.envelope.logsource = Logsource { category: Some(Arc::from("webserver")), ..Logsource::default() };

    let bare = event("bare", "2026-03-01T10:00:00Z", "");
    vec![ssh, sixth, trail, windows, web, bare]
}

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) index: EventIndex,
}

/// The end of the log, if there were one: positions grow from call to call, as a log's do.
static LOG_END: Mutex<u64> = Mutex::new(0);

/// Feeds an index as if from a log.
pub(crate) trait Feed {
    /// Appends events as the log's next entry and returns how many were new.
    fn feed(&self, events: &[Event]) -> usize;

    /// Commits all.
    fn settle(&self);
}

impl Feed for EventIndex {
    fn feed(&self, events: &[Event]) -> usize {
        let mut end = LOG_END.lock().unwrap();
        let at = LogPosition::new(*end);
        *end += events.len() as u64;
        self.append(events, at).unwrap()
    }

    fn settle(&self) {
        self.commit(LogPosition::new(*LOG_END.lock().unwrap())).unwrap();
    }
}

/// Returns an index of these events.
pub(crate) fn index_of(events: &[Event]) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let index = EventIndex::open(folder.path(), settings()).unwrap();
    index.feed(events);
    index.settle();
    Fixture { folder, index }
}

pub(crate) fn settings() -> IndexSettings {
    IndexSettings { writer_heap_bytes: 15_000_000, ..IndexSettings::default() }
}

/// Returns what searches reckon from.
pub(crate) fn now() -> Timestamp {
    time("2026-03-02T12:34:56.789Z")
}

/// Returns a budget without an end.
pub(crate) fn free() -> SearchBudget {
    SearchBudget::unlimited()
}

/// Returns a request for everything of `acme` that a search finds.
pub(crate) fn request(search: &str) -> SearchRequest {
    SearchRequest::newest(&tenant("acme"), parse_search(search, now()).unwrap(), 1_000)
}

/// Returns the names of the events of `acme` that a search finds, newest first.
pub(crate) fn found(index: &EventIndex, search: &str) -> Vec<String> {
    let page = index.search(&request(search), &free()).unwrap();
    assert_eq!(page.total as usize, page.events.len());
    page.events.into_iter().filter_map(|event| event.envelope.device).collect()
}
