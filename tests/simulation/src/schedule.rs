use core::cmp::Reverse;
use std::collections::BinaryHeap;

/// Virtual time: milliseconds since 1970.
pub(crate) type Millis = u64;

pub(crate) const SECOND: Millis = 1_000;
pub(crate) const MINUTE: Millis = 60 * SECOND;
pub(crate) const HOUR: Millis = 60 * MINUTE;
pub(crate) const DAY: Millis = 24 * HOUR;

/// What is going to happen, in the order of time, and of planning where times are equal.
#[derive(Debug)]
pub(crate) struct Schedule<E> {
    now: Millis,
    planned: u64,
    heap: BinaryHeap<Reverse<Entry<E>>>,
}

#[derive(Debug)]
struct Entry<E> {
    at: Millis,
    order: u64,
    event: E,
}

impl<E> Schedule<E> {
    pub(crate) fn starting_at(now: Millis) -> Self {
        Self {
            now,
            planned: 0,
            heap: BinaryHeap::new(),
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    /// Plans an event, not before now.
    pub(crate) fn at(&mut self, at: Millis, event: E) {
        self.planned += 1;
        self.heap.push(Reverse(Entry {
            at: at.max(self.now),
            order: self.planned,
            event,
        }));
    }

    pub(crate) fn after(&mut self, wait: Millis, event: E) {
        self.at(self.now + wait, event);
    }

    /// The next event; the clock then stands at its moment.
    pub(crate) fn next(&mut self) -> Option<E> {
        let Reverse(entry) = self.heap.pop()?;
        self.now = entry.at;
        Some(entry.event)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
