use core::time::Duration;

use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;

/// For how long after an outage, beyond its own length, a retry may still be under way. Sinch waits twice
/// as long before each retry, so that all that was refused in `D` seconds is here within `D + 5 s`
/// ([`RetrySchedule`](sinch_callback::RetrySchedule)); the rest is for the way and for two clocks.
pub const SETTLING: Duration = Duration::from_secs(60);

/// A time in which we may have refused or missed callbacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Its first moment.
    pub from: UnixSeconds,
    /// Its last moment.
    pub until: UnixSeconds,
}

/// What a host remembers of its own outages.
///
/// One that begins while retries of the one before may be under way makes them wait twice as long again,
/// so the two count as one. Of those apart, the last [`Listening::OUTAGES`] are kept: a callback that
/// waits to be applied may be a retry of what an older one refused.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::listening::Listening;
///
/// let at = UnixSeconds::new;
/// let mut listening = Listening::default();
/// assert_eq!(listening.heard_until(at(1_000), None), at(1_000));
/// listening.missed(at(1_000), at(1_300));
/// // Down for 300 s: for 300 s and a minute more, what was reported then may still come.
/// assert_eq!(listening.heard_until(at(1_659), None), at(1_000));
/// assert_eq!(listening.heard_until(at(1_660), None), at(1_660));
/// // A callback that waits to be applied may settle what it reports on.
/// assert_eq!(listening.heard_until(at(1_700), Some(at(1_690))), at(1_690));
/// // One that was received among the retries may be one of them.
/// assert_eq!(listening.heard_until(at(1_700), Some(at(1_650))), at(1_000));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Listening {
    /// In the order of time, each behind the retries of the one before.
    outages: Vec<Outage>,
}

impl Listening {
    /// How many outages are kept, each apart from the next; older ones count with the next. Our own
    /// choice: callbacks wait for moments, not across so many outages.
    pub const OUTAGES: usize = 4;

    /// We may have refused or missed callbacks in this time: one that was answered 5xx, whose two
    /// moments are the same, or the time between two signs of life.
    pub fn missed(&mut self, from: UnixSeconds, until: UnixSeconds) {
        let mut outage = Outage {
            from,
            until: until.max(from),
        };
        while let Some(before) = self
            .outages
            .pop_if(|before| outage.from < before.settled_at())
        {
            outage = outage.with(before);
        }
        self.outages.push(outage);
        if self.outages.len() > Self::OUTAGES {
            let oldest = self.outages.remove(0);
            if let Some(next) = self.outages.first_mut() {
                *next = next.with(oldest);
            }
        }
    }

    /// The moment up to which everything that Sinch has reported, and that we will ever hear, has been
    /// applied. `waiting` is when the oldest callback was received that has been accepted and not yet
    /// applied. Never later than now.
    #[must_use]
    pub fn heard_until(&self, now: UnixSeconds, waiting: Option<UnixSeconds>) -> UnixSeconds {
        let received = waiting.map_or(now, |waiting| waiting.min(now));
        let unsettled = |outage: &&Outage| received < outage.settled_at();
        let outage = self.outages.iter().find(unsettled);
        outage.map_or(received, |outage| outage.from.min(received))
    }

    /// Since when callbacks would reach us without the delay of a retry; `None` where that was always so.
    #[must_use]
    pub fn since(&self) -> Option<UnixSeconds> {
        self.outages.last().map(Outage::settled_at)
    }
}

