//! Speaking to an account with the grant we hold, and keeping that grant alive.
//!
//! A 401 leads to one refresh and one repeat. A refresh token works once, so only
//! one refresh runs at a time per Install, across all instances, and the new
//! pair is durable before anybody uses it. An account may have moved to another
//! host; then its API domain says where (amoCRM developers, oauth/account-subdomain-info).

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{Progress, grants, insist};
use crate::amocrm::{self, Session};
use crate::app::App;
use crate::domain::grants::Tokens;
use crate::domain::hosts::AccountHost;
use crate::domain::ids::InstallId;
use crate::domain::installs::Install;
use crate::domain::products::Product;
use crate::error::Error;
use crate::store;
use crate::store::tokens::Held;

/// Longer than two slow answers and a busy database together: a refresh must not be started
/// twice, because amoCRM accepts a refresh token only once.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A pair this close to its end is renewed before it is used.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// How long a person waits for our own limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// One question to an account.
pub type Asked<'s, T> = BoxFuture<'s, Result<T, amocrm::Error>>;

/// Asks the account something. `None` means: no grant of ours lives there.
///
/// # Errors
/// [`Error::Upstream`] as the platform answered, when the grant is not the reason.
pub async fn ask<T>(
    app: &App,
    install: &Install,
    question: impl for<'s> Fn(&'s Session<'s>) -> Asked<'s, T>,
) -> Result<Option<T>, Error> {
    let Some(mut grip) = Grip::take(app, install).await? else {
        return Ok(None);
    };
    if grip.held.tokens.access_expires_at - MARGIN <= app.clock.now() && !grip.renew(app).await? {
        return Ok(None);
    }
    let first = question(&grip.session(app)).await;
    let repeat = match &first {
        Err(amocrm::Error::Unauthorized) => {
            if !grip.renew(app).await? {
                return Ok(None);
            }
            true
        }
        // The old host of a renamed account knows nothing.
        Err(amocrm::Error::Refused { status: 404, .. }) => grip.follow(app).await?,
        _ => false,
    };
    let answer = if repeat {
        question(&grip.session(app)).await
    } else {
        first
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        // A fresh pair that is refused is no grant.
        Err(amocrm::Error::Unauthorized) => {
            grip.bury(app).await?;
            Ok(None)
        }
        Err(e) => Err(e.into()),
    }
}

/// The same for somebody who waits for the answer: our own limit is waited for, for some seconds.
///
/// # Errors
/// As [`ask`].
pub async fn ask_at_once<T>(
    app: &App,
    install: &Install,
    question: impl for<'s> Fn(&'s Session<'s>) -> Asked<'s, T>,
) -> Result<Option<T>, Error> {
    let mut patience = PATIENCE;
    loop {
        let answer = ask(app, install, &question).await;
        let wait = answer.as_ref().err().and_then(Error::not_yet);
        match wait.filter(|wait| *wait <= patience) {
            Some(wait) => {
                patience -= wait;
                tokio::time::sleep(wait).await;
            }
            None => return answer,
        }
    }
}

/// The job: renews a pair before its refresh token dies of disuse.
///
/// # Errors
/// [`Error::Upstream`] when amoCRM could not be asked now.
pub async fn renew(app: &App, install: InstallId) -> Result<Progress, Error> {
    let install = store::installs::get(&app.store, install).await?;
    if let Some(mut grip) = Grip::take(app, &install).await? {
        grip.renew(app).await?;
    }
    Ok(Progress::Done)
}

/// A grant in hand.
struct Grip {
    install: InstallId,
    product: Product,
    host: AccountHost,
    held: Held,
}

impl Grip {
    async fn take(app: &App, install: &Install) -> Result<Option<Self>, Error> {
        let Some(held) = store::tokens::find(&app.store, install.id).await? else {
            return Ok(None);
        };
        let product = store::products::get(&app.store, install.product).await?;
        Ok(Some(Self {
            install: install.id,
            product,
            host: install.host.clone(),
            held,
        }))
    }

    fn session<'s>(&'s self, app: &'s App) -> Session<'s> {
        app.amocrm
            .session(&self.host, self.product.client_id, &self.held.tokens.access)
    }

