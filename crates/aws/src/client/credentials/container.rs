//! The agent beside a container (ECS, EKS pod identity):
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use super::{Asked, Client, Environment, place};

/// Where ECS answers.
const ECS: &str = "http://169.254.170.2";
/// Hosts that may be asked without TLS: this host, ECS, EKS.
const PLAIN_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
const TIMEOUT: Duration = Duration::from_secs(2);
const TOKEN_BYTES_MAX: u64 = 64 * 1024;

pub(super) fn ask(_client: &Client, environment: &Environment) -> Result<Asked, String> {
    let relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let url = match (relative, full) {
        (Some(path), _) if path.starts_with('/') => format!("{ECS}{path}"),
        (Some(_), _) => return Err("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with `/`".to_owned()),
        (None, Some(url)) => allowed(url)?,
        (None, None) => {
            return Ok(Asked::Nothing(
                "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
                    .to_owned(),
            ));
        }
    };
    let token = match environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(file) => Some(place::read(Path::new(&file), TOKEN_BYTES_MAX)?.trim().to_owned()),
        None => environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    };
    if token.as_ref().is_some_and(|token| token.contains(['\r', '\n'])) {
        return Err("the authorization token has more than one line".to_owned());
    }
    let headers: Vec<(&str, &str)> =
        token.iter().map(|token| ("authorization", token.as_str())).chain([("accept", "application/json")]).collect();
    let answer = place::ask(&place::agent(TIMEOUT), "GET", &url, &headers)?;
    if answer.status != 200 {
        return Err(format!("{url}: HTTP {}", answer.status));
    }
    place::read_credentials(&url, &answer.body).map(Asked::Found)
}

/// Refuses to ask a stranger without TLS: whoever can set a variable could otherwise hand us credentials of his.
fn allowed(url: String) -> Result<String, String> {
    const NAME: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    let uri: http::Uri = url.parse().map_err(|_| format!("{NAME} is no address"))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let near = host == "localhost"
        || PLAIN_HOSTS.contains(&host)
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(url),
        Some("http") if near => Ok(url),
        Some("http") => Err(format!("{NAME} names `{host}`: without https only this host, ECS and EKS are asked")),
        _ => Err(format!("{NAME} begins with neither https:// nor http://")),
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn strangers_are_not_asked_without_tls() {
        for good in [
            "https://example.com/credentials",
            "http://127.0.0.1:8080/c",
            "http://127.9.9.9/c",
            "http://[::1]/c",
            "http://localhost/c",
            "http://169.254.170.2/c",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(allowed(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com/c",
            "http://169.254.169.254/c",
            "http://127.0.0.1.example.com/c",
            "http://127.0.0.1@example.com/c",
            "ftp://127.0.0.1/c",
            "/c",
            "",
        ] {
            assert!(allowed(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
