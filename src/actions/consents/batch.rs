//! Consents of several accounts in one transaction: each step is one statement or a few for all of
//! them, whoever is refused drops out of it, and the others go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::caller::NO_ID;
use super::super::events::{self, Happened};
use super::super::letters;
use crate::app::{App, Tried};
use crate::domain::consents::agreement::{Form, Outcome, Recorded, Wanted};
use crate::domain::consents::{Act, Entry, Shown};
use crate::domain::events::{Data, Kind};
use crate::domain::ids::{InstallId, ProductId, SubjectId};
use crate::domain::installs::{Install, State};
use crate::domain::letters::A_DAY;
use crate::domain::policies::history::{History, TextRef, Version};
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::ledger::{Added, End};
use crate::store::people::{Address, Said, Subject};
use crate::store::{self, Locked, Tx};

/// A form on its way through the transaction.
struct Case<'f> {
    /// Its place among the forms.
    at: usize,
    form: &'f Form,
    /// The Install as it is once it was consented to.
    install: Install,
    /// Where it stood before.
    before: State,
    /// The person, once they are known.
    subject: Option<Subject>,
}

/// Records forms, each of another account; `locked` is what is done about Installs that others
/// change. What is refused leaves nothing behind.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer, [`Error::Internal`] when one of them
/// cannot be recorded: then none is.
pub(super) async fn write(app: &App, forms: &[Form], locked: Locked) -> Result<Vec<Tried>, Error> {
    let mut tried: Vec<Tried> = forms.iter().map(|_| None).collect();
    let tx = app.store.begin().await?;
    let now = app.clock.now();
    let (mut cases, mut new) = cases(&tx, forms, locked, &mut tried, now).await?;
    let said = recall(&tx, &mut cases, &mut tried, now).await?;
    if cases.is_empty() {
        return Ok(tried);
    }

    // From here on nobody else adds an entry and no version comes into force.
    let installs: Vec<_> = cases.iter().map(|case| case.install.id).collect();
    let end = store::ledger::lock(&tx, &installs).await?;
    let histories = histories(app, &tx, &cases).await?;
    let mut agreed = still_in_force(&histories, cases, &mut tried);
    burn(&tx, &mut agreed, &mut tried).await?;
    make_known(&tx, &mut agreed, now).await?;
    let now = app.clock.now();
    let recorded = add(end, &agreed, now).await?;

    let cases: Vec<&Case<'_>> = agreed.iter().map(|(case, ..)| case).collect();
    new.retain(|install| cases.iter().all(|case| case.install.id != *install));
    store::installs::take_back(&tx, &new).await?;
    begin(&tx, &cases).await?;
    let addresses = keep_contacts(&tx, &cases, &said, now).await?;
    let receipts = recorded.iter().zip(&cases).zip(addresses);
    let receipts: Vec<_> = receipts
        .map(|((recorded, case), address)| (&recorded.entry, case.install.account, Some(address)))
        .collect();
    letters::receipts(app, &tx, &receipts, now).await?;
    tell(app, &tx, &cases, &recorded, now).await?;
    tx.commit().await?;
    for (case, recorded) in agreed.iter().map(|(case, ..)| case.at).zip(recorded) {
        tried[case] = Some(Ok(Outcome::Given(Box::new(recorded))));
    }
    Ok(tried)
}

/// Locks the Installs, and refuses what their state forbids. Returns also which were made for it.
async fn cases<'f>(
    tx: &Tx,
    forms: &'f [Form],
    locked: Locked,
    tried: &mut [Tried],
    now: Timestamp,
) -> Result<(Vec<Case<'f>>, BTreeSet<InstallId>), Error> {
    let accounts = forms
        .iter()
        .map(|form| (form.caller.account(), &form.caller.claims.host));
    let accounts = accounts.collect();
    let taken = store::installs::lock_or_add_all(tx, &accounts, locked, now).await?;
    let mut installs = taken.installs;
    let mut cases = Vec::new();
    for (at, form) in forms.iter().enumerate() {
        let Some(install) = installs.remove(&form.caller.account()) else {
            continue;
        };
        let before = install.state;
        let consented = form.caller.may_write(&install).and_then(|()| {
            let consented = install.consented();
            consented.map_err(|_| Error::Refused(Code::Uninstalling))
        });
        match consented {
            Ok(install) => cases.push(Case {
                at,
                form,
                install,
                before,
                subject: None,
            }),
            Err(refused) => tried[at] = Some(Err(refused)),
        }
    }
    Ok((cases, taken.new))
}

