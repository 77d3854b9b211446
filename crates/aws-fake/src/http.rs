//! As much of HTTP/1.1 as the client speaks.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use crate::received::{Received, Reply};

/// Answers every request of a connection, until the other side closes it.
pub(crate) fn serve(stream: &TcpStream, answer: impl Fn(&Received) -> Reply) {
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = read(&mut reader) {
        let Reply { status, content_type, body } = answer(&Received::read(&headers, &body));
        // In one piece: a second one would wait until the other side says that it has the first.
        let reply = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut writer = stream;
        if writer.write_all(reply.as_bytes()).is_err() {
            break;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<(BTreeMap<String, String>, String)> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((headers, String::from_utf8(body).ok()?))
}
