use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU64},
};

use sinch_callback_pipeline::{
    Envelope, EventFilter,
    messages::{Novelty, ProcessError, Processor},
};

use crate::{
    Safeguard,
    board::Board,
    log::{Answer, BusPort, Call, LogPort},
    queue::{Item, Receipt},
};

type Outcome = Result<Novelty, Trouble>;

/// Why a callback is to be handed out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Failed,
    /// The time was up: the next attempt goes on from there.
    Unfinished,
}

/// A host of the real processor, and the callbacks that it is at.
pub(crate) struct ProcessorHost {
    board: Board<Call, Answer>,
    processor: Arc<Processor<LogPort, BusPort>>,
    tasks: BTreeMap<u64, Task>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    receipt: Receipt,
}

/// Where a task has stopped.
pub(crate) enum Stopped {
    AtCall(Call),
    Ended(Receipt, Outcome),
}

impl ProcessorHost {
    pub(crate) fn new(without: Option<Safeguard>, ids: Arc<AtomicU64>) -> Self {
        let board = Board::new();
        let log = LogPort {
            board: board.clone(),
            without,
        };
        let bus = BusPort {
            board: board.clone(),
            without,
            ids,
        };
        Self {
            board,
            processor: Arc::new(Processor::new(log, bus, 1).with_events(EventFilter::All)),
            tasks: BTreeMap::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Begins with a callback that the queue handed out.
    pub(crate) fn start(
        &mut self,
        task: u64,
        receipt: Receipt,
        item: Item,
        has_time: bool,
    ) -> Option<Stopped> {
        let processor = Arc::clone(&self.processor);
        let future = Box::pin(async move {
            let envelope = Envelope::decode(&item.text).map_err(|_| Trouble::Failed)?;
            let processed = processor.process(&envelope, || has_time).await;
            let processed = processed.map_err(|error| match error {
                ProcessError::Unfinished(_) => Trouble::Unfinished,
                ProcessError::Store(_) | ProcessError::Notify(_) => Trouble::Failed,
            })?;
            Ok(processed.novelty)
        });
        self.tasks.insert(task, Task { future, receipt });
        self.poll(task)
    }

    /// Goes on with a task; `None` where it has died with its host.
    pub(crate) fn resume(&mut self, task: u64, answer: Answer) -> Option<Stopped> {
        if !self.tasks.contains_key(&task) {
            return None;
        }
        self.board.answer(answer);
        self.poll(task)
    }

    fn poll(&mut self, number: u64) -> Option<Stopped> {
        let task = self.tasks.get_mut(&number)?;
        let mut context = Context::from_waker(Waker::noop());
        match task.future.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => {
                let receipt = task.receipt;
                self.tasks.remove(&number);
                Some(Stopped::Ended(receipt, outcome))
            }
            Poll::Pending => self.board.take_call().map(Stopped::AtCall),
        }
    }

    pub(crate) fn has(&self, task: u64) -> bool {
        self.tasks.contains_key(&task)
    }

    /// Everything under way is gone.
    pub(crate) fn crash(&mut self) {
        self.tasks.clear();
    }
}
