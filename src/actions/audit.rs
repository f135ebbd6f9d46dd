//! Proving the ledger, stating what it holds, and deriving again what follows from it.

use std::collections::HashMap;

use crate::app::App;
use crate::domain::checkpoint::{BadNote, Checkpoint};
use crate::domain::ledger::{Audit, Bad, Words};
use crate::domain::merkle::Hash;
use crate::domain::policies::hash_of;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::store::{self, Read, Store};

/// How many lines are held at a time.
const PAGE: u64 = 2_000;

/// What the audit found.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every entry is as it was written.
    Proved {
        /// How many entries.
        entries: u64,
        /// The root of their tree.
        root: Hash,
        /// How many checkpoints agree.
        checkpoints: usize,
    },
    /// An entry is not as it was written.
    Entry(Bad),
    /// A published text is not what its hash says.
    Text(String),
    /// A checkpoint speaks of more entries than there are: the tail was cut.
    Cut {
        /// How many entries the checkpoint covers.
        covered: u64,
        /// How many there are.
        entries: u64,
    },
    /// A checkpoint speaks of another tree: something in its entries was rewritten.
    Rewritten {
        /// How many entries the checkpoint covers.
        covered: u64,
    },
    /// A checkpoint is not to be believed.
    Checkpoint(BadNote),
}

/// Reads the ledger from its first entry and holds everything against everything: each entry
/// against its hash, its Install's chain, the tree, the published texts; and the tree against
/// the checkpoints kept here and those given.
pub async fn verify(store: &Store, kept_elsewhere: &[String]) -> Result<Outcome, Error> {
    let db = &store.snapshot().await?;
    let keys = store::signing_keys::published(db).await?.public();
    let mut notes = store::ledger::checkpoints(db).await?;
    notes.extend_from_slice(kept_elsewhere);
    let opened: Result<Vec<Checkpoint>, BadNote> =
        notes.iter().map(|n| Checkpoint::open(n, &keys)).collect();
    let mut checkpoints = match opened {
        Ok(checkpoints) => checkpoints,
        Err(e) => return Ok(Outcome::Checkpoint(e)),
    };
    checkpoints.sort_by_key(|c| c.size);
    let texts = match texts(db).await? {
        Ok(texts) => texts,
        Err(text) => return Ok(Outcome::Text(text)),
    };
    read_all(db, &checkpoints, &texts).await
}

async fn read_all(
    db: &impl Read,
    checkpoints: &[Checkpoint],
    texts: &HashMap<(String, u32, String), String>,
) -> Result<Outcome, Error> {
    let published = |product: &str, words: &Words| {
        let key = (product.to_owned(), words.number, words.lang.clone());
        texts.get(&key) == Some(&words.hash)
    };
    let mut audit = Audit::default();
    let mut ahead = checkpoints.iter().peekable();
    loop {
        while let Some(checkpoint) = ahead.next_if(|c| c.size == audit.tree().size()) {
            if checkpoint.root != audit.tree().root() {
                let covered = checkpoint.size;
                return Ok(Outcome::Rewritten { covered });
            }
        }
        // A page ends where a checkpoint waits, so that each is met on the way.
        let from = audit.tree().size();
        let until = ahead.peek().map_or(PAGE, |c| PAGE.min(c.size - from));
        let lines = store::ledger::lines(db, from, until).await?;
        for line in &lines {
            if let Err(bad) = audit.next(line, published) {
                return Ok(Outcome::Entry(bad));
            }
        }
        if (lines.len() as u64) < until {
            break;
        }
    }
    let (entries, root) = (audit.tree().size(), audit.tree().root());
    Ok(match ahead.next() {
        Some(c) => Outcome::Cut {
            covered: c.size,
            entries,
        },
        None => Outcome::Proved {
            entries,
            root,
            checkpoints: checkpoints.len(),
        },
    })
}

