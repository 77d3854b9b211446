//! What Linux writes about logins, sessions, privileges and accounts: sshd, sudo, su, PAM, the shadow tools, cron.

mod normalise;
mod patterns;
mod schema;

use vigie_model::Record;

use crate::{Fault, Framing, Normalised, Source, json, syslog};

pub(crate) use normalise::draft;
pub(crate) use schema::is_auth_program;

/// Reads `auth.log` and `secure`, and the same lines from syslog senders and the journal.
pub(crate) struct LinuxAuth;

impl Source for LinuxAuth {
    fn name(&self) -> &'static str {
        "linux_auth"
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn read(&self, record: &Record, out: &mut Normalised) {
        let line = json::lossy(&record.bytes);
        let draft = syslog::parse(&line, record.arrival).and_then(|message| {
            // `last message repeated 2 times` names no program, but has the rest of the header.
            if message.program.is_none() && message.time.is_none() {
                return Err(Fault::BadLine { expected: "a syslog line", reason: "no time and no program", offset: 0 });
            }
            Ok(draft(&message))
        });
        out.add(record, 0, record.bytes.clone(), draft);
    }
}
