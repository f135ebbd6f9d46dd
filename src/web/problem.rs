//! Errors as answers: `application/problem+json` after RFC 9457.
//!
//! The only file that knows status codes. What a 5xx was caused by is logged
//! here, once, with the id that the answer carries, and never sent.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::Value;
use unic_langid::LanguageIdentifier;
use utoipa::ToSchema;

use super::{context, pages};
use crate::domain::forms::FieldError;
use crate::error::{Code, Error};
use crate::texts;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem, as the client reads it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// An address that explains this kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, in a few words, in the reader's language.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The kind, for programs; never renamed.
    code: &'static str,
    /// What happened and what to do, for the person, in the reader's language.
    detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// The Policy in force, with `policy-changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    policy: Option<Value>,
    /// Under which the log knows this request.
    request_id: String,
}

/// One field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer to the field (RFC 6901).
    pointer: String,
    /// What is wrong and what would be right.
    detail: String,
}

impl Code {
    /// All codes, for the documentation and its test.
    pub const ALL: [Self; 31] = [
        Self::PolicyChanged,
        Self::NoPolicy,
        Self::TokenReplayed,
        Self::TokenStale,
        Self::Uninstalling,
        Self::TooMany,
        Self::NoConsent,
        Self::ConsentRequired,
        Self::NoContact,
        Self::AdministratorRequired,
        Self::PlatformUnreachable,
        Self::StateInvalid,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::UnknownProduct,
        Self::Malformed,
        Self::MalformedJson,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::InvalidFields,
        Self::ForeignHost,
        Self::WrongClient,
        Self::SignatureWrong,
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::ApiKeyInvalid,
        Self::DatabaseUnavailable,
        Self::JobsStalled,
        Self::Busy,
        Self::Internal,
    ];

    /// The code for programs, its status, a title, and a sentence for the person.
    fn parts(self) -> (&'static str, u16, &'static str, &'static str) {
        match self {
            Self::PolicyChanged => (
                "policy-changed",
                409,
                "The Policy has changed",
                "The Policy was replaced while you were reading. Please read the one in force and agree to that.",
            ),
            Self::NoPolicy => (
                "no-policy",
                409,
                "No Policy",
                "This product has no Policy to agree to yet.",
            ),
            Self::TokenReplayed => (
                "token-replayed",
                409,
                "Token used before",
                "This one-time token was used for a change already. Please try again.",
            ),
            Self::TokenStale => (
                "token-stale",
                409,
                "Token too old",
                "The product left the account after this token was issued. Please reload the page.",
            ),
            Self::Uninstalling => (
                "uninstalling",
                409,
                "Being uninstalled",
                "The product is being taken out of the account. Please try again when that is over.",
            ),
            Self::TooMany => (
                "too-many",
                409,
                "Enough for today",
                "You consented or changed your details twenty times within a day. What is recorded stays; please go on tomorrow.",
            ),
            Self::NoConsent => (
                "no-consent",
                409,
                "No consent",
                "There is no consent to withdraw.",
            ),
            Self::ConsentRequired => (
                "consent-required",
                409,
                "Consent required",
                "This version asks for more than was agreed to. It is answered by a consent, not by an acknowledgement.",
            ),
            Self::NoContact => (
                "no-contact",
                404,
                "No contact details",
                "We hold no contact details of yours.",
            ),
            Self::AdministratorRequired => (
                "administrator-required",
                403,
                "Administrator required",
                "You have no consent of your own to take back. Ending the product for the whole account is up to its administrators and to the person who consented first.",
            ),
            Self::PlatformUnreachable => (
                "platform-unreachable",
                503,
                "amoCRM does not answer",
                "amoCRM could not tell who administers the account. Please try again later.",
            ),
            Self::StateInvalid => (
                "state-invalid",
                400,
                "Authorization out of date",
                "This authorization was begun elsewhere, was used, or is too old. Please begin again.",
            ),
            Self::NotFound => (
                "not-found",
                404,
                "Not found",
                "There is nothing at this address.",
            ),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                405,
                "Method not allowed",
                "This address is not called with this method.",
            ),
            Self::UnknownProduct => (
                "unknown-product",
                404,
                "Unknown product",
                "There is no product of this code.",
            ),
            Self::Malformed => (
                "malformed",
                400,
                "Malformed request",
                "A part of the request is missing, repeated, or wrong.",
            ),
            Self::MalformedJson => (
                "malformed-json",
                400,
                "Malformed JSON",
                "The body is not one JSON object.",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                415,
                "Unsupported media type",
                "The body has to be application/json.",
            ),
            Self::BodyTooLarge => (
                "body-too-large",
                413,
                "Body too large",
                "The body is longer than 64 KiB.",
            ),
            Self::BodyTimeout => (
                "body-timeout",
                408,
                "Body too slow",
                "The body of the request did not arrive within ten seconds.",
            ),
            Self::InvalidFields => (
                "invalid-fields",
                422,
                "Some fields need another look",
                "Please correct the fields named below.",
            ),
            Self::ForeignHost => (
                "foreign-host",
                400,
                "Foreign host",
                "The host is not an account of an amoCRM or Kommo address that this service serves.",
            ),
            Self::WrongClient => (
                "wrong-client",
                403,
                "Another integration",
                "The call is for another integration than this address.",
            ),
            Self::SignatureWrong => (
                "signature-wrong",
                403,
                "Wrong signature",
                "The signature is not the integration's.",
            ),
            Self::TokenMissing => (
                "token-missing",
                401,
                "Token missing",
                "The header X-Auth-Token is missing.",
            ),
            Self::TokenInvalid => (
                "token-invalid",
                401,
                "Token not accepted",
                "The one-time token is not accepted.",
            ),
            Self::ApiKeyInvalid => (
                "api-key-invalid",
                401,
                "Key not accepted",
                "The header Authorization has to be Bearer and one of the keys of ACCORD_API_KEYS.",
            ),
            Self::DatabaseUnavailable => (
                "database-unavailable",
                503,
                "Temporarily unavailable",
                "The service cannot store or read anything right now. Please try again in a moment.",
            ),
            Self::JobsStalled => (
                "jobs-stalled",
                503,
                "Jobs wait",
                "Work that is due is not done, or nobody looks for it. A worker has to be running.",
            ),
            Self::Busy => (
                "busy",
                503,
                "Busy",
                "Others ask for the same kind of thing right now. Please try again in a moment.",
            ),
            Self::Internal => (
                "internal",
                500,
                "Internal error",
                "Something went wrong on our side.",
            ),
        }
    }

    /// The code for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.parts().0
    }

    /// The kind in a few words, and a sentence for the person.
    #[must_use]
    pub fn worded(self, lang: &LanguageIdentifier) -> (String, String) {
        let (name, _, title, sentence) = self.parts();
        texts::refusal(lang, name).unwrap_or_else(|| (title.to_owned(), sentence.to_owned()))
    }
}

