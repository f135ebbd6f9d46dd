//! From tokens whose account we do not know to the Install they belong to.
//!
//! Only what `/api/v4/account` says with the fresh token identifies the account, and the person
//! who granted it. Tokens come once, so whatever amoCRM answers they are held and asked about
//! again while their refresh token lives (docs/amocrm-answers.md).

use chrono::TimeDelta;
use futures_util::FutureExt as _;

use super::{died, hold, integration};
use crate::actions::{Progress, insist};
use crate::amocrm::{self, Account, OfGrant, Session};
use crate::app::App;
use crate::domain::grants::{Giver, Grant, Tokens};
use crate::domain::hosts::AccountHost;
use crate::domain::products::Product;
use crate::domain::time::minutes;
use crate::error::Error;
use crate::store;

/// How long a grant waits to learn its giver's rights; then it lands as an employee's.
const RIGHTS_WAIT: TimeDelta = minutes(5);

/// A grant whose tokens we hold.
pub(super) struct Landing<'a> {
    pub app: &'a App,
    pub product: &'a Product,
    pub grant: Grant,
    pub tokens: Tokens,
}

impl Landing<'_> {
    /// Lands the tokens, or says when to try again.
    pub async fn land(mut self) -> Result<Progress, Error> {
        let fault = match self.whose().await? {
            Ok((account, giver)) => return self.settle(account, giver).await,
            Err(Fault::Over(e)) => return self.end(&e.to_string()).await,
            // Our own limit: the job waits for it.
            Err(Fault::Held(e @ amocrm::Error::NotYet(_))) => return Err(e.into()),
            Err(Fault::Held(e)) => e,
        };
        match self.grant.next_try(self.app.clock.now()) {
            Some(at) => {
                let id = self.grant.id;
                tracing::warn!(grant.id = %id, "grant {id} is held until amoCRM says whose it is: {fault}");
                Ok(Progress::At(at))
            }
            None => self.end("its refresh token died of disuse").await,
        }
    }

    /// The account and the person, asked with the pair we hold, at most renewed once and at most
    /// once at another host.
    async fn whose(&mut self) -> Result<Result<(Account, Giver), Fault>, Error> {
        let mut e = match self.ask().await {
            Ok(found) => return Ok(Ok(found)),
            Err(e) => e,
        };
        if e.of_grant() == OfGrant::Renew {
            match self.renew().await? {
                Ok(()) => {}
                Err(fault) => return Ok(Err(fault)),
            }
        } else if e.of_grant() != OfGrant::Moved || !self.follow().await? {
            return Ok(Err(Fault::Held(e)));
        }
        e = match self.ask().await {
            Ok(found) => return Ok(Ok(found)),
            Err(e) => e,
        };
        Ok(Err(Fault::Held(e)))
    }

    async fn ask(&self) -> Result<(Account, Giver), amocrm::Error> {
        let client = self.product.client_id;
        let amocrm = &self.app.amocrm;
        let session = amocrm.session(&self.grant.host, client, &self.tokens.access);
        let account = session.account().await?;
        let giver = Giver {
            user: account.current_user,
            administrator: self.is_administrator(&session, &account).await?,
        };
        Ok((account, giver))
    }

    /// Only an administrator's token may ask about users, so that a refusal is an answer.
    async fn is_administrator(
        &self,
        session: &Session<'_>,
        account: &Account,
    ) -> Result<bool, amocrm::Error> {
        let Some(user) = account.current_user else {
            return Ok(false);
        };
        match session.is_administrator(user).await {
            Err(e) if e.may_pass() && self.is_young() => Err(e),
            answer => Ok(answer.unwrap_or(false)),
        }
    }

    fn is_young(&self) -> bool {
        self.app.clock.now() - self.grant.announced_at < RIGHTS_WAIT
    }

    /// A new pair in the place of the one that is not accepted, durable before it is used.
    async fn renew(&mut self) -> Result<Result<(), Fault>, Error> {
        let app = self.app;
        let integration = integration(&app.store, self.product, app.clock.now()).await?;
        let mut moved = false;
        loop {
            let (host, refresh) = (&self.grant.host, &self.tokens.refresh);
            let answer = app
                .amocrm
                .refresh(&integration, host, refresh, app.clock.now());
            match answer.await {
                Ok(tokens) => {
                    insist(|| hold(app, self.grant.id, &tokens).boxed()).await?;
                    self.tokens = tokens;
                    return Ok(Ok(()));
                }
                Err(e) if !moved && e.may_have_moved() => {
                    moved = true;
                    if !self.follow().await? {
                        return Ok(Err(Fault::of(e)));
                    }
                }
                Err(e) => return Ok(Err(Fault::of(e))),
            }
        }
    }

    async fn moved_to(&self) -> Result<Option<AccountHost>, amocrm::Error> {
        let (amocrm, hosts) = (&self.app.amocrm, self.product.hosts.as_ref());
        amocrm.moved_to(hosts, &self.tokens).await
    }

    /// Asks where the account lives now, and remembers it. `false`: nowhere new, or nobody says.
    async fn follow(&mut self) -> Result<bool, Error> {
        let moved = self.moved_to().await;
        let Some(host) = moved.ok().flatten() else {
            return Ok(false);
        };
        if host == self.grant.host {
            return Ok(false);
        }
        let tx = self.app.store.begin().await?;
        store::grants::moved(&tx, self.grant.id, &host).await?;
        tx.commit().await?;
        self.grant.host = host;
        Ok(true)
    }

    async fn settle(self, account: Account, giver: Giver) -> Result<Progress, Error> {
        let Self {
            app,
            product,
            grant,
            tokens,
        } = self;
        let tx = app.store.begin().await?;
        let now = app.clock.now();
        let install =
            store::installs::lock_or_add(&tx, product.id, account.id, &grant.host, now).await?;

        let install = install.granted(grant.host.clone(), grant.announced_at);
        let install = if giver.administrator {
            install.administered()
        } else {
            install
        };

        store::installs::save(&tx, &install).await?;
        store::tokens::put(&tx, install.id, giver, grant.id, &tokens, now).await?;
        store::grants::landed(&tx, grant.id).await?;
        tx.commit().await?;
        Ok(Progress::Done)
    }

    async fn end(&self, fault: &str) -> Result<Progress, Error> {
        died(self.app, self.grant.id, fault).await?;
        Ok(Progress::Done)
    }
}

/// Why it is not known whose the tokens are.
enum Fault {
    /// They are dead.
    Over(amocrm::Error),
    /// It may be answered another time.
    Held(amocrm::Error),
}

impl Fault {
    fn of(e: amocrm::Error) -> Self {
        if e.may_pass() {
            Self::Held(e)
        } else {
            Self::Over(e)
        }
    }
}
