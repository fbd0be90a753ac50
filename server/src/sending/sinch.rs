use std::sync::Arc;

use sinch_callback::UnixSeconds;
use sinch_callback_recovery::sinch::{Account, InvalidAccount, SinchSender};

use super::https::HttpsClient;
use crate::clock::Clock;

/// The time by which tokens expire.
type Now = fn() -> UnixSeconds;

/// Sends by Sinch's Conversation API over HTTPS.
pub type Sinch = SinchSender<Arc<HttpsClient>, Now>;

/// A sender of this account. Tokens expire by the system's clock, whatever clock the receiver has.
///
/// # Errors
/// [`InvalidAccount`].
pub fn sinch_sender(client: Arc<HttpsClient>, account: Account) -> Result<Sinch, InvalidAccount> {
    SinchSender::new(client, || Clock::System.now(), account)
}
