//! Starting and stopping the whole server.
//!
//! Addresses are bound first, so that a start that cannot succeed changes nothing. On the way down what can be slowed goes
//! first: listeners close, requests end, receivers hand on what they hold, the pipeline drains, events are committed, the
//! database is closed.

mod content;
mod executors;
mod receivers;
mod tls;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use vigie_detect::{Engine, LoadFailure};
use vigie_events::{EventIndex, EventStore, IndexSettings, Log, LogSettings};
use vigie_ingest::Sources;
use vigie_intel::WarningList;
use vigie_model::TenantId;
use vigie_respond::{Executor, NeverTouch, RateLimits};
use vigie_store::{Files, Store};

pub use content::LoadReport;
pub(crate) use content::reload_rules;
use receivers::Receivers;

use crate::app::App;
use crate::auth::{AdminError, FirstAdmin, Hashers, SignInLimiter, SignInLinks, VerifiedPairs, ensure_first_admin};
use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::config::{Config, RespondMode, SyslogProtocol};
use crate::forwards::Forwards;
use crate::live::LiveBus;
use crate::metrics::Metrics;
use crate::notices::Notices;
use crate::pipeline::{self, OpenedLog, PipelineParts, PipelineSettings};
use crate::rules::RuleDesk;
use crate::samples::SampleRecords;
use crate::searches::SearchSlots;
use crate::swap::Swap;
use crate::{api, workers};

/// How long open requests may take to end when the server stops.
const HTTP_GRACE: Duration = Duration::from_secs(10);
/// How long receivers and workers may take to end.
const WORK_GRACE: Duration = Duration::from_secs(20);
/// How long a client may take to send the head of a request.
const HEADER_WAIT: Duration = Duration::from_secs(15);
/// How many requests one HTTP/2 connection may have open.
const STREAMS_MAX: u32 = 128;

/// What tests and the demonstration choose instead of the machine's own.
pub struct Options {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Executors in place of, or beside, those that the configuration names.
    pub executors: Vec<Arc<dyn Executor>>,
    /// What a fresh server can be tried with.
    pub samples: Option<Arc<dyn SampleRecords>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), executors: Vec::new(), samples: None }
    }
}

/// The setting that says whether the first administrator has set the server up: `open`, then `done`.
pub(crate) const SETUP_SETTING: &str = "setup";

