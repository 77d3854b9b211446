//! What listens for records besides the API.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;
use vigie_ingest::{
    ReceiverCounters, Sources, SyslogSettings, TailSettings, bind_tcp, bind_udp, receive_syslog_tcp,
    receive_syslog_udp, tail,
};
use vigie_model::SourceName;

use super::ServeError;
use crate::app::App;
use crate::config::{Config, Syslog, SyslogProtocol};

enum Socket {
    Udp(UdpSocket),
    Tcp(TcpListener),
}

struct Listener {
    settings: Syslog,
    address: SocketAddr,
    socket: Socket,
    counters: Arc<ReceiverCounters>,
}

/// Listeners that are bound but do not receive yet, and files that are not followed yet.
pub(super) struct Receivers {
    listeners: Vec<Listener>,
    tails: Vec<(crate::config::Tail, Arc<ReceiverCounters>)>,
}

impl Receivers {
    pub(super) fn bind(config: &Config, sources: &Sources) -> Result<Self, ServeError> {
        let names =
            config.syslog.iter().map(|listener| &listener.source).chain(config.tail.iter().map(|file| &file.source));
        names.into_iter().try_for_each(|name| check_source(name, sources))?;
        let mut listeners = Vec::new();
        for settings in &config.syslog {
            let failed = |source| ServeError::Bind { address: settings.listen, source };
            let (socket, address) = match settings.protocol {
                SyslogProtocol::Udp => {
                    let socket = bind_udp(settings.listen).map_err(failed)?;
                    let address = socket.local_addr().map_err(failed)?;
                    (Socket::Udp(socket), address)
                }
                SyslogProtocol::Tcp => {
                    let listener = bind_tcp(settings.listen).map_err(failed)?;
                    let address = listener.local_addr().map_err(failed)?;
                    (Socket::Tcp(listener), address)
                }
            };
            listeners.push(Listener { settings: settings.clone(), address, socket, counters: Arc::default() });
        }
        let tails = config.tail.iter().map(|file| (file.clone(), Arc::default())).collect();
        Ok(Self { listeners, tails })
    }

    pub(super) fn addresses(&self) -> Vec<(SyslogProtocol, SocketAddr)> {
        self.listeners.iter().map(|listener| (listener.settings.protocol, listener.address)).collect()
    }

    pub(super) fn counters(&self) -> Vec<Arc<ReceiverCounters>> {
        let listeners = self.listeners.iter().map(|listener| Arc::clone(&listener.counters));
        listeners.chain(self.tails.iter().map(|(_, counters)| Arc::clone(counters))).collect()
    }

    /// Begins to receive. The tasks end when the server stops.
    pub(super) fn start(self, app: &Arc<App>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for Listener { settings, address, socket, counters } in self.listeners {
            let run = hex::encode(&app.entropy.id()[..8]);
            let sink = app.pipeline.sender();
            let stop = app.stop.clone();
            match socket {
                Socket::Udp(socket) => {
                    let receiver = format!("syslog-udp-{address}-{run}");
                    let settings = SyslogSettings::new(settings.tenant, settings.source, receiver);
                    tasks.spawn(receive_syslog_udp(socket, settings, sink, counters, stop));
                }
                Socket::Tcp(listener) => {
                    let receiver = format!("syslog-tcp-{address}-{run}");
                    let settings = SyslogSettings::new(settings.tenant, settings.source, receiver);
                    tasks.spawn(receive_syslog_tcp(listener, settings, sink, counters, stop));
                }
            }
        }
        let checkpoints = app.config.data_folder.join("checkpoints");
        for (file, counters) in self.tails {
            let settings = TailSettings::new(file.path, file.tenant, file.source, checkpoints.clone());
            tasks.spawn(tail(settings, app.pipeline.sender(), counters, app.stop.clone()));
        }
        tasks
    }
}

fn check_source(name: &SourceName, sources: &Sources) -> Result<(), ServeError> {
    if sources.get(name).is_some() {
        return Ok(());
    }
    let known = sources.names().collect::<Vec<_>>().join(", ");
    Err(ServeError::Source { name: name.to_string(), known })
}
