use core::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use std::{io, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use super::{connections::Connection, linger::Linger};

/// A connection's bytes, which take room as they arrive, and answers that do not wait for ever for a
/// peer that does not read them.
pub(crate) struct Wire {
    stream: Linger,
    connection: Arc<Connection>,
    /// Something was read that has not been answered.
    asked: bool,
    /// Runs while the peer takes nothing.
    stuck: Option<Pin<Box<Sleep>>>,
    /// How long a peer may take nothing of an answer.
    limit: Duration,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>, limit: Duration) -> Self {
        Self {
            stream: Linger::new(stream, Arc::clone(&connection)),
            connection,
            asked: false,
            stuck: None,
            limit,
        }
    }

    /// What becomes of a write, which fails where the peer has taken nothing for too long.
    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        write: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if write.is_ready() {
            self.stuck = None;
            return write;
        }
        let limit = self.limit;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stuck.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn answers(&mut self) {
        if self.asked && self.connection.answered() {
            self.asked = false;
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // It ends with the answer that says so, or at once; in neither case does it take more.
        if self.connection.is_closing() {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().len().saturating_sub(before);
        if read > 0 {
            self.asked = true;
            self.connection.read(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.answers();
        let write = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, write)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.answers();
        let write = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(context, write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
