//! Contact details: the person corrects their own (clauses 7.1.2 and 11.4).

use super::caller::Caller;
use crate::app::App;
use crate::domain::contacts::{Contact, ContactForm};
use crate::error::{Code, Error, invalid_fields};
use crate::store;

/// Applies the fields that were sent; the old details stay in the history.
///
/// # Errors
/// [`Code::NoContact`] when there is nothing to correct; the wrong fields; and
/// [`Code::TokenStale`], [`Code::Uninstalling`], [`Code::TokenReplayed`] as the state demands.
pub async fn change(app: &App, caller: &Caller, form: ContactForm) -> Result<Contact, Error> {
    let no_contact = || Error::Refused(Code::NoContact);
    let tx = app.store.begin().await?;
    let install = store::installs::lock_account(&tx, caller.product.id, caller.claims.account)
        .await?
        .ok_or_else(no_contact)?;
    let subject = store::people::find(&tx, install.id, caller.claims.user)
        .await?
        .ok_or_else(no_contact)?;
    let last = store::people::contacts(&tx, &subject)
        .await?
        .pop()
        .ok_or_else(no_contact)?;

    caller.may_write(&install)?;
    let contact = form
        .change(last.contact.clone())
        .map_err(|faults| Error::Invalid(invalid_fields("", faults)))?;

    caller.burn(&tx).await?;
    if contact != last.contact {
        store::people::add_contact(&tx, &subject, last.number + 1, &contact, app.clock.now())
            .await?;
    }
    tx.commit().await?;
    Ok(contact)
}
