//! The syslog listeners, on loopback and port 0.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vigie_ingest::{
    Batch, ReceiverCounters, Sources, SyslogSettings, bind_tcp, bind_udp, normalise, receive_syslog_tcp,
    receive_syslog_udp,
};

use crate::{source, tenant};

struct Running {
    address: SocketAddr,
    batches: mpsc::Receiver<Batch>,
    counters: Arc<ReceiverCounters>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

fn settings() -> SyslogSettings {
    SyslogSettings::new(tenant(), source("syslog"), "test")
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn tcp(settings: SyslogSettings) -> Running {
    let listener = bind_tcp(loopback()).unwrap();
    let (sink, batches) = mpsc::channel(1);
    let (counters, stop) = (Arc::new(ReceiverCounters::default()), CancellationToken::new());
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(receive_syslog_tcp(listener, settings, sink, Arc::clone(&counters), stop.clone()));
    Running { address, batches, counters, stop, task }
}

fn udp(settings: SyslogSettings) -> Running {
    let socket = bind_udp(loopback()).unwrap();
    let (sink, batches) = mpsc::channel(1);
    let (counters, stop) = (Arc::new(ReceiverCounters::default()), CancellationToken::new());
    let address = socket.local_addr().unwrap();
    let task = tokio::spawn(receive_syslog_udp(socket, settings, sink, Arc::clone(&counters), stop.clone()));
    Running { address, batches, counters, stop, task }
}

impl Running {
    /// Takes batches until there are so many records and dead letters; returns the messages and the codes.
    async fn take(&mut self, count: usize) -> (Vec<String>, Vec<String>) {
        let (mut records, mut dead) = (Vec::new(), Vec::new());
        while records.len() + dead.len() < count {
            let batch = tokio::time::timeout(Duration::from_secs(20), self.batches.recv()).await.unwrap().unwrap();
            records.extend(batch.records.iter().map(|record| String::from_utf8_lossy(&record.bytes).into_owned()));
            dead.extend(batch.dead.into_iter().map(|letter| letter.code));
        }
        (records, dead)
    }

    async fn end(self) {
        self.stop.cancel();
        drop(self.batches);
        self.task.await.unwrap();
    }
}

async fn wait_for(counter: &AtomicU64, value: u64) {
    let reached = async {
        while counter.load(Ordering::Relaxed) < value {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.unwrap();
}

#[tokio::test]
async fn tcp_takes_both_framings() {
    let mut running = tcp(settings());
    let mut lines = TcpStream::connect(running.address).await.unwrap();
    lines.write_all(b"<34>one\n<34>two\r\n<34>three").await.unwrap();
    lines.shutdown().await.unwrap();
    assert_eq!(running.take(3).await.0, ["<34>one", "<34>two", "<34>three"]);
    let mut counted = TcpStream::connect(running.address).await.unwrap();
    counted.write_all(b"8 <34>four9 <34>\nfive7 <34>c").await.unwrap();
    counted.shutdown().await.unwrap();
    let (records, dead) = running.take(3).await;
    assert_eq!(records, ["<34>four", "<34>\nfive"]);
    assert_eq!(dead, ["truncated_frame"]);
    assert_eq!(running.counters.received.load(Ordering::Relaxed), 5);
    assert_eq!(running.counters.dead.load(Ordering::Relaxed), 1);
    running.end().await;
}

#[tokio::test]
async fn tcp_slows_its_sender_down_while_the_pipeline_is_full() {
    let mut running = tcp(settings());
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let line = format!("<34>{}\n", "x".repeat(1_000));
    let sender = tokio::spawn(async move {
        for _ in 0..20_000 {
            stream.write_all(line.as_bytes()).await.unwrap();
        }
    });
    // Nothing is taken: the sender must stand still long before its 20 MB are through.
    wait_for(&running.counters.received, 1).await;
    let through = tokio::time::timeout(Duration::from_millis(300), async {
        while !sender.is_finished() {
            tokio::task::yield_now().await;
        }
    });
    assert!(through.await.is_err(), "20 MB went into a pipeline that takes nothing");
    assert_eq!(running.take(20_000).await.0.len(), 20_000);
    sender.await.unwrap();
    running.end().await;
}

#[tokio::test]
async fn tcp_caps_connections_and_closes_silent_ones() {
    let running = tcp(SyslogSettings { connections_max: 1, idle_timeout: Duration::from_millis(200), ..settings() });
    let mut first = TcpStream::connect(running.address).await.unwrap();
    wait_for(&running.counters.opened, 1).await;
    let mut second = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(second.read(&mut [0; 1]).await.unwrap_or(0), 0, "the second connection is closed at once");
    wait_for(&running.counters.refused, 1).await;
    assert_eq!(first.read(&mut [0; 1]).await.unwrap_or(0), 0, "the first one after its silence");
    wait_for(&running.counters.idled, 1).await;
    running.end().await;
}

#[tokio::test]
async fn tcp_turns_a_huge_line_into_a_dead_letter() {
    let mut running = tcp(SyslogSettings { message_bytes_max: 1_000, ..settings() });
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(format!("<34>{}\n<34>next\n", "x".repeat(300_000)).as_bytes()).await.unwrap();
    let (records, dead) = running.take(2).await;
    assert_eq!((records, dead), (vec!["<34>next".to_owned()], vec!["too_long".to_owned()]));
    running.end().await;
}

#[tokio::test]
async fn udp_takes_datagrams_and_counts_what_it_drops() {
    let mut running = udp(SyslogSettings { pending_max: 10, batch_records_max: 5, ..settings() });
    let socket = UdpSocket::bind(loopback()).await.unwrap();
    for number in 0..100 {
        socket.send_to(format!("<34>{number}\n").as_bytes(), running.address).await.unwrap();
        wait_for(&running.counters.bytes, (0..=number).map(|n: u64| if n < 10 { 6 } else { 7 }).sum()).await;
    }
    let dropped = running.counters.dropped.load(Ordering::Relaxed);
    assert!(dropped >= 80, "{dropped}");
    let (records, _) = running.take(100 - usize::try_from(dropped).unwrap()).await;
    assert_eq!(records[0], "<34>0");
    running.end().await;
}

#[tokio::test]
async fn datagrams_become_events_of_their_own() {
    let mut running = udp(settings());
    let socket = UdpSocket::bind(loopback()).await.unwrap();
    for _ in 0..2 {
        let line = b"<38>Mar  1 00:00:07 web sshd[9]: Failed password for root from 203.0.113.7 port 22 ssh2";
        socket.send_to(line, running.address).await.unwrap();
    }
    let mut events = Vec::new();
    while events.len() < 2 {
        let batch = running.batches.recv().await.unwrap();
        events.extend(normalise(&Sources::builtin(), &batch.records).events);
    }
    assert_eq!(events[0].envelope.message, "Failed password for root from 203.0.113.7");
    assert_ne!(events[0].id, events[1].id);
    running.end().await;
}
