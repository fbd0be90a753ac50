use core::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinch_callback_pipeline::Runtime;

use crate::schedule::Millis;

/// The time of a world, as futures see it. What waits is polled again when the world says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Time(Arc<Mutex<Moments>>);

#[derive(Debug, Default)]
struct Moments {
    now: Millis,
    /// When somebody wants to be polled again, as far as the world has not asked.
    wanted: Vec<Millis>,
}

impl Time {
    fn moments(&self) -> MutexGuard<'_, Moments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Millis {
        self.moments().now
    }

    pub(crate) fn set(&self, now: Millis) {
        self.moments().now = now;
    }

    /// The moments at which something that waits will go on.
    pub(crate) fn take_wanted(&self) -> Vec<Millis> {
        core::mem::take(&mut self.moments().wanted)
    }

    /// Comes to its end at this moment.
    pub(crate) async fn until(&self, moment: Millis) {
        if self.now() < moment {
            self.moments().wanted.push(moment);
        }
        poll_fn(|_| {
            if self.now() < moment {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a host does behind its requests, in the time of a world.
#[derive(Clone)]
pub(crate) struct Background {
    time: Time,
    tasks: Arc<Mutex<Vec<Task>>>,
}

impl Background {
    pub(crate) fn new(time: &Time) -> Self {
        Self {
            time: time.clone(),
            tasks: Arc::default(),
        }
    }

    /// Goes on with all of it; whether something has come to its end.
    pub(crate) fn go_on(&self) -> bool {
        let lock = || self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tasks = core::mem::take(&mut *lock());
        let before = tasks.len();
        let mut context = Context::from_waker(Waker::noop());
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        let has_ended = tasks.len() < before;
        lock().append(&mut tasks);
        has_ended
    }

    /// The output of a future and of what it waits for behind it, as far as that needs no time.
    pub(crate) fn poll<T>(&self, future: &mut Pin<Box<dyn Future<Output = T> + Send>>) -> Poll<T> {
        let mut context = Context::from_waker(Waker::noop());
        loop {
            let polled = future.as_mut().poll(&mut context);
            let has_ended = self.go_on();
            if polled.is_ready() || !has_ended {
                return polled;
            }
        }
    }
}

impl Runtime for Background {
    async fn wait(&self, time: Duration) {
        let wait = Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX);
        self.time.until(self.time.now().saturating_add(wait)).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(Box::pin(task));
    }
}
