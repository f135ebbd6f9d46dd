//! Where an account stands with a Product, now.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::app::App;
use crate::domain::consents::{self, Act, Entry, Standing};
use crate::domain::grants::CODE_LIFE;
use crate::domain::hosts::AccountHost;
use crate::domain::ids::{AccountId, UserId};
use crate::domain::installs::{Install, State};
use crate::domain::policies::history::{History, TextRef};
use crate::domain::products::Product;
use crate::domain::time::minutes;
use crate::error::Error;
use crate::store;
use crate::store::accounts::Account;

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
    /// Authorize us as an administrator: employees' grants were not enough for something.
    ReauthorizeAsAdministrator,
    /// Switch the Product off in amoCRM: the platform refused us.
    UninstallByHand,
}

/// Everything that the widget is told.
pub struct View {
    /// The Product.
    pub product: Arc<Product>,
    /// The account.
    pub account: AccountId,
    /// What is known of the account, if it was ever seen.
    pub known: Option<Arc<Account>>,
    /// Whether we may speak to the account.
    pub authorization: Authorization,
    /// What the ledger adds up to.
    pub standing: Standing,
    /// Purposes that were agreed to and are in force now, as they were agreed to.
    pub purposes: Vec<String>,
    /// The Product's versions.
    pub history: Arc<History>,
    /// The text in force for the reader.
    pub policy: Option<TextRef>,
    /// What a person could do.
    pub hint: Option<Hint>,
}

impl View {
    /// The Install, if the account was ever seen.
    #[must_use]
    pub fn install(&self) -> Option<&Install> {
        self.known.as_ref().map(|known| &known.install)
    }

    /// The entry of the ledger that decides.
    #[must_use]
    pub fn entry(&self) -> Option<&Entry> {
        self.known.as_ref()?.entry.as_ref()
    }
}

/// Who reads a standing.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Where the account lives, as far as the reader can say: a grant from there may be pending.
    pub host: Option<&'a AccountHost>,
    /// The person, whose notices it is about; `None` for a back end.
    pub user: Option<UserId>,
    /// Their languages, best first.
    pub langs: &'a [String],
}

/// Reads the standing of an account.
pub async fn of(
    app: &App,
    product: &Arc<Product>,
    account: AccountId,
    reader: Reader<'_>,
) -> Result<View, Error> {
    let history = app.store.history(product.id).await?;
    let mut known = app.store.account(product.id, account).await?;
    let mut authorization = authorization(app, product, known.as_deref(), reader.host).await?;
    if authorization == Authorization::Reauthorize {
        // What was on its way may have landed between the two reads.
        known = app.store.account(product.id, account).await?;
        if known.as_ref().is_some_and(|known| known.authorized) {
            authorization = Authorization::Ok;
        }
    }
    view(
        app,
        product,
        history,
        (account, known),
        authorization,
        reader,
    )
}

/// The standings of the accounts that had the Product, by their ids, from the first after
/// `after` on: at most `limit`, all at one moment, as a back end reads them.
pub async fn page(
    app: &App,
    product: &Arc<Product>,
    state: Option<State>,
    after: Option<AccountId>,
    limit: u64,
    langs: &[String],
) -> Result<Vec<View>, Error> {
    let history = app.store.history(product.id).await?;
    let reader = Reader {
        host: None,
        user: None,
        langs,
    };
    let mut views = Vec::new();
    for known in store::accounts::page(&app.store, product.id, state, after, limit).await? {
        let authorization = authorization(app, product, Some(&known), None).await?;
        let of = (known.install.account, Some(Arc::new(known)));
        views.push(view(
            app,
            product,
            history.clone(),
            of,
            authorization,
            reader,
        )?);
    }
    Ok(views)
}

fn view(
    app: &App,
    product: &Arc<Product>,
    history: Arc<History>,
    (account, known): (AccountId, Option<Arc<Account>>),
    authorization: Authorization,
    reader: Reader<'_>,
) -> Result<View, Error> {
    let acknowledged = match (&known, reader.user) {
        (Some(known), Some(user)) => app.store.acknowledged(known, user)?,
        _ => None,
    };
    let install = known.as_ref().map(|known| &known.install);
    let entry = known.as_ref().and_then(|known| known.entry.as_ref());
    let grace = app.config.reconsent_grace;
    let now = app.clock.now();
    let standing = consents::standing(install, entry, &history, acknowledged, grace, now);
    let given = entry.filter(|entry| entry.act == Act::Given);
    let purposes = given.map_or_else(Vec::new, |entry| {
        history.still_agreed(entry.shown.number, &entry.purposes)
    });
    let in_force = history.in_force();
    Ok(View {
        product: product.clone(),
        account,
        authorization,
        standing,
        purposes,
        policy: in_force
            .and_then(|version| version.text_for(reader.langs))
            .cloned(),
        hint: hint(install, authorization),
        history,
        known,
    })
}

/// How long a code that was announced counts as being exchanged. Longer than an exchange takes: a
/// stranger's code must not tell an administrator for 20 minutes to wait.
const EXCHANGE_TAKES: TimeDelta = minutes(1);

async fn authorization(
    app: &App,
    product: &Product,
    known: Option<&Account>,
    host: Option<&AccountHost>,
) -> Result<Authorization, Error> {
    if known.is_some_and(|known| known.authorized) {
        return Ok(Authorization::Ok);
    }
    let Some(host) = host.or(known.map(|known| &known.install.host)) else {
        return Ok(Authorization::Reauthorize);
    };
    let now = app.clock.now();
    let (codes, tokens) = (now - EXCHANGE_TAKES, now - CODE_LIFE);
    let pending = store::grants::is_pending(&app.store, product.id, host, codes, tokens).await?;
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
        // A code on its way may be a stranger's: until a grant lives, the person can press the button.
        (_, Authorization::Reauthorize | Authorization::Pending) if wanted => {
            Some(Hint::Reauthorize)
        }
        (Some(i), Authorization::Ok) if wanted && i.needs_administrator => {
            Some(Hint::ReauthorizeAsAdministrator)
        }
        _ => None,
    }
}
