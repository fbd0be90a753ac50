use std::panic;

use crate::{Mutator, Target, corpus};

/// What was replayed, all of which holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Inputs of the corpus.
    pub seeds: usize,
    /// Mutations of them.
    pub mutations: u64,
}

/// An input of which something does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it comes from.
    pub name: String,
    /// What the target was given.
    pub input: Vec<u8>,
}

/// Runs the target on its corpus, then on so many mutations, up to the first failure. The same seed
/// makes the same mutations.
///
/// # Errors
/// [`Failure`], of which the panic has told why.
pub fn replay(target: &Target, mutations: u64, seed: u64) -> Result<Replayed, Failure> {
    let corpus = corpus(target);
    for seed in &corpus {
        if !survives(target, &seed.bytes) {
            return Err(Failure {
                name: seed.name.clone(),
                input: seed.bytes.clone(),
            });
        }
    }
    let mut mutator = Mutator::new(&corpus, seed);
    for number in 0..mutations {
        let input = mutator.input();
        if !survives(target, &input) {
            let name = format!("mutation {number} of seed {seed}");
            return Err(Failure { name, input });
        }
    }
    Ok(Replayed {
        seeds: corpus.len(),
        mutations,
    })
}

/// Whether everything holds of this input.
#[must_use]
pub fn survives(target: &Target, input: &[u8]) -> bool {
    panic::catch_unwind(|| (target.run)(input)).is_ok()
}
