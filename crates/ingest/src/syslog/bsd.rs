//! RFC 3164, which describes what was found in the wild and not what should be; and what is found there since.

use std::borrow::Cow;

use vigie_model::Timestamp;

use super::Message;
use crate::times;

/// How long a program's name may be. RFC 3164 says 32; containers and units have longer ones.
const PROGRAM_BYTES_MAX: usize = 128;

/// Takes apart what follows the priority. Whatever is not recognised is text.
pub(super) fn parse(rest: &str, arrival: Timestamp) -> Message<'_> {
    let rest = rest.trim_start();
    let time = times::rfc3164_prefix(rest.as_bytes(), arrival).or_else(|| times::iso_prefix(rest.as_bytes()));
    let after = time.and_then(|(time, after)| Some((time, rest.get(rest.len() - after.len()..)?)));
    let Some((time, after)) = after.filter(|(_, after)| after.starts_with([' ', ':'])) else {
        return with_tag(None, None, rest);
    };
    // A colon after the time is Cisco's, which names no host here.
    if let Some(after) = after.strip_prefix(':') {
        return with_tag(Some(time), None, after.trim_start());
    }
    let after = after.trim_start();
    if tag(after).is_some() {
        return with_tag(Some(time), None, after);
    }
    let (hostname, text) = after.split_once(' ').unwrap_or((after, ""));
    with_tag(Some(time), Some(hostname), text.trim_start())
}

fn with_tag<'a>(time: Option<Timestamp>, hostname: Option<&'a str>, text: &'a str) -> Message<'a> {
    let mut message = Message { time, text: Cow::Borrowed(text), ..Message::default() };
    message.hostname = hostname.filter(|name| !name.is_empty()).map(Cow::Borrowed);
    if let Some((program, pid, text)) = tag(text) {
        message.program = Some(Cow::Borrowed(program));
        message.pid = pid;
        message.text = Cow::Borrowed(text);
    }
    message
}

/// Reads `program[pid]:` or `program:`; returns name, process id and what follows. `sshd(pam_unix)[9]:`, as older PAM
/// modules write it, is the program `sshd`.
fn tag(text: &str) -> Option<(&str, Option<u32>, &str)> {
    let end = text.find([':', '[', ' ', '('])?;
    let program = &text[..end];
    if program.is_empty() || program.len() > PROGRAM_BYTES_MAX {
        return None;
    }
    let mut rest = &text[end..];
    if let Some(module) = rest.strip_prefix('(') {
        rest = module.split_once(')')?.1;
    }
    let mut pid = None;
    if let Some(bracket) = rest.strip_prefix('[') {
        let (number, after) = bracket.split_once(']')?;
        pid = number.parse().ok();
        rest = after;
    }
    let rest = rest.strip_prefix(':')?;
    // `2001:db8::1 app: …` is an address, `12:00:00 …` a clock: a tag's colon is followed by a blank or ends the line.
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| (program, pid, rest.trim_start()))
}
