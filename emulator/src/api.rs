//! The API of an account, version 4, with the corners that clients rely on.

use actix_web::web;

/// Mounts the addresses of this module.
pub fn configure(_config: &mut web::ServiceConfig) {}
