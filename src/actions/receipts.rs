//! Receipts of the ledger's entries, signed as they are asked for, with the key of that time: the
//! same entry gives the same receipt until the key changes, and the same proof for ever.

use super::policies;
use crate::app::App;
use crate::domain::checkpoint::Checkpoint;
use crate::domain::consents::Entry;
use crate::domain::consents::agreement::Recorded;
use crate::domain::ids::AccountId;
use crate::domain::merkle::{Hash, root_of};
use crate::domain::products::Product;
use crate::domain::receipts::{Holder, Proof, Receipt, Record};
use crate::domain::signing::SigningKey;
use crate::error::Error;
use crate::store;

/// The receipt of an entry, for its person.
///
/// # Errors
/// [`Error::Internal`] when the entry or its version cannot be read; [`Error::Unavailable`]
/// when the database does not answer.
pub async fn of(
    app: &App,
    product: &Product,
    account: AccountId,
    entry: &Entry,
) -> Result<Receipt, Error> {
    let (leaf, hash, path) = store::ledger::line_of(&app.store, entry.id).await?;
    let recorded = Recorded {
        entry: entry.clone(),
        leaf,
        hash,
        path,
    };
    sign(app, product, account, &recorded).await
}

/// The receipt of an entry that was just added.
///
/// # Errors
/// As [`of`].
pub async fn sign(
    app: &App,
    product: &Product,
    account: AccountId,
    recorded: &Recorded,
) -> Result<Receipt, Error> {
    let entry = &recorded.entry;
    let signer = app.store.signer().await?;
    let proof = proof(app, recorded, &signer.key)?;
    let record = record(app, product, entry).await?;
    let receipt = Receipt {
        id: entry.id.to_string(),
        issued_at: entry.at,
        // Not the time of asking: the same entry gives the same receipt while the key is the same.
        signed_at: entry.at.max(signer.since),
        product: product.code.to_string(),
        account_id: account.0,
        act: proof.entry.act.clone(),
        policy: proof.entry.policy.clone(),
        purposes: entry.purposes.clone(),
        declares: proof.entry.declares,
        record,
        ledger: proof,
        signature: None,
    };
    Ok(receipt.signed(&signer.key))
}

/// The proof is for the tree that ended with the entry: its path was kept with it.
fn proof(app: &App, recorded: &Recorded, key: &SigningKey) -> Result<Proof, Error> {
    let Recorded {
        leaf, hash, path, ..
    } = recorded;
    let size = leaf.index + 1;
    let root = root_of(leaf.index, size, *hash, path)
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("entry {}: its path", leaf.index)))?;
    let checkpoint = Checkpoint {
        origin: origin(app),
        size,
        root,
    };
    Ok(Proof {
        index: leaf.index,
        leaf_hash: hash.to_string(),
        proof: path.iter().map(Hash::to_string).collect(),
        checkpoint: checkpoint.signed(key),
        entry: leaf.clone(),
    })
}

async fn record(app: &App, product: &Product, entry: &Entry) -> Result<Record, Error> {
    let number = entry.shown.number;
    let history = app.store.history(product.id).await?;
    let version = history
        .get(number)
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("version {number} is not there")))?;
    let holder = Holder {
        identity: policies::identity(&app.config.publisher),
        notice: format!(
            "{}/policy/{}/{number}?lang={}",
            app.config.public_url, product.code, entry.shown.lang
        ),
        jurisdiction: (app.config.calendar == "kg").then_some("KG"),
    };
    Ok(Record::new(entry, &version.facts, &holder))
}

/// What the ledger is called in checkpoints: its address without scheme.
pub(super) fn origin(app: &App) -> String {
    let url = &app.config.public_url;
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    format!("{host}/ledger")
}
