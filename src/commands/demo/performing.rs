//! What the demo's page lets people press: publish one of the prepared versions, and let the grace
//! of an outdated consent pass.

use std::sync::Arc;

use amocrm_emulator::world::World;
use anyhow::Context as _;
use tokio::sync::Mutex;

use super::{PRODUCT, editions};
use crate::actions::policies;
use crate::app::{Perform, TourAct};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::facts::Level;
use crate::domain::policies::parse;
use crate::domain::policies::versions::Publication;
use crate::domain::products::{Product, ProductCode};
use crate::posting;
use crate::store::{self, Store};

/// How far past the grace the clock is moved.
const AFTER_GRACE_SECS: i64 = 60 * 60;

struct Performing {
    config: Config,
    store: Store,
    clock: Clock,
    world: Arc<World>,
    // Pressed twice, it happens once: the second press finds what the first did.
    one_at_a_time: Mutex<()>,
}

/// The acts of this demo.
pub(super) fn new(config: &Config, store: &Store, clock: &Clock, world: Arc<World>) -> Perform {
    let performing = Arc::new(Performing {
        config: config.clone(),
        store: store.clone(),
        clock: clock.clone(),
        world,
        one_at_a_time: Mutex::default(),
    });
    Arc::new(move |act| {
        let performing = performing.clone();
        Box::pin(async move { performing.perform(act).await })
    })
}

impl Performing {
    async fn perform(&self, act: TourAct) -> anyhow::Result<()> {
        let _alone = self.one_at_a_time.lock().await;
        match act {
            TourAct::PublishNotice => self.bring_out(Level::Notice).await,
            TourAct::PublishWider => self.bring_out(Level::Reconsent).await,
            TourAct::PassGrace => self.pass_grace(),
        }
    }

    /// Each level's version comes out once; the second one keeps what the first changed.
    async fn bring_out(&self, level: Level) -> anyhow::Result<()> {
        let code = ProductCode::parse(PRODUCT)?;
        let product = store::products::find(&self.store, &code).await?;
        let product = product.context("the demo has lost its product")?;
        let mut levels: Vec<Level> = store::policies::list(&self.store, product.id)
            .await?
            .iter()
            .skip(1)
            .map(|version| version.level)
            .collect();
        if levels.contains(&level) {
            return Ok(());
        }
        levels.push(level);
        publish(&self.config, &self.store, &self.clock, &product, &levels).await
    }

    fn pass_grace(&self) -> anyhow::Result<()> {
        let grace = self.config.reconsent_grace.num_seconds();
        self.world.advance(grace + AFTER_GRACE_SECS);
        self.world.save().context("the world was not saved")
    }
}

/// Publishes the starter with the changes of these levels, for the demo's publisher.
pub(super) async fn publish(
    config: &Config,
    store: &Store,
    clock: &Clock,
    product: &Product,
    levels: &[Level],
) -> anyhow::Result<()> {
    let edition = editions::with(levels);
    let mut documents = Vec::new();
    for (name, text) in edition.files {
        let filled = policies::filled(text.into_bytes(), &config.publisher);
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
    posting::publish(config, store, clock, product, publication).await?;
    Ok(())
}
