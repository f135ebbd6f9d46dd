//! `accord doctor`: what is wrong, and what to do about it.

mod addresses;
mod keys;
mod machine;

use std::io::Write;

use super::{block_on, clock, open};
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::domain::letters::State;
use crate::mail::Outbox;
use crate::store;

/// Checks what a running service would need.
pub(super) fn run(out: &mut dyn Write) -> anyhow::Result<bool> {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(mistakes) => {
            writeln!(out, "error: {mistakes}")?;
            return Ok(false);
        }
    };
    writeln!(out, "ok: the configuration can be read")?;
    for (what, missing) in gaps(&config) {
        if missing {
            writeln!(out, "warning: {what}")?;
        }
    }
    machine::files(out, &config)?;
    machine::database(out, &config)?;
    let clock = clock(&config)?;
    // In one runtime: PostgreSQL's connections do not outlive the one that opened them.
    block_on(async {
        let store = match open(&config, &clock).await {
            Ok(store) => store,
            Err(e) => {
                writeln!(out, "error: {e:#}")?;
                return Ok(false);
            }
        };
        writeln!(
            out,
            "ok: the database answers, is up to date, and its keys open"
        )?;
        let products = store::products::list(&store).await?;
        if products.is_empty() {
            writeln!(out, "warning: there is no product yet: accord product add")?;
        }
        for product in &products {
            let code = &product.code;
            if store.history(product.id).await?.in_force().is_none() {
                writeln!(
                    out,
                    "warning: product {code} has no policy, so nobody can consent: accord policy publish"
                )?;
            } else {
                writeln!(out, "ok: product {code} has a policy in force")?;
            }
        }
        let all_open = keys::check(out, &config, &store, clock.now()).await?;
        let on_time = machine::clock(out, &config, &Clock::system()).await?;
        addresses::check(out, &config, &products).await?;
        match store::jobs::stalled(&store, clock.now()).await? {
            Some(stalled) => writeln!(out, "warning: {stalled}")?,
            None => writeln!(out, "ok: jobs are done in time")?,
        }
        let mailed = mail(out, &config).await?;
        let letters = store::letters::in_trouble(&store).await?;
        for (state, count) in letters {
            let advice = match state {
                State::Bounced => {
                    "the mail server refused them: ask these people for another address"
                }
                State::Unknown => {
                    "the mail server never said whether it took them, so they are not sent again"
                }
                State::Queued | State::Sending | State::Sent | State::Dropped => "they wait",
            };
            writeln!(
                out,
                "warning: {count} letter(s) {}: {advice}",
                state.as_str()
            )?;
        }
        let events = store::events::count(&store, None).await?;
        if events.failed > 0 {
            writeln!(
                out,
                "warning: {} event(s) were tried for three days and given up: accord endpoint list, then accord endpoint retry",
                events.failed
            )?;
        }
        Ok(mailed && all_open && on_time)
    })
}

/// What would become of a letter.
async fn mail(out: &mut dyn Write, config: &Config) -> anyhow::Result<bool> {
    let Some(server) = &config.mail.server else {
        let folder = config.data_dir.join("letters");
        writeln!(
            out,
            "warning: SMTP_URL is not set: letters are kept as files in {} and nobody gets them",
            folder.display()
        )?;
        return Ok(true);
    };
    match Outbox::new(config)?.check().await {
        Ok(()) => writeln!(
            out,
            "ok: the mail server {} takes letters from MAIL_FROM",
            server.host
        )?,
        Err(fault) => {
            writeln!(out, "error: the mail server {}: {fault}", server.host)?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn gaps(config: &Config) -> Vec<(&'static str, bool)> {
    let p = &config.publisher;
    let https = config.public_url.starts_with("https://");
    let generated = config.master_keys.is_empty() && matches!(config.database, Database::Sqlite(_));
    vec![
        (
            "ACCORD_PUBLISHER_NAME is not set: the policy does not say who answers for the data",
            p.name.is_none(),
        ),
        (
            "ACCORD_PUBLISHER_LEGAL_FORM is not set: clause 1.4 cannot be checked",
            p.legal_form.is_none(),
        ),
        (
            "ACCORD_PUBLISHER_TAX_NUMBER is not set: the policy does not identify the holder",
            p.tax_number.is_none(),
        ),
        (
            "ACCORD_PUBLISHER_ADDRESS is not set: the policy names no postal address",
            p.address.is_none(),
        ),
        (
            "ACCORD_PUBLISHER_SITE is not set: the policy names no site",
            p.site.is_none(),
        ),
        (
            "ACCORD_PUBLISHER_MAILBOX is not set: people cannot write to anybody",
            p.mailbox.is_none(),
        ),
        (
            "ACCORD_PUBLIC_URL is not https: amoCRM calls https addresses only",
            !https,
        ),
        (
            "the master key was generated in the data directory: keep a copy elsewhere, or set ACCORD_MASTER_KEY",
            generated,
        ),
    ]
}
