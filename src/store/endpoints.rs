//! Where a Product's events go. The signing secret is sealed.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Set};
use url::Url;
use uuid::Uuid;

use super::entity::{endpoint, event_delivery};
use super::vault::Place;
use super::{Fault, Read, Tx, new_id};
use crate::domain::ids::{EndpointId, ProductId};
use crate::domain::time::Timestamp;

const SECRET: &str = "endpoint.sealed_secret";

/// An address that events go to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Ours.
    pub id: EndpointId,
    /// Whose events.
    pub product: ProductId,
    /// Where to.
    pub url: Url,
    /// Since when.
    pub created_at: Timestamp,
    /// How often in a row it could not be reached.
    pub failures: u32,
    /// While it is down, nothing is sent before this.
    pub quiet_until: Option<Timestamp>,
    /// Why it could not be reached last.
    pub last_fault: Option<String>,
}

/// Adds an endpoint with the secret that its events are signed with.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn add(
    tx: &Tx,
    product: ProductId,
    url: &Url,
    secret: &[u8],
    now: Timestamp,
) -> Result<Endpoint, Fault> {
    let id = new_id();
    let row = endpoint::ActiveModel {
        id: Set(id),
        product_id: Set(product.0),
        url: Set(url.to_string()),
        sealed_secret: Set(tx.vault().seal(Place::new(SECRET, id), secret)?),
        created_at: Set(now.millis()),
        failures: Set(0),
        ..Default::default()
    };
    endpoint::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(Endpoint {
        id: EndpointId(id),
        product,
        url: url.clone(),
        created_at: now,
        failures: 0,
        quiet_until: None,
        last_fault: None,
    })
}

/// The endpoints of a Product, or of all; the oldest first.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn list(db: &impl Read, product: Option<ProductId>) -> Result<Vec<Endpoint>, Fault> {
    let mut query = endpoint::Entity::find().order_by_asc(endpoint::Column::Id);
    if let Some(product) = product {
        query = query.filter(endpoint::Column::ProductId.eq(product.0));
    }
    let rows = query.all(db.conn()).await?;
    rows.into_iter().map(read).collect()
}

/// An endpoint with its secret, if it was not removed.
///
/// # Errors
/// [`Fault::Vault`] when the secret does not open.
pub async fn find(db: &impl Read, id: EndpointId) -> Result<Option<(Endpoint, Vec<u8>)>, Fault> {
    let Some(row) = endpoint::Entity::find_by_id(id.0).one(db.conn()).await? else {
        return Ok(None);
    };
    let secret = db
        .vault()
        .open(Place::new(SECRET, row.id), &row.sealed_secret)?;
    Ok(Some((read(row)?, secret)))
}

/// Keeps that an endpoint could not be reached, and until when it is left alone; or, without a
/// fault, that it answers.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn mark(
    tx: &Tx,
    id: EndpointId,
    down: Option<(u32, Timestamp, &str)>,
) -> Result<(), Fault> {
    let (failures, until, fault) = match down {
        Some((failures, until, fault)) => (failures, Some(until.millis()), Some(fault.to_owned())),
        None => (0, None, None),
    };
    let failures = i32::try_from(failures).map_err(|e| Fault::broken("endpoint", e))?;
    endpoint::Entity::update_many()
        .col_expr(endpoint::Column::Failures, Expr::value(failures))
        .col_expr(endpoint::Column::QuietUntil, Expr::value(until))
        .col_expr(endpoint::Column::LastFault, Expr::value(fault))
        .filter(endpoint::Column::Id.eq(id.0))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Removes an endpoint and all that was still to be told there; `false` when there was none.
///
/// # Errors
/// [`Fault::Unavailable`] when the database does not answer.
pub async fn remove(tx: &Tx, id: Uuid) -> Result<bool, Fault> {
    event_delivery::Entity::delete_many()
        .filter(event_delivery::Column::EndpointId.eq(id))
        .exec(tx.conn())
        .await?;
    let gone = endpoint::Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(gone.rows_affected > 0)
}

fn read(row: endpoint::Model) -> Result<Endpoint, Fault> {
    Ok(Endpoint {
        id: EndpointId(row.id),
        product: ProductId(row.product_id),
        url: Url::parse(&row.url).map_err(|e| Fault::broken("endpoint", e))?,
        created_at: Timestamp::from_millis(row.created_at),
        failures: u32::try_from(row.failures).map_err(|e| Fault::broken("endpoint", e))?,
        quiet_until: row.quiet_until.map(Timestamp::from_millis),
        last_fault: row.last_fault,
    })
}
