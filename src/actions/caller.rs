//! Who calls from a widget, and what their token still allows.

use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::installs::{Install, State};
use crate::error::{Code, Error};
use crate::store::{self, Tx};

/// Why a token without an id of its own writes nothing.
pub(super) const NO_ID: &str = "a writing call needs a jti";

impl Caller {
    /// Burns the token in the transaction of the write, so that a refused write burns nothing.
    ///
    /// # Errors
    /// [`Code::TokenReplayed`] when it was used for writing before; an untrusted token when it
    /// has no id of its own.
    pub async fn burn(&self, tx: &Tx) -> Result<(), Error> {
        let no_id = Error::Malformed(Code::TokenInvalid, NO_ID);
        let jti = self.claims.jti.as_ref().ok_or(no_id)?;
        match store::burned::burn(tx, self.product.id, jti, self.claims.expires_at).await {
            Err(fault) if fault.is_taken() => Err(Error::Refused(Code::TokenReplayed)),
            other => Ok(other?),
        }
    }

    /// Whether this token may still change something in the Install.
    ///
    /// # Errors
    /// [`Code::TokenStale`] when it was issued before the last withdrawal or uninstall,
    /// [`Code::Uninstalling`] while the Product is being taken out.
    pub fn may_write(&self, install: &Install) -> Result<(), Error> {
        if install.is_stale(self.claims.issued_at) {
            return Err(Error::Refused(Code::TokenStale));
        }
        if install.state == State::Uninstalling {
            return Err(Error::Refused(Code::Uninstalling));
        }
        Ok(())
    }

    /// The caller's Install, if the account was ever seen.
    pub async fn install(&self, app: &App) -> Result<Option<Install>, Error> {
        let known = app
            .store
            .account(self.product.id, self.claims.account)
            .await?;
        Ok(known.map(|known| known.install.clone()))
    }
}
