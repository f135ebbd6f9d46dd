//! Products and their secrets.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select, Set,
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::entity::{product, product_secret};
use super::sealed::PRODUCT_SECRET;
use super::vault::Place;
use super::{Change, Fault, Read, Store, Tx, endpoints, new_id};
use crate::domain::addresses::hooks::Prefix;
use crate::domain::hosts::Hosts;
use crate::domain::ids::ProductId;
use crate::domain::products::{Product, ProductCode, SecretTerm};
use crate::domain::time::Timestamp;

/// Adds a Product.
///
/// # Errors
/// [`Fault::Taken`] when its code or client id exists.
pub async fn add(tx: &Tx, product: &Product, now: Timestamp) -> Result<(), Fault> {
    let row = product::ActiveModel {
        id: Set(product.id.0),
        code: Set(product.code.to_string()),
        name: Set(product.name.clone()),
        client_id: Set(product.client_id),
        redirect_uri: Set(product.redirect_uri.clone()),
        hook_prefixes: Set(product.hook_prefixes.iter().map(Prefix::as_str).collect()),
        hosts: Set(product.hosts.as_ref().map(list_of)),
        created_at: Set(now.millis()),
    };
    product::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    tx.changes(Change::Products);
    Ok(())
}

fn list_of(hosts: &Hosts) -> String {
    hosts.origins().join(",")
}

/// Says where a Product's accounts live from now on.
pub async fn set_hosts(tx: &Tx, id: ProductId, hosts: &Hosts) -> Result<(), Fault> {
    product::Entity::update_many()
        .col_expr(product::Column::Hosts, Expr::value(list_of(hosts)))
        .filter(product::Column::Id.eq(id.0))
        .exec(tx.conn())
        .await?;
    tx.changes(Change::Products);
    Ok(())
}

/// A fresh id for a Product.
#[must_use]
pub fn new_product_id() -> ProductId {
    ProductId(new_id())
}

/// Puts a secret in force. Those before it are accepted until `others_until`, or until their own
/// end where that is sooner; `None` ends them at once.
pub async fn put_secret(
    tx: &Tx,
    product: ProductId,
    secret: &SecretString,
    others_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    end_secrets(tx, product, others_until).await?;
    let id = new_id();
    let sealed = tx.vault().seal(
        Place::new(PRODUCT_SECRET, id),
        secret.expose_secret().as_bytes(),
    )?;
    let row = product_secret::ActiveModel {
        id: Set(id),
        product_id: Set(product.0),
        sealed: Set(sealed),
        created_at: Set(now.millis()),
        accepted_until: Set(None),
    };
    product_secret::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    tx.changes(Change::Products);
    Ok(())
}

