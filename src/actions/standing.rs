//! Where an account stands with a Product, now.

use super::policies;
use crate::app::App;
use crate::domain::consents::{self, Standing};
use crate::domain::hosts::AccountHost;
use crate::domain::ids::AccountId;
use crate::domain::installs::{Install, State};
use crate::domain::products::Product;
use crate::error::Error;
use crate::store::policies::{TextRef, Version};
use crate::store::{self, Read};

/// Whether we may speak to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// A grant is on its way.
    Pending,
    /// A grant lives.
    Ok,
    /// There is none: somebody has to press the button.
    Reauthorize,
}

/// What a person could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Authorize us again.
    Reauthorize,
    /// Switch the Product off in amoCRM: the platform refused us.
    UninstallByHand,
}

/// Everything that the widget is told.
pub struct View {
    /// The Product.
    pub product: Product,
    /// The account.
    pub account: AccountId,
    /// The Install, if the account was ever seen.
    pub install: Option<Install>,
    /// Whether we may speak to the account.
    pub authorization: Authorization,
    /// What the ledger adds up to.
    pub standing: Standing,
    /// The version in force and its text for the reader.
    pub policy: Option<(Version, TextRef)>,
    /// What a person could do.
    pub hint: Option<Hint>,
}

/// Reads the standing of an account. `host` is where the caller's token says it lives; `langs`
/// are the reader's languages, best first.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn of(
    app: &App,
    product: &Product,
    account: AccountId,
    host: &AccountHost,
    langs: &[String],
) -> Result<View, Error> {
    // All of it at one moment: a grant that lands between two reads would look like none.
    let db = &app.store.snapshot().await?;
    let install = store::installs::find(db, product.id, account).await?;
    let entries = match &install {
        Some(i) => store::consents::of_generation(db, i.id, i.generation).await?,
        None => Vec::new(),
    };
    let posted = store::policies::posted(db, product.id).await?;
    let grace = app.config.reconsent_grace;
    let standing = consents::standing(install.as_ref(), &entries, &posted, grace, app.clock.now());
    let authorization = authorization(db, product, install.as_ref(), host).await?;
    let policy = policies::in_force(db, product, langs).await?;
    let hint = hint(install.as_ref(), authorization);
    Ok(View {
        product: product.clone(),
        account,
        install,
        authorization,
        standing,
        policy,
        hint,
    })
}

async fn authorization(
    db: &impl Read,
    product: &Product,
    install: Option<&Install>,
    host: &AccountHost,
) -> Result<Authorization, Error> {
    if let Some(install) = install
        && store::tokens::exist(db, install.id).await?
    {
        return Ok(Authorization::Ok);
    }
    let pending = store::grants::is_pending(db, product.id, host).await?;
    Ok(if pending {
        Authorization::Pending
    } else {
        Authorization::Reauthorize
    })
}

fn hint(install: Option<&Install>, authorization: Authorization) -> Option<Hint> {
    let wanted = install.is_none_or(|i| matches!(i.state, State::Pending | State::Active));
    match (install, authorization) {
        (Some(i), _) if i.by_hand => Some(Hint::UninstallByHand),
        (_, Authorization::Reauthorize) if wanted => Some(Hint::Reauthorize),
        _ => None,
    }
}
