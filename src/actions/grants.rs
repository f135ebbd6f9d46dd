//! From amoCRM's hook to tokens at the right Install.
//!
//! The hook comes once, waits three seconds and is never repeated, so the code
//! is durable before it is answered and everything else is a job.

mod landing;

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use secrecy::SecretString;

use self::landing::Landing;
use super::{Progress, insist};
use crate::amocrm::Integration;
use crate::app::App;
use crate::domain::grants::{Announced, Grant, Stage, Tokens};
use crate::domain::ids::{GrantId, JobId};
use crate::domain::jobs::Job;
use crate::domain::products::Product;
use crate::domain::time::{Timestamp, minutes};
use crate::error::{Code, Error};
use crate::store::states::Returned;
use crate::store::{self, Store, vault};

/// How long a person may take on amoCRM's authorize page.
const STATE_LIFE: TimeDelta = minutes(10);

/// Keeps a code that amoCRM's server announced, in one transaction with all that come at the
/// same time. The same code again changes nothing.
///
/// # Errors
/// [`Code::DatabaseUnavailable`] when the database does not answer; then the code is not kept.
pub async fn announce(app: &Arc<App>, announced: Announced) -> Result<(), Error> {
    let house = app.clone();
    let write = move |all: Vec<Announced>| {
        let app = house.clone();
        async move {
            let kept = keep_all(&app, &all).await;
            if let Err(e) = &kept {
                tracing::error!("{} announced code(s) were not kept: {e}", all.len());
            }
            vec![kept.is_ok(); all.len()]
        }
        .boxed()
    };
    let kept = app.batches.codes.submit(None, announced, write).await;
    if kept != Some(true) {
        return Err(Error::Refused(Code::DatabaseUnavailable));
    }
    app.nudge.notify_one();
    Ok(())
}

async fn keep_all(app: &App, all: &[Announced]) -> Result<(), Error> {
    let tx = app.store.begin_hook().await?;
    let now = app.clock.now();
    let added = store::grants::add(&tx, all, now).await?;
    store::jobs::enqueue_exchanges(&tx, &added, now).await?;
    Ok(tx.commit().await?)
}

/// Begins the button flow: a state for amoCRM, bound to the browser that holds `browser`. It
/// writes nothing: anybody may ask.
///
/// # Errors
/// When the machine has no randomness.
pub fn begin_authorization(app: &App, product: &Product, browser: &str) -> Result<String, Error> {
    let expires = app.clock.now() + STATE_LIFE;
    Ok(store::states::issue(
        &app.store, product.id, browser, expires,
    )?)
}

