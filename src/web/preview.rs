//! A version as our routes would serve it if it were in force: whoever publishes one looks at it
//! before anybody else can.

use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::web::{Bytes, Data};
use anyhow::anyhow;
use utoipa_actix_web::AppExt as _;

use crate::app::App;
use crate::domain::policies::history::Version;

/// The version that these routes take for the one in force. The routes that are served to others
/// have none.
pub(super) struct Preview(pub Version);

/// What the routes answer to a GET of each path: the same routes that [`super::serve`] serves, with
/// no socket between. actix builds a service to call only in its module for tests, which is part
/// of it like any other.
///
/// # Errors
/// When one of the answers is not a success.
pub async fn answers<const N: usize>(
    app: &Arc<App>,
    version: &Version,
    paths: [String; N],
) -> anyhow::Result<[Bytes; N]> {
    let hosts = app.config.hosts.clone();
    let routes = actix_web::App::new()
        .into_utoipa_app()
        .app_data(Data::from(app.clone()))
        .app_data(Preview(version.clone()))
        .configure(move |routes| super::routes_of(routes, &hosts))
        .into_app();
    let service = init_service(routes).await;
    let mut answers = [const { Bytes::new() }; N];
    for (path, answer) in paths.iter().zip(&mut answers) {
        let request = TestRequest::with_uri(path).to_request();
        let response = try_call_service(&service, request)
            .await
            .map_err(|e| anyhow!("{path}: {e}"))?;
        let status = response.status();
        anyhow::ensure!(status.is_success(), "{path} was answered with {status}");
        let body = to_bytes(response.into_body()).await;
        *answer = body.map_err(|e| anyhow!("{path}: {e}"))?;
    }
    Ok(answers)
}
