//! Publishing to the end: a version is served, read as the widget's install form and
//! control panel read it, and posted when the bytes are right.
//!
//! For this our own routes are asked, in this process; they alone take the version for
//! the one in force, and nobody else sees it before it is.

use std::sync::Arc;

use anyhow::Context as _;
use serde::Deserialize;

use crate::actions::policies;
use crate::app::App;
use crate::domain::policies::history::Version;
use crate::domain::policies::versions::{Publication, Published, Served};
use crate::domain::products::Product;
use crate::store;
use crate::web::preview;

/// Publishes a version and posts it. Before that, what somebody left half done is finished;
/// then nothing else is published, because whoever prepared this version did not know of it.
///
/// # Errors
/// As [`policies::publish`] and [`policies::post`].
pub async fn publish(
    app: &Arc<App>,
    product: &Product,
    publication: Publication,
) -> anyhow::Result<Version> {
    let before = store::policies::highest(&app.store, product.id).await?;
    if let Some(version) = finish_one(app, product).await? {
        anyhow::bail!(
            "version {} had been published and not posted; it is posted now. \
             Nothing else was published: look at it, and run this again if it is still wanted",
            version.number
        );
    }
    let now = app.clock.now();
    let published = policies::publish(&app.store, product, publication, before, now).await?;
    show_and_post(app, product, published).await
}

/// Finishes what a process that died left half done, in every Product, and says so.
///
/// # Errors
/// When the database does not answer. A version that cannot be posted is given up and logged.
pub async fn finish(app: &Arc<App>) -> anyhow::Result<()> {
    for product in store::products::list(&app.store).await? {
        match finish_one(app, &product).await {
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

async fn finish_one(app: &Arc<App>, product: &Product) -> anyhow::Result<Option<Version>> {
    match policies::unposted(&app.store, product).await? {
        Some(published) => show_and_post(app, product, published).await.map(Some),
        None => Ok(None),
    }
}

async fn show_and_post(
    app: &Arc<App>,
    product: &Product,
    published: Published,
) -> anyhow::Result<Version> {
    let mut served = Vec::new();
    for text in &published.texts {
        let lang = text.lang.to_string();
        served.push(fetch(app, product, &published.version, &lang).await?);
    }
    policies::post(&app.store, product, published, &served, || app.clock.now()).await
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
    app: &Arc<App>,
    product: &Product,
    version: &Version,
    lang: &str,
) -> anyhow::Result<Served> {
    let code = &product.code;
    let paths = [
        format!("/widget/v1/policy?product={code}&lang={lang}"),
        format!("/policy/{code}?lang={lang}"),
    ];
    let [form, page] = preview::answers(app, version, paths).await?;
    let form: WirePolicy = serde_json::from_slice(&form).context("the text came as no JSON")?;
    let page = String::from_utf8_lossy(&page);
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
