//! A small amoCRM on this machine: OAuth, hooks, API and the account's pages.
//!
//! It knows nothing of the service that is developed against it and speaks only HTTP, so that a shared
//! misunderstanding cannot make a test green. Nothing here leaves the machine.
//!
//! Handlers get the world as `actix_web::web::Data<World>`; a test holds the same one from [`Emulator::world`].
//!
//! Comments name the source that a behaviour was modelled on: `RU:x` is the vendor's page
//! `https://www.amocrm.ru/developers/content/x`, `KO:x` is `https://developers.kommo.com/docs/x`, `PHP` is the
//! vendor's own client `github.com/amocrm/amocrm-api-php`. FIELD marks what no vendor page says and only
//! public code or its issues show; what is open or contradictory is a switch ([`Switches`]).

pub mod account;
pub mod api;
pub mod authority;
pub mod authorize;
pub mod clock;
pub mod control;
pub mod deliveries;
pub mod door;
pub mod external;
pub mod faults;
pub mod grants;
pub mod holds;
pub mod hooks;
pub mod host;
pub mod installs;
pub mod jwt;
pub mod manifest;
pub mod model;
pub mod oauth;
pub mod page;
pub mod places;
pub mod records;
pub mod server;
pub mod switches;
pub mod weather;
pub mod world;

pub use door::TlsOptions;
pub use faults::{Fault, FaultKind};
pub use model::{
    Account, InstallStatus, Integration, IntegrationKind, Platform, User, Webhook, WidgetInstall,
};
pub use server::{Emulator, Options};
pub use switches::{CallbackOrder, Delivery, InstallMode, Referer, Rotation, Switches};
pub use world::World;
