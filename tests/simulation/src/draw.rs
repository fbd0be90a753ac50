use fastrand::Rng;

/// Random choices of a world. Everything comes from the seed.
#[derive(Debug)]
pub(crate) struct Draw(Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// One of `low..=high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.u64(low..=high)
    }

    /// One of `low..=high`, each order of magnitude as likely as the others.
    pub(crate) fn magnitude(&mut self, low: u64, high: u64) -> u64 {
        let (low, high) = ((low.max(1) as f64).ln(), (high as f64).ln());
        (low + self.0.f64() * (high - low)).exp() as u64
    }

    /// A number within `limit` of zero.
    pub(crate) fn skew(&mut self, limit: i64) -> i64 {
        self.0.i64(-limit..=limit)
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.0.usize(..length)
    }

    pub(crate) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// A nonce of the form that Sinch's have: 26 characters of Crockford's base 32.
    pub(crate) fn nonce(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut bits = u128::from(self.0.u64(..)) << 64 | u128::from(self.0.u64(..));
        let mut nonce = String::with_capacity(26);
        for _ in 0..26 {
            nonce.push(char::from(ALPHABET[(bits & 31) as usize]));
            bits >>= 5;
        }
        nonce
    }
}
