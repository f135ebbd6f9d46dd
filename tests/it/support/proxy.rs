//! What stands between us and a server, and may stop passing things on without a word.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A running proxy.
pub struct Proxy {
    pub port: u16,
    speaks: watch::Sender<bool>,
}

impl Proxy {
    /// Passes on what comes and goes to `server` (`host:port`).
    pub async fn start(server: String) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let (speaks, heard) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((client, _)) = socket.accept().await {
                let (server, heard) = (server.clone(), heard.clone());
                tokio::spawn(async move {
                    let server = TcpStream::connect(server).await.unwrap();
                    let ((from, to), (back, out)) = (client.into_split(), server.into_split());
                    tokio::join!(pass(from, out, heard.clone()), pass(back, to, heard));
                });
            }
        });
        Self { port, speaks }
    }

    /// Whether anything is passed on from now on. Connections stay as they are.
    pub fn speaks(&self, speaks: bool) {
        self.speaks.send(speaks).unwrap();
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut heard: watch::Receiver<bool>) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if heard.wait_for(|speaks| *speaks).await.is_err()
            || to.write_all(&bytes[..read]).await.is_err()
        {
            return;
        }
    }
}
