//! The one error of actions: as many variants as there are reactions, not causes.
//!
//! There is no HTTP in it; `web/problem.rs` turns it into answers, `jobs` into
//! verdicts. What `Internal`, `Upstream` and `Unavailable` carry is for the log.

use std::time::Duration;

use thiserror::Error;

use crate::amocrm;
use crate::domain::claims::InvalidClaim;
use crate::domain::forms::FieldError;
use crate::store::{Fault, vault::VaultError};

/// What exactly is refused: kebab-case in answers, never renamed, explained in `docs/errors.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The Policy was replaced while the person read.
    PolicyChanged,
    /// The Product has no Policy to agree to.
    NoPolicy,
    /// The one-time token was used for writing before.
    TokenReplayed,
    /// The token is older than the last withdrawal or uninstall.
    TokenStale,
    /// The Product is being taken out of the account.
    Uninstalling,
    /// The person consented and corrected themselves often enough for a day.
    TooMany,
    /// There is no consent to take back.
    NoConsent,
    /// A version that asks for more is agreed to, not acknowledged.
    ConsentRequired,
    /// The person has no contact details here.
    NoContact,
    /// Only who consented, or an administrator, may do this.
    AdministratorRequired,
    /// amoCRM did not say who is an administrator.
    PlatformUnreachable,
    /// The state of the button flow is unknown, used, lapsed, or another browser's.
    StateInvalid,
    /// Nothing of that name is here.
    NotFound,
    /// The address is right, the method is not.
    MethodNotAllowed,
    /// There is no Product of that code.
    UnknownProduct,
    /// A parameter is missing, repeated, or of another form.
    Malformed,
    /// The body is no JSON object, or names a field twice.
    MalformedJson,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The body is longer than 64 KiB.
    BodyTooLarge,
    /// The body did not arrive within ten seconds.
    BodyTimeout,
    /// One or more fields are wrong, missing, or not on the list.
    InvalidFields,
    /// The host is not an account of an allowed address.
    ForeignHost,
    /// The hook names another integration.
    WrongClient,
    /// The signature is not the integration's.
    SignatureWrong,
    /// There is no one-time token.
    TokenMissing,
    /// The one-time token is not believed.
    TokenInvalid,
    /// There is no key of a back end, or it is none of ours.
    ApiKeyInvalid,
    /// The database is locked, full or gone.
    DatabaseUnavailable,
    /// Jobs wait for too long, or nobody looks for them.
    JobsStalled,
    /// Too many long comparisons are asked for at once.
    Busy,
    /// A fault of ours.
    Internal,
}

/// Why something was not done.
#[derive(Debug, Error)]
pub enum Error {
    /// A rule says no; the code names it.
    #[error("refused: {0:?}")]
    Refused(Code),
    /// The request has another form than it should; the text names the part.
    #[error("{0:?}: {1}")]
    Malformed(Code, &'static str),
    /// Fields that are wrong.
    #[error("{} invalid field(s)", .0.len())]
    Invalid(Vec<FieldError>),
    /// amoCRM did not do its part.
    #[error("amoCRM: {0}")]
    Upstream(#[from] amocrm::Error),
    /// The database is locked, full or gone.
    #[error("{0}")]
    Unavailable(#[source] Fault),
    /// A fault of ours.
    #[error("{0:#}")]
    Internal(anyhow::Error),
}

impl Error {
    /// How long to wait when nothing went wrong and our own limit of questions to an account is
    /// used up.
    #[must_use]
    pub fn not_yet(&self) -> Option<Duration> {
        match self {
            Self::Upstream(amocrm::Error::NotYet(wait)) => Some(*wait),
            _ => None,
        }
    }

    /// What [`Error::not_yet`] reads.
    #[must_use]
    pub fn put_off(wait: Duration) -> Self {
        Self::Upstream(amocrm::Error::NotYet(wait))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(_) => Self::Unavailable(fault),
            other => Self::Internal(other.into()),
        }
    }
}

impl From<VaultError> for Error {
    fn from(e: VaultError) -> Self {
        Self::Internal(e.into())
    }
}

impl From<InvalidClaim> for Error {
    fn from(e: InvalidClaim) -> Self {
        Self::Malformed(Code::TokenInvalid, e.as_str())
    }
}

impl From<Vec<FieldError>> for Error {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid(errors)
    }
}
