//! Contact details: the person corrects their own (clauses 7.1.2 and 11.4).

use super::letters;
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::contacts::{Contact, ContactForm, email_key};
use crate::domain::letters::A_DAY;
use crate::error::{Code, Error};
use crate::store;
use crate::store::letters::Reader;
use crate::store::people::{Came, Said};

/// Applies the fields that were sent; the old details stay in the history. Another address is
/// asked, by a letter, whether it is the person's.
///
/// # Errors
/// [`Code::NoContact`] when there is nothing to correct; the wrong fields; [`Code::TooMany`] when
/// the person said enough for a day; and [`Code::TokenStale`], [`Code::Uninstalling`],
/// [`Code::TokenReplayed`] as the state demands.
pub async fn change(app: &App, caller: &Caller, form: ContactForm) -> Result<Contact, Error> {
    let no_contact = || Error::Refused(Code::NoContact);
    let tx = app.store.begin().await?;
    let install = store::installs::lock_account(&tx, caller.product.id, caller.claims.account)
        .await?
        .ok_or_else(no_contact)?;
    let subject = store::people::find(&tx, install.id, caller.claims.user)
        .await?
        .ok_or_else(no_contact)?;
    let last = store::people::contact(&tx, &subject, None)
        .await?
        .ok_or_else(no_contact)?;

    caller.may_write(&install)?;
    let around = caller.claims.host.language();
    let contact = form.change(last.contact.clone(), around.as_slice())?;

    caller.burn(&tx).await?;
    if contact != last.contact {
        let (now, number) = (app.clock.now(), last.number + 1);
        let said = store::people::said(&tx, &[&subject], now - A_DAY).await?;
        if said.get(&subject.id).is_some_and(Said::is_enough) {
            return Err(Error::Refused(Code::TooMany));
        }
        let (came, at) = (Came::AsCorrection, now.max(last.recorded_at));
        store::people::add_contact(&tx, &subject, number, &contact, came, at).await?;
        if email_key(&contact.email) != email_key(&last.contact.email) {
            let reader = Reader {
                subject: subject.id,
                install: install.id,
                generation: install.generation,
                lang: contact.language.clone().unwrap_or_default(),
            };
            letters::ask_whose(app, &tx, reader, install.account, now).await?;
        }
    }
    tx.commit().await?;
    app.nudge.notify_one();
    Ok(contact)
}
