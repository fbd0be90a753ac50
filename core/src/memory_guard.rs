use alloc::{vec, vec::Vec};
use core::{fmt, time::Duration};

use crate::{
    claim::{Claim, Ticket},
    key::ReplayKey,
    replay_guard::ReplayGuard,
    time::UnixSeconds,
    window::Window,
};

/// What a full guard does with one more callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Answers [`Claim::Full`] until an entry has aged out. Nothing is forgotten early; the host
    /// decides what happens to callbacks that the guard cannot remember.
    Refuse,
    /// Forgets the oldest entry. A replay of that one is then taken for new, which the layers
    /// behind the guard absorb.
    ForgetOldest,
}

/// A [`ReplayGuard`] in bounded memory: fixed capacity, constant time, at most 48 bytes an entry.
///
/// Entries stand in the order of their claims. A confirmed entry is remembered for a fixed
/// time from its claim, which has to cover the verifier's window
/// ([`MemoryReplayGuard::covering`]); one that is neither confirmed nor released
/// ages out sooner, so that a claim whose host died cannot hold up the retry. A
/// clock that runs back only makes the guard remember longer.
///
/// Hosts of several threads put one behind a mutex.
///
/// Keys come from verified tags, which nobody can choose, so the index needs no keyed hash.
pub struct MemoryReplayGuard {
    /// First entry of each bucket's chain; a power of two of them.
    buckets: Vec<Link>,
    entries: Vec<Entry>,
    capacity: usize,
    oldest: Link,
    newest: Link,
    /// Entries that have been released, chained by `chain`.
    free: Link,
    live: usize,
    memory: Duration,
    in_flight: Duration,
    when_full: WhenFull,
}

/// Position of an entry plus one; zero points nowhere. Zeroed memory is thus an empty index, which
/// the operating system hands out without touching it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Link(u32);

impl Link {
    const NONE: Self = Self(0);

    fn to(position: usize) -> Self {
        u32::try_from(position.saturating_add(1)).map_or(Self::NONE, Self)
    }

    fn position(self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(1)?).ok()
    }
}

#[derive(Clone)]
struct Entry {
    key: ReplayKey,
    /// Moment of the claim, in two halves: whole, it would widen the entry to a multiple of 8.
    since: [u32; 2],
    state: State,
    /// Next entry of the same bucket.
    chain: Link,
    older: Link,
    newer: Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    InFlight,
    Done,
}

impl Entry {
    const NEW: Self = Self {
        key: ReplayKey::from_bytes([0; 16]),
        since: [0; 2],
        state: State::InFlight,
        chain: Link::NONE,
        older: Link::NONE,
        newer: Link::NONE,
    };

    fn since(&self) -> UnixSeconds {
        let [high, low] = self.since;
        UnixSeconds::new(u64::from(high).wrapping_shl(32) | u64::from(low))
    }

    fn claim_at(&mut self, now: UnixSeconds) {
        self.state = State::InFlight;
        let [a, b, c, d, e, f, g, h] = now.get().to_be_bytes();
        self.since = [
            u32::from_be_bytes([a, b, c, d]),
            u32::from_be_bytes([e, f, g, h]),
        ];
    }
}

impl MemoryReplayGuard {
    /// The greatest capacity; a greater one is taken for this.
    pub const MAX_CAPACITY: usize = 1 << 30;

    /// How long a claim without outcome holds, unless set otherwise: 30 seconds, the longest that
    /// a Lambda@Edge function runs.
    pub const DEFAULT_IN_FLIGHT: Duration = Duration::from_secs(30);

    /// A guard for up to `capacity` callbacks (at least one), each remembered for `memory`.
    /// When full it forgets the oldest.
    #[must_use]
    pub fn new(capacity: usize, memory: Duration) -> Self {
        let capacity = capacity.clamp(1, Self::MAX_CAPACITY);
        Self {
            buckets: vec![Link::NONE; capacity.next_power_of_two()],
            entries: Vec::with_capacity(capacity),
            capacity,
            oldest: Link::NONE,
            newest: Link::NONE,
            free: Link::NONE,
            live: 0,
            memory,
            in_flight: Self::DEFAULT_IN_FLIGHT,
            when_full: WhenFull::ForgetOldest,
        }
    }

