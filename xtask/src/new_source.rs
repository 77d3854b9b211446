//! `cargo xtask new source NAME`: begin a log source from the template.

use std::fs;

use crate::steps::root;

/// Copies the template to `crates/ingest/src/sources/NAME`, and says what is left to do.
pub(crate) fn run(name: &str) -> Result<(), String> {
    let valid = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !valid {
        return Err(format!("`{name}` is not a source name: expected a-z, 0-9 and _, beginning with a letter"));
    }
    let templates = root().join("crates/ingest/templates/source");
    let folder = root().join("crates/ingest/src/sources").join(name);
    if folder.exists() {
        return Err(format!("{} exists already", folder.display()));
    }
    fs::create_dir_all(&folder).map_err(|error| format!("create {}: {error}", folder.display()))?;
    for file in ["mod.rs", "schema.rs", "normalise.rs"] {
        let template = templates.join(file);
        let text = fs::read_to_string(&template).map_err(|error| format!("read {}: {error}", template.display()))?;
        let text = text.replace("{{name}}", name).replace("{{Name}}", &type_name(name));
        fs::write(folder.join(file), text).map_err(|error| format!("write {file}: {error}"))?;
        println!("wrote {}", folder.join(file).display());
    }
    println!(
        "next: declare `mod {name};` in crates/ingest/src/sources/mod.rs and register it in `Sources::builtin`; put golden \
         pairs into crates/ingest/tests/golden/{name}/"
    );
    Ok(())
}

fn type_name(name: &str) -> String {
    let capitalise = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('_').filter(|word| !word.is_empty()).map(capitalise).collect()
}
