use core::ops::Range;

use sinch_callback::{OnMismatch, secret_schedule::SecretSchedule};

use crate::{
    draw::Draw,
    schedule::{DAY, HOUR, MINUTE, Millis, SECOND},
};

/// What kind of world a seed makes: all that is settled before its clock starts.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Whether Sinch signs a retry afresh, or sends it again as it was. Nobody says which.
    pub(crate) resigns: bool,
    /// On AWS: FIFO queue, several receivers without guard, two processors, a log that expires.
    /// Else the embedded host: one process, a guard, a queue without deduplication.
    pub(crate) on_aws: bool,
    pub(crate) receivers: usize,
    pub(crate) edges: usize,
    /// Entries of each guard: few in some worlds, so that they forget.
    pub(crate) guard_capacity: usize,
    pub(crate) webhooks: usize,
    pub(crate) messages: usize,
    pub(crate) loss: f64,
    pub(crate) duplication: f64,
    pub(crate) crash: f64,
    /// How likely a captured callback is attacked with.
    pub(crate) attack: f64,
    pub(crate) on_mismatch: OnMismatch,
    pub(crate) rotations: Vec<Rotation>,
    /// Callbacks that come at once as soon as Sinch signs with a new secret.
    pub(crate) burst: u64,
    /// Whether forgeries come just before.
    pub(crate) forged_before: bool,
    pub(crate) store_down: Vec<Range<Millis>>,
    /// When reads of the store get no answer.
    pub(crate) store_hangs: Vec<Range<Millis>>,
    /// The longest that a read of the store takes else.
    pub(crate) store_latency: Millis,
    pub(crate) queue_down: Vec<Range<Millis>>,
    pub(crate) log_down: Vec<Range<Millis>>,
    pub(crate) bus_down: Vec<Range<Millis>>,
    /// While something between edge and receiver answers in the receiver's place.
    pub(crate) in_between: Vec<Range<Millis>>,
    /// Seconds by which Sinch's clock is off.
    pub(crate) sinch_skew: i64,
    pub(crate) receiver_clocks: Vec<Clock>,
    pub(crate) edge_clocks: Vec<Clock>,
    pub(crate) retention: Millis,
}

/// A change of the secret: put into the parameter store, and changed at Sinch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) put_at: Millis,
    pub(crate) switched_at: Millis,
}

/// A host's clock: off by a little always, and quite wrong until somebody looks after it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    skew: i64,
    wrong_by: i64,
    while_wrong: Range<Millis>,
}

impl Clock {
    fn draw(draw: &mut Draw, agrees: bool) -> Self {
        let start = START + draw.between(0, SENDING);
        let (skew, wrong_by) = if agrees { (20, 20) } else { (120, WRONG_SECS) };
        Self {
            skew: draw.skew(skew),
            wrong_by: draw.skew(wrong_by),
            while_wrong: start..start + draw.magnitude(MINUTE, 20 * HOUR),
        }
    }

    /// The seconds by which it is off.
    pub(crate) fn off_by(&self, now: Millis) -> i64 {
        if self.while_wrong.contains(&now) {
            self.wrong_by
        } else {
            self.skew
        }
    }
}

/// When worlds begin: 2026-01-01.
pub(crate) const START: Millis = 1_767_225_600_000;
/// During how long messages are sent.
pub(crate) const SENDING: Millis = 30 * HOUR;
/// How wrong our clocks may be.
const WRONG_SECS: i64 = 15 * 60;
/// The longest pause between two reads of the secrets, and a little.
const LONGEST_PAUSE: Millis = SecretSchedule::LONGEST_PAUSE.as_secs() * SECOND + MINUTE;
/// Until when retries and attacks may come.
pub(crate) const END: Millis = START + 45 * DAY;

