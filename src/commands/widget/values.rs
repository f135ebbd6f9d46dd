//! What people give to `accord widget` on the command line.

use crate::domain::addresses;
use crate::domain::products::ProductCode;

/// An address that pages on https may call: https, because browsers block plain http from
/// amoCRM's pages, or this machine.
pub(super) fn service_address(text: &str) -> Result<String, String> {
    addresses::backend(text).map_err(|fault| format!("it {fault}"))
}

/// The code of a Product.
pub(super) fn product_code(text: &str) -> Result<String, String> {
    ProductCode::parse(text)
        .map(|code| code.to_string())
        .map_err(|e| e.to_string())
}

/// Where people turn to: an address of a page or an e-mail address.
pub(super) fn support_address(text: &str) -> Result<String, String> {
    let is_page = text.contains("://") && addresses::site(text).is_ok();
    let is_mailbox = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('/'));
    if is_page || is_mailbox && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err("give an address that begins with https://, or an e-mail address".to_owned())
    }
}