    /// Gets a new pair, here or by waiting for whoever is at it. `false`: the grant is dead.
    async fn renew(&mut self, app: &App) -> Result<bool, Error> {
        let tx = app.store.begin().await?;
        let ours = store::tokens::lease(
            &tx,
            self.install,
            self.held.revision,
            LEASE,
            app.clock.now(),
        )
        .await?;
        tx.commit().await?;
        if !ours {
            return self.wait_for_another(app).await;
        }
        match self.refresh(app).await {
            Ok(alive) => Ok(alive),
            Err(e) => {
                let tx = app.store.begin().await?;
                store::tokens::release(&tx, self.install, self.held.revision).await?;
                tx.commit().await?;
                Err(e)
            }
        }
    }

    async fn refresh(&mut self, app: &App) -> Result<bool, Error> {
        let integration = grants::integration(app, &self.product).await?;
        let mut moved = false;
        loop {
            let refresh = &self.held.tokens.refresh;
            match app
                .amocrm
                .refresh(&integration, &self.host, refresh, app.clock.now())
                .await
            {
                Ok(tokens) => {
                    // The old pair is spent: the new one must not be lost.
                    insist(|| self.keep(app, &tokens).boxed()).await?;
                    return self.reload(app).await;
                }
                // Before giving up, once: the account may have moved.
                Err(e) if !moved && may_have_moved(&e) => {
                    moved = true;
                    if self.follow(app).await? {
                        continue;
                    }
                    return self.give_up(app, e).await;
                }
                Err(e) => return self.give_up(app, e).await,
            }
        }
    }

    async fn keep(&self, app: &App, tokens: &Tokens) -> Result<(), Error> {
        let tx = app.store.begin().await?;
        let (old, now) = (self.held.revision, app.clock.now());
        store::tokens::renewed(&tx, self.install, old, tokens, now).await?;
        Ok(tx.commit().await?)
    }

    /// A refusal buries the grant; what may pass does not.
    async fn give_up(&self, app: &App, e: amocrm::Error) -> Result<bool, Error> {
        if e.may_pass() {
            return Err(e.into());
        }
        self.bury(app).await
    }

    /// Somebody else is renewing this pair: theirs will be ours.
    async fn wait_for_another(&mut self, app: &App) -> Result<bool, Error> {
        let old = self.held.revision;
        for _ in 0..50 {
            if !self.reload(app).await? {
                return Ok(false);
            }
            if self.held.revision != old {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(amocrm::Error::Unreachable("another refresh takes long").into())
    }

    async fn reload(&mut self, app: &App) -> Result<bool, Error> {
        match store::tokens::find(&app.store, self.install).await? {
            Some(held) => {
                self.held = held;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Asks where the account lives now, and remembers it. `false`: nowhere new.
    async fn follow(&mut self, app: &App) -> Result<bool, Error> {
        let moved = match app.amocrm.moved_to(&self.held.tokens).await {
            Ok(moved) => moved,
            Err(e) if e.may_pass() => return Err(e.into()),
            Err(_) => None,
        };
        let Some(host) = moved.filter(|host| *host != self.host) else {
            return Ok(false);
        };
        let tx = app.store.begin().await?;
        let install = store::installs::lock(&tx, self.install).await?;
        store::installs::save(
            &tx,
            &Install {
                host: host.clone(),
                ..install
            },
        )
        .await?;
        tx.commit().await?;
        self.host = host;
        Ok(true)
    }

    /// The grant is dead: forgets this very pair, and nothing newer. Always `false`.
    async fn bury(&self, app: &App) -> Result<bool, Error> {
        let tx = app.store.begin().await?;
        store::tokens::forget_revision(&tx, self.install, self.held.revision).await?;
        tx.commit().await?;
        Ok(false)
    }
}

/// The old host of a renamed account answers 401 or 404, with or without a problem body.
fn may_have_moved(e: &amocrm::Error) -> bool {
    matches!(
        e,
        amocrm::Error::Refused { .. } | amocrm::Error::OutOfOrder(401 | 404)
    )
}
