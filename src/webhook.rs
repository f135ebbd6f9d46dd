//! Tells a back end of an event: one POST, any 2xx within 15 s is an answer.

use std::time::Duration;

use reqwest::Client;
use url::Url;

use crate::domain::addresses::is_loopback;
use crate::domain::time::Timestamp;
use crate::outbound::{self, Allow, Lookup};

/// How long an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends events. Follows no redirect: what is signed for one address is for no other. An
/// address is judged again with each connection.
#[derive(Clone, Debug)]
pub struct Sender {
    outside: Client,
    here: Client,
}

/// Why a message was not taken, in a few words that name no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The endpoint answered, but with no 2xx: this message is no good to it now.
    Refused(String),
    /// There was no answer: no message will get through now.
    Down(String),
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub at: Timestamp,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: &'a str,
}

impl Sender {
    /// A sender; `lookup` resolves names, `allow` says which addresses may be called.
    ///
    /// # Errors
    /// When no TLS can be set up.
    pub fn new(lookup: Lookup, allow: Allow) -> anyhow::Result<Self> {
        let client = || outbound::client(lookup.clone(), allow).timeout(PATIENCE);
        Ok(Self {
            outside: client().build()?,
            // Nobody between us and this machine.
            here: client().no_proxy().build()?,
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Fault`], by whether there was an answer.
    pub async fn send(&self, url: &Url, message: &Message<'_>) -> Result<(), Fault> {
        outbound::check_literal(url).map_err(|why| Fault::Down(why.to_string()))?;
        let client = if is_loopback(url) {
            &self.here
        } else {
            &self.outside
        };
        let answer = client
            .post(url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.at.secs())
            .header("webhook-signature", &message.signature)
            .body(message.body.to_owned())
            .send()
            .await;
        let down = |why: &str| Err(Fault::Down(why.to_owned()));
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                Err(Fault::Refused(format!("it answered {status}")))
            }
            Err(e) if let Some(why) = outbound::forbidden(&e) => down(&why.to_string()),
            Err(e) if e.is_timeout() => down("it did not answer within 15 s"),
            Err(e) if e.is_connect() => down("it cannot be reached"),
            Err(_) => down("the connection broke"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::{Arc, Mutex};

    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Names lead where the list says, one entry for each time somebody asks.
    fn rebinding(answers: &[&[&str]]) -> Lookup {
        let ips = |list: &&[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
        let mut left: Vec<Vec<IpAddr>> = answers.iter().rev().map(ips).collect();
        let next = Mutex::new(move || left.pop().unwrap());
        Arc::new(move |_| {
            let found = (next.lock().unwrap())();
            async move { Ok(found) }.boxed()
        })
    }

    /// Somebody who takes one message, and how many were taken.
    async fn listener() -> u16 {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut call, _)) = socket.accept().await {
                let mut buffer = [0; 4096];
                let _ = call.read(&mut buffer).await;
                let answer = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                let _ = call.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    async fn send(sender: &Sender, url: &str) -> Result<(), Fault> {
        let message = Message {
            id: "1".to_owned(),
            at: Timestamp::from_secs(1),
            signature: "v1,x".to_owned(),
            body: "{}",
        };
        sender.send(&Url::parse(url).unwrap(), &message).await
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads_now() {
        let answers: [&[&str]; 4] = [
            &["127.0.0.1"],
            &["169.254.169.254"],
            &["fd00:ec2::254", "::ffff:169.254.169.254"],
            &["169.254.169.254", "127.0.0.1"],
        ];
        let sender = Sender::new(rebinding(&answers), Allow::Here).unwrap();
        let url = format!("http://hooks.example:{}/x", listener().await);
        assert_eq!(send(&sender, &url).await, Ok(()));
        for _ in 0..2 {
            let Err(Fault::Down(why)) = send(&sender, &url).await else {
                panic!("it was sent to the cloud's metadata");
            };
            assert!(why.contains("metadata"), "{why}");
        }
        assert_eq!(
            send(&sender, &url).await,
            Ok(()),
            "the address that may be called"
        );
    }

    #[tokio::test]
    async fn this_machine_is_called_only_where_the_address_says_so() {
        let answers: [&[&str]; 2] = [&["127.0.0.1"], &["::1"]];
        let sender = Sender::new(rebinding(&answers), Allow::Outside).unwrap();
        let port = listener().await;
        for _ in 0..2 {
            let Err(Fault::Down(why)) =
                send(&sender, &format!("http://hooks.example:{port}/")).await
            else {
                panic!("a name of the world led here");
            };
            assert!(why.contains("this very machine"), "{why}");
        }
        for plainly in ["127.0.0.1", "localhost", "reports.localhost"] {
            let url = format!("http://{plainly}:{port}/");
            assert_eq!(send(&sender, &url).await, Ok(()), "{plainly}");
        }
        for never in [
            "http://169.254.169.254/",
            "http://[::ffff:169.254.169.254]/",
            "http://0.0.0.0/",
        ] {
            assert!(
                matches!(send(&sender, never).await, Err(Fault::Down(_))),
                "{never}"
            );
        }
    }
}
