//! What the demo's page lets people press: publish one of the prepared versions, and let the grace
//! of an outdated consent pass.

use std::sync::Arc;

use amocrm_emulator::world::World;
use anyhow::Context as _;
use tokio::sync::Mutex;

use super::super::policy::posting;
use super::{PRODUCT, editions};
use crate::actions::policies;
use crate::app::{App, Perform, TourAct};
use crate::domain::facts::Level;
use crate::domain::policies::parse;
use crate::domain::policies::versions::Publication;
use crate::domain::products::{Product, ProductCode};
use crate::store;

/// How far past the grace the clock is moved.
const AFTER_GRACE_SECS: i64 = 60 * 60;

struct Performing {
    world: Arc<World>,
    // Pressed twice, it happens once: the second press finds what the first did.
    one_at_a_time: Mutex<()>,
}

/// The acts of this demo.
pub(super) fn new(world: Arc<World>) -> Perform {
    let performing = Arc::new(Performing {
        world,
        one_at_a_time: Mutex::default(),
    });
    Arc::new(move |app, act| {
        let performing = performing.clone();
        Box::pin(async move { performing.perform(&app, act).await })
    })
}

impl Performing {
    async fn perform(&self, app: &Arc<App>, act: TourAct) -> anyhow::Result<()> {
        let _alone = self.one_at_a_time.lock().await;
        match act {
            TourAct::PublishNotice => bring_out(app, Level::Notice).await,
            TourAct::PublishWider => bring_out(app, Level::Reconsent).await,
            TourAct::PassGrace => self.pass_grace(app),
        }
    }

    fn pass_grace(&self, app: &App) -> anyhow::Result<()> {
        let grace = app.config.reconsent_grace.num_seconds();
        self.world.advance(grace + AFTER_GRACE_SECS);
        self.world.save().context("the world was not saved")
    }
}

/// Each level's version comes out once; the second one keeps what the first changed.
async fn bring_out(app: &Arc<App>, level: Level) -> anyhow::Result<()> {
    let code = ProductCode::parse(PRODUCT)?;
    let product = store::products::find(&app.store, &code).await?;
    let product = product.context("the demo has lost its product")?;
    let history = app.store.history(product.id).await?;
    let mut levels: Vec<Level> = history
        .versions()
        .iter()
        .skip(1)
        .map(|version| version.level)
        .collect();
    if levels.contains(&level) {
        return Ok(());
    }
    levels.push(level);
    publish(app, &product, &levels).await
}

/// Publishes the starter with the changes of these levels, for the demo's publisher.
pub(super) async fn publish(
    app: &Arc<App>,
    product: &Product,
    levels: &[Level],
) -> anyhow::Result<()> {
    let edition = editions::with(levels);
    let mut documents = Vec::new();
    for (name, text) in edition.files {
        let filled = policies::filled(text.into_bytes(), &app.config.publisher);
        let document =
            parse(&name, &filled).map_err(|f| anyhow::anyhow!("{name}: {} finding(s)", f.len()))?;
        documents.push((name, document));
    }
    let publication = Publication {
        documents,
        facts: Some(edition.facts),
        level: None,
        reason: None,
        verbatim: false,
        findings: Vec::new(),
    };
    posting::publish(app, product, publication).await?;
    Ok(())
}
