use core::{future::Future, time::Duration};

/// What runs tasks and lets time pass, so that what waits and goes on behind requests can be tried
/// in a world whose time is not ours.
pub trait Runtime: Send + Sync + 'static {
    /// Comes to its end after this time.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Runs a task behind whoever asks, to its end. Does not begin with it at once.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

/// The runtime of hosts on tokio.
#[cfg(feature = "tokio")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

#[cfg(feature = "tokio")]
impl Runtime for Tokio {
    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}
