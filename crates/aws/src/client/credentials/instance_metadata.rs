//! What an instance knows of itself, version 2 only: a token is fetched first, with `PUT`, so that a server that can be
//! made to fetch an address cannot be made to fetch credentials. Version 1 is never used.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>

use std::time::Duration;

use super::{Asked, Client, Environment, place};

const ENDPOINT: &str = "http://169.254.169.254";
/// The link is local: what does not answer within this is not there.
const TIMEOUT: Duration = Duration::from_secs(1);
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

pub(super) fn ask(_client: &Client, environment: &Environment) -> Result<Asked, String> {
    let instance = match Instance::reach(environment) {
        Ok(instance) => instance,
        Err(missing) => return Ok(Asked::Nothing(missing)),
    };
    let answer = instance.get(ROLES)?;
    let role = answer.lines().next().unwrap_or_default().trim();
    if role.is_empty() || role.contains(['/', '?', '#', ' ']) {
        return Ok(Asked::Nothing("the instance has no instance profile".to_owned()));
    }
    let path = format!("{ROLES}{role}");
    let text = instance.get(&path)?;
    place::read_credentials(&format!("{}{path}", instance.base), &text).map(Asked::Found)
}

/// Returns the Region that the instance runs in.
pub(crate) fn region(environment: &Environment) -> Result<String, String> {
    let instance = Instance::reach(environment)?;
    instance.get("/latest/meta-data/placement/region").map(|text| text.trim().to_owned())
}

/// A metadata service that gave us a token.
struct Instance {
    agent: ureq::Agent,
    base: String,
    token: String,
}

impl Instance {
    fn reach(environment: &Environment) -> Result<Self, String> {
        if environment.is_true("AWS_EC2_METADATA_DISABLED") {
            return Err("AWS_EC2_METADATA_DISABLED is true".to_owned());
        }
        let base = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let base = base.trim_end_matches('/').to_owned();
        let agent = place::agent(TIMEOUT);
        let lasts = [("x-aws-ec2-metadata-token-ttl-seconds", "21600")];
        let answer = place::ask(&agent, "PUT", &format!("{base}/latest/api/token"), &lasts)?;
        if answer.status != 200 {
            return Err(format!("{base}/latest/api/token: HTTP {} (version 1 is not used)", answer.status));
        }
        Ok(Self { agent, base, token: answer.body.trim().to_owned() })
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.base);
        let answer = place::ask(&self.agent, "GET", &url, &[("x-aws-ec2-metadata-token", &self.token)])?;
        match answer.status {
            200 => Ok(answer.body),
            // So the service answers for an instance without a profile.
            404 if path == ROLES => Ok(String::new()),
            status => Err(format!("{url}: HTTP {status}")),
        }
    }
}
