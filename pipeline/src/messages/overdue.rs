use std::sync::Arc;

use sinch_callback::UnixSeconds;

use super::{
    event::DeliveryEvent, message::Message, notifier::Notifier, port::Messages,
    process::ProcessError,
};

/// Tells that a message is overdue where it is by `heard_until`, the moment up to which everything
/// that Sinch reported has been applied ([`heard_until`](crate::listening::Listening::heard_until)): for a host
/// whose events are not kept in the commit that changes a message. What a store's index of dues finds
/// is given here; a message that has ended meanwhile, or is not due yet, is not told.
///
/// What is said is written before it is told, and taken off the index behind it: whoever crashes
/// between the two tells the same once more, under the same id. Gives how many events were told.
///
/// # Errors
/// [`ProcessError`]; the message stays due, and is to be told again.
pub async fn tell_overdue<S: Messages, N: Notifier>(
    messages: &S,
    notifier: &N,
    message_id: &str,
    heard_until: UnixSeconds,
) -> Result<usize, ProcessError<S::Error, N::Error>> {
    let begun = messages
        .update(message_id, move |found| {
            Message::begin_overdue(found, heard_until)
        })
        .await
        .map_err(ProcessError::Store)?;
    let overdue = begun.overdue.iter();
    let events: Vec<_> = overdue
        .filter_map(|due| DeliveryEvent::overdue(message_id, due))
        .collect();
    if events.is_empty() {
        return Ok(0);
    }
    let told = notifier.notify(&events).await;
    told.map_err(ProcessError::Notify)?;
    let keys: Arc<[_]> = begun.overdue.iter().map(|due| due.key).collect();
    messages
        .update(message_id, move |found| Message::end_overdue(found, &keys))
        .await
        .map_err(ProcessError::Store)?;
    Ok(events.len())
}
