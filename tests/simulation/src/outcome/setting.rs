use core::ops::Range;

use sinch_callback_recovery::BudgetLimits;

use crate::{
    draw::Draw,
    schedule::{DAY, HOUR, MINUTE, Millis, SECOND},
};

/// What kind of world a seed makes: all that is settled before its clock starts.
#[derive(Debug)]
pub(crate) struct Setting {
    /// A store with a transaction (SQLite), or one with conditional writes (DynamoDB).
    pub(crate) is_atomic: bool,
    pub(crate) intents: usize,
    pub(crate) people: usize,
    /// During how long intents are accepted.
    pub(crate) accepting: Millis,
    /// Seconds by which each worker's clock is off.
    pub(crate) skews: Vec<i64>,
    /// How late what is due is looked at.
    pub(crate) period: Millis,
    pub(crate) limits: BudgetLimits,
    /// How likely a call of a port is slow, fails, or is the last of its process.
    pub(crate) slow: f64,
    pub(crate) stall: f64,
    pub(crate) failure: f64,
    pub(crate) crash: f64,
    /// How likely somebody is told to look without a reason.
    pub(crate) extra_looks: f64,
    /// What goes wrong at Sinch.
    pub(crate) trouble: Trouble,
    /// How likely a person cancels, lets a step run again, opts out.
    pub(crate) meddling: f64,
    pub(crate) receiver_down: Vec<Range<Millis>>,
    /// While accepted callbacks wait.
    pub(crate) processor_down: Vec<Range<Millis>>,
    pub(crate) store_down: Vec<Range<Millis>>,
    pub(crate) teller_down: Vec<Range<Millis>>,
    pub(crate) switch_unreadable: Vec<Range<Millis>>,
    pub(crate) switch_off: Vec<Range<Millis>>,
    pub(crate) dry_run: Vec<Range<Millis>>,
    pub(crate) suppressions_unreadable: Vec<Range<Millis>>,
    pub(crate) hearing_unreadable: Vec<Range<Millis>>,
    pub(crate) budgets_unreadable: Vec<Range<Millis>>,
    /// While our credentials are refused.
    pub(crate) refused: Vec<Range<Millis>>,
    /// While Sinch sends no callbacks at all.
    pub(crate) webhook_gone: Vec<Range<Millis>>,
}

/// How likely it is that a call or a message has this trouble.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) no_answer: f64,
    pub(crate) server_error: f64,
    pub(crate) too_fast: f64,
    pub(crate) bad_request: f64,
    pub(crate) unreachable: f64,
    pub(crate) failure: f64,
    pub(crate) silence: f64,
    pub(crate) slowness: f64,
    /// A failure that is corrected, or a success that is contradicted.
    pub(crate) correction: f64,
    pub(crate) loss: f64,
    pub(crate) doubling: f64,
    /// Sinch switches channels by itself.
    pub(crate) own_fallback: bool,
}

/// When worlds begin: 2026-01-01.
pub(crate) const START: Millis = 1_767_225_600_000;
/// From when on nothing goes wrong any more.
pub(crate) const CALM: Millis = START + 3 * DAY;

impl Setting {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        let is_long = draw.chance(0.02);
        let accepting = draw.magnitude(MINUTE, 2 * HOUR);
        // A long outage is looked at less often: each look says the same.
        let period = if is_long {
            10 * MINUTE
        } else {
            *draw.one_of(&[SECOND, 20 * SECOND, MINUTE])
        };
        let workers = draw.between(1, 3) as usize;
        let off = *draw.one_of(&[0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 900]);
        let mut limits = BudgetLimits {
            per_recipient_and_day: 1_000,
            per_hour: 10_000,
        };
        match draw.between(0, 9) {
            0 => limits = BudgetLimits::default(),
            1 => limits.per_recipient_and_day = 2,
            2 => limits.per_hour = 10,
            _ => {}
        }
        let mut some = |probability: f64, longest: Millis| {
            windows(draw, probability, accepting + 20 * MINUTE, longest)
        };
        let outage = if is_long { 25 * HOUR } else { 40 * MINUTE };
        Self {
            receiver_down: some(if is_long { 1.0 } else { 0.3 }, outage),
            processor_down: some(0.3, outage / 2),
            store_down: some(0.1, 5 * MINUTE),
            teller_down: some(0.2, 20 * MINUTE),
            switch_unreadable: some(0.15, 10 * MINUTE),
            switch_off: some(0.2, 20 * MINUTE),
            dry_run: some(0.15, 20 * MINUTE),
            suppressions_unreadable: some(0.15, 10 * MINUTE),
            hearing_unreadable: some(0.15, 10 * MINUTE),
            budgets_unreadable: some(0.15, 10 * MINUTE),
            refused: some(0.1, 20 * MINUTE),
            webhook_gone: some(0.15, HOUR),
            is_atomic: draw.chance(0.5),
            intents: draw.between(20, 60) as usize,
            people: draw.between(4, 30) as usize,
            accepting,
            skews: (0..workers).map(|_| draw.skew(off)).collect(),
            period,
            limits,
            slow: *draw.one_of(&[0.0, 0.05, 0.3]),
            stall: *draw.one_of(&[0.0, 0.0, 0.003, 0.02]),
            failure: *draw.one_of(&[0.0, 0.0, 0.01, 0.1]),
            crash: *draw.one_of(&[0.0, 0.0, 0.001, 0.02]),
            extra_looks: *draw.one_of(&[0.0, 0.5, 2.0]),
            trouble: Trouble::draw(draw),
            meddling: *draw.one_of(&[0.0, 0.1, 0.5]),
        }
    }

    /// How late what is due is looked at at most: one worker's clock may be ahead of another's.
    pub(crate) fn lateness(&self) -> Millis {
        let skew = self.skews.iter().map(|skew| skew.unsigned_abs()).max();
        self.period + (5 + 2 * skew.unwrap_or_default()) * SECOND
    }

    /// Whether something is down that keeps an intent from ending, or its end from being told.
    pub(crate) fn is_disturbed(&self, now: Millis) -> bool {
        let outages = [
            &self.processor_down,
            &self.store_down,
            &self.teller_down,
            &self.receiver_down,
        ];
        outages
            .into_iter()
            .flatten()
            .any(|outage| outage.contains(&now))
    }
}

impl Trouble {
    fn draw(draw: &mut Draw) -> Self {
        let mut some = |usual: f64| *draw.one_of(&[0.0, usual, usual, 5.0 * usual]);
        Self {
            no_answer: some(0.03),
            server_error: some(0.02),
            too_fast: some(0.03),
            bad_request: some(0.01),
            unreachable: some(0.02),
            failure: some(0.1),
            silence: some(0.06),
            slowness: some(0.06),
            correction: some(0.06),
            loss: some(0.02),
            doubling: some(0.05),
            own_fallback: draw.chance(0.3),
        }
    }
}

/// One or two times of which the first begins while intents are accepted or soon after.
fn windows(
    draw: &mut Draw,
    probability: f64,
    within: Millis,
    longest: Millis,
) -> Vec<Range<Millis>> {
    let mut windows = Vec::new();
    while draw.chance(probability) && windows.len() < 2 {
        let start = START + draw.between(0, within);
        windows.push(start..start + draw.magnitude(2 * SECOND, longest));
    }
    windows
}
