//! `TestApp`: a whole server with a temporary data folder, and a client for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vigie_model::{Actor, Role, TenantId, TenantScope, Timestamp};
use vigie_respond::Executor;
use vigie_server::{
    AdminError, App, Config, FirstAdmin, FixedClock, NewUser, Options, PasswordRule, Running, SeededEntropy,
    create_key, create_tenant, create_user, serve,
};

/// When the tests play.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

/// A rule that every failed sign-in matches.
const RULE: &str = "title: Failed sign-in
id: 7d9a7a52-1f0e-4f55-9f2b-000000000001
status: test
description: A password was refused.
logsource:
    product: linux
    service: sshd
detection:
    selection:
        action: login_failed
    condition: selection
level: high
tags:
    - attack.t1110.001
";

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct TestApp {
    runtime: Runtime,
    running: Option<Running>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) base: String,
    pub(crate) admin: String,
    agent: ureq::Agent,
    pub(crate) folder: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the body, where the status is the expected one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(|_| {}, Vec::new())
    }

    /// Starts a server whose configuration was changed by `adjust`, with these executors.
    pub(crate) fn with(adjust: impl FnOnce(&mut Config), executors: Vec<Arc<dyn Executor>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("rules");
        std::fs::create_dir(&rules).unwrap();
        std::fs::write(rules.join("rule.yml"), RULE).unwrap();
        let data_folder = folder.path().join("data");
        let mut config = Config { data_folder, default_tenant: tenant("acme"), ..Config::default() };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        config.rules.builtin = false;
        config.rules.folders = vec![rules];
        config.playbooks.builtin = false;
        config.respond.host_block_ip = false;
        config.cases.auto_open = false;
        adjust(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let clock = Arc::new(FixedClock::at(NOW.parse::<Timestamp>().unwrap()));
        let options =
            Options { clock: clock.clone(), entropy: Arc::new(SeededEntropy::new(1)), executors, samples: None };
        let running = runtime.block_on(serve(config, options)).unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            // A request that is refused before its body is read ends its connection: the next one takes another.
            .max_idle_connections(0)
            .build()
            .into();
        let base = format!("http://{}", running.http());
        let mut app = Self { runtime, running: Some(running), clock, base, admin: String::new(), agent, folder };
        app.admin = app.key(Role::Admin, &TenantScope::All);
        app.add_tenant("globex");
        app
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        self.running.as_ref().unwrap().app()
    }

    pub(crate) fn syslog(&self) -> &[(vigie_server::SyslogProtocol, std::net::SocketAddr)] {
        self.running.as_ref().unwrap().syslog()
    }

    pub(crate) fn first_admin(&mut self) -> FirstAdmin {
        self.running.as_mut().unwrap().take_first_admin().unwrap()
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn add_tenant(&self, id: &str) {
        let actor = Actor::System("test".into());
        let store = self.app().store();
        match self.block_on(create_tenant(store, self.clock.as_ref(), &actor, &tenant(id), id)) {
            // The folder is that of an earlier run.
            Ok(()) | Err(AdminError::TenantExists(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn key(&self, role: Role, tenants: &TenantScope) -> String {
        let entropy = vigie_server::SystemEntropy;
        let new =
            NewUser { name: format!("test {}", role.as_str()), role, tenants: tenants.clone(), members: Vec::new() };
        let actor = Actor::System("test".into());
        let store = self.app().store();
        let made = self.block_on(create_key(store, self.clock.as_ref(), &entropy, &actor, new, None)).unwrap();
        made.1.expose().to_owned()
    }

    pub(crate) fn key_for(&self, role: Role, id: &str) -> String {
        self.key(role, &TenantScope::Only(vec![tenant(id)]))
    }

    pub(crate) fn user(&self, name: &str, role: Role, tenants: TenantScope) {
        let entropy = vigie_server::SystemEntropy;
        let new = NewUser { name: name.to_owned(), role, tenants, members: Vec::new() };
        let actor = Actor::System("test".into());
        let store = self.app().store();
        self.block_on(create_user(store, self.clock.as_ref(), &entropy, &actor, new, PASSWORD, PasswordRule::Usual))
            .unwrap();
    }

    /// Signs a user in and returns a key of theirs, which acts under their name.
    pub(crate) fn key_of(&self, name: &str) -> String {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{name}:{PASSWORD}")));
        let path = format!("/api/v1/user/{name}/key/renew");
        let answer = self.send("POST", &path, &[("Authorization", authorization.as_str())], None);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    }

    /// Sends a request as it is.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body.to_vec()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let response = response.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (parts, mut body) = response.into_parts();
        let is_stream = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if is_stream { Vec::new() } else { body.read_to_vec().unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) fn get(&self, key: &str, path: &str) -> Answer {
        self.send("GET", path, &[("Authorization", &bearer(key))], None)
    }

    pub(crate) fn change(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("Authorization", bearer(key)), ("Content-Type", "application/json".to_owned())];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send(method, path, &headers, Some(body.to_string().as_bytes()))
    }

    pub(crate) fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.change(key, "POST", path, body)
    }

    pub(crate) fn ingest(&self, source: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = bearer(&self.admin);
        let mut all = vec![("Authorization", authorization.as_str())];
        if !headers.iter().any(|(name, _)| *name == "X-Vigie-Tenant") {
            all.push(("X-Vigie-Tenant", "acme"));
        }
        all.extend(headers);
        self.send("POST", &format!("/api/v1/ingest/{source}"), &all, Some(body))
    }

    /// Waits until all that was sent can be searched.
    pub(crate) fn settle(&self) {
        self.block_on(self.app().pipeline().drain());
    }

    /// Ingests a failed sign-in of a tenant and returns the alert that it raised.
    pub(crate) fn raise_alert(&self, tenant: &str, address: &str) -> Value {
        let line = format!("Mar  1 11:59:00 web-1 sshd[123]: Failed password for root from {address} port 4242 ssh2\n");
        self.ingest("linux_auth", &[("X-Vigie-Tenant", tenant)], line.as_bytes()).expect(200);
        self.settle();
        let alerts = self.get(&self.admin, &format!("/api/v1/alerts?tenant={tenant}&limit=1000")).expect(200);
        let rows = alerts["rows"].as_array().unwrap();
        let raised = rows.iter().find(|alert| alert["entities"].to_string().contains(address));
        raised.unwrap_or_else(|| panic!("no alert of {address} in {alerts}")).clone()
    }

    /// Asks again until the answer satisfies, for at most ten seconds.
    #[track_caller]
    pub(crate) fn eventually(&self, path: &str, satisfied: impl Fn(&Value) -> bool) -> Value {
        self.eventually_as(&self.admin, path, satisfied)
    }

    /// As [`Self::eventually`], with this key.
    #[track_caller]
    pub(crate) fn eventually_as(&self, key: &str, path: &str, satisfied: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let answer = self.get(key, path).expect(200);
            if satisfied(&answer) {
                return answer;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "{path} stayed {answer}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }

    pub(crate) fn login(&self, name: &str, password: &str) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Origin", self.base.as_str())];
        let body = json!({"user": name, "password": password}).to_string();
        self.send("POST", "/api/v1/auth/login", &headers, Some(body.as_bytes()))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

pub(crate) fn tenant(id: &str) -> TenantId {
    TenantId::new(id).unwrap()
}