impl Plan {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let on_aws = draw.chance(0.6);
        let edges = if draw.chance(0.6) {
            draw.between(1, 3) as usize
        } else {
            0
        };
        let receivers = if on_aws {
            draw.between(1, 3) as usize
        } else {
            1
        };
        let late = draw.chance(0.3);
        let clocks_agree = draw.chance(0.5);
        let mut rotations = Vec::new();
        let mut at = START + draw.between(HOUR, 6 * HOUR);
        for _ in 0..draw.between(0, 2) {
            let (put_at, switched_at) = if late {
                (at + draw.magnitude(SECOND, 8 * HOUR), at)
            } else {
                // Soon enough for what is still signed with the former one to be retried to its end;
                // and, where nobody can tell by the clocks what was signed before a read, not before
                // the longest pause between two reads is over.
                let (soonest, latest) = if clocks_agree {
                    (SECOND, HOUR)
                } else {
                    (LONGEST_PAUSE, 40 * MINUTE)
                };
                (at, at + draw.magnitude(soonest, latest))
            };
            rotations.push(Rotation {
                put_at,
                switched_at,
            });
            at = put_at.max(switched_at) + draw.between(HOUR, 10 * HOUR);
        }
        let store_down = outages(draw, 26 * HOUR)
            .into_iter()
            // Nobody can put a secret into a store that is down.
            .filter(|outage| !rotations.iter().any(|r| outage.contains(&r.put_at)))
            .collect();
        // Around a change of the secret more than elsewhere.
        let mut store_hangs = outages(draw, HOUR);
        for Rotation { put_at, .. } in &rotations {
            if draw.chance(0.3) {
                let start = put_at - draw.magnitude(1, MINUTE);
                store_hangs.push(start..start + draw.magnitude(SECOND, 10 * MINUTE));
            }
        }
        Self {
            resigns: draw.chance(0.5),
            on_aws,
            receivers,
            edges,
            guard_capacity: if draw.chance(0.3) { 8 } else { 30_000 },
            webhooks: if draw.chance(0.2) { 2 } else { 1 },
            messages: draw.between(20, 80) as usize,
            loss: *draw.one_of(&[0.0, 0.01, 0.1, 0.3]),
            duplication: *draw.one_of(&[0.0, 0.01, 0.1]),
            crash: *draw.one_of(&[0.0, 0.001, 0.02, 0.1]),
            attack: *draw.one_of(&[0.0, 0.1, 0.3]),
            on_mismatch: if late {
                OnMismatch::Defer
            } else {
                OnMismatch::Refuse
            },
            rotations,
            burst: *draw.one_of(&[0, 4, 12]),
            forged_before: draw.chance(0.5),
            store_down,
            store_hangs,
            store_latency: *draw.one_of(&[0, 100, 3_000]),
            queue_down: outages(draw, 25 * HOUR),
            log_down: outages(draw, 26 * HOUR),
            bus_down: outages(draw, 26 * HOUR),
            sinch_skew: draw.skew(if clocks_agree { 20 } else { 60 }),
            receiver_clocks: (0..receivers)
                .map(|_| Clock::draw(draw, clocks_agree))
                .collect(),
            edge_clocks: (0..edges)
                .map(|_| Clock::draw(draw, clocks_agree))
                .collect(),
            retention: if on_aws { 30 * DAY } else { u64::MAX },
            in_between: outages(draw, 20 * HOUR),
        }
    }

    /// The last moment at which something is down.
    pub(crate) fn last_outage(&self) -> Millis {
        let outages = [&self.queue_down, &self.log_down, &self.bus_down];
        let ends = outages.into_iter().flatten().map(|outage| outage.end);
        ends.max().unwrap_or(START)
    }
}

/// None to two outages, of seconds or of a day.
fn outages(draw: &mut Draw, longest: Millis) -> Vec<Range<Millis>> {
    (0..draw.between(0, 2))
        .map(|_| {
            let start = START + draw.between(MINUTE, SENDING);
            start..start + draw.magnitude(5 * SECOND, longest)
        })
        .collect()
}

pub(crate) fn is_down(outages: &[Range<Millis>], now: Millis) -> bool {
    outages.iter().any(|outage| outage.contains(&now))
}

/// When the outage ends that there is now.
pub(crate) fn until(outages: &[Range<Millis>], now: Millis) -> Option<Millis> {
    let now = outages.iter().filter(|outage| outage.contains(&now));
    now.map(|outage| outage.end).max()
}
