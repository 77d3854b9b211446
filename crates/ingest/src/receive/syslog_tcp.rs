//! Syslog over TCP: RFC 6587.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use super::{Batch, BatchSender, Deframer, Frame, ReceiverCounters, SyslogSettings, add};

/// How much is read from a connection at once.
const READ_BYTES: usize = 64 * 1024;
/// How many connections wait to be accepted.
const BACKLOG: i32 = 1_024;
/// How long to wait after an accept that failed, for instance because no file descriptor was left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Returns a listener bound to an address that an earlier run may just have left.
///
/// # Errors
/// Fails where the address is taken or not ours.
pub fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        Some(socket2::Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts syslog connections until `stop`, and hands their messages on in batches. A full pipeline is felt by the senders:
/// nothing is read until there is room. Connections past the settings' number are closed at once and counted, silent ones
/// after the idle time. Returns when all connections are through.
pub async fn receive_syslog_tcp(
    listener: TcpListener,
    settings: SyslogSettings,
    sink: BatchSender,
    counters: Arc<ReceiverCounters>,
    stop: CancellationToken,
) {
    let free = Arc::new(Semaphore::new(settings.connections_max));
    let shared = Arc::new(Shared { settings, sink, counters, stop, sequence: AtomicU64::new(0) });
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "accepting a syslog connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&free).try_acquire_owned() else {
            add(&shared.counters.refused, 1);
            warn!(%peer, "a syslog connection was refused: too many are open");
            continue;
        };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            add(&shared.counters.opened, 1);
            add(&shared.counters.open, 1);
            shared.serve(stream, peer).await;
            shared.counters.open.fetch_sub(1, Ordering::Relaxed);
            drop(permit);
        });
    }
    connections.close();
    connections.wait().await;
    info!(receiver = shared.settings.receiver, "the TCP syslog receiver stopped");
}

struct Shared {
    settings: SyslogSettings,
    sink: BatchSender,
    counters: Arc<ReceiverCounters>,
    stop: CancellationToken,
    sequence: AtomicU64,
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream, peer: SocketAddr) {
        let mut deframer = Deframer::new(self.settings.message_bytes_max);
        let mut buffer = vec![0; READ_BYTES];
        let mut frames = Vec::new();
        loop {
            let read = tokio::select! {
                () = self.stop.cancelled() => break,
                read = timeout(self.settings.idle_timeout, stream.read(&mut buffer)) => read,
            };
            let length = match read {
                Ok(Ok(0)) => break,
                Ok(Ok(length)) => length,
                Ok(Err(error)) => {
                    debug!(%peer, %error, "a syslog connection broke");
                    break;
                }
                Err(_) => {
                    add(&self.counters.idled, 1);
                    break;
                }
            };
            add(&self.counters.bytes, length as u64);
            deframer.push(&buffer[..length], &mut frames);
            if !self.hand_on(&mut frames).await {
                return;
            }
            if deframer.is_lost() {
                debug!(%peer, "a syslog connection was closed: its framing is lost");
                return;
            }
        }
        deframer.finish(&mut frames);
        self.hand_on(&mut frames).await;
    }

    /// Hands the frames on, waiting for room; returns whether there is still a pipeline.
    async fn hand_on(&self, frames: &mut Vec<Frame>) -> bool {
        let mut frames = frames.drain(..).peekable();
        while frames.peek().is_some() {
            let mut batch = Batch::default();
            for frame in frames.by_ref().take(self.settings.batch_records_max.max(1)) {
                let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
                match frame {
                    Frame::Message(bytes, _) => batch.records.push(self.settings.record(sequence, bytes)),
                    Frame::Bad(bytes, _, fault) => batch.dead.push(self.settings.letter(sequence, bytes, &fault)),
                }
            }
            self.counters.count(&batch);
            if self.sink.send(batch).await.is_err() {
                return false;
            }
        }
        true
    }
}
