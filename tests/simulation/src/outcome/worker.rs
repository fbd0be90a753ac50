use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sinch_callback_pipeline::{ForgetKey, messages::Message};
use sinch_callback_recovery::{
    Accepted, AttemptName, CallAnswer, Engine, IntentId, IntentKey, PortFailure, Report, Request,
};

use super::ports::{Answer, Call, WorldPorts};
use crate::{board::Board, schedule::Millis};

/// What a worker is asked to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// What a client asks for, by its number.
    Accept(usize, Box<Request>),
    Look(IntentId),
    Sweep,
    /// A message of an attempt has changed: what it is by so many of its reports.
    Reported {
        name: AttemptName,
        place: usize,
        count: usize,
        message: Box<Message>,
    },
    /// A mail server says later that it could not deliver a message.
    Bounced(usize, AttemptName, Box<Report>),
    Cancel(IntentKey),
    Retry(IntentKey),
}

/// What came of an order.
#[derive(Debug)]
pub(crate) enum Ended {
    Accepted(Accepted),
    Done,
    Failed,
}

/// Where a task has stopped.
pub(crate) enum Stopped {
    AtCall(Call),
    Ended(Order, Ended),
}

/// What the world knows of a task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) order: Order,
    pub(crate) started_at: Millis,
    /// Until its own change is written, or found to be none: what it was asked for, not what followed.
    pub(crate) is_at_its_order: bool,
    /// The day and hour of its last reservation, by its worker's clock.
    pub(crate) reserved_at: u64,
    /// What came of its last call, until that is written.
    pub(crate) answer: Option<(AttemptName, CallAnswer)>,
    /// When it last began to read what the gates say.
    pub(crate) looked_at: Millis,
    /// Whether the switch told it of a dry run.
    pub(crate) saw_dry_run: bool,
}

type Doing = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// A process with the real engine, and what it is at.
pub(crate) struct Worker {
    engine: Arc<Engine<WorldPorts>>,
    board: Board<Call, Answer>,
    clock: Arc<AtomicU64>,
    tasks: BTreeMap<u64, (Task, Doing)>,
    /// Raised with each start: what was on its way to a former life finds nobody.
    pub(crate) life: u32,
    pub(crate) is_up: bool,
    /// Seconds by which its clock is off.
    pub(crate) skew: i64,
}

impl Worker {
    pub(crate) fn new(skew: i64, drawn: Arc<AtomicU64>) -> Self {
        let board = Board::new();
        let clock = Arc::new(AtomicU64::new(0));
        let ports = WorldPorts {
            board: board.clone(),
            clock: Arc::clone(&clock),
            drawn,
        };
        Self {
            engine: Arc::new(Engine::new(ports, ForgetKey::new([7; ForgetKey::LEN]))),
            board,
            clock,
            tasks: BTreeMap::new(),
            life: 0,
            is_up: true,
            skew,
        }
    }

    pub(crate) fn start(&mut self, number: u64, order: Order, now: Millis, clock: u64) -> Stopped {
        let doing = self.doing(order.clone());
        let task = Task {
            order,
            started_at: now,
            is_at_its_order: true,
            reserved_at: 0,
            answer: None,
            looked_at: now,
            saw_dry_run: false,
        };
        self.tasks.insert(number, (task, doing));
        self.poll(number, clock)
    }

    fn doing(&self, order: Order) -> Doing {
        fn done<T>(result: Result<T, PortFailure>) -> Ended {
            result.map_or(Ended::Failed, |_| Ended::Done)
        }
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            match order {
                Order::Accept(_, request) => {
                    let accepted = engine.accept(*request).await;
                    accepted.map_or(Ended::Failed, Ended::Accepted)
                }
                Order::Look(id) => done(engine.look(id).await),
                Order::Sweep => done(engine.sweep(16).await),
                Order::Reported { name, message, .. } => {
                    let report = Report::of(&message);
                    done(engine.reported_of(name, report).await)
                }
                Order::Bounced(_, name, report) => done(engine.reported_of(name, *report).await),
                Order::Cancel(key) => done(engine.cancel(&key).await),
                Order::Retry(key) => done(engine.retry(&key).await),
            }
        })
    }

    /// Goes on with a task that waited for this answer.
    pub(crate) fn resume(&mut self, number: u64, answer: Answer, clock: u64) -> Stopped {
        self.board.answer(answer);
        self.poll(number, clock)
    }

    fn poll(&mut self, number: u64, clock: u64) -> Stopped {
        self.clock.store(clock, Ordering::Relaxed);
        let (_, doing) = self.tasks.get_mut(&number).expect("it is under way");
        match doing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(ended) => {
                let (task, _) = self.tasks.remove(&number).expect("it was there");
                Stopped::Ended(task.order, ended)
            }
            Poll::Pending => {
                let call = self.board.take_call();
                Stopped::AtCall(call.expect("it waits for nothing else"))
            }
        }
    }

    pub(crate) fn task(&mut self, number: u64) -> Option<&mut Task> {
        self.tasks.get_mut(&number).map(|(task, _)| task)
    }

    /// Everything under way is gone; the orders are told.
    pub(crate) fn crash(&mut self) -> Vec<Order> {
        self.life += 1;
        self.is_up = false;
        let tasks = core::mem::take(&mut self.tasks);
        tasks.into_values().map(|(task, _)| task.order).collect()
    }
}
