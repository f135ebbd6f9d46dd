//! The letter to a new address: whether it is its person's. The question itself stands in every
//! letter to an address that nobody confirmed.

use super::{Cover, Frame, Part, ServiceLetter};

/// Writes the letter.
///
/// # Errors
/// When a template cannot be filled.
pub fn address_letter(frame: &Frame<'_>, cover: Cover) -> Result<ServiceLetter, askama::Error> {
    let account = frame.account.to_string();
    let gaps = [
        ("product", frame.product_name),
        ("publisher", frame.writer()),
        ("account", &account),
    ];
    let parts = vec![Part::Words(frame.tell("mail-address-why", &gaps))];
    let subject = frame.tell("mail-address-subject", &gaps);
    frame.page(subject, parts).letter(cover)
}
