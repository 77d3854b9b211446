//! What the events say: records as real products write them, made from a seed.
//!
//! Each kind of source has some hundred templates, drawn with the shares that such a source has on an ordinary day; each
//! event fills one in. Names come from the documentation ranges (RFC 5737, RFC 2606). Little of it matches a rule: on a
//! host that is not under attack little does.

mod cloud;
mod host;
mod network;
mod template;
mod web;
mod windows;

use fastrand::Rng;

use super::mix::Kind;
use template::{Stamp, Template};

/// How many templates a kind has.
const TEMPLATES: usize = 512;

/// The records of one kind.
#[derive(Debug, Clone)]
pub(super) struct Content {
    kind: Kind,
    templates: Vec<Template>,
    second: i64,
    stamp: Stamp,
}

impl Content {
    /// Returns the records of a kind as a seed makes them.
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ (kind as u64) << 56);
        let make: fn(&mut Rng) -> String = match kind {
            Kind::Auth | Kind::AuthUdp => host::line,
            Kind::Web => web::line,
            Kind::CloudTrail => cloud::record,
            Kind::Windows => windows::event,
            Kind::Flow => network::flow,
            Kind::Eve => network::eve,
        };
        let templates = (0..TEMPLATES).map(|_| Template::new(&make(&mut rng))).collect();
        Self { kind, templates, second: i64::MIN, stamp: Stamp::default() }
    }

    /// Appends the record of an event that happens in this second, without a line end. The serial makes it unlike all others.
    pub(super) fn write(&mut self, second: i64, serial: u64, out: &mut Vec<u8>) {
        if second != self.second {
            self.second = second;
            self.stamp = Stamp::new(second, form(self.kind));
        }
        let place = serial as usize % self.templates.len();
        self.templates[place].write(&self.stamp, serial, out);
    }
}

/// Returns how a kind writes times, as `strftime(3)` says it.
fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth | Kind::AuthUdp | Kind::CloudTrail => "%Y-%m-%dT%H:%M:%SZ",
        Kind::Web => "%d/%b/%Y:%H:%M:%S +0000",
        Kind::Windows => "%Y-%m-%dT%H:%M:%S.000Z",
        Kind::Flow => "%s",
        Kind::Eve => "%Y-%m-%dT%H:%M:%S.000000+0000",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use vigie_ingest::{BatchName, Sources, normalise, split};
    use vigie_model::{Logsource, TenantId, Timestamp};

    use super::*;

    const SECOND: i64 = 1_790_000_000;

    /// What the server makes of every template: one event each, at the second asked for, with no dead letter.
    #[test]
    fn every_record_is_read_as_meant() {
        for kind in Kind::ALL {
            let mut content = Content::new(kind, 7);
            let mut body = Vec::new();
            for serial in 0..TEMPLATES as u64 {
                content.write(SECOND + serial as i64 % 2, serial, &mut body);
                body.push(b'\n');
            }
            let sources = Sources::builtin();
            let source = sources.get(&kind.source()).unwrap();
            let tenant = TenantId::new("acme").unwrap();
            let cut = split(source, &tenant, BatchName::new("b"), body.into(), None, Timestamp::EPOCH);
            assert!(cut.dead.is_empty(), "{kind}: {:?}", cut.dead[0].reason);
            let read = normalise(&sources, &cut.records);
            assert!(read.dead.is_empty(), "{kind}: {:?}", read.dead[0].reason);
            assert_eq!(read.events.len(), TEMPLATES, "{kind}");
            let natives: BTreeSet<Arc<[u8]>> = read.events.iter().map(|event| event.native.as_ref().into()).collect();
            assert_eq!(natives.len(), TEMPLATES, "{kind}: two records are equal");
            for (serial, event) in read.events.iter().enumerate() {
                assert_eq!(event.time, Timestamp::from_seconds(SECOND + serial as i64 % 2), "{kind}: {event:?}");
                assert_ne!(event.envelope.logsource, Logsource::default(), "{kind}: {event:?}");
            }
        }
    }

    #[test]
    fn a_seed_makes_the_same_records_and_another_seed_others() {
        for kind in Kind::ALL {
            assert_eq!(Content::new(kind, 1).templates, Content::new(kind, 1).templates, "{kind}");
            assert_ne!(Content::new(kind, 1).templates, Content::new(kind, 2).templates, "{kind}");
        }
    }
}
