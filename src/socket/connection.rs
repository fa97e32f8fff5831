//! A TCP connection that can be ended hard, and that ends where nobody reads.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::heads::Heads;

/// A client that takes nothing for so long is gone.
const STALL: Duration = Duration::from_mins(5);
/// How long, and how much, is thrown away for a client that is still sending.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 256 << 20;

/// How a connection ends.
#[derive(Debug, Clone, Default)]
pub struct CloseSwitch(Arc<AtomicU8>);

/// 0 is an orderly end.
const RESET: u8 = 1;
const LINGERING: u8 = 2;

impl CloseSwitch {
    /// From now on the connection ends in a TCP reset.
    pub fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// The client may still be sending what is not read: closed at once, the connection would
    /// be reset, and the answer lost on its way. What comes is thrown away for a moment.
    pub fn linger(&self) {
        self.0.store(LINGERING, Ordering::Relaxed);
    }

    fn is(&self, ending: u8) -> bool {
        self.0.load(Ordering::Relaxed) == ending
    }
}

/// A connection that ends as its [`CloseSwitch`] says.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    switch: CloseSwitch,
    heads: Option<Heads>,
    stall: Option<Pin<Box<Sleep>>>,
    lingering: Option<Lingering>,
}

/// What is still thrown away.
#[derive(Debug)]
struct Lingering {
    over: Pin<Box<Sleep>>,
    bytes: usize,
}

impl Connection {
    /// A connection; small writes go out as they are written.
    #[must_use]
    pub fn new(stream: TcpStream, switch: CloseSwitch) -> Self {
        // Where the option is refused, answers are only later.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            switch,
            heads: None,
            stall: None,
            lingering: None,
        }
    }

    /// Lets `heads` see what arrives.
    #[must_use]
    pub fn seen_by(mut self, heads: Heads) -> Self {
        self.heads = Some(heads);
        self
    }

    /// Ends a write that has been under way for too long.
    fn unless_stalled(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self
            .stall
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(STALL)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Connection {
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Lingering {
            over: Box::pin(tokio::time::sleep(LINGER)),
            bytes: LINGER_BYTES,
        });
        let mut thrown_away = [0; 16 * 1024];
        while lingering.bytes > 0 && lingering.over.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut thrown_away);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            lingering.bytes = lingering.bytes.saturating_sub(buffer.filled().len());
        }
        Poll::Ready(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.switch.is(RESET) {
            // Where the option is refused, the client sees an early end instead.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(heads) = &mut self.heads {
            heads.see(&buffer.filled()[before..]);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.unless_stalled(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.unless_stalled(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.switch.is(RESET) {
            // An orderly shutdown would come before the reset.
            return Poll::Ready(Ok(()));
        }
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        if self.switch.is(LINGERING) {
            ready!(self.poll_linger(context));
        }
        Poll::Ready(Ok(()))
    }
}
