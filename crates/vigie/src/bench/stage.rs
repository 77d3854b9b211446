//! The server under test: one of our own in a process of its own, or one that runs already.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use toml::{Table, Value};
use vigie_model::{Actor, Role, TenantId, TenantScope};
use vigie_server::{Config, NewUser, SystemClock, SystemEntropy, create_key, open_store};

use super::marker;
use super::mix::{Door, Kind, Stream};
use crate::cli::{BenchServerArguments, Connection};
use crate::client::Client;
use crate::commands::Failure;

/// How long the server may take until it is ready: thousands of rules in a development build take a while.
const START_MAX: Duration = Duration::from_mins(3);
/// How much of the server's log is shown where it ends by itself.
const LOG_TAIL_BYTES: usize = 2_000;

/// The server under test, and the ways into it.
pub(super) struct Stage {
    /// Asks it.
    pub(super) client: Client,
    /// Where its API is, and the key for it.
    pub(super) connection: Connection,
    tenant: TenantId,
    udp_tenant: TenantId,
    doors: Option<Doors>,
    child: Option<Child>,
    folder: Option<Folder>,
}

/// The ways into a server of our own, besides its API.
pub(super) struct Doors {
    pub(super) syslog_tcp: SocketAddr,
    pub(super) syslog_udp: SocketAddr,
    pub(super) file: PathBuf,
}

/// The temporary folder; it goes with the value unless it is to be kept.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed lies in the system's temporary folder and goes with it.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

impl Stage {
    /// Takes the server that the arguments name, or starts one and waits until it is ready.
    pub(super) fn set(arguments: &BenchServerArguments) -> Result<Self, Failure> {
        if let (Some(server), Some(tenant)) = (&arguments.url, &arguments.tenant) {
            let connection = Connection { server: server.clone(), key: arguments.key.clone() };
            let client = Client::new(&connection);
            client.get("/api/v1/auth/me")?;
            let (tenant, udp_tenant) = (tenant.clone(), tenant.clone());
            return Ok(Self { client, connection, tenant, udp_tenant, doors: None, child: None, folder: None });
        }
        let started = jiff::Timestamp::now().as_microsecond();
        let name = format!("vigie-bench-{}-{started}", std::process::id());
        let path = arguments.data_folder.clone().unwrap_or_else(std::env::temp_dir).join(name);
        fs::create_dir_all(path.join("rules")).map_err(|error| format!("create {}: {error}", path.display()))?;
        let folder = Folder { path: path.clone(), keep: arguments.keep };
        Self::start(arguments, folder)
    }

