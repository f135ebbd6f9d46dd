//! One person's grant in hand: renewed when it has to be, followed when the account moves, buried
//! when it is dead.
//!
//! A refresh token works once. So only one renewal runs at a time, across all instances; it runs
//! in a task of its own, which nobody who waits for it can stop by leaving; and the new pair is
//! durable before anybody uses it. An account may have moved to another host; then its API domain
//! says where (amoCRM developers, oauth/account-subdomain-info).

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;

use super::super::{grants, insist, to_the_end};
use crate::amocrm::{self, Amocrm, Session};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::grants::{REFRESH_LIFE, Tokens};
use crate::domain::hosts::AccountHost;
use crate::domain::ids::InstallId;
use crate::domain::installs::Install;
use crate::domain::products::Product;
use crate::domain::time::seconds;
use crate::error::Error;
use crate::store::tokens::Held;
use crate::store::{self, Store};
use crate::tasks::Tasks;

/// Longer than two slow answers and a busy database together: a renewal must not be started
/// twice, because amoCRM accepts a refresh token only once.
const LEASE: TimeDelta = seconds(60);

/// A grant in hand, with all that is needed to keep it alive.
#[derive(Clone)]
pub(super) struct Grip {
    store: Store,
    clock: Clock,
    amocrm: Amocrm,
    tasks: Tasks,
    install: InstallId,
    product: Product,
    host: AccountHost,
    held: Held,
}

impl Grip {
    /// Takes a pair of the Install.
    pub async fn new(app: &App, install: &Install, held: Held) -> Result<Self, Error> {
        Ok(Self {
            store: app.store.clone(),
            clock: app.clock.clone(),
            amocrm: app.amocrm.clone(),
            tasks: app.tasks.clone(),
            install: install.id,
            product: store::products::get(&app.store, install.product).await?,
            host: install.host.clone(),
            held,
        })
    }

    /// The account, as this person may see it.
    pub fn session(&self) -> Session<'_> {
        self.amocrm
            .session(&self.host, self.product.client_id, &self.held.tokens.access)
    }

    /// Gets a new pair, here or by waiting for whoever is at it. `false`: the grant is dead.
    pub async fn renew(&mut self) -> Result<bool, Error> {
        let mut own = self.clone();
        let (own, alive) = to_the_end(&self.tasks, async move {
            let alive = own.renew_here().await?;
            Ok((own, alive))
        })
        .await?;
        *self = own;
        Ok(alive)
    }

    async fn renew_here(&mut self) -> Result<bool, Error> {
        let (id, revision) = (self.held.id, self.held.revision);
        let tx = self.store.begin().await?;
        let ours = store::tokens::lease(&tx, id, revision, LEASE, self.clock.now()).await?;
        tx.commit().await?;
        if !ours {
            return self.wait_for_another().await;
        }
        match self.refresh().await {
            Ok(alive) => Ok(alive),
            Err(e) => {
                let tx = self.store.begin().await?;
                store::tokens::release(&tx, id, revision).await?;
                tx.commit().await?;
                Err(e)
            }
        }
    }

    async fn refresh(&mut self) -> Result<bool, Error> {
        let integration = grants::integration(&self.store, &self.product, self.clock.now()).await?;
        let mut moved = false;
        loop {
            let (refresh, now) = (&self.held.tokens.refresh, self.clock.now());
            let answer = self.amocrm.refresh(&integration, &self.host, refresh, now);
            match answer.await {
                Ok(tokens) => {
                    // The old pair is spent: the new one must not be lost.
                    insist(|| self.keep(&tokens).boxed()).await?;
                    return self.reload().await;
                }
                // Before giving up, once: the account may have moved.
                Err(e) if !moved && e.may_have_moved() => {
                    moved = true;
                    if !self.follow().await? {
                        return self.give_up(e).await;
                    }
                }
                Err(e) => return self.give_up(e).await,
            }
        }
    }

    async fn keep(&self, tokens: &Tokens) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let (id, old, now) = (self.held.id, self.held.revision, self.clock.now());
        store::tokens::renewed(&tx, id, old, tokens, now).await?;
        Ok(tx.commit().await?)
    }

    /// A word about the token itself buries the grant, and so does its age; what may pass does not.
    async fn give_up(&self, e: amocrm::Error) -> Result<bool, Error> {
        let lapsed = self.clock.now() - self.held.obtained_at >= REFRESH_LIFE;
        if e.may_pass() && !lapsed {
            return Err(e.into());
        }
        self.bury().await?;
        Ok(false)
    }

    /// Somebody else is renewing this pair: theirs will be ours.
    async fn wait_for_another(&mut self) -> Result<bool, Error> {
        let old = self.held.revision;
        for _ in 0..50 {
            if !self.reload().await? {
                return Ok(false);
            }
            if self.held.revision != old {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(amocrm::Error::Unreachable("another refresh takes long").into())
    }

    async fn reload(&mut self) -> Result<bool, Error> {
        match store::tokens::find(&self.store, self.held.id).await? {
            Some(held) => {
                self.held = held;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Asks where the account lives now, and remembers it. `false`: nowhere new.
    pub async fn follow(&mut self) -> Result<bool, Error> {
        let hosts = self.product.hosts.as_ref();
        let moved = match self.amocrm.moved_to(hosts, &self.held.tokens).await {
            Ok(moved) => moved,
            Err(e) if e.may_pass() => return Err(e.into()),
            Err(_) => None,
        };
        let Some(host) = moved.filter(|host| *host != self.host) else {
            return Ok(false);
        };
        let tx = self.store.begin().await?;
        let install = store::installs::lock(&tx, self.install).await?;
        let install = Install {
            host: host.clone(),
            ..install
        };
        store::installs::save(&tx, &install).await?;
        tx.commit().await?;
        self.host = host;
        Ok(true)
    }

    /// The grant is dead: forgets this very pair, and nothing newer.
    pub async fn bury(&self) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        store::tokens::forget_revision(&tx, self.install, self.held.id, self.held.revision).await?;
        Ok(tx.commit().await?)
    }
}
