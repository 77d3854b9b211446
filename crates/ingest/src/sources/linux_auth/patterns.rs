//! The lines that are known. The first pattern that fits counts, so the particular come before the general.
//!
//! Account names in sshd's lines are whatever the client sent, so they are matched greedily: of several addresses, the last
//! is sshd's own.

use vigie_model::Class::{self, AccountChange, Authentication, ProcessActivity};
use vigie_model::Outcome::{self, Failure, Success, Unknown};

use super::schema::Pattern;

const fn p(
    programs: &'static str,
    action: &'static str,
    outcome: Outcome,
    class: Class,
    regex: &'static str,
) -> Pattern {
    Pattern { programs, regex, action, outcome, class }
}

/// Every pattern.
pub(super) static PATTERNS: &[Pattern] = &[
    // OpenSSH: auth.c, packet.c, sshconnect2.c of 5.x to 10.x.
    p(
        "sshd",
        "login_success",
        Success,
        Authentication,
        r"^Accepted (?P<method>\S+) for (?P<user>.*) from (?P<src_ip>\S+) port (?P<src_port>\d+)(?: ssh2?)?(?:: (?P<key>.*))?$",
    ),
    p(
        "sshd",
        "login_failed",
        Failure,
        Authentication,
        r"^Failed (?P<method>\S+) for (?:(?P<invalid>invalid user|illegal user) )?(?P<user>.*) from (?P<src_ip>\S+) port (?P<src_port>\d+)(?: ssh2?)?(?:: (?P<key>.*))?$",
    ),
    p(
        "sshd",
        "invalid_user",
        Failure,
        Authentication,
        r"^(?:Invalid|Illegal) user (?P<user>.*?) ?from (?P<src_ip>\S+?)(?: port (?P<src_port>\d+))?$",
    ),
    p(
        "sshd",
        "login_failed",
        Failure,
        Authentication,
        r"^User (?P<user>.*) from (?P<src_ip>\S+) not allowed because (?P<reason>.*)$",
    ),
    p(
        "sshd",
        "login_failed",
        Failure,
        Authentication,
        r"^error: PAM: (?P<reason>.*) for (?:illegal user |invalid user )?(?P<user>.*) from (?P<src_ip>\S+)$",
    ),
    p(
        "sshd",
        "max_attempts_exceeded",
        Failure,
        Authentication,
        r"^(?:error: )?maximum authentication attempts exceeded for (?:(?P<invalid>invalid user) )?(?P<user>.*) from (?P<src_ip>\S+) port (?P<src_port>\d+) ssh2?(?: \[preauth\])?$",
    ),
    p(
        "sshd",
        "max_attempts_exceeded",
        Failure,
        Authentication,
        r"^Disconnecting (?:(?P<invalid>invalid user|authenticating user) )(?P<user>.*) (?P<src_ip>\S+) port (?P<src_port>\d+): Too many authentication failures(?: \[preauth\])?$",
    ),
    p(
        "sshd",
        "connection_closed",
        Unknown,
        Authentication,
        r"^Connection (?:closed|reset) by (?:(?:authenticating|invalid) user (?P<user>.*) )?(?P<src_ip>\S+) port (?P<src_port>\d+)(?: \[preauth\])?$",
    ),
    p(
        "sshd",
        "disconnected",
        Unknown,
        Authentication,
        r"^Disconnected from (?:(?:authenticating |invalid )?user (?P<user>.*) )?(?P<src_ip>\S+) port (?P<src_port>\d+)(?: \[preauth\])?$",
    ),
    p(
        "sshd",
        "disconnected",
        Unknown,
        Authentication,
        r"^Received disconnect from (?P<src_ip>\S+?)(?: port (?P<src_port>\d+))?: ?(?P<reason>.*)$",
    ),
    p(
        "sshd",
        "no_identification",
        Failure,
        Authentication,
        r"^Did not receive identification string from (?P<src_ip>\S+)(?: port (?P<src_port>\d+))?",
    ),
    p(
        "sshd",
        "bad_protocol",
        Failure,
        Authentication,
        r"^(?:error: )?(?:kex_exchange_identification|banner exchange): Connection from (?P<src_ip>\S+) port (?P<src_port>\d+): (?P<reason>.*)$",
    ),
    p(
        "sshd",
        "bad_protocol",
        Failure,
        Authentication,
        r"^Bad protocol version identification (?P<reason>.*) from (?P<src_ip>\S+)(?: port (?P<src_port>\d+))?$",
    ),
    p(
        "sshd",
        "bad_protocol",
        Failure,
        Authentication,
        r"^Unable to negotiate with (?P<src_ip>\S+) port (?P<src_port>\d+): (?P<reason>.*)$",
    ),
    p(
        "sshd",
        "reverse_mapping_failed",
        Unknown,
        Authentication,
        r"^reverse mapping checking getaddrinfo for \S+ \[(?P<src_ip>[^\]]+)\]",
    ),
    p(
        "sshd",
        "session_started",
        Success,
        Authentication,
        r"^Starting session: (?P<session>.*) for (?P<user>\S+) from (?P<src_ip>\S+) port (?P<src_port>\d+)",
    ),
    // Dropbear.
    p(
        "dropbear",
        "login_success",
        Success,
        Authentication,
        r"^(?:Password|Pubkey) auth succeeded for '(?P<user>.*)'.* from (?P<src_ip>\S+):(?P<src_port>\d+)$",
    ),
    p(
        "dropbear",
        "login_failed",
        Failure,
        Authentication,
        r"^Bad (?P<method>\S+) attempt for '(?P<user>.*)' from (?P<src_ip>\S+):(?P<src_port>\d+)$",
    ),
    // Who became whom.
    p("su", "su_success", Success, Authentication, r"^\(to (?P<target_user>.+)\) (?P<user>\S+) on (?P<tty>\S+)$"),
    p(
        "su",
        "su_failed",
        Failure,
        Authentication,
        r"^FAILED SU \(to (?P<target_user>.+)\) (?P<user>\S+) on (?P<tty>\S+)$",
    ),
    p("su", "su_success", Success, Authentication, r"^Successful su for (?P<target_user>\S+) by (?P<user>\S+)$"),
    p("su", "su_failed", Failure, Authentication, r"^FAILED su for (?P<target_user>\S+) by (?P<user>\S+)$"),
    p("su", "su_success", Success, Authentication, r"^\+ (?P<tty>\S+) (?P<user>[^:\s]+):(?P<target_user>\S+)$"),
    p("su", "su_failed", Failure, Authentication, r"^- (?P<tty>\S+) (?P<user>[^:\s]+):(?P<target_user>\S+)$"),
    p(
        "su",
        "su_failed",
        Failure,
        Authentication,
        r"^pam_\w+\((?P<pam_service>[^:)]+):auth\): authentication failure; logname=\S* uid=\d* euid=\d* tty=(?P<tty>\S*) ruser=(?P<user>\S*) rhost=\S*\s*(?:user=(?P<target_user>\S*))?\s*$",
    ),
    p(
        "doas",
        "sudo_command",
        Success,
        ProcessActivity,
        r"^(?P<user>\S+) ran command (?P<command>.*) as (?P<target_user>\S+) from (?P<cwd>.*)$",
    ),
    p(
        "doas",
        "sudo_denied",
        Failure,
        ProcessActivity,
        r"^(?:command not permitted|failed (?:auth|command)) for (?P<user>\S+?):? ?(?P<command>.*)$",
    ),
    p(
        "pkexec",
        "sudo_command",
        Success,
        ProcessActivity,
        r"^(?P<user>\S+): Executing command \[USER=(?P<target_user>\S+)\] .*\[COMMAND=(?P<command>.*)\]$",
    ),
    p(
        "login",
        "login_failed",
        Failure,
        Authentication,
        r"^FAILED LOGIN \(\d+\) on '(?P<tty>[^']*)' (?:from '(?P<src_ip>[^']*)' )?FOR '(?P<user>.*)', (?P<reason>.*)$",
    ),
    p(
        "login",
        "login_success",
        Success,
        Authentication,
        r"^(?:ROOT )?LOGIN ON (?P<tty>\S+)(?: BY (?P<user>\S+))?(?: FROM (?P<src_ip>\S+))?$",
    ),
    // Accounts: shadow-utils, adduser, passwd.
    p(
        "useradd adduser",
        "user_added",
        Success,
        AccountChange,
        r"^new user: name=(?P<target_user>[^,]+), UID=(?P<uid>\d+), GID=(?P<gid>\d+)(?:, home=(?P<home>[^,]*))?(?:, shell=(?P<shell>[^,]*))?(?:, from=(?P<tty>.*))?$",
    ),
    p("useradd", "user_add_failed", Failure, AccountChange, r"^failed adding user '(?P<target_user>[^']*)'"),
    p("userdel deluser", "user_deleted", Success, AccountChange, r"^delete user '(?P<target_user>[^']*)'"),
    p(
        "",
        "group_member_added",
        Success,
        AccountChange,
        r"^add '(?P<target_user>[^']*)' to (?:shadow )?group '(?P<target_group>[^']*)'",
    ),
    p(
        "",
        "group_member_removed",
        Success,
        AccountChange,
        r"^delete '(?P<target_user>[^']*)' from (?:shadow )?group '(?P<target_group>[^']*)'",
    ),
    p(
        "gpasswd",
        "group_member_added",
        Success,
        AccountChange,
        r"^user (?P<target_user>\S+) added by (?P<user>\S+) to group (?P<target_group>\S+)$",
    ),
    p(
        "gpasswd",
        "group_member_removed",
        Success,
        AccountChange,
        r"^user (?P<target_user>\S+) removed by (?P<user>\S+) from group (?P<target_group>\S+)$",
    ),
    p(
        "",
        "group_added",
        Success,
        AccountChange,
        r"^(?:new group|group added to \S+): name=(?P<target_group>[^,]+)(?:, GID=(?P<gid>\d+))?",
    ),
    p(
        "",
        "group_deleted",
        Success,
        AccountChange,
        r"^(?:removed (?:shadow )?group '(?P<target_group>[^']*)'|group '[^']*' removed)",
    ),
    p(
        "usermod chage passwd",
        "user_changed",
        Success,
        AccountChange,
        r"^(?:change|changed|lock|unlock) (?:password expiry for |user )'?(?P<target_user>[^' ]+)'?(?: (?P<changed>.*))?$",
    ),
    p(
        "",
        "password_changed",
        Success,
        AccountChange,
        r"^pam_\w+\((?P<pam_service>[^:)]+):chauthtok\): password changed for (?P<target_user>\S+)$",
    ),
    p(
        "passwd chpasswd",
        "password_changed",
        Success,
        AccountChange,
        r"^password for '(?P<target_user>[^']*)' changed by '(?P<user>[^']*)'$",
    ),
    p(
        "",
        "key_added",
        Success,
        AccountChange,
        r"^(?i:updating|adding|added) (?i:ssh )?keys? (?i:for|to) (?:user )?'?(?P<target_user>[^\s'.]+)",
    ),
    // Jobs.
    p("cron", "cron_command", Success, ProcessActivity, r"^\((?P<user>[^)]+)\) CMD \(\s*(?P<command>.*)\)$"),
    p(
        "cron crontab",
        "crontab_changed",
        Success,
        AccountChange,
        r"^\((?P<user>[^)]+)\) (?:REPLACE|DELETE|END EDIT) \((?P<target_user>[^)]*)\)$",
    ),
    // Sessions.
    p(
        "systemd-logind",
        "session_opened",
        Success,
        Authentication,
        r"^New session '?(?P<session>\w+)'? of user '?(?P<target_user>[^'.]+)'?",
    ),
    p(
        "",
        "session_opened",
        Success,
        Authentication,
        r"^pam_\w+\((?P<pam_service>[^:)]+):session\): session opened for user (?P<target_user>[^(\s]+)(?:\(uid=\d+\))?(?: by (?P<user>[^(\s]*)\(uid=\d+\))?",
    ),
    p(
        "",
        "session_closed",
        Success,
        Authentication,
        r"^pam_\w+\((?P<pam_service>[^:)]+):session\): session closed for user (?P<target_user>\S+)$",
    ),
    p(
        "",
        "login_failed",
        Failure,
        Authentication,
        r"^pam_\w+\((?P<pam_service>[^:)]+):auth\): authentication failure; logname=\S* uid=\d* euid=\d* tty=(?P<tty>\S*) ruser=(?P<user>\S*) rhost=(?P<src_ip>\S*)\s*(?:user=(?P<target_user>.*?))?\s*$",
    ),
    p(
        "",
        "login_failed",
        Failure,
        Authentication,
        r"^PAM (?P<count>\d+) more authentication failures?; logname=\S* uid=\d* euid=\d* tty=(?P<tty>\S*) ruser=(?P<user>\S*) rhost=(?P<src_ip>\S*)\s*(?:user=(?P<target_user>.*?))?\s*$",
    ),
    p(
        "",
        "check_failed",
        Failure,
        Authentication,
        r"^pam_\w+\((?P<pam_service>[^:)]+):auth\): check pass; user unknown",
    ),
];
