//! The upper limit of scripts/bench: actix-web with a fixed answer, bare or behind the verification
//! of an HS256 token and of nothing else. `comparison-limit bare|token PORT AUDIENCE SECRET`.

use std::io::Error;

use actix_web::http::header::ContentType;
use actix_web::web::{Data, get};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

const ANSWER: &str = r#"{"install":"active","generation":1,"authorization":"ok","entitled":true}"#;

/// What the door of ours reads from a token too.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read for what reading costs")]
struct Claims {
    iss: String,
    jti: String,
    iat: i64,
    account_id: i64,
    user_id: i64,
    client_uuid: String,
}

struct Proof {
    key: DecodingKey,
    validation: Validation,
}

impl Proof {
    fn new(audience: &str, secret: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[audience]);
        validation.validate_nbf = true;
        Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        }
    }

    fn holds(&self, request: &HttpRequest) -> bool {
        let token = request.headers().get("X-Auth-Token");
        token
            .and_then(|t| t.to_str().ok())
            .is_some_and(|t| decode::<Claims>(t, &self.key, &self.validation).is_ok())
    }
}

fn answer() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(ANSWER)
}

async fn bare() -> HttpResponse {
    answer()
}

async fn verified(request: HttpRequest, proof: Data<Proof>) -> HttpResponse {
    if proof.holds(&request) {
        answer()
    } else {
        HttpResponse::Unauthorized().finish()
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, port, audience, secret] = args.as_slice() else {
        return Err(Error::other(
            "comparison-limit bare|token PORT AUDIENCE SECRET",
        ));
    };
    let port: u16 = port.parse().map_err(Error::other)?;
    let proof = Data::new(Proof::new(audience, secret));
    let checks = kind == "token";
    let server = HttpServer::new(move || {
        let app = App::new().app_data(proof.clone());
        let app = app.route("/healthz", get().to(bare));
        if checks {
            app.route("/widget/v1/standing", get().to(verified))
        } else {
            app.route("/widget/v1/standing", get().to(bare))
        }
    });
    let cores = std::thread::available_parallelism()?.get();
    server.workers(cores).bind(("127.0.0.1", port))?.run().await
}