    /// A guard for up to `capacity` callbacks that remembers each for as long as `window` accepts it:
    /// [`Window::memory`].
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Claim, MemoryReplayGuard, ReplayGuard, ReplayKey, UnixSeconds, Window};
    ///
    /// let mut guard = MemoryReplayGuard::covering(Window::LOGGED, 100_000);
    /// let (key, now) = (ReplayKey::from([7; 16]), UnixSeconds::new(1_795_600_811));
    /// let Claim::First(ticket) = guard.claim(key, now) else {
    ///     panic!("nobody has claimed it before");
    /// };
    /// // The hand-off failed: the retry is to be the first again.
    /// guard.release(ticket);
    /// assert!(matches!(guard.claim(key, now), Claim::First(_)));
    /// // It succeeded: every other copy is absorbed.
    /// guard.confirm(key, now);
    /// assert_eq!(guard.claim(key, now), Claim::Done);
    /// ```
    #[must_use]
    pub fn covering(window: Window, capacity: usize) -> Self {
        Self::new(capacity, window.memory())
    }

    /// A guard of its own with the same memory: for tests and simulations that ask what would be said.
    /// From here on neither knows what the other sees, which is why a guard is not `Clone`.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            buckets: self.buckets.clone(),
            entries: self.entries.clone(),
            ..*self
        }
    }

    /// Sets what happens when the guard is full.
    #[must_use]
    pub const fn with_when_full(mut self, when_full: WhenFull) -> Self {
        self.when_full = when_full;
        self
    }

    /// Sets how long a claim without outcome holds: longer than a hand-off may take.
    #[must_use]
    pub const fn with_in_flight(mut self, in_flight: Duration) -> Self {
        self.in_flight = in_flight;
        self
    }

    /// How many callbacks are remembered, aged-out ones that nobody asked for included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Bytes of memory that the guard's tables take at most, the same at every fill.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let buckets = self.buckets.len().saturating_mul(size_of::<Link>());
        let entries = self.capacity.saturating_mul(size_of::<Entry>());
        buckets.saturating_add(entries)
    }

    fn entry(&self, link: Link) -> Option<&Entry> {
        self.entries.get(link.position()?)
    }

    fn entry_mut(&mut self, link: Link) -> Option<&mut Entry> {
        self.entries.get_mut(link.position()?)
    }

    fn bucket_mut(&mut self, key: ReplayKey) -> Option<&mut Link> {
        let (words, _) = key.as_bytes().as_chunks::<4>();
        let hash = u32::from_le_bytes(words.first().copied().unwrap_or_default());
        let mask = self.buckets.len().wrapping_sub(1);
        let position = usize::try_from(hash).unwrap_or_default() & mask;
        self.buckets.get_mut(position)
    }

    fn find(&mut self, key: ReplayKey) -> Option<Link> {
        let mut link = *self.bucket_mut(key)?;
        while let Some(entry) = self.entry(link) {
            if entry.key == key {
                return Some(link);
            }
            link = entry.chain;
        }
        None
    }

    fn has_aged_out(&self, entry: &Entry, now: UnixSeconds) -> bool {
        let limit = match entry.state {
            State::InFlight => self.in_flight,
            State::Done => self.memory,
        };
        now.since(entry.since()) > limit
    }

    /// Puts a claim into an entry that is in no chain.
    fn occupy(&mut self, link: Link, key: ReplayKey, now: UnixSeconds) {
        let Some(bucket) = self.bucket_mut(key) else {
            return;
        };
        let chain = core::mem::replace(bucket, link);
        if let Some(entry) = self.entry_mut(link) {
            entry.key = key;
            entry.chain = chain;
            entry.claim_at(now);
        }
        self.append_to_order(link);
        self.live = self.live.saturating_add(1);
    }

    /// Takes an entry out of its chain and out of the order.
    fn vacate(&mut self, link: Link) {
        let Some(entry) = self.entry(link) else {
            return;
        };
        let (key, next) = (entry.key, entry.chain);
        self.unchain(key, link, next);
        self.take_from_order(link);
        self.live = self.live.saturating_sub(1);
    }

    /// Keeps an entry that is in no chain for later.
    fn set_free(&mut self, link: Link) {
        let free = core::mem::replace(&mut self.free, link);
        if let Some(entry) = self.entry_mut(link) {
            entry.chain = free;
        }
    }

    /// Takes `link` out of its bucket's chain; what pointed at it then points at `next`.
    fn unchain(&mut self, key: ReplayKey, link: Link, next: Link) {
        let Some(bucket) = self.bucket_mut(key) else {
            return;
        };
        if *bucket == link {
            *bucket = next;
            return;
        }
        let mut before = *bucket;
        while let Some(entry) = self.entry_mut(before) {
            if entry.chain == link {
                entry.chain = next;
                return;
            }
            before = entry.chain;
        }
    }

    fn append_to_order(&mut self, link: Link) {
        let older = core::mem::replace(&mut self.newest, link);
        if let Some(entry) = self.entry_mut(link) {
            entry.older = older;
            entry.newer = Link::NONE;
        }
        match self.entry_mut(older) {
            Some(entry) => entry.newer = link,
            None => self.oldest = link,
        }
    }

    fn take_from_order(&mut self, link: Link) {
        let Some(entry) = self.entry(link) else {
            return;
        };
        let (older, newer) = (entry.older, entry.newer);
        match self.entry_mut(older) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
        match self.entry_mut(newer) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
    }

    /// Claims an entry that is there: as it stands, or as a new one where it has aged out.
    fn claim_again(&mut self, link: Link, now: UnixSeconds) -> Claim {
        if let Some(entry) = self.entry(link)
            && !self.has_aged_out(entry, now)
        {
            return match entry.state {
                State::InFlight => Claim::InFlight {
                    since: entry.since(),
                },
                State::Done => Claim::Done,
            };
        }
        self.take_from_order(link);
        self.append_to_order(link);
        let Some(entry) = self.entry_mut(link) else {
            return Claim::Full;
        };
        entry.claim_at(now);
        Claim::First(Ticket::new(entry.key, now))
    }

    /// Claims a key that is not there; `None` where there is no room.
    fn claim_new(&mut self, key: ReplayKey, now: UnixSeconds) -> Option<Link> {
        let link = self.vacant(now)?;
        self.occupy(link, key, now);
        Some(link)
    }

    /// An entry that is in no chain, the oldest one's where there is no other; `None` where that is
    /// not to go.
    fn vacant(&mut self, now: UnixSeconds) -> Option<Link> {
        if self.live >= self.capacity {
            let oldest = self.oldest;
            let may_go = self.when_full == WhenFull::ForgetOldest
                || self.has_aged_out(self.entry(oldest)?, now);
            if !may_go {
                return None;
            }
            self.vacate(oldest);
            return Some(oldest);
        }
        if let Some(freed) = self.entry(self.free) {
            let next = freed.chain;
            return Some(core::mem::replace(&mut self.free, next));
        }
        self.entries.push(Entry::NEW);
        Some(Link::to(self.entries.len().wrapping_sub(1)))
    }
}

