//! What a finding says, as far as it matters for what is done.
//!
//! Source: <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>. EventBridge writes names in
//! camelCase, the `GetFindings` call in PascalCase; both are read.

use std::net::IpAddr;

use serde_json::Value;

/// Which part our resource plays: `service.resourceRole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceRole {
    /// Ours is attacked: the remote addresses are the attacker's.
    Target,
    /// Ours attacks: the remote address is the victim's, or the intruder's server.
    Actor,
}

impl ResourceRole {
    /// Returns GuardDuty's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "TARGET",
            Self::Actor => "ACTOR",
        }
    }
}

/// Who opened the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The other side.
    Inbound,
    /// Ours.
    Outbound,
    /// The finding does not say, or has no connection.
    Unknown,
}

/// The instance that a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// Its addresses, private and public.
    pub addresses: Vec<IpAddr>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// Whose credentials were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialOwner {
    /// An IAM user.
    User,
    /// A session of a role.
    Role,
    /// The account's root user.
    Root,
    /// Somebody of whom nothing can be disabled here: another account, a service, nobody.
    Other,
}

/// The credentials that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…` for a long-lived key, `ASIA…` for a session's.
    pub id: String,
    /// The user's or role's name.
    pub name: String,
    /// Whose they are.
    pub owner: CredentialOwner,
}

/// What a finding says, as far as it matters for what is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Its id.
    pub id: String,
    /// `Recon:EC2/Portscan`
    pub kind: String,
    /// 1 to 10.
    pub severity: f64,
    /// The account that it is about; empty where the finding leaves it out.
    pub account: String,
    /// The Region that it is about.
    pub region: String,
    /// One line for people.
    pub title: String,
    /// When it last changed, as AWS wrote it.
    pub updated: String,
    /// Whether it is one of the samples that GuardDuty makes on request.
    pub is_sample: bool,
    /// Whether somebody put it aside.
    pub is_archived: bool,
    /// Which part our resource plays; `None` where the finding does not say.
    pub role: Option<ResourceRole>,
    /// Who opened the connection.
    pub direction: Direction,
    /// `INSTANCE`, `ACCESSKEY`, `S3BUCKET`… in capitals, without `_`.
    pub resource: String,
    /// The kind of `service.action`, in capitals: `NETWORK_CONNECTION`, `PORT_PROBE`, `AWS_API_CALL`…
    pub action: String,
    /// The addresses at the other end, in the finding's order; several for a port probe.
    pub remotes: Vec<IpAddr>,
    /// Texts in their place that are no addresses.
    pub unreadable_remotes: Vec<String>,
    /// The domain that was asked for.
    pub domain: Option<String>,
    /// The instance that it is about.
    pub instance: Option<Instance>,
    /// The credentials that it is about.
    pub key: Option<AccessKey>,
    /// The buckets that it is about.
    pub buckets: Vec<String>,
    /// `service.detection.sequence`, for an attack sequence.
    pub(super) sequence: Option<Value>,
}

/// How many addresses of one finding are read; GuardDuty names far fewer.
const REMOTES_MAX: usize = 400;
/// How many characters of a text for people are kept.
const TITLE_CHARS_MAX: usize = 300;

impl Finding {
    /// Reads a finding.
    ///
    /// # Errors
    /// The path of the field that is missing or has the wrong type, and what was expected.
    pub(super) fn read(finding: &Value) -> Result<Self, (&'static str, &'static str)> {
        let kind = text(finding, "type").ok_or(("type", "a finding type such as Recon:EC2/Portscan"))?;
        let id = text(finding, "id").ok_or(("id", "the finding's id"))?;
        let account = text(finding, "accountId").unwrap_or_default();
        if !account.is_empty() && !is_account(account) {
            return Err(("accountId", "an account id: digits"));
        }
        let region = text(finding, "region").ok_or(("region", "a Region such as eu-west-3"))?;
        let severity = at(finding, "severity").and_then(Value::as_f64).ok_or(("severity", "a number from 1 to 10"))?;
        let (action, detail) = action(finding);
        let (remotes, unreadable_remotes) = remotes(detail);
        let title = text(finding, "title").or_else(|| text(finding, "description")).unwrap_or(kind);
        Ok(Self {
            id: id.to_owned(),
            kind: kind.to_owned(),
            severity,
            account: account.to_owned(),
            region: region.to_owned(),
            title: title.chars().filter(|letter| !letter.is_control()).take(TITLE_CHARS_MAX).collect(),
            updated: text(finding, "updatedAt").unwrap_or_default().to_owned(),
            is_sample: is_sample(finding),
            is_archived: at(finding, "service.archived").and_then(Value::as_bool).unwrap_or(false),
            role: role(finding),
            direction: direction(detail),
            resource: text(finding, "resource.resourceType").unwrap_or_default().to_ascii_uppercase().replace('_', ""),
            action,
            remotes,
            unreadable_remotes,
            domain: text(finding, "service.action.dnsRequestAction.domain").map(str::to_owned),
            instance: instance(finding),
            key: access_key(finding),
            buckets: buckets(finding),
            sequence: at(finding, "service.detection.sequence").cloned(),
        })
    }
}

