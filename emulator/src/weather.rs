//! What every request passes through: faults on demand, and the note that it came.

use std::time::Duration;

use crate::faults::FaultKind;
use crate::host::{self, problem};
use crate::records::{self, RequestRecord};
use crate::world::World;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

/// Marks the second coming of a doubled request, which no further fault may hit.
const COPY: &str = "X-Emulator-Copy";

/// Carries out a waiting fault, or lets the request through; notes it either way.
pub async fn pass(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(world) = request.app_data::<web::Data<World>>().cloned() else {
        return next
            .call(request)
            .await
            .map(ServiceResponse::map_into_boxed_body);
    };
    let method = request.method().to_string();
    let path = request.path().to_owned();
    let mut record = RequestRecord {
        at: world.now_secs(),
        method: method.clone(),
        host: request.connection_info().host().to_owned(),
        path: path.clone(),
        status: 0,
        user_agent: header_text(&request, header::USER_AGENT),
    };
    let controlled = path.starts_with("/_emulator");
    let fault = if controlled || request.headers().contains_key(COPY) {
        None
    } else {
        world.take_fault(&method, &path, || {
            host::account_of(&world, request.request())
        })
    };
    let lost = fault == Some(FaultKind::Lost);
    let response = match fault.map(|kind| bad_day(&kind).ok_or(kind)) {
        Some(Ok(answer)) => request.into_response(answer),
        Some(Err(kind)) => {
            match kind {
                FaultKind::SlowMs { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
                FaultKind::Held => world.holds.hold().await,
                FaultKind::Duplicated => send_copy(&world, &mut request).await?,
                _ => {}
            }
            next.call(request).await?.map_into_boxed_body()
        }
        None => next.call(request).await?.map_into_boxed_body(),
    };
    record.status = response.status().as_u16();
    if !controlled {
        world.change(|state| records::remember(&mut state.requests, record));
    }
    Ok(if lost { broken(response) } else { response })
}

/// The answer of faults that never reach the handler.
fn bad_day(kind: &FaultKind) -> Option<HttpResponse> {
    Some(match kind {
        FaultKind::Status { status } => problem(*status, "Asked for by a fault"),
        FaultKind::ForbiddenText => HttpResponse::Forbidden()
            .content_type("text/plain")
            .body("403 Forbidden"),
        FaultKind::TooManyJson => problem(429, "Too many requests"),
        FaultKind::TooManyText => HttpResponse::TooManyRequests()
            .content_type("text/plain")
            .body("Too many requests"),
        FaultKind::Html => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body("<!doctype html><title>Works in progress</title><p>Please come back later."),
        FaultKind::SlowMs { .. } | FaultKind::Held | FaultKind::Lost | FaultKind::Duplicated => {
            return None;
        }
    })
}

/// Carries the request out once more, ahead of itself.
async fn send_copy(world: &World, request: &mut ServiceRequest) -> Result<(), Error> {
    let body = request.extract::<web::Bytes>().await?;
    let url = format!("http://127.0.0.1:{}{}", world.port(), request.uri());
    let method = Method::as_str(request.method());
    if let Ok(method) = reqwest::Method::from_bytes(method.as_bytes()) {
        let mut copy = world
            .client
            .request(method, url)
            .header(COPY, "1")
            .body(body.clone());
        for (name, value) in request.headers() {
            if name != header::CONTENT_LENGTH && name != header::CONNECTION {
                copy = copy.header(name.as_str(), value.as_bytes());
            }
        }
        if let Err(error) = copy.send().await {
            tracing::warn!(%error, "the copy of a request failed");
        }
    }
    request.set_payload(actix_web::dev::Payload::from(body));
    Ok(())
}

/// The same answer with a body that breaks off, so that the client never learns the outcome.
fn broken(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let cut = futures_util::stream::once(async {
        Err::<web::Bytes, _>(std::io::Error::other("the answer was lost"))
    });
    let request = response.request().clone();
    ServiceResponse::new(request, HttpResponse::Ok().streaming(cut))
}

fn header_text(request: &ServiceRequest, name: header::HeaderName) -> String {
    let value = request.headers().get(name);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().chars().take(200).collect()
}
