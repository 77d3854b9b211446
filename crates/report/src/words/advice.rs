//! What to recommend when something was seen.

/// A piece of advice and the tags of rules that it follows from.
pub(crate) struct AdviceWords {
    /// Tags of rules, without `attack.`: techniques (`t1110`, with their sub-techniques), tactics, or others.
    pub(crate) tags: &'static [&'static str],
    /// One line.
    pub(crate) title: &'static str,
    /// What to do.
    pub(crate) text: &'static str,
}

/// From the particular to the general: techniques first, tactics after them.
pub(crate) const ADVICE: [AdviceWords; 17] = [
    AdviceWords {
        tags: &["t1110"],
        title: "Close password sign-in to the Internet",
        text: "Allow SSH by key only (PasswordAuthentication no), put remote access behind a VPN or an allow list, and require a second factor wherever a password is still accepted. Change the passwords of the accounts that were tried with success.",
    },
    AdviceWords {
        tags: &["t1098.004", "t1098.001", "t1098"],
        title: "Check who can sign in",
        text: "Go through the SSH keys, access keys and roles of the accounts named in the alerts. Remove what nobody can explain, and have new keys for other people's accounts approved.",
    },
    AdviceWords {
        tags: &["t1136"],
        title: "Confirm every new account",
        text: "Ask the owner of each account that was made this week. Disable those without an owner, and allow account creation to your provisioning only.",
    },
    AdviceWords {
        tags: &["t1078.004", "t1552", "t1528"],
        title: "Rotate exposed cloud credentials",
        text: "Deactivate the access keys named in the incidents, then replace them by roles with short-lived credentials. Require MFA for people, and alert on the use of root.",
    },
    AdviceWords {
        tags: &["t1562", "t1070"],
        title: "Protect the logs",
        text: "Send trails and system logs to an account or host that those who are watched cannot change. Forbid StopLogging and DeleteTrail by policy for everyone but a break-glass role.",
    },
    AdviceWords {
        tags: &["t1530", "t1537", "t1567", "t1048", "exfiltration"],
        title: "Find out what left",
        text: "List the objects that were read from the storage named in the incidents, decide whether personal data was among them, and start the clock for notifications (72 hours under the GDPR). Block public access and restrict bucket policies to known networks.",
    },
    AdviceWords {
        tags: &["t1548", "t1068", "privilege-escalation"],
        title: "Tighten administrative rights",
        text: "Review sudo rules and group membership on the hosts in the alerts: no NOPASSWD for people, no wildcard commands. Patch the hosts on which an attempt succeeded.",
    },
    AdviceWords {
        tags: &["t1190", "t1505"],
        title: "Patch and shield the web servers",
        text: "Update the applications that were probed, put a web application firewall in front of them, and search the hosts for files written since the first attempt.",
    },
    AdviceWords {
        tags: &["t1595", "t1046", "reconnaissance"],
        title: "Show less to scanners",
        text: "Close ports that need not be public, and block sources that scan repeatedly at the edge. Scans alone are no incident; look at what they found open.",
    },
    AdviceWords {
        tags: &["t1486", "t1490", "t1485", "impact"],
        title: "Test the backups now",
        text: "Restore one system from a backup that the production accounts cannot delete. Keep one copy offline.",
    },
    AdviceWords {
        tags: &["t1003", "credential-access"],
        title: "Reset the credentials that were within reach",
        text: "Assume that every account used on the hosts in the alerts is known to the attacker: change passwords and keys, and end their sessions.",
    },
    AdviceWords {
        tags: &["t1059", "t1204", "t1047", "t1218", "execution"],
        title: "Restrict what may run",
        text: "Allow scripts and interpreters only where they are needed, with application control on servers and macros off for documents from outside.",
    },
    AdviceWords {
        tags: &["t1071", "t1095", "t1105", "t1219", "command-and-control", "intel"],
        title: "Limit traffic to the outside",
        text: "Let servers reach only the destinations that they need. Look for other machines that spoke to the addresses and domains in this report.",
    },
    AdviceWords {
        tags: &["t1021", "lateral-movement"],
        title: "Separate the networks",
        text: "Allow administration protocols only from jump hosts, and keep servers from signing in to each other.",
    },
    AdviceWords {
        tags: &["t1053", "t1543", "t1547", "persistence"],
        title: "Look for what stays behind",
        text: "On the hosts in the alerts compare scheduled tasks, services and start-up entries with a clean system. Reinstall where in doubt.",
    },
    AdviceWords {
        tags: &["initial-access"],
        title: "Reduce the ways in",
        text: "List what is reachable from the Internet and by whom, and require a second factor for all of it.",
    },
    AdviceWords {
        tags: &["discovery", "collection"],
        title: "Ask why somebody looked around",
        text: "Confirm with the owners of the accounts that the look-ups in the alerts were theirs.",
    },
];

/// Title and text where actions stayed a dry run.
pub(crate) const DRY_RUN: (&str, &str) = (
    "Decide which actions Vigie may carry out",
    "Actions were only simulated. Switch on those that you trust, with an approval by an analyst where they could hurt.",
);
/// Title and text where actions failed.
pub(crate) const FAILED_ACTIONS: (&str, &str) = (
    "Repair the actions that failed",
    "An answer that fails is found out in the next attack. The notes in the table of actions say why.",
);
/// Title and text where alerts wait.
pub(crate) const NOBODY_LOOKED: (&str, &str) = (
    "Take up the severe alerts that wait",
    "Critical and high alerts are still new at the end of the period. Assign them, or say why they can wait.",
);
/// Title and text where a rule is wrong more often than right.
pub(crate) const NOISY_RULE: (&str, &str) = (
    "Tune rules that cry wolf",
    "More than half of the closed alerts of a rule were false alarms. Add an exception for what is known to be harmless.",
);
/// Title and text where days lack events.
pub(crate) const COVERAGE_GAP: (&str, &str) = (
    "Close the gap in the logs",
    "On some days not a single event arrived. Check the forwarders and the network path: an attack on those days would not have been seen.",
);