/// The server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address could not be bound.
    #[error("listen on {address}: is another program there already?")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file or folder could not be read or made.
    #[error("use `{path}`", path = path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("read `{path}`: {reason}", path = path.display())]
    Content {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database could not be opened.
    #[error("open the database")]
    Store(#[from] vigie_store::OpenError),
    /// The database refused.
    #[error("use the database")]
    Query(#[from] vigie_store::StoreError),
    /// The folder of files could not be opened.
    #[error("open the folder of files")]
    Files(#[from] vigie_store::FileError),
    /// The event store could not be opened.
    #[error("open the event store")]
    Events(#[from] vigie_events::OpenError),
    /// The write-ahead log could not be opened.
    #[error("open the write-ahead log")]
    Log(#[from] vigie_events::LogError),
    /// The first administrator could not be made.
    #[error("make the first administrator")]
    Admin(#[from] AdminError),
    /// An action's executor could not be set up.
    #[error("set up what carries out actions")]
    Executor(#[from] vigie_actions::ConfigError),
    /// A listener or file names a source that does not exist.
    #[error("there is no source `{name}`: expected one of {known}")]
    Source {
        /// The name.
        name: String,
        /// Those that exist.
        known: String,
    },
}

/// A server that runs.
pub struct Running {
    app: Arc<App>,
    http: SocketAddr,
    syslog: Vec<(SyslogProtocol, SocketAddr)>,
    first_admin: Option<FirstAdmin>,
    report: LoadReport,
    handle: Handle<SocketAddr>,
    server: JoinHandle<io::Result<()>>,
    receivers: JoinSet<()>,
    workers: JoinSet<()>,
}

impl Running {
    /// Returns where the API and the page are served.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Returns where syslog is received, in the order of the configuration.
    pub fn syslog(&self) -> &[(SyslogProtocol, SocketAddr)] {
        &self.syslog
    }

    /// Returns everything that the server works with.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Returns the first administrator, where one was made at this start. Once.
    pub fn take_first_admin(&mut self) -> Option<FirstAdmin> {
        self.first_admin.take()
    }

    /// Returns what was loaded and what could not be.
    pub fn report(&self) -> &LoadReport {
        &self.report
    }

    /// Reads the rules again; where that is not possible they stay as they are, and the log says why.
    pub async fn reload_rules(&self) {
        if let Err(problem) = reload_rules(&self.app).await {
            tracing::error!("the rules stay as they were: {}", crate::causes::chain(&problem));
        }
    }

    /// Stops the server in order, and returns when all that was acknowledged is on disk.
    pub async fn shutdown(mut self) {
        tracing::info!("stopping: listeners close, what was received is finished");
        self.app.stop.cancel();
        self.handle.graceful_shutdown(Some(HTTP_GRACE));
        let _ = tokio::time::timeout(HTTP_GRACE * 2, &mut self.server).await;
        for (name, tasks) in [("receivers", &mut self.receivers), ("workers", &mut self.workers)] {
            let ended = async { while tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(WORK_GRACE, ended).await.is_err() {
                tracing::warn!("{name} did not end in time");
                tasks.abort_all();
            }
        }
        if tokio::time::timeout(WORK_GRACE, self.app.pipeline.drain()).await.is_err() {
            tracing::warn!("the pipeline did not end in time: what is logged is taken up at the next start");
        }
        self.app.store.close().await;
        let events = Arc::clone(&self.app.events);
        drop(self.app);
        release(events).await;
        tracing::info!("stopped");
    }
}

/// Waits until nobody else holds the event store: then it is closed, and the next start may open it.
async fn release(events: Arc<dyn EventStore>) {
    let released = async {
        while Arc::strong_count(&events) > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(WORK_GRACE, released).await.is_err() {
        tracing::warn!("the event store is still in use");
    }
}

/// Starts the server and returns once it is ready. The caller drops it only after [`Running::shutdown`].
///
/// # Errors
/// Where an address is taken, a file cannot be read, or a store cannot be opened. Nothing is left running then.
pub async fn serve(config: Config, options: Options) -> Result<Running, ServeError> {
    let listener = bind(config.http.listen)?;
    let http = listener.local_addr().map_err(|source| ServeError::Bind { address: config.http.listen, source })?;
    let tls = tls::server_config(&config.http)?;
    let sources = Arc::new(Sources::builtin());
    let receivers = Receivers::bind(&config, &sources)?;
    let syslog = receivers.addresses();

    let (store, files) = open_store_and_files(&config).await?;
    let events = open_events(events_folder(&config)).await?;
    let log = open_log(&config).await?;
    ensure_tenants(&config, &store, options.clock.as_ref()).await?;
    vigie_thehive::seed(&store, options.clock.now()).await?;
    let first_admin = ensure_first_admin(&store, options.clock.as_ref(), options.entropy.as_ref()).await?;
    if first_admin.is_some() {
        let mut tx = store.begin().await?;
        tx.set_setting(SETUP_SETTING, &serde_json::json!("open"), options.clock.now()).await?;
        tx.commit().await?;
    }

    let (loaded, report) = content::load(&config, &store, options.clock.now()).await?;
    let app = build(
        config,
        options,
        Parts {
            store,
            files,
            events,
            log,
            sources,
            loaded,
            refused: report.failed.clone(),
            counters: receivers.counters(),
        },
    )?;
    let tasks = receivers.start(&app);
    let workers = workers::start(&app);
    let handle = Handle::new();
    let server =
        start_http(listener, tls, handle.clone(), &app).map_err(|source| ServeError::Bind { address: http, source })?;
    tracing::info!(address = %http, "listening on {http}");
    if !vigie_console::IS_BUILT {
        tracing::warn!("this binary has no console: `cargo xtask web` before `cargo build` brings it");
    }
    Ok(Running { app, http, syslog, first_admin, report, handle, server, receivers: tasks, workers })
}

fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|source| ServeError::Bind { address, source })
}

/// Opens the database of a configuration's data folder, made where there is none: for `vigie admin`, also while the server
/// runs.
///
/// # Errors
/// Where the folder cannot be made or the database cannot be opened.
pub async fn open_store(config: &Config) -> Result<Store, ServeError> {
    prepare_folder(&config.data_folder)?;
    Ok(Store::open(&config.data_folder.join("vigie.db")).await?)
}

/// Opens the database and the folder of files of a configuration's data folder, made where there is none: for
/// `vigie import`, also while the server runs.
///
/// # Errors
/// Where a folder cannot be made or the database cannot be opened.
pub async fn open_store_and_files(config: &Config) -> Result<(Store, Files), ServeError> {
    let store = open_store(config).await?;
    Ok((store, Files::open(&config.data_folder.join("files"), Files::FREE_BYTES_MIN)?))
}

/// Makes the data folder where there is none, for its owner's eyes only. One that cannot be written is named as such, and not
/// by whichever file happens to be opened first.
fn prepare_folder(path: &Path) -> Result<(), ServeError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let failed = |source| ServeError::File { path: path.to_owned(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    let probe = path.join(".writable");
    std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).map_err(failed)
}

/// Returns where the events of a data folder are.
pub(crate) fn events_folder(config: &Config) -> PathBuf {
    config.data_folder.join("events")
}

async fn open_events(folder: PathBuf) -> Result<Arc<dyn EventStore>, ServeError> {
    let open = move || EventIndex::open(&folder, IndexSettings::default());
    let index = tokio::task::spawn_blocking(open).await.expect("opening the event store does not panic")?;
    Ok(Arc::new(index))
}

/// Opens the write-ahead log. The event store's lock keeps other processes away from it.
async fn open_log(config: &Config) -> Result<OpenedLog, ServeError> {
    let folder = config.data_folder.join("log");
    let bytes_max = config.events.log_bytes_max;
    let settings = LogSettings { segment_bytes: config.events.log_segment_bytes, bytes_max };
    let open = move || Log::open(&folder, settings);
    let (log, damage) = tokio::task::spawn_blocking(open).await.expect("opening the log does not panic")?;
    Ok(OpenedLog { log, damage, bytes_max, checkpoints: config.data_folder.clone() })
}

async fn ensure_tenants(config: &Config, store: &Store, clock: &dyn Clock) -> Result<(), ServeError> {
    let mut tenants: BTreeSet<&TenantId> = BTreeSet::from([&config.default_tenant]);
    tenants.extend(config.syslog.iter().map(|listener| &listener.tenant));
    tenants.extend(config.tail.iter().map(|file| &file.tenant));
    tenants.extend(config.intel.list.iter().map(|list| &list.tenant));
    tenants.extend(config.aws.iter().map(|account| &account.tenant));
    let mut tx = store.begin().await?;
    for tenant in tenants {
        tx.ensure_tenant(tenant, tenant.as_str(), clock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

struct Parts {
    store: Store,
    files: Files,
    events: Arc<dyn EventStore>,
    log: OpenedLog,
    sources: Arc<Sources>,
    loaded: content::Loaded,
    refused: Vec<LoadFailure>,
    counters: Vec<Arc<vigie_ingest::ReceiverCounters>>,
}

fn build(config: Config, options: Options, parts: Parts) -> Result<Arc<App>, ServeError> {
    let Options { clock, entropy, executors: extra, samples } = options;
    let Parts { store, files, events, log, sources, loaded, refused, counters } = parts;
    let started = clock.now();
    let live = Arc::new(LiveBus::new(started));
    let (metrics, warnings) = (Metrics::new(), WarningList::builtin());
    let matcher = Swap::new(loaded.matcher);
    let never_touch = Swap::new(NeverTouch::default());
    let (executors, messengers) = executors::build(&config, extra, &never_touch)?;
    let playbooks = Swap::new(content::able(loaded.playbooks, &executors, &config));
    let outbox_bell = Arc::new(Notify::new());
    let notices = Notices::new(config.http.public_url.as_deref(), Forwards::new(&config.forward));
    let pipeline = pipeline::start(
        Engine::new(loaded.rules.clone()),
        log,
        PipelineParts {
            sources: Arc::clone(&sources),
            matcher: matcher.clone(),
            warnings: warnings.clone(),
            geo: Arc::new(loaded.geo),
            store: store.clone(),
            events: Arc::clone(&events),
            playbooks: playbooks.clone(),
            never_touch: never_touch.clone(),
            live: Arc::clone(&live),
            metrics: metrics.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            outbox_bell: Arc::clone(&outbox_bell),
            notices: notices.clone(),
            settings: pipeline_settings(&config),
        },
    );
    let app = Arc::new(App {
        notices,
        executors,
        samples,
        links: SignInLinks::default(),
        messengers,
        ingest_slots: Semaphore::new(config.limits.ingest_requests_max),
        live_slots: Arc::new(Semaphore::new(config.limits.live_clients_max)),
        searches: SearchSlots::new(config.limits.searches_max, config.limits.searches_per_tenant_max),
        rules: RuleDesk::new(loaded.book, loaded.pipeline),
        config,
        store,
        files,
        events,
        live,
        metrics,
        pairs: VerifiedPairs::new(entropy.as_ref()),
        clock,
        entropy,
        sources,
        playbooks,
        never_touch,
        matcher,
        warnings,
        pipeline,
        sign_ins: SignInLimiter::default(),
        hashers: Hashers::default(),
        in_flight: Mutex::default(),
        admin_addresses: Mutex::new(HashMap::new()),
        outbox_bell,
        refused_rules: Swap::new(refused),
        vitals: Mutex::default(),
        receivers: counters,
        started,
        stop: CancellationToken::new(),
    });
    app.never_touch.set(workers::never_touch(&app));
    Ok(app)
}

fn pipeline_settings(config: &Config) -> PipelineSettings {
    PipelineSettings {
        queue_batches_max: config.limits.queue_batches_max,
        auto_open: config.cases.auto_open,
        severity_min: config.cases.severity_min,
        rate_limits: RateLimits { per_hour: config.respond.actions_per_hour_max, ..RateLimits::default() },
        dry_run: config.respond.mode == RespondMode::DryRun,
    }
}

fn start_http(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
    app: &Arc<App>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let service = api::router(app).into_make_service_with_connect_info::<SocketAddr>();
    // Whoever sends a request's head byte by byte must not hold a connection for ever.
    macro_rules! limited {
        ($server:expr) => {{
            let mut server = $server.handle(handle);
            let builder = server.http_builder();
            builder.http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(HEADER_WAIT);
            builder.http2().timer(hyper_util::rt::TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
            server
        }};
    }
    if let Some(tls) = tls {
        let server = limited!(axum_server::from_tcp_rustls(listener, tls)?);
        return Ok(tokio::spawn(server.serve(service)));
    }
    let server = limited!(axum_server::from_tcp(listener)?);
    Ok(tokio::spawn(server.serve(service)))
}
