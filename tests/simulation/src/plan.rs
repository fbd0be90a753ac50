use core::ops::Range;

use sinch_callback_pipeline::OnMismatch;

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
    pub(crate) store_down: Vec<Range<Millis>>,
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
    fn draw(draw: &mut Draw) -> Self {
        let start = START + draw.between(0, SENDING);
        Self {
            skew: draw.skew(120),
            wrong_by: draw.skew(WRONG_SECS),
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
        let mut rotations = Vec::new();
        let mut at = START + draw.between(HOUR, 6 * HOUR);
        for _ in 0..draw.between(0, 2) {
            let (put_at, switched_at) = if late {
                (at + draw.magnitude(SECOND, 8 * HOUR), at)
            } else {
                // Not before everybody may have read it, and soon enough for what is still signed
                // with the former one to be retried to its end.
                (at, at + draw.between(35 * SECOND, HOUR))
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
            store_down,
            queue_down: outages(draw, 25 * HOUR),
            log_down: outages(draw, 26 * HOUR),
            bus_down: outages(draw, 26 * HOUR),
            sinch_skew: draw.skew(60),
            receiver_clocks: (0..receivers).map(|_| Clock::draw(draw)).collect(),
            edge_clocks: (0..edges).map(|_| Clock::draw(draw)).collect(),
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
