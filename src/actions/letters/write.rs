//! A row becomes a letter: whom it is for is opened, and what it tells is read.

use super::super::{grants, policies, receipts};
use crate::app::App;
use crate::domain::consents::{Act, Entry};
use crate::domain::contacts::{name_for_letters, on_the_wire};
use crate::domain::facts::difference::Change;
use crate::domain::ids::{ContactId, PolicyVersionId};
use crate::domain::installs::Install;
use crate::domain::letters::{About, LINK_LIFE, Language, Letter};
use crate::domain::policies::history::{History, Version};
use crate::domain::products::Product;
use crate::error::Error;
use crate::mail::texts::{
    Again, Confirm, Cover, Done, Frame, PolicyLetter, ReceiptLetter, address_letter,
};
use crate::mail::{Attachment, ServiceLetter};
use crate::store;
use crate::store::people::Revision;

/// A letter that is ready to go.
pub(super) struct Written {
    /// The letter.
    pub letter: ServiceLetter,
    /// The version it tells of.
    pub number: u32,
    /// Whose address it goes to.
    pub contact: ContactId,
    /// What confirms the address, if nobody did yet.
    pub link: Option<String>,
}

/// Writes a letter; `None` when there is nobody to write to.
pub(super) async fn write(app: &App, letter: &Letter) -> Result<Option<Written>, Error> {
    let db = &app.store;
    let install = store::installs::get(db, letter.install).await?;
    let subject = store::people::get(db, letter.install, letter.subject).await?;
    // What was done is answered where it was done from; news goes where the person is now.
    let revision = match letter.about {
        About::Receipt { .. } | About::Address => letter.contact,
        About::Policy { .. } => None,
    };
    let Some(contact) = store::people::contact(db, &subject, revision).await? else {
        return Ok(None);
    };
    let to = To::new(app, letter, install, contact).await?;
    let (number, written) = match letter.about {
        About::Policy { version, .. } => about_policy(app, letter, &to, version).await?,
        About::Receipt { entry } => {
            let missing = || Error::Internal(anyhow::anyhow!("a receipt of no entry: {entry}"));
            let entry = store::consents::find_of_person(db, &subject, entry).await?;
            receipt(app, letter, &to, &entry.ok_or_else(missing)?).await?
        }
        About::Address => {
            let cover = cover(app, letter, &to, Vec::new());
            (0, finish(address_letter(&frame(app, &to), cover))?)
        }
    };
    Ok(Some(Written {
        letter: written,
        number,
        contact: to.contact.id,
        link: to.link.map(|(token, _)| token),
    }))
}

/// Whom a letter is for, and how they are spoken to.
struct To {
    product: Product,
    install: Install,
    contact: Revision,
    language: Language,
    /// What they are called; nobody, before they confirmed their address: until then the words
    /// may be a stranger's.
    name: Option<String>,
    /// The token and the address of the page that confirms theirs, where that is to be done.
    link: Option<(String, String)>,
}

impl To {
    async fn new(
        app: &App,
        letter: &Letter,
        install: Install,
        contact: Revision,
    ) -> Result<Self, Error> {
        let confirmed = contact.confirmed_at.is_some();
        let link = if confirmed {
            None
        } else {
            let token = grants::unguessable()?;
            let url = format!("{}/requests/{token}", app.config.public_url);
            Some((token, url))
        };
        let usual = contact.contact.language.as_deref();
        Ok(Self {
            product: store::products::get(&app.store, install.product).await?,
            install,
            language: Language::first_of(usual.into_iter().chain([letter.lang.as_str()])),
            name: name_for_letters(&contact.contact.name).filter(|_| confirmed),
            contact,
            link,
        })
    }
}