    fn start(arguments: &BenchServerArguments, folder: Folder) -> Result<Self, Failure> {
        let path = &folder.path;
        let [http, syslog_tcp] = [free_tcp_address()?, free_tcp_address()?];
        let doors = Doors { syslog_tcp, syslog_udp: free_udp_address()?, file: path.join("access.log") };
        let (tenant, udp_tenant) = (TenantId::new("bench")?, TenantId::new("bench-udp")?);
        fs::write(path.join("rules/marker.yml"), marker::RULE)?;
        File::create(&doors.file)?;
        let mut settings = settings(arguments, path, http, &doors)?;
        if let Some(more) = &arguments.config {
            let text = fs::read_to_string(more).map_err(|error| format!("read {}: {error}", more.display()))?;
            overlay(&mut settings, toml::from_str(&text).map_err(|error| format!("{}: {error}", more.display()))?);
        }
        let file = path.join("vigie.toml");
        fs::write(&file, settings.to_string())?;
        let key = make_key(&Config::load(&file)?.config)?;
        let log = path.join("server.log");
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            // Ctrl-C is for the generator, which ends the server itself once it has asked it for the figures.
            .process_group(0)
            .spawn()?;
        let connection = Connection { server: format!("http://{http}"), key: Some(key) };
        let client = Client::new(&connection);
        let (doors, child, folder) = (Some(doors), Some(child), Some(folder));
        let mut stage = Self { client, connection, tenant, udp_tenant, doors, child, folder };
        stage.wait_until_ready()?;
        Ok(stage)
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        while self.client.get_text("/readyz").is_err() {
            self.check_alive()?;
            if start.elapsed() > START_MAX {
                return Err(format!("the server was not ready after {START_MAX:?}: {}", self.log_tail()).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Fails where the server has ended by itself, with what it said last.
    pub(super) fn check_alive(&mut self) -> Result<(), Failure> {
        let Some(child) = &mut self.child else { return Ok(()) };
        match child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("the server ended by itself ({status}): {}", self.log_tail()).into()),
        }
    }

    fn log_tail(&self) -> String {
        let Some(folder) = &self.folder else { return String::new() };
        let log = fs::read(folder.path.join("server.log")).unwrap_or_default();
        let tail = &log[log.len().saturating_sub(LOG_TAIL_BYTES)..];
        String::from_utf8_lossy(tail).trim_end().to_owned()
    }

    /// Returns the process, where it is ours to look into.
    pub(super) fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Returns the ways in besides the API, where there are any that we know of.
    pub(super) fn doors(&self) -> Option<&Doors> {
        self.doors.as_ref()
    }

    /// Returns the way in for a kind: with a server that is not ours, the API for all.
    pub(super) fn door(&self, kind: Kind) -> Door {
        if self.doors.is_some() { kind.door() } else { Door::Http }
    }

    /// Returns where events of a kind are counted.
    pub(super) fn stream(&self, kind: Kind) -> Stream {
        let tenant = if self.door(kind) == Door::SyslogUdp { &self.udp_tenant } else { &self.tenant };
        Stream { tenant: tenant.clone(), source: kind.source() }
    }

    /// Returns the folder that is kept, where one is.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.folder.as_ref().filter(|folder| folder.keep).map(|folder| folder.path.as_path())
    }

    /// Returns how many bytes lie in the data folder, where it is ours.
    pub(super) fn data_bytes(&self) -> Option<u64> {
        self.folder.as_ref().map(|folder| bytes_below(&folder.path.join("data")))
    }
}

impl Drop for Stage {
    /// The data goes with the server, or was made safe before it was counted: there is nothing to wait for.
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

/// Returns an address that was free a moment ago. The server says so where another program takes it in between.
fn free_tcp_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn free_udp_address() -> Result<SocketAddr, Failure> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Makes a key for all tenants before the server starts, as `vigie admin add-key` does.
fn make_key(config: &Config) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = open_store(config).await?;
        let new = NewUser { name: "bench".into(), role: Role::Admin, tenants: TenantScope::All, members: Vec::new() };
        let by = Actor::System("bench".to_owned());
        let (_, key) = create_key(&store, &SystemClock, &SystemEntropy, &by, new, None).await?;
        store.close().await;
        Ok(key.expose().to_owned())
    })
}

fn settings(
    arguments: &BenchServerArguments,
    folder: &Path,
    http: SocketAddr,
    doors: &Doors,
) -> Result<Table, Failure> {
    let text = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    let mut rules = vec![text(&folder.join("rules"))];
    if let Some(more) = &arguments.rules {
        rules.push(text(&std::path::absolute(more)?));
    }
    let mut table: Table = toml::from_str(&format!(
        "version = 1\ndefault_tenant = \"bench\"\n\
         [http]\nlisten = \"{http}\"\n\
         [[syslog]]\nprotocol = \"tcp\"\nlisten = \"{}\"\ntenant = \"bench\"\n\
         [[syslog]]\nprotocol = \"udp\"\nlisten = \"{}\"\ntenant = \"bench-udp\"\n\
         [[tail]]\npath = {}\ntenant = \"bench\"\nsource = \"web_access\"\n\
         [rules]\n[respond]\nhost_block_ip = false\n[log]\nfilter = \"info\"\n",
        doors.syslog_tcp,
        doors.syslog_udp,
        text(&doors.file),
    ))?;
    table.insert("data_folder".to_owned(), text(&folder.join("data")));
    let rules = Table::from_iter([("folders".to_owned(), Value::Array(rules))]);
    overlay(&mut table, Table::from_iter([("rules".to_owned(), Value::Table(rules))]));
    Ok(table)
}

/// Puts these settings in the place of those that stand there; tables are joined.
fn overlay(table: &mut Table, more: Table) {
    for (key, value) in more {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(known)), Value::Table(more)) => overlay(known, more),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}
