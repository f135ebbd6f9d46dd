//! What this amoCRM does where the real one is undocumented or contradicts itself, and what it remembers.
//!
//! Each switch is one line of the vendor's contract that no source settles: a client must work with every
//! position. Where two sources disagree, the comment names both.

use serde::{Deserialize, Serialize};

/// What happens to a refresh token once it has been exchanged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// The old one is dead at once (RU:oauth/step-by-step).
    #[default]
    Strict,
    /// The old one works until the new one is used (KO:oauth-20).
    Grace,
}

/// What happens to a hook on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Sent once.
    #[default]
    Normal,
    /// Never sent.
    Lost,
    /// Sent twice.
    Duplicated,
}

/// How the hooks and the callback spell the account's host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Referer {
    /// `{subdomain}.localhost:PORT`
    #[default]
    Subdomain,
    /// `127.0.0.1:PORT`, for clients that cannot resolve `*.localhost`.
    Address,
}

/// When the fields of the settings window appear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstallMode {
    /// Before Install; an empty required field holds Install back.
    #[default]
    Legacy,
    /// After Install; the widget is "not configured" until the first Save.
    TwoStep,
}

/// In which order a widget's `init` and `bind_actions` are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackOrder {
    /// Either, anew each time.
    #[default]
    Random,
    /// `init`, then `bind_actions`.
    InitFirst,
    /// `bind_actions`, then `init`.
    BindFirst,
}

/// All switches. `PUT /_emulator/switches` takes any part of this.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Refresh token rotation.
    pub rotation: Rotation,
    /// The token answer carries `server_time`: in the vendor's pages, not in older recorded answers.
    pub server_time: bool,
    /// Status of the answer to an expired code: 400 in most recorded answers, 401 in one.
    pub expired_code_status: u16,
    /// Access tokens name the shard in `api_domain`; those given out before 2024-08-21 do not.
    pub access_token_api_domain: bool,
    /// The keys of an external integration come with `name`, `scopes`, `integration_id` and `account_id`, which
    /// public code reads and the vendor's page does not list.
    pub secrets_extra_fields: bool,
    /// Install hook: sent, lost or doubled.
    pub install_hook: Delivery,
    /// Install hook and callback carry `client_id`: in KO:oauth-20, not in RU:oauth/step-by-step.
    pub install_hook_client_id: bool,
    /// Install hook and callback carry `platform`: in RU:oauth/step-by-step only.
    pub install_hook_platform: bool,
    /// Value of `from_widget`: `1` in practice, `true` in one description.
    pub from_widget: String,
    /// Host spelling.
    pub referer: Referer,
    /// Disconnect hook: sent, lost or doubled.
    pub disconnect_hook: Delivery,
    /// Disconnect hook names the integration `client_id` instead of `client_uuid`; RU:oauth/step-by-step says
    /// both.
    pub disconnect_legacy_name: bool,
    /// `DELETE /api/v4/widgets/{code}` revokes the integration's grants in that account.
    pub widget_delete_kills_token: bool,
    /// `DELETE /api/v4/widgets/{code}` sends the disconnect hook.
    pub widget_delete_fires_hook: bool,
    /// `POST /api/v4/widgets/{code}` sends the install hook.
    pub widget_post_fires_hook: bool,
    /// Disposable tokens carry `is_admin`: PHP reads it, RU:oauth/disposable-tokens does not list it.
    pub disposable_is_admin: bool,
    /// `aud` of disposable tokens keeps the port of the redirect address. PHP's own parser builds it without
    /// (`AmoCRMOAuth.php`), so that is the usual position; other public code keeps it.
    pub disposable_port_in_aud: bool,
    /// Seconds added to the time claims of disposable tokens.
    pub disposable_skew_secs: i64,
    /// Lifetime of disposable tokens in seconds.
    pub disposable_lifetime_secs: i64,
    /// Status of the host an account had before it was renamed: 401 or 404.
    pub former_host_status: u16,
    /// Status of the users API for an external integration, which may not use it; 200 lets it in.
    pub external_users_status: u16,
    /// `current_user_id` of the account follows `X-Context-User-ID`; otherwise it stays the token's owner.
    pub context_is_current_user: bool,
    /// The tariff includes webhooks.
    pub webhooks_in_tariff: bool,
    /// Status of the webhooks API where the tariff does not include it: 402 or 403.
    pub webhooks_refused_status: u16,
    /// Webhooks carry the `account` block, as some of the vendor's samples do and others do not.
    pub webhook_account_block: bool,
    /// Refuse more than 7 requests a second of one integration in one account with 429.
    pub enforce_limits: bool,
    /// Pages: fields before or after Install.
    pub install_mode: InstallMode,
    /// Pages: order of `init` and `bind_actions`.
    pub callback_order: CallbackOrder,
    /// Pages: `render` is called twice.
    pub double_render: bool,
    /// Pages: `advancedSettings` is called on the first visit only.
    pub advanced_settings_once: bool,
    /// Pages: `system().area` of the advanced page is spelt `advanced-settings` instead of `advanced_settings`.
    pub advanced_area_with_dash: bool,
    /// Pages: the settings window has the platform's own checkbox, and Install waits for it.
    pub privacy_checkbox: bool,
    /// Pages: `false` returned by `onSave` stops the save.
    pub on_save_false_stops: bool,
    /// Pages: requests of one widget per second that are nothing to remark on.
    pub widget_requests_per_second: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            rotation: Rotation::Strict,
            server_time: true,
            expired_code_status: 400,
            access_token_api_domain: true,
            secrets_extra_fields: false,
            install_hook: Delivery::Normal,
            install_hook_client_id: true,
            install_hook_platform: true,
            from_widget: "1".to_owned(),
            referer: Referer::Subdomain,
            disconnect_hook: Delivery::Normal,
            disconnect_legacy_name: false,
            widget_delete_kills_token: false,
            widget_delete_fires_hook: false,
            widget_post_fires_hook: false,
            disposable_is_admin: false,
            disposable_port_in_aud: false,
            disposable_skew_secs: 0,
            disposable_lifetime_secs: 1_800,
            former_host_status: 401,
            external_users_status: 403,
            context_is_current_user: true,
            webhooks_in_tariff: true,
            webhooks_refused_status: 402,
            webhook_account_block: true,
            enforce_limits: false,
            install_mode: InstallMode::Legacy,
            callback_order: CallbackOrder::Random,
            double_render: false,
            advanced_settings_once: false,
            advanced_area_with_dash: false,
            privacy_checkbox: false,
            on_save_false_stops: true,
            widget_requests_per_second: 10,
        }
    }
}
