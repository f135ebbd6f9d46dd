//! Where an account stands with a Product, now.

use chrono::TimeDelta;

use super::policies;
use crate::app::App;
use crate::domain::consents::{self, Act, Entry, Posted, Standing};
use crate::domain::grants::CODE_LIFE;
use crate::domain::hosts::AccountHost;
use crate::domain::ids::{AccountId, UserId};
use crate::domain::installs::{Install, State};
use crate::domain::products::Product;
use crate::domain::time::minutes;
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
    /// Authorize us as an administrator: employees' grants were not enough for something.
    ReauthorizeAsAdministrator,
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
    /// Purposes that were agreed to and are in force now, as they were agreed to.
    pub purposes: Vec<String>,
    /// The version in force and its text for the reader.
    pub policy: Option<(Version, TextRef)>,
    /// What a person could do.
    pub hint: Option<Hint>,
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
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn of(
    app: &App,
    product: &Product,
    account: AccountId,
    reader: Reader<'_>,
) -> Result<View, Error> {
    // All of it at one moment: a grant that lands between two reads would look like none.
    let db = &app.store.snapshot().await?;
    let install = store::installs::find(db, product.id, account).await?;
    let versions = Versions::read(db, product, reader.langs).await?;
    look(app, db, product, &versions, (account, install), reader).await
}

/// The standings of the accounts that had the Product, by their ids, from the first after
/// `after` on: at most `limit`, all at one moment, as a back end reads them.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn page(
    app: &App,
    product: &Product,
    state: Option<State>,
    after: Option<AccountId>,
    limit: u64,
    langs: &[String],
) -> Result<Vec<View>, Error> {
    let db = &app.store.snapshot().await?;
    let versions = Versions::read(db, product, langs).await?;
    let reader = Reader {
        host: None,
        user: None,
        langs,
    };
    let mut views = Vec::new();
    for install in store::installs::page(db, product.id, state, after, limit).await? {
        let of = (install.account, Some(install));
        views.push(look(app, db, product, &versions, of, reader).await?);
    }
    Ok(views)
}

/// The Product's versions, which are the same for all accounts.
struct Versions {
    posted: Vec<Posted>,
    in_force: Option<(Version, TextRef)>,
}

impl Versions {
    async fn read(db: &impl Read, product: &Product, langs: &[String]) -> Result<Self, Error> {
        Ok(Self {
            posted: store::policies::posted(db, product.id).await?,
            in_force: policies::in_force(db, product, langs).await?,
        })
    }
}

async fn look(
    app: &App,
    db: &impl Read,
    product: &Product,
    versions: &Versions,
    (account, install): (AccountId, Option<Install>),
    reader: Reader<'_>,
) -> Result<View, Error> {
    let entries = match &install {
        Some(i) => store::consents::of_generation(db, i).await?,
        None => Vec::new(),
    };
    let acknowledged = match (&install, reader.user) {
        (Some(i), Some(user)) => store::notices::acknowledged(db, i.id, user).await?,
        _ => None,
    };
    let standing = consents::standing(
        install.as_ref(),
        &entries,
        &versions.posted,
        acknowledged,
        app.config.reconsent_grace,
        app.clock.now(),
    );
    let authorization = authorization(app, db, product, install.as_ref(), reader.host).await?;
    let in_force = versions.in_force.as_ref().map(|(version, _)| version);
    let purposes = purposes(db, product, standing.entry.as_ref(), in_force).await?;
    let hint = hint(install.as_ref(), authorization);
    Ok(View {
        product: product.clone(),
        account,
        install,
        authorization,
        standing,
        purposes,
        policy: versions.in_force.clone(),
        hint,
    })
}

/// What was agreed to reaches no further than it did then (clause 7.2.1): a purpose that is gone,
/// or that asks for more in the version in force, is off.
async fn purposes(
    db: &impl Read,
    product: &Product,
    entry: Option<&Entry>,
    in_force: Option<&Version>,
) -> Result<Vec<String>, Error> {
    let (Some(entry), Some(version)) = (entry.filter(|e| e.act == Act::Given), in_force) else {
        return Ok(Vec::new());
    };
    let mut agreed = entry.purposes.clone();
    if entry.shown.number == version.number {
        return Ok(agreed);
    }
    let now = policies::facts(version)?;
    agreed.retain(|code| now.purposes.iter().any(|p| p.code == *code));
    if let Some(then) = store::policies::find(db, product.id, entry.shown.number).await? {
        let widened = now.widened_since(&policies::facts(&then)?);
        agreed.retain(|code| !widened.contains(code));
    }
    Ok(agreed)
}

/// How long a code that was announced counts as being exchanged. Longer than an exchange takes: a
/// stranger's code must not tell an administrator for 20 minutes to wait.
const EXCHANGE_TAKES: TimeDelta = minutes(1);

async fn authorization(
    app: &App,
    db: &impl Read,
    product: &Product,
    install: Option<&Install>,
    host: Option<&AccountHost>,
) -> Result<Authorization, Error> {
    if let Some(install) = install
        && store::tokens::exist(db, install.id).await?
    {
        return Ok(Authorization::Ok);
    }
    let host = host.or(install.map(|i| &i.host));
    let pending = match host {
        Some(host) => {
            let now = app.clock.now();
            let (codes, tokens) = (now - EXCHANGE_TAKES, now - CODE_LIFE);
            store::grants::is_pending(db, product.id, host, codes, tokens).await?
        }
        None => false,
    };
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
