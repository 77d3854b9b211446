//! What the programs write, and which rules it is for.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use vigie_model::{Class, Outcome};

use super::patterns::PATTERNS;

/// The programs that this source reads, by what their lines are routed as.
const PROGRAMS: [(&str, &str); 34] = [
    ("sshd", "sshd"),
    ("sshd-session", "sshd"),
    ("sshd-auth", "sshd"),
    ("dropbear", "sshd"),
    ("sudo", "sudo"),
    ("sudo-rs", "sudo"),
    ("cron", "cron"),
    ("CRON", "cron"),
    ("crond", "cron"),
    ("crontab", "cron"),
    ("anacron", "cron"),
    ("su", "auth"),
    ("su-l", "auth"),
    ("login", "auth"),
    ("runuser", "auth"),
    ("pkexec", "auth"),
    ("polkitd", "auth"),
    ("doas", "auth"),
    ("useradd", "auth"),
    ("userdel", "auth"),
    ("usermod", "auth"),
    ("adduser", "auth"),
    ("deluser", "auth"),
    ("groupadd", "auth"),
    ("groupdel", "auth"),
    ("groupmod", "auth"),
    ("gpasswd", "auth"),
    ("passwd", "auth"),
    ("chpasswd", "auth"),
    ("chage", "auth"),
    ("systemd-logind", "auth"),
    ("gdm-password", "auth"),
    ("lightdm", "auth"),
    ("unix_chkpwd", "auth"),
];

/// Returns whether a program's lines are this source's.
pub(crate) fn is_auth_program(program: &str) -> bool {
    PROGRAMS.iter().any(|(name, _)| *name == program)
}

/// Returns Sigma's service for a program.
pub(super) fn service(program: &str) -> &'static str {
    PROGRAMS.iter().find(|(name, _)| *name == program).map_or("auth", |(_, service)| service)
}

/// One kind of line.
pub(super) struct Pattern {
    /// The programs that write it, separated by blanks; empty for any, which is for PAM's modules.
    pub(super) programs: &'static str,
    /// The line, its parts named as the document's fields.
    pub(super) regex: &'static str,
    /// The document's `action`.
    pub(super) action: &'static str,
    pub(super) outcome: Outcome,
    pub(super) class: Class,
}

struct Compiled {
    pattern: &'static Pattern,
    regex: Regex,
}

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let compile = |pattern: &'static Pattern| Compiled {
        pattern,
        regex: Regex::new(pattern.regex).expect("the patterns are constants, and a test compiles them"),
    };
    PATTERNS.iter().map(compile).collect()
});

/// A line understood.
pub(super) struct Entry<'t> {
    pub(super) action: &'static str,
    pub(super) outcome: Outcome,
    pub(super) class: Class,
    /// The named parts, in the order of the pattern.
    pub(super) parts: Vec<(&'static str, Cow<'t, str>)>,
}

/// Returns what a program's line says, or `None` where it is none of the known ones.
pub(super) fn entry<'t>(program: &str, text: &'t str) -> Option<Entry<'t>> {
    if matches!(program, "sudo" | "sudo-rs")
        && let Some(entry) = sudo(text)
    {
        return Some(entry);
    }
    let family = match program {
        "sshd-session" | "sshd-auth" => "sshd",
        "su-l" | "runuser" => "su",
        "crond" | "CRON" | "anacron" => "cron",
        other => other,
    };
    COMPILED.iter().find_map(|compiled| {
        let pattern = compiled.pattern;
        if !pattern.programs.is_empty() && !pattern.programs.split(' ').any(|name| name == family) {
            return None;
        }
        let captures = compiled.regex.captures(text)?;
        let parts = parts(&compiled.regex, &captures);
        Some(Entry { action: pattern.action, outcome: pattern.outcome, class: pattern.class, parts })
    })
}

fn parts<'t>(regex: &'static Regex, captures: &Captures<'t>) -> Vec<(&'static str, Cow<'t, str>)> {
    regex
        .capture_names()
        .flatten()
        .filter_map(|name| captures.name(name).map(|part| (name, Cow::Borrowed(part.as_str()))))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect()
}

