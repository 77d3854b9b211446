//! What to recommend when something was seen.

use super::super::Counsel;

/// In the order of `ADVICE_TAGS`.
pub(super) const ADVICE: [Counsel; 17] = [
    (
        "Close password sign-in to the Internet",
        "Allow SSH by key only (PasswordAuthentication no), put remote access behind a VPN or an allow list, and require a second factor wherever a password is still accepted. Change the passwords of the accounts that were tried with success.",
    ),
    (
        "Check who can sign in",
        "Go through the SSH keys, access keys and roles of the accounts named in the alerts. Remove what nobody can explain, and have new keys for other people's accounts approved.",
    ),
    (
        "Confirm every new account",
        "Ask the owner of each account that was made in this period. Disable those without an owner, and allow account creation to your provisioning only.",
    ),
    (
        "Rotate exposed cloud credentials",
        "Deactivate the access keys named in the incidents, then replace them by roles with short-lived credentials. Require MFA for people, and alert on the use of root.",
    ),
    (
        "Protect the logs",
        "Send trails and system logs to an account or host that those who are watched cannot change. Forbid StopLogging and DeleteTrail by policy for everyone but a break-glass role.",
    ),
    (
        "Find out what left",
        "List the objects that were read from the storage named in the incidents, decide whether personal data was among them, and start the clock for notifications (72 hours under the GDPR). Block public access and restrict bucket policies to known networks.",
    ),
    (
        "Tighten administrative rights",
        "Review sudo rules and group membership on the hosts in the alerts: no NOPASSWD for people, no wildcard commands. Patch the hosts on which an attempt succeeded.",
    ),
    (
        "Patch and shield the web servers",
        "Update the applications that were probed, put a web application firewall in front of them, and search the hosts for files written since the first attempt.",
    ),
    (
        "Show less to scanners",
        "Close ports that need not be public, and block sources that scan repeatedly at the edge. Scans alone are no incident; look at what they found open.",
    ),
    (
        "Test the backups now",
        "Restore one system from a backup that the production accounts cannot delete. Keep one copy offline.",
    ),
    (
        "Reset the credentials that were within reach",
        "Assume that every account used on the hosts in the alerts is known to the attacker: change passwords and keys, and end their sessions.",
    ),
    (
        "Restrict what may run",
        "Allow scripts and interpreters only where they are needed, with application control on servers and macros off for documents from outside.",
    ),
    (
        "Limit traffic to the outside",
        "Let servers reach only the destinations that they need. Look for other machines that spoke to the addresses and domains in this report.",
    ),
    (
        "Separate the networks",
        "Allow administration protocols only from jump hosts, and keep servers from signing in to each other.",
    ),
    (
        "Look for what stays behind",
        "On the hosts in the alerts compare scheduled tasks, services and start-up entries with a clean system. Reinstall where in doubt.",
    ),
    (
        "Reduce the ways in",
        "List what is reachable from the Internet and by whom, and require a second factor for all of it.",
    ),
    (
        "Ask why somebody looked around",
        "Confirm with the owners of the accounts that the look-ups in the alerts were theirs.",
    ),
];

/// Where actions stayed a dry run.
pub(super) const DRY_RUN: Counsel = (
    "Decide which actions Vigie may carry out",
    "Actions were only simulated. Switch on those that you trust, with an approval by an analyst where they could hurt.",
);
/// Where actions failed.
pub(super) const FAILED_ACTIONS: Counsel = (
    "Repair the actions that failed",
    "An answer that fails is found out in the next attack. The notes in the table of actions say why.",
);
/// Where alerts wait.
pub(super) const NOBODY_LOOKED: Counsel = (
    "Take up the severe alerts that wait",
    "Critical and high alerts are still new at the end of the period. Assign them, or say why they can wait.",
);
/// Where a rule is wrong more often than right.
pub(super) const NOISY_RULE: Counsel = (
    "Tune rules that cry wolf",
    "More than half of the closed alerts of a rule were false alarms. Add an exception for what is known to be harmless.",
);
/// Where days lack events.
pub(super) const COVERAGE_GAP: Counsel = (
    "Close the gap in the logs",
    "On some days not a single event arrived. Check the forwarders and the network path: an attack on those days would not have been seen.",
);
/// Where tasks of an incident are open.
pub(super) const OPEN_TASKS: Counsel = (
    "Finish the open tasks",
    "Work on the incident was planned and is not done. Give each task to somebody, or say why it is not needed.",
);
/// Where nothing holds the attacker.
pub(super) const NOT_CONTAINED: Counsel = (
    "Contain the incident",
    "It is open, and no action that stops the attacker is in force. Block the addresses, end the sessions or isolate the hosts named in this report.",
);
