//! What amoCRM's answers mean for a grant: which end it, and which can pass.
//!
//! A code can be exchanged for 20 minutes and a refresh token for three months. Only a word that
//! is about that very code or token ends it; whatever may be different tomorrow (a secret that was
//! changed on one side only, an unpaid account, a block, a page where JSON was due) is held and
//! asked again. The same table for readers: docs/amocrm-answers.md.

use super::Error;

/// Words of the vendor that may stand in a log, and whether they end the code or token they are
/// about; anything else stays out of the log.
const HINTS: [(&str, bool); 9] = [
    ("Authorization code has expired", true),
    ("Authorization code has been revoked", true),
    ("Cannot decrypt the authorization code", true),
    ("Token has been revoked", true),
    ("Invalid refresh token", true),
    ("Check the `client_id` parameter", false),
    ("Check the `client_secret` parameter", false),
    ("Redirect URI is not associated with client", false),
    (WRONG_ACCOUNT, false),
];

/// The code belongs to another account than the host's, or to nobody's.
const WRONG_ACCOUNT: &str = "Invalid account";

/// What an answer of an account's API says about the grant that it was asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfGrant {
    /// Nothing: it is about the question.
    Nothing,
    /// The access token is not accepted: renew it once, then the grant is dead.
    Renew,
    /// Nobody lives at this host: look where the account is now.
    Moved,
    /// The person who granted it may not do this: another person's grant may.
    NotAllowed,
    /// Nothing can be said now.
    Later,
}

impl Error {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            // The list of hosts can be mended too; until then nothing is sent.
            Self::ForeignHost
            | Self::NotNow { .. }
            | Self::SlowDown(_)
            | Self::NotYet(_)
            | Self::OutOfOrder(_)
            | Self::Unreachable(_) => true,
            Self::Unauthorized | Self::Refused { .. } => false,
        }
    }

    /// What an account's answer says about the grant.
    #[must_use]
    pub fn of_grant(&self) -> OfGrant {
        match self {
            Self::Unauthorized => OfGrant::Renew,
            Self::Refused { status: 403, .. } => OfGrant::NotAllowed,
            Self::Refused { status: 404, .. } => OfGrant::Moved,
            Self::Refused { .. } => OfGrant::Nothing,
            Self::ForeignHost
            | Self::NotNow { .. }
            | Self::SlowDown(_)
            | Self::NotYet(_)
            | Self::OutOfOrder(_)
            | Self::Unreachable(_) => OfGrant::Later,
        }
    }

    /// Whether the token endpoint said that the code is not of the account at this host: it may have
    /// been renamed a moment ago, or a stranger made the host up.
    #[must_use]
    pub fn is_wrong_account(&self) -> bool {
        matches!(self, Self::NotNow { hint, .. } if *hint == Some(WRONG_ACCOUNT))
    }

    /// Whether the token endpoint may have said no because the account moved: the old host of a
    /// renamed one answers 400, 401 or 404, with or without a problem body.
    #[must_use]
    pub fn may_have_moved(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::NotNow { .. } | Self::OutOfOrder(401 | 404)
        )
    }
}

/// What is not a 2xx, from an account's API.
pub(super) fn of_api(status: u16, json: bool) -> Error {
    match status {
        401 => Error::Unauthorized,
        429 => Error::SlowDown(429),
        // A caller that is blocked for its rate gets plain text; a real refusal is JSON.
        403 if !json => Error::SlowDown(403),
        400..=499 => Error::Refused { status, hint: None },
        _ => Error::OutOfOrder(status),
    }
}

/// What is not a 2xx, from the token endpoint. `hint` is what a problem body says.
pub(super) fn of_token_endpoint(status: u16, json: bool, hint: Option<&str>) -> Error {
    match status {
        429 => Error::SlowDown(429),
        403 if !json => Error::SlowDown(403),
        400..=499 if json => {
            let known = HINTS.into_iter().find(|(word, _)| Some(*word) == hint);
            let hint = known.map(|(word, _)| word);
            match known {
                Some((_, true)) => Error::Refused { status, hint },
                Some((_, false)) | None => Error::NotNow { status, hint },
            }
        }
        // Without a problem body a 401 or 404 here may be a proxy's.
        _ => Error::OutOfOrder(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, whether it is JSON, the hint; whether it may pass, and what it says of the grant.
    #[test]
    fn what_an_accounts_answer_says_of_the_grant() {
        for (status, json, passes, says) in [
            (400, true, false, OfGrant::Nothing),
            (401, true, false, OfGrant::Renew),
            (401, false, false, OfGrant::Renew),
            (402, true, false, OfGrant::Nothing),
            (403, true, false, OfGrant::NotAllowed),
            (403, false, true, OfGrant::Later),
            (404, true, false, OfGrant::Moved),
            (404, false, false, OfGrant::Moved),
            (429, true, true, OfGrant::Later),
            (429, false, true, OfGrant::Later),
            (301, false, true, OfGrant::Later),
            (500, true, true, OfGrant::Later),
            (504, false, true, OfGrant::Later),
        ] {
            let error = of_api(status, json);
            assert_eq!(
                (error.may_pass(), error.of_grant()),
                (passes, says),
                "{status} {json}"
            );
        }
    }

    #[test]
    fn only_a_word_about_the_code_or_token_itself_ends_it() {
        for (word, ends) in HINTS {
            for status in [400, 401, 403] {
                let error = of_token_endpoint(status, true, Some(word));
                assert_eq!(error.may_pass(), !ends, "{status} {word}");
                assert_eq!(error.is_wrong_account(), word == WRONG_ACCOUNT);
                assert!(error.to_string().contains(word));
                assert!(of_token_endpoint(status, false, Some(word)).may_pass());
            }
        }
        for (status, json, hint) in [
            (400, true, None),
            (400, true, Some("Something new")),
            (401, true, None),
            (401, false, None),
            (402, true, None),
            (403, true, None),
            (403, false, None),
            (404, true, None),
            (404, false, None),
            (422, true, Some("Something new")),
            (429, true, None),
            (429, false, None),
            (302, false, None),
            (500, true, None),
            (503, false, None),
        ] {
            let error = of_token_endpoint(status, json, hint);
            assert!(error.may_pass(), "{status} {json} {hint:?}");
            assert!(!error.to_string().contains("Something"));
        }
    }
}