impl Outage {
    /// Both, and what lies between.
    fn with(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            until: self.until.max(other.until),
        }
    }

    /// The moment from which on no retry of what was refused can be under way.
    #[must_use]
    pub fn settled_at(&self) -> UnixSeconds {
        let length = self.until.get().saturating_sub(self.from.get());
        self.until
            .saturating_add(Duration::from_secs(length))
            .saturating_add(SETTLING)
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may fail loudly")]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds)
    }

    /// When Sinch tries a callback, in seconds after its first try: 5 s later, then twice as long each
    /// time. By hand from its documentation, 14 retries.
    const TRIES: [u64; 15] = [
        0, 5, 15, 35, 75, 155, 315, 635, 1_275, 2_555, 5_115, 10_235, 20_475, 40_955, 81_915,
    ];

    /// When a callback that is sent then gets through, outside of the outages; `None` where it never
    /// does.
    fn arrives(sent: u64, outages: &[(u64, u64)]) -> Option<u64> {
        let is_down = |moment: u64| {
            outages
                .iter()
                .any(|(from, until)| (*from..=*until).contains(&moment))
        };
        let tries = TRIES.iter().map(|after| sent + after);
        tries.into_iter().find(|moment| !is_down(*moment))
    }

    #[test]
    fn an_outage_holds_until_its_length_and_a_minute_after_its_end() {
        let mut listening = Listening::default();
        listening.missed(at(10_000), at(13_600));
        for (now, heard) in [
            (13_600, 10_000),
            (17_259, 10_000),
            (17_260, 17_260),
            (20_000, 20_000),
        ] {
            assert_eq!(listening.heard_until(at(now), None), at(heard), "{now}");
        }
        // A single 5xx: its retry comes 5 s later.
        listening.missed(at(30_000), at(30_000));
        assert_eq!(listening.heard_until(at(30_059), None), at(30_000));
        assert_eq!(listening.heard_until(at(30_060), None), at(30_060));
    }

    #[test]
    fn an_outage_among_the_retries_of_another_counts_from_the_start_of_the_first() {
        let mut listening = Listening::default();
        listening.missed(at(0), at(100));
        listening.missed(at(259), at(300));
        assert_eq!(listening.heard_until(at(659), None), at(0));
        assert_eq!(listening.heard_until(at(660), None), at(660));
        let mut apart = Listening::default();
        apart.missed(at(0), at(100));
        apart.missed(at(260), at(300));
        assert_eq!(apart.heard_until(at(399), None), at(260));
        assert_eq!(apart.heard_until(at(400), None), at(400));
    }

    #[test]
    fn a_retry_that_is_queued_is_waited_for_though_its_outage_has_settled() {
        let mut listening = Listening::default();
        listening.missed(at(1_000), at(1_000));
        listening.missed(at(5_000), at(5_100));
        for (waiting, heard) in [
            (1_005, 1_000),
            (1_060, 1_060),
            (4_999, 4_999),
            (5_200, 5_000),
            (5_260, 5_260),
        ] {
            let found = listening.heard_until(at(9_000), Some(at(waiting)));
            assert_eq!(found, at(heard), "{waiting}");
        }
        // Only so many are kept apart, and none is lost.
        for number in 1..=20 {
            listening.missed(at(number * 10_000), at(number * 10_000));
        }
        assert_eq!(listening.outages.len(), Listening::OUTAGES);
        assert_eq!(
            listening.heard_until(at(300_000), Some(at(20_000))),
            at(1_000)
        );
    }

    #[test]
    fn an_outage_survives_a_restart() {
        let mut listening = Listening::default();
        listening.missed(at(7), at(9));
        for listening in [&listening, &Listening::default()] {
            let kept = serde_json::to_string(listening).unwrap();
            let read: Listening = serde_json::from_str(&kept).unwrap();
            assert_eq!(read, *listening);
        }
    }

    proptest! {
            /// What `heard_until` promises: whatever was sent before it and will ever get through has got
            /// through by now. Sinch gives up after 22 h 45 min; what is shorter loses nothing.
            #[test]
            fn all_that_was_sent_before_it_is_here(
                gaps in vec((0_u64..3_000, 0_u64..3_000), 0..6),
                sent in 0_u64..40_000,
                looks in 0_u64..40_000,
            ) {
                let (mut outages, mut now) = (Vec::new(), 0);
                for (pause, length) in gaps {
                    outages.push((now + pause, now + pause + length));
                    now += pause + length + 1;
                }
                let mut listening = Listening::default();
                for (from, until) in outages.iter().filter(|(_, until)| *until <= looks) {
                    listening.missed(at(*from), at(*until));
                }
                // An outage under way has been noticed up to now.
                for (from, _) in outages.iter().filter(|(from, until)| *from <= looks && looks < *until) {
                    listening.missed(at(*from), at(looks));
                }
                let heard = listening.heard_until(at(looks), None);
                prop_assert!(heard <= at(looks));
                if at(sent) < heard {
                    let arrival = arrives(sent, &outages);
                    prop_assert!(arrival.is_some_and(|arrival| arrival <= looks), "{arrival:?} {heard:?}");
                }
            }

            /// It never waits for longer than the rule says, so that silence is noticed in the end.
            #[test]
            fn it_is_now_again_once_all_has_settled(outages in vec((0_u64..10_000, 0_u64..10_000), 0..6)) {
                let mut listening = Listening::default();
                for (from, length) in &outages {
                    listening.missed(at(*from), at(from + length));
                }
                let settled = listening.since().map_or(0, UnixSeconds::get);
                let longest: u64 = 20_000;
                prop_assert!(settled <= longest + longest + 60);
                prop_assert_eq!(listening.heard_until(at(settled), None), at(settled));
    prop_assert!(listening.heard_until(at(settled), Some(at(3))) <= at(3.min(settled)));
            }
        }
}
