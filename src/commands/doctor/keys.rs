//! What `accord doctor` says of keys and secrets: which are still accepted, which can be
//! guessed, and what the master keys have sealed.

use std::io::Write;

use secrecy::ExposeSecret;

use crate::actions::keys::{self, Count};
use crate::config::Config;
use crate::domain::guessable;
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

/// Says it; `false` when something cannot be opened.
pub(super) async fn check(
    out: &mut dyn Write,
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let known = config.api_keys.count();
    if known > 1 {
        writeln!(
            out,
            "warning: ACCORD_API_KEYS holds {known} keys: take out those that no back end uses any more"
        )?;
    }
    secrets(out, store, now).await?;
    let mut all_open = true;
    for count in keys::census(store).await? {
        let Count { id, values, .. } = count;
        match (count.held, count.first, values) {
            (_, true, _) => writeln!(
                out,
                "ok: {values} value(s) are sealed with the first master key ({id})"
            )?,
            (true, false, 0) => writeln!(
                out,
                "warning: master key {id} seals nothing any more: take it out of ACCORD_MASTER_KEY and destroy it"
            )?,
            (true, false, _) => writeln!(
                out,
                "warning: {values} value(s) are sealed with the older master key {id}: accord keys reseal"
            )?,
            (false, ..) => {
                all_open = false;
                writeln!(
                    out,
                    "error: {values} value(s) are sealed with the master key {id}, which ACCORD_MASTER_KEY does not \
                     hold: put it back behind the first one"
                )?;
            }
        }
    }
    Ok(all_open)
}

async fn secrets(out: &mut dyn Write, store: &Store, now: Timestamp) -> anyhow::Result<()> {
    for product in store::products::list(store).await? {
        let code = &product.code;
        for term in store::products::secret_terms(store, product.id, now).await? {
            if let Some(until) = term.accepted_until {
                writeln!(
                    out,
                    "warning: product {code}: an old secret is accepted until {until}; if it leaked: \
                     accord product rotate-secret {code} --at-once"
                )?;
            }
        }
        let secrets = store::products::secrets(store, product.id, now).await?;
        let in_force = secrets.first().map(ExposeSecret::expose_secret);
        if let Some(weakness) = in_force.and_then(guessable::of_text) {
            writeln!(
                out,
                "warning: product {code}: its secret {weakness}, so that it can be guessed: make a new one at amoCRM, \
                 then accord product rotate-secret {code}"
            )?;
        }
    }
    for endpoint in store::endpoints::list(store, None).await? {
        for term in store::endpoints::secret_terms(store, endpoint.id, now).await? {
            if let Some(until) = term.signs_until {
                let id = endpoint.id;
                writeln!(
                    out,
                    "warning: endpoint {id}: an old secret signs too, until {until}"
                )?;
            }
        }
    }
    Ok(())
}
