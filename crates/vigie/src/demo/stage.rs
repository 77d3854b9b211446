//! Where the demo plays: folders, configuration, keys.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;
use vigie_model::{Actor, Role, TenantId, TenantScope};
use vigie_server::{Config, NewUser, Options, Running, SystemClock, SystemEntropy, create_key, serve};

use super::deliver::TailedFiles;
use crate::cli::{Connection, DemoArguments};
use crate::client::Client;
use crate::commands::Failure;

/// The made-up company's tenant.
pub(super) const TENANT: &str = "acme";

/// Where the demo plays.
pub(super) struct Stage {
    folder: PathBuf,
    files: TailedFiles,
    config: Config,
    /// Whether the data folder goes when the demo ends.
    temporary: Option<PathBuf>,
}

impl Stage {
    /// Makes the folders and the configuration.
    pub(super) fn set(arguments: &DemoArguments) -> Result<Self, Failure> {
        let started = jiff::Timestamp::now().as_microsecond();
        let folder = match &arguments.data_folder {
            Some(folder) => folder.clone(),
            None => std::env::temp_dir().join(format!("vigie-demo-{}-{started}", std::process::id())),
        };
        fs::create_dir_all(&folder).map_err(|error| format!("create {}: {error}", folder.display()))?;
        let files = TailedFiles::create(&folder)?;
        let text = configuration(arguments, &folder, &files);
        let path = folder.join("vigie.toml");
        fs::write(&path, text).map_err(|error| format!("write {}: {error}", path.display()))?;
        let config = Config::load(&path)?.config;
        let temporary = arguments.data_folder.is_none().then(|| folder.join("data"));
        Ok(Self { folder, files, config, temporary })
    }

    /// Starts the server.
    pub(super) async fn open(&self) -> Result<Running, Failure> {
        Ok(serve(self.config.clone(), Options::default()).await?)
    }

    /// Returns the folder that everything lies in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the files that the server tails.
    pub(super) fn files(&self) -> &TailedFiles {
        &self.files
    }

    /// Returns where syslog is received.
    pub(super) fn syslog_address(running: &Running) -> Result<SocketAddr, Failure> {
        let (_, address) = running.syslog().first().ok_or("the demo server has no syslog listener")?;
        Ok(*address)
    }

    /// Makes an administrator's key and returns a client with it.
    pub(super) async fn client(&self, running: &Running) -> Result<Client, Failure> {
        let store = running.app().store();
        let new = NewUser {
            name: "demo".into(),
            role: Role::Admin,
            tenants: TenantScope::Only(vec![TenantId::new(TENANT)?]),
            members: Vec::new(),
        };
        let by = Actor::System("demo".to_owned());
        let (_, key) = create_key(store, &SystemClock, &SystemEntropy, &by, new, None).await?;
        let server = format!("http://{}", running.http());
        Ok(Client::new(&Connection { server, key: Some(key.expose().to_owned()) }))
    }

    /// Says that there is nothing to set up: the story was told.
    pub(super) async fn is_set_up(&self, running: &Running) -> Result<(), Failure> {
        running.app().finish_setup().await?;
        Ok(())
    }

    /// Writes the week's report beside the data, and returns where.
    pub(super) async fn write_report(&self, client: &Client) -> Result<PathBuf, Failure> {
        let client = client.clone();
        let html = spawn_blocking(move || client.get_text("/api/v1/reports/weekly")).await??;
        let path = self.folder.join("report.html");
        fs::write(&path, html).map_err(|error| format!("write {}: {error}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Stage {
    /// The report and the records stay, so that they can be looked at; the stores go.
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // What cannot be removed lies in the system's temporary folder and goes with it.
            drop(fs::remove_dir_all(folder));
        }
    }
}

fn configuration(arguments: &DemoArguments, folder: &Path, files: &TailedFiles) -> String {
    let quoted = |path: &Path| toml::Value::String(path.to_string_lossy().into_owned()).to_string();
    let rules = arguments.rules.as_ref().map(|rules| {
        let rules = std::path::absolute(rules).unwrap_or_else(|_| rules.clone());
        format!("[rules]\nbuiltin = false\nfolders = [{}]\n\n", quoted(&rules))
    });
    format!(
        "version = 1\ndata_folder = {data}\ndefault_tenant = \"{TENANT}\"\n\n\
         [http]\nlisten = \"{listen}\"\n\n\
         [[syslog]]\nprotocol = \"tcp\"\nlisten = \"127.0.0.1:0\"\ntenant = \"{TENANT}\"\nsource = \"linux_auth\"\n\n\
         [[tail]]\npath = {access}\ntenant = \"{TENANT}\"\nsource = \"web_access\"\n\n\
         [[tail]]\npath = {eve}\ntenant = \"{TENANT}\"\nsource = \"suricata_eve\"\n\n\
         [smtp]\nserver = \"127.0.0.1\"\nport = 2525\nsecurity = \"plain\"\nfrom = \"vigie@acme.example\"\n\
         to = [\"soc@acme.example\"]\n\n\
         {rules}[log]\nfilter = \"warn\"\n",
        data = quoted(&folder.join("data")),
        listen = arguments.listen,
        access = quoted(&files.access_log),
        eve = quoted(&files.eve),
        rules = rules.unwrap_or_default(),
    )
}
