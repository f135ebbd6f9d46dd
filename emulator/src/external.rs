//! External integrations: made on the fly by the button's metadata, one pair of keys per authorization.
//!
//! The keys are posted to the `secrets_uri` before the browser goes on (RU:oauth/oauth-external-integrations).
//! FIELD: that POST is JSON, and that without a 200 the browser does not go on.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::model::{Integration, IntegrationKind};
use crate::records::{HookKind, HookOutcome, HookRecord};
use crate::world::World;

/// The vendor names no limit; the one of the install hook is taken.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What the button puts into the authorize address when there is no `client_id`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Title.
    pub name: String,
    /// Where the code goes.
    pub redirect_uri: String,
    /// Where the keys go.
    pub secrets_uri: String,
}

impl Metadata {
    /// Whether the address describes an external integration at all.
    pub fn is_complete(&self) -> bool {
        !self.name.is_empty() && !self.redirect_uri.is_empty() && !self.secrets_uri.is_empty()
    }
}

impl World {
    /// Makes the integration and posts its keys. Returns its client id, or the status that was answered
    /// instead of 200 (0 for no answer).
    ///
    /// # Errors
    /// That status; the integration is then forgotten.
    pub async fn create_external(
        &self,
        metadata: &Metadata,
        account_id: u64,
        state_param: Option<&str>,
    ) -> Result<String, u16> {
        let made = self.add_integration(Integration {
            name: metadata.name.clone(),
            redirect_uri: metadata.redirect_uri.clone(),
            kind: IntegrationKind::External,
            ..Integration::default()
        });
        let n = self.record_hook(HookRecord {
            n: 0,
            at: 0,
            kind: HookKind::Secrets,
            account_id,
            client_id: made.client_id.clone(),
            url: metadata.secrets_uri.clone(),
            body: None,
            attempt: 1,
            outcome: HookOutcome::Pending,
        });
        let mut keys = json!({
            "client_id": made.client_id,
            "client_secret": made.client_secret,
            "state": state_param,
        });
        if self.read(|state| state.switches.secrets_extra_fields) {
            keys["name"] = json!(made.name);
            keys["scopes"] = json!(["crm", "notifications"]);
            keys["integration_id"] = json!(made.client_id);
            keys["account_id"] = json!(account_id);
        }
        let request = self.client.post(&metadata.secrets_uri).json(&keys);
        let outcome = self.call(request, &metadata.secrets_uri, TIMEOUT).await;
        let status = match outcome {
            HookOutcome::Answered { status } => status,
            HookOutcome::Pending | HookOutcome::Failed { .. } | HookOutcome::Lost => 0,
        };
        self.finish_hook(n, outcome);
        if status == 200 {
            return Ok(made.client_id);
        }
        self.change(|state| state.integrations.remove(&made.client_id));
        Err(status)
    }
}
