//! Products and their secrets.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::entity::{product, product_secret};
use super::vault::Place;
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::ProductId;
use crate::domain::products::{Product, ProductCode};
use crate::domain::time::Timestamp;

const SECRET: &str = "product_secret.sealed";

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
        hook_prefixes: Set(product.hook_prefixes.iter().map(String::as_str).collect()),
        created_at: Set(now.millis()),
    };
    product::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// A fresh id for a Product.
#[must_use]
pub fn new_product_id() -> ProductId {
    ProductId(new_id())
}

/// Adds the secret that counts from now on; the one before it is still accepted, older ones go.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add_secret(
    tx: &Tx,
    product: ProductId,
    secret: &SecretString,
    now: Timestamp,
) -> Result<(), Fault> {
    let kept: Vec<Uuid> = secret_rows(tx, product)
        .await?
        .into_iter()
        .take(1)
        .map(|row| row.id)
        .collect();
    product_secret::Entity::delete_many()
        .filter(product_secret::Column::ProductId.eq(product.0))
        .filter(product_secret::Column::Id.is_not_in(kept))
        .exec(tx.conn())
        .await?;
    let id = new_id();
    let sealed = tx
        .vault()
        .seal(Place::new(SECRET, id), secret.expose_secret().as_bytes())?;
    let row = product_secret::ActiveModel {
        id: Set(id),
        product_id: Set(product.0),
        sealed: Set(sealed),
        created_at: Set(now.millis()),
    };
    product_secret::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// The accepted secrets, the one that counts first.
///
/// # Errors
/// [`Fault::Vault`] when a secret does not open.
pub async fn secrets(db: &impl Read, product: ProductId) -> Result<Vec<SecretString>, Fault> {
    secret_rows(db, product)
        .await?
        .into_iter()
        .map(|row| {
            let plain = db.vault().open(Place::new(SECRET, row.id), &row.sealed)?;
            let text =
                String::from_utf8(plain).map_err(|_| Fault::broken("product_secret", "no text"))?;
            Ok(text.into())
        })
        .collect()
}

async fn secret_rows(
    db: &impl Read,
    product: ProductId,
) -> Result<Vec<product_secret::Model>, Fault> {
    Ok(product_secret::Entity::find()
        .filter(product_secret::Column::ProductId.eq(product.0))
        .order_by_desc(product_secret::Column::CreatedAt)
        .order_by_desc(product_secret::Column::Id)
        .all(db.conn())
        .await?)
}

/// The Product of a code.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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

/// The Product of an integration.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn find_by_client(db: &impl Read, client_id: Uuid) -> Result<Option<Product>, Fault> {
    one(product::Entity::find()
        .filter(product::Column::ClientId.eq(client_id))
        .one(db.conn())
        .await?)
}

/// All Products, by code. A Publisher has tens of them, not thousands.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
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
    Ok(Product {
        id: ProductId(row.id),
        code: ProductCode::parse(&row.code).map_err(|e| Fault::broken("product", e))?,
        name: row.name,
        client_id: row.client_id,
        redirect_uri: row.redirect_uri,
        hook_prefixes,
    })
}