impl Error {
    fn code(&self) -> Code {
        match self {
            Self::Refused(code) | Self::Malformed(code, _) => *code,
            Self::Invalid(_) => Code::InvalidFields,
            Self::Upstream(_) => Code::PlatformUnreachable,
            Self::Unavailable(_) => Code::DatabaseUnavailable,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// Which part of the request it is about, for the log too: names no value.
    fn part(&self) -> &'static str {
        match self {
            Self::Malformed(_, part) => part,
            _ => "",
        }
    }

    fn fields(&self, lang: &LanguageIdentifier) -> Vec<FieldProblem> {
        let Self::Invalid(fields) = self else {
            return Vec::new();
        };
        fields
            .iter()
            .map(|FieldError { pointer, message }| FieldProblem {
                pointer: pointer.clone(),
                detail: texts::said(lang, message),
            })
            .collect()
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        let (_, status, ..) = self.code().parts();
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = context::current().id;
        match self {
            Self::Upstream(_) | Self::Unavailable(_) | Self::Internal(_) => {
                tracing::error!(%request_id, "{}: {self}", self.code().as_str());
            }
            Self::Refused(_) | Self::Malformed(..) | Self::Invalid(_) => {
                tracing::debug!(%request_id, "{}", self.code().as_str());
            }
        }
        answer(self, None)
    }
}

/// The answer to a consent whose text is not the one in force: tells which is.
#[must_use]
pub fn policy_changed(policy: Value) -> HttpResponse {
    answer(&Error::Refused(Code::PolicyChanged), Some(policy))
}

fn answer(error: &Error, policy: Option<Value>) -> HttpResponse {
    let (code, part, context) = (error.code(), error.part(), context::current());
    context::refused(code, part);
    let lang = context.page.as_ref().map_or(&context.lang, |f| &f.lang);
    let (name, status, ..) = code.parts();
    let (title, mut detail) = code.worded(lang);
    if !part.is_empty() {
        detail = format!("{detail} ({})", texts::said(lang, part));
    }
    let errors = error.fields(lang);
    if let Some(frame) = context.page {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return pages::problem(frame, status, &title, &detail);
    }
    let problem = Problem {
        kind: format!("{}/docs/errors/{name}", context.public_url()),
        title,
        status,
        code: name,
        detail,
        errors,
        policy,
        request_id: context.id.to_string(),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if code == Code::ApiKeyInvalid {
        // RFC 9110, section 11.6.1: a 401 says how to do better.
        response.insert_header(("WWW-Authenticate", "Bearer"));
    }
    response
        .insert_header(("Cache-Control", "no-store"))
        .content_type(PROBLEM_JSON)
        .body(serde_json::to_vec(&problem).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use unic_langid::langid;

    #[test]
    fn every_code_is_worded_in_every_language() {
        for code in Code::ALL {
            let english = code.worded(&langid!("en"));
            assert!(english.1.ends_with('.'), "{code:?}");
            for lang in [langid!("ru"), langid!("es"), langid!("pt")] {
                let (title, sentence) = code.worded(&lang);
                let name = code.as_str();
                assert!(
                    title != english.0 && sentence != english.1 && sentence.ends_with('.'),
                    "assets/i18n/{lang}/problems.ftl lacks problem-{name}"
                );
            }
        }
    }
}
