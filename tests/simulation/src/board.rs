use core::{future::poll_fn, task::Poll};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a port's calls wait until the world decides what becomes of them.
///
/// Only one task is polled at a time, and a task has at most one call under way, so one place for
/// the call and one for its answer suffice.
#[derive(Debug)]
pub(crate) struct Board<Q, A>(Arc<Mutex<Places<Q, A>>>);

#[derive(Debug)]
struct Places<Q, A> {
    call: Option<Q>,
    answer: Option<A>,
}

impl<Q, A> Board<Q, A> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Places {
            call: None,
            answer: None,
        })))
    }

    fn places(&self) -> MutexGuard<'_, Places<Q, A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call and waits for its answer. Whoever polls takes the call off the board.
    pub(crate) async fn call(&self, call: Q) -> A {
        self.places().call = Some(call);
        poll_fn(|_| {
            self.places()
                .answer
                .take()
                .map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// The call that the task polled last has stopped at.
    pub(crate) fn take_call(&self) -> Option<Q> {
        self.places().call.take()
    }

    /// Lays down the answer for the task that is polled next.
    pub(crate) fn answer(&self, answer: A) {
        self.places().answer = Some(answer);
    }
}

impl<Q, A> Clone for Board<Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
