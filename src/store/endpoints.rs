//! Where a Product's events go, and the secrets that sign them, sealed.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::entity::{endpoint, endpoint_secret, event_delivery};
use super::sealed::ENDPOINT_SECRET;
use super::vault::Place;
use super::{Change, Fault, Read, Tx, new_id};
use crate::domain::ids::{EndpointId, ProductId};
use crate::domain::time::Timestamp;

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

/// How long a secret of an endpoint signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecretTerm {
    /// Ours.
    pub id: Uuid,
    /// Null for the one in force.
    pub signs_until: Option<Timestamp>,
}

/// Adds an endpoint with the secret that its events are signed with.
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
        created_at: Set(now.millis()),
        failures: Set(0),
        ..Default::default()
    };
    endpoint::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    put_secret(tx, EndpointId(id), secret, None, now).await?;
    tx.changes(Change::Products);
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
pub async fn list(db: &impl Read, product: Option<ProductId>) -> Result<Vec<Endpoint>, Fault> {
    let mut query = endpoint::Entity::find().order_by_asc(endpoint::Column::Id);
    if let Some(product) = product {
        query = query.filter(endpoint::Column::ProductId.eq(product.0));
    }
    let rows = query.all(db.conn()).await?;
    rows.into_iter().map(read).collect()
}

/// An endpoint, if it was not removed.
pub async fn find(db: &impl Read, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
    let row = endpoint::Entity::find_by_id(id.0).one(db.conn()).await?;
    row.map(read).transpose()
}

/// An endpoint, for changing what belongs to it.
pub async fn lock(tx: &Tx, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
    let row = endpoint::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(tx.conn())
        .await?;
    row.map(read).transpose()
}

/// Puts a secret in force. Those before it sign until `others_until`, or until their own end
/// where that is sooner; `None` ends them at once.
pub async fn put_secret(
    tx: &Tx,
    endpoint: EndpointId,
    secret: &[u8],
    others_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Fault> {
    use endpoint_secret::Column as C;
    match others_until {
        None => forget_secrets(tx, endpoint.0).await?,
        Some(until) => {
            endpoint_secret::Entity::update_many()
                .col_expr(C::SignsUntil, Expr::value(until.millis()))
                .filter(C::EndpointId.eq(endpoint.0))
                .filter(C::SignsUntil.is_null())
                .exec(tx.conn())
                .await?;
        }
    }
    let id = new_id();
    let row = endpoint_secret::ActiveModel {
        id: Set(id),
        endpoint_id: Set(endpoint.0),
        sealed: Set(tx.vault().seal(Place::new(ENDPOINT_SECRET, id), secret)?),
        created_at: Set(now.millis()),
        signs_until: Set(None),
    };
    endpoint_secret::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// The secrets that sign now, the one in force first.
///
/// # Errors
/// [`Fault::Vault`] when a secret does not open.
pub async fn secrets(
    db: &impl Read,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Fault> {
    let rows = signing(db, endpoint, now).await?;
    let open = |row: endpoint_secret::Model| {
        let place = Place::new(ENDPOINT_SECRET, row.id);
        Ok(db.vault().open(place, &row.sealed)?)
    };
    rows.into_iter().map(open).collect()
}

/// Until when each secret signs that signs now, without opening any.
pub async fn secret_terms(
    db: &impl Read,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Vec<SecretTerm>, Fault> {
    let rows = signing(db, endpoint, now).await?;
    let term = |row: endpoint_secret::Model| SecretTerm {
        id: row.id,
        signs_until: row.signs_until.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(term).collect())
}

async fn signing(
    db: &impl Read,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Vec<endpoint_secret::Model>, Fault> {
    use endpoint_secret::Column as C;
    let lasts = Condition::any()
        .add(C::SignsUntil.is_null())
        .add(C::SignsUntil.gt(now.millis()));
    let mut rows = endpoint_secret::Entity::find()
        .filter(C::EndpointId.eq(endpoint.0))
        .filter(lasts)
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .all(db.conn())
        .await?;
    rows.sort_by_key(|row| row.signs_until.is_some());
    Ok(rows)
}

/// Forgets secrets that do not sign any more, of all endpoints.
pub async fn forget_ended_secrets(tx: &Tx, now: Timestamp) -> Result<u64, Fault> {
    let gone = endpoint_secret::Entity::delete_many()
        .filter(endpoint_secret::Column::SignsUntil.lte(now.millis()))
        .exec(tx.conn())
        .await?;
    Ok(gone.rows_affected)
}

async fn forget_secrets(tx: &Tx, endpoint: Uuid) -> Result<(), Fault> {
    endpoint_secret::Entity::delete_many()
        .filter(endpoint_secret::Column::EndpointId.eq(endpoint))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Keeps that an endpoint could not be reached, and until when it is left alone; or, without a
/// fault, that it answers.
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
pub async fn remove(tx: &Tx, id: Uuid) -> Result<bool, Fault> {
    event_delivery::Entity::delete_many()
        .filter(event_delivery::Column::EndpointId.eq(id))
        .exec(tx.conn())
        .await?;
    forget_secrets(tx, id).await?;
    let gone = endpoint::Entity::delete_by_id(id).exec(tx.conn()).await?;
    tx.changes(Change::Products);
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
