//! A whole server in this process, with its own data folder, and a client for it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vigie_model::{Actor, Role, TenantScope};
use vigie_server::{
    Config, NewUser, Options, Running, Smtp, SmtpSecurity, SystemClock, SystemEntropy, create_key, create_tenant, serve,
};

/// A server with our own rules and playbooks on free ports.
pub(crate) struct TestServer {
    runtime: Runtime,
    running: Option<Running>,
    agent: ureq::Agent,
    key: String,
    folder: TempDir,
}

impl TestServer {
    /// Starts one whose configuration was changed by `adjust`, with these tenants.
    pub(crate) fn start(options: Options, tenants: &[&str], adjust: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            data_folder: folder.path().join("data"),
            default_tenant: tenants[0].parse().unwrap(),
            ..Config::default()
        };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        // Nothing listens there: response is a dry run, and mail is planned only where there is a relay.
        config.smtp = Some(Smtp {
            server: "127.0.0.1".to_owned(),
            port: Some(9),
            security: SmtpSecurity::Plain,
            from: "vigie@acme.example".to_owned(),
            to: vec!["soc@acme.example".to_owned()],
            username: None,
            password: None,
            ca_file: None,
        });
        adjust(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let running = runtime.block_on(serve(config, options)).unwrap();
        let key = runtime.block_on(prepare(&running, tenants));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .new_agent();
        Self { runtime, running: Some(running), agent, key, folder }
    }

    /// Returns where syslog is received, in the order of the configuration.
    pub(crate) fn syslog(&self, place: usize) -> SocketAddr {
        self.running().syslog()[place].1
    }

    /// Returns the data folder.
    pub(crate) fn data_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Sends a body to the ingest route; returns the status and the answer.
    pub(crate) fn ingest(&self, tenant: &str, source: &str, encoding: Option<&str>, body: &[u8]) -> (u16, Value) {
        let mut request = self
            .agent
            .post(self.url(&format!("/api/v1/ingest/{source}")))
            .header("Authorization", format!("Bearer {}", self.key))
            .header("X-Vigie-Tenant", tenant);
        if let Some(encoding) = encoding {
            request = request.header("Content-Encoding", encoding);
        }
        answer(request.send(body).unwrap())
    }

    /// Sends the records of a file, all of which must be taken in.
    #[track_caller]
    pub(crate) fn ingest_file(&self, tenant: &str, source: &str, file: &Path) {
        let (status, answer) = self.ingest(tenant, source, None, &std::fs::read(file).unwrap());
        assert_eq!((status, &answer["dead"]), (200, &Value::from(0)), "{}: {answer}", file.display());
    }

    /// Returns the answer to a question that must be answered.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let request = self.agent.get(self.url(path)).header("Authorization", format!("Bearer {}", self.key));
        let (status, answer) = answer(request.call().unwrap());
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Returns all rows of a list.
    #[track_caller]
    pub(crate) fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.get(&format!("{path}{}limit=1000", if path.contains('?') { '&' } else { '?' }));
        assert!(answer["next"].is_null(), "{path} has more than a page");
        answer["rows"].as_array().unwrap().clone()
    }

    /// Asks again until the answer satisfies, for at most twenty seconds.
    #[track_caller]
    pub(crate) fn eventually(&self, path: &str, satisfied: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            self.settle();
            let answer = self.get(path);
            if satisfied(&answer) {
                return answer;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{path} stayed {answer}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until all that was handed on is judged and can be searched.
    pub(crate) fn settle(&self) {
        self.runtime.block_on(self.running().app().pipeline().drain());
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running().http())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

/// Makes the tenants, and an administrator's key for all of them.
async fn prepare(running: &Running, tenants: &[&str]) -> String {
    let (store, actor) = (running.app().store(), Actor::System("test".to_owned()));
    for tenant in &tenants[1..] {
        create_tenant(store, &SystemClock, &actor, &tenant.parse().unwrap(), tenant).await.unwrap();
    }
    let new = NewUser { name: "test".to_owned(), role: Role::Admin, tenants: TenantScope::All, members: Vec::new() };
    let (_, key) = create_key(store, &SystemClock, &SystemEntropy, &actor, new, None).await.unwrap();
    key.expose().to_owned()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().unwrap();
    let answer = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (response.status().as_u16(), answer)
}
