use core::{fmt, future::Future, pin::Pin, task::Poll};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sinch_callback::{Rules, SignedHeaders, UnixSeconds};
use sinch_callback_pipeline::{
    Arrival, Envelope, Handoff, Receiver, Verdict,
    messages::{Intake, ReadCallback, take_in},
};

use crate::{
    Safeguard, background::Background, board::Board, guard::Guard, queue::Sending,
    secrets::Secrets, sinch::Request,
};

/// A host of the real receiver, and the callbacks that it is at.
pub(crate) struct ReceiverHost {
    board: Board<(Way, Sending), bool>,
    background: Background,
    receiver: Arc<Receiver<Secrets, QueuePort, Guard>>,
    tasks: BTreeMap<u64, Pin<Box<dyn Future<Output = Verdict> + Send>>>,
    /// Those that wait for secrets.
    waiting: BTreeSet<u64>,
}

/// Which way a callback is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Applied in the commit that accepts it.
    Applied,
    /// Queued.
    Queued,
}

/// Where a task has stopped.
pub(crate) enum Stopped {
    AtHandoff(Way, Sending),
    Ended(Verdict),
}

impl ReceiverHost {
    /// `is_embedded` where queue and messages lie in one store.
    pub(crate) fn new(
        secrets: Secrets,
        guard: Guard,
        rules: Rules,
        is_embedded: bool,
        without: Option<Safeguard>,
    ) -> Self {
        let board = Board::new();
        let queue = QueuePort {
            board: board.clone(),
            is_embedded,
            without,
        };
        Self {
            board,
            background: secrets.background(),
            receiver: Arc::new(Receiver::new(secrets, queue, rules).with_guard(guard)),
            tasks: BTreeMap::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Begins with a request. `task` is its number, and so its request id.
    pub(crate) fn start(
        &mut self,
        task: u64,
        request: Arc<Request>,
        now: UnixSeconds,
    ) -> Option<Stopped> {
        let receiver = Arc::clone(&self.receiver);
        self.tasks.insert(
            task,
            Box::pin(async move {
                let request_id = task.to_string();
                let headers = SignedHeaders::collect(request.pairs());
                let arrival = Arrival::new(headers, &request.body, now, &request_id);
                receiver.receive(arrival).await
            }),
        );
        self.poll(task)
    }

    /// Goes on with a task whose hand-off has an answer; `None` where it has died with its host.
    pub(crate) fn resume(&mut self, task: u64, handed_off: bool) -> Option<Stopped> {
        if !self.tasks.contains_key(&task) {
            return None;
        }
        self.board.answer(handed_off);
        self.poll(task)
    }

    /// Goes on behind the requests, and with those that wait for secrets: where they have stopped.
    pub(crate) fn go_on(&mut self) -> Vec<(u64, Stopped)> {
        self.background.go_on();
        let waiting = core::mem::take(&mut self.waiting);
        let stopped = waiting.into_iter();
        stopped
            .filter_map(|task| Some((task, self.poll(task)?)))
            .collect()
    }

    fn poll(&mut self, task: u64) -> Option<Stopped> {
        let future = self.tasks.get_mut(&task)?;
        match self.background.poll(future) {
            Poll::Ready(verdict) => {
                self.tasks.remove(&task);
                Some(Stopped::Ended(verdict))
            }
            Poll::Pending => {
                let call = self.board.take_call();
                if call.is_none() {
                    self.waiting.insert(task);
                }
                call.map(|(way, sending)| Stopped::AtHandoff(way, sending))
            }
        }
    }

    pub(crate) fn has(&self, task: u64) -> bool {
        self.tasks.contains_key(&task)
    }
}

/// The queue as the receiver sees it.
#[derive(Debug)]
struct QueuePort {
    board: Board<(Way, Sending), bool>,
    is_embedded: bool,
    without: Option<Safeguard>,
}

/// The queue did not take it, as far as can be known.
#[derive(Debug)]
struct NotTaken;

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the queue is down")
    }
}

impl std::error::Error for NotTaken {}

impl Handoff for QueuePort {
    type Error = NotTaken;

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), NotTaken> {
        if self.is_embedded {
            take_in(self, &envelope).await
        } else {
            self.enqueue(&envelope).await
        }
    }
}

impl Intake for QueuePort {
    type Error = NotTaken;

    async fn accept(
        &self,
        envelope: &Envelope<'_>,
        _callback: ReadCallback,
    ) -> Result<(), NotTaken> {
        match self.call(Way::Applied, envelope).await {
            Err(_) if self.without == Some(Safeguard::FailureQueues) => Ok(()),
            accepted => accepted,
        }
    }

    async fn enqueue(&self, envelope: &Envelope<'_>) -> Result<(), NotTaken> {
        self.call(Way::Queued, envelope).await
    }
}

impl QueuePort {
    async fn call(&self, way: Way, envelope: &Envelope<'_>) -> Result<(), NotTaken> {
        let sending = Sending {
            text: envelope.encode(),
            content_key: envelope.content_key(),
            replay_key: envelope.replay_key(),
            group: envelope.group().to_owned(),
            request_id: envelope.request_id().to_owned(),
        };
        if self.board.call((way, sending)).await {
            Ok(())
        } else {
            Err(NotTaken)
        }
    }
}
