//! The tables as sea-orm sees them. Nothing outside `store` names these types.

pub mod burned_token;
pub mod checkpoint;
pub mod consent;
pub mod consent_state;
pub mod contact;
pub mod counter;
pub mod disconnect_hook;
pub mod endpoint;
pub mod endpoint_secret;
pub mod event;
pub mod event_delivery;
pub mod grant_offer;
pub mod install;
pub mod job;
pub mod keyring;
pub mod letter;
pub mod link;
pub mod notice_ack;

pub mod policy_discard;
pub mod policy_posting;
pub mod policy_text;
pub mod policy_version;
pub mod product;
pub mod product_secret;
pub mod removal;
pub mod request;
pub mod signing_key;
pub mod subject;
pub mod token_pair;
pub mod used_state;
pub mod worker_note;