async fn end_secrets(tx: &Tx, product: ProductId, until: Option<Timestamp>) -> Result<(), Fault> {
    let Some(until) = until else {
        product_secret::Entity::delete_many()
            .filter(product_secret::Column::ProductId.eq(product.0))
            .exec(tx.conn())
            .await?;
        return Ok(());
    };
    product_secret::Entity::update_many()
        .col_expr(
            product_secret::Column::AcceptedUntil,
            Expr::value(until.millis()),
        )
        .filter(product_secret::Column::ProductId.eq(product.0))
        .filter(product_secret::Column::AcceptedUntil.is_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Forgets every secret of a Product but the one in force.
pub async fn end_other_secrets(tx: &Tx, product: ProductId) -> Result<(), Fault> {
    product_secret::Entity::delete_many()
        .filter(product_secret::Column::ProductId.eq(product.0))
        .filter(product_secret::Column::AcceptedUntil.is_not_null())
        .exec(tx.conn())
        .await?;
    tx.changes(Change::Products);
    Ok(())
}

/// Forgets secrets that are not accepted any more, of all Products.
pub async fn forget_ended_secrets(tx: &Tx, now: Timestamp) -> Result<u64, Fault> {
    let gone = product_secret::Entity::delete_many()
        .filter(product_secret::Column::AcceptedUntil.lte(now.millis()))
        .exec(tx.conn())
        .await?;
    if gone.rows_affected > 0 {
        tx.changes(Change::Products);
    }
    Ok(gone.rows_affected)
}

/// A Product and its secrets.
#[derive(Clone, Debug)]
pub struct Known {
    /// The Product.
    pub product: Arc<Product>,
    /// Where its accounts live, once that was asked for.
    hosts: Arc<OnceLock<Hosts>>,
    /// The one in force first; or why one does not open.
    secrets: Arc<Result<Vec<Term>, Fault>>,
}

/// A secret, and until when it is accepted; `None` for the one in force.
type Term = (Option<Timestamp>, SecretString);

impl Known {
    /// Where the Product's accounts live among those `configured` (`AMOCRM_HOSTS`), which never
    /// change while a process runs.
    #[must_use]
    pub fn hosts(&self, configured: &Hosts) -> &Hosts {
        self.hosts
            .get_or_init(|| self.product.hosts_among(configured))
    }

    /// The secrets that are accepted now, the one in force first.
    ///
    /// # Errors
    /// [`Fault::Broken`] when one does not open.
    pub fn secrets(&self, now: Timestamp) -> Result<impl Iterator<Item = &SecretString>, Fault> {
        let secrets = self.secrets.as_ref().as_ref();
        let secrets = secrets.map_err(|fault| Fault::broken("product_secret", fault))?;
        let accepted = move |until: Option<Timestamp>| until.is_none_or(|until| until > now);
        Ok(secrets
            .iter()
            .filter(move |(until, _)| accepted(*until))
            .map(|(_, secret)| secret))
    }
}

/// All Products. A Publisher has tens of them, not thousands.
#[derive(Debug)]
pub struct Catalog {
    products: Vec<Known>,
    /// Those whose events somebody listens to.
    listened: HashSet<ProductId>,
}

impl Catalog {
    /// The Product of a code.
    #[must_use]
    pub fn of_code(&self, code: &str) -> Option<&Known> {
        let mut products = self.products.iter();
        products.find(|known| known.product.code.as_str() == code)
    }

    /// The Product of an integration.
    #[must_use]
    pub fn of_client(&self, client: Uuid) -> Option<&Known> {
        let mut products = self.products.iter();
        products.find(|known| known.product.client_id == client)
    }

    /// Whether a back end listens to what happens at a Product.
    #[must_use]
    pub fn is_listened_to(&self, product: ProductId) -> bool {
        self.listened.contains(&product)
    }
}

impl Store {
    /// All Products with their secrets, from memory if they are known there.
    pub async fn catalog(&self) -> Result<Arc<Catalog>, Fault> {
        let ticket = match self.cache.catalog() {
            Ok(kept) => return Ok(kept),
            Err(ticket) => ticket,
        };
        let read = Arc::new(catalog(self).await?);
        self.cache.keep_catalog(&read, ticket);
        Ok(read)
    }
}

async fn catalog(db: &impl Read) -> Result<Catalog, Fault> {
    let products = list(db).await?;
    let rows = in_order(product_secret::Entity::find(), db).await?;
    let known = products.into_iter().map(|product| {
        let own = rows.iter().filter(|row| row.product_id == product.id.0);
        let secrets = own.map(|row| {
            let until = row.accepted_until.map(Timestamp::from_millis);
            Ok((until, open(db, row)?))
        });
        Known {
            hosts: Arc::default(),
            secrets: Arc::new(secrets.collect()),
            product: Arc::new(product),
        }
    });
    let products = known.collect();
    let endpoints = endpoints::list(db, None).await?;
    Ok(Catalog {
        products,
        listened: endpoints.iter().map(|endpoint| endpoint.product).collect(),
    })
}

/// The secrets that are accepted now, the one in force first.
///
/// # Errors
/// [`Fault::Vault`] when a secret does not open.
pub async fn secrets(
    db: &impl Read,
    product: ProductId,
    now: Timestamp,
) -> Result<Vec<SecretString>, Fault> {
    let rows = accepted(db, product, now).await?;
    rows.iter().map(|row| open(db, row)).collect()
}

fn open(db: &impl Read, row: &product_secret::Model) -> Result<SecretString, Fault> {
    let place = Place::new(PRODUCT_SECRET, row.id);
    let text = String::from_utf8(db.vault().open(place, &row.sealed)?)
        .map_err(|_| Fault::broken("product_secret", "no text"))?;
    Ok(text.into())
}

/// Until when each secret is accepted that is accepted now, without opening any.
pub async fn secret_terms(
    db: &impl Read,
    product: ProductId,
    now: Timestamp,
) -> Result<Vec<SecretTerm>, Fault> {
    let rows = accepted(db, product, now).await?;
    let term = |row: product_secret::Model| SecretTerm {
        id: row.id,
        accepted_until: row.accepted_until.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(term).collect())
}

async fn accepted(
    db: &impl Read,
    product: ProductId,
    now: Timestamp,
) -> Result<Vec<product_secret::Model>, Fault> {
    use product_secret::Column as C;
    let lasts = Condition::any()
        .add(C::AcceptedUntil.is_null())
        .add(C::AcceptedUntil.gt(now.millis()));
    let select = product_secret::Entity::find()
        .filter(C::ProductId.eq(product.0))
        .filter(lasts);
    in_order(select, db).await
}

/// The one in force first, then the newest.
async fn in_order(
    select: Select<product_secret::Entity>,
    db: &impl Read,
) -> Result<Vec<product_secret::Model>, Fault> {
    use product_secret::Column as C;
    let mut rows = select
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .all(db.conn())
        .await?;
    // By its term, not by its age: a clock that went back must not bring an old one to the front.
    rows.sort_by_key(|row| row.accepted_until.is_some());
    Ok(rows)
}

/// The Product of a code, for changing what belongs to it.
pub async fn lock(tx: &Tx, code: &ProductCode) -> Result<Option<Product>, Fault> {
    one(product::Entity::find()
        .filter(product::Column::Code.eq(code.as_str()))
        .lock_exclusive()
        .one(tx.conn())
        .await?)
}

/// The Product of a code.
pub async fn find(db: &impl Read, code: &ProductCode) -> Result<Option<Product>, Fault> {
    one(product::Entity::find()
        .filter(product::Column::Code.eq(code.as_str()))
        .one(db.conn())
        .await?)
}

/// The Product of an id.
///
/// # Errors
/// [`Fault::Broken`] when it does not exist.
pub async fn get(db: &impl Read, id: ProductId) -> Result<Product, Fault> {
    one(product::Entity::find_by_id(id.0).one(db.conn()).await?)?
        .ok_or_else(|| Fault::broken("product", "vanished"))
}

/// All Products, by code. A Publisher has tens of them, not thousands.
pub async fn list(db: &impl Read) -> Result<Vec<Product>, Fault> {
    product::Entity::find()
        .order_by_asc(product::Column::Code)
        .all(db.conn())
        .await?
        .into_iter()
        .map(read)
        .collect()
}

fn one(row: Option<product::Model>) -> Result<Option<Product>, Fault> {
    row.map(read).transpose()
}

fn read(row: product::Model) -> Result<Product, Fault> {
    let hook_prefixes: Vec<String> =
        serde_json::from_value(row.hook_prefixes).map_err(|e| Fault::broken("product", e))?;
    let hook_prefixes = hook_prefixes.iter().map(|p| Prefix::parse(p));
    let hosts = row.hosts.as_deref().map(Hosts::parse);
    Ok(Product {
        id: ProductId(row.id),
        code: ProductCode::parse(&row.code).map_err(|e| Fault::broken("product", e))?,
        name: row.name,
        client_id: row.client_id,
        redirect_uri: row.redirect_uri,
        hook_prefixes: hook_prefixes
            .collect::<Result<_, _>>()
            .map_err(|e| Fault::broken("product", e))?,
        hosts: hosts.transpose().map_err(|e| Fault::broken("product", e))?,
    })
}
