//! What carries out actions, as the configuration names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use vigie_actions::{
    EmailNotify, MailSecurity, NftablesBlock, NftablesConfig, SecretRef, SmtpConfig, TheHiveConfig, TheHiveForward,
    WebhookConfig, WebhookNotify,
};
use vigie_aws::{Account, Client, ClientOptions, Endpoints, Environment, Region, Role, read_settings};
use vigie_model::TenantId;
use vigie_respond::{Executor, Executors, NeverTouch};

use super::ServeError;
use crate::app::Messengers;
use crate::causes::chain;
use crate::config::{Aws, Config, Forward, Smtp, SmtpSecurity, Webhook, WebhookFormat};
use crate::swap::Swap;

/// How long a mail relay may take.
const MAIL_TIMEOUT_S: u64 = 30;
/// How long a TheHive elsewhere may take.
const FORWARD_TIMEOUT_S: u64 = 30;
/// How long a webhook may take.
const WEBHOOK_TIMEOUT_S: u64 = 10;

pub(super) fn build(
    config: &Config,
    extra: Vec<Arc<dyn Executor>>,
    never_touch: &Swap<NeverTouch>,
) -> Result<(Executors, Messengers), ServeError> {
    let mut executors = Executors::default();
    let mut messengers = Messengers::default();
    if config.respond.host_block_ip {
        let list = never_touch.clone();
        let source = Arc::new(move || list.get().as_ref().clone());
        executors.insert(Arc::new(NftablesBlock::new(&NftablesConfig::default(), source)));
    }
    if let Some(smtp) = &config.smtp {
        let mail = Arc::new(EmailNotify::new(&mail(smtp))?);
        messengers.mail = Some(Arc::clone(&mail));
        executors.insert(mail);
    }
    if !config.webhook.is_empty() {
        let hooks: BTreeMap<String, WebhookConfig> =
            config.webhook.iter().map(|hook| (hook.name.clone(), webhook(hook))).collect();
        let hooks = Arc::new(WebhookNotify::new(&hooks)?);
        messengers.hooks = Some(Arc::clone(&hooks));
        executors.insert(hooks);
    }
    if !config.forward.is_empty() {
        let servers = config.forward.iter().map(|forward| (forward.name.clone(), elsewhere(forward))).collect();
        messengers.forwards = Some(Arc::new(TheHiveForward::new(&servers)?));
    }
    for executor in vigie_aws::executors(accounts(config)?) {
        executors.insert(executor);
    }
    for executor in extra {
        executors.insert(executor);
    }
    Ok((executors, messengers))
}

/// The tenants' accounts on AWS. Nothing is asked of AWS yet.
fn accounts(config: &Config) -> Result<BTreeMap<TenantId, Account>, ServeError> {
    config.aws.iter().map(|entry| Ok((entry.tenant.clone(), account(entry)?))).collect()
}

fn account(entry: &Aws) -> Result<Account, ServeError> {
    let wrong = |reason: String| ServeError::Content { path: entry.settings.clone(), reason };
    let text = std::fs::read_to_string(&entry.settings)
        .map_err(|source| ServeError::File { path: entry.settings.clone(), source })?;
    // Playbooks decide in place of the policy; only whom it protects holds here too.
    let (policy, settings) = read_settings(&text).map_err(|error| wrong(chain(&error)))?;
    let region = Region::new(&entry.region).map_err(|error| wrong(error.to_string()))?;
    let mut options = ClientOptions::new(region);
    options.environment = Environment::of_process();
    if let Some(endpoint) = &entry.endpoint {
        options.endpoints = Endpoints::all_at(endpoint);
    }
    let client = Client::new(options);
    let client = match &entry.assume_role {
        Some(role) => client.assuming(Role { external_id: entry.external_id.clone(), ..Role::new(role) }),
        None => client,
    };
    Ok(Account::new(client, settings, policy.never_touch))
}

fn reference(secret: &crate::config::SecretRef) -> SecretRef {
    match secret {
        crate::config::SecretRef::Env(name) => SecretRef::Env(name.clone()),
        crate::config::SecretRef::File(path) => SecretRef::File(path.clone()),
    }
}

fn mail(smtp: &Smtp) -> SmtpConfig {
    SmtpConfig {
        server: smtp.server.clone(),
        port: smtp.port,
        security: match smtp.security {
            SmtpSecurity::Starttls => MailSecurity::Starttls,
            SmtpSecurity::Tls => MailSecurity::Tls,
            SmtpSecurity::Plain => MailSecurity::Plain,
        },
        username: smtp.username.clone(),
        password: smtp.password.as_ref().map(reference),
        ca_file: smtp.ca_file.clone(),
        from: smtp.from.clone(),
        to: smtp.to.clone(),
        timeout_s: MAIL_TIMEOUT_S,
    }
}

fn elsewhere(forward: &Forward) -> TheHiveConfig {
    TheHiveConfig {
        url: forward.url.clone(),
        key: reference(&forward.key),
        organisation: forward.organisation.clone(),
        ca_file: forward.ca_file.clone(),
        timeout_s: FORWARD_TIMEOUT_S,
    }
}

fn webhook(hook: &Webhook) -> WebhookConfig {
    WebhookConfig {
        url: hook.url.clone(),
        secret: hook.secret.as_ref().map(reference),
        format: match hook.format {
            WebhookFormat::Generic => vigie_actions::WebhookFormat::Generic,
            WebhookFormat::Slack => vigie_actions::WebhookFormat::Slack,
        },
        ca_file: hook.ca_file.clone(),
        timeout_s: WEBHOOK_TIMEOUT_S,
    }
}
