//! `vigie admin`: users, keys and tenants, worked on in the data folder.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use tokio::runtime::Runtime;
use vigie_model::{Actor, TenantId, TenantScope};
use vigie_server::{
    NewUser, PASSWORD_BYTES_MAX, PasswordRule, PersonToErase, SystemClock, SystemEntropy, Trial, create_key,
    create_tenant, create_user, erase_person, open_store,
};

use super::{Failure, Verdict, config};
use crate::cli::{Admin, EraseArguments, Format, KeyArguments, Table, UserArguments, print_rows};

pub(super) fn run(command: &Admin) -> Result<Verdict, Failure> {
    let runtime = Runtime::new()?;
    match command {
        Admin::AddUser(arguments) => runtime.block_on(add_user(arguments)),
        Admin::AddKey(arguments) => runtime.block_on(add_key(arguments)),
        Admin::ErasePerson(arguments) => runtime.block_on(erase(arguments)),
        Admin::AddTenant { tenant, name, config } => {
            runtime.block_on(add_tenant(tenant, name.as_deref(), config.as_deref()))
        }
    }
}

async fn add_user(arguments: &UserArguments) -> Result<Verdict, Failure> {
    let (password, made_up) = password()?;
    let config = config::load(arguments.config.as_deref())?.config;
    if arguments.allow_weak_password && !config.http.listen.ip().is_loopback() {
        return Err(format!(
            "--allow-weak-password is refused, since `http.listen` is {}: anybody could guess it. Listen on loopback, or \
             use a password of 12 characters",
            config.http.listen
        )
        .into());
    }
    let store = open_store(&config).await?;
    let mut members = arguments.member.clone();
    if let Some(first) = members.first_mut() {
        first.default = true;
    }
    let tenants = if arguments.tenant.is_empty() {
        scope(&members.iter().map(|member| member.tenant.clone()).collect::<Vec<_>>())
    } else {
        scope(&arguments.tenant)
    };
    let new = NewUser { name: arguments.name.clone(), role: arguments.role, tenants, members };
    let rule = if arguments.allow_weak_password { PasswordRule::Any } else { PasswordRule::Usual };
    let user = create_user(&store, &SystemClock, &SystemEntropy, &by(), new, &password, rule).await?;
    println!("made the user `{}` ({})", user.name, user.role.as_str());
    if made_up {
        println!("password, shown once: {password}");
    }
    Ok(Verdict::Good)
}

async fn add_key(arguments: &KeyArguments) -> Result<Verdict, Failure> {
    let store = open_store(&config::load(arguments.config.as_deref())?.config).await?;
    let tenants = scope(&arguments.tenant);
    let new = NewUser { name: arguments.name.clone(), role: arguments.role, tenants, members: Vec::new() };
    let (_, key) = create_key(&store, &SystemClock, &SystemEntropy, &by(), new, None).await?;
    // Alone on its line, so that `KEY=$(vigie admin add-key …)` works.
    println!("{}", key.expose());
    Ok(Verdict::Good)
}

/// What an erasure changed in one place.
#[derive(serde::Serialize)]
struct ErasedRows {
    place: &'static str,
    rows: u64,
}

async fn erase(arguments: &EraseArguments) -> Result<Verdict, Failure> {
    let store = open_store(&config::load(arguments.config.as_deref())?.config).await?;
    let person = PersonToErase { name: arguments.name.clone(), pseudonym: arguments.pseudonym.clone() };
    let trial = if arguments.dry_run { Trial::Dry } else { Trial::Real };
    let (pseudonym, erased) = erase_person(&store, &SystemClock, &SystemEntropy, &by(), person, trial).await?;
    if !arguments.dry_run && !erased.rows.is_empty() {
        store.compact().await?;
    }
    let rows: Vec<ErasedRows> = erased.rows.into_iter().map(|(place, rows)| ErasedRows { place, rows }).collect();
    print_rows(arguments.format, &rows, |rows| {
        let mut table = Table::new(&["place", "rows"]);
        for row in rows {
            table.row([row.place.to_owned(), row.rows.to_string()]);
        }
        table
    });
    if rows.is_empty() {
        eprintln!("nobody is named `{}` here: nothing to erase", arguments.name);
        return Ok(Verdict::Bad);
    }
    if arguments.format == Format::Table {
        match trial {
            Trial::Dry => println!("dry run: nothing was changed"),
            Trial::Real => println!("`{pseudonym}` stands in place of the name"),
        }
    }
    Ok(Verdict::Good)
}

async fn add_tenant(tenant: &TenantId, name: Option<&str>, path: Option<&Path>) -> Result<Verdict, Failure> {
    let store = open_store(&config::load(path)?.config).await?;
    create_tenant(&store, &SystemClock, &by(), tenant, name.unwrap_or(tenant.as_str())).await?;
    println!("made the tenant `{tenant}`");
    Ok(Verdict::Good)
}

/// Returns the password on standard input, or a random one and `true` where there is none.
fn password() -> Result<(String, bool), Failure> {
    let mut text = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().take(PASSWORD_BYTES_MAX as u64 + 2).read_to_string(&mut text)?;
    }
    let given = text.trim_end_matches(['\r', '\n']);
    if !given.is_empty() {
        return Ok((given.to_owned(), false));
    }
    let entropy: &dyn vigie_server::Entropy = &SystemEntropy;
    Ok((vigie_model::UserId::from_bytes(entropy.id()).to_string(), true))
}

fn scope(tenants: &[TenantId]) -> TenantScope {
    if tenants.is_empty() { TenantScope::All } else { TenantScope::Only(tenants.to_vec()) }
}

fn by() -> Actor {
    Actor::System("command line".to_owned())
}
