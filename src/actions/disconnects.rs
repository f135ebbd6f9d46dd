//! The disconnect hook: a hint, never a proof.
//!
//! It has no time and no nonce and can be replayed for ever, so it only starts a
//! check; the Install is *uninstalled* when the platform answers and no grant lives.
//! Where none was held that could prove it, the first hook that ever came for the
//! account counts, because it cannot be a replay; a later one does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;

use super::{Progress, authorization, events};
use crate::app::{App, Noted};
use crate::domain::grants::{CODE_LIFE, REFRESH_LIFE};
use crate::domain::ids::{AccountId, InstallId};
use crate::domain::installs::{Install, State};
use crate::domain::jobs::Job;
use crate::domain::products::Product;
use crate::domain::time::{Timestamp, seconds};
use crate::error::{Code, Error};
use crate::store::disconnects::Hook;
use crate::store::{self, Locked, Tx};

/// How long a check waits for a grant that is on its way.
const LATER: TimeDelta = seconds(30);

/// Takes a hook whose signature was right, in one transaction with all that come at the same time.
/// For an account we never saw it has no effect but that it came.
///
/// # Errors
/// [`Code::DatabaseUnavailable`] when the database does not answer; then it was not taken.
pub async fn announce(app: &Arc<App>, product: &Product, account: AccountId) -> Result<(), Error> {
    let hook = (product.id, account);
    let house = app.clone();
    let write = move |hooks: Vec<Hook>| {
        let app = house.clone();
        async move { note_all(&app, &hooks).await }.boxed()
    };
    let noted = app
        .batches
        .disconnects
        .submit(Some(hook), hook, write)
        .await;
    match noted {
        Some(Noted::Durable) => {}
        // Alone it may wait for whoever changes the Install, and holds nobody up.
        Some(Noted::Locked) => drop(note(app, &[hook], Locked::WaitedFor).await?),
        Some(Noted::Unavailable) | None => return Err(Error::Refused(Code::DatabaseUnavailable)),
    }
    app.nudge.notify_one();
    Ok(())
}

async fn note_all(app: &App, hooks: &[Hook]) -> Vec<Noted> {
    let noted = note(app, hooks, Locked::LeftOut).await;
    if let Err(e) = &noted {
        tracing::error!("{} disconnect hook(s) were not kept: {e}", hooks.len());
    }
    let outcome = |hook| match &noted {
        Ok(noted) if noted.contains_key(hook) => Noted::Durable,
        Ok(_) => Noted::Locked,
        Err(_) => Noted::Unavailable,
    };
    hooks.iter().map(outcome).collect()
}

async fn note(
    app: &App,
    hooks: &[Hook],
    locked: Locked,
) -> Result<BTreeMap<Hook, Option<(InstallId, u32)>>, Error> {
    let tx = app.store.begin_hook().await?;
    let now = app.clock.now();
    let noted = store::disconnects::note(&tx, hooks, locked).await?;
    let seen = noted.values().flatten();
    let checks = seen.map(|&(install, generation)| Job::CheckGrant {
        install,
        generation,
    });
    store::jobs::enqueue_all(&tx, checks, now).await?;
    tx.commit().await?;
    Ok(noted)
}

/// The job: asks the platform, and believes only what it says.
///
/// Safe to repeat: it reads the present state, and a later generation is not its business.
///
/// # Errors
/// [`Error::Upstream`] when amoCRM could not be asked now.
pub async fn check(app: &App, id: InstallId, generation: u32) -> Result<Progress, Error> {
    let install = store::installs::get(&app.store, id).await?;
    if install.generation != generation {
        return Ok(Progress::Done);
    }
    let alive = match authorization::ask(app, &install, |session| session.account().boxed()).await {
        Ok(answer) => answer.is_some(),
        // Whatever the account says except 401, the grant is not dead.
        Err(Error::Upstream(e)) if !e.may_pass() => true,
        Err(e) => return Err(e),
    };

    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, id).await?;
    if install.generation != generation {
        return Ok(Progress::Done);
    }
    let now = app.clock.now();
    if !alive && !store::tokens::exist(&tx, id).await? {
        if is_expected(&tx, &install, now).await? {
            return Ok(Progress::At(now + LATER));
        }
        let believed = store::disconnects::is_believed(&tx, &install).await?;
        if believed || install.state == State::Uninstalled {
            leave(&tx, install.clone(), now).await?;
        }
    }
    store::disconnects::settle(&tx, &install).await?;
    tx.commit().await?;
    Ok(Progress::Done)
}

/// Whether a grant of this account is on its way: it will say whether the Product is there.
async fn is_expected(tx: &Tx, install: &Install, now: Timestamp) -> Result<bool, Error> {
    let (product, host) = (install.product, &install.host);
    let (codes, tokens) = (now - CODE_LIFE, now - REFRESH_LIFE);
    Ok(store::grants::is_pending(tx, product, host, codes, tokens).await?)
}

async fn leave(tx: &Tx, install: Install, now: Timestamp) -> Result<(), Error> {
    let before = install.state;
    let install = install.disconnected(now);
    store::installs::save(tx, &install).await?;
    if install.state != before {
        events::uninstalled(tx, &install, now).await?;
    }
    Ok(())
}
