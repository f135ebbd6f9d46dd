//! Telling the Publisher's back ends what happened.
//!
//! An event is kept in the transaction of what happened and told by a job, lane by
//! lane: what happens at one Install is told in order, the next waits for the one
//! before. A withdrawal stops the jobs of an Install, but not these.

use chrono::TimeDelta;
use url::Url;

use super::Progress;
use crate::app::App;
use crate::domain::events::{self, Data, Kind};
use crate::domain::ids::{EndpointId, InstallId};
use crate::domain::installs::Install;
use crate::domain::jobs::Job;
use crate::domain::products::Product;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::endpoints::Endpoint;
use crate::store::events::{Lane, Told, Waiting};
use crate::store::{self, Store, Tx, vault};
use crate::webhook::Message;

/// How long what was delivered is kept for whoever looks into a problem.
const TRACES: TimeDelta = TimeDelta::days(30);
/// How many lanes one sweep asks for.
const AT_ONCE: u64 = 1_000;

/// Keeps what happened at an Install, if anybody listens.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn at_install(
    tx: &Tx,
    product: &Product,
    install: &Install,
    kind: Kind,
    data: Data,
    now: Timestamp,
) -> Result<(), Error> {
    let data = Data {
        account_id: Some(install.account),
        generation: Some(install.generation),
        ..data
    };
    keep(tx, product, Some(install.id), kind, data, now).await
}

/// Keeps that the Product left the account.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn uninstalled(tx: &Tx, install: &Install, now: Timestamp) -> Result<(), Error> {
    let product = store::products::get(tx, install.product).await?;
    let data = Data {
        reason: Some(if install.withdrawn {
            "consent-withdrawn"
        } else {
            "disconnected"
        }),
        ..Data::default()
    };
    at_install(tx, &product, install, Kind::InstallUninstalled, data, now).await
}

/// Keeps what happened to a Product, if anybody listens.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn at_product(
    tx: &Tx,
    product: &Product,
    kind: Kind,
    data: Data,
    now: Timestamp,
) -> Result<(), Error> {
    keep(tx, product, None, kind, data, now).await
}

async fn keep(
    tx: &Tx,
    product: &Product,
    install: Option<InstallId>,
    kind: Kind,
    data: Data,
    now: Timestamp,
) -> Result<(), Error> {
    let endpoints: Vec<EndpointId> = store::endpoints::list(tx, Some(product.id))
        .await?
        .into_iter()
        .map(|endpoint| endpoint.id)
        .collect();
    if endpoints.is_empty() {
        return Ok(());
    }
    let data = Data {
        product: product.code.to_string(),
        ..data
    };
    let body = events::body(kind, &data, now);
    store::events::add(tx, &body, install, &endpoints, now).await?;
    for endpoint in endpoints {
        go_on(tx, Lane { endpoint, install }, now).await?;
    }
    Ok(())
}

/// While something waits in a lane there is a job that tells it.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn go_on(tx: &Tx, lane: Lane, now: Timestamp) -> Result<(), Error> {
    if let Some(first) = store::events::first_waiting(tx, lane).await? {
        let job = Job::TellBackEnd {
            endpoint: lane.endpoint,
            account: lane.install,
        };
        store::jobs::wake(tx, &job, first.next_at.max(now), now).await?;
    }
    Ok(())
}

/// The job: tells an endpoint all that waits in a lane, in order, as far as it listens.
///
/// Safe to repeat: an event that was told twice has the same id.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn tell(app: &App, lane: Lane) -> Result<Progress, Error> {
    let Some((endpoint, secret)) = store::endpoints::find(&app.store, lane.endpoint).await? else {
        return Ok(Progress::Done);
    };
    while let Some(first) = store::events::first_waiting(&app.store, lane).await? {
        if first.next_at > app.clock.now() {
            return Ok(Progress::At(first.next_at));
        }
        let outcome = send(app, &endpoint.url, &secret, &first).await;
        let now = app.clock.now();
        let told = match &outcome {
            Ok(()) => Told::Delivered,
            Err(_) => events::next_try(first.attempt + 1, first.since, now)
                .map_or(Told::Failed, Told::Again),
        };
        if let (Err(fault), Told::Failed) = (&outcome, told) {
            tracing::error!(
                endpoint.id = %lane.endpoint,
                "event {} was tried for three days and is given up: {fault}", first.id
            );
        }
        let tx = app.store.begin().await?;
        let fault = outcome.err();
        store::events::settle(&tx, lane, &first, told, fault.as_deref(), now).await?;
        tx.commit().await?;
    }
    Ok(Progress::Done)
}

async fn send(app: &App, url: &Url, secret: &[u8], event: &Waiting) -> Result<(), String> {
    let (id, at) = (event.id.to_string(), app.clock.now());
    let message = Message {
        signature: events::signature(secret, &id, at, &event.body),
        id,
        at,
        body: &event.body,
    };
    app.webhooks.send(url, &message).await
}

/// What the hourly sweep does for events: asks for lanes whose job was lost, and forgets what
/// was told long ago.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn sweep(tx: &Tx, now: Timestamp) -> Result<(), Error> {
    store::events::sweep(tx, now - TRACES).await?;
    for lane in store::events::lanes(tx, AT_ONCE).await? {
        go_on(tx, lane, now).await?;
    }
    Ok(())
}

/// Adds an endpoint. Returns it with its secret, which is shown once.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn add_endpoint(
    store: &Store,
    product: &Product,
    url: &Url,
    now: Timestamp,
) -> Result<(Endpoint, String), Error> {
    let secret = vault::random().map_err(store::Fault::from)?;
    let tx = store.begin().await?;
    let endpoint = store::endpoints::add(&tx, product.id, url, &secret, now).await?;
    tx.commit().await?;
    Ok((endpoint, events::secret_text(&secret)))
}

/// Removes an endpoint with all that was still to be told there; `false` when there is none.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn remove_endpoint(store: &Store, id: EndpointId) -> Result<bool, Error> {
    let tx = store.begin().await?;
    let removed = store::endpoints::remove(&tx, id.0).await?;
    tx.commit().await?;
    Ok(removed)
}

/// Tells again what was given up at an endpoint. Returns how many events that are.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn retry_endpoint(store: &Store, id: EndpointId, now: Timestamp) -> Result<u64, Error> {
    let tx = store.begin().await?;
    let again = store::events::retry(&tx, id, now).await?;
    for lane in store::events::lanes(&tx, AT_ONCE).await? {
        go_on(&tx, lane, now).await?;
    }
    tx.commit().await?;
    Ok(again)
}