/// Finds the people and what they said so far, and refuses who said enough, or whose token is
/// from before their own withdrawal: it speaks for a time that is over.
async fn recall(
    tx: &Tx,
    cases: &mut Vec<Case<'_>>,
    tried: &mut [Tried],
    now: Timestamp,
) -> Result<BTreeMap<SubjectId, Said>, Error> {
    let users = cases
        .iter()
        .map(|case| (case.install.id, case.form.caller.claims.user));
    let users: Vec<_> = users.collect();
    let mut people = store::people::find_all(tx, &users).await?;
    let known: Vec<&Subject> = people.values().collect();
    let said = store::people::said(tx, &known, now - A_DAY).await?;
    cases.retain_mut(|case| {
        case.subject = people.remove(&case.install.id);
        let said = case
            .subject
            .as_ref()
            .and_then(|subject| said.get(&subject.id));
        let refused = said.and_then(|said| {
            let issued = case.form.caller.claims.issued_at.secs();
            let stale = said.taken_back.is_some_and(|(generation, at)| {
                generation == case.install.generation && issued <= at.secs()
            });
            match stale {
                true => Some(Code::TokenStale),
                false => said.is_enough().then_some(Code::TooMany),
            }
        });
        if let Some(code) = refused {
            tried[case.at] = Some(Err(Error::Refused(code)));
        }
        refused.is_none()
    });
    Ok(said)
}

type Histories = BTreeMap<ProductId, Arc<History>>;

