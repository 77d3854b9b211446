//! The files `~/.aws/config` and `~/.aws/credentials`:
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.

use std::collections::BTreeMap;
use std::fmt;

/// A file of profiles is some kilobytes.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// What is wrong with a file of profiles. It never repeats what stands in the file: that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfilesError {
    /// It is too big to be one.
    #[error("more than {FILE_BYTES_MAX} bytes")]
    TooBig,
    /// A line makes no sense.
    #[error("line {line}: {reason}")]
    Line {
        /// Which one, from 1.
        line: usize,
        /// What was expected there.
        reason: &'static str,
    },
}

/// Profiles by name, each with its keys. Its `Debug` hides the values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    by_name: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a line means for those below it.
enum Place {
    /// No section has begun.
    Start,
    /// In a profile, whose keys go into the map of this name.
    Profile(String),
    /// In something else: `sso-session`, `services`, `plugins`.
    Other,
}

impl Profiles {
    /// Reads a `config` file, where profiles are `[default]` and `[profile NAME]`.
    ///
    /// # Errors
    /// It is too big, or a line makes no sense.
    pub fn parse_config(text: &str) -> Result<Self, ProfilesError> {
        let mut profiles = Self::parse(text, |section| match section.split_once([' ', '\t']) {
            Some(("profile", name)) => Some(unquoted(name).to_owned()),
            None if section == "default" => Some(PLAIN_DEFAULT.to_owned()),
            Some(_) | None => None,
        })?;
        // `[profile default]` wins over `[default]`, wherever each stands.
        if let Some(keys) = profiles.by_name.remove(PLAIN_DEFAULT) {
            profiles.by_name.entry("default".to_owned()).or_insert(keys);
        }
        Ok(profiles)
    }

    /// Reads a `credentials` file, where profiles are `[NAME]`.
    ///
    /// # Errors
    /// It is too big, or a line makes no sense.
    pub fn parse_credentials(text: &str) -> Result<Self, ProfilesError> {
        Self::parse(text, |section| Some(unquoted(section).to_owned()))
    }

