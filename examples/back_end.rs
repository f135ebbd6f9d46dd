//! A Product's back end that serves an account only while it is entitled (docs/back-ends.md).

use std::{env, error::Error, net::TcpListener, time::Duration};

use actix_web::web::{Data, Path};
use actix_web::{App, HttpResponse, HttpServer, dev::Server, error, get};

struct Accord(reqwest::Client, String, String);

#[get("/report/{account_id}")]
async fn report(accord: Data<Accord>, account: Path<i64>) -> actix_web::Result<HttpResponse> {
    let Accord(http, product, key) = accord.as_ref();
    let address = format!("{product}/accounts/{account}/standing");
    let answer = http.get(address).bearer_auth(key).send().await;
    // Who cannot be asked about is refused: entitlement is never guessed.
    let unknown = |_| error::ErrorServiceUnavailable("try again later");
    let answer = answer.and_then(|a| a.error_for_status()).map_err(unknown)?;
    let standing: serde_json::Value = answer.json().await.map_err(unknown)?;
    if standing["entitled"] != true {
        return Ok(HttpResponse::Forbidden().json(&standing["reason"]));
    }
    Ok(HttpResponse::Ok().body("what the account may use"))
}

/// Serves on a socket; `product` is like `http://localhost:8080/v1/products/demo`.
pub fn serve(socket: TcpListener, product: String, key: String) -> Result<Server, Box<dyn Error>> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5));
    let accord = Data::new(Accord(http.build()?, product, key));
    let server = HttpServer::new(move || App::new().app_data(accord.clone()).service(report));
    Ok(server.workers(1).listen(socket)?.run())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let product = env::var("ACCORD_PRODUCT")?;
    let socket = TcpListener::bind(env::var("LISTEN")?)?;
    Ok(serve(socket, product, env::var("ACCORD_KEY")?)?.await?)
}
