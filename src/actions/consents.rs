//! Consent: a person agrees to exactly the words they were shown.

use super::caller::Caller;
use super::{events, letters};
use crate::app::App;
use crate::domain::consents::{Act, Declares, Entry, MOST_A_DAY, Shown};
use crate::domain::contacts::Contact;
use crate::domain::events::{Data, Kind};
use crate::domain::installs::{Install, State};
use crate::domain::letters::A_DAY;
use crate::domain::policies::history::{History, TextRef, Version};
use crate::domain::products::Product;
use crate::domain::time::Timestamp;
use crate::error::{Code, Error};
use crate::store::people::{Came, Subject};
use crate::store::{self, Tx};

/// What the form said, checked.
pub struct Agreement {
    /// The hash of the text that was on the screen.
    pub hash: String,
    /// The language it was asked for in.
    pub lang: String,
    /// Clause 4.2.
    pub contact: Contact,
    /// Clause 5.2.8, off unless ticked.
    pub advertising: bool,
    /// Clauses 3.1.1 to 3.1.4.
    pub declares: Declares,
}

/// What became of it.
pub enum Recorded {
    /// The entry, now in the ledger.
    Given(Entry),
    /// The Policy was replaced while the person read: this is the one in force.
    PolicyChanged(Box<(Version, TextRef)>),
}

/// Records a consent: contact details and entry in one transaction (clause 3.2).
///
/// From an account that was never seen it creates the Install: the token proves the account.
///
/// # Errors
/// [`Code::NoPolicy`] when there is nothing to agree to; [`Code::TokenStale`],
/// [`Code::Uninstalling`], [`Code::TokenReplayed`] as the state demands; [`Code::TooMany`] when
/// the person said enough for a day.
pub async fn record(app: &App, caller: &Caller, agreement: Agreement) -> Result<Recorded, Error> {
    let product = &caller.product;
    let history = app.store.history(product.id).await?;
    let seen = match in_force(&history, &agreement)? {
        Wanted::Shown(version, shown) => (version, shown),
        Wanted::Another(current) => return Ok(Recorded::PolicyChanged(current)),
    };

    let tx = app.store.begin().await?;
    let claims = &caller.claims;
    let install = store::installs::lock_or_add(
        &tx,
        product.id,
        claims.account,
        &claims.host,
        app.clock.now(),
    )
    .await?;
    caller.may_write(&install)?;
    let begins = install.state != State::Active;
    let install = install
        .consented()
        .map_err(|_| Error::Refused(Code::Uninstalling))?;
    let subject = known(&tx, caller, &install, app.clock.now()).await?;
    // A token from before their own withdrawal speaks for a time that is over.
    let taken_back = store::consents::taken_back(&tx, subject.id, install.generation).await?;
    if taken_back.is_some_and(|at| claims.issued_at.secs() <= at.secs()) {
        return Err(Error::Refused(Code::TokenStale));
    }
    has_said_enough(&tx, &install, &subject, app.clock.now()).await?;
    caller.burn(&tx).await?;
    // From here on nobody else adds an entry and no version comes into force.
    let end = store::ledger::lock(&tx, install.id).await?;
    let (version, shown) = match still_in_force(&tx, product, &agreement, seen).await? {
        Wanted::Shown(version, shown) => (version, shown),
        Wanted::Another(current) => return Ok(Recorded::PolicyChanged(current)),
    };
    let now = app.clock.now();

    let entry = Entry {
        id: store::consents::new_consent_id(),
        install: install.id,
        generation: install.generation,
        subject: subject.id,
        user: Some(claims.user),
        act: Act::Given,
        shown: Shown {
            number: version.number,
            lang: shown.lang,
            hash: shown.hash,
        },
        purposes: version.facts.granted(agreement.advertising),
        declares: agreement.declares,
        at: end.time(now).max(version.posted_at),
    };
    end.add(&product.code, &subject, claims.user, &entry)
        .await?;
    store::installs::save(&tx, &install).await?;
    keep_contact(&tx, &subject, &agreement.contact, now).await?;
    letters::receipt(app, &tx, &entry, now).await?;
    tell(&tx, product, &install, &entry, begins, now).await?;
    tx.commit().await?;
    app.nudge.notify_one();
    Ok(Recorded::Given(entry))
}

