//! Where a service is found.

use std::collections::BTreeMap;
use std::fmt;

use crate::operation::Service;

/// A Region of AWS: `eu-west-3`, `us-gov-west-1`, `cn-north-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

/// A text that is no name of a Region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a Region: expected a name such as eu-west-3")]
pub struct RegionError(String);

impl Region {
    /// Reads a Region's name. It becomes part of a host's name, so only letters, digits and `-` pass.
    ///
    /// # Errors
    /// It is no such name.
    pub fn new(name: &str) -> Result<Self, RegionError> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if (3..=30).contains(&name.len()) && name.contains('-') && name.chars().all(plain) {
            return Ok(Self(name.to_owned()));
        }
        Err(RegionError(name.chars().take(40).collect()))
    }

    /// Returns its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the partition that it is part of, as ARNs write it: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso…`.
    pub fn partition(&self) -> &'static str {
        match &self.0 {
            name if name.starts_with("cn-") => "aws-cn",
            name if name.starts_with("us-gov-") => "aws-us-gov",
            name if name.starts_with("us-isob-") => "aws-iso-b",
            name if name.starts_with("us-iso-") => "aws-iso",
            name if name.starts_with("eusc-") => "aws-eusc",
            _ => "aws",
        }
    }

    /// Returns the domain that its endpoints live under.
    fn domain(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            "aws-eusc" => "amazonaws.eu",
            _ => "amazonaws.com",
        }
    }

    /// Returns the Region that signs for services with one endpoint a partition (IAM).
    fn home(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            "aws-iso" => "us-iso-east-1",
            "aws-iso-b" => "us-isob-east-1",
            "aws-eusc" => "eusc-de-east-1",
            _ => "us-east-1",
        }
    }

    /// Returns the Region that a call to a service is signed for.
    pub(crate) fn signing(&self, service: Service) -> &str {
        if service == Service::Iam { self.home() } else { &self.0 }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where each service is found, where that is not AWS's own place: an emulator, a VPC endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    all: Option<String>,
    by_service: BTreeMap<Service, String>,
}

impl Endpoints {
    /// Returns one place for all services.
    pub fn all_at(url: impl Into<String>) -> Self {
        Self { all: Some(url.into()), by_service: BTreeMap::new() }
    }

    /// Sets the place of every service that has none of its own.
    pub fn set_all(&mut self, url: impl Into<String>) {
        self.all = Some(url.into());
    }

    /// Sets the place of one service.
    pub fn set(&mut self, service: Service, url: impl Into<String>) {
        self.by_service.insert(service, url.into());
    }

    /// Returns the base of a service's URLs, without a slash at its end.
    pub(crate) fn url(&self, service: Service, region: &Region) -> String {
        if let Some(url) = self.by_service.get(&service).or(self.all.as_ref()) {
            return url.trim_end_matches('/').to_owned();
        }
        let domain = region.domain();
        match (service, region.partition()) {
            (Service::Iam, "aws") => "https://iam.amazonaws.com".to_owned(),
            (Service::Iam, "aws-us-gov") => "https://iam.us-gov.amazonaws.com".to_owned(),
            (Service::Iam, _) => format!("https://iam.{}.{domain}", region.home()),
            _ => format!("https://{}.{region}.{domain}", service.signing_name()),
        }
    }

    /// Returns whether a service is found at AWS's own place, where S3 takes the bucket as part of the host's name.
    pub(crate) fn is_own(&self, service: Service) -> bool {
        self.all.is_none() && !self.by_service.contains_key(&service)
    }
}
