//! Which sources send, through which doors, in which shares.

use std::fmt;
use std::str::FromStr;

use vigie_model::{SourceName, TenantId};

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// sshd, sudo, cron and systemd, as syslog over TCP: one connection of lines, one of counted octets.
    Auth,
    /// The same over UDP, which cannot be slowed down: what is lost there is counted apart.
    AuthUdp,
    /// An access log, a file that is followed.
    Web,
    /// CloudTrail over HTTP.
    CloudTrail,
    /// Process creations of Windows over HTTP: the dearest for Sigma's rules.
    Windows,
    /// VPC flow logs over HTTP.
    Flow,
    /// Suricata's EVE over HTTP.
    Eve,
}

/// How records of a kind reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    SyslogTcp,
    SyslogUdp,
    File,
    Http,
}

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Auth, Self::AuthUdp, Self::Web, Self::CloudTrail, Self::Windows, Self::Flow, Self::Eve];

    /// Returns the name that `--mix` knows it by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthUdp => "auth_udp",
            Self::Web => "web",
            Self::CloudTrail => "cloudtrail",
            Self::Windows => "windows",
            Self::Flow => "flow",
            Self::Eve => "eve",
        }
    }

    /// Returns the source that reads it.
    pub(super) fn source(self) -> SourceName {
        let name = match self {
            Self::Auth | Self::AuthUdp => "syslog",
            Self::Web => "web_access",
            Self::CloudTrail => "cloudtrail",
            Self::Windows => "windows_event",
            Self::Flow => "vpc_flow",
            Self::Eve => "suricata_eve",
        };
        SourceName::new(name).expect("these are names of sources")
    }

    /// Returns the way in, to a server of our own.
    pub(super) fn door(self) -> Door {
        match self {
            Self::Auth => Door::SyslogTcp,
            Self::AuthUdp => Door::SyslogUdp,
            Self::Web => Door::File,
            Self::CloudTrail | Self::Windows | Self::Flow | Self::Eve => Door::Http,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SyslogTcp => "syslog, TCP",
            Self::SyslogUdp => "syslog, UDP",
            Self::File => "followed file",
            Self::Http => "HTTP",
        })
    }
}

/// Which kinds send, and what part of all events each sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix(Vec<(Kind, u32)>);

/// What is sent where nobody says: about what a mid-sized company with a cloud account has.
pub const MIX_DEFAULT: &str = "auth=22,auth_udp=3,web=20,cloudtrail=10,windows=25,flow=12,eve=8";

/// The largest weight of a kind.
const WEIGHT_MAX: u32 = 1_000_000;

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mix: Vec<(Kind, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').ok_or_else(|| format!("`{part}`: expected KIND=WEIGHT"))?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name.trim()).ok_or_else(|| {
                let known = Kind::ALL.map(Kind::name).join(", ");
                format!("there is no kind `{}`: expected one of {known}", name.trim())
            })?;
            let weight = weight.trim().parse().ok().filter(|weight| *weight <= WEIGHT_MAX);
            let weight = weight.ok_or_else(|| format!("`{part}`: expected a whole number up to {WEIGHT_MAX}"))?;
            if mix.iter().any(|(known, _)| *known == kind) {
                return Err(format!("`{name}` is named twice"));
            }
            mix.push((kind, weight));
        }
        mix.retain(|(_, weight)| *weight > 0);
        if mix.is_empty() {
            return Err("nothing would be sent: give a kind a weight above 0".to_owned());
        }
        Ok(Self(mix))
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(kind, weight)| format!("{kind}={weight}")).collect();
        f.write_str(&parts.join(","))
    }
}

impl Mix {
    /// Returns each kind with its part of all events; the parts add up to 1.
    pub(super) fn shares(&self) -> Vec<(Kind, f64)> {
        let total: u32 = self.0.iter().map(|(_, weight)| weight).sum();
        self.0.iter().map(|(kind, weight)| (*kind, f64::from(*weight) / f64::from(total))).collect()
    }
}

/// Where events are counted together: what the server can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stream {
    pub(super) tenant: TenantId,
    pub(super) source: SourceName,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(Kind, f64)], &str>) {
        let read: Result<Mix, String> = text.parse();
        assert_eq!(read.map(|mix| mix.shares()), expected.map(<[_]>::to_vec).map_err(str::to_owned));
    }

    #[test]
    fn weights_become_shares_and_faults_are_named() {
        check("windows=1", Ok(&[(Kind::Windows, 1.0)]));
        check("auth=3, eve=1,web=0", Ok(&[(Kind::Auth, 0.75), (Kind::Eve, 0.25)]));
        let known = "expected one of auth, auth_udp, web, cloudtrail, windows, flow, eve";
        check("wndows=1", Err(&format!("there is no kind `wndows`: {known}")));
        check("auth", Err("`auth`: expected KIND=WEIGHT"));
        check("auth=-1", Err("`auth=-1`: expected a whole number up to 1000000"));
        check("auth=1000001", Err("`auth=1000001`: expected a whole number up to 1000000"));
        check("auth=1000000", Ok(&[(Kind::Auth, 1.0)]));
        check("auth=1,auth=2", Err("`auth` is named twice"));
        check("auth=0", Err("nothing would be sent: give a kind a weight above 0"));
    }

    #[test]
    fn the_usual_mix_is_itself() {
        let mix: Mix = MIX_DEFAULT.parse().unwrap();
        assert_eq!(mix.to_string(), MIX_DEFAULT);
    }
}
