//! Senders without acknowledgements: syslog over TCP and UDP, a file that grows.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;

use super::Drive;
use crate::bench::content::Content;
use crate::bench::mix::Stream;
use crate::bench::pace::{Pace, Schedule};
use crate::bench::tally::Seconds;

/// How often a sender looks at what is due.
const TICK: Duration = Duration::from_millis(10);
/// How many events are written at a time.
const CHUNK_EVENTS_MAX: u64 = 500;
/// How long a write may wait before the sender looks whether the run is over.
const WRITE_WAIT: Duration = Duration::from_millis(250);

/// Where records go.
pub(in crate::bench) trait Sink: Send {
    /// Appends a record to what is written next, in this door's framing.
    fn frame(&mut self, record: &[u8], out: &mut Vec<u8>);
    /// Writes; returns false where that was given up. What is written here is delivered, unless the door loses things.
    fn write(&mut self, drive: &Drive, bytes: &[u8]) -> io::Result<bool>;
    /// Whether what is written arrives for certain, as long as the server lives.
    fn is_reliable(&self) -> bool {
        true
    }
    /// Ends in order, and waits until the other side has read all of it.
    fn finish(&mut self, _drive: &Drive) -> io::Result<()> {
        Ok(())
    }
}

/// Sends what is due until the run is over; what waits for the server is late, not left out.
pub(in crate::bench) fn send_stream(
    drive: &Drive,
    stream: &Stream,
    share: f64,
    mut content: Content,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let schedule = Schedule { pace: drive.pace, share };
    let (mut sent, mut bytes, mut record) = (0, Vec::new(), Vec::new());
    while !drive.is_over() {
        let elapsed = drive.start.elapsed();
        let due = schedule.count(elapsed, &drive.leader).saturating_sub(sent).min(CHUNK_EVENTS_MAX);
        if due == 0 {
            std::thread::sleep(TICK);
            continue;
        }
        bytes.clear();
        let serial = drive.serials(due);
        let mut seconds = Seconds::default();
        for number in 0..due {
            let at = if drive.pace == Pace::Flat { elapsed } else { schedule.due(sent + number) };
            let second = drive.second(at);
            seconds.add(second);
            record.clear();
            content.write(second, serial + number, &mut record);
            sink.frame(&record, &mut bytes);
        }
        sent += due;
        drive.tally.sent(stream, &seconds);
        if !sink.write(drive, &bytes)? {
            return Ok(());
        }
        if sink.is_reliable() {
            drive.tally.safe(stream, &seconds);
        }
        if due < CHUNK_EVENTS_MAX && drive.pace != Pace::Flat {
            std::thread::sleep(TICK);
        }
    }
    sink.finish(drive)
}

/// Lines of a connection: RFC 6587, non-transparent framing.
pub(in crate::bench) struct LinesTcp(Connection);

impl LinesTcp {
    /// Connects.
    pub(in crate::bench) fn connect(to: SocketAddr) -> io::Result<Self> {
        Connection::open(to).map(Self)
    }
}

impl Sink for LinesTcp {
    fn frame(&mut self, record: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(record);
        out.push(b'\n');
    }

    fn write(&mut self, drive: &Drive, bytes: &[u8]) -> io::Result<bool> {
        self.0.write(drive, bytes)
    }

    fn finish(&mut self, drive: &Drive) -> io::Result<()> {
        self.0.finish(drive)
    }
}

/// Messages led by their length: RFC 6587, octet counting.
pub(in crate::bench) struct CountedTcp(Connection);

impl CountedTcp {
    /// Connects.
    pub(in crate::bench) fn connect(to: SocketAddr) -> io::Result<Self> {
        Connection::open(to).map(Self)
    }
}

impl Sink for CountedTcp {
    fn frame(&mut self, record: &[u8], out: &mut Vec<u8>) {
        write!(out, "{} ", record.len()).expect("a Vec takes everything that is written to it");
        out.extend_from_slice(record);
    }

    fn write(&mut self, drive: &Drive, bytes: &[u8]) -> io::Result<bool> {
        self.0.write(drive, bytes)
    }

    fn finish(&mut self, drive: &Drive) -> io::Result<()> {
        self.0.finish(drive)
    }
}

struct Connection(TcpStream);

impl Connection {
    fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITE_WAIT))?;
        stream.set_read_timeout(Some(WRITE_WAIT))?;
        Ok(Self(stream))
    }

    fn write(&mut self, drive: &Drive, mut bytes: &[u8]) -> io::Result<bool> {
        while !bytes.is_empty() {
            match self.0.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(length) => bytes = &bytes[length..],
                Err(error) if is_wait(&error) && !drive.gives_up() => {}
                Err(error) if is_wait(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Says that nothing more comes, and waits for the server to say the same once it has read everything.
    fn finish(&mut self, drive: &Drive) -> io::Result<()> {
        self.0.shutdown(std::net::Shutdown::Write)?;
        let mut buffer = [0; 64];
        loop {
            match self.0.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if is_wait(&error) && !drive.gives_up() => {}
                Err(error) if is_wait(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// A message a datagram: RFC 5426.
pub(in crate::bench) struct Udp(UdpSocket);

impl Udp {
    /// Opens a socket towards the listener.
    pub(in crate::bench) fn connect(to: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect(to)?;
        Ok(Self(socket))
    }
}

impl Sink for Udp {
    fn frame(&mut self, record: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(record);
        out.push(b'\n');
    }

    fn write(&mut self, _drive: &Drive, bytes: &[u8]) -> io::Result<bool> {
        for message in bytes.split(|byte| *byte == b'\n').filter(|message| !message.is_empty()) {
            // A full buffer of ours or a listener that is away: the datagram is lost, as datagrams are.
            drop(self.0.send(message));
        }
        Ok(true)
    }

    fn is_reliable(&self) -> bool {
        false
    }
}

/// A file that grows by lines.
pub(in crate::bench) struct FileLines(File);

impl FileLines {
    /// Opens the file, at its end.
    pub(in crate::bench) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().create(true).append(true).open(path).map(Self)
    }
}

impl Sink for FileLines {
    fn frame(&mut self, record: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(record);
        out.push(b'\n');
    }

    fn write(&mut self, _drive: &Drive, bytes: &[u8]) -> io::Result<bool> {
        self.0.write_all(bytes).map(|()| true)
    }
}
