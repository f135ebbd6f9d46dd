//! The signature of the disconnect hook.
//!
//! HMAC-SHA256 of `client_uuid|account_id`, keyed by the integration's secret, in
//! hex (amoCRM developers, oauth/step-by-step, disconnect hook). It has no time and no nonce and can be
//! replayed for ever, so it proves who asks, never that anything happened now.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::ids::AccountId;

/// Whether one of the Product's secrets made this signature. Hex in any case.
#[must_use]
pub fn verify<'s>(
    secrets: impl IntoIterator<Item = &'s SecretString>,
    client_uuid: &str,
    account: AccountId,
    signature: &str,
) -> bool {
    let Some(tag) = unhex(signature) else {
        return false;
    };
    let message = format!("{client_uuid}|{account}");
    secrets.into_iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        hmac::verify(&key, message.as_bytes(), &tag).is_ok()
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..64)
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "01d01160-d7a0-4087-b4af-6a1bb83fcd1d";
    const TAG: &str = "1e51ddabf2734f1bc4cbf59ef1084e0b58b541208691d87a6b1913e0bcfc0fbf";

    #[test]
    fn the_reference_vector_holds_under_any_accepted_secret() {
        let secrets: Vec<SecretString> = ["newer", "test-secret-do-not-use"]
            .map(|s| s.to_owned().into())
            .into();
        let account = AccountId(32_720_107);
        assert!(verify(&secrets, CLIENT, account, TAG));
        assert!(verify(&secrets, CLIENT, account, &TAG.to_uppercase()));
        assert!(!verify(&secrets[..1], CLIENT, account, TAG));
        assert!(!verify(&secrets, CLIENT, AccountId(32_720_108), TAG));
        for bad in [
            "",
            "1e51",
            &TAG[..63],
            &format!("{}g", &TAG[..63]),
            &format!("{}é", &TAG[..62]),
        ] {
            assert!(!verify(&secrets, CLIENT, account, bad));
        }
    }
}
