//! Products: adding one, changing its secret.

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::domain::addresses::{self, BadAddress, hooks::Prefix};
use crate::domain::hosts::Hosts;
use crate::domain::products::{BadProduct, OLD_SECRET, Product, ProductCode};
use crate::domain::time::Timestamp;
use crate::store::{self, Store};

/// A Product as somebody describes it on the command line.
pub struct NewProduct {
    /// Its code.
    pub code: String,
    /// The integration's id.
    pub client_id: String,
    /// For people.
    pub name: Option<String>,
    /// As on the integration's card; absent: the default under the public address.
    pub redirect_uri: Option<String>,
    /// Where its webhooks point.
    pub hook_prefixes: Vec<String>,
    /// Where its accounts live, a list of entries of `AMOCRM_HOSTS`; absent: all of
    /// them.
    pub hosts: Option<String>,
    /// The integration's secret.
    pub secret: SecretString,
}

/// Where amoCRM finds a Product by default.
#[must_use]
pub fn default_redirect_uri(public_url: &str, code: &ProductCode) -> String {
    format!("{public_url}{}", addresses::install_path(code))
}

/// Where amoCRM announces that a Product was disabled.
#[must_use]
pub fn disconnect_uri(public_url: &str, code: &ProductCode) -> String {
    format!("{public_url}{}", addresses::disconnect_path(code))
}

/// Adds a Product.
///
/// # Errors
/// A [`BadProduct`] when the description cannot be used; when the code or the client id exists.
pub async fn add(
    store: &Store,
    public_url: &str,
    configured: &Hosts,
    new: NewProduct,
    now: Timestamp,
) -> anyhow::Result<Product> {
    let code = ProductCode::parse(&new.code)?;
    let client_id = Uuid::try_parse(&new.client_id).map_err(|_| BadProduct::ClientId)?;
    let redirect_uri = match new.redirect_uri {
        Some(uri) => addresses::redirect(&uri, &code).map_err(called("redirect URI", &uri))?,
        None => default_redirect_uri(public_url, &code),
    };
    let hook_prefixes = new
        .hook_prefixes
        .iter()
        .map(|p| Prefix::parse(p).map_err(called("hook prefix", p)))
        .collect::<Result<Vec<_>, _>>()?;
    let hosts = new.hosts.map(|list| configured.only(&list));
    let hosts = hosts.transpose().map_err(BadProduct::Hosts)?;
    let name = new.name.unwrap_or_default();
    let product = Product {
        id: store::products::new_product_id(),
        code,
        name,
        client_id,
        redirect_uri,
        hook_prefixes,
        hosts,
    };

    let tx = store.begin().await?;
    match store::products::add(&tx, &product, now).await {
        Err(fault) if fault.is_taken() => {
            anyhow::bail!("a product with this code or client id exists")
        }
        other => other?,
    }
    store::products::put_secret(&tx, product.id, &new.secret, None, now).await?;
    tx.commit().await?;
    Ok(product)
}

fn called(what: &str, address: &str) -> impl Fn(BadAddress) -> BadProduct {
    let name = format!("the {what} {address:?}");
    move |fault| BadProduct::Address(name.clone(), fault)
}

/// Says where a Product's accounts live from now on.
///
/// # Errors
/// When there is no Product of that code, or a host is not configured.
pub async fn set_hosts(
    store: &Store,
    configured: &Hosts,
    code: &str,
    list: &str,
) -> anyhow::Result<Product> {
    let hosts = configured.only(list)?;
    let tx = store.begin().await?;
    let code = ProductCode::parse(code)?;
    let Some(product) = store::products::find(&tx, &code).await? else {
        anyhow::bail!("there is no product {code}");
    };
    store::products::set_hosts(&tx, product.id, &hosts).await?;
    tx.commit().await?;
    Ok(Product {
        hosts: Some(hosts),
        ..product
    })
}

/// Puts a new secret in force. The one before it is accepted for [`OLD_SECRET`] more, so that
/// tokens and hooks under way are not lost; `at_once` ends it now, as after a leak. The secret
/// in force again, `at_once`, only ends the others.
///
/// # Errors
/// When there is no Product of that code, or its secret is this one already.
pub async fn rotate_secret(
    store: &Store,
    code: &str,
    secret: &SecretString,
    at_once: bool,
    now: Timestamp,
) -> anyhow::Result<Product> {
    let code = ProductCode::parse(code)?;
    let tx = store.begin().await?;
    let Some(product) = store::products::lock(&tx, &code).await? else {
        anyhow::bail!("there is no product {code}");
    };
    let in_force = store::products::secrets(&tx, product.id, now).await?;
    let same = in_force
        .first()
        .is_some_and(|known| known.expose_secret() == secret.expose_secret());

    match (same, at_once) {
        (true, true) => store::products::end_other_secrets(&tx, product.id).await?,
        (true, false) => anyhow::bail!(
            "this is the secret in force already: nothing was changed (--at-once ends the others)"
        ),
        (false, _) => {
            let others_until = (!at_once).then_some(now + OLD_SECRET);
            store::products::put_secret(&tx, product.id, secret, others_until, now).await?;
        }
    }
    tx.commit().await?;
    Ok(product)
}