/// Reads sudo's own line, `alice : reason ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id`. A reason stands there only
/// where sudo refused.
fn sudo(text: &str) -> Option<Entry<'_>> {
    let (user, rest) = text.trim_start().split_once(" : ")?;
    let (head, command) = match rest.split_once("COMMAND=") {
        Some((head, command)) => (head, Some(command)),
        None => (rest, None),
    };
    let mut parts = vec![("user", Cow::Borrowed(user.trim_end()))];
    let mut reason = None;
    for part in head.split(" ; ").map(str::trim).filter(|part| !matches!(*part, "" | ";")) {
        let part = part.trim_end_matches(" ;");
        match part.split_once('=') {
            Some(("TTY", value)) => parts.push(("tty", Cow::Borrowed(value))),
            Some(("PWD", value)) => parts.push(("cwd", Cow::Borrowed(value))),
            Some(("USER", value)) => parts.push(("target_user", Cow::Borrowed(value))),
            Some(("GROUP", value)) => parts.push(("target_group", Cow::Borrowed(value))),
            Some((name, _)) if name.bytes().all(|byte| byte.is_ascii_uppercase()) => {}
            _ => reason = Some(part),
        }
    }
    if command.is_none() && reason.is_none() {
        return None;
    }
    if let Some(command) = command {
        parts.push(("command", Cow::Borrowed(command)));
    }
    if let Some(reason) = reason {
        parts.push(("reason", Cow::Borrowed(reason)));
    }
    let denied = reason.is_some();
    Some(Entry {
        action: if denied { "sudo_denied" } else { "sudo_command" },
        outcome: if denied { Outcome::Failure } else { Outcome::Success },
        class: Class::ProcessActivity,
        parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(program: &str, text: &str, expected: &str) {
        let found = entry(program, text).map_or("none".to_owned(), |entry| {
            let parts: Vec<String> = entry.parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {}", entry.action, parts.join(","))
        });
        assert_eq!(found.trim_end(), expected, "{text}");
    }

    #[test]
    fn sshd() {
        check(
            "sshd",
            "Failed password for root from 203.0.113.7 port 22 ssh2",
            "login_failed method=password,user=root,src_ip=203.0.113.7,src_port=22",
        );
        check(
            "sshd",
            "Failed password for invalid user admin from 203.0.113.7 port 22 ssh2",
            "login_failed method=password,invalid=invalid user,user=admin,src_ip=203.0.113.7,src_port=22",
        );
        // The account is the attacker's to choose: only the last address is sshd's.
        check(
            "sshd",
            "Failed password for invalid user x from 192.0.2.1 port 1 from 203.0.113.7 port 22 ssh2",
            "login_failed method=password,invalid=invalid user,user=x from 192.0.2.1 port 1,src_ip=203.0.113.7,src_port=22",
        );
        check(
            "sshd-session",
            "Accepted publickey for deploy from 2001:db8::1 port 9 ssh2: ED25519 SHA256:abc",
            "login_success method=publickey,user=deploy,src_ip=2001:db8::1,src_port=9,key=ED25519 SHA256:abc",
        );
        check("sshd", "Invalid user  from 203.0.113.7 port 22", "invalid_user src_ip=203.0.113.7,src_port=22");
        check(
            "sshd",
            "Connection closed by authenticating user root 203.0.113.7 port 22 [preauth]",
            "connection_closed user=root,src_ip=203.0.113.7,src_port=22",
        );
        check(
            "sshd",
            "Disconnected from user alice 203.0.113.7 port 22",
            "disconnected user=alice,src_ip=203.0.113.7,src_port=22",
        );
        check(
            "sshd",
            "pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)",
            "session_opened pam_service=sshd,target_user=alice",
        );
        check(
            "sshd",
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root",
            "login_failed pam_service=sshd,tty=ssh,src_ip=203.0.113.7,target_user=root",
        );
        check("sshd", "Server listening on 0.0.0.0 port 22.", "none");
    }

    #[test]
    fn privileges() {
        check(
            "sudo",
            "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh -c 'a ; b'",
            "sudo_command user=alice,tty=pts/0,cwd=/home/alice,target_user=root,command=/bin/sh -c 'a ; b'",
        );
        check(
            "sudo",
            "bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id",
            "sudo_denied user=bob,tty=pts/1,cwd=/,target_user=root,command=/bin/id,reason=user NOT in sudoers",
        );
        check(
            "sudo",
            "pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)",
            "session_opened pam_service=sudo,target_user=root,user=alice",
        );
        check("su", "(to root) alice on pts/0", "su_success target_user=root,user=alice,tty=pts/0");
        check("su", "FAILED SU (to root) alice on pts/0", "su_failed target_user=root,user=alice,tty=pts/0");
        check(
            "su",
            "pam_unix(su:auth): authentication failure; logname=alice uid=1000 euid=0 tty=pts/0 ruser=alice rhost=  user=root",
            "su_failed pam_service=su,tty=pts/0,user=alice,target_user=root",
        );
    }

    #[test]
    fn accounts_and_jobs() {
        check(
            "useradd",
            "new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/0",
            "user_added target_user=eve,uid=1001,gid=1001,home=/home/eve,shell=/bin/bash,tty=/dev/pts/0",
        );
        check("userdel", "delete user 'eve'", "user_deleted target_user=eve");
        check("usermod", "add 'eve' to group 'sudo'", "group_member_added target_user=eve,target_group=sudo");
        check("usermod", "change user 'eve' password", "user_changed target_user=eve,changed=password");
        check("groupadd", "new group: name=staff, GID=50", "group_added target_group=staff,gid=50");
        check(
            "passwd",
            "pam_unix(passwd:chauthtok): password changed for eve",
            "password_changed pam_service=passwd,target_user=eve",
        );
        check(
            "CRON",
            "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)",
            "cron_command user=root,command=cd / && run-parts --report /etc/cron.hourly",
        );
        check("crontab", "(eve) REPLACE (eve)", "crontab_changed user=eve,target_user=eve");
        check("systemd-logind", "New session 5 of user alice.", "session_opened session=5,target_user=alice");
    }
}
