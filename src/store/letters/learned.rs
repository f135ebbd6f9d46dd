//! What a reader did with the notice of a version in the Product, beside the letter about it.

use super::*;
use crate::store::entity::policy_version;

/// What a person did with the notice of a version in the Product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// It was on their screen.
    Shown,
    /// They said that they know.
    Acknowledged,
}

/// Notes beside the letters about versions up to `number` what their reader did with the notice.
/// The first time counts.
pub async fn note(
    tx: &Tx,
    learned: Learned,
    product: ProductId,
    number: u32,
    subject: SubjectId,
    now: Timestamp,
) -> Result<u64, Fault> {
    let column = match learned {
        Learned::Shown => C::ShownAt,
        Learned::Acknowledged => C::AcknowledgedAt,
    };
    let noted = letter::Entity::update_many()
        .col_expr(column, Expr::value(now.millis()))
        .filter(up_to(product, number)?)
        .filter(C::SubjectId.eq(subject.0))
        .filter(column.is_null())
        .exec(tx.conn())
        .await?;
    Ok(noted.rows_affected)
}

/// Whether a person has letters about versions up to `number` whose notice they were never shown.
pub async fn is_news(
    db: &impl Read,
    product: ProductId,
    number: u32,
    subject: SubjectId,
) -> Result<bool, Fault> {
    let row = letter::Entity::find()
        .filter(up_to(product, number)?)
        .filter(C::SubjectId.eq(subject.0))
        .filter(C::ShownAt.is_null())
        .limit(1)
        .one(db.conn())
        .await?;
    Ok(row.is_some())
}

fn up_to(product: ProductId, number: u32) -> Result<sea_orm::Condition, Fault> {
    use policy_version::Column as V;
    let versions = policy_version::Entity::find()
        .select_only()
        .column(V::Id)
        .filter(V::ProductId.eq(product.0))
        .filter(V::Number.lte(i32::try_from(number).map_err(broken)?));
    Ok(sea_orm::Condition::all().add(C::VersionId.in_subquery(versions.into_query())))
}
