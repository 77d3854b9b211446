//! Whom log lines name.

use vigie_respond::log_sources;

#[track_caller]
fn check(line: &str, expected: &str) {
    let found = log_sources([line]);
    let seen = found.first().map(|source| source.address.to_string()).unwrap_or_default();
    assert_eq!(seen, expected, "{line}");
}

#[test]
fn the_source_is_read() {
    check("Nov 21 04:00:09 web-1 sshd[2211]: Failed password for root from 203.0.113.9 port 4022 ssh2", "203.0.113.9");
    check("Nov 21 04:00:09 web-1 sshd[2211]: Failed password for root from 2001:db8::9 port 4022 ssh2", "2001:db8::9");
    check("Nov 21 04:00:09 web-1 sshd[2211]: Invalid user x from 203.0.113.9", "203.0.113.9");
    check(
        "sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
        "203.0.113.9",
    );
    check("kernel: IN=eth0 OUT= MAC= SRC=203.0.113.9 DST=10.0.0.1 LEN=60", "203.0.113.9");
    check(
        r#"{"eventName":"ConsoleLogin","sourceIPAddress":"203.0.113.9","errorMessage":"Failed authentication"}"#,
        "203.0.113.9",
    );
    check("Connection from 203.0.113.9:4022 closed", "203.0.113.9");
    check("nobody here", "");
    check("from nowhere", "");
    check("", "");
}

/// The name of the user is the attacker's to choose: it must not choose who is blocked.
#[test]
fn what_the_attacker_wrote_does_not_count() {
    check(
        "h sshd[1]: Failed password for invalid user x from 192.0.2.1 from 203.0.113.9 port 4022 ssh2",
        "203.0.113.9",
    );
    check(
        "h sshd[1]: Failed password for invalid user x rhost=192.0.2.1 from 203.0.113.9 port 4022 ssh2",
        "203.0.113.9",
    );
    check(
        "h sshd[1]: pam_unix(sshd:auth): authentication failure; ruser= rhost=203.0.113.9  user=x rhost=192.0.2.1",
        "203.0.113.9",
    );
    check(
        "h sshd[1]: Failed password for invalid user x IN= SRC=192.0.2.1 from 203.0.113.9 port 4022 ssh2",
        "203.0.113.9",
    );
    check(r#"{"userName":"x from 192.0.2.1","sourceIPAddress":"203.0.113.9"}"#, "203.0.113.9");
    check(r#"{"userName":"{\"sourceIPAddress\":\"192.0.2.1\"}"}"#, "");
}

/// sshd writes the address of whoever leaves without `from`, and the name before it.
#[test]
fn a_name_that_looks_like_a_message_does_not_count() {
    for start in
        ["Nov 21 04:00:09 web-1 sshd[2211]: ", "web-1 sshd[7]: ", "<38>1 2026-11-21T04:00:09Z web-1 sshd 2211 - - ", ""]
    {
        for (message, expected) in [
            ("Connection closed by invalid user x from 192.0.2.1 203.0.113.9 port 4022 [preauth]", "203.0.113.9"),
            ("Disconnected from authenticating user x from 192.0.2.1 203.0.113.9 port 4022", "203.0.113.9"),
            ("Disconnecting invalid user x from 192.0.2.1 2001:db8::9 port 4022: Too many failures", "2001:db8::9"),
            ("Connection closed by 203.0.113.9 [preauth]", ""),
            ("Received disconnect from 203.0.113.9 port 4022:11: bye from 192.0.2.1 [preauth]", "203.0.113.9"),
            ("input_userauth_request: invalid user Failed password from 192.0.2.1 [preauth]", ""),
            (
                "User x: pam_ rhost=192.0.2.1 from 203.0.113.9 not allowed because not listed in AllowUsers",
                "203.0.113.9",
            ),
            ("Failed password for invalid user x: pam_ rhost=192.0.2.1 from 203.0.113.9 port 1 ssh2", "203.0.113.9"),
            ("Failed password for invalid user x from 192.0.2.1 from UNKNOWN port 65535 ssh2", ""),
            ("Bad protocol version identification 'x from 192.0.2.1' from 203.0.113.9 port 5", "203.0.113.9"),
            ("error: PAM: Authentication failure for x pam_ rhost=192.0.2.1 from 203.0.113.9", "203.0.113.9"),
            (
                "error: maximum authentication attempts exceeded for x from 203.0.113.9 port 1 ssh2 [preauth]",
                "203.0.113.9",
            ),
            ("pam_unix(sshd:auth): authentication failure; ruser= rhost=  user=x rhost=192.0.2.1", ""),
            ("PAM 2 more authentication failures; logname= rhost=203.0.113.9  user=x from 192.0.2.1", "203.0.113.9"),
        ] {
            check(&format!("{start}{message}"), expected);
        }
    }
    check("shop: login refused for user 'x pam_ rhost=192.0.2.1' from 203.0.113.9", "203.0.113.9");
    check("h kernel: [1.5] some rule of ours dropped: IN=eth0 OUT= SRC=203.0.113.9 DST=10.0.0.1", "203.0.113.9");
}

#[test]
fn the_most_frequent_comes_first() {
    let lines = ["x: a from 203.0.113.1", "x: a from 203.0.113.2", "x: a from 203.0.113.2"];
    let found: Vec<(String, u32)> =
        log_sources(lines).iter().map(|source| (source.address.to_string(), source.lines)).collect();
    assert_eq!(found, [("203.0.113.2".to_owned(), 2), ("203.0.113.1".to_owned(), 1)]);
}
