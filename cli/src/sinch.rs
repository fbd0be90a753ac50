//! Where Sinch's API is, for the commands that ask it something.

use std::{path::Path, sync::Arc};

use sinch_callback_recovery::sinch::{Addresses, Region};
use sinch_callback_server::{secrets, sending::HttpsClient};
use zeroize::Zeroizing;

use crate::command_error::CommandError;

/// The client of all calls.
pub(crate) fn client() -> Arc<HttpsClient> {
    Arc::new(HttpsClient::new())
}

/// The Conversation API of a region, or what stands in for it.
pub(crate) fn addresses(region: Region, url: Option<&str>) -> Result<Addresses, CommandError> {
    url.map_or_else(
        || Ok(Addresses::of(region)),
        |url| {
            Addresses::at(url)
                .map_err(|error| CommandError::Misuse(format!("--sinch-url: {error}")))
        },
    )
}

/// The text of a file that holds a credential.
pub(crate) fn credential(path: &Path) -> Result<Zeroizing<String>, CommandError> {
    let text = secrets::text_of_file(path)?;
    let bytes = text.bytes.to_vec();
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| CommandError::Misuse(format!("{} is not UTF-8", path.display())))
}
