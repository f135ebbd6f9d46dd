//! A connection on which nobody can talk us full: a mail server, or whoever sits before it, may
//! answer each thing we say with 64 KiB and no more.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that are read between two things we say.
const MOST: usize = 64 * 1024;

/// The other side goes on and on.
#[derive(Debug)]
pub(super) struct Endless;

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its answer does not end")
    }
}

impl std::error::Error for Endless {}

/// A stream with a ceiling.
#[derive(Debug)]
pub(super) struct Ceiling<S> {
    stream: S,
    peer: SocketAddr,
    /// Bytes read since we last wrote.
    heard: usize,
}

impl<S> Ceiling<S> {
    /// Nothing was read yet.
    pub fn over(stream: S, peer: SocketAddr) -> Self {
        Self {
            stream,
            peer,
            heard: 0,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Ceiling<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.heard += buf.filled().len() - before;
        Poll::Ready(if self.heard > MOST {
            Err(io::Error::other(Endless))
        } else {
            Ok(())
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Ceiling<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard = 0;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S> AsyncTokioStream for Ceiling<S>
where
    S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug,
{
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}
