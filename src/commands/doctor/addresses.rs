//! Whether the addresses of every Product lead to this service, as amoCRM and browsers see it.
//!
//! Each is asked without any parameter, which changes nothing: the service says that one is
//! missing, and its answer names the public address it believes in.

use std::io::Write;
use std::time::Duration;

use serde::Deserialize;

use crate::actions::products::disconnect_uri;
use crate::config::Config;
use crate::domain::products::Product;
use crate::outbound::{self, Allow};

/// How long an address may take. amoCRM waits three seconds for the hook.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the service answers a hook that says nothing.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    code: String,
}

/// Asks each address; tells what is wrong.
pub(super) async fn check(
    out: &mut dyn Write,
    config: &Config,
    products: &[Product],
) -> anyhow::Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    // Where the operator's own names lead is the operator's business.
    let client = outbound::client(outbound::system(), Allow::Here).timeout(PATIENCE);
    let client = if config.on_loopback() {
        client.no_proxy().build()?
    } else {
        client.build()?
    };
    for product in products {
        let code = &product.code;
        for (what, address) in [
            ("redirect URI", product.redirect_uri.clone()),
            ("disconnect hook", disconnect_uri(&config.public_url, code)),
        ] {
            match ask(&client, config, &address).await {
                Ok(()) => writeln!(
                    out,
                    "ok: the {what} of product {code} leads here: {address}"
                )?,
                Err(fault) => writeln!(
                    out,
                    "warning: the {what} of product {code}, {address}: {fault}"
                )?,
            }
        }
        hosts(out, config, product)?;
    }
    Ok(())
}

async fn ask(client: &reqwest::Client, config: &Config, address: &str) -> Result<(), String> {
    let answer = client.get(address).send().await.map_err(|e| {
        if e.is_timeout() {
            "it did not answer within 3 s, and amoCRM does not wait longer".to_owned()
        } else if e.is_connect() {
            "it cannot be reached: is the service running, and does the proxy lead to it?"
                .to_owned()
        } else {
            "the connection broke".to_owned()
        }
    })?;
    let status = answer.status();
    if status.is_redirection() {
        return Err(format!("it answers {status}: amoCRM follows no redirect"));
    }
    let body = answer.bytes().await.unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&body)
        .map_err(|_| format!("something else answers there ({status})"))?;
    match problem.code.as_str() {
        "unknown-product" => {
            Err("a service answers there that does not know the product".to_owned())
        }
        "malformed"
            if problem
                .kind
                .starts_with(&format!("{}/docs/errors/", config.public_url)) =>
        {
            Ok(())
        }
        "malformed" => Err("a service with another ACCORD_PUBLIC_URL answers there".to_owned()),
        other => Err(format!("it answers {status} {other}")),
    }
}

/// Whether a Product has accounts anywhere.
fn hosts(out: &mut dyn Write, config: &Config, product: &Product) -> anyhow::Result<()> {
    let code = &product.code;
    let hosts = product.hosts_among(&config.hosts).origins();
    match &product.hosts {
        Some(own) if own.origins() != hosts => writeln!(
            out,
            "warning: product {code} is offered at {}, which AMOCRM_HOSTS does not hold as a whole: accord product set-hosts",
            own.origins().join(", ")
        )?,
        None if config.hosts.span_platforms() => writeln!(
            out,
            "warning: product {code} was added without --hosts: its secret may go to {}, and an integration lives on one platform: accord product set-hosts",
            hosts.join(", ")
        )?,
        Some(_) | None => {}
    }
    Ok(())
}