    fn parse(text: &str, profile_of: impl Fn(&str) -> Option<String>) -> Result<Self, ProfilesError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(ProfilesError::TooBig);
        }
        let mut profiles = Self::default();
        let (mut place, mut has_key) = (Place::Start, false);
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let wrong = |reason| ProfilesError::Line { line: index + 1, reason };
            let body = line.trim();
            if body.is_empty() || body.starts_with(['#', ';']) {
                continue;
            }
            if let Some(section) = line.strip_prefix('[') {
                let (name, rest) = section.split_once(']').ok_or(wrong("a section ends with `]`"))?;
                let rest = rest.trim();
                if !(rest.is_empty() || rest.starts_with(['#', ';'])) {
                    return Err(wrong("nothing but a comment stands behind a section's name"));
                }
                place = match profile_of(name.trim()) {
                    Some(name) => {
                        profiles.by_name.entry(name.clone()).or_default();
                        Place::Profile(name)
                    }
                    None => Place::Other,
                };
                has_key = false;
                continue;
            }
            if line.starts_with([' ', '\t']) {
                // More of the value above: nested settings (`s3 =`), none of which are ours.
                if has_key {
                    continue;
                }
                return Err(wrong("a line that begins with a blank continues a key, and there is none above it"));
            }
            let (key, value) = body.split_once('=').ok_or(wrong("expected `[section]` or `key = value`"))?;
            let key = key.trim().to_ascii_lowercase();
            if key.is_empty() {
                return Err(wrong("there is no key in front of `=`"));
            }
            has_key = true;
            match &place {
                Place::Start => return Err(wrong("a key stands in front of the first section")),
                Place::Other => {}
                Place::Profile(name) => {
                    let keys = profiles.by_name.entry(name.clone()).or_default();
                    keys.insert(key, without_comment(value).to_owned());
                }
            }
        }
        Ok(profiles)
    }

    /// Lays other profiles over these: where both have a key, theirs counts.
    pub(super) fn lay_over(&mut self, others: Self) {
        for (name, keys) in others.by_name {
            self.by_name.entry(name).or_default().extend(keys);
        }
    }

    /// Returns whether there is a profile of this name.
    pub fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns a key of a profile. An empty value is as none.
    pub fn get(&self, name: &str, key: &str) -> Option<&str> {
        self.by_name.get(name)?.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The name of `[default]` while it is not known whether there is a `[profile default]`; no section can have it.
const PLAIN_DEFAULT: &str = "]default";

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

fn unquoted(name: &str) -> &str {
    let name = name.trim();
    let within = |quote| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(name)
}

/// Cuts off a comment, which begins with a blank: a secret may hold a `#`.
fn without_comment(value: &str) -> &str {
    let end = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
    value.get(..end.unwrap_or(value.len())).unwrap_or(value).trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_files_are_read() {
        let config = "\u{feff}# mine\n[default]\nregion = eu-west-3\n[profile \"two words\"] ; why\nRegion=us-east-1 # here\n\
                      s3 =\n  max_concurrent_requests = 20\n  region = x\nrole_arn = arn\n[sso-session corp]\nregion = no\n\
                      [profile default]\nregion = eu-west-1\n[other]\nregion = no\n";
        let profiles = Profiles::parse_config(config).unwrap();
        assert_eq!(profiles.get("default", "region"), Some("eu-west-1"));
        assert_eq!(profiles.get("two words", "region"), Some("us-east-1"));
        assert_eq!(profiles.get("two words", "role_arn"), Some("arn"));
        assert_eq!(profiles.get("two words", "s3"), None);
        assert!(!profiles.has("other") && !profiles.has("corp") && !profiles.has(PLAIN_DEFAULT));

        let credentials = "[default]\r\naws_access_key_id = AKID\r\naws_secret_access_key = a#b;c=d/+ #x\r\n[x]\r\n";
        let profiles = Profiles::parse_credentials(credentials).unwrap();
        assert_eq!(profiles.get("default", "aws_secret_access_key"), Some("a#b;c=d/+"));
        assert!(profiles.has("x"));
        assert!(!format!("{profiles:?}").contains("AKID"));
    }

    #[test]
    fn credentials_lie_over_the_configuration() {
        let mut profiles = Profiles::parse_config("[default]\na = 1\nb = 1\n").unwrap();
        profiles.lay_over(Profiles::parse_credentials("[default]\nb = 2\n[x]\nc = 3\n").unwrap());
        assert_eq!(
            (profiles.get("default", "a"), profiles.get("default", "b"), profiles.get("x", "c")),
            (Some("1"), Some("2"), Some("3"))
        );
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named_without_its_words() {
        for (text, line) in [
            ("secret", 1),
            ("key = secret", 1),
            ("[a]\n\n= secret", 3),
            ("[a\nsecret = 1", 1),
            ("[a] secret", 1),
            ("[a]\n  secret = 1", 2),
        ] {
            let error = Profiles::parse_credentials(text).unwrap_err();
            assert!(matches!(error, ProfilesError::Line { line: at, .. } if at == line), "{text}: {error}");
            assert!(!error.to_string().contains("secret"));
        }
        let (longest, longer) = (" ".repeat(FILE_BYTES_MAX), " ".repeat(FILE_BYTES_MAX + 1));
        assert!(Profiles::parse_config(&longest).is_ok());
        assert_eq!(Profiles::parse_config(&longer), Err(ProfilesError::TooBig));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([\\[\\]= \t#;\"'a-z\\n]|profile |default|\\PC){0,80}") {
            let _ = Profiles::parse_config(&text);
            let _ = Profiles::parse_credentials(&text);
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z][a-z0-9-]{0,9}", key in "[a-z_]{1,9}", value in "[a-zA-Z0-9/+=][!-~]{0,29}") {
            let config = Profiles::parse_config(&format!("[profile {name}]\n{key} = {value}\n")).unwrap();
            prop_assert_eq!(config.get(&name, &key), Some(&*value));
            let credentials = Profiles::parse_credentials(&format!("[{name}]\n{key}={value}")).unwrap();
            prop_assert_eq!(credentials.get(&name, &key), Some(&*value));
        }
    }
}
