//! Publishing to the end: a version is served, fetched back as the widget's install
//! form and control panel get it, and posted when the bytes are right.
//!
//! The service that serves it for this is one of our own on a free port of this
//! machine, the same code on the same database, which alone takes the version for
//! the one in force; nobody else sees it before it is.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::actions::policies;
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database, Server};
use crate::domain::policies::Text;
use crate::domain::policies::versions::{Publication, Published, Served};
use crate::domain::products::Product;
use crate::store::policies::Version;
use crate::store::{self, Store};
use crate::{keys, web};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Publishes a version and posts it. Before that, what somebody left half done is finished;
/// then nothing else is published, because whoever prepared this version did not know of it.
///
/// # Errors
/// As [`policies::publish`] and [`policies::post`].
pub async fn publish(
    config: &Config,
    store: &Store,
    clock: &Clock,
    product: &Product,
    publication: Publication,
) -> anyhow::Result<Version> {
    let before = store::policies::highest(store, product.id).await?;
    if let Some(version) = finish_one(config, store, clock, product).await? {
        anyhow::bail!(
            "version {} had been published and not posted; it is posted now. \
             Nothing else was published: look at it, and run this again if it is still wanted",
            version.number
        );
    }
    let published = policies::publish(store, product, publication, before, clock.now()).await?;
    show_and_post(config, store, clock, product, published).await
}

/// Finishes what a process that died left half done, in every Product, and says so.
///
/// # Errors
/// When the database does not answer. A version that cannot be posted is given up and logged.
pub async fn finish(config: &Config, store: &Store, clock: &Clock) -> anyhow::Result<()> {
    for product in store::products::list(store).await? {
        match finish_one(config, store, clock, &product).await {
            Ok(None) => {}
            Ok(Some(version)) => tracing::warn!(
                "version {} of {} had been published and not posted: it is posted now",
                version.number,
                product.code
            ),
            Err(e) => tracing::error!("{}: {e:#}", product.code),
        }
    }
    Ok(())
}

async fn finish_one(
    config: &Config,
    store: &Store,
    clock: &Clock,
    product: &Product,
) -> anyhow::Result<Option<Version>> {
    match policies::unposted(store, product).await? {
        Some(published) => show_and_post(config, store, clock, product, published)
            .await
            .map(Some),
        None => Ok(None),
    }
}

async fn show_and_post(
    config: &Config,
    store: &Store,
    clock: &Clock,
    product: &Product,
    published: Published<Version>,
) -> anyhow::Result<Version> {
    let served = serve_and_fetch(config, clock, product, &published).await?;
    policies::post(store, product, published, &served, || clock.now()).await
}

async fn serve_and_fetch(
    config: &Config,
    clock: &Clock,
    product: &Product,
    published: &Published<Version>,
) -> anyhow::Result<Vec<Served>> {
    let socket = TcpListener::bind("127.0.0.1:0").context("no free port to show the version on")?;
    let base = format!("http://{}", socket.local_addr()?);
    // Connections of its own: they belong to the server's threads and end with them.
    let keys = keys::load(config)?;
    let store = Store::open(&few(&config.database), &keys, clock.now()).await?;
    let mut app = App::new(config.clone(), store.clone(), clock.clone())?;
    app.preview = Some(published.version.clone());
    let server = web::serve(Arc::new(app), socket)?;
    let handle = server.handle();
    tokio::spawn(server);
    let served = fetch_all(&base, product, &published.texts).await;
    store.close().await?;
    handle.stop(false).await;
    served
}

/// The database with as few connections as will do for a moment.
fn few(database: &Database) -> Database {
    match database {
        Database::Sqlite(path) => Database::Sqlite(path.clone()),
        Database::Postgres(server) => {
            Database::Postgres(server.clone().with_connections(Server::FEWEST))
        }
    }
}

async fn fetch_all(base: &str, product: &Product, texts: &[Text]) -> anyhow::Result<Vec<Served>> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()?;
    let mut served = Vec::new();
    for text in texts {
        served.push(fetch(&http, base, product, &text.lang.to_string()).await?);
    }
    Ok(served)
}

/// What the widget's install form and its control panel read (clause 12.2): both ask for this.
#[derive(Deserialize)]
struct WirePolicy {
    lang: String,
    hash: String,
    sections: Vec<WireSection>,
}

#[derive(Deserialize)]
struct WireSection {
    clauses: Vec<WireClause>,
}

#[derive(Deserialize)]
struct WireClause {
    no: String,
    text: String,
}

async fn fetch(
    http: &reqwest::Client,
    base: &str,
    product: &Product,
    lang: &str,
) -> anyhow::Result<Served> {
    let form: WirePolicy = http
        .get(format!("{base}/widget/v1/policy"))
        .query(&[("product", product.code.as_str()), ("lang", lang)])
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let page = http
        .get(format!("{base}/policy/{}", product.code))
        .query(&[("lang", lang)])
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    // The page names its text by the hash; another one would be another text.
    let hash = if page.contains(&form.hash) {
        form.hash
    } else {
        String::new()
    };
    let clauses = form.sections.into_iter().flat_map(|s| s.clauses);
    Ok(Served {
        lang: form.lang,
        hash,
        clauses: clauses.map(|c| (c.no, c.text)).collect(),
    })
}
