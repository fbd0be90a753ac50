use core::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use std::{io, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    runtime::Handle,
};

use super::connections::Connection;

/// A connection with a lingering close: its peer can read the answer to the end.
///
/// Closing a socket that holds unread bytes resets the connection, and the reset can overtake the
/// answer: whoever sends too much would never learn why it was refused. So the answer's end is told,
/// and what still comes is read and thrown away for a moment, until the peer has closed too. Whether
/// something has come yet says nothing about what is on its way.
///
/// It keeps its place among the connections meanwhile. One that is closed to make room is reset.
pub(crate) struct Linger {
    stream: Option<TcpStream>,
    connection: Arc<Connection>,
    /// The peer has closed or is gone: nothing can come any more.
    peer_ended: bool,
}

/// The most that is read behind an answer. Our own choice.
const MAX_BYTES: usize = 4 << 20;
/// How long is read behind an answer, in all. Our own choice.
const MAX_TIME: Duration = Duration::from_secs(2);

impl Linger {
    pub(crate) const fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self {
            stream: Some(stream),
            connection,
            peer_ended: false,
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Pin::new(stream))
    }
}

impl Drop for Linger {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else {
            return;
        };
        if !self.peer_ended
            && !self.connection.is_closing()
            && let Ok(runtime) = Handle::try_current()
        {
            let connection = Arc::clone(&self.connection);
            runtime.spawn(async move {
                tokio::select! {
                    () = connection.closing() => {}
                    _ = tokio::time::timeout(MAX_TIME, read_out(stream)) => {}
                }
            });
        }
    }
}

async fn read_out(mut stream: TcpStream) {
    // Tells the peer that nothing follows the answer, so that one that waits for the end closes.
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut rest = MAX_BYTES;
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
        rest = rest.saturating_sub(count);
        if rest == 0 {
            return;
        }
    }
}

impl AsyncRead for Linger {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        let read = ready!(self.stream()?.poll_read(context, buffer));
        self.peer_ended |= read.is_err() || (room > 0 && buffer.remaining() == room);
        Poll::Ready(read)
    }
}

impl AsyncWrite for Linger {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}
