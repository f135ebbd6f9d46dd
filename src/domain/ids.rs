//! Names of things, each of its own type, so that an Install can never be
//! passed where a Product is meant.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// A Product of the Publisher.
    ProductId,
    /// One Product in one Account, through all its generations.
    InstallId,
    /// One authorization that amoCRM handed us: a code, then a pair of tokens.
    GrantId,
    /// The pair of tokens that one person's grant gave us.
    PairId,
    /// A person as one Install knows them.
    SubjectId,
    /// One entry of the consent ledger; also the number of its receipt.
    ConsentId,
    /// A privacy request.
    RequestId,
    /// A durable job.
    JobId,
    /// One version of a Product's Policy.
    PolicyVersionId,
    /// An address that events go to.
    EndpointId,
    /// A letter to one person.
    LetterId,
    /// One revision of somebody's contact details.
    ContactId,
}

/// amoCRM's numeric id of an account. It never changes; the account's host may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// amoCRM's numeric id of a user. It points at a person: never logged, encrypted at rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId(***)")
    }
}