/// The hashes of all published texts, by Product, number and language; or the first text that
/// does not have its hash.
async fn texts(
    db: &impl Read,
) -> Result<Result<HashMap<(String, u32, String), String>, String>, Error> {
    let mut known = HashMap::new();
    for product in store::products::list(db).await? {
        for version in store::policies::history(db, product.id).await?.versions() {
            for text in &version.texts {
                let name = format!("{} No. {}, {}", product.code, version.number, text.lang);
                let stored = store::policies::text(db, version.id, &text.lang).await?;
                if stored.is_none_or(|stored| hash_of(&stored.shown) != text.hash) {
                    return Ok(Err(name));
                }
                let key = (product.code.to_string(), version.number, text.lang.clone());
                known.insert(key, text.hash.clone());
            }
        }
    }
    Ok(Ok(known))
}

/// What stands at a place of a ledger that checkpoints kept elsewhere prove.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// The entry with this hash.
    Stands(Hash),
    /// The ledger is not as it was, or a checkpoint is not to be believed.
    NotProved(Outcome),
    /// None of the checkpoints is about so many entries.
    NotCovered,
}

/// The entry at `index`, if the ledger is as the checkpoints say.
pub async fn entry_at(
    store: &Store,
    index: u64,
    kept_elsewhere: &[String],
) -> Result<Entry, Error> {
    let outcome = verify(store, kept_elsewhere).await?;
    if !matches!(outcome, Outcome::Proved { .. }) {
        return Ok(Entry::NotProved(outcome));
    }
    let keys = store::signing_keys::published(store).await?.public();
    let covered = kept_elsewhere
        .iter()
        .filter_map(|note| Checkpoint::open(note, &keys).ok())
        .any(|checkpoint| index < checkpoint.size);
    let lines = store::ledger::lines(store, index, 1).await?;
    let hash = lines
        .into_iter()
        .find(|line| covered && line.index == index)
        .and_then(|line| line.content)
        .map(|(_, hash, _)| hash);
    Ok(hash.map_or(Entry::NotCovered, Entry::Stands))
}

/// Signs what the ledger holds now, and keeps it.
pub async fn checkpoint(app: &App) -> Result<String, Error> {
    let tree = store::ledger::tree(&app.store).await?;
    let signer = store::signing_keys::current(&app.store).await?;
    let checkpoint = Checkpoint {
        origin: super::receipts::origin(app),
        size: tree.size(),
        root: tree.root(),
    };
    let note = checkpoint.signed(&signer.key);
    let tx = app.store.begin().await?;
    store::ledger::add_checkpoint(&tx, tree.size(), &note, app.clock.now()).await?;
    tx.commit().await?;
    Ok(note)
}

/// Signs a checkpoint if the ledger has grown since the last one.
///
/// # Errors
/// As [`checkpoint`].
pub async fn checkpoint_if_grown(app: &App) -> Result<(), Error> {
    let size = store::ledger::tree(&app.store).await?.size();
    if size > store::ledger::last_checkpoint(&app.store).await? {
        checkpoint(app).await?;
    }
    Ok(())
}

/// Derives again what the ledger adds up to for each person, in one transaction. Returns how
/// many entries were read.
///
/// # Errors
/// [`Error::Unavailable`] when the database does not answer; then nothing has changed.
pub async fn rebuild(store: &Store) -> Result<u64, Error> {
    let tx = store.begin_maintenance().await?;
    store::ledger::forget_states(&tx).await?;
    let mut read = 0;
    loop {
        let page = store::ledger::derive_states(&tx, read, PAGE).await?;
        read += page;
        if page < PAGE {
            break;
        }
    }
    tx.commit().await?;
    Ok(read)
}

/// From now on a new key signs receipts and checkpoints.
pub async fn rotate_key(store: &Store, now: Timestamp) -> Result<(), Error> {
    let tx = store.begin().await?;
    store::signing_keys::rotate(&tx, now).await?;
    Ok(tx.commit().await?)
}
