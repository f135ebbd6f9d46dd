//! The nouns of the small amoCRM: accounts, users, integrations, widgets, grants. Plain data, saved as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which of the two installations of the vendor an account lives on; the hooks name it by number
/// (RU:oauth/step-by-step).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// amocrm.ru, `platform=1`.
    #[default]
    Amocrm,
    /// kommo.com, `platform=2`.
    Kommo,
}

impl Platform {
    /// The number of the hooks' `platform` parameter.
    pub fn number(self) -> u8 {
        match self {
            Platform::Amocrm => 1,
            Platform::Kommo => 2,
        }
    }
}

/// One customer's CRM.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Number of the account; never changes.
    pub id: u64,
    /// First label of the account's host; changes when the account is renamed.
    pub subdomain: String,
    /// Labels the account had before; their hosts no longer answer.
    pub former_subdomains: Vec<String>,
    /// amocrm.ru or kommo.com.
    pub platform: Platform,
    /// A vendor's host, such as `shop.kommo.com`, that hooks, callbacks, tokens and the lookup name instead of
    /// the one on this machine. A client must be told by other means that it is found here.
    pub pretended_host: Option<String>,
    /// Free-text title.
    pub name: String,
    /// Two-letter country.
    pub country: String,
    /// Three-letter currency.
    pub currency: String,
    /// IANA time zone.
    pub timezone: String,
    /// Unix second of creation.
    pub created_at: i64,
    /// People of the account.
    pub users: Vec<User>,
    /// Widgets touched in this account, by client id of the integration.
    pub installs: BTreeMap<String, WidgetInstall>,
    /// Webhooks set through the API.
    pub webhooks: Vec<Webhook>,
}

impl Account {
    /// The account's name in the host under which it is known: `shop` of `shop.kommo.com`.
    pub fn label(&self) -> &str {
        let pretended = self.pretended_host.as_deref();
        let label = pretended.and_then(|host| host.split('.').next());
        label.unwrap_or(&self.subdomain)
    }

    /// What follows the subdomain in the account's host, when it pretends to be somewhere else.
    pub fn pretended_domain(&self) -> Option<&str> {
        let (_, domain) = self.pretended_host.as_deref()?.split_once('.')?;
        Some(domain)
    }

    /// A user of this account by number.
    pub fn user(&self, user_id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == user_id)
    }
}

/// A person of an account (RU:crm_platform/users-api).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Number of the user, unique over all accounts.
    pub id: u64,
    /// Full name in one string, as amoCRM keeps it.
    pub name: String,
    /// Login.
    pub email: String,
    /// `ru`, `en`, `es` or `pt`.
    pub lang: String,
    /// Only shown with `with=phone_number`; often missing.
    pub phone: Option<String>,
    /// Administrators install, disable and read the users list.
    pub is_admin: bool,
    /// Deactivated users cannot sign in.
    pub is_active: bool,
}

/// Who may install an integration, and what it may call (RU:crm_platform/platform-abilities).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationKind {
    /// One account only.
    #[default]
    Private,
    /// From the marketplace, any account.
    Public,
    /// Without a widget and without the users API.
    External,
}

/// The card of an integration as its developer filled it in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Integration {
    /// Integration id (UUID).
    pub client_id: String,
    /// Secret key.
    pub client_secret: String,
    /// Code of its widget.
    pub code: String,
    /// Title.
    pub name: String,
    /// Receives the code; compared to the letter.
    pub redirect_uri: String,
    /// Told when access is withdrawn; optional.
    pub disconnect_uri: Option<String>,
    /// Private, public or external.
    pub kind: IntegrationKind,
    /// The account that a private integration belongs to, the only one that may install it; any when missing.
    pub owner_account_id: Option<u64>,
    /// The uploaded widget archive (zip), base64 in the saved state.
    #[serde(with = "base64_bytes")]
    pub archive: Option<Vec<u8>>,
    /// A widget folder read anew at each load, for development; goes before the archive.
    pub folder: Option<PathBuf>,
}

impl Integration {
    /// Whether this account may install it: a private integration belongs to one account
    /// (RU:integrations/intro).
    pub fn may_be_installed_in(&self, account_id: u64) -> bool {
        self.kind != IntegrationKind::Private
            || self
                .owner_account_id
                .is_none_or(|owner| owner == account_id)
    }
}

/// How far a widget is in an account. amoCRM's interface shows these three (RU:web_sdk/settings).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallStatus {
    /// Never installed: the modal offers Install.
    #[default]
    Install,
    /// Installed, required settings are missing, or it was switched off.
    NotConfigured,
    /// Works.
    Installed,
}

/// A widget in an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WidgetInstall {
    /// What the interface shows.
    pub status: InstallStatus,
    /// Switched on.
    pub active: bool,
    /// Values by key of the settings template.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The user who pressed Install.
    pub installed_by: u64,
}

/// A webhook of an account (RU:crm_platform/webhooks-api).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Webhook {
    /// Number.
    pub id: u64,
    /// Where events go; one entry per destination.
    pub destination: String,
    /// Events wanted, such as `add_lead`.
    pub settings: Vec<String>,
    /// Order.
    pub sort: i64,
    /// Switched off after too many bad answers.
    pub disabled: bool,
    /// Unix second.
    pub created_at: i64,
    /// Unix second.
    pub updated_at: i64,
    /// User of the grant that made it.
    pub created_by: u64,
    /// Integration of the grant that made it.
    pub client_id: String,
    /// Unix seconds of bad answers within the last two hours.
    pub bad_answers: Vec<i64>,
}

/// An authorization code on its way (RU:oauth/step-by-step).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    /// Account that agreed.
    pub account_id: u64,
    /// Person who agreed.
    pub user_id: u64,
    /// Integration agreed to.
    pub client_id: String,
    /// Dead after this Unix second (20 minutes).
    pub expires_at: i64,
    /// Already exchanged.
    pub used: bool,
    /// Access was withdrawn before the exchange.
    pub revoked: bool,
}

/// Access given by one person in one account to one integration. Several people give independent access
/// (RU:oauth/oauth).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    /// Account.
    pub account_id: u64,
    /// The person whose rights the tokens carry.
    pub user_id: u64,
    /// Integration.
    pub client_id: String,
    /// False after withdrawal.
    pub alive: bool,
    /// Access tokens given out, with their expiry in Unix seconds.
    pub access: BTreeMap<String, i64>,
    /// The refresh token in force.
    pub refresh: String,
    /// Dead after this Unix second (3 months).
    pub refresh_expires_at: i64,
    /// The refresh token before that; good once more under grace rotation.
    pub previous: Option<String>,
    /// Older refresh tokens, known in order to name the fault.
    pub spent: Vec<String>,
}

mod base64_bytes {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, out: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => out.serialize_some(&STANDARD.encode(bytes)),
            None => out.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| STANDARD.decode(text).map_err(D::Error::custom))
            .transpose()
    }
}