/// A word nobody can guess: 256 random bits in hex.
///
/// # Errors
/// When the machine has no randomness.
pub fn unguessable() -> Result<String, Error> {
    Ok(vault::random()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// What became of a code that a browser brought back.
pub enum Brought {
    /// It was kept, and this job exchanges it.
    Kept(GrantId, JobId),
    /// It was here already: somebody loads the page again.
    Known(GrantId),
}

/// Takes the code that a browser brings back from the button flow, and uses its state up.
///
/// # Errors
/// [`Code::StateInvalid`] when the state is unknown, lapsed, another browser's, or was used with
/// another code; then the code is neither kept nor sent anywhere.
pub async fn answer_authorization(
    app: &App,
    product: &Product,
    state: &str,
    browser: &str,
    announced: &Announced,
) -> Result<Brought, Error> {
    let invalid = || Error::Refused(Code::StateInvalid);
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    match store::states::take(&tx, product.id, state, browser, now).await? {
        Returned::Invalid => return Err(invalid()),
        Returned::Used => {
            let known = store::grants::find_by_code(&tx, product.id, &announced.code).await?;
            return known.map(Brought::Known).ok_or_else(invalid);
        }
        Returned::Fresh => {}
    }
    let added = store::grants::add(&tx, std::slice::from_ref(announced), now).await?;
    let brought = match added.first() {
        Some(&(grant, _)) => {
            let job = Job::ExchangeGrant { grant };
            let job = store::jobs::enqueue(&tx, &job, now, now).await?;
            Brought::Kept(grant, job)
        }
        None => {
            let known = store::grants::find_by_code(&tx, product.id, &announced.code).await?;
            Brought::Known(known.ok_or_else(invalid)?)
        }
    };
    tx.commit().await?;
    Ok(brought)
}

/// The person said no on amoCRM's page: the state is used up, nothing else happens.
pub async fn refuse_authorization(
    app: &App,
    product: &Product,
    state: &str,
    browser: &str,
) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    match store::states::take(&tx, product.id, state, browser, app.clock.now()).await? {
        Returned::Fresh => Ok(tx.commit().await?),
        // Nothing was written.
        Returned::Used | Returned::Invalid => Ok(()),
    }
}

/// The job: turns a code into tokens and lands them at their Install.
///
/// Safe to repeat: each beat is durable before the next, and a grant that landed or died is
/// left alone.
///
/// # Errors
/// [`Error::Upstream`] when the code could not be exchanged now; worth another try.
pub async fn exchange(app: &App, id: GrantId) -> Result<Progress, Error> {
    let Some(grant) = store::grants::find(&app.store, id).await? else {
        return Ok(Progress::Done);
    };
    let product = store::products::get(&app.store, grant.product).await?;
    let tokens = match &grant.stage {
        Stage::Landed | Stage::Dead => return Ok(Progress::Done),
        Stage::Tokens(tokens) => tokens.clone(),
        Stage::Code(code) => match exchange_code(app, &product, &grant, code).await? {
            Some(tokens) => tokens,
            None => return Ok(Progress::Done),
        },
    };
    let landing = Landing {
        app,
        product: &product,
        grant,
        tokens,
    };
    landing.land().await
}

async fn exchange_code(
    app: &App,
    product: &Product,
    grant: &Grant,
    code: &SecretString,
) -> Result<Option<Tokens>, Error> {
    if !grant.code_lives(app.clock.now()) {
        died(app, grant.id, "the code's 20 minutes are over").await?;
        return Ok(None);
    }
    let integration = integration(&app.store, product, app.clock.now()).await?;
    match app
        .amocrm
        .exchange(&integration, &grant.host, code, app.clock.now())
        .await
    {
        Ok(tokens) => {
            // From here on the code is spent: the tokens must not be lost.
            insist(|| hold(app, grant.id, &tokens).boxed()).await?;
            Ok(Some(tokens))
        }
        Err(e) if e.may_pass() && (grant.is_young(app.clock.now()) || !e.is_wrong_account()) => {
            Err(e.into())
        }
        Err(e) => {
            died(app, grant.id, &e.to_string()).await?;
            Ok(None)
        }
    }
}

async fn hold(app: &App, id: GrantId, tokens: &Tokens) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    store::grants::hold_tokens(&tx, id, tokens).await?;
    Ok(tx.commit().await?)
}

async fn died(app: &App, id: GrantId, fault: &str) -> Result<(), Error> {
    tracing::warn!(grant.id = %id, "grant {id} died: {fault}");
    let tx = app.store.begin().await?;
    store::grants::died(&tx, id, fault).await?;
    Ok(tx.commit().await?)
}

/// What amoCRM knows a Product by, with the secret that counts now.
///
/// # Errors
/// [`Error::Internal`] when the Product has no secret.
pub async fn integration(
    store: &Store,
    product: &Product,
    now: Timestamp,
) -> Result<Integration, Error> {
    let secret = store::products::secrets(store, product.id, now)
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| {
            Error::Internal(anyhow::anyhow!("product {} has no secret", product.code))
        })?;
    Ok(Integration {
        client_id: product.client_id,
        secret,
        redirect_uri: product.redirect_uri.clone(),
        hosts: product.hosts.clone(),
    })
}
