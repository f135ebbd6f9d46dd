//! The job that takes a Product out of an account after a withdrawal.
//!
//! Each step's outcome is a row before the next begins, so that a crash resumes
//! where it was. Safe to repeat: what was removed is gone already, and a step
//! that ended is not tried again.

use futures_util::FutureExt as _;

use super::{Progress, authorization, events};
use crate::amocrm;
use crate::app::App;
use crate::domain::addresses::hooks;
use crate::domain::ids::InstallId;
use crate::domain::installs::{Install, State};
use crate::domain::removal::{Answer, Outcome, Step, decide};
use crate::domain::requests::{Request, State as RequestState};
use crate::error::Error;
use crate::store::removals::Begun;
use crate::store::{self, Tx};

/// Goes on with the first step that has not ended.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer; worth another try.
pub async fn carry_on(app: &App, id: InstallId, generation: u32) -> Result<Progress, Error> {
    loop {
        let Some((install, begun)) = begin_step(app, id, generation).await? else {
            return Ok(Progress::Done);
        };
        let answer = try_step(app, &install, begun.step).await?;
        let Some(outcome) = decide(answer, begun.since, app.clock.now()) else {
            return Ok(Progress::Later);
        };
        if !end_step(app, id, generation, begun, outcome).await? {
            return Ok(Progress::Done);
        }
    }
}

/// The step to try now, noted before it is tried; `None` when this uninstall is over.
async fn begin_step(
    app: &App,
    id: InstallId,
    generation: u32,
) -> Result<Option<(Install, Begun)>, Error> {
    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, id).await?;
    if !is_ours(&install, generation) {
        return Ok(None);
    }
    let steps = store::removals::list(&tx, id, generation).await?;
    let begun = match steps.last() {
        Some(last) if last.outcome.is_none() => *last,
        last => {
            let Some(step) = last.map_or(Some(Step::Webhooks), |l| l.step.next()) else {
                return Ok(None);
            };
            Begun {
                step,
                since: app.clock.now(),
                outcome: None,
            }
        }
    };
    store::removals::put(&tx, id, generation, begun).await?;
    tx.commit().await?;
    Ok(Some((install, begun)))
}

async fn end_step(
    app: &App,
    id: InstallId,
    generation: u32,
    begun: Begun,
    outcome: Outcome,
) -> Result<bool, Error> {
    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, id).await?;
    if !is_ours(&install, generation) {
        return Ok(false);
    }
    store::removals::put(
        &tx,
        id,
        generation,
        Begun {
            outcome: Some(outcome),
            ..begun
        },
    )
    .await?;
    if begun.step == Step::Forget {
        leave(app, &tx, install).await?;
    }
    tx.commit().await?;
    tracing::info!(install.id = %id, step = store::removals::step_text(begun.step), "uninstall of {id}: {outcome:?}");
    Ok(true)
}

/// The last beat: the tokens are forgotten and the Install is *uninstalled*, whatever the
/// platform refused.
async fn leave(app: &App, tx: &Tx, install: Install) -> Result<(), Error> {
    let steps = store::removals::list(tx, install.id, install.generation).await?;
    let by_hand = steps
        .iter()
        .any(|s| s.step == Step::Widget && s.outcome == Some(Outcome::Refused));
    let (id, generation) = (install.id, install.generation);
    store::tokens::forget(tx, id).await?;
    let now = app.clock.now();
    let install = install.left(now, by_hand);
    store::installs::save(tx, &install).await?;
    events::uninstalled(tx, &install, now).await?;
    if let Some(request) = store::requests::ending(tx, id, generation).await? {
        store::requests::save(
            tx,
            &Request {
                state: RequestState::Executed,
                ..request
            },
        )
        .await?;
    }
    Ok(())
}

/// A reinstall meanwhile means that an administrator wants the Product: the rest is left alone.
fn is_ours(install: &Install, generation: u32) -> bool {
    install.generation == generation && install.state == State::Uninstalling
}

async fn try_step(app: &App, install: &Install, step: Step) -> Result<Answer, Error> {
    let answer = match step {
        Step::Webhooks => remove_webhooks(app, install).await,
        Step::Widget => switch_off(app, install).await,
        Step::Probe => {
            let alive = authorization::ask(app, install, |session| session.account().boxed()).await;
            tracing::info!(install.id = %install.id, "grant of {}: {}", install.id, match &alive {
                Ok(Some(_)) => "still alive",
                Ok(None) => "dead",
                Err(_) => "unknown",
            });
            // Only the knowing is at stake: nothing waits for it.
            return match alive {
                Err(e) if matches!(e, Error::Unavailable(_)) || e.not_yet().is_some() => Err(e),
                _ => Ok(Answer::Yes),
            };
        }
        Step::Forget => Ok(Some(true)),
    };
    match answer {
        Ok(Some(true)) => Ok(Answer::Yes),
        Ok(Some(false) | None) => Ok(Answer::No),
        // Our own limit is no answer: the job comes again as soon as it is over.
        Err(e) if e.not_yet().is_some() => Err(e),
        Err(Error::Upstream(e)) if e.may_pass() => Ok(Answer::Busy),
        Err(Error::Upstream(_)) => Ok(Answer::No),
        Err(e) => Err(e),
    }
}

async fn remove_webhooks(app: &App, install: &Install) -> Result<Option<bool>, Error> {
    let product = store::products::get(&app.store, install.product).await?;
    let Some(webhooks) =
        authorization::ask(app, install, |session| session.webhooks().boxed()).await?
    else {
        return Ok(None);
    };
    let others = store::products::list(&app.store).await?;
    let public_url = &app.config.public_url;
    let ours = |destination: &str| hooks::is_of(destination, &product, &others, public_url);
    for webhook in webhooks.iter().filter(|w| ours(&w.destination)) {
        let webhook = webhook.clone();
        let removed = authorization::ask(app, install, move |session| {
            let webhook = webhook.clone();
            async move { session.remove_webhook(&webhook).await }.boxed()
        });
        if removed.await?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(true))
}

/// `Some(false)` when the account does not list the widget: we cannot know that it is off.
async fn switch_off(app: &App, install: &Install) -> Result<Option<bool>, Error> {
    authorization::ask(app, install, |session| {
        async move {
            let Some(widget) = session.own_widget().await? else {
                return Ok::<_, amocrm::Error>(false);
            };
            if widget.is_active_in_account {
                session.switch_off(&widget).await?;
            }
            Ok(true)
        }
        .boxed()
    })
    .await
}
