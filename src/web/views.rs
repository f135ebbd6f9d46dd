//! What the widget reads, as JSON. Types of the domain stay inside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::standing::{Authorization, Hint, View};
use crate::domain::consents::{Act, ConsentState, Reason};
use crate::domain::ids::UserId;
use crate::domain::policies::history::{TextRef, Version};
use crate::domain::requests::Request;
use crate::domain::time::Timestamp;
use crate::store::installs::state_text;
use crate::store::policies::level_text;
use crate::store::requests;

/// Where an account stands with a Product.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingView {
    /// The Product's code.
    product: String,
    /// The account.
    account_id: i64,
    /// `pending`, `active`, `uninstalling` or `uninstalled`.
    install: &'static str,
    /// 0 when the account was never seen.
    generation: u32,
    /// `pending`, `ok` or `reauthorize`.
    authorization: &'static str,
    /// May the account use the Product?
    entitled: bool,
    /// If not, why.
    reason: Option<&'static str>,
    /// The version in force.
    policy: Option<PolicyView>,
    /// What was agreed to.
    consent: ConsentView,
    /// A version somebody has yet to learn of.
    notice: Option<NoticeView>,
    /// What a person could do: `reauthorize`, `reauthorize-as-administrator` (an employee's access
    /// was not enough for something), or `uninstall-by-hand`.
    hint: Option<&'static str>,
}

/// The version in force, in the reader's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    number: u32,
    lang: String,
    hash: String,
    #[schema(value_type = String, format = DateTime)]
    posted_at: Timestamp,
    url: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct ConsentView {
    /// `none`, `given`, `outdated` or `withdrawn`.
    state: &'static str,
    policy_number: Option<u32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    given_at: Option<Timestamp>,
    user_id: Option<i64>,
    /// What was agreed to and is in force now; what is not in the list is off.
    purposes: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NoticeView {
    policy_number: u32,
    /// `notice` or `reconsent`.
    level: &'static str,
    #[schema(value_type = String, format = DateTime)]
    posted_at: Timestamp,
}

impl PolicyView {
    /// How a version looks from outside; `public_url` without a trailing slash.
    #[must_use]
    pub fn new(public_url: &str, product: &str, version: &Version, text: &TextRef) -> Self {
        Self {
            number: version.number,
            lang: text.lang.clone(),
            hash: text.hash.clone(),
            posted_at: version.posted_at,
            url: format!("{public_url}/policy/{product}"),
        }
    }
}

impl StandingView {
    /// How a standing looks from outside.
    #[must_use]
    pub fn new(public_url: &str, view: &View) -> Self {
        let product = view.product.code.to_string();
        let standing = &view.standing;
        let (install, entry) = (view.install(), view.entry());
        let given = entry.filter(|e| e.act == Act::Given);
        let in_force = view.history.in_force().zip(view.policy.as_ref());
        Self {
            account_id: view.account.0,
            install: install.map_or("pending", |i| state_text(i.state)),
            generation: install.map_or(0, |i| i.generation),
            authorization: match view.authorization {
                Authorization::Pending => "pending",
                Authorization::Ok => "ok",
                Authorization::Reauthorize => "reauthorize",
            },
            entitled: standing.entitled,
            reason: standing.reason.map(reason_text),
            policy: in_force.map(|(v, text)| PolicyView::new(public_url, &product, v, text)),
            consent: ConsentView {
                state: consent_text(standing.consent),
                policy_number: entry.map(|e| e.shown.number),
                given_at: given.map(|e| e.at),
                user_id: entry.and_then(|e| e.user).map(|u| u.0),
                purposes: view.purposes.clone(),
            },
            notice: standing.notice.map(|n| NoticeView {
                policy_number: n.number,
                level: level_text(n.level),
                posted_at: n.at,
            }),
            hint: view.hint.map(|hint| match hint {
                Hint::Reauthorize => "reauthorize",
                Hint::ReauthorizeAsAdministrator => "reauthorize-as-administrator",
                Hint::UninstallByHand => "uninstall-by-hand",
            }),
            product,
        }
    }
}

impl StandingView {
    /// The same, without who consented and when if that was somebody else: what leaves the house
    /// with a person's data names no other person.
    #[must_use]
    pub fn naming_only(mut self, user: UserId) -> Self {
        if self.consent.user_id != Some(user.0) {
            self.consent.user_id = None;
            self.consent.given_at = None;
        }
        self
    }

    /// The number of the version that it tells of, if it tells of one.
    #[must_use]
    pub fn notice_number(&self) -> Option<u32> {
        self.notice.as_ref().map(|notice| notice.policy_number)
    }
}

fn reason_text(reason: Reason) -> &'static str {
    match reason {
        Reason::ConsentRequired => "consent-required",
        Reason::ReconsentRequired => "reconsent-required",
        Reason::ConsentWithdrawn => "consent-withdrawn",
        Reason::NotInstalled => "not-installed",
    }
}

fn consent_text(state: ConsentState) -> &'static str {
    match state {
        ConsentState::None => "none",
        ConsentState::Given => "given",
        ConsentState::Outdated => "outdated",
        ConsentState::Withdrawn => "withdrawn",
    }
}

/// A privacy request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// `W-2026-000001`.
    pub number: String,
    /// `withdrawal`.
    pub kind: &'static str,
    /// `received` or `executed`.
    pub state: &'static str,
    /// When it reached us.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The last permitted instant for an answer, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// What the person wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl RequestView {
    /// How a request looks from outside.
    #[must_use]
    pub fn new(request: &Request, comment: Option<String>) -> Self {
        Self {
            number: request.number.clone(),
            kind: requests::kind_text(request.kind),
            state: requests::state_text(request.state),
            received_at: request.received_at,
            due_at: request.due_at,
            comment,
        }
    }
}
