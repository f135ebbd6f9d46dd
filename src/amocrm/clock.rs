//! What time it is at amoCRM: the `Date` of whatever a host answers.

use std::time::Duration;

use chrono::DateTime;
use futures_util::future::join_all;
use reqwest::header::DATE;

use super::{Amocrm, Error};
use crate::domain::time::Timestamp;

/// Nobody waits long for this.
const PATIENCE: Duration = Duration::from_secs(5);

impl Amocrm {
    /// The time at each address of the allow-list, to the second. Any answer will do, and what it
    /// says besides is not read.
    pub async fn times(&self) -> Vec<(String, Result<Timestamp, Error>)> {
        let ask = async |origin: String| {
            let told = self.time_at(&origin).await;
            (origin, told)
        };
        join_all(self.hosts.origins().into_iter().map(ask)).await
    }

    async fn time_at(&self, origin: &str) -> Result<Timestamp, Error> {
        let request = self.http.head(format!("{origin}/")).timeout(PATIENCE);
        let answer = request
            .send()
            .await
            .map_err(|e| super::http::unreachable(&e))?;
        answer
            .headers()
            .get(DATE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
            .map(|at| Timestamp::from(at.to_utc()))
            .ok_or(Error::Unreachable("the answer has no Date"))
    }
}