async fn about_policy(
    app: &App,
    letter: &Letter,
    to: &To,
    version: PolicyVersionId,
) -> Result<(u32, ServiceLetter), Error> {
    let db = &app.store;
    let (product, version) = policies::posted(db, version).await?;
    let last = store::letters::last_act(db, letter.subject).await?;
    let agreed = last.map_or(0, |last| last.number);
    let history = db.history(product).await?;
    let now = app.clock.now();
    let again = match history.first_wider(agreed, version.number) {
        None => Again::No,
        Some(wider) => match wider.posted_at + app.config.reconsent_grace {
            end if end > now => Again::Until(end),
            _ => Again::AtOnce,
        },
    };
    let text = PolicyLetter {
        number: version.number,
        posted_at: version.posted_at,
        agreed,
        changes: &changes(&history, agreed, &version),
        again,
    };
    let cover = cover(app, letter, to, Vec::new());
    Ok((version.number, finish(text.write(&frame(app, to), cover))?))
}

/// What the facts differ in from those of the version that the reader agreed to.
fn changes(history: &History, agreed: u32, version: &Version) -> Vec<Change> {
    let before = history.get(agreed);
    before.map_or_else(Vec::new, |before| version.facts.difference(&before.facts))
}

async fn receipt(
    app: &App,
    letter: &Letter,
    to: &To,
    entry: &Entry,
) -> Result<(u32, ServiceLetter), Error> {
    let db = &app.store;
    let frame = frame(app, to);
    let request = match entry.act {
        Act::Withdrawn => store::requests::of_install(db, entry.install)
            .await?
            .into_iter()
            .find(|request| request.is_of(entry)),
        Act::Given => None,
    };
    let text = ReceiptLetter {
        entry,
        purposes: &purposes(app, to, entry, frame.language).await?,
        request: request.as_ref().map(|request| Done {
            number: &request.number,
            due_at: request.due_at,
            reach: request.reach,
        }),
    };
    let file = receipt_file(app, to, entry).await?;
    let cover = cover(app, letter, to, vec![file]);
    Ok((entry.shown.number, finish(text.write(&frame, cover))?))
}

/// The receipt as a signed file, to go along with the letter.
async fn receipt_file(app: &App, to: &To, entry: &Entry) -> Result<Attachment, Error> {
    let account = to.install.account;
    let receipt = receipts::of(app, &to.product, account, entry).await?;
    Ok(Attachment {
        name: format!("receipt-{}.json", entry.id),
        mime: "application/json",
        bytes: serde_json::to_vec_pretty(&receipt).map_err(|e| Error::Internal(e.into()))?,
    })
}

/// Codes and titles of the purposes agreed to.
async fn purposes(
    app: &App,
    to: &To,
    entry: &Entry,
    language: Language,
) -> Result<Vec<(String, String)>, Error> {
    let number = entry.shown.number;
    let history = app.store.history(to.product.id).await?;
    let purposes = history.get(number).map(|version| &version.facts.purposes);
    let titled = |code: &String| {
        let purpose = purposes?.iter().find(|p| p.code == *code)?;
        let title = purpose.title.get(language.as_str());
        title.or_else(|| purpose.title.values().next())
    };
    let named = entry.purposes.iter().map(|code| {
        let title = titled(code).cloned().unwrap_or_default();
        (code.clone(), title)
    });
    Ok(named.collect())
}

fn frame<'a>(app: &'a App, to: &'a To) -> Frame<'a> {
    Frame {
        language: to.language,
        publisher: &app.config.publisher,
        public_url: &app.config.public_url,
        zone: app.config.time_zone,
        product: to.product.code.as_str(),
        product_name: to.product.shown_name(),
        account: to.install.account.0,
        reader: to.name.as_deref(),
        confirm: to.link.as_ref().map(|(_, url)| Confirm {
            url,
            until: app.clock.now() + LINK_LIFE,
        }),
    }
}

fn cover(app: &App, letter: &Letter, to: &To, attachments: Vec<Attachment>) -> Cover {
    Cover {
        to: on_the_wire(&to.contact.contact.email),
        message_id: letter.message_id.clone(),
        date: app.clock.now(),
        attachments,
    }
}

fn finish(written: Result<ServiceLetter, askama::Error>) -> Result<ServiceLetter, Error> {
    written.map_err(|e| Error::Internal(e.into()))
}
