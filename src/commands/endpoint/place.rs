//! Where an endpoint is, before it is added: what is never called is refused, what an operator
//! may not have meant is said.

use std::time::Duration;

use anyhow::bail;
use url::Url;

use crate::domain::addresses::reach::{self, Reach};
use crate::outbound;

/// How long a name may take to resolve; one that does not is added all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at the address and at where its name leads now. `here`: this machine is meant.
///
/// # Errors
/// When nothing would be sent there.
pub(super) async fn check(url: &Url, here: bool) -> anyhow::Result<()> {
    if let Some(reach) = reach::of_url(url) {
        return judge(reach, here, "--url");
    }
    let name = url.host_str().unwrap_or_default();
    let found = tokio::time::timeout(PATIENCE, outbound::system()(name.to_owned())).await;
    let Ok(Ok(found)) = found else {
        tracing::warn!("{name} does not resolve now: events wait until it does");
        return Ok(());
    };
    let places: Vec<Reach> = found.into_iter().map(reach::of).collect();
    let callable = |reach: &&Reach| matches!(reach, Reach::World | Reach::Private);
    match places.iter().find(callable).or(places.first()) {
        Some(reach) => judge(*reach, here, name),
        None => Ok(()),
    }
}

fn judge(reach: Reach, here: bool, name: &str) -> anyhow::Result<()> {
    match reach {
        Reach::Never(what) => bail!("{name} leads to {what}: nothing is sent there"),
        Reach::Here if !here => bail!(
            "{name} is on this very machine, and ACCORD_PUBLIC_URL is not: say --loopback with a loopback address if that is meant"
        ),
        Reach::Private => {
            tracing::warn!("{name} is in a private network: make sure that it is yours");
            Ok(())
        }
        Reach::Here | Reach::World => Ok(()),
    }
}
