//! Faults on demand: the next matching requests are answered the way amoCRM answers on a bad day
//! (RU:crm_platform/error-codes, KO:http-codes, KO:limitations).

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FaultKind {
    /// A problem body with this status: 401, 402, 403, 404, 500, 504 or any other.
    Status {
        /// HTTP status.
        status: u16,
    },
    /// 403 in plain text: the caller is blocked after too many requests.
    ForbiddenText,
    /// 429 with a problem body and `retry_after`.
    TooManyJson,
    /// 429 that is not JSON; PHP has a special case for it.
    TooManyText,
    /// 200 with an HTML page.
    Html,
    /// The right answer, late.
    SlowMs {
        /// Delay in real milliseconds.
        ms: u64,
    },
    /// The right answer, once `World::holds` lets it go: the request waits before it is carried out.
    Held,
    /// The request is carried out, its answer is lost: the connection breaks.
    Lost,
    /// The request is carried out twice; the second answer is given.
    Duplicated,
}

/// A fault waiting for its requests.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// Requests whose path begins with this.
    #[serde(default = "any_path")]
    pub path_prefix: String,
    /// Only this method; any when missing.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests for this account, as far as host or access token tell; any when missing.
    #[serde(default)]
    pub account_id: Option<u64>,
    /// How many requests it still hits.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn any_path() -> String {
    "/".to_owned()
}

fn once() -> u32 {
    1
}

impl Fault {
    /// A fault that hits the next request whose path begins with `path_prefix`.
    pub fn once(path_prefix: &str, kind: FaultKind) -> Fault {
        Fault {
            path_prefix: path_prefix.to_owned(),
            method: None,
            account_id: None,
            times: 1,
            kind,
        }
    }

    /// The same fault for `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Fault {
        self.times = times;
        self
    }

    /// The same fault for one method only.
    #[must_use]
    pub fn method(mut self, method: &str) -> Fault {
        self.method = Some(method.to_owned());
        self
    }

    /// The same fault for one account only.
    #[must_use]
    pub fn account(mut self, account_id: u64) -> Fault {
        self.account_id = Some(account_id);
        self
    }

    fn hits(&self, method: &str, path: &str, account_id: Option<u64>) -> bool {
        self.times > 0
            && (self.account_id.is_none() || self.account_id == account_id)
            && path.starts_with(&self.path_prefix)
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
    }
}

/// Takes the first fault that hits this request and counts it down.
pub fn take(
    faults: &mut Vec<Fault>,
    method: &str,
    path: &str,
    account_id: Option<u64>,
) -> Option<FaultKind> {
    let at = faults
        .iter()
        .position(|fault| fault.hits(method, path, account_id))?;
    faults[at].times -= 1;
    let kind = faults[at].kind.clone();
    if faults[at].times == 0 {
        faults.remove(at);
    }
    Some(kind)
}
