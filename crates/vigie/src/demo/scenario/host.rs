//! What the Linux hosts say through syslog: RFC 3164 lines as rsyslog sends them.

use fastrand::Rng;
use vigie_model::Timestamp;

use super::super::world::one_of;
use super::{Door, Script, seconds};

/// `<86>`: facility authpriv (10), severity informational (6).
const AUTHPRIV_INFO: u8 = 86;

/// People sign in with keys, mistype now and then, use sudo as they may; cron runs.
pub(super) fn normal_day(script: &mut Script, rng: &mut Rng) {
    for _ in 0..420 {
        let time = script.moment(rng);
        let host = script.world.hosts[rng.usize(..script.world.hosts.len())];
        let person = script.world.people[rng.usize(..script.world.people.len())];
        let (pid, port, office) = (rng.u16(900..), rng.u16(20_000..), script.world.office);
        let mut say = |program: &str, text: String| syslog(script, time, host, program, Some(pid), &text);
        match rng.u8(..10) {
            0..=3 => {
                let key = "ED25519 SHA256:mVPwvezndPv/ARoIadVY98vAC0g+P/5633yTC4d/wXE";
                say("sshd", format!("Accepted publickey for {person} from {office} port {port} ssh2: {key}"));
                say("sshd", format!("pam_unix(sshd:session): session opened for user {person}(uid=1001) by (uid=0)"));
            }
            4..=6 => {
                say("CRON", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)".to_owned());
                say("CRON", "pam_unix(cron:session): session closed for user root".to_owned());
            }
            7 => say("sshd", format!("Received disconnect from {office} port {port}:11: disconnected by user")),
            8 => {
                let command = one_of(
                    rng,
                    &["/usr/bin/systemctl reload nginx", "/usr/bin/journalctl -u nginx", "/usr/bin/apt-get update"],
                );
                let text = format!("{person} : TTY=pts/0 ; PWD=/home/{person} ; USER=root ; COMMAND={command}");
                syslog(script, time, host, "sudo", None, &text);
            }
            _ => say("sshd", format!("Failed password for {person} from {office} port {port} ssh2")),
        }
    }
}

/// The attacker guesses passwords until one fits. Returns when.
pub(super) fn brute_force(script: &mut Script, rng: &mut Rng, start: Timestamp) -> Timestamp {
    let (attacker, victim, host) = (script.world.attacker, script.world.victim, script.world.hosts[0]);
    script.chapter(start, format!("{attacker} guesses passwords over SSH on {host}"));
    let mut time = start;
    let names = ["root", "admin", "test", "oracle", "postgres", "git", "pi", "user"];
    for _ in 0..rng.u32(36..60) {
        let (pid, port) = (rng.u16(2_000..), rng.u16(30_000..));
        let guessed = if rng.u8(..3) == 0 { victim } else { one_of(rng, &names) };
        let invalid = if guessed == victim || guessed == "root" { "" } else { "invalid user " };
        if !invalid.is_empty() {
            syslog(
                script,
                time,
                host,
                "sshd",
                Some(pid),
                &format!("Invalid user {guessed} from {attacker} port {port}"),
            );
        }
        let text = format!("Failed password for {invalid}{guessed} from {attacker} port {port} ssh2");
        syslog(script, time, host, "sshd", Some(pid), &text);
        time = time.plus(seconds(0.6 + rng.f64() * 1.2));
    }
    time = time.plus(seconds(2.0));
    script.chapter(time, format!("the password of {victim} is found: {attacker} is on {host}"));
    let (pid, port) = (rng.u16(2_000..), rng.u16(30_000..));
    syslog(
        script,
        time,
        host,
        "sshd",
        Some(pid),
        &format!("Accepted password for {victim} from {attacker} port {port} ssh2"),
    );
    let text = format!("pam_unix(sshd:session): session opened for user {victim}(uid=1005) by (uid=0)");
    syslog(script, time, host, "sshd", Some(pid), &text);
    time
}

/// The attacker becomes root and makes sure of coming back. Returns when that is done.
pub(super) fn take_over(script: &mut Script, rng: &mut Rng, start: Timestamp) -> Timestamp {
    let (victim, backdoor, host) = (script.world.victim, script.world.backdoor_user, script.world.hosts[0]);
    script.chapter(start, format!("{victim} turns root with sudo, adds the account {backdoor} and an SSH key"));
    let mut time = start;
    let mut next = |step: f64| {
        time = time.plus(seconds(step));
        time
    };
    let denied = format!(
        "{victim} : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/home/{victim} ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow"
    );
    syslog(script, next(2.0), host, "sudo", None, &denied);
    let outside =
        format!("{victim} : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/{victim} ; USER=root ; COMMAND=/usr/bin/su -");
    syslog(script, next(3.0), host, "sudo", None, &outside);
    let mut sudo = |time: Timestamp, command: &str| {
        let text = format!("{victim} : TTY=pts/1 ; PWD=/home/{victim} ; USER=root ; COMMAND={command}");
        syslog(script, time, host, "sudo", None, &text);
    };
    sudo(next(6.0), "/usr/bin/vim -c :!/bin/sh");
    sudo(next(5.0), "/bin/bash");
    sudo(next(4.0), "/usr/bin/tee -a /root/.ssh/authorized_keys"); // tidy: allow
    sudo(next(4.0), &format!("/usr/sbin/useradd -m -G sudo -s /bin/bash {backdoor}"));
    let pid = rng.u16(3_000..);
    let time = next(0.2);
    let added = format!(
        "new user: name={backdoor}, UID=1099, GID=1099, home=/home/{backdoor}, shell=/bin/bash, from=/dev/pts/1"
    );
    syslog(script, time, host, "useradd", Some(pid), &added);
    syslog(script, time, host, "useradd", Some(pid), &format!("add '{backdoor}' to group 'sudo'"));
    syslog(script, time, host, "useradd", Some(pid), &format!("add '{backdoor}' to shadow group 'sudo'"));
    let read =
        format!("{victim} : TTY=pts/1 ; PWD=/srv/app ; USER=root ; COMMAND=/usr/bin/cat /srv/app/.aws/credentials");
    syslog(script, time.plus(seconds(20.0)), host, "sudo", None, &read);
    time.plus(seconds(20.0))
}

/// Somebody else guesses passwords on another host and gets nowhere: an alert of its own, no part of the case.
pub(super) fn bystander(script: &mut Script, rng: &mut Rng, start: Timestamp) {
    let (bystander, host) = (script.world.bystander, script.world.hosts[3]);
    let mut time = start.plus(seconds(rng.f64() * 60.0));
    for _ in 0..rng.u32(12..20) {
        let (pid, port) = (rng.u16(2_000..), rng.u16(30_000..));
        syslog(
            script,
            time,
            host,
            "sshd",
            Some(pid),
            &format!("Failed password for root from {bystander} port {port} ssh2"),
        );
        time = time.plus(seconds(1.0 + rng.f64() * 2.0));
    }
}

fn syslog(script: &mut Script, time: Timestamp, host: &str, program: &str, pid: Option<u16>, text: &str) {
    let stamp = time.to_jiff().strftime("%b %e %H:%M:%S");
    let tag = pid.map_or_else(|| program.to_owned(), |pid| format!("{program}[{pid}]"));
    script.beat(time, Door::Syslog, format!("<{AUTHPRIV_INFO}>{stamp} {host} {tag}: {text}"));
}
