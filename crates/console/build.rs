//! Packs what `npm run build` left in `web/dist`, or the page that stands in for it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

fn main() {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let built = here.join("../../web/dist");
    let fallback = here.join("fallback");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", fallback.display());
    // A folder that is not there yet is looked for again at each build, which costs nothing.
    println!("cargo::rerun-if-changed={}", built.display());
    let is_built = built.join("index.html").is_file();
    let folder = if is_built { built } else { fallback };
    let mut files = Vec::new();
    walk(&folder, &mut files);
    files.sort();
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut table = format!(
        "/// Whether this is the console, and not the page that stands in for it.\n\
         pub const IS_BUILT: bool = {is_built};\n\
         static ASSETS: &[Asset] = &[\n"
    );
    for (index, path) in files.iter().enumerate() {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        let packed = out.join(format!("{index}.gz"));
        std::fs::write(&packed, gzip(&bytes)).unwrap_or_else(|error| panic!("write {}: {error}", packed.display()));
        let name = path.strip_prefix(&folder).expect("it was found in it").to_string_lossy().replace('\\', "/");
        let tag = &hex::encode(Sha256::digest(&bytes))[..16];
        writeln!(
            table,
            "    Asset {{ path: {:?}, media_type: {:?}, etag: \"\\\"{tag}\\\"\", gzip: include_bytes!({:?}) }},",
            format!("/{name}"),
            media_type(path),
            packed.to_string_lossy(),
        )
        .expect("a text takes everything");
    }
    table.push_str("];\n");
    std::fs::write(out.join("assets.rs"), table).expect("the build's folder can be written");
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("read {}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("read {}: {error}", folder.display())).path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes everything")
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}
