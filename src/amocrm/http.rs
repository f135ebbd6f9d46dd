//! The HTTP client and the reading of answers.

use reqwest::{Client, Response, StatusCode};

use super::{Error, answers};
use crate::domain::hosts::Hosts;
use crate::outbound::{self, Allow};

/// The largest answer we read: a page of 250 widgets is well below.
const LARGEST: usize = 1 << 20;

/// A client that follows no redirect and resolves `*.localhost` without DNS (RFC 6761).
pub(super) fn client(hosts: &Hosts) -> anyhow::Result<Client> {
    // The allow-list names them, so where they lead is the operator's word.
    let mut builder = outbound::client(outbound::system(), Allow::Here);
    if hosts.all_loopback() {
        builder = builder.no_proxy();
    }
    Ok(builder.build()?)
}

/// An answer, read whole.
pub(super) struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Whether it says it is JSON of any kind.
    pub json: bool,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub async fn to(request: reqwest::RequestBuilder) -> Result<Self, Error> {
        let response = request.send().await.map_err(|e| unreachable(&e))?;
        let status = response.status();
        let json = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| {
                v.split(';')
                    .next()
                    .is_some_and(|t| t.trim().ends_with("json"))
            });
        Ok(Self {
            status,
            json,
            body: read(response).await?,
        })
    }

    /// Turns everything but a 2xx into what it means.
    pub fn ok(self) -> Result<Self, Error> {
        let status = self.status.as_u16();
        if matches!(status, 200..=299) {
            return Ok(self);
        }
        Err(answers::of_api(status, self.json))
    }

    /// Reads the body of a good answer.
    pub fn parse<T: serde::de::DeserializeOwned>(self) -> Result<T, Error> {
        let answer = self.ok()?;
        // Under load amoCRM may answer 200 with a page.
        serde_json::from_slice(&answer.body).map_err(|_| Error::OutOfOrder(answer.status.as_u16()))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| unreachable(&e))? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Error::Unreachable("the answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The kind of failure only: reqwest's own text would repeat the address.
pub(super) fn unreachable(e: &reqwest::Error) -> Error {
    Error::Unreachable(if e.is_timeout() {
        "timed out"
    } else if e.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    })
}
