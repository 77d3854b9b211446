//! How a client is made.

use std::time::Duration;

use super::{Credentials, Endpoints, Environment, Region};
use crate::client::credentials::{SelectedProfile, region_of_instance};
use crate::operation::Service;

/// Whether what changes something is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Everything is sent.
    #[default]
    Live,
    /// What only looks is sent; what changes something is written down ([`super::Client::calls`]) and answered with nothing.
    DryRun,
}

/// How a client is made.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Where it works.
    pub region: Region,
    /// Where each service is found.
    pub endpoints: Endpoints,
    /// What it signs with; `None` to look along the chain.
    pub credentials: Option<Credentials>,
    /// What the chain reads.
    pub environment: Environment,
    /// Whether what changes something is sent.
    pub mode: Mode,
    /// How often a call is tried at most.
    pub attempts_max: u32,
    /// How long one try may take.
    pub timeout: Duration,
    /// How long a call may take with all its tries.
    pub call_timeout: Duration,
}

/// Why a client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Nobody says in which Region to work.
    #[error("no AWS Region: tried {}; set AWS_REGION", .0.join(", "))]
    NoRegion(Vec<String>),
    /// What is set makes no sense.
    #[error("{name}: {reason}")]
    Setting {
        /// The variable, or the key of the profile.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ClientOptions {
    /// Returns the options of a live client in a Region: AWS's own endpoints, the credential chain, 5 tries of 10 s, 45 s
    /// in all.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            endpoints: Endpoints::default(),
            credentials: None,
            environment: Environment::of_process(),
            mode: Mode::Live,
            attempts_max: 5,
            timeout: Duration::from_secs(10),
            call_timeout: Duration::from_secs(45),
        }
    }

    /// Returns options with the Region (`AWS_REGION`, `AWS_DEFAULT_REGION`, the profile, the instance) and the endpoints
    /// (`AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile) that the environment names.
    ///
    /// # Errors
    /// No Region is named, or what is named makes no sense.
    pub fn from_environment(environment: &Environment) -> Result<Self, OptionsError> {
        Self::from_environment_in(environment, None)
    }

    /// As [`ClientOptions::from_environment`], but where a Region is given, the environment need not name one.
    ///
    /// # Errors
    /// As [`ClientOptions::from_environment`].
    pub fn from_environment_in(environment: &Environment, given: Option<Region>) -> Result<Self, OptionsError> {
        let profile = SelectedProfile::load(environment)
            .map_err(|reason| OptionsError::Setting { name: "profile files".to_owned(), reason })?;
        let mut options = Self::new(given.map_or_else(|| region(environment, &profile), Ok)?);
        options.endpoints = endpoints(environment, &profile)?;
        options.environment = environment.clone();
        Ok(options)
    }
}

fn region(environment: &Environment, profile: &SelectedProfile) -> Result<Region, OptionsError> {
    let variable = |name: &'static str| environment.get(name).map(|value| (name, value));
    let named = variable("AWS_REGION")
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| profile.get("region").map(|value| ("the profile's region", value.to_owned())));
    let (name, value) = match named {
        Some(named) => named,
        None => match region_of_instance(environment) {
            Ok(value) => ("the instance's Region", value),
            Err(missing) => {
                let tried = ["AWS_REGION", "AWS_DEFAULT_REGION", "the profile's region"].map(str::to_owned);
                let tried = tried.into_iter().chain([format!("instance metadata ({missing})")]);
                return Err(OptionsError::NoRegion(tried.collect()));
            }
        },
    };
    Region::new(&value).map_err(|error| OptionsError::Setting { name: name.to_owned(), reason: error.to_string() })
}

fn endpoints(environment: &Environment, profile: &SelectedProfile) -> Result<Endpoints, OptionsError> {
    let mut endpoints = Endpoints::default();
    if environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        return Ok(endpoints);
    }
    let all = match environment.get("AWS_ENDPOINT_URL") {
        Some(url) => Some(("AWS_ENDPOINT_URL", url)),
        None => profile.get("endpoint_url").map(|url| ("the profile's endpoint_url", url.to_owned())),
    };
    if let Some((name, url)) = all {
        endpoints.set_all(endpoint(name, url)?);
    }
    for service in Service::ALL {
        let name = format!("AWS_ENDPOINT_URL_{}", service.variable_name());
        if let Some(url) = environment.get(&name) {
            endpoints.set(service, endpoint(&name, url)?);
        }
    }
    Ok(endpoints)
}

fn endpoint(name: &str, url: String) -> Result<String, OptionsError> {
    let uri = url.parse::<http::Uri>().ok();
    let sound = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
    });
    if sound {
        return Ok(url);
    }
    let reason = "expected an address such as https://vpce-1.example.com".to_owned();
    Err(OptionsError::Setting { name: name.to_owned(), reason })
}
