//! A message that was sent, and what has become of it.

use sinch_callback_server::clock;

use super::scenario::Report;

/// One message to one recipient.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) id: String,
    /// The batch that it is of, where it was sent by the SMS API.
    pub(super) batch: Option<Batch>,
    pub(super) project: String,
    pub(super) app_id: String,
    pub(super) conversation_id: String,
    pub(super) contact_id: String,
    pub(super) channel: String,
    pub(super) identity: String,
    pub(super) correlation_id: String,
    pub(super) metadata: String,
    pub(super) callback_url: String,
    pub(super) accepted_at_ms: u64,
    /// The last report by the scenario's times, whether its callback was lost or not, and when it was
    /// made.
    pub(super) last: Option<(Report, u64)>,
}

/// What a message has of its batch.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) client_reference: String,
    /// Whether each recipient's report is called back.
    pub(super) calls_back: bool,
}

impl Sent {
    /// Keeps what is reported. Two reports that are due at once are made in any order.
    pub(super) fn report(&mut self, report: &Report) {
        let is_later = |(last, _): &(Report, u64)| last.after > report.after;
        if !self.last.as_ref().is_some_and(is_later) {
            self.last = Some((report.clone(), clock::unix_millis()));
        }
    }
}
