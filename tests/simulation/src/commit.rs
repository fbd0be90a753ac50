use core::{convert::Infallible, sync::atomic::AtomicU64};

use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, EventFilter,
    messages::{Change, Changed, Message, ReadCallback, Transaction},
};

use crate::{
    Safeguard,
    log::{Log, Told, Written, decide},
    queue::Sending,
    schedule::Millis,
};

/// What the embedded host writes as it accepts a callback: nothing of it is there before all of it is
/// committed.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) writes: Vec<Written>,
    pub(crate) events: Vec<Told>,
    pub(crate) has_body: bool,
}

impl Commit {
    /// What the real code writes for a callback that is applied at once.
    pub(crate) fn of(
        sending: &Sending,
        log: &Log,
        now: Millis,
        without: Option<Safeguard>,
        ids: &AtomicU64,
    ) -> Self {
        let envelope = Envelope::decode(&sending.text).expect("the receiver has written it");
        let mut open = Open {
            commit: Self::default(),
            log,
            now,
            without,
            ids,
        };
        let Ok(_processed) = ReadCallback::of(&envelope).apply(&mut open, Some(EventFilter::All));
        open.commit
    }
}

/// A commit in the making.
struct Open<'l> {
    commit: Commit,
    log: &'l Log,
    now: Millis,
    without: Option<Safeguard>,
    ids: &'l AtomicU64,
}

impl Transaction for Open<'_> {
    type Error = Infallible;

    /// No callback names a message twice, so what is read is what has been committed.
    fn update(
        &mut self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change,
    ) -> Result<Changed, Infallible> {
        let found = self.log.read(message_id, self.now);
        let (changed, written) = decide(self.without, found, change);
        self.commit.writes.extend(written);
        Ok(changed)
    }

    fn keep_event(&mut self, event: &DeliveryEvent<'_>) -> Result<(), Infallible> {
        let told = Told::of(event, self.without, self.ids);
        self.commit.events.push(told);
        Ok(())
    }

    fn keep_body(&mut self) -> Result<(), Infallible> {
        self.commit.has_body = true;
        Ok(())
    }
}
