//! The rules that people write here: a folder each, below the data folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{RuleFile, RuleFrom, RuleTest, RuleTests};

/// How many rules of one's own there may be.
pub(crate) const OWN_RULES_MAX: usize = 2_000;
/// How long the text of one may be, in bytes.
pub(crate) const OWN_YAML_BYTES_MAX: usize = 256 * 1024;
/// How long the name of one may be.
const NAME_BYTES_MAX: usize = 64;
/// How long a test's document is that is read back, in bytes.
const TEST_BYTES_MAX: u64 = 1 << 20;

/// The name of a rule of one's own: lower-case letters, digits, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnName(String);

impl OwnName {
    /// Returns the name, where it is one.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (begins && text.len() <= NAME_BYTES_MAX && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Returns the name whose rule file is called so.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        Self::new(path.strip_prefix("own/")?.strip_suffix("/rule.yml")?)
    }

    /// Returns what messages call the rule's file.
    pub(crate) fn path(&self) -> String {
        format!("own/{}/rule.yml", self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The folder of rules could not be used.
#[derive(Debug, thiserror::Error)]
#[error("use `{path}`", path = path.display())]
pub(crate) struct OwnRuleError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// The folder that holds them.
#[derive(Debug, Clone)]
pub(crate) struct OwnRules(PathBuf);

fn at<T>(path: &Path, done: io::Result<T>) -> Result<T, OwnRuleError> {
    done.map_err(|source| OwnRuleError { path: path.to_owned(), source })
}

impl OwnRules {
    /// Returns the rules of a data folder.
    pub(crate) fn of(data_folder: &Path) -> Self {
        Self(data_folder.join("rules"))
    }

    /// Returns the names, sorted.
    pub(crate) fn names(&self) -> Result<Vec<OwnName>, OwnRuleError> {
        if !self.0.exists() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in at(&self.0, fs::read_dir(&self.0))? {
            let entry = at(&self.0, entry)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(before) = name.strip_suffix(".old").and_then(|name| name.strip_prefix('.')) {
                self.take_up(before)?;
                names.extend(OwnName::new(before));
            }
            names.extend(OwnName::new(&name).filter(|_| entry.path().join("rule.yml").is_file()));
        }
        names.sort_by(|left, right| left.0.cmp(&right.0));
        names.dedup();
        names.truncate(OWN_RULES_MAX);
        Ok(names)
    }

    /// Puts a rule back that a crash caught between taking the old one away and putting the new one there.
    fn take_up(&self, name: &str) -> Result<(), OwnRuleError> {
        let (old, place) = (self.0.join(format!(".{name}.old")), self.0.join(name));
        if place.exists() { at(&old, fs::remove_dir_all(&old)) } else { at(&old, fs::rename(&old, &place)) }
    }

    /// Returns the rule files, by name.
    pub(crate) fn files(&self) -> Result<Vec<RuleFile>, OwnRuleError> {
        let mut files = Vec::new();
        for name in self.names()? {
            let path = self.0.join(name.as_str()).join("rule.yml");
            let text = at(&path, fs::read_to_string(&path))?;
            files.push(RuleFile { path: name.path(), text, from: RuleFrom::Own });
        }
        Ok(files)
    }

    /// Returns whether there is a rule of this name.
    pub(crate) fn has(&self, name: &OwnName) -> bool {
        self.0.join(name.as_str()).join("rule.yml").is_file()
    }

    /// Returns the tests of a rule; those that are no text or too long are left out.
    pub(crate) fn tests(&self, name: &OwnName) -> Result<RuleTests, OwnRuleError> {
        let folder = self.0.join(name.as_str());
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in at(&folder, fs::read_dir(&folder))? {
            paths.push(at(&folder, entry)?.path());
        }
        paths.sort();
        let mut tests = RuleTests::default();
        for path in paths {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let list = match file.split('-').next() {
                Some("match") => &mut tests.matches,
                Some("ignore") => &mut tests.ignores,
                _ => continue,
            };
            if at(&path, fs::metadata(&path))?.len() > TEST_BYTES_MAX {
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let source = stem.rsplit_once('.').map(|(_, source)| source.to_owned());
            list.push(RuleTest { source, text });
        }
        Ok(tests)
    }

    /// Writes a rule with its tests, in place of any of its name. It is there whole or as it was before.
    pub(crate) fn save(&self, name: &OwnName, yaml: &str, tests: &RuleTests) -> Result<(), OwnRuleError> {
        let new = self.0.join(format!(".{}.new", name.as_str()));
        let old = self.0.join(format!(".{}.old", name.as_str()));
        let place = self.0.join(name.as_str());
        at(&self.0, fs::create_dir_all(&self.0))?;
        if new.exists() {
            at(&new, fs::remove_dir_all(&new))?;
        }
        at(&new, fs::create_dir(&new))?;
        write(&new.join("rule.yml"), yaml)?;
        for (kind, tests) in [("match", &tests.matches), ("ignore", &tests.ignores)] {
            for (number, test) in (1..).zip(tests) {
                write(&new.join(test.file_name(kind, number)), &test.text)?;
            }
        }
        if place.exists() {
            at(&place, fs::rename(&place, &old))?;
        }
        at(&new, fs::rename(&new, &place))?;
        if old.exists() {
            at(&old, fs::remove_dir_all(&old))?;
        }
        at(&self.0, fs::File::open(&self.0).and_then(|folder| folder.sync_all()))
    }

    /// Deletes a rule. Returns whether there was one.
    pub(crate) fn delete(&self, name: &OwnName) -> Result<bool, OwnRuleError> {
        let place = self.0.join(name.as_str());
        if !self.has(name) {
            return Ok(false);
        }
        at(&place, fs::remove_dir_all(&place))?;
        Ok(true)
    }
}

fn write(path: &Path, text: &str) -> Result<(), OwnRuleError> {
    let written = fs::File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    at(path, written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(source: Option<&str>, text: &str) -> RuleTest {
        RuleTest { source: source.map(str::to_owned), text: text.to_owned() }
    }

    #[test]
    fn names_are_names_of_folders() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(OwnName::new(text).is_some(), expected, "{text}");
        }
        check("ssh-from_lab2", true);
        check(&"a".repeat(NAME_BYTES_MAX), true);
        check(&"a".repeat(NAME_BYTES_MAX + 1), false);
        for wrong in ["", ".", "..", "../x", "a/b", "A", "-a", "a.b", "é", "a\0"] {
            check(wrong, false);
        }
    }

    #[test]
    fn what_is_saved_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let own = OwnRules::of(folder.path());
        let name = OwnName::new("shell").unwrap();
        assert!(own.files().unwrap().is_empty());
        let tests = RuleTests {
            matches: vec![test(Some("linux_auth"), "a\n"), test(None, "b")],
            ignores: vec![test(Some("json"), "{}")],
        };
        own.save(&name, "title: old", &RuleTests { matches: vec![test(None, "x"); 3], ..RuleTests::default() })
            .unwrap();
        own.save(&name, "title: new", &tests).unwrap();
        assert_eq!(own.tests(&name).unwrap(), tests);
        let files = own.files().unwrap();
        assert_eq!(
            (files.len(), files[0].path.as_str(), files[0].text.as_str()),
            (1, "own/shell/rule.yml", "title: new")
        );
        // A crash between the two renames: the old one is where it was put aside.
        fs::rename(folder.path().join("rules/shell"), folder.path().join("rules/.shell.old")).unwrap();
        assert_eq!(own.files().unwrap().len(), 1);
        assert!(own.delete(&name).unwrap());
        assert!(!own.delete(&name).unwrap());
        assert!(own.files().unwrap().is_empty());
    }
}
