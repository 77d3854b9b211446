//! What Linux hosts say through syslog: sshd, sudo, cron, systemd. The form is rsyslog's `RSYSLOG_ForwardFormat`.

use fastrand::Rng;

use super::template::{one_of, weighted};

const PEOPLE: [&str; 12] =
    ["alice", "bruno", "chloe", "david", "emma", "farid", "gaelle", "hugo", "ines", "jules", "karim", "lea"];
const COMMANDS: [&str; 6] = [
    "/usr/bin/systemctl reload nginx",
    "/usr/bin/journalctl -u nginx --since today",
    "/usr/bin/apt-get update",
    "/usr/bin/tail -n 200 /var/log/nginx/error.log",
    "/usr/sbin/ss -tlnp",
    "/usr/bin/docker ps",
];
const UNITS: [&str; 5] =
    ["logrotate.service", "apt-daily.service", "certbot.service", "nginx.service", "fstrim.service"];

/// Returns a line with gaps.
pub(super) fn line(rng: &mut Rng) -> String {
    let host = format!("{}-{:02}", one_of(rng, &["web", "db", "app", "bastion", "build"]), rng.u8(1..40));
    let (who, uid) = (one_of(rng, &PEOPLE), rng.u16(1_000..1_100));
    let office = format!("192.0.2.{}", rng.u8(10..60));
    let kind = weighted(rng, &[(20, 0), (16, 1), (12, 2), (4, 3), (14, 4), (12, 5), (14, 6), (8, 7)]);
    let (priority, program, text) = match kind {
        0 => (
            86,
            "sshd[$serial$]",
            format!(
                "Accepted publickey for {who} from {office} port $port$ ssh2: ED25519 SHA256:$hex$P/5633yTC4d/wXE$hex$"
            ),
        ),
        1 => (
            86,
            "sshd[$serial$]",
            format!("pam_unix(sshd:session): session opened for user {who}(uid={uid}) by (uid=0)"),
        ),
        2 => (86, "sshd[$serial$]", format!("Received disconnect from {office} port $port$:11: disconnected by user")),
        // Somebody mistypes; each from another address, so that it is no attack.
        3 => (86, "sshd[$serial$]", format!("Failed password for {who} from $address$ port $port$ ssh2")),
        4 => {
            let command = one_of(rng, &COMMANDS);
            let tty = rng.u8(..9);
            (85, "sudo", format!("{who} : TTY=pts/{tty} ; PWD=/home/{who} ; USER=root ; COMMAND={command}")) // tidy: allow
        }
        5 => {
            (86, "CRON[$serial$]", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)".to_owned())
        }
        6 => (30, "systemd[1]", format!("{}: Deactivated successfully, job $serial$.", one_of(rng, &UNITS))),
        _ => {
            let upstream = rng.u8(1..9);
            (30, "haproxy[$serial$]", format!("Server app/web{upstream} is UP, $port$ sessions active, 0 requeued"))
        }
    };
    let more = if program == "sudo" { " # $serial$" } else { "" };
    format!("<{priority}>$time$ {host} {program}: {text}{more}")
}
