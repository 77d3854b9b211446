//! The console, inside the binary: what `npm run build` made of `web/`, compressed.
//!
//! Where it was not built, as on a machine without Node, one page stands in that says how to get it; [`IS_BUILT`] tells.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::io::Read as _;

use flate2::read::GzDecoder;

/// A file of the console.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its path, such as `/assets/index-D4qaI8c2.js`.
    pub path: &'static str,
    /// What it is, for `Content-Type`.
    pub media_type: &'static str,
    /// What names this content, quotes included, for `ETag`.
    pub etag: &'static str,
    /// Its bytes, compressed with gzip.
    pub gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// Returns its bytes as they are, for the few who do not take gzip.
    pub fn plain(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut bytes).expect("the build compressed it");
        bytes
    }

    /// Returns whether its name changes with its content, so that it may be kept for ever.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with("/assets/")
    }
}

/// Returns the file of this path.
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().map(|index| &ASSETS[index])
}

/// Returns the page that every view begins with.
pub fn index() -> &'static Asset {
    asset("/index.html").expect("the build sees to it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_its_path_and_unpacks() {
        for known in ASSETS {
            let found = asset(known.path).unwrap_or_else(|| panic!("{} is not found", known.path));
            assert_eq!(found.etag, known.etag);
            assert!(!found.plain().is_empty(), "{} is empty", known.path);
        }
        assert!(asset("/no-such-file").is_none());
        assert!(String::from_utf8(index().plain()).expect("a page is text").contains("<title>Vigie</title>"));
    }

    #[test]
    fn the_page_has_nothing_inline_that_the_policy_would_block() {
        let page = String::from_utf8(index().plain()).expect("a page is text");
        for part in ["<style", "style=", "onclick", "javascript:"] {
            assert!(!page.contains(part), "the page has `{part}`");
        }
        for script in page.match_indices("<script").map(|(at, _)| &page[at..]) {
            let tag = &script[..script.find('>').expect("a tag ends")];
            assert!(tag.contains("src="), "{tag} is inline");
        }
    }
}
