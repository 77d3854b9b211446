//! What objects of the source are called here: ids that a repeat finds again.

use vigie_model::{TenantId, TenantScope};

/// What ids are derived from.
const DOMAIN: &str = "thehive";
/// How long a tenant's name may be.
const TENANT_CHARS_MAX: usize = 63;

/// Derives our ids from the source's.
#[derive(Debug, Clone)]
pub(super) struct Naming {
    source: String,
}

impl Naming {
    pub(super) fn new(source: &str) -> Self {
        Self { source: source.to_owned() }
    }

    /// Returns what the id of an object of ours is derived from. The same object of the same source has the same id for ever.
    pub(super) fn parts<'a>(&'a self, theirs: &'a str) -> [&'a str; 3] {
        [DOMAIN, &self.source, theirs]
    }

    /// Returns the key of the setting that keeps how far a list of an organisation is read.
    pub(super) fn mark_key(&self, organisation: &str, list: &str) -> String {
        format!("import/thehive/{}/{organisation}/{list}", self.source)
    }
}

/// An organisation of the source, and the tenant that it becomes.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its name at the source.
    pub(super) organisation: String,
    /// What questions call it: its name, or its id where the name has letters that no header has.
    pub(super) asked: String,
    /// The highest number that a case has there: new numbers begin after it.
    pub(super) numbers_to: u64,
    pub(super) tenant: TenantId,
}

/// Everything here: an import is the operator's, and objects are found wherever they are.
pub(super) const EVERYWHERE: &TenantScope = &TenantScope::All;

/// Returns the tenant's name that is nearest to an organisation's: lower-case letters, digits and dashes. `None` where
/// nothing is left of it.
pub(super) fn slug(organisation: &str) -> Option<TenantId> {
    let mut slug = String::new();
    for c in organisation.chars().flat_map(char::to_lowercase) {
        let plain = plain_letter(c);
        if plain.is_empty() {
            if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        } else {
            slug.push_str(plain);
        }
    }
    slug.truncate(TENANT_CHARS_MAX);
    TenantId::new(slug.trim_end_matches('-')).ok()
}

/// Returns what a tenant's name has in place of a letter; nothing for a space and the like.
fn plain_letter(c: char) -> &'static str {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyz0123456789_";
    const OTHERS: [(&str, &str); 13] = [
        ("àáâãåā", "a"),
        ("ä", "ae"),
        ("ç", "c"),
        ("èéêëē", "e"),
        ("ìíîïī", "i"),
        ("ñ", "n"),
        ("òóôõøō", "o"),
        ("ö", "oe"),
        ("ùúûū", "u"),
        ("ü", "ue"),
        ("ýÿ", "y"),
        ("ß", "ss"),
        ("æ", "ae"),
    ];
    if let Some(place) = PLAIN.find(c) {
        return &PLAIN[place..=place];
    }
    OTHERS.iter().find(|(letters, _)| letters.contains(c)).map_or("", |(_, plain)| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_become_tenants() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(slug(name).map(|tenant| tenant.to_string()).as_deref(), expected, "{name}");
        };
        check("main-org", Some("main-org"));
        check("Client A (Zürich) / 2", Some("client-a-zuerich-2"));
        check("  ACME, Inc. ", Some("acme-inc"));
        check("Société Générale", Some("societe-generale"));
        check("under_score", Some("under_score"));
        check("_x", None);
        check("日本", None);
        check("", None);
        check(&"x".repeat(80), Some(&"x".repeat(63)));
    }
}
