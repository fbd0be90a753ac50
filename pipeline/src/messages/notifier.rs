use core::{convert::Infallible, error::Error, future::Future};

use super::event::DeliveryEvent;
use crate::callback_event::CallbackEvent;

/// Tells others of what has been recorded.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::{DeliveryEvent, Notifier};
///
/// struct Printer;
///
/// impl Notifier for Printer {
///     type Error = serde_json::Error;
///
///     async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Self::Error> {
///         for event in events {
///             println!("{}", serde_json::to_string(event)?);
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Notifier: Sync {
    /// Why the events were not taken.
    type Error: Error + Send + Sync + 'static;

    /// Takes the events of one callback, of which there is at least one. After a crash the same
    /// events may follow once more, under the same ids.
    ///
    /// # Errors
    /// When not all of them were taken; the callback stays queued and is processed again.
    fn notify(
        &self,
        events: &[DeliveryEvent<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes what is told of one callback as a whole, by the same rules. Whoever tells of messages
    /// alone passes it over.
    ///
    /// # Errors
    /// When not all of it was taken; the callback stays queued and is processed again.
    fn notify_of_callback(
        &self,
        _events: &[CallbackEvent<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }
}

/// The notifier of those who ask for the state themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoNotifier;

impl Notifier for NoNotifier {
    type Error = Infallible;

    async fn notify(&self, _events: &[DeliveryEvent<'_>]) -> Result<(), Self::Error> {
        Ok(())
    }
}
