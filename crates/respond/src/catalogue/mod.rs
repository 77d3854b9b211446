//! The kinds of action there are, and what each needs and touches.

mod aws;

use std::time::Duration;

use vigie_model::ObservableKind;

pub use aws::{
    AWS_ACTIONS, EC2_ISOLATE_INSTANCE, EC2_SNAPSHOT, IAM_DISABLE_ACCESS_KEY, IAM_QUARANTINE_USER,
    IAM_REVOKE_ROLE_SESSIONS, NACL_BLOCK_IP, S3_BLOCK_PUBLIC_ACCESS, SNS_NOTIFY, WAF_BLOCK_IP,
};

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// An IP address or network; with several attackers, one action for each.
    Network,
    /// One line of text.
    Line,
    /// Text of several lines.
    Text,
    /// One or several mail addresses, written out: an alert must not choose who gets mail.
    MailAddresses,
    /// The name of something in the configuration, written out.
    Name,
    /// The id of one thing that the alert names with this part: `{{actor.aws_instance}}`; with several, one action for
    /// each. Or an id, written out.
    Resource,
}

impl ParameterKind {
    /// Returns whether placeholders may stand in it.
    pub const fn is_templated(self) -> bool {
        match self {
            Self::Network | Self::Line | Self::Text | Self::Resource => true,
            Self::MailAddresses | Self::Name => false,
        }
    }
}

/// A parameter of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterSpec {
    /// What playbooks call it.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParameterKind,
    /// Whether a playbook must give it.
    pub required: bool,
    /// What it does, in words.
    pub description: &'static str,
}

/// Whether and how an action is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It can be; this is how.
    Possible(&'static str),
    /// It cannot be; this is why.
    Impossible(&'static str),
}

impl Undo {
    /// Returns the words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible(text) | Self::Impossible(text) => text,
        }
    }
}

/// How long an action stays in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It is over when it is done.
    AtOnce,
    /// It holds until it is taken back, or for as long as the playbook says.
    UntilUndone {
        /// At most, where it says.
        longest: Duration,
    },
    /// It always ends by itself.
    After {
        /// Where the playbook does not say.
        default: Duration,
        /// At most.
        longest: Duration,
    },
}

/// A kind of action: what it takes, touches and needs. An executor implements it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionSpec {
    /// Its name in playbooks: `host.block_ip`.
    pub kind: &'static str,
    /// What it does, with `{target}` and `{to}` for what it is done to: "block {target} on this host".
    pub phrase: &'static str,
    /// What it takes.
    pub parameters: &'static [ParameterSpec],
    /// The parameter that names its target, and what kind of value that is; `None` for a message.
    pub target: Option<(&'static str, ObservableKind)>,
    /// The parameters that tell two actions without a target apart.
    pub identity: &'static [&'static str],
    /// Whether its parameters get a [`crate::Briefing`] under the name `about`.
    pub briefed: bool,
    /// Who and what it can touch.
    pub blast_radius: &'static str,
    /// How it is taken back.
    pub undo: Undo,
    /// What it needs to work.
    pub needs: &'static [&'static str],
    /// How long it stays in force.
    pub expiry: Expiry,
}

impl ActionSpec {
    /// Returns the parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&'static ParameterSpec> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// Drops all packets of an address at this host's firewall.
pub static HOST_BLOCK_IP: ActionSpec = ActionSpec {
    kind: "host.block_ip",
    phrase: "block {target} on this host",
    parameters: &[ParameterSpec {
        name: "ip",
        kind: ParameterKind::Network,
        required: true,
        description: "the address, or a network no wider than /24 (IPv4) or /48 (IPv6)",
    }],
    target: Some(("ip", ObservableKind::Ip)),
    identity: &[],
    briefed: false,
    blast_radius: "everything that the address sends to or through this host is dropped; nothing else changes",
    undo: Undo::Possible("the address is taken out of the set in the nftables table `inet vigie`"),
    needs: &["Linux with nftables", "the `nft` program", "CAP_NET_ADMIN"],
    expiry: Expiry::After { default: Duration::from_hours(24), longest: Duration::from_hours(24 * 30) },
};

/// Sends an e-mail.
pub static NOTIFY_EMAIL: ActionSpec = ActionSpec {
    kind: "notify.email",
    phrase: "e-mail {to}",
    parameters: &[
        ParameterSpec {
            name: "to",
            kind: ParameterKind::MailAddresses,
            required: false,
            description: "who gets it; the recipients in the configuration where it is left out",
        },
        ParameterSpec {
            name: "subject",
            kind: ParameterKind::Line,
            required: false,
            description: "the subject; severity and title of the alert where it is left out",
        },
        ParameterSpec {
            name: "text",
            kind: ParameterKind::Text,
            required: false,
            description: "what stands above the alert's facts",
        },
    ],
    target: None,
    identity: &["to"],
    briefed: true,
    blast_radius: "people read it; it holds the alert's title, addresses, accounts and sample lines",
    undo: Undo::Impossible("what was read cannot be unread"),
    needs: &["a mail server in the configuration"],
    expiry: Expiry::AtOnce,
};

/// Posts JSON to a URL.
pub static NOTIFY_WEBHOOK: ActionSpec = ActionSpec {
    kind: "notify.webhook",
    phrase: "post to the webhook {to}",
    parameters: &[
        ParameterSpec {
            name: "to",
            kind: ParameterKind::Name,
            required: true,
            description: "the webhook's name in the configuration; its URL and secret stay there",
        },
        ParameterSpec {
            name: "text",
            kind: ParameterKind::Text,
            required: false,
            description: "one line for people; severity and title of the alert where it is left out",
        },
    ],
    target: None,
    identity: &["to"],
    briefed: true,
    blast_radius: "the receiver gets the alert's title, addresses, accounts and sample lines",
    undo: Undo::Impossible("what was received cannot be called back"),
    needs: &["a webhook of that name in the configuration", "a way out to its URL"],
    expiry: Expiry::AtOnce,
};

/// The kinds of action that playbooks may name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    specs: Vec<&'static ActionSpec>,
}

impl Catalogue {
    /// Returns the catalogue of the kinds that come with Vigie's server: [`HOST_BLOCK_IP`], [`NOTIFY_EMAIL`],
    /// [`NOTIFY_WEBHOOK`] and [`AWS_ACTIONS`].
    pub fn builtin() -> Self {
        Self::new([&HOST_BLOCK_IP, &NOTIFY_EMAIL, &NOTIFY_WEBHOOK].into_iter().chain(AWS_ACTIONS))
    }

    /// Returns a catalogue of these kinds.
    pub fn new(specs: impl IntoIterator<Item = &'static ActionSpec>) -> Self {
        Self { specs: specs.into_iter().collect() }
    }

    /// Returns the kind of that name.
    pub fn get(&self, kind: &str) -> Option<&'static ActionSpec> {
        self.specs.iter().copied().find(|spec| spec.kind == kind)
    }

    /// Returns every kind.
    pub fn iter(&self) -> impl Iterator<Item = &'static ActionSpec> + '_ {
        self.specs.iter().copied()
    }
}