/// Returns the value at a path of camelCase names, each of which may also begin with a capital.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(value, |value, name| {
        let fields = value.as_object()?;
        fields.get(name).or_else(|| {
            let mut capital = name.to_owned();
            capital.get_mut(..1)?.make_ascii_uppercase();
            fields.get(&capital)
        })
    });
    found.filter(|value| !value.is_null())
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Digits alone, since it goes into ARNs; AWS's own have twelve.
pub(super) fn is_account(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `service.additionalInfo.sample`; newer findings hide it in a text of JSON under `value`.
fn is_sample(finding: &Value) -> bool {
    let Some(more) = at(finding, "service.additionalInfo") else { return false };
    let says = |value: &Value| match at(value, "sample") {
        Some(Value::Bool(sample)) => *sample,
        Some(Value::String(word)) => word.eq_ignore_ascii_case("true"),
        _ => false,
    };
    let inner = text(more, "value").and_then(|value| serde_json::from_str::<Value>(value).ok());
    says(more) || inner.is_some_and(|inner| says(&inner))
}

fn role(finding: &Value) -> Option<ResourceRole> {
    match text(finding, "service.resourceRole")?.to_ascii_uppercase().as_str() {
        "TARGET" => Some(ResourceRole::Target),
        "ACTOR" => Some(ResourceRole::Actor),
        _ => None,
    }
}

/// The kinds of `service.action`, with GuardDuty's word for each.
const ACTIONS: [(&str, &str); 7] = [
    ("networkConnectionAction", "NETWORK_CONNECTION"),
    ("portProbeAction", "PORT_PROBE"),
    ("awsApiCallAction", "AWS_API_CALL"),
    ("dnsRequestAction", "DNS_REQUEST"),
    ("kubernetesApiCallAction", "KUBERNETES_API_CALL"),
    ("rdsLoginAttemptAction", "RDS_LOGIN_ATTEMPT"),
    ("kubernetesPermissionCheckedDetails", "KUBERNETES_API_CALL"),
];

fn action(finding: &Value) -> (String, Option<&Value>) {
    let found = ACTIONS.iter().find_map(|(field, word)| {
        let detail = at(finding, "service.action").and_then(|action| at(action, field)).filter(|it| it.is_object())?;
        Some(((*word).to_owned(), Some(detail)))
    });
    found.unwrap_or_else(|| (text(finding, "service.action.actionType").unwrap_or_default().to_owned(), None))
}

fn direction(action: Option<&Value>) -> Direction {
    let word = action.and_then(|action| text(action, "connectionDirection")).unwrap_or_default();
    match word.to_ascii_uppercase().as_str() {
        "INBOUND" => Direction::Inbound,
        "OUTBOUND" => Direction::Outbound,
        _ => Direction::Unknown,
    }
}

fn remotes(action: Option<&Value>) -> (Vec<IpAddr>, Vec<String>) {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    let Some(action) = action else { return (found, unreadable) };
    let parts = list(action, "portProbeDetails").iter().chain([action]).take(REMOTES_MAX);
    for details in parts.filter_map(|part| at(part, "remoteIpDetails")) {
        for name in ["ipAddressV4", "ipAddressV6"] {
            let Some(word) = text(details, name) else { continue };
            match word.parse() {
                Ok(address) if !found.contains(&address) => found.push(address),
                Ok(_) => {}
                Err(_) => unreadable.push(word.chars().take(60).collect()),
            }
        }
    }
    (found, unreadable)
}

fn instance(finding: &Value) -> Option<Instance> {
    let details = at(finding, "resource.instanceDetails")?;
    let id = text(details, "instanceId")?.to_owned();
    let mut addresses = Vec::new();
    for interface in list(details, "networkInterfaces") {
        let single = ["privateIpAddress", "publicIp"].map(|name| text(interface, name));
        let more = list(interface, "ipv6Addresses").iter().map(Value::as_str);
        let private = list(interface, "privateIpAddresses").iter().map(|one| text(one, "privateIpAddress"));
        let all = single.into_iter().chain(more).chain(private).flatten();
        addresses.extend(all.filter_map(|address| address.parse::<IpAddr>().ok()));
    }
    let tags = list(details, "tags")
        .iter()
        .filter_map(|tag| Some((text(tag, "key")?.to_owned(), text(tag, "value").unwrap_or_default().to_owned())));
    Some(Instance { id, addresses, tags: tags.collect() })
}

fn access_key(finding: &Value) -> Option<AccessKey> {
    let details = at(finding, "resource.accessKeyDetails")?;
    let id = text(details, "accessKeyId").unwrap_or_default().to_owned();
    let name = text(details, "userName").unwrap_or_default().to_owned();
    let owner = match text(details, "userType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "iamuser" => CredentialOwner::User,
        "assumedrole" | "role" => CredentialOwner::Role,
        "root" => CredentialOwner::Root,
        // Some forwarders leave the type out; what the key begins with tells a session from a user.
        "" if id.starts_with("AKIA") => CredentialOwner::User,
        "" if id.starts_with("ASIA") => CredentialOwner::Role,
        _ => CredentialOwner::Other,
    };
    (!id.is_empty() || !name.is_empty()).then_some(AccessKey { id, name, owner })
}

fn buckets(finding: &Value) -> Vec<String> {
    let names = list(finding, "resource.s3BucketDetails").iter().filter_map(|bucket| text(bucket, "name"));
    names.map(str::to_owned).collect()
}
