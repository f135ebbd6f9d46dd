//! What people give to `accord widget` on the command line.

use url::Url;

use crate::domain::hosts::is_loopback;
use crate::domain::products::ProductCode;

/// An address that pages on https may call: https, or plain http on this machine.
pub(super) fn service_address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|e| e.to_string())?;
    let host = url.host_str().unwrap_or_default();
    if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(host)) {
        return Err("the address must begin with https://, because browsers block plain http from amoCRM's pages".to_owned());
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err("the address must have no user, query or fragment".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The code of a Product.
pub(super) fn product_code(text: &str) -> Result<String, String> {
    ProductCode::parse(text)
        .map(|code| code.to_string())
        .map_err(|e| e.to_string())
}

/// Where people turn to: an address of a page or an e-mail address.
pub(super) fn support_address(text: &str) -> Result<String, String> {
    let is_page = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.host_str().is_some());
    let is_mailbox = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('/'));
    if is_page || is_mailbox && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err("give an address that begins with https://, or an e-mail address".to_owned())
    }
}
