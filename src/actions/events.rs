//! Telling the Publisher's back ends what happened.
//!
//! An event is kept in the transaction of what happened and told by the one job of its
//! endpoint. What happens at one Install is told in order: the next waits for the one
//! before. An event that is refused holds back its own lane, an endpoint that cannot be
//! reached is left alone for a while.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use url::Url;

use super::Progress;
use crate::app::App;
use crate::domain::events::{self, Data, Kind};
use crate::domain::ids::{EndpointId, InstallId};
use crate::domain::installs::Install;
use crate::domain::jobs::Job;
use crate::domain::products::Product;
use crate::domain::time::{Timestamp, days, seconds};
use crate::error::Error;
use crate::store::endpoints::Endpoint;
use crate::store::events::{Event, Told, Waiting};
use crate::store::{self, Store, Tx, vault};
use crate::webhook::{Fault, Message};

/// How long what was delivered is kept for whoever looks into a problem.
const TRACES: TimeDelta = days(30);
/// How many events one run of the job tells, and for how long at most it begins another, so that
/// a slow endpoint gives way to other jobs.
const AT_ONCE: u64 = 100;
const RUN: TimeDelta = seconds(30);

/// Something that happened at an Install.
pub struct Happened<'a> {
    /// The Product.
    pub product: &'a Product,
    /// The Install.
    pub install: &'a Install,
    /// What.
    pub kind: Kind,
    /// What is told about it, beside what follows from the Install.
    pub data: Data,
}

/// Keeps what happened at Installs, if anybody listens, in this order.
pub async fn at_installs(
    tx: &Tx,
    happened: Vec<Happened<'_>>,
    now: Timestamp,
) -> Result<(), Error> {
    let all = happened.into_iter().map(|one| {
        let data = Data {
            account_id: Some(one.install.account),
            generation: Some(one.install.generation),
            ..one.data
        };
        (one.product, Some(one.install.id), one.kind, data)
    });
    keep(tx, all.collect(), now).await
}

/// Keeps what happened at an Install, if anybody listens.
pub async fn at_install(
    tx: &Tx,
    product: &Product,
    install: &Install,
    kind: Kind,
    data: Data,
    now: Timestamp,
) -> Result<(), Error> {
    let happened = Happened {
        product,
        install,
        kind,
        data,
    };
    at_installs(tx, vec![happened], now).await
}

/// Keeps that the Product left the account.
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
pub async fn at_product(
    tx: &Tx,
    product: &Product,
    kind: Kind,
    data: Data,
    now: Timestamp,
) -> Result<(), Error> {
    keep(tx, vec![(product, None, kind, data)], now).await
}

async fn keep(
    tx: &Tx,
    all: Vec<(&Product, Option<InstallId>, Kind, Data)>,
    now: Timestamp,
) -> Result<(), Error> {
    if all.is_empty() {
        return Ok(());
    }
    let endpoints = store::endpoints::list(tx, None).await?;
    let (mut events, mut called) = (Vec::new(), BTreeMap::new());
    for (product, install, kind, data) in all {
        let data = Data {
            product: product.code.to_string(),
            ..data
        };
        let listen = endpoints.iter().filter(|e| e.product == product.id);
        let listen: Vec<&Endpoint> = listen.collect();
        if listen.is_empty() {
            continue;
        }
        events.push(Event {
            body: events::body(kind, &data, now),
            install,
            endpoints: listen.iter().map(|endpoint| endpoint.id).collect(),
        });
        called.extend(listen.into_iter().map(|endpoint| (endpoint.id, endpoint)));
    }
    store::events::add(tx, &events, now).await?;
    for endpoint in called.into_values() {
        wake(tx, endpoint, now, now).await?;
    }
    Ok(())
}

/// While something waits at an endpoint there is a job that tells it, and not before the
/// endpoint may be called again.
pub async fn go_on(tx: &Tx, id: EndpointId, now: Timestamp) -> Result<(), Error> {
    let Some(endpoint) = store::endpoints::find(tx, id).await? else {
        return Ok(());
    };
    match store::events::next_due(tx, id).await? {
        Some(next) => wake(tx, &endpoint, next, now).await,
        None => Ok(()),
    }
}

async fn wake(tx: &Tx, endpoint: &Endpoint, at: Timestamp, now: Timestamp) -> Result<(), Error> {
    let job = Job::TellBackEnd {
        endpoint: endpoint.id,
    };
    let at = at.max(endpoint.quiet_until.unwrap_or(now)).max(now);
    Ok(store::jobs::wake(tx, &job, at, now).await?)
}

