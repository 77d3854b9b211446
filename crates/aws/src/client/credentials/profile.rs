//! The profile that `AWS_PROFILE` names: keys, or a role and who takes it on.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>

use std::path::{Path, PathBuf};

use super::{
    Asked, Client, Credentials, Environment, Found, Identity, Profiles, ProfilesError, Role, assume_role, container,
    environment as variables, instance_metadata, place, web_identity,
};

/// How many profiles may lean on each other.
const PROFILES_DEEP_MAX: usize = 5;
/// As much as [`Profiles`] reads, and one more, so that it says what is wrong.
const FILE_BYTES_MAX: u64 = 1024 * 1024 + 1;

/// The profile that is selected, with the others that it may lean on.
pub(in crate::client) struct Selected {
    name: String,
    profiles: Profiles,
    /// Whether somebody asked for it by name.
    by_name: bool,
    /// The files that it was looked for in.
    files: String,
}

impl Selected {
    /// Reads the files. One that does not exist is as an empty one.
    pub(in crate::client) fn load(environment: &Environment) -> Result<Self, String> {
        let config = environment.file("AWS_CONFIG_FILE", "config");
        let credentials = environment.file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let mut profiles = load(config.as_deref(), Profiles::parse_config)?;
        profiles.lay_over(load(credentials.as_deref(), Profiles::parse_credentials)?);
        let files = [config, credentials].iter().flatten().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let files = if files.is_empty() { "no file, since HOME is not set".to_owned() } else { files.join(" and ") };
        let asked_for = environment.get("AWS_PROFILE").or_else(|| environment.get("AWS_DEFAULT_PROFILE"));
        let by_name = asked_for.is_some();
        Ok(Self { name: asked_for.unwrap_or_else(|| "default".to_owned()), profiles, by_name, files })
    }

    /// Returns a key of the profile.
    pub(in crate::client) fn get(&self, key: &str) -> Option<&str> {
        self.profiles.get(&self.name, key)
    }
}

fn load(path: Option<&Path>, parse: fn(&str) -> Result<Profiles, ProfilesError>) -> Result<Profiles, String> {
    let Some(path) = path.filter(|path| path.exists()) else { return Ok(Profiles::default()) };
    let text = place::read(path, FILE_BYTES_MAX)?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

pub(super) fn ask(client: &Client, environment: &Environment) -> Result<Asked, String> {
    let selected = Selected::load(environment)?;
    let Selected { name, profiles, by_name, files } = &selected;
    if !profiles.has(name) {
        let missing = format!("no profile `{name}` in {files}");
        return if *by_name { Err(missing) } else { Ok(Asked::Nothing(missing)) };
    }
    let search = Search { client, environment, profiles };
    match search.resolve(name, &mut Vec::new())? {
        Some(found) => Ok(Asked::Found(found)),
        None => Ok(Asked::Nothing(format!("profile `{name}` in {files} has neither aws_access_key_id nor role_arn"))),
    }
}

struct Search<'a> {
    client: &'a Client,
    environment: &'a Environment,
    profiles: &'a Profiles,
}

impl Search<'_> {
    /// Returns a profile's credentials. `on_the_way` are the profiles that lean on it.
    fn resolve(&self, name: &str, on_the_way: &mut Vec<String>) -> Result<Option<Found>, String> {
        let get = |key: &str| self.profiles.get(name, key);
        let wrong = |reason: &str| format!("profile `{name}`: {reason}");
        // Where a profile names itself as the source of its role, its keys are meant.
        let is_source = !on_the_way.is_empty();
        let keys = self.keys(name).map_err(|reason| wrong(&reason))?;
        if let Some(keys) = &keys
            && (is_source || get("role_arn").is_none())
        {
            return Ok(Some(keys.clone()));
        }
        if on_the_way.iter().any(|before| before == name) {
            return Err(wrong("source_profile leads back to it"));
        }
        if on_the_way.len() >= PROFILES_DEEP_MAX {
            return Err(wrong(&format!("more than {PROFILES_DEEP_MAX} profiles lean on each other")));
        }
        on_the_way.push(name.to_owned());
        if let Some(role) = get("role_arn") {
            if get("mfa_serial").is_some() {
                return Err(wrong(
                    "mfa_serial needs a person: run `aws configure export-credentials` and pass what it prints",
                ));
            }
            return self.role(name, role, on_the_way).map(Some).map_err(|reason| wrong(&reason));
        }
        if get("sso_session").is_some() || get("sso_start_url").is_some() {
            return Err(wrong(&format!(
                "single sign-on is not supported here: run `aws configure export-credentials --profile {name} --format env` \
                 and set what it prints"
            )));
        }
        if get("credential_process").is_some() {
            return Err(wrong("credential_process is not supported: no program is started for credentials"));
        }
        Ok(None)
    }

    fn keys(&self, name: &str) -> Result<Option<Found>, String> {
        let get = |key: &str| self.profiles.get(name, key).map(str::to_owned);
        match (get("aws_access_key_id"), get("aws_secret_access_key")) {
            (Some(key_id), Some(secret)) => {
                let credentials = Credentials { key_id, secret, token: get("aws_session_token") };
                Ok(Some(Found { credentials, expires: None }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err("it has aws_access_key_id and no aws_secret_access_key".to_owned()),
            (None, Some(_)) => Err("it has aws_secret_access_key and no aws_access_key_id".to_owned()),
        }
    }

    fn role(&self, name: &str, arn: &str, on_the_way: &mut Vec<String>) -> Result<Found, String> {
        let get = |key: &str| self.profiles.get(name, key);
        let source = match (get("source_profile"), get("credential_source"), get("web_identity_token_file")) {
            (Some(_), Some(_), _) => return Err("it has both source_profile and credential_source".to_owned()),
            (Some(source), None, _) => self
                .resolve(source, on_the_way)?
                .ok_or_else(|| format!("source_profile `{source}` does not exist or has no credentials"))?,
            (None, Some(source), _) => self.source(source)?,
            (None, None, Some(file)) => {
                let file = PathBuf::from(file);
                return web_identity::assume(self.client, &file, arn, get("role_session_name"));
            }
            (None, None, None) => {
                return Err("role_arn needs source_profile, credential_source or web_identity_token_file".to_owned());
            }
        };
        let duration_s = match get("duration_seconds") {
            Some(text) => Some(text.parse().map_err(|_| "duration_seconds is no number".to_owned())?),
            None => None,
        };
        let role = Role {
            arn: arn.to_owned(),
            session: get("role_session_name").map(str::to_owned),
            external_id: get("external_id").map(str::to_owned),
            duration_s,
        };
        let by = self.client.signing_as(&Identity::fixed(source.credentials).into());
        assume_role::assume(&by, &role).map_err(|error| format!("{arn}: {error}"))
    }

    fn source(&self, source: &str) -> Result<Found, String> {
        let asked = match source {
            "Environment" => variables::ask(self.client, self.environment)?,
            "Ec2InstanceMetadata" => instance_metadata::ask(self.client, self.environment)?,
            "EcsContainer" => container::ask(self.client, self.environment)?,
            _ => return Err("credential_source is none of Environment, Ec2InstanceMetadata, EcsContainer".to_owned()),
        };
        match asked {
            Asked::Found(found) => Ok(found),
            Asked::Nothing(missing) => Err(format!("credential_source {source}: {missing}")),
        }
    }
}
