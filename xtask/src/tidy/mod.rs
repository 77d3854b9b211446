//! `cargo xtask tidy`: what a compiler does not check. Each room says what it wants and why it was not given.

mod arrows;
mod files;
mod house;
mod licences;
mod rule_folders;
mod spdx;

/// Runs every check and prints all that is wrong, not only the first.
pub(crate) fn run() -> Result<(), String> {
    let mut wrong = Vec::new();
    wrong.extend(arrows::check()?);
    wrong.extend(files::check()?);
    wrong.extend(house::check()?);
    wrong.extend(rule_folders::check()?);
    wrong.extend(licences::check()?);
    if wrong.is_empty() {
        println!("tidy: nothing to mend");
        return Ok(());
    }
    for line in &wrong {
        println!("tidy: {line}");
    }
    Err(format!("tidy found {} thing(s) to mend", wrong.len()))
}
