//! Who has learned of which version. People are found again by a blind index of
//! their amoCRM user id; nothing else about them is here.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{EntityTrait as _, ExprTrait as _, Set};

use super::entity::notice_ack::{self, Column as C};
use super::vault::Vault;
use super::{Change, Fault, Read as _, Tx};
use crate::domain::ids::{InstallId, UserId};
use crate::domain::time::Timestamp;

/// Somebody has learned of a version, and so of all before it.
pub async fn acknowledge(
    tx: &Tx,
    install: InstallId,
    user: UserId,
    number: u32,
    now: Timestamp,
) -> Result<(), Fault> {
    let number = i32::try_from(number).map_err(|e| Fault::broken("notice_ack", e))?;
    let row = notice_ack::ActiveModel {
        install_id: Set(install.0),
        person: Set(person(tx.vault(), install, user)?),
        policy_number: Set(number),
        acknowledged_at: Set(now.millis()),
    };
    let higher = OnConflict::columns([C::InstallId, C::Person])
        .update_columns([C::PolicyNumber, C::AcknowledgedAt])
        .action_and_where(Expr::col((notice_ack::Entity, C::PolicyNumber)).lt(number))
        .to_owned();
    notice_ack::Entity::insert(row)
        .on_conflict(higher)
        .exec_without_returning(tx.conn())
        .await?;
    tx.changes(Change::Install(install));
    Ok(())
}

pub(super) fn person(vault: &Vault, install: InstallId, user: UserId) -> Result<Vec<u8>, Fault> {
    let value = format!("{install}/{}", user.0);
    Ok(vault.blind("notice_ack.person", value.as_bytes())?)
}

pub(super) fn number(stored: i32) -> Result<u32, Fault> {
    u32::try_from(stored).map_err(|e| Fault::broken("notice_ack", e))
}