/// What is in force, seen from a form.
enum Wanted {
    /// The text that was on the screen, in the language that the form names.
    Shown(Version, TextRef),
    /// Another one, or the form names another language: this is the one to show.
    Another(Box<(Version, TextRef)>),
}

fn in_force(history: &History, agreement: &Agreement) -> Result<Wanted, Error> {
    let langs = std::slice::from_ref(&agreement.lang);
    let in_force = history.in_force();
    let Some((version, best)) = in_force.and_then(|v| Some((v, v.text_for(langs)?))) else {
        return Err(Error::Refused(Code::NoPolicy));
    };
    let shown = version.texts.iter().find(|text| {
        text.hash == agreement.hash && text.lang.eq_ignore_ascii_case(&agreement.lang)
    });
    Ok(match shown.cloned() {
        Some(shown) => Wanted::Shown(version.clone(), shown),
        None => Wanted::Another(Box::new((version.clone(), best.clone()))),
    })
}

/// The same for what was seen before the ledger was locked: most of the time nothing has changed.
async fn still_in_force(
    tx: &Tx,
    product: &Product,
    agreement: &Agreement,
    (version, shown): (Version, TextRef),
) -> Result<Wanted, Error> {
    if store::policies::last_posted(tx, product.id).await? == Some(version.id) {
        return Ok(Wanted::Shown(version, shown));
    }
    in_force(&store::policies::history(tx, product.id).await?, agreement)
}

/// Tells the back ends of a consent, and of the installation that begins with it.
async fn tell(
    tx: &Tx,
    product: &Product,
    install: &Install,
    entry: &Entry,
    begins: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let data = || Data {
        policy_number: Some(entry.shown.number),
        ..Data::default()
    };
    if begins {
        let kind = Kind::InstallActivated;
        events::at_install(tx, product, install, kind, Data::default(), now).await?;
    }
    events::at_install(tx, product, install, Kind::ConsentGiven, data(), now).await
}

/// The person who calls, made known if they were not. Call it with the Install locked.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer.
pub async fn known(
    tx: &Tx,
    caller: &Caller,
    install: &Install,
    now: Timestamp,
) -> Result<Subject, Error> {
    match store::people::find(tx, install.id, caller.claims.user).await? {
        Some(subject) => Ok(subject),
        None => Ok(store::people::add(tx, install.id, caller.claims.user, now).await?),
    }
}

/// Keeps contact details if they differ from the last ones.
async fn keep_contact(
    tx: &Tx,
    subject: &Subject,
    contact: &Contact,
    now: Timestamp,
) -> Result<(), Error> {
    let last = store::people::contact(tx, subject, None).await?;
    if last
        .as_ref()
        .is_none_or(|revision| revision.contact != *contact)
    {
        let number = last.as_ref().map_or(1, |revision| revision.number + 1);
        let at = last.map_or(now, |revision| now.max(revision.recorded_at));
        let came = Came::WithConsent;
        store::people::add_contact(tx, subject, number, contact, came, at).await?;
    }
    Ok(())
}

/// Whether a person consented and corrected themselves as often as they may within a day. Call it
/// with the Install locked. A withdrawal is always heard.
///
/// # Errors
/// [`Code::TooMany`] when they did.
pub async fn has_said_enough(
    tx: &Tx,
    install: &Install,
    subject: &Subject,
    now: Timestamp,
) -> Result<(), Error> {
    let since = now - A_DAY;
    let given = store::consents::given_since(tx, install.id, subject.id, since).await?;
    let corrected = store::people::corrections(tx, subject.id, since).await?;
    if given + corrected >= MOST_A_DAY {
        return Err(Error::Refused(Code::TooMany));
    }
    Ok(())
}
