//! Whether two classes of inputs take times that can be told apart, by the method of dudect
//! (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2017): both in random order,
//! and Welch's t over their times.

use std::{hint::black_box, time::Instant, vec::Vec};

use fastrand::Rng;

/// From here on |t| tells the classes apart: dudect's own limit.
pub(super) const LIMIT: f64 = 4.5;

const SAMPLES: usize = 1_000_000;
/// Inputs lie ready in blocks, so that making them does not come between two measurements.
const BLOCK: usize = 1_000;
/// Blocks that are not counted: the cuts are taken from them.
const WARM_UP_BLOCKS: usize = 20;
/// The quickest samples, of both classes together, that each test keeps: what the machine's other
/// work adds to the slow ones would hide a small difference.
const KEPT: [f64; 8] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0];

/// The greatest |t| that any of the tests finds.
///
/// `make` is given the class, 0 or 1, and draws an input of it. A sample is the time of `repeats`
/// runs on one input.
pub(super) fn greatest_t<Input, Outcome>(
    repeats: u32,
    mut make: impl FnMut(usize, &mut Rng) -> Input,
    run: impl Fn(&Input) -> Outcome,
) -> f64 {
    let mut rng = Rng::with_seed(0x5eed);
    let mut block = || -> Vec<(usize, f64)> {
        let inputs: Vec<_> = (0..BLOCK)
            .map(|_| {
                let class = rng.usize(..2);
                (class, make(class, &mut rng))
            })
            .collect();
        let time = |(class, input): &(usize, Input)| (*class, nanoseconds(repeats, &run, input));
        inputs.iter().map(time).collect()
    };

    let mut warm_up: Vec<f64> = (0..WARM_UP_BLOCKS)
        .flat_map(|_| block())
        .map(|(_, time)| time)
        .collect();
    warm_up.sort_by(f64::total_cmp);
    let mut tests = KEPT.map(|share| {
        let last = (warm_up.len() as f64 * share) as usize;
        let limit = warm_up.get(last).copied().unwrap_or(f64::INFINITY);
        (limit, [Moments::default(); 2])
    });
    for (class, time) in (0..SAMPLES / BLOCK).flat_map(|_| block()) {
        for (limit, classes) in &mut tests {
            if time <= *limit {
                classes[class].add(time);
            }
        }
    }
    let ts = tests.map(|(_, [one, other])| one.welch_t(&other).abs());
    // A cut that keeps next to nothing of a class has no t; what is uncut always has one.
    assert!(ts.last().is_some_and(|t| !t.is_nan()), "nothing measured");
    ts.into_iter().fold(0.0, f64::max)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time taken is what is tested"
)]
fn nanoseconds<Input, Outcome>(
    repeats: u32,
    run: impl Fn(&Input) -> Outcome,
    input: &Input,
) -> f64 {
    let start = Instant::now();
    for _ in 0..repeats {
        black_box(run(black_box(input)));
    }
    start.elapsed().as_nanos() as f64
}

/// Number, mean and spread of samples, by Welford's recurrence.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, sample: f64) {
        self.count += 1.0;
        let distance = sample - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (sample - self.mean);
    }

    fn welch_t(&self, other: &Self) -> f64 {
        let variance = |moments: &Self| moments.squares / (moments.count - 1.0) / moments.count;
        (self.mean - other.mean) / (variance(self) + variance(other)).sqrt()
    }
}

/// The expected value is that of Python's `statistics`, put into Welch's formula.
#[test]
fn t_is_that_of_welch() {
    let moments = |samples: &[f64]| {
        let mut moments = Moments::default();
        samples.iter().for_each(|sample| moments.add(*sample));
        moments
    };
    let one = moments(&[27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1]);
    let other = moments(&[27.1, 22.0, 20.8, 23.4, 23.4, 23.5]);
    assert!((one.welch_t(&other) - (-1.927150299286)).abs() < 1e-9);
}