impl fmt::Debug for MemoryReplayGuard {
    /// How much it remembers, and not what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("len", &self.live)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim {
        if let Some(link) = self.find(key) {
            return self.claim_again(link, now);
        }
        match self.claim_new(key, now) {
            Some(_) => Claim::First(Ticket::new(key, now)),
            None => Claim::Full,
        }
    }

    fn confirm(&mut self, key: ReplayKey, now: UnixSeconds) {
        let known = self.find(key);
        if let Some(link) = known {
            // A claim that has aged out is made again.
            let _ = self.claim_again(link, now);
        }
        let Some(link) = known.or_else(|| self.claim_new(key, now)) else {
            return;
        };
        if let Some(entry) = self.entry_mut(link) {
            entry.state = State::Done;
        }
    }

    fn release(&mut self, ticket: Ticket) {
        let is_its_claim =
            |entry: &Entry| entry.state == State::InFlight && entry.since() == ticket.claimed_at();
        if let Some(link) = self.find(ticket.key())
            && self.entry(link).is_some_and(is_its_claim)
        {
            self.vacate(link);
            self.set_free(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_000);

    /// A guard that remembers for 600 seconds.
    fn guard_of(capacity: usize) -> MemoryReplayGuard {
        MemoryReplayGuard::covering(Window::BARE, capacity)
    }

    fn key(number: u32) -> ReplayKey {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        ReplayKey::from_bytes(bytes)
    }

    fn after(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(NOW.get() + seconds)
    }

    fn first(key: ReplayKey, at: UnixSeconds) -> Claim {
        Claim::First(Ticket::new(key, at))
    }

    #[test]
    fn a_claim_is_in_flight_until_it_is_confirmed_and_then_done() {
        let mut guard = guard_of(8);
        assert_eq!(guard.claim(key(1), NOW), first(key(1), NOW));
        assert_eq!(
            guard.claim(key(1), after(1)),
            Claim::InFlight { since: NOW }
        );
        guard.confirm(key(1), NOW);
        assert_eq!(guard.claim(key(1), after(600)), Claim::Done);
    }

    #[test]
    fn a_released_claim_is_first_again_and_a_confirmed_one_stays_done() {
        let mut guard = guard_of(8);
        assert_eq!(guard.claim(key(1), NOW), first(key(1), NOW));
        guard.release(Ticket::new(key(1), NOW));
        assert_eq!(guard.claim(key(1), NOW), first(key(1), NOW));
        guard.confirm(key(1), NOW);
        guard.release(Ticket::new(key(1), NOW));
        assert_eq!(guard.claim(key(1), NOW), Claim::Done);
    }

    #[test]
    fn a_claim_without_outcome_ages_out_one_second_past_its_limit() {
        let mut guard = guard_of(8).with_in_flight(Duration::from_secs(30));
        assert_eq!(guard.claim(key(1), NOW), first(key(1), NOW));
        assert_eq!(
            guard.claim(key(1), after(30)),
            Claim::InFlight { since: NOW }
        );
        assert_eq!(guard.claim(key(1), after(31)), first(key(1), after(31)));
        assert_eq!(guard.len(), 1);
    }

    #[test]
    fn a_claim_that_has_aged_out_releases_nothing_of_the_next_one() {
        let mut guard = guard_of(8).with_in_flight(Duration::from_secs(30));
        let Claim::First(late) = guard.claim(key(1), NOW) else {
            panic!("nobody has claimed it");
        };
        let Claim::First(next) = guard.claim(key(1), after(31)) else {
            panic!("the first claim has aged out");
        };
        guard.release(late);
        let in_flight = Claim::InFlight { since: after(31) };
        assert_eq!(guard.claim(key(1), after(31)), in_flight);
        guard.release(next);
        assert_eq!(guard.claim(key(1), after(32)), first(key(1), after(32)));
    }

    #[test]
    fn what_was_claimed_elsewhere_or_forgotten_is_remembered_from_its_confirmation() {
        let mut guard = guard_of(1).with_when_full(WhenFull::Refuse);
        guard.confirm(key(1), NOW);
        assert_eq!(guard.claim(key(1), after(600)), Claim::Done);
        guard.confirm(key(2), after(600));
        assert_eq!(guard.claim(key(2), after(600)), Claim::Full);
        guard.confirm(key(2), after(601));
        assert_eq!(guard.claim(key(2), after(1_201)), Claim::Done);
    }

    #[test]
    fn a_full_guard_forgets_the_oldest_or_refuses_as_it_was_told() {
        let mut forgetful = guard_of(2);
        let mut strict = guard_of(2).with_when_full(WhenFull::Refuse);
        for number in [1, 2] {
            for guard in [&mut forgetful, &mut strict] {
                assert_eq!(guard.claim(key(number), NOW), first(key(number), NOW));
                guard.confirm(key(number), NOW);
            }
        }
        assert_eq!(forgetful.claim(key(3), NOW), first(key(3), NOW));
        assert_eq!(forgetful.claim(key(2), NOW), Claim::Done);
        assert_eq!(forgetful.claim(key(1), NOW), first(key(1), NOW));
        assert_eq!(strict.claim(key(3), NOW), Claim::Full);
        assert_eq!(strict.claim(key(1), NOW), Claim::Done);
        assert_eq!(strict.claim(key(3), after(601)), first(key(3), after(601)));
    }

    #[test]
    fn keys_of_one_bucket_are_told_apart() {
        let mut guard = guard_of(4);
        // The same low bits, so one chain.
        let keys = [key(4), key(8), key(12)];
        for key in keys {
            assert_eq!(guard.claim(key, NOW), first(key, NOW));
        }
        guard.release(Ticket::new(keys[1], NOW));
        guard.confirm(keys[0], NOW);
        assert_eq!(guard.claim(keys[0], NOW), Claim::Done);
        assert_eq!(guard.claim(keys[2], NOW), Claim::InFlight { since: NOW });
        assert_eq!(guard.claim(keys[1], NOW), first(keys[1], NOW));
    }

    #[test]
    fn what_was_released_is_used_again() {
        let mut guard = guard_of(2);
        for number in 0..100 {
            assert_eq!(guard.claim(key(number), NOW), first(key(number), NOW));
            guard.release(Ticket::new(key(number), NOW));
        }
        assert_eq!(guard.entries.len(), 1);
    }

    #[test]
    fn a_guard_counts_what_it_remembers() {
        let mut guard = guard_of(8);
        assert!(guard.is_empty());
        assert_eq!(guard.len(), 0);
        for number in [1, 2] {
            assert_eq!(guard.claim(key(number), NOW), first(key(number), NOW));
        }
        assert!(!guard.is_empty());
        assert_eq!(guard.len(), 2);
        guard.release(Ticket::new(key(1), NOW));
        assert_eq!(guard.len(), 1);
    }

    #[test]
    fn an_entry_takes_at_most_48_bytes_at_the_worst_capacity() {
        for capacity in [1, 1_000_000, (1 << 19) + 1] {
            let guard = guard_of(capacity);
            assert!(guard.memory_bytes() / capacity <= 48, "{capacity}");
            // An entry holds the key, the moment, the state and three links; a bucket, one more.
            assert!(guard.memory_bytes() / capacity >= 44, "{capacity}");
        }
    }

    #[test]
    fn a_clock_that_runs_back_makes_the_guard_remember_longer() {
        let mut guard = guard_of(8);
        assert_eq!(guard.claim(key(1), NOW), first(key(1), NOW));
        guard.confirm(key(1), NOW);
        assert_eq!(guard.claim(key(1), UnixSeconds::new(0)), Claim::Done);
    }
}