/// The job: tells an endpoint what is due there, as far as it listens.
///
/// Safe to repeat: an event that was told twice has the same id.
pub async fn tell(app: &App, id: EndpointId) -> Result<Progress, Error> {
    let Some(endpoint) = store::endpoints::find(&app.store, id).await? else {
        return Ok(Progress::Done);
    };
    let now = app.clock.now();
    let secrets = store::endpoints::secrets(&app.store, id, now).await?;
    if let Some(until) = endpoint.quiet_until.filter(|until| *until > now) {
        return Ok(Progress::At(until));
    }
    for (n, event) in store::events::due(&app.store, id, now, AT_ONCE)
        .await?
        .iter()
        .enumerate()
    {
        if app.clock.now() > now + RUN {
            break;
        }
        let outcome = send(app, &endpoint.url, &secrets, event).await;
        let now = app.clock.now();
        let tx = app.store.begin().await?;
        if let Err(Fault::Down(fault)) = &outcome {
            let until = leave_alone(&tx, &endpoint, n == 0, fault, now).await?;
            tx.commit().await?;
            return Ok(Progress::At(until));
        }
        if n == 0 && endpoint.failures > 0 {
            store::endpoints::mark(&tx, id, None).await?;
        }
        settle(&tx, id, event, outcome.err(), now).await?;
        tx.commit().await?;
    }
    Ok(Progress::Done)
}

async fn settle(
    tx: &Tx,
    id: EndpointId,
    event: &Waiting,
    fault: Option<Fault>,
    now: Timestamp,
) -> Result<(), Error> {
    let fault = fault.map(|fault| match fault {
        Fault::Refused(fault) | Fault::Down(fault) => fault,
    });
    let told = match &fault {
        None => Told::Delivered,
        Some(_) => {
            events::next_try(event.attempt + 1, event.since, now).map_or(Told::Failed, Told::Again)
        }
    };
    if let (Some(fault), Told::Failed) = (&fault, told) {
        tracing::error!(endpoint.id = %id, "event {} was refused for three days and is given up: {fault}", event.id);
    }
    Ok(store::events::settle(tx, id, event, told, fault.as_deref(), now).await?)
}

/// An endpoint that cannot be reached is left alone for a while, and what has waited there for
/// three days is given up. Returns until when.
async fn leave_alone(
    tx: &Tx,
    endpoint: &Endpoint,
    still: bool,
    fault: &str,
    now: Timestamp,
) -> Result<Timestamp, Error> {
    let failures = if still { endpoint.failures + 1 } else { 1 };
    let until = now + events::quiet(failures);
    store::endpoints::mark(tx, endpoint.id, Some((failures, until, fault))).await?;
    let given_up = store::events::give_up(tx, endpoint.id, events::too_old(now), fault).await?;
    if given_up > 0 {
        tracing::error!(endpoint.id = %endpoint.id, "{given_up} event(s) waited for three days and are given up: {fault}");
    } else {
        tracing::warn!(endpoint.id = %endpoint.id, "events wait: {fault}");
    }
    Ok(until)
}

async fn send(app: &App, url: &Url, secrets: &[Vec<u8>], event: &Waiting) -> Result<(), Fault> {
    let (id, at) = (event.id.to_string(), app.clock.now());
    let message = Message {
        signature: events::signatures(secrets, &id, at, &event.body),
        id,
        at,
        body: &event.body,
    };
    app.webhooks.send(url, &message).await
}

/// Removes a page of events that were told long ago.
pub fn sweep(tx: &Tx, now: Timestamp, page: u64) -> BoxFuture<'_, Result<u64, store::Fault>> {
    store::events::sweep(tx, now - TRACES, page).boxed()
}

/// Asks for the job of each endpoint that something waits for.
pub async fn go_on_everywhere(tx: &Tx, now: Timestamp) -> Result<(), Error> {
    for endpoint in store::endpoints::list(tx, None).await? {
        go_on(tx, endpoint.id, now).await?;
    }
    Ok(())
}

/// Adds an endpoint. Returns it with its secret, which is shown once.
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

/// Puts a new secret in force at an endpoint and returns it; it is shown once. The one before
/// signs beside it for [`events::OLD_SECRET`], or not at all any more `at_once`.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer; `None` when there is no such endpoint.
pub async fn rotate_secret(
    store: &Store,
    id: EndpointId,
    at_once: bool,
    now: Timestamp,
) -> Result<Option<(Endpoint, String)>, Error> {
    let secret = vault::random().map_err(store::Fault::from)?;
    let tx = store.begin().await?;
    let Some(endpoint) = store::endpoints::lock(&tx, id).await? else {
        return Ok(None);
    };
    let others_until = (!at_once).then_some(now + events::OLD_SECRET);
    store::endpoints::put_secret(&tx, id, &secret, others_until, now).await?;
    tx.commit().await?;
    Ok(Some((endpoint, events::secret_text(&secret))))
}

/// Removes an endpoint with all that was still to be told there; `false` when there is none.
pub async fn remove_endpoint(store: &Store, id: EndpointId) -> Result<bool, Error> {
    let tx = store.begin().await?;
    let removed = store::endpoints::remove(&tx, id.0).await?;
    tx.commit().await?;
    Ok(removed)
}

/// Tells again what was given up at an endpoint. Returns how many events that are.
pub async fn retry_endpoint(store: &Store, id: EndpointId, now: Timestamp) -> Result<u64, Error> {
    let tx = store.begin().await?;
    let again = store::events::retry(&tx, id, now).await?;
    store::endpoints::mark(&tx, id, None).await?;
    go_on(&tx, id, now).await?;
    tx.commit().await?;
    Ok(again)
}