/// The versions of the Products, now that none can come into force.
async fn histories(app: &App, tx: &Tx, cases: &[Case<'_>]) -> Result<Histories, Error> {
    let products: BTreeSet<_> = cases
        .iter()
        .map(|case| case.form.caller.product.id)
        .collect();
    let mut histories = BTreeMap::new();
    for product in products {
        histories.insert(product, app.store.history_in(tx, product).await?);
    }
    Ok(histories)
}

type Agreed<'f, 'h> = (Case<'f>, &'h Version, &'h TextRef);

/// Holds each form against the version that is in force.
fn still_in_force<'f, 'h>(
    histories: &'h Histories,
    cases: Vec<Case<'f>>,
    tried: &mut [Tried],
) -> Vec<Agreed<'f, 'h>> {
    let mut agreed = Vec::new();
    for case in cases {
        let history = histories.get(&case.form.caller.product.id);
        match history.and_then(|history| case.form.agreement.against(history)) {
            Some(Wanted::Shown(version, text)) => agreed.push((case, version, text)),
            Some(Wanted::Another(version, text)) => {
                tried[case.at] = Some(Ok(Outcome::changed(version, text)));
            }
            None => tried[case.at] = Some(Err(Error::Refused(Code::NoPolicy))),
        }
    }
    agreed
}

/// Burns the tokens of what is going to be recorded, and refuses those that were used before.
async fn burn(tx: &Tx, agreed: &mut Vec<Agreed<'_, '_>>, tried: &mut [Tried]) -> Result<(), Error> {
    let tokens = agreed.iter().filter_map(|(case, ..)| {
        let caller = &case.form.caller;
        let jti = caller.claims.jti.as_deref()?;
        Some((caller.product.id, jti, caller.claims.expires_at))
    });
    let tokens: Vec<_> = tokens.collect();
    let mut burned = store::burned::burn_all(tx, &tokens).await?;
    agreed.retain(|(case, ..)| {
        let caller = &case.form.caller;
        let refused = match &caller.claims.jti {
            None => Error::Malformed(Code::TokenInvalid, NO_ID),
            Some(jti) if burned.remove(&(caller.product.id, jti.clone())) => return true,
            Some(_) => Error::Refused(Code::TokenReplayed),
        };
        tried[case.at] = Some(Err(refused));
        false
    });
    Ok(())
}

/// Makes the people known who were not.
async fn make_known(tx: &Tx, agreed: &mut [Agreed<'_, '_>], now: Timestamp) -> Result<(), Error> {
    let new: Vec<_> = agreed
        .iter_mut()
        .map(|(case, ..)| case)
        .filter(|case| case.subject.is_none())
        .collect();
    let users = new
        .iter()
        .map(|case| (case.install.id, case.form.caller.claims.user));
    let users: Vec<_> = users.collect();
    let subjects = store::people::add_all(tx, &users, now).await?;
    for (case, subject) in new.into_iter().zip(subjects) {
        case.subject = Some(subject);
    }
    Ok(())
}

async fn add(
    end: End<'_>,
    agreed: &[Agreed<'_, '_>],
    now: Timestamp,
) -> Result<Vec<Recorded>, Error> {
    let mut at = end.time(now);
    let mut entries = Vec::new();
    for (case, version, shown) in agreed {
        let (caller, agreement) = (&case.form.caller, &case.form.agreement);
        let subject = case.subject.as_ref().ok_or_else(unknown)?;
        at = at.max(version.posted_at);
        let entry = Entry {
            id: store::consents::new_consent_id(),
            install: case.install.id,
            generation: case.install.generation,
            subject: subject.id,
            user: Some(caller.claims.user),
            act: Act::Given,
            shown: Shown {
                number: version.number,
                lang: shown.lang.clone(),
                hash: shown.hash.clone(),
            },
            purposes: version.facts.granted(agreement.advertising),
            declares: agreement.declares,
            at,
        };
        entries.push(Added {
            product: &caller.product.code,
            subject,
            user: caller.claims.user,
            entry,
        });
    }
    Ok(end.add(entries).await?)
}

/// The installations that begin with these consents.
async fn begin(tx: &Tx, cases: &[&Case<'_>]) -> Result<(), Error> {
    let pending = cases.iter().filter(|case| case.before == State::Pending);
    let pending: Vec<_> = pending.map(|case| case.install.id).collect();
    store::installs::activate(tx, &pending).await?;
    // After an uninstall a consent begins the next generation, which is rare.
    for case in cases
        .iter()
        .filter(|case| case.before == State::Uninstalled)
    {
        store::installs::save(tx, &case.install).await?;
    }
    Ok(())
}

async fn keep_contacts(
    tx: &Tx,
    cases: &[&Case<'_>],
    said: &BTreeMap<SubjectId, Said>,
    now: Timestamp,
) -> Result<Vec<Address>, Error> {
    let mut people = Vec::new();
    for case in cases {
        let subject = case.subject.as_ref().ok_or_else(unknown)?;
        people.push((subject, &case.form.agreement.contact, said.get(&subject.id)));
    }
    Ok(store::people::keep_contacts(tx, &people, now).await?)
}

/// Tells the back ends of the consents, and of the installations that begin with them.
async fn tell(
    app: &App,
    tx: &Tx,
    cases: &[&Case<'_>],
    recorded: &[Recorded],
    now: Timestamp,
) -> Result<(), Error> {
    let catalog = app.store.catalog().await?;
    let mut happened = Vec::new();
    for (case, recorded) in cases.iter().zip(recorded) {
        // An endpoint that another process added this very moment may miss what happens now.
        if !catalog.is_listened_to(case.form.caller.product.id) {
            continue;
        }
        let one = |kind, data| Happened {
            product: &case.form.caller.product,
            install: &case.install,
            kind,
            data,
        };
        if case.before != State::Active {
            happened.push(one(Kind::InstallActivated, Data::default()));
        }
        let data = Data {
            policy_number: Some(recorded.entry.shown.number),
            ..Data::default()
        };
        happened.push(one(Kind::ConsentGiven, data));
    }
    events::at_installs(tx, happened, now).await
}

fn unknown() -> Error {
    Error::Internal(anyhow::anyhow!("a person who was not made known"))
}
